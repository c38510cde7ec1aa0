#include "testbench/bench/measure.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>
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
  if (bench_case.recorder) options.waves.last = "50us";
  Results results = run_scenario(scenario_of(bench_case), options, hooks);
  for (const std::string& failure : results.failures) std::fprintf(stderr, "ringside bench: %s\n", failure.c_str());
  return results;
}

struct Stopwatch {
  using Clock = std::chrono::steady_clock;
  Clock::time_point wall = Clock::now();
  std::clock_t cpu = std::clock();
  double wall_s() const { return std::chrono::duration<double>(Clock::now() - wall).count(); }
  double cpu_s() const { return static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC; }
};

void add_replay(const sc_model::NicRecording& recording, unsigned width, EvalTime& time) {
  double wall = 1e9, cpu = 1e9;
  for (unsigned i = 0; i < 3; ++i) {
    const auto model = sc_model::make_nic_model(width, false);
    const Stopwatch watch;
    recording.replay(*model);
    wall = std::min(wall, watch.wall_s());
    cpu = std::min(cpu, watch.cpu_s());
  }
  time.wall_s += wall;
  time.cpu_s += cpu;
  time.evals += recording.evals();
}

}  // namespace

RunTime measure_run(const BenchCase& bench_case) {
  return in_child<RunTime>([&bench_case] {
    RunHooks hooks;
    double cpu_s = 0;
    Stopwatch watch;
    hooks.before_start = [&](Machine&) { watch = {}; };
    hooks.at_end = [&](Machine&) { cpu_s = watch.cpu_s(); };
    const Results r = run(bench_case, hooks);
    const double evaluated = share(static_cast<double>(r.core_cycles_run), static_cast<double>(r.core_cycles_all));
    return RunTime{
        r.outcome == Outcome::kOk, r.wall_s, cpu_s, r.bytes_received(), r.sim_time_ns, r.core_cycles, evaluated};
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
        if (recording.full()) std::fprintf(stderr, "ringside bench: the recording is full\n");
        add_replay(recording, bench_case.width, time);
        time.ok = !recording.full() && (i == 0 || time.ok);
      }
    };
    time.ok = run(bench_case, hooks).outcome == Outcome::kOk && time.ok;
    return time;
  });
}

}  // namespace ringside::testbench
