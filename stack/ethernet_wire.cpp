#include "stack/ethernet_wire.h"

#include <cstring>

#include "stack/wire_bytes.h"

namespace ringside::stack {
namespace {

enum ArpOffset : uint32_t {
  kHardwareType = 0, kProtocolType = 2, kHardwareLength = 4, kProtocolLength = 5, kOperation = 6,
  kSenderMac = 8, kSenderIp = 14, kTargetMac = 18, kTargetIp = 24,
};
static_assert(kTargetIp + 4 == ArpPacket::kBytes, "RFC 826 layout");
constexpr uint16_t kHardwareEthernet = 1;

MacAddress load_mac(const uint8_t* at) {
  MacAddress mac;
  std::memcpy(mac.data(), at, mac.size());
  return mac;
}
void store_mac(uint8_t* at, const MacAddress& mac) { std::memcpy(at, mac.data(), mac.size()); }

}  // namespace

std::optional<EthernetHeader> parse_ethernet(const uint8_t* data, uint32_t bytes) {
  if (bytes < EthernetHeader::kBytes) return std::nullopt;
  return EthernetHeader{load_mac(data), load_mac(data + 6), load_be16(data + 12)};
}

void write_ethernet(uint8_t* at, const EthernetHeader& header) {
  store_mac(at, header.destination);
  store_mac(at + 6, header.source);
  store_be16(at + 12, header.ether_type);
}

std::optional<ArpPacket> parse_arp(const uint8_t* data, uint32_t bytes) {
  if (bytes < ArpPacket::kBytes) return std::nullopt;
  if (load_be16(data + kHardwareType) != kHardwareEthernet || data[kHardwareLength] != 6) return std::nullopt;
  if (load_be16(data + kProtocolType) != kEtherTypeIpv4 || data[kProtocolLength] != 4) return std::nullopt;
  ArpPacket packet;
  packet.operation = load_be16(data + kOperation);
  packet.sender_mac = load_mac(data + kSenderMac);
  packet.sender.value = load_be32(data + kSenderIp);
  packet.target_mac = load_mac(data + kTargetMac);
  packet.target.value = load_be32(data + kTargetIp);
  return packet;
}

void write_arp(uint8_t* at, const ArpPacket& packet) {
  store_be16(at + kHardwareType, kHardwareEthernet);
  store_be16(at + kProtocolType, kEtherTypeIpv4);
  at[kHardwareLength] = 6;
  at[kProtocolLength] = 4;
  store_be16(at + kOperation, packet.operation);
  store_mac(at + kSenderMac, packet.sender_mac);
  store_be32(at + kSenderIp, packet.sender.value);
  store_mac(at + kTargetMac, packet.target_mac);
  store_be32(at + kTargetIp, packet.target.value);
}

}  // namespace ringside::stack
