// The waves of a run: decides from the options what is recorded, starts it, ends it, and names the files.
//
// A window that is known before the run is recorded as it comes. What is known only afterwards (--wave-on, --wave-last)
// is recorded by the flight recorder, which plays the stretch again. One recording per run.
//
// Order of life: made after the machine and before the simulation starts; between_slices() between any two sc_start();
// finish() when the simulation has ended, however it did.
#ifndef RINGSIDE_TESTBENCH_PROGRAM_WAVE_CONTROL_H_
#define RINGSIDE_TESTBENCH_PROGRAM_WAVE_CONTROL_H_

#include <memory>
#include <optional>
#include <string>

#include "testbench/program/cli.h"
#include "testbench/program/flight_recorder.h"
#include "testbench/program/machine.h"
#include "testbench/program/results.h"
#include "testbench/program/wave_notes.h"
#include "testbench/program/wave_recorder.h"
#include "testbench/program/wave_trigger.h"

namespace ringside::testbench {

class WaveControl {
 public:
  // Throws OutputError.
  WaveControl(Machine& machine, const Scenario& scenario, const RunOptions& options);
  ~WaveControl();

  void between_slices();
  // What could not be written so far; empty when all is well.
  std::string error() const;
  // `results` as they stand: a run that has not ended well is a reason to write.
  void finish(const Results& results);
  void name_files(Results& results) const;

 private:
  void arm();
  void start(const WaveWindow& window, size_t host);
  void record(const WaveMoment& moment);
  size_t host_of_moment(const WaveMoment& moment) const;
  std::string replay(const FlightOrder& order);
  std::string finish_files(bool died);
  static void save_in_a_crash(void* self);

  Machine& machine_;
  const Scenario& scenario_;
  const WaveOptions options_;
  const std::string base_;
  WaveNotes notes_;
  std::unique_ptr<WaveRecorder> recorder_;  // of a window, or of the replay in its process
  std::unique_ptr<WaveTrigger> trigger_;
  std::unique_ptr<FlightRecorder> flight_;
  std::optional<WaveMoment> moment_;  // that was recorded
  std::string error_;
};

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_PROGRAM_WAVE_CONTROL_H_
