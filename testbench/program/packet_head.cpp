#include "testbench/program/packet_head.h"

#include <fmt/format.h>

#include <algorithm>

namespace ringside::testbench {
namespace {

constexpr uint16_t kIpv4 = 0x0800, kArp = 0x0806, kVlan = 0x8100, kMacControl = 0x8808;
constexpr uint8_t kIcmp = 1, kTcp = 6, kUdp = 17;

uint32_t big_endian(const uint8_t* at, unsigned octets) {
  uint32_t value = 0;
  for (unsigned i = 0; i < octets; ++i) value = value << 8 | at[i];
  return value;
}

// The finalizer of SplitMix64: every bit of the input reaches every bit of the output.
uint64_t mix(uint64_t hash, uint64_t value) {
  uint64_t x = hash + 0x9E3779B97F4A7C15ull + value;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ull;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBull;
  return x ^ (x >> 31);
}

void seal(PacketHead& head) {
  uint64_t key = mix(head.ether_type, uint64_t{head.source} << 32 | head.destination);
  key = mix(key, uint64_t{head.source_port} << 48 | uint64_t{head.destination_port} << 32 | head.protocol);
  key = mix(key, uint64_t{head.seq} << 32 | head.ack);
  head.key = mix(key, uint64_t{head.payload} << 32 | head.other);
}

void read_tcp(PacketHead& head, const uint8_t* tcp, uint32_t bytes, uint32_t segment) {
  if (bytes < 20) return;
  head.source_port = static_cast<uint16_t>(big_endian(tcp, 2));
  head.destination_port = static_cast<uint16_t>(big_endian(tcp + 2, 2));
  head.seq = big_endian(tcp + 4, 4);
  head.ack = big_endian(tcp + 8, 4);
  head.tcp_flags = tcp[13];
  const uint32_t header = uint32_t{tcp[12]} / 16 * 4;
  head.payload = segment > header ? segment - header : 0;
}

void read_ipv4(PacketHead& head, const uint8_t* ip, uint32_t bytes) {
  if (bytes < 20) return;
  const uint32_t header = (ip[0] & 15u) * 4, length = big_endian(ip + 2, 2);
  head.protocol = ip[9];
  head.source = big_endian(ip + 12, 4);
  head.destination = big_endian(ip + 16, 4);
  const uint32_t fragment = big_endian(ip + 6, 2) & 0x3FFF;
  if (head.protocol == kTcp && fragment == 0 && header < bytes)
    return read_tcp(head, ip + header, bytes - header, length > header ? length - header : 0);
  head.other = big_endian(ip + 4, 2) << 16 | fragment;
  head.ack = length;
  if (head.protocol != kUdp || bytes < header + 8) return;
  head.payload = length > header + 8 ? length - header - 8 : 0;
  if (fragment != 0) return;
  head.source_port = static_cast<uint16_t>(big_endian(ip + header, 2));
  head.destination_port = static_cast<uint16_t>(big_endian(ip + header + 2, 2));
}

std::string flag_names(uint8_t flags) {
  static constexpr const char* kNames[] = {"FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"};
  std::string names;
  for (unsigned bit = 0; bit < 8; ++bit)
    if ((flags >> bit) & 1) names += (names.empty() ? "" : " ") + std::string(kNames[bit]);
  return names;
}

}  // namespace

PacketHead PacketHead::segment(uint32_t n, uint32_t segment_bytes, uint32_t bytes) const {
  PacketHead head = *this;
  const uint32_t offset = n * segment_bytes;
  head.seq += offset;
  head.payload = std::min(segment_bytes, bytes - offset);
  if (offset + head.payload < bytes) head.tcp_flags &= static_cast<uint8_t>(~0x09u);  // PSH and FIN: on the last
  seal(head);
  return head;
}

PacketHead read_head(const uint8_t* data, uint32_t bytes) {
  PacketHead head;
  if (bytes < 14) return head;
  uint32_t at = 12;
  if (big_endian(data + at, 2) == kVlan && bytes >= 18) at += 4;
  head.ether_type = static_cast<uint16_t>(big_endian(data + at, 2));
  at += 2;
  if (head.ether_type == kIpv4) {
    read_ipv4(head, data + at, bytes - at);
  } else {
    uint64_t hash = 0;
    for (uint32_t i = at; i < std::min(bytes, at + 28); ++i) hash = mix(hash, data[i]);
    head.seq = static_cast<uint32_t>(hash >> 32);
    head.ack = static_cast<uint32_t>(hash);
    if (head.ether_type == kArp && bytes >= at + 28) head.other = big_endian(data + at + 6, 2);
  }
  seal(head);
  return head;
}

std::string to_string(const PacketHead& h) {
  if (h.ether_type == kArp) return h.other == 1 ? "ARP request" : "ARP reply";
  if (h.ether_type == kMacControl) return "MAC control";
  if (h.ether_type != kIpv4) return fmt::format("EtherType {:04x}", h.ether_type);
  if (h.protocol == kTcp)
    return fmt::format("TCP {} > {} [{}] seq {} ack {} len {}", h.source_port, h.destination_port,
                       flag_names(h.tcp_flags), h.seq, h.ack, h.payload);
  if (h.protocol == kUdp) return fmt::format("UDP {} > {} len {}", h.source_port, h.destination_port, h.payload);
  return h.protocol == kIcmp ? "ICMP" : fmt::format("IP protocol {}", h.protocol);
}

}  // namespace ringside::testbench
