#include "testbench/program/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <exception>
#include <systemc>

#include "testbench/program/crash_guard.h"
#include "testbench/program/machine.h"
#include "testbench/program/progress.h"
#include "testbench/program/run_files.h"
#include "testbench/program/run_watch.h"
#include "testbench/program/signals.h"
#include "testbench/program/wave_control.h"

namespace ringside::testbench {
namespace {

using sc_model::kPsPerMs;
using sc_model::kPsPerUs;
using sc_model::TimePs;

// Advances simulated time in slices of wall time, so that signals and full disks are seen soon. Where a slice ends has
// no effect on what happens in the simulation; the end of a good run comes from inside it.
class RunLoop {
 public:
  RunLoop(Machine& machine, const Scenario& scenario, const RunFiles& files, WaveControl& waves, RunPilot* pilot)
      : machine_(machine), scenario_(scenario), files_(files), waves_(waves), pilot_(pilot) {}

  void run(Results& results, Progress& progress) {
    machine_.start([] { sc_core::sc_pause(); });
    waves_.between_slices();
    machine_.pause_at_violation(pilot_ != nullptr ? 0 : allowed());
    while (!machine_.done() && results.outcome == Outcome::kOk) {
      step(results, progress);
      look(results);
      waves_.between_slices();
    }
    // The last ACK is still on the wire for its latency.
    if (results.outcome == Outcome::kOk) {
      linger(scenario_.limits.linger_us * kPsPerUs + 2 * scenario_.link.latency_ns * sc_model::kPsPerNs, results);
    }
  }

  // What is known only now: the NICs' counters.
  void finish(const Results& results) {
    const bool quit = results.outcome == Outcome::kInterrupted && results.signal == 0;
    machine_.pause_at_violation(allowed());
    if (!too_many_violations() && !quit) read_counters();
  }

 private:
  static constexpr double kSliceWall = 0.05;
  static constexpr TimePs kLookEvery = kPsPerMs;
  static constexpr TimePs kCountersStep = 100 * kPsPerUs, kCountersWithin = 100 * kPsPerMs;
  static constexpr TimePs kShortest = 10 * kPsPerUs, kLongest = kLookEvery;

  static void advance(TimePs time) { sc_core::sc_start(sc_model::to_sc_time(time)); }

  // Register reads by the drivers, of some microseconds, or some time-outs where a fault still holds answers up; a NIC
  // that does not answer any more must not hold up the end.
  void read_counters() {
    machine_.read_counters();
    for (TimePs waited = 0; waited < kCountersWithin && !machine_.counters_read(); waited += kCountersStep)
      advance(kCountersStep);
  }

  // As far as the pilot lets it. False: it is to end.
  bool advance_or_stop(TimePs time, Results& results) {
    if (pilot_ == nullptr) return advance(time), true;
    const std::optional<TimePs> until = pilot_->go_until();
    if (until) return advance(std::min(time, *until - sc_model::sim_now_ps())), true;
    if (signal_caught() == 0) results.outcome = Outcome::kInterrupted;  // else look() tells
    return false;
  }

  void linger(TimePs time, Results& results) {
    const TimePs end = sc_model::sim_now_ps() + time;
    while (sc_model::sim_now_ps() < end && results.outcome == Outcome::kOk) {
      if (!advance_and_check(end - sc_model::sim_now_ps(), results)) return look(results);
      look(results);
    }
  }

  // Checkers look at fixed times: the slices follow the wall clock, and no verdict may.
  bool advance_and_check(TimePs time, Results& results) {
    const TimePs to_look = kLookEvery - sc_model::sim_now_ps() % kLookEvery;
    if (!advance_or_stop(std::min(time, to_look), results)) return false;
    if (sc_model::sim_now_ps() % kLookEvery == 0) machine_.check_time();
    return true;
  }

  // So many broken rules do not end the run.
  uint64_t allowed() const { return scenario_.expect.keep_going ? UINT64_MAX : scenario_.expect.max_violations; }
  bool too_many_violations() const { return machine_.violations().count() > allowed(); }

