// What was busy when: a mask of resources for each slot of simulated time. Bounded: when the slots are used up, they
// become twice as long and neighbours are put together (busy in either: busy).
//
// Blame: each slot of a stretch of time is put down to one resource, so that shares add up to 1: to the one at work
// that was at work most of the time in all of the stretch (what is always busy is what the rest waits for), else to a
// state of waiting, in their order; else to nothing.
#ifndef RINGSIDE_TESTBENCH_PROGRAM_BUSY_TIMELINE_H_
#define RINGSIDE_TESTBENCH_PROGRAM_BUSY_TIMELINE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "sc_model/sim_time.h"

namespace ringside::testbench {

class BusyTimeline {
 public:
  static constexpr size_t kMostSlots = size_t{1} << 20;
  static constexpr unsigned kMostResources = 16;

  // Resources below `workers` do work; those from there on are states of waiting.
  explicit BusyTimeline(unsigned workers) : workers_(workers) {}
  void busy(unsigned resource, sc_model::TimePs from, sc_model::TimePs to);  // in any order
  // Share of [from, to) for each resource, and last for nothing; sums to 1, unless the stretch is empty.
  std::vector<double> blame(sc_model::TimePs from, sc_model::TimePs to) const;
  // Share of [from, to) in which it was busy, whatever else was.
  double share(unsigned resource, sc_model::TimePs from, sc_model::TimePs to) const;
  sc_model::TimePs slot_ps() const { return slot_ps_; }

 private:
  struct Span {
    size_t first, end;
  };
  struct Stretch {
    sc_model::TimePs from = 0, to = 0;
  };
  Span span(sc_model::TimePs from, sc_model::TimePs to) const;
  void halve();
  unsigned owner(uint16_t mask, const std::vector<unsigned>& order) const;

  unsigned workers_;
  sc_model::TimePs slot_ps_ = 100 * sc_model::kPsPerNs;
  std::vector<uint16_t> slots_;
  std::array<Stretch, kMostResources> last_{};  // told last of each resource
};

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_PROGRAM_BUSY_TIMELINE_H_
