// What went on over the time of a run, in at most kMost slots of equal length, for the report's charts. When the slots
// are used up they become twice as long and neighbours are added.
#ifndef RINGSIDE_TESTBENCH_PROGRAM_RUN_SERIES_H_
#define RINGSIDE_TESTBENCH_PROGRAM_RUN_SERIES_H_

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "sc_model/sim_time.h"

namespace ringside::testbench {

class RunSeries {
 public:
  static constexpr size_t kMost = 512;
  // Per host; the wire's by sender.
  enum Metric : unsigned { kWireBytes, kPcieToBytes, kPcieFromBytes, kInterrupts, kCpuBusyPs, kMetrics };

  void add(Metric metric, size_t host, sc_model::TimePs at, uint64_t amount);
  void add_time(Metric metric, size_t host, sc_model::TimePs from, sc_model::TimePs to);  // shared out over the slots
  std::string to_json() const;

 private:
  using Slot = std::array<std::array<uint64_t, 2>, kMetrics>;
  void reach(sc_model::TimePs at);

  sc_model::TimePs slot_ps_ = sc_model::kPsPerUs;
  std::vector<Slot> slots_;
};

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_PROGRAM_RUN_SERIES_H_
