// A FrameChecker on port 0 of a wire of 10 Gb/s, fed by hand: frames come and go, packets are read, frames returned.
// The NIC has the address 02:00:00:00:00:01, MAC_CONTROL and MAX_FRAME as after reset (1518).
//
//   FrameRig nic(log);
//   const Octets udp = nic.packet();
//   nic.comes(udp); nic.returned(udp, look_at(udp.data(), udp.size()).flags);
//   nic.asked({}, udp); nic.leaves(udp);
#ifndef RINGSIDE_TESTBENCH_SC_MODEL_SUPPORT_FRAME_RIG_H_
#define RINGSIDE_TESTBENCH_SC_MODEL_SUPPORT_FRAME_RIG_H_

#include <algorithm>

#include "sc_model/check_frames.h"
#include "sc_model/frame_decoder.h"

namespace ringside::testbench {

namespace regs = driver::regs;
using sc_model::Octets;
using sc_model::PacketOrder;

// What a packet has that most have not.
struct PacketMould {
  unsigned version = 4, protocol = 17;
  unsigned payload = 100;         // octets behind the layer 4 header
  unsigned tags = 0;
  unsigned ip_words = 5, tcp_words = 5;
  bool extension = false;         // IPv6 destination options
  uint16_t fragment = 0;
  bool no_sum = false;            // UDP checksum 0
  int sum_is = -1;                // payload made so that the checksum is this
  unsigned trailer = 0;
};

class FrameRig {
 public:
  explicit FrameRig(sc_model::ViolationLog& log) : checker("a.nic", log) {
    checker.set_port(0, 10);
    checker.on_register(0, regs::Control::address(), regs::Control::kRxEnable.mask());
    checker.on_register(0, regs::MacAddr::address(), 0x0000'0002);
    checker.on_register(0, regs::MacAddr::address() + 4, 0x0000'0100);
  }

  // A whole packet with right checksums, without FCS; padded to 60 octets.
  static Octets packet(const PacketMould& mould = {});
  // Where its layer 4 starts.
  static uint32_t layer4(const PacketMould& m) {
    return 14 + 4 * m.tags + (m.version == 4 ? 4 * m.ip_words : m.extension ? 48u : 40u);
  }
  // The order for it: the checksum field holds the pseudo header's sum, as the driver leaves it.
  static PacketOrder order(const PacketMould& m) {
    PacketOrder o;
    o.csum = true;
    o.csum_start = layer4(m);
    o.csum_offset = m.protocol == 6 ? 16 : 6;
    return o;
  }

  enum class Spoilt { kNot, kFcs, kError };
  void comes(const Octets& frame, Spoilt spoilt = Spoilt::kNot) { wire(1, frame, spoilt); }
  void leaves(const Octets& frame) { wire(0, frame, Spoilt::kNot); }
  void returned(const Octets& frame, uint16_t flags, uint16_t vlan = 0) {
    regs::ReturnEntry e{};
    e.flags = flags;
    e.vlan = vlan;
    e.raw_csum = static_cast<uint16_t>(sc_model::internet_sum(frame.data() + 14, frame.size() - 14));
    checker.frame_returned(tick(), 0, e, frame);
  }
  void delivered(const Octets& frame) { returned(frame, sc_model::look_at(frame.data(), frame.size()).flags); }
  // The other end asks for a pause of 210 us, and the NIC is told to obey.
  void pause() {
    checker.on_register(now, regs::MacControl::address(), regs::MacControl::kResetValue | regs::MacControl::kPauseRx.mask());
    Octets frame(60, 0);
    const uint8_t head[18] = {1, 0x80, 0xC2, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x88, 8, 0, 1, 0x10, 0};
    std::copy(head, head + sizeof head, frame.begin());
    comes(frame);
  }
  void asked(const PacketOrder& order, const Octets& packet) { read(order, packet, tick()); }
  // The last octet of a packet arrives, the first of which was asked for at `asked`.
  void read(PacketOrder order, const Octets& packet, sc_model::TimePs asked) {
    order.octets = static_cast<uint32_t>(packet.size());
    checker.packet_read(tick(), asked, 0, order, packet);
  }
  // All that waits for its packet has waited long enough.
  void settle() { checker.check_time(now += 2 * sc_model::FrameChecker::kPatiencePs); }
  sc_model::TimePs tick() { return now += sc_model::kPsPerUs; }

  sc_model::FrameChecker checker;
  sc_model::TimePs now = 10 * sc_model::kPsPerMs;

 private:
  void wire(unsigned sender, Octets frame, Spoilt spoilt) {
    const uint32_t fcs = sc_model::crc32(frame.data(), frame.size()) ^ (spoilt == Spoilt::kFcs ? 1u : 0u);
    for (unsigned i = 0; i < 4; ++i) frame.push_back(static_cast<uint8_t>(fcs >> (8 * i)));
    sc_model::FrameEvent e;
    e.time_ps = tick();
    e.stage = sender == 0 ? sc_model::FrameStage::kSent : sc_model::FrameStage::kDelivered;
    e.sender = sender;
    e.bytes = frame.data();
    e.length = static_cast<uint32_t>(frame.size());
    e.fcs_good = spoilt != Spoilt::kFcs;
    e.error_character = spoilt == Spoilt::kError;
    checker.on_frame(e);
  }
};

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_SC_MODEL_SUPPORT_FRAME_RIG_H_
