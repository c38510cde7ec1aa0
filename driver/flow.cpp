#include "driver/flow.h"

namespace ringside::driver {
namespace {

constexpr uint32_t kHeaderBytes = 14 + 2 * 4 + 60 + 4;  // two tags, the longest IPv4 header, ports
constexpr uint16_t kIpv4 = 0x0800, kIpv6 = 0x86DD, kTagged = 0x8100, kServiceTagged = 0x88A8;
constexpr uint8_t kTcp = 6, kUdp = 17;

struct Header {
  uint8_t bytes[kHeaderBytes] = {};
  uint32_t length = 0;
  uint16_t be16(uint32_t at) const { return static_cast<uint16_t>(bytes[at] << 8 | bytes[at + 1]); }
  uint32_t be32(uint32_t at) const { return uint32_t{be16(at)} << 16 | be16(at + 2); }
};

// Multiplication spreads every bit upwards, the shift brings the upper ones back down.
uint32_t mix(uint32_t hash, uint32_t word) {
  hash = (hash ^ word) * 0x9E3779B1;
  return hash ^ hash >> 15;
}

uint32_t mix_ports(uint32_t hash, const Header& header, uint8_t protocol, uint32_t at) {
  const bool has_ports = (protocol == kTcp || protocol == kUdp) && at + 4 <= header.length;
  return has_ports ? mix(hash, header.be32(at)) : hash;
}

uint32_t ipv4_flow(const Header& header, uint32_t at) {
  if (at + 20 > header.length) return 0;
  const uint32_t hash = mix(mix(1, header.be32(at + 12)), header.be32(at + 16));
  const bool fragment = (header.be16(at + 6) & 0x3FFF) != 0;  // more fragments, or an offset
  return fragment ? hash : mix_ports(hash, header, header.bytes[at + 9], at + (header.bytes[at] & 15u) * 4);
}

// Extension headers are not walked: what has some is told apart by its addresses.
uint32_t ipv6_flow(const Header& header, uint32_t at) {
  if (at + 40 > header.length) return 0;
  uint32_t hash = 1;
  for (uint32_t word = at + 8; word < at + 40; word += 4) hash = mix(hash, header.be32(word));
  return mix_ports(hash, header, header.bytes[at + 6], at + 40);
}

}  // namespace

uint32_t flow_hash(const stack::Packet& packet) {
  Header header;
  header.length = packet.copy_out(0, header.bytes, kHeaderBytes);
  uint32_t at = 12;
  for (int tags = 0; tags < 2 && at + 6 <= header.length; ++tags) {
    if (header.be16(at) != kTagged && header.be16(at) != kServiceTagged) break;
    at += 4;
  }
  if (at + 2 > header.length) return 0;
  const uint16_t type = header.be16(at);
  const uint32_t hash = type == kIpv4 ? ipv4_flow(header, at + 2) : type == kIpv6 ? ipv6_flow(header, at + 2) : 0;
  return hash ? mix(hash, 0) : 0;  // once more: what came last has not reached the lowest bits yet
}

}  // namespace ringside::driver
