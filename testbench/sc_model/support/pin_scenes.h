// Where many cases at the device's pins start from.
#ifndef RINGSIDE_TESTBENCH_SC_MODEL_SUPPORT_PIN_SCENES_H_
#define RINGSIDE_TESTBENCH_SC_MODEL_SUPPORT_PIN_SCENES_H_

#include "testbench/sc_model/support/pin_rig.h"

namespace ringside::testbench {

constexpr uint64_t kData = 0x7'0000;
constexpr uint16_t kEop = regs::tx_flags::kEop;

// A NIC that has fetched one packet of one descriptor of 100 bytes.
struct OnePacket : PinRig {
  explicit OnePacket(sc_model::ViolationLog& log) : PinRig(log) {
    post_tx({{kData, 100, kEop, 0, 0}});
    fetch_tx(1);
  }
};

// A NIC that has written the payload of one frame of 64 bytes.
struct OneFrame : PinRig {
  explicit OneFrame(sc_model::ViolationLog& log) : PinRig(log) {
    fetch_rx(1);
    payload(0, 64);
  }
  void give_back_with(void (*spoil)(regs::ReturnEntry&)) {
    regs::ReturnEntry e = entry(0, 64);
    spoil(e);
    give_back(e, 0);
  }
};

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_SC_MODEL_SUPPORT_PIN_SCENES_H_
