// The real RTL behind the real bus: reset, configuration space, BAR, first registers, at both widths.
#include <gtest/gtest.h>

#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <sstream>

#include "sc_model/host_machine.h"
#include "testbench/sc_model/support/run_log.h"

namespace ringside::testbench {
namespace {

using namespace sc_model;

class NicBringUp : public ::testing::TestWithParam<unsigned> {
 protected:
  static HostMachineConfig config() {
    HostMachineConfig c;
    c.width = GetParam();
    return c;
  }
  // Runs `body` as software of the host, on the CPU, until it is done.
  void run(std::function<void(driver::Platform&)> body) {
    bool done = false;
    host.observers().add(&events);
    host.cpu().spawn("init", [&](CpuThread& thread) {
      thread.enter();
      body(host.platform());
      thread.leave();
      done = true;
      sc_core::sc_stop();
    });
    sc_core::sc_start(to_sc_time(50 * kPsPerMs));
    EXPECT_TRUE(done) << "software never got its answers";
    for (const Violation& v : log.kept()) ADD_FAILURE() << to_string(v);
  }

  ViolationLog log;
  HostMachine host{"a", config(), log};
  RunLog events;
};

TEST_P(NicBringUp, EnumerationFindsTheFunctionAndSizesItsBar) {
  run([](driver::Platform& platform) {
    driver::PciFunction* nic = platform.find_function(0x1D9B, 0x0100, 0);
    ASSERT_NE(nic, nullptr);
    EXPECT_EQ(nic->config_read(0, 4), 0x01001D9Bu);
    EXPECT_EQ(nic->config_read(0x08, 4) >> 8, 0x020000u);
    EXPECT_EQ(nic->bar_bytes(0), 0x10000u);
    EXPECT_EQ(nic->config_read(0x04, 2) & 6u, 2u);  // memory space on, bus master off
    EXPECT_EQ(platform.find_function(0x1D9B, 0x0100, 1), nullptr);
  });
}

TEST_P(NicBringUp, RegistersAreReadAndWrittenThroughTlps) {
  run([](driver::Platform& platform) {
    driver::PciFunction* nic = platform.find_function(0x1D9B, 0x0100, 0);
    ASSERT_NE(nic, nullptr);
    EXPECT_EQ(nic->mmio_read32(0, 0x00), 0x474E4952u);
    nic->mmio_write32(0, 0x20, 0xCAFE0123);
    EXPECT_EQ(nic->mmio_read32(0, 0x20), 0xCAFE0123u);
  });
}

TEST_P(NicBringUp, SleepsWhenIdleAndSaysSo) {
  run([](driver::Platform& platform) {
    ASSERT_NE(platform.find_function(0x1D9B, 0x0100, 0), nullptr);
    platform.delay_ns(100'000);
  });
  EXPECT_GT(host.shell().core_cycles().skipped, 20'000u);
}

class NicTrace : public ::testing::TestWithParam<unsigned> {};

struct Text : WaveSink {
  void text(const char* bytes, size_t count) override { all.append(bytes, count); }
  std::string all;
};

// The trace variant runs the same, inside its window and outside, and writes the window.
std::string tlps_of_a_run(unsigned width, WaveSink* vcd) {
  ViolationLog violations;
  HostMachineConfig c;
  c.width = width;
  c.trace = vcd != nullptr;
  HostMachine host("a", c, violations);
  RunLog events;
  host.observers().add(&events);
  if (vcd != nullptr) host.shell().start_trace(*vcd, 3 * kPsPerUs, 6 * kPsPerUs);
  host.cpu().spawn("init", [&](CpuThread& thread) {
    thread.enter();
    driver::PciFunction* nic = host.platform().find_function(0x1D9B, 0x0100, 0);
    for (uint32_t i = 0; nic != nullptr && i < 20; ++i) nic->mmio_read32(0, 4 * (i % 8));
    thread.leave();
  });
  sc_core::sc_start(to_sc_time(100 * kPsPerUs));
  std::string text;
  for (const auto* list : {&events.to_device, &events.from_device})
    for (const std::string& line : *list) text += line + "\n";
  return text;
}

// SystemC elaborates once per process: the plain run happens in a child, which leaves its result in a file.
TEST_P(NicTrace, TheTraceVariantRunsTheSameAndWritesItsWindow) {
  const std::string base = ::testing::TempDir() + "nic_trace_" + std::to_string(getpid());
  const pid_t child = fork();
  if (child == 0) {
    std::ofstream(base + ".txt") << tlps_of_a_run(GetParam(), nullptr);
    _exit(0);
  }
  waitpid(child, nullptr, 0);
  Text vcd;
  const std::string traced = tlps_of_a_run(GetParam(), &vcd);
  std::stringstream plain;
  plain << std::ifstream(base + ".txt").rdbuf();
  std::remove((base + ".txt").c_str());
  EXPECT_GT(traced.size(), 1000u);
  EXPECT_EQ(plain.str(), traced);
  EXPECT_NE(vcd.all.find("core_clk_i"), std::string::npos);
  EXPECT_NE(vcd.all.find("\n#3000000\n"), std::string::npos);  // ps
  EXPECT_EQ(vcd.all.find("\n#2999"), std::string::npos);
  EXPECT_EQ(vcd.all.find("\n#6001"), std::string::npos);
}

TEST(NicModelFactory, SaysWhatItDoesNotHave) {
  EXPECT_TRUE(have_nic_model(64, false));
  EXPECT_FALSE(have_nic_model(96, false));
  EXPECT_THROW(make_nic_model(96, false), std::invalid_argument);
}

INSTANTIATE_TEST_SUITE_P(Widths, NicBringUp, ::testing::Values(64u, 512u),
                         [](const auto& test) { return std::to_string(test.param); });

INSTANTIATE_TEST_SUITE_P(Widths, NicTrace, ::testing::Values(64u, 512u),
                         [](const auto& test) { return std::to_string(test.param); });

}  // namespace
}  // namespace ringside::testbench
