#include "testbench/program/wave_recorder.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "testbench/program/wave_fst.h"

namespace ringside::testbench {
namespace {

std::vector<std::string> all_paths(const WaveOptions& options) {
  std::vector<std::string> paths;
  for (const std::string& scope : options.scopes) {
    for (const std::string& path : scope_paths(scope)) paths.push_back(path);
  }
  return paths;
}

bool fst_wanted(const WaveOptions& options) {
  return options.fst || (!options.vcd && have_fst());
}

}  // namespace

WaveRecorder::WaveRecorder(const WaveOptions& options, const std::string& base, const WaveWindow& window)
    : window_(window),
      file_(std::make_unique<WaveFile>(base + ".vcd", all_paths(options), window.from_ps, window.to_ps)) {
  std::remove((base + ".fst").c_str());  // an older one beside a new VCD would mislead
}

void WaveRecorder::start(sc_model::NicShell& shell) {
  shell_ = &shell;
  shell.start_trace(*file_, window_.from_ps, window_.to_ps);
}

void WaveRecorder::close(sc_model::TimePs now_ps) {
  if (shell_ == nullptr) return;
  shell_->stop_trace();
  shell_ = nullptr;
  file_->close(now_ps);
}

void WaveRecorder::save_in_a_crash() {
  if (shell_ != nullptr) file_->save_in_a_crash(sc_model::sim_now_ps());
}

std::string finish_waves(const WaveOptions& options, const std::string& base) {
  if (!fst_wanted(options)) return {};
  const std::string failure = convert_to_fst(base + ".vcd", base + ".fst");
  if (failure.empty() && !options.vcd) std::remove((base + ".vcd").c_str());
  return failure;
}

std::vector<std::string> wave_paths(const WaveOptions& options, const std::string& base) {
  std::vector<std::string> paths;
  if (fst_wanted(options)) paths.push_back(base + ".fst");
  paths.push_back(base + ".vcd");
  const auto gone = [](const std::string& path) { return !std::filesystem::exists(path); };
  paths.erase(std::remove_if(paths.begin(), paths.end(), gone), paths.end());
  return paths;
}

}  // namespace ringside::testbench
