// One recording of waves, from the model's signals to finished files: waves.vcd, waves.fst or both in the run's folder.
//
// FST is made of the VCD when the recording ends (wave_fst.h); a VCD that nobody asked for goes away then, and stays
// when the FST cannot be written. However the process ends, the VCD is readable up to its last whole time step.
#ifndef RINGSIDE_TESTBENCH_PROGRAM_WAVE_RECORDER_H_
#define RINGSIDE_TESTBENCH_PROGRAM_WAVE_RECORDER_H_

#include <memory>
#include <string>
#include <vector>

#include "sc_model/nic_shell.h"
#include "testbench/program/wave_file.h"
#include "testbench/program/wave_options.h"

namespace ringside::testbench {

class WaveRecorder {
 public:
  // The files are `base` + ".vcd" and ".fst". Throws OutputError when they cannot be written.
  WaveRecorder(const WaveOptions& options, const std::string& base, const WaveWindow& window);

  WaveFile& file() { return *file_; }
  // Tracks of the file must be there. Between two sc_start().
  void start(sc_model::NicShell& shell);
  // Closes the files. `now_ps`: simulated time.
  void finish(sc_model::TimePs now_ps);

  // What could not be written, so far; empty when all is well.
  std::string error() const { return error_.empty() ? file_->error() : error_; }
  // Those that hold waves, the best first.
  std::vector<std::string> paths() const;

 private:
  void make_fst();

  const bool vcd_wanted_, fst_wanted_;
  const std::string base_;
  const WaveWindow window_;
  std::unique_ptr<WaveFile> file_;
  sc_model::NicShell* shell_ = nullptr;
  bool vcd_there_ = true, fst_there_ = false;
  std::string error_;
};

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_PROGRAM_WAVE_RECORDER_H_
