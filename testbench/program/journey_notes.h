// Small things that the parts of the journey recorder tell each other.
#ifndef RINGSIDE_TESTBENCH_PROGRAM_JOURNEY_NOTES_H_
#define RINGSIDE_TESTBENCH_PROGRAM_JOURNEY_NOTES_H_

#include <cstdint>
#include <deque>

#include "sc_model/tlp.h"

namespace ringside::testbench {

// Packets that an event concerns; first 0: none.
struct IdRange {
  uint64_t first = 0, last = 0;
  void add(uint64_t id) {
    if (id == 0) return;
    if (first == 0 || id < first) first = id;
    if (id > last) last = id;
  }
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
