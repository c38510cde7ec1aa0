// Counts what passes on the wire.
#ifndef RINGSIDE_TESTBENCH_PROGRAM_TALLY_H_
#define RINGSIDE_TESTBENCH_PROGRAM_TALLY_H_

#include <cstdint>

#include "sc_model/observer.h"

namespace ringside::testbench {

class WireTally : public sc_model::Observer {
 public:
  void on_frame(const sc_model::FrameEvent& event) override {
    if (event.stage == sc_model::FrameStage::kDelivered) {
      ++delivered_;
    } else {
      ++sent_;
      sent_bytes_ += event.length;
    }
  }
  uint64_t sent() const { return sent_; }
  uint64_t sent_bytes() const { return sent_bytes_; }
  uint64_t delivered() const { return delivered_; }

 private:
  uint64_t sent_ = 0, sent_bytes_ = 0, delivered_ = 0;
};

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_PROGRAM_TALLY_H_
