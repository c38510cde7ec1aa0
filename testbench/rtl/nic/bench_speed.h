// The table of how fast the NIC simulates, beside what others' NICs reach.
//
// Each row is measured `repeats` times, all rows in turn, so that a slow minute of the machine does not fall on one
// row: the median counts (frames per second of CPU time), the fastest stands beside it. The last column is the median
// over the best figure of a peer for this size and way at this latency, where there is one.
#ifndef RINGSIDE_TESTBENCH_RTL_NIC_BENCH_SPEED_H_
#define RINGSIDE_TESTBENCH_RTL_NIC_BENCH_SPEED_H_

#include <string>
#include <vector>

#include "testbench/rtl/nic/measure.h"

namespace ringside::testbench::nic {

// Prints the rows and then the peers. Each row's JSON object goes to `rows`. False: in one of them frames were wrong.
bool speed_table(const std::vector<SpeedCase>& cases, unsigned repeats, std::vector<std::string>& rows);

}  // namespace ringside::testbench::nic

#endif  // RINGSIDE_TESTBENCH_RTL_NIC_BENCH_SPEED_H_
