// Frames end to end, at one NIC: what the wire brings against what reaches memory, and what the driver asked for against
// what leaves. Files by direction:
//   check_frames_rx.cpp  E5 E6 E7 E8 E11 E12 of frames returned to the driver, C2 to C15 of the verdicts on them
//   check_frames_tx.cpp  E2 E9 E12 of frames sent, C1 to C15 of the checksums in them, D17 of packets that never leave
// Fed by the wire (frames of both directions) and by DeviceRingChecker (what passes the NIC's pins). The side at fault is
// the device, but for C8 of the driver, who must not ask for a checksum in a fragment. Rules of checksums are told apart
// by what is special in the packet whose checksum or verdict is wrong.
// In loopback nothing is judged: what is sent is not on the wire. While the MAC sees a fault of the link it throws away
// what is to leave, so that may leave or not.
// Frames wait here at most kPatiencePs for the packet they belong to: segments leave before all of a packet was read, but
// none before its first octet was asked for.
#ifndef RINGSIDE_SC_MODEL_CHECK_FRAMES_H_
#define RINGSIDE_SC_MODEL_CHECK_FRAMES_H_

#include <array>
#include <deque>
#include <string>
#include <vector>

#include "sc_model/check_ring.h"
#include "sc_model/observer.h"
#include "sc_model/packet_reference.h"

namespace ringside::sc_model {

class FrameChecker : public Observer {
 public:
  static constexpr TimePs kPatiencePs = 2 * kPsPerMs;

  FrameChecker(std::string object, ViolationLog& log);
  // The port of the wire, and its rate; before that nothing is judged.
  void set_port(unsigned port, unsigned gigabits_per_s);

  void on_frame(const FrameEvent& event) override;
  void on_link_fault(const LinkFaultEvent& event) override;
  // A register outside the queue sets as it arrives at the device.
  void on_register(TimePs now, uint32_t offset, uint32_t value);
  void reset(TimePs now);  // of the whole NIC: registers as after power-up, nothing on its way
  // All bytes of a packet have arrived in the device, the first of which it had asked for at `asked`.
  void packet_read(TimePs now, TimePs asked, unsigned queue, const PacketOrder& order, const Octets& packet);
  // What is on its way in this ring may leave or not: it was turned off, reset, or in error.
  void forget(TimePs now, unsigned queue);
  // A packet of which bytes were asked for since `from` may have left in part: its segments are nobody's.
  void excuse(TimePs from, TimePs now);
  // A whole frame with its last return entry.
  void frame_returned(TimePs now, unsigned queue, const map::ReturnEntry& entry, const Octets& frame);
  void check_time(TimePs now) { match(now); }
  // D17, at the end of a run: what was read long before `counted_from_ps` has left, and the NIC's counters, read from
  // then on, account for `counted` frames from the wire. A frame that was on its way just then leaves it undecided.
  void audit(TimePs now, TimePs counted_from_ps, uint64_t counted);

 private:
  struct Wire {  // a frame on the wire
    TimePs time_ps = 0;
    Octets octets;  // FCS included
    bool good = false, framed_badly = false, taken = false;
  };
  struct Expected {  // a frame that is to leave
    TimePs asked_ps = 0, read_ps = 0;  // its packet's first octet, and its last
    Octets octets;   // padded, without FCS
    PacketOrder order;
    bool alternating = false;  // the packet before it had the other setting of `csum`
  };
  bool judging() const { return port_ >= 0 && !loopback_; }
  bool excused(TimePs then) const {
    return excused_until_ps_ != 0 && then < excused_until_ps_ + kPatiencePs && excused_from_ps_ < then + kPatiencePs;
  }
  void set_loopback(TimePs now, bool on);
  void set_receive(TimePs now, bool on);
  void loosen(unsigned queue);
  // Receive.
  Wire* find(const Octets& octets);
  const Wire* find_head(const Octets& octets) const;
  void judge_source(TimePs now, unsigned queue, const Wire& wire, const PacketLook& look);
  bool passes_filter(const Octets& octets) const;
  void judge_verdict(TimePs now, unsigned queue, const map::ReturnEntry& entry, const Wire& wire,
                     const PacketLook& look);
  // Send.
  void on_pause(const FrameEvent& event);
  void match(TimePs now);
  bool match_one(const Wire& wire);
  static bool is(const Expected& e, const Wire& wire);
  bool match_in(std::deque<Expected>& expected, const Wire& wire);
  void judge_stranger(const Wire& wire);
  void audit_sent(TimePs now, TimePs counted_from_ps);
  std::string rule_of_difference(const Expected& e, const Octets& octets) const;
  void report(const std::string& rule, Side side, TimePs now, int queue, const std::string& why, const Octets& frame);

  std::string object_;
  ViolationLog& log_;
  int port_ = -1;
  TimePs quantum_ps_ = 0;  // of pause time: 512 bits
  uint32_t mac_control_ = 0, max_frame_ = 0;
  uint64_t mac_address_ = 0, mac_hash_ = 0;
  bool loopback_ = false;
  TimePs excused_from_ps_ = 0, excused_until_ps_ = 0;
  TimePs pause_from_ps_ = kNever, pause_until_ps_ = 0;
  bool receives_ = false;       // CONTROL.rx_enable
  uint64_t came_ = 0;           // frames from the wire that the NIC has to account for
  bool counters_whole_ = true;  // it is sure which these are: no reset, and none that came as receiving began or ended
  TimePs last_came_ps_ = 0;     // of any frame
  Octets frame_, on_wire_;     // the frame being judged, as delivered and as it came, without FCS
  std::deque<Wire> received_;  // from the wire, the oldest first
  std::vector<Wire> spare_;    // their memory
  std::deque<Wire> sent_;      // not matched yet
  std::array<std::deque<Expected>, kQueueSets> expected_;
  std::deque<Expected> loose_;  // may leave or not
  TimePs link_fault_until_ps_ = 0;
  std::array<bool, kQueueSets> last_csum_{};
  std::array<uint16_t, kQueueSets> last_flags_{};
  EventHistory<12> history_;
};

}  // namespace ringside::sc_model

#endif  // RINGSIDE_SC_MODEL_CHECK_FRAMES_H_