  void step(Results& results, Progress& progress) {
    const double before = progress.wall_s();
    if (!advance_and_check(slice_, results)) return;
    const double took = progress.wall_s() - before;
    if (took < kSliceWall / 2) slice_ = std::min(slice_ * 2, kLongest);
    if (took > kSliceWall * 2) slice_ = std::max(slice_ / 2, kShortest);
    progress.update({machine_.bytes_done(), machine_.bytes_total(), sc_model::sim_now_ps() / sc_model::kPsPerNs,
                     machine_.cycles(), machine_.phase()});
  }

  static void fail(Results& results, std::string why) {
    results.outcome = Outcome::kFailed;
    results.failures.push_back(std::move(why));
  }

  void look(Results& results) {
    if (results.outcome != Outcome::kOk) return;
    if (signal_caught() != 0 && !(pilot_ != nullptr && signal_caught() == SIGINT)) return interrupted(results);
    if (!files_.error().empty()) return fail(results, files_.error());
    if (!waves_.error().empty()) return fail(results, waves_.error());
    // What follows is judged at fixed times too: where the run ends is part of its digest.
    const bool at_fixed_time = sc_model::sim_now_ps() % kLookEvery == 0;
    if ((at_fixed_time || machine_.done()) && !machine_.failure().empty()) return fail(results, machine_.failure());
    if (too_many_violations()) {
      return fail(results, "rule broken: " + to_string(machine_.violations().kept().front()));
    }
    if (at_fixed_time && !machine_.done()) look_at_time(results);
  }

  static void stall(Results& results, std::string why) {
    results.stalled = true;
    fail(results, std::move(why));
  }

  void look_at_time(Results& results) {
    const TimePs now = sc_model::sim_now_ps();
    if (machine_.activity() != activity_) {
      activity_ = machine_.activity();
      active_at_ = now;
    }
    if (now >= scenario_.limits.duration_ms * kPsPerMs) {
      stall(results, fmt::format("not done after {} ms of simulated time: {}", scenario_.limits.duration_ms,
                                 machine_.waiting_for()));
    } else if (now - active_at_ >= scenario_.limits.no_progress_ms * kPsPerMs) {
      stall(results, fmt::format("no progress for {} ms of simulated time: {}", scenario_.limits.no_progress_ms,
                                 machine_.waiting_for()));
    } else if (!sc_core::sc_pending_activity()) {
      fail(results, fmt::format("nothing can happen any more at {}: {}", human_time(now / sc_model::kPsPerNs),
                                machine_.waiting_for()));
    }
  }

  static void interrupted(Results& results) {
    results.outcome = Outcome::kInterrupted;
    results.signal = signal_caught();
    results.failures.push_back(results.signal == SIGINT    ? "interrupted; what was recorded so far is saved"
                               : results.signal == SIGTERM ? "terminated; what was recorded so far is saved"
                                                           : "hung up; what was recorded so far is saved");
  }

