// The waves of a run: decides from the options what is recorded, starts it, ends it, and names the files.
//
// Order of life: made after the machine and before the simulation starts; between_slices() between any two sc_start();
// finish() when the simulation has ended.
#ifndef RINGSIDE_TESTBENCH_PROGRAM_WAVE_CONTROL_H_
#define RINGSIDE_TESTBENCH_PROGRAM_WAVE_CONTROL_H_

#include <memory>
#include <string>

#include "testbench/program/cli.h"
#include "testbench/program/machine.h"
#include "testbench/program/results.h"
#include "testbench/program/wave_recorder.h"

namespace ringside::testbench {

class WaveControl {
 public:
  // Throws OutputError.
  WaveControl(Machine& machine, const Scenario& scenario, const RunOptions& options);

  // What could not be written so far; empty when all is well.
  std::string error() const { return recorder_ ? recorder_->error() : ""; }
  void finish();
  void name_files(Results& results) const;

 private:
  const WaveOptions options_;
  std::unique_ptr<WaveRecorder> recorder_;
};

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_PROGRAM_WAVE_CONTROL_H_
