// Runs one scenario from its first to its last picosecond: opens the files, builds the machine, advances simulated time
// until the applications are done or something ends the run, closes the files and says how it was.
//
// One run per process (SystemC elaborates once). Throws UsageError and OutputError before the simulation starts; what
// goes wrong later is in Results::failures, one line each.
#ifndef RINGSIDE_TESTBENCH_PROGRAM_RUN_H_
#define RINGSIDE_TESTBENCH_PROGRAM_RUN_H_

#include <functional>
#include <optional>

#include "sc_model/sim_time.h"
#include "testbench/program/cli.h"
#include "testbench/program/results.h"
#include "testbench/program/scenario.h"

namespace ringside::testbench {

class JourneyLog;
class Machine;

// Who says how far a run goes at a time: a debugger. Asked between two sc_start(), so it may look at everything. It may
// pause the simulation (sc_core::sc_pause()) from its observers, and is asked again then.
class RunPilot {
 public:
  virtual ~RunPilot() = default;
  // Before the simulation starts. Both outlive its last call.
  virtual void begin(Machine& machine, JourneyLog& journeys) = 0;
  // When simulated time may pass on: until when, at most; nothing: the run ends here. Must be later than now.
  virtual std::optional<sc_model::TimePs> go_until() = 0;
  // The simulation has ended, as the results say so far; the machine is still there. Not to pause it any more.
  virtual void end(const Results& results) = 0;
};

// Where benchmarks and tests look into the machine: before the simulation starts, and when it has ended.
struct RunHooks {
  std::function<void(Machine&)> before_start;
  std::function<void(Machine&)> at_end;
  RunPilot* pilot = nullptr;
};

Results run_scenario(const Scenario& scenario, const RunOptions& options, const RunHooks& hooks = {});

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_PROGRAM_RUN_H_
