// Small things that the parts of the journey recorder tell each other.
#ifndef RINGSIDE_TESTBENCH_PROGRAM_JOURNEY_NOTES_H_
#define RINGSIDE_TESTBENCH_PROGRAM_JOURNEY_NOTES_H_

#include <algorithm>
#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

#include "sc_model/check_ring.h"
#include "sc_model/tlp.h"

namespace ringside::testbench {

// Ring indices run freely.
inline bool before(uint32_t a, uint32_t b) { return sc_model::ahead(a, b) < 0; }

// Packets that an event concerns, as runs of ids. Ids of both hosts come from one row, so those of one event have gaps.
class IdRuns {
 public:
  void add(uint64_t id) { add(id, id); }
  void add(uint64_t first, uint64_t last) {
    if (first == 0) return;
    if (!runs_.empty() && first >= runs_.back().first && first <= runs_.back().second + 1) {
      runs_.back().second = std::max(runs_.back().second, last);
    } else {
      runs_.push_back({first, last});
    }
  }
  bool empty() const { return runs_.empty(); }
  bool single() const { return runs_.size() == 1 && runs_[0].first == runs_[0].second; }
  const std::vector<std::pair<uint64_t, uint64_t>>& runs() const { return runs_; }

 private:
  std::vector<std::pair<uint64_t, uint64_t>> runs_;
};

// A read of the device that waits for its data.
struct PendingRead {
  enum class Kind : uint8_t { kNone, kTxFetch, kRxFetch, kTxData };
  Kind kind = Kind::kNone;
  unsigned queue = 0;
  uint32_t index = 0;   // of a fetch: the first entry
  uint64_t group = 0;   // of data: the packet
  uint32_t offset = 0;  // ... and where in it
  uint32_t bytes = 0, done = 0;
};

// Interrupt messages of one queue: when each left the NIC and when its handler ran.
class InterruptTimes {
 public:
  struct Message {
    sc_model::TimePs at_pins = 0, handled = 0;  // 0: not yet
  };
  void sent(sc_model::TimePs now) {
    messages_.push_back({now, 0});
    if (messages_.size() > kMost) messages_.pop_front();
  }
  void handled(sc_model::TimePs now) {
    for (auto at = messages_.rbegin(); at != messages_.rend() && at->handled == 0; ++at)
      if (at->at_pins <= now) at->handled = now;
  }
  // The message that told of something written at `since` and led to what was done at `until`; zeros: none was needed.
  Message between(sc_model::TimePs since, sc_model::TimePs until) const {
    for (const Message& m : messages_)
      if (m.at_pins >= since) return m.handled != 0 && m.handled <= until ? m : Message{};
    return {};
  }

 private:
  static constexpr size_t kMost = 64;
  std::deque<Message> messages_;
};

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_PROGRAM_JOURNEY_NOTES_H_
