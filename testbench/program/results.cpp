#include "testbench/program/results.h"

#include <algorithm>

namespace ringside::testbench {

uint64_t Results::bytes_received() const {
  uint64_t bytes = 0;
  for (const TransferResult& transfer : transfers) bytes += transfer.bytes_received;
  return bytes;
}

double Results::goodput_mbps() const {
  double slowest = 0;
  for (const TransferResult& t : transfers) {
    const uint64_t end_ns = t.end_ns == 0 ? sim_time_ns : t.end_ns;
    if (end_ns <= t.start_ns) continue;
    const double mbps = static_cast<double>(t.bytes_received) * 8e3 / static_cast<double>(end_ns - t.start_ns);
    slowest = slowest == 0 ? mbps : std::min(slowest, mbps);
  }
  return slowest;
}

}  // namespace ringside::testbench
