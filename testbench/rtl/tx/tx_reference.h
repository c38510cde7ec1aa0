// What a packet that the driver posts must look like on the wire, written from the programmer's reference, section 9.
#ifndef RINGSIDE_TESTBENCH_RTL_TX_TX_REFERENCE_H_
#define RINGSIDE_TESTBENCH_RTL_TX_TX_REFERENCE_H_

#include <cstddef>
#include <cstdint>
#include <vector>

namespace ringside::testbench {

using Frame = std::vector<uint8_t>;

struct Fragment {
  uint64_t address = 0;
  uint32_t length = 0;
};

struct TxPacket {
  std::vector<Fragment> fragments;
  bool csum = false;
  uint16_t start = 0;
  uint16_t offset = 0;
  // An extension descriptor goes in front when any of these is set.
  bool vlan = false, tso = false, stamp = false, extension = false;
  uint16_t tci = 0, mss = 0, header_length = 0, ip_start = 0;

  bool extended() const { return vlan || tso || stamp || extension; }
  uint32_t entries() const { return static_cast<uint32_t>(fragments.size()) + (extended() ? 1 : 0); }
};

// RFC 1071: ones' complement sum of big-endian words from `start` to `end`, an odd last octet padded on the right.
uint32_t internet_sum(const Frame& octets, size_t start, size_t end);

// The frames, in order, of a packet with these octets.
std::vector<Frame> frames_of(const TxPacket& packet, const Frame& octets);

// A TCP/IP header in an Ethernet frame, with the pseudo header's sum, its length left out, in the checksum field.
struct TcpHeader {
  bool v6 = false;
  uint32_t inner_tag = 0;          // octets of VLAN tag that the packet has already: 0 or 4
  uint32_t ip_options = 0;         // octets: IPv4 options, or IPv6 extension headers in units of 8
  uint32_t tcp_options = 0;
  uint8_t flags = 0x10;            // ACK
  uint32_t seq = 0;
  uint16_t id = 0;

  uint32_t ip_start() const { return 14 + inner_tag; }
  uint32_t l4_start() const { return ip_start() + (v6 ? 40 : 20) + ip_options; }
  uint32_t length() const { return l4_start() + 20 + tcp_options; }
  Frame octets(uint32_t seed) const;
};

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_RTL_TX_TX_REFERENCE_H_
