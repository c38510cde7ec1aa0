// Runs one scenario from its first to its last picosecond: opens the files, builds the machine, advances simulated time
// until the applications are done or something ends the run, closes the files and says how it was.
//
// One run per process (SystemC elaborates once). Throws UsageError and OutputError before the simulation starts; what
// goes wrong later is in Results::failures, one line each.
#ifndef RINGSIDE_TESTBENCH_PROGRAM_RUN_H_
#define RINGSIDE_TESTBENCH_PROGRAM_RUN_H_

#include <functional>

#include "testbench/program/cli.h"
#include "testbench/program/results.h"
#include "testbench/program/scenario.h"

namespace ringside::testbench {

class Machine;

// Where benchmarks and tests look into the machine: before the simulation starts, and when it has ended.
struct RunHooks {
  std::function<void(Machine&)> before_start;
  std::function<void(Machine&)> at_end;
};

Results run_scenario(const Scenario& scenario, const RunOptions& options, const RunHooks& hooks = {});

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_PROGRAM_RUN_H_
