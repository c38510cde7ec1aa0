#include "testbench/program/wave_control.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <string_view>
#include <systemc>

#include "testbench/program/crash_guard.h"
#include "testbench/program/run_files.h"

namespace ringside::testbench {

using sc_model::sim_now_ps;
using sc_model::TimePs;

// How much further than asked for a recording goes, so that it holds all of a broken rule's history.
constexpr TimePs kReachBackPs = 200 * sc_model::kPsPerUs;

namespace {

// The saved view that shows a moment best: of a broken rule (its name comes first) what the rule is about.
std::string view_of(const std::optional<WaveMoment>& moment, bool sender) {
  const std::string what = moment ? moment->what : "";
  const bool rule = what.size() > 1 && what[1] >= '0' && what[1] <= '9';
  if (rule && what[0] == 'I') return "interrupt_moderation";
  if (rule && (what[0] == 'P' || what[0] == 'D')) return "dma_ordering";
  return sender ? "tx_path" : "rx_path";
}

}  // namespace

WaveControl::WaveControl(Machine& machine, const Scenario& scenario, const RunOptions& options)
    : machine_(machine),
      scenario_(scenario),
      options_(options.waves),
      base_((std::filesystem::path(options.out) / "waves").string()),
      notes_(scenario) {
  if (!options_.on()) return;
  for (size_t i = 0; i < 2; ++i) machine_.watch_host(i, notes_.host(i));
  machine_.watch_wire(notes_.wire());
  add_crash_hook(&save_in_a_crash, this);
  if (options_.flight()) {
    arm();
    return;
  }
  start(wave_window(options_), wave_host(options_, scenario));
}

void WaveControl::start(const WaveWindow& window, size_t host) {
  recorder_ = std::make_unique<WaveRecorder>(options_, base_, window);
  notes_.attach(recorder_->file(), host);
  recorder_->start(machine_.host(host).machine().shell());
}

WaveControl::~WaveControl() {
  remove_crash_hooks(this);
}

void WaveControl::arm() {
  trigger_ = std::make_unique<WaveTrigger>(options_.last.empty() ? options_.trigger : "rule",
                                           std::array{scenario_.hosts[0].name, scenario_.hosts[1].name});
  for (size_t i = 0; i < 2; ++i) machine_.watch_host(i, trigger_->host(i));
  machine_.watch_wire(trigger_->wire());
  for (const std::string& path : wave_paths(options_, base_)) std::remove(path.c_str());  // of an older run
  flight_ = std::make_unique<FlightRecorder>(
      wave_before_ps(options_), [this](const FlightOrder& order) { return replay(order); },
      [this](bool died) { return finish_files(died); });
}

void WaveControl::between_slices() {
  if (!flight_ || moment_) return;
  if (const auto moment = trigger_->due(sim_now_ps(), machine_.violations())) return record(*moment);
  flight_->between_slices(sim_now_ps());
}

void WaveControl::record(const WaveMoment& moment) {
  moment_ = moment;
  const TimePs before = wave_before_ps(options_);
  FlightOrder order;
  order.from_ps = moment.at > before ? moment.at - before : 0;
  if (moment.since < order.from_ps && order.from_ps - moment.since < kReachBackPs) order.from_ps = moment.since;
  order.to_ps = moment.at + wave_after_ps(options_);
  order.host = static_cast<uint32_t>(host_of_moment(moment));
  error_ = flight_->write(order);
}

size_t WaveControl::host_of_moment(const WaveMoment& moment) const {
  return options_.host.empty() && moment.host ? *moment.host : wave_host(options_, scenario_);
}

// ---------------------------------------------------------------- in the copy, and in the snapshot

std::string WaveControl::replay(const FlightOrder& order) {
  start({order.from_ps, order.to_ps}, order.host);
  const TimePs until = order.to_ps + WaveFile::kHoldPs;  // what is told late belongs to it
  try {
    while (sim_now_ps() < until) {
      sc_core::sc_start(sc_model::to_sc_time(std::min(until - sim_now_ps(), 100 * sc_model::kPsPerUs)));
    }
  } catch (const std::exception&) {  // what the order may be about
  }
  recorder_->close(order.to_ps);
  return recorder_->error();
}

std::string WaveControl::finish_files(bool died) {
  if (died) cut_to_whole_steps(base_ + ".vcd");
  return finish_waves(options_, base_);
}

void WaveControl::save_in_a_crash(void* self) {
  auto* control = static_cast<WaveControl*>(self);
  if (control->recorder_) return control->recorder_->save_in_a_crash();
  if (!control->flight_ || control->moment_ || control->options_.last.empty()) return;
  const TimePs now = sim_now_ps(), before = wave_before_ps(control->options_);
  FlightOrder order;
  order.from_ps = now > before ? now - before : 0;
  order.to_ps = now + sc_model::kWaveAfterPs;
  order.host = static_cast<uint32_t>(wave_host(control->options_, control->scenario_));
  control->flight_->write_in_a_crash(order);
  const std::string& base = control->base_;
  for (const std::string_view part : {std::string_view("ringside: the waves before it are "), std::string_view(base)})
    static_cast<void>(!::write(STDERR_FILENO, part.data(), part.size()));
  static_cast<void>(!::write(STDERR_FILENO, ".*\n", 3));
}

// ---------------------------------------------------------------- the end

std::string WaveControl::error() const {
  return recorder_ && !recorder_->error().empty() ? recorder_->error() : error_;
}

void WaveControl::finish(const Results& results) {
  if (flight_) {
    if (!moment_) {
      const auto moment = trigger_->due(sc_model::kNever, machine_.violations());
      if (moment) record(*moment);
    }
    if (!moment_ && !options_.last.empty() && results.outcome != Outcome::kOk) {
      record({sim_now_ps(), sc_model::kNever, std::nullopt, "the end of the run"});
    }
  } else if (recorder_) {
    notes_.detach();
    recorder_->close(sim_now_ps());
    if (recorder_->file().began()) {
      error_ = finish_waves(options_, base_);
    } else {
      std::remove((base_ + ".vcd").c_str());  // a head without a value
    }
  }
}

void WaveControl::name_files(Results& results) const {
  if (!options_.on()) return;
  const bool none = flight_ ? !moment_ : !recorder_->file().began();
  if (none) {
    const std::string why = !flight_                ? "the run ended before their window began"
                            : options_.last.empty() ? "what they wait for did not happen"
                                                    : "nothing went wrong";
    results.files.emplace_back("waves", "none: " + why);
    return;
  }
  results.wave_host = scenario_.hosts[moment_ ? host_of_moment(*moment_) : wave_host(options_, scenario_)].name;
  if (moment_) results.files.emplace_back("waves of", moment_->what);
  const auto paths = wave_paths(options_, base_);
  for (const std::string& path : paths) results.files.emplace_back("waves", path);
  if (paths.empty()) return;
  const std::string view = view_of(moment_, results.wave_host == scenario_.hosts[wave_host({}, scenario_)].name);
  results.files.emplace_back("see them with", fmt::format("gtkwave {} {}", paths.front(), of_waves(view + ".gtkw")));
}

}  // namespace ringside::testbench
