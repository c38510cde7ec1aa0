// Packets to send and to receive: Ethernet, VLAN tags, IPv4 and IPv6 with options and extension headers, TCP and UDP.
// Written from RFC 791, 8200, 9293, 768, 1071 and IEEE 802.1Q. Frames here have no FCS.
#ifndef RINGSIDE_TESTBENCH_RTL_NIC_PACKETS_H_
#define RINGSIDE_TESTBENCH_RTL_NIC_PACKETS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "testbench/rtl/nic/random.h"

namespace ringside::testbench::nic {

using Octets = std::vector<uint8_t>;

// Ones' complement sum of 16-bit big-endian words, an odd last octet followed by zero; folded, not inverted (RFC 1071).
uint16_t ones_sum(const uint8_t* data, size_t size, uint32_t start = 0);
inline uint16_t be16(const uint8_t* at) {
  return static_cast<uint16_t>(at[0] << 8 | at[1]);
}
inline void put_be16(uint8_t* at, uint32_t value) {
  at[0] = static_cast<uint8_t>(value >> 8);
  at[1] = static_cast<uint8_t>(value);
}

enum class L4 { kTcp, kUdp, kOther };

struct Shape {
  bool ipv6 = false;
  L4 l4 = L4::kTcp;
  unsigned tags = 0;          // VLAN tags, 0..2
  unsigned option_words = 0;  // of IPv4, 0..10; of IPv6: destination options headers of 8 octets
  unsigned payload = 0;       // octets behind the TCP or UDP header
  unsigned trailer = 0;       // octets behind the IP packet
  bool fragment = false;      // a later one: no L4 header to look at
  bool bad_ip = false, bad_l4 = false;
  bool no_udp_sum = false;
  bool sums = true;                 // false: the checksum field holds the pseudo header's sum, for TX offload
  bool sum_without_length = false;  // ... as segmentation wants it
};

// Where things are in a built frame.
struct Built {
  Octets frame;
  unsigned ip_start = 0, l4_start = 0, payload_start = 0;
};

constexpr uint8_t kOwnAddress[6] = {0x02, 0, 0, 0, 0, 0x01};

Built build(const Shape& shape, Random* random);
unsigned header_octets(const Shape& shape);  // Ethernet to L4, tags included
// Any legal shape whose frame has `size` octets; false when none has (below 60 or so).
bool random_shape(unsigned size, Random* random, Shape* shape);
Octets random_octets(size_t size, Random* random);

}  // namespace ringside::testbench::nic

#endif  // RINGSIDE_TESTBENCH_RTL_NIC_PACKETS_H_
