// Explains a throughput: what was measured, beside the limits that follow from the scenario's numbers alone, and what
// the time was spent waiting for.
//
// Limits are closed forms, each from the one thing it is about, as if everything else took no time: no run can beat
// them.
#ifndef RINGSIDE_TESTBENCH_PROGRAM_EXPLAIN_H_
#define RINGSIDE_TESTBENCH_PROGRAM_EXPLAIN_H_

#include <cstdint>
#include <string>
#include <vector>

#include "testbench/program/scenario.h"

namespace ringside::testbench {

struct ThroughputLimit {
  std::string name;  // "wire"
  double mbps = 0;   // of the users' bytes
  std::string how;   // the formula with its numbers
};

// The wait for what this program does not look into.
inline constexpr const char* kNothingUnderWay = "nothing under way (timers, applications)";

struct Wait {
  std::string what;
  double share = 0;
};

// The users' bytes of one direction. Sums of all transfers in it, from the first start to the last end.
struct DirectionExplanation {
  std::string from, to;
  uint64_t bytes = 0, from_ns = 0, to_ns = 0;
  double measured_mbps = 0;
  std::vector<ThroughputLimit> limits;  // the tightest first
};

struct Explanation {
  std::vector<DirectionExplanation> directions;  // those with a transfer
  std::vector<Wait> waits;                       // the largest first; shares add up to 1
};

// Of bytes that users send from one host of the scenario to the other.
std::vector<ThroughputLimit> throughput_limits(const Scenario& scenario, size_t from, size_t to);

std::string explain_line(const Explanation& explanation);
std::string explain_text(const Explanation& explanation);

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_PROGRAM_EXPLAIN_H_
