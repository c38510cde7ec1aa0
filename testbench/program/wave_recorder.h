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
  // Closes the VCD. `now_ps`: simulated time.
  void close(sc_model::TimePs now_ps);
  // In the handler of a crash: what is in buffers goes to the disk, as far as it can be.
  void save_in_a_crash();

  const std::string& error() const { return file_->error(); }  // empty when all is well

 private:
  const WaveWindow window_;
  std::unique_ptr<WaveFile> file_;
  sc_model::NicShell* shell_ = nullptr;
};

// When the VCD is closed: makes the FST of it, when that is wanted. Empty, or why it could not be done.
std::string finish_waves(const WaveOptions& options, const std::string& base);
// Those that are there now, the best first.
std::vector<std::string> wave_paths(const WaveOptions& options, const std::string& base);

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_PROGRAM_WAVE_RECORDER_H_
