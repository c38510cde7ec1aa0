// Measures one transfer, each part in a process of its own (SystemC elaborates once per process).
#ifndef RINGSIDE_TESTBENCH_BENCH_MEASURE_H_
#define RINGSIDE_TESTBENCH_BENCH_MEASURE_H_

#include <cstdint>
#include <string>

namespace ringside::testbench {

struct BenchCase {
  unsigned width = 512;
  std::string file;       // what is sent
  bool check = true;      // with the rule checkers
  std::string out;        // directory for the runs' files
  bool recorder = false;  // with the flight recorder armed, for the last 50 us
};

struct RunTime {
  bool ok = false;
  double wall_s = 0;
  double cpu_s = 0;  // of the same: what wall time would be on an idle machine
  uint64_t bytes = 0;
  uint64_t sim_time_ns = 0;
  uint64_t core_cycles = 0;
  double evaluated_share = 0;
};

struct EvalTime {
  bool ok = false;
  double wall_s = 0;  // both NICs' models, the very evals of the run, in a bare loop
  double cpu_s = 0;
  uint64_t evals = 0;
};

// The run as a user has it: everything on, nothing recorded.
RunTime measure_run(const BenchCase& bench_case);
// The same run with the inputs of every eval recorded, then replayed.
EvalTime measure_evals(const BenchCase& bench_case);

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_BENCH_MEASURE_H_
