#include "testbench/bench/measure.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <functional>

#include "sc_model/nic_model.h"
#include "sc_model/nic_recording.h"
#include "testbench/program/cli.h"
#include "testbench/program/machine.h"
#include "testbench/program/run.h"

namespace ringside::testbench {
namespace {

constexpr size_t kRecordingBytes = size_t{2} << 30;

// Runs `work` in a child process and brings its plain result back; a default one when the child failed.
template <typename T>
T in_child(const std::function<T()>& work) {
  int ends[2];
  if (::pipe(ends) != 0) return {};
  const pid_t child = ::fork();
  if (child == 0) {
    T result{};
    try {
      result = work();
    } catch (const std::exception& error) {
      std::fprintf(stderr, "ringside bench: %s\n", error.what());
    }
    const bool sent = ::write(ends[1], &result, sizeof result) == static_cast<ssize_t>(sizeof result);
    ::_exit(sent ? 0 : 1);
  }
  ::close(ends[1]);
  T result{};
  if (::read(ends[0], &result, sizeof result) != static_cast<ssize_t>(sizeof result)) result = {};
  ::close(ends[0]);
  ::waitpid(child, nullptr, 0);
  return result;
}

Scenario scenario_of(const BenchCase& bench_case) {
  Scenario scenario = demo_scenario();
  Overrides overrides;
  overrides.width = bench_case.width;
  overrides.file = bench_case.file;
  overrides.no_check = !bench_case.check;
  apply(overrides, scenario);
  return scenario;
}

Results run(const BenchCase& bench_case, const RunHooks& hooks = {}) {
  RunOptions options;
  options.out = bench_case.out;
  options.quiet = true;
  return run_scenario(scenario_of(bench_case), options, hooks);
}

double replay_s(const sc_model::NicRecording& recording, unsigned width) {
  using Clock = std::chrono::steady_clock;
  const auto model = sc_model::make_nic_model(width, false);
  const auto start = Clock::now();
  recording.replay(*model);
  return std::chrono::duration<double>(Clock::now() - start).count();
}

}  // namespace

RunTime measure_run(const BenchCase& bench_case) {
  return in_child<RunTime>([&bench_case] {
    const Results r = run(bench_case);
    const double evaluated = share(static_cast<double>(r.core_cycles_run), static_cast<double>(r.core_cycles_all));
    return RunTime{r.outcome == Outcome::kOk, r.wall_s, r.bytes_received(), r.sim_time_ns, r.core_cycles, evaluated};
  });
}

EvalTime measure_evals(const BenchCase& bench_case) {
  return in_child<EvalTime>([&bench_case] {
    EvalTime time;
    RunHooks hooks;
    hooks.before_start = [](Machine& machine) {
      for (size_t i = 0; i < 2; ++i) machine.host(i).machine().shell().start_recording(kRecordingBytes);
    };
    hooks.at_end = [&](Machine& machine) {
      for (size_t i = 0; i < 2; ++i) {
        const sc_model::NicRecording& recording = *machine.host(i).machine().shell().recording();
        const double first = replay_s(recording, bench_case.width);
        time.seconds += std::min(first, replay_s(recording, bench_case.width));
        time.evals += recording.evals();
        time.ok = !recording.full() && (i == 0 || time.ok);
      }
    };
    time.ok = run(bench_case, hooks).outcome == Outcome::kOk && time.ok;
    return time;
  });
}

}  // namespace ringside::testbench
