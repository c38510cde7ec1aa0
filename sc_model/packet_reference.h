// What the offloads of the NIC must do, from the RFCs alone and independent of the RTL: the verdict on a received frame,
// and the frames that a packet in memory becomes. For the frame checker; nothing else in this room knows of TCP.
//
// Checksums: RFC 1071; TCP RFC 9293 3.1, UDP RFC 768, IPv4 RFC 791, IPv6 RFC 8200 (8.1 the pseudo header).
// Lengths in octets; frames from the destination address on, without FCS.
#ifndef RINGSIDE_SC_MODEL_PACKET_REFERENCE_H_
#define RINGSIDE_SC_MODEL_PACKET_REFERENCE_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sc_model/check_ring.h"

namespace ringside::sc_model {

using Octets = std::vector<uint8_t>;

// Ones' complement sum of big-endian words, an odd last octet padded on the right; not inverted.
uint32_t internet_sum(const uint8_t* octets, size_t count);

// How a frame looks to a checksum engine, and what is special in it: the rule that a wrong verdict is filed under.
struct PacketLook {
  uint16_t flags = 0;       // return_flags ip_checked .. fragment as they must be
  unsigned tags = 0;        // VLAN tags
  bool options = false;     // IPv4 header of more than 20 octets, or TCP header likewise
  bool extensions = false;  // IPv6 extension headers
  bool padded = false;      // the packet ends before the frame, which has the minimum length
  bool trailer = false;     // ... which is longer
  bool cut = false;         // the packet ends behind the frame
  bool odd = false;         // of odd length
  bool udp_none = false;    // UDP with checksum 0
  bool zero_or_ones = false;  // the checksum field is 0000 or FFFF
  bool other = false;       // IP, neither TCP nor UDP nor a fragment
};
PacketLook look_at(const uint8_t* frame, size_t length);

// A packet as its descriptors describe it (rtl/regs/REFERENCE.md, Sending).
struct PacketOrder {
  bool csum = false, vlan = false, tso = false;
  uint32_t csum_start = 0, csum_offset = 0;
  uint16_t tci = 0;
  uint32_t mss = 0, header_length = 0, ip_start = 0;
  uint32_t descriptors = 1;
  bool legal() const;  // for `octets` octets; filled in by the caller
  uint32_t octets = 0;
};
// Without padding and FCS.
std::vector<Octets> frames_of(const PacketOrder& order, const Octets& packet);

}  // namespace ringside::sc_model

#endif  // RINGSIDE_SC_MODEL_PACKET_REFERENCE_H_
