#include "testbench/program/console/console_waves.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <filesystem>
#include <stdexcept>
#include <systemc>

#include "testbench/program/console/command.h"
#include "testbench/program/console/stepper.h"
#include "testbench/program/run_files.h"

namespace ringside::testbench {

using sc_model::sim_now_ps;
using sc_model::TimePs;

ConsoleWaves::ConsoleWaves(const Scenario& scenario, const WaveOptions& options, const std::string& folder)
    : options_(options), folder_(folder), notes_(scenario) {}

void ConsoleWaves::watch(Machine& machine) {
  machine_ = &machine;
  for (size_t i = 0; i < 2; ++i) machine.watch_host(i, notes_.host(i));
  machine.watch_wire(notes_.wire());
}

// A model can be traced once in its life.
void ConsoleWaves::take_snapshot() {
  if (!options_.window.empty() || options_.trigger.compare(0, 5, "time=") == 0)
    throw CommandError("wave: this run records waves already (--wave-window, or --wave-on time=)");
  base_ = (std::filesystem::path(folder_) / fmt::format("console_{}", ++number_)).string();
  from_ = sim_now_ps();
  flight_ = std::make_unique<FlightRecorder>(
      sc_model::kPsPerUs, [this](const FlightOrder& order) { return replay(order); },
      [this](bool died) { return died ? "the copy ended early" : finish_waves(options_, base_); });
  flight_->between_slices(from_);
}

std::string ConsoleWaves::on(size_t host) {
  if (flight_) throw CommandError("wave on: it is on already");
  host_ = host;
  take_snapshot();
  return fmt::format("recording {}'s NIC from {} on\n", machine_->host(host).name(), time_words(from_));
}

std::string ConsoleWaves::off() {
  if (!flight_) throw CommandError("wave off: it is not on");
  return write(sim_now_ps());
}

std::string ConsoleWaves::dump(TimePs time, size_t host) {
  if (flight_) throw CommandError("wave dump: wave on is recording; say wave off first");
  if (time == 0) throw CommandError("wave dump 0: of nothing");
  host_ = host;
  take_snapshot();
  return write(from_ + time);
}

std::string ConsoleWaves::write(TimePs to) {
  const std::string error = flight_->write({from_, to, static_cast<uint32_t>(host_)});
  flight_.reset();
  if (!error.empty()) throw CommandError("wave: " + error);
  const std::vector<std::string> paths = wave_paths(options_, base_);
  if (paths.empty()) throw CommandError("wave: nothing was written");
  return fmt::format("{}: {}'s NIC from {} to {}\n  gtkwave {} {}\n", paths.front(), machine_->host(host_).name(),
                     time_words(from_), time_words(to), paths.front(), of_waves("tx_path.gtkw"));
}

// In the copy.
std::string ConsoleWaves::replay(const FlightOrder& order) {
  WaveRecorder recorder(options_, base_, {order.from_ps, order.to_ps});
  notes_.attach(recorder.file(), order.host);
  try {
    recorder.start(machine_->host(order.host).machine().shell());
  } catch (const std::invalid_argument& error) {  // a NIC with a bug in it has no traced model
    return error.what();
  }
  const TimePs until = order.to_ps + WaveFile::kHoldPs;  // what is told late belongs to it
  try {
    while (sim_now_ps() < until)
      sc_core::sc_start(sc_model::to_sc_time(std::min(until - sim_now_ps(), 100 * sc_model::kPsPerUs)));
  } catch (const std::exception&) {  // as far as it went
  }
  recorder.close(order.to_ps);
  notes_.detach();
  return recorder.error();
}

}  // namespace ringside::testbench
