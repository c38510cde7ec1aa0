// Ethernet II header and ARP packet (RFC 826, IPv4 over Ethernet). Lengths in bytes, multi-byte fields big-endian.
//
//   Ethernet   0 destination MAC (6)   6 source MAC (6)   12 EtherType (2)   14 payload
//   ARP        0 hardware type (2)     2 protocol type (2)  4 hardware length  5 protocol length  6 operation (2)
//              8 sender MAC (6)       14 sender IPv4 (4)   18 target MAC (6)  24 target IPv4 (4)
#ifndef RINGSIDE_STACK_ETHERNET_WIRE_H_
#define RINGSIDE_STACK_ETHERNET_WIRE_H_

#include <cstdint>
#include <optional>

#include "stack/address.h"
#include "stack/net_device.h"

namespace ringside::stack {

constexpr MacAddress kBroadcastMac = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};

enum EtherType : uint16_t { kEtherTypeIpv4 = 0x0800, kEtherTypeArp = 0x0806, kEtherTypeVlan = 0x8100 };

struct EthernetHeader {
  static constexpr uint32_t kBytes = 14;
  static constexpr uint32_t kVlanBytes = 18;  // with a tag
  MacAddress destination{};
  MacAddress source{};
  uint16_t ether_type = 0;

  bool group() const { return destination[0] & 1; }  // broadcast or multicast
};
std::optional<EthernetHeader> parse_ethernet(const uint8_t* data, uint32_t bytes);
void write_ethernet(uint8_t* at, const EthernetHeader& header);
// IEEE 802.1Q 9.6: the VLAN of a tag control information.
constexpr uint16_t vlan_of(uint16_t tag) { return tag & 0x0FFF; }

enum ArpOperation : uint16_t { kArpRequest = 1, kArpReply = 2 };

struct ArpPacket {
  static constexpr uint32_t kBytes = 28;
  uint16_t operation = 0;
  MacAddress sender_mac{};
  Ipv4Address sender;
  MacAddress target_mac{};
  Ipv4Address target;
};
std::optional<ArpPacket> parse_arp(const uint8_t* data, uint32_t bytes);  // empty: short, or not IPv4 over Ethernet
void write_arp(uint8_t* at, const ArpPacket& packet);

}  // namespace ringside::stack

#endif  // RINGSIDE_STACK_ETHERNET_WIRE_H_
