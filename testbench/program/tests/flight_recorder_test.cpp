// The flight recorder against crashes that come again when the run is played again: a failed assertion inside the
// simulation, an exception. The crash happens in a process of its own; its files are looked at from outside.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <stdexcept>
#include <string>

#include "sc_model/scheduler.h"
#include "testbench/program/crash_guard.h"
#include "testbench/program/machine.h"
#include "testbench/program/run.h"

namespace ringside::testbench {
namespace {

using sc_model::kPsPerUs;
using sc_model::TimePs;

constexpr TimePs kAt = 160 * kPsPerUs;  // the NIC is busy then, and was 20 us before

class FlightRecorderTest : public ::testing::Test {
 protected:
  ~FlightRecorderTest() override {
    std::filesystem::remove_all(folder_);
    std::filesystem::remove(when_);
  }

  // Runs the demo in a child; at kAt, or when it gets the CPU, a thread of the sending host does `harm`. Its wait status.
  int run(const std::function<void()>& harm) {
    const pid_t child = ::fork();
    if (child == 0) {
      catch_crashes();
      Scenario scenario = demo_scenario();
      RunOptions options;
      options.out = folder_;
      options.quiet = true;
      options.waves.vcd = true;
      options.waves.last = "20us";
      RunHooks hooks;
      hooks.before_start = [this, &harm](Machine& machine) {
        machine.host(0).machine().cpu().spawn("harm", [this, &harm](sc_model::CpuThread& thread) {
          thread.sleep_until(kAt);
          std::ofstream(when_) << sc_model::sim_now_ps();
          harm();
        });
      };
      ::_exit(run_scenario(scenario, options, hooks).outcome == Outcome::kFailed ? 1 : 0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return status;
  }

  void expect_waves_until_then() const {
    TimePs first = 0, last = 0, end = 0;
    std::ifstream(when_) >> end;
    ASSERT_GE(end, kAt);
    std::ifstream file(folder_ + "/waves.vcd");
    ASSERT_TRUE(file.is_open());
    for (std::string line; std::getline(file, line);) {
      if (line[0] != '#') continue;
      last = std::stoull(line.substr(1));
      if (first == 0) first = last;
    }
    EXPECT_LE(first, end - 19 * kPsPerUs);
    EXPECT_GE(first, end - 20 * kPsPerUs);
    // Edges that the shell has not run yet when the software crashes are not in it.
    EXPECT_GE(last + kPsPerUs / 2, end);
  }

  const std::string folder_ = ::testing::TempDir() + "flight_" + std::to_string(getpid()), when_ = folder_ + ".when";
};

TEST_F(FlightRecorderTest, AFailedAssertionLeavesTheWavesBeforeIt) {
  const int status = run([] { std::abort(); });
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(WTERMSIG(status), SIGABRT);
  expect_waves_until_then();
}

TEST_F(FlightRecorderTest, AWildPointerLeavesTheWavesBeforeIt) {
  const int status = run([] {
    volatile uintptr_t nowhere = 8;
    *reinterpret_cast<volatile int*>(nowhere) = 1;
  });
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(WTERMSIG(status), SIGSEGV);
  expect_waves_until_then();
}

TEST_F(FlightRecorderTest, AnExceptionLeavesTheWavesBeforeIt) {
  const int status = run([] { throw std::runtime_error("broken invariant"); });
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 1);
  expect_waves_until_then();
}

}  // namespace
}  // namespace ringside::testbench
