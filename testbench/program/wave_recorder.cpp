#include "testbench/program/wave_recorder.h"

#include <cstdio>

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

}  // namespace

WaveRecorder::WaveRecorder(const WaveOptions& options, const std::string& base, const WaveWindow& window)
    : vcd_wanted_(options.vcd || (!options.fst && !have_fst())),
      fst_wanted_(options.fst || !vcd_wanted_),
      base_(base),
      window_(window),
      file_(std::make_unique<WaveFile>(base + ".vcd", all_paths(options), window.from_ps, window.to_ps)) {
  if (fst_wanted_) std::remove((base_ + ".fst").c_str());  // an older one beside a new VCD would mislead
}

void WaveRecorder::start(sc_model::NicShell& shell) {
  shell_ = &shell;
  shell.start_trace(*file_, window_.from_ps, window_.to_ps);
}

void WaveRecorder::finish(sc_model::TimePs now_ps) {
  if (shell_ == nullptr) return;
  shell_->stop_trace();
  shell_ = nullptr;
  file_->close(now_ps);
  if (fst_wanted_) make_fst();
}

void WaveRecorder::make_fst() {
  const std::string failure = convert_to_fst(base_ + ".vcd", base_ + ".fst");
  fst_there_ = failure.empty();
  if (!file_->failed()) error_ = failure;
  if (!fst_there_ || vcd_wanted_) return;
  std::remove((base_ + ".vcd").c_str());
  vcd_there_ = false;
}

std::vector<std::string> WaveRecorder::paths() const {
  std::vector<std::string> paths;
  if (fst_there_) paths.push_back(base_ + ".fst");
  if (vcd_there_) paths.push_back(base_ + ".vcd");
  return paths;
}

}  // namespace ringside::testbench
