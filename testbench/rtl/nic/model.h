// What the NIC should do, from the programmer's reference (rtl/regs/REFERENCE.md, sections 4, 5, 9 and 10): the frames
// that leave for a packet, and what becomes of a frame on the wire. Nothing here knows the RTL.
#ifndef RINGSIDE_TESTBENCH_RTL_NIC_MODEL_H_
#define RINGSIDE_TESTBENCH_RTL_NIC_MODEL_H_

#include <array>
#include <cstdint>
#include <vector>

#include "driver/nic_regs.h"
#include "testbench/rtl/nic/driver.h"
#include "testbench/rtl/nic/packets.h"

namespace ringside::testbench::nic {

using Counters = std::array<uint64_t, regs::kNumCounters>;
inline uint64_t& at(Counters* counters, regs::CounterId id) {
  return (*counters)[static_cast<size_t>(id)];
}

// ---- sending
// The packet's octets, gathered from memory.
Octets gather(const Packet& packet, Host* host);
// The frames on the wire, FCS included, of a packet with these octets.
std::vector<Octets> frames_of(const Packet& packet, const Octets& octets);
// A frame that left: counts it.
void count_sent(const Octets& frame, Counters* counters);

// ---- receiving
struct RxRules {
  uint64_t mac_address, mac_hash;
  uint32_t mac_control;
  uint32_t max_frame;
  RssSettings rss;
  unsigned queues_on = 1;  // bit q: queue q is on
};

struct Received {
  bool delivered = false;
  regs::CounterId drop = regs::CounterId::kRxFrames;  // the reason when it is not delivered
  Octets octets;                                      // as in memory
  size_t wire_octets = 0;                             // FCS included; up to an error character
  size_t counted = 0;                                 // octets without FCS
  uint16_t flags = 0;                                 // without sop, eop and timestamp
  uint16_t raw_csum = 0, vlan = 0;
  uint32_t hash = 0;
  unsigned queue = 0;
};

// RSS: over the octets of addresses and ports in their order ("RSS hashing functions", Windows driver documentation).
uint32_t toeplitz(const std::array<uint8_t, 40>& key, const Octets& input);

// A whole frame as it was on the wire, FCS included; error_at: the octet that is an error character, -1: none.
Received judge(const Octets& frame, int error_at, const RxRules& rules);
// Into the seven size bins from `smallest` on.
void count_size(size_t octets, regs::CounterId smallest, Counters* counters);
void count_received(const Received& received, Counters* counters);

}  // namespace ringside::testbench::nic

#endif  // RINGSIDE_TESTBENCH_RTL_NIC_MODEL_H_
