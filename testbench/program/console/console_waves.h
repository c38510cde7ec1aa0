// Waves on the console's word: of the stretch between two commands, or of a stretch to come while the run itself stays
// where it is. Both by a snapshot of the process that plays the stretch (flight_recorder.h), so any number of times.
#ifndef RINGSIDE_TESTBENCH_PROGRAM_CONSOLE_CONSOLE_WAVES_H_
#define RINGSIDE_TESTBENCH_PROGRAM_CONSOLE_CONSOLE_WAVES_H_

#include <memory>
#include <string>

#include "testbench/program/flight_recorder.h"
#include "testbench/program/machine.h"
#include "testbench/program/wave_notes.h"
#include "testbench/program/wave_options.h"
#include "testbench/program/wave_recorder.h"

namespace ringside::testbench {

class ConsoleWaves {
 public:
  ConsoleWaves(const Scenario& scenario, const WaveOptions& options, const std::string& folder);

  void watch(Machine& machine);  // before the simulation starts
  // Between two sc_start(). They answer what is to be said; throw CommandError.
  std::string on(size_t host);
  std::string off();
  std::string dump(sc_model::TimePs time, size_t host);
  bool recording() const { return flight_ != nullptr; }

 private:
  void take_snapshot();
  std::string write(sc_model::TimePs to);
  std::string replay(const FlightOrder& order);

  const WaveOptions options_;
  const std::string folder_;
  WaveNotes notes_;
  Machine* machine_ = nullptr;
  std::unique_ptr<FlightRecorder> flight_;
  std::string base_;
  sc_model::TimePs from_ = 0;
  size_t host_ = 0;
  unsigned number_ = 0;
};

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_PROGRAM_CONSOLE_CONSOLE_WAVES_H_
