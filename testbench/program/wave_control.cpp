#include "testbench/program/wave_control.h"

#include <fmt/format.h>

#include <filesystem>

#include "testbench/program/run_files.h"

namespace ringside::testbench {

WaveControl::WaveControl(Machine& machine, const Scenario& scenario, const RunOptions& options)
    : options_(options.waves) {
  if (!options_.on()) return;
  const std::string base = (std::filesystem::path(options.out) / "waves").string();
  recorder_ = std::make_unique<WaveRecorder>(options_, base, wave_window(options_));
  recorder_->start(machine.host(wave_host(options_, scenario)).machine().shell());
}

void WaveControl::finish() {
  if (recorder_) recorder_->finish(sc_model::sim_now_ps());
}

void WaveControl::name_files(Results& results) const {
  if (!recorder_) return;
  if (!recorder_->file().began()) {
    results.files.emplace_back("waves", "none: the run ended before their window began");
    return;
  }
  for (const std::string& path : recorder_->paths()) results.files.emplace_back("waves", path);
  results.files.emplace_back("see them with",
                             fmt::format("gtkwave {} {}", recorder_->paths().front(), of_waves("one_packet.gtkw")));
}

}  // namespace ringside::testbench
