// Frames made on purpose, and what the NIC must say of them: written from RFC 791, 768, 9293, 8200 and the programmer's
// reference, not from the RTL.
//
// build() makes a frame without FCS from a description; reference_verdict() reads any frame octet by octet. Lengths in
// bytes. No state.
#ifndef RINGSIDE_TESTBENCH_RTL_RX_RX_PACKETS_H_
#define RINGSIDE_TESTBENCH_RTL_RX_RX_PACKETS_H_

#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace ringside::testbench {

struct ExtensionHeader {
  uint8_t type;
  uint8_t length;  // as on the wire
};

struct PacketSpec {
  std::vector<uint16_t> tags;     // EtherTypes of VLAN tags
  unsigned version = 4;           // 4, 6; 0: no IP at all
  unsigned ihl = 5;               // IPv4 header in DWs
  unsigned proto = 6;             // 6 TCP, 17 UDP
  unsigned payload = 100;         // behind the TCP or UDP header
  unsigned data_offset = 5;       // TCP
  std::vector<ExtensionHeader> extensions;
  uint16_t fragment = 0;          // IPv4 flags and offset field
  bool bad_ip = false, bad_l4 = false;
  bool no_udp_csum = false;
  int length_error = 0;           // added to IPv4 total length or IPv6 payload length
  int udp_length_error = 0;
  unsigned trailer = 0;           // octets behind the IP packet, random; padded to 60 with zeros in any case
};

std::vector<uint8_t> build(const PacketSpec& spec, std::mt19937& random);

struct RxVerdict {
  unsigned flags = 0;  // ip_checked .. l4_good and ipv4 .. fragment of return_flags
  uint16_t raw_csum = 0;
  bool csum_bad = false;
};

constexpr unsigned kIpChecked = 1u << 2, kIpGood = 1u << 3, kL4Checked = 1u << 4, kL4Good = 1u << 5, kIpv4 = 1u << 9,
                   kIpv6 = 1u << 10, kTcp = 1u << 11, kUdp = 1u << 12, kFragment = 1u << 13, kVlan = 1u << 6, kHash = 1u << 7, kBroadcast = 1u << 14,
                   kMulticast = 1u << 15;
constexpr unsigned kVerdictFlags =
    kIpChecked | kIpGood | kL4Checked | kL4Good | kIpv4 | kIpv6 | kTcp | kUdp | kFragment;

RxVerdict reference_verdict(const std::vector<uint8_t>& frame);  // without FCS
std::string flag_names(unsigned flags);

// Bits of RSS_CONTROL.
constexpr unsigned kRssEnable = 1, kRssIpv4 = 2, kRssTcp4 = 4, kRssIpv6 = 8, kRssTcp6 = 16, kRssUdp4 = 32, kRssUdp6 = 64;

// Toeplitz hash, bit by bit as the Windows driver documentation has it; key of 40 octets.
uint32_t toeplitz(const std::vector<uint8_t>& key, const std::vector<uint8_t>& input);
// What is hashed of a frame (without FCS) under RSS_CONTROL; empty: nothing.
std::vector<uint8_t> hash_input(const std::vector<uint8_t>& frame, unsigned control);
// The frame as delivered with vlan_strip, and whether a tag was taken.
std::vector<uint8_t> without_tag(const std::vector<uint8_t>& frame, bool& stripped, unsigned& tci);

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_RTL_RX_RX_PACKETS_H_
