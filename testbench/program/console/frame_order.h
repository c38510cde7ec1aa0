// Numbers frames as capture.pcapng does: from 1, both directions together, in the order in which they began. A frame is
// told when it has ended, so a number is certain only when no longer frame of the other direction can have begun
// before.
#ifndef RINGSIDE_TESTBENCH_PROGRAM_CONSOLE_FRAME_ORDER_H_
#define RINGSIDE_TESTBENCH_PROGRAM_CONSOLE_FRAME_ORDER_H_

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>

#include "sc_model/sim_time.h"

namespace ringside::testbench {

class FrameOrder {
 public:
  struct Frame {
    sc_model::TimePs at = 0;  // when it began
    uint8_t sender = 0;
    std::string text;
    uint64_t number = 0;
  };

  // The longest frame there can be.
  explicit FrameOrder(sc_model::TimePs longest_ps) : longest_ps_(longest_ps) {}

  void add(Frame frame) { waiting_[frame.sender].push_back(std::move(frame)); }
  // The next one whose number is certain by now.
  std::optional<Frame> next(sc_model::TimePs now) {
    std::deque<Frame>& queue = waiting_[first()];
    if (queue.empty() || sure_at(queue.front()) > now) return std::nullopt;
    Frame frame = std::move(queue.front());
    queue.pop_front();
    frame.number = ++numbered_;
    return frame;
  }
  // When next() has something to say; kNever: nothing waits.
  sc_model::TimePs next_at() const {
    const std::deque<Frame>& queue = waiting_[first()];
    return queue.empty() ? sc_model::kNever : sure_at(queue.front());
  }
  uint64_t numbered() const { return numbered_; }

 private:
  size_t first() const {
    if (waiting_[0].empty() || waiting_[1].empty()) return waiting_[0].empty() ? 1 : 0;
    return waiting_[0].front().at <= waiting_[1].front().at ? 0 : 1;
  }
  sc_model::TimePs sure_at(const Frame& frame) const {
    return waiting_[1u - frame.sender].empty() ? frame.at + longest_ps_ : 0;
  }

  const sc_model::TimePs longest_ps_;
  std::array<std::deque<Frame>, 2> waiting_;
  uint64_t numbered_ = 0;
};

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_PROGRAM_CONSOLE_FRAME_ORDER_H_