  Machine& machine_;
  const Scenario& scenario_;
  const RunFiles& files_;
  WaveControl& waves_;
  RunPilot* const pilot_;
  TimePs slice_ = kShortest;
  uint64_t activity_ = 0;
  TimePs active_at_ = 0;
};

void hold_expectations(const Scenario& scenario, Results& results) {
  const Expectations& expect = scenario.expect;
  const auto fail = [&results](std::string why) {
    results.outcome = Outcome::kFailed;
    results.failures.push_back(std::move(why));
  };
  for (const TransferResult& t : results.transfers) {
    if (!expect.complete || (t.complete && t.bytes_received == t.file_bytes && t.sha256_sent == t.sha256_received))
      continue;
    fail(fmt::format("{} did not arrive as it was sent: {} of {} bytes, SHA-256 {} and {}", t.file, t.bytes_received,
                     t.file_bytes, t.sha256_sent, t.sha256_received));
  }
  if (results.violation_count > expect.max_violations) {
    const uint64_t others = results.violation_count - 1;
    fail("rule broken: " + to_string(results.violations.front()) +
         (others != 0 ? fmt::format("; broken {} times more", others) : ""));
  }
  for (const std::string& fault : results.missed_faults) {
    fail(fmt::format("fault {} did not happen: the run ended before its event or time came", fault));
  }
  if (expect.max_retransmissions >= 0 && results.retransmissions > static_cast<uint64_t>(expect.max_retransmissions)) {
    fail(fmt::format("{} retransmissions, expected at most {}", results.retransmissions, expect.max_retransmissions));
  }
  if (results.goodput_mbps() < expect.min_goodput_mbps) {
    fail(fmt::format("goodput {:.1f} Mb/s, expected at least {}", results.goodput_mbps(), expect.min_goodput_mbps));
  }
}

// A run that does not get on may lose its frames somewhere.
void name_drops(Results& results) {
  const auto most = std::max_element(results.drops.begin(), results.drops.end(),
                                     [](const Count& a, const Count& b) { return a.value < b.value; });
  if (most != results.drops.end() && most->value != 0)
    results.failures.front() += fmt::format("; dropped most: {} {}", most->name, most->value);
}

void audit(Machine& machine, Results& results) {
  const std::string why_not = machine.audit();
  if (why_not.empty()) return;
  results.outcome = Outcome::kFailed;
  results.failures.push_back(why_not);
}

// Errors inside the simulation (a failed assertion throws, a SystemC report) end the run like any other failure.
void simulate(Machine& machine, const Scenario& scenario, const RunFiles& files, WaveControl& waves, bool quiet,
              RunPilot* pilot, Results& results) {
  Progress progress(quiet || pilot != nullptr);
  RunLoop loop(machine, scenario, files, waves, pilot);
  try {
    loop.run(results, progress);
    if (pilot != nullptr) pilot->end(results);
    loop.finish(results);
  } catch (const std::exception& error) {
    results.outcome = Outcome::kFailed;
    results.failures.push_back(fmt::format("error in the simulation: {}", error.what()));
    if (pilot != nullptr) pilot->end(results);
  }
  results.wall_s = progress.wall_s();
}

// As long as there are files of the run; its hook comes before that of the waves, which may crash itself.
class SavedInACrash {
 public:
  explicit SavedInACrash(void* files) : files_(files) {
    add_crash_hook([](void*) { OutputFile::save_all_in_a_crash(); }, files);
  }
  ~SavedInACrash() { remove_crash_hooks(files_); }
  SavedInACrash(const SavedInACrash&) = delete;
  SavedInACrash& operator=(const SavedInACrash&) = delete;

 private:
  void* files_;
};

}  // namespace

Results run_scenario(const Scenario& scenario, const RunOptions& options, const RunHooks& hooks) {
  // Before the files are opened: a file that cannot be read must not cost an older result.
  Machine machine(scenario, options.waves.on() || options.console, options.bug.get());
  make_folder(options);
  RunFiles files(scenario, options);
  const SavedInACrash saved(&files);
  WaveControl waves(machine, scenario, options);
  files.watch(scenario, options, machine);
  RunWatch watch(scenario, machine, options.journeys);
  Results results;
  results.scenario = scenario.name;
  results.seed = scenario.seed;
  results.width = scenario.width;
  results.command = options.command;
  results.versions = package_versions();
  if (hooks.before_start) hooks.before_start(machine);
  if (hooks.pilot) hooks.pilot->begin(machine, files.journeys()->log());
  simulate(machine, scenario, files, waves, options.quiet, hooks.pilot, results);
  if (hooks.at_end) hooks.at_end(machine);
  files.close_captures();
  files.write_series(watch.series());
  if (results.outcome == Outcome::kOk && scenario.check) audit(machine, results);
  machine.collect(results);
  results.explanation = watch.explain(results);
  if (results.stalled) name_drops(results);
  if (results.outcome == Outcome::kOk) hold_expectations(scenario, results);
  waves.finish(results);
  const std::string error = files.error().empty() ? waves.error() : files.error();
  if (results.outcome == Outcome::kOk && !error.empty()) {
    results.outcome = Outcome::kFailed;
    results.failures.push_back(error);
  }
  files.name_files(results);
  waves.name_files(results);
  if (!files.write_results(results) && results.failures.empty()) {
    results.outcome = Outcome::kFailed;
    results.failures.push_back(files.error());
  }
  return results;
}

}  // namespace ringside::testbench
