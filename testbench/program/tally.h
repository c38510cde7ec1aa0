// Counts what passes on the wire.
#ifndef RINGSIDE_TESTBENCH_PROGRAM_TALLY_H_
#define RINGSIDE_TESTBENCH_PROGRAM_TALLY_H_

#include <array>
#include <cstdint>

#include "sc_model/observer.h"

namespace ringside::testbench {

class WireTally : public sc_model::Observer {
 public:
  void on_frame(const sc_model::FrameEvent& event) override {
    if (event.stage == sc_model::FrameStage::kDelivered) {
      ++delivered_[event.sender];
      last_delivered_ps_[event.sender] = event.time_ps;
    } else {
      ++sent_;
      sent_bytes_ += event.length;
    }
  }
  uint64_t sent() const { return sent_; }
  uint64_t sent_bytes() const { return sent_bytes_; }
  uint64_t delivered() const { return delivered_[0] + delivered_[1]; }
  uint64_t delivered_from(unsigned sender) const { return delivered_[sender]; }
  sc_model::TimePs last_delivered_ps(unsigned sender) const { return last_delivered_ps_[sender]; }

 private:
  uint64_t sent_ = 0, sent_bytes_ = 0;
  std::array<uint64_t, 2> delivered_{};  // by sender
  std::array<sc_model::TimePs, 2> last_delivered_ps_{};
};

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_PROGRAM_TALLY_H_
