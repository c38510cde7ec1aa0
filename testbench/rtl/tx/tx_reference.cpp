#include "testbench/rtl/tx/tx_reference.h"

#include <algorithm>
#include <random>

namespace ringside::testbench {

namespace {

void put16(Frame& f, size_t at, uint32_t value) {
  f[at] = static_cast<uint8_t>(value >> 8);
  f[at + 1] = static_cast<uint8_t>(value);
}
void put32(Frame& f, size_t at, uint32_t value) {
  put16(f, at, value >> 16);
  put16(f, at + 2, value & 0xFFFF);
}
uint32_t get16(const Frame& f, size_t at) { return static_cast<uint32_t>(f[at]) << 8 | f[at + 1]; }
uint32_t get32(const Frame& f, size_t at) { return get16(f, at) << 16 | get16(f, at + 2); }

uint32_t fold(uint64_t sum) {
  while (sum >> 16 != 0) sum = (sum & 0xFFFF) + (sum >> 16);
  return static_cast<uint32_t>(sum);
}

// Addresses and protocol of the pseudo header, RFC 9293 section 3.1 and RFC 8200 section 8.1, without the length.
uint32_t pseudo_sum(const Frame& f, size_t ip) {
  const bool v6 = f[ip] >> 4 == 6;
  return fold(internet_sum(f, ip + (v6 ? 8 : 12), ip + (v6 ? 40 : 20)) + uint64_t{6});
}

// Everything of a segment from scratch: nothing is taken over from the checksum field of the packet.
void finish_segment(Frame& f, const TxPacket& p, uint32_t number, bool last) {
  const size_t ip = p.ip_start, tcp = p.start;
  const auto length = static_cast<uint32_t>(f.size());
  if (f[ip] >> 4 == 6) {
    put16(f, ip + 4, length - p.ip_start - 40);
  } else {
    put16(f, ip + 2, length - p.ip_start);
    put16(f, ip + 4, get16(f, ip + 4) + number);
    put16(f, ip + 10, 0);
    put16(f, ip + 10, ~fold(internet_sum(f, ip, tcp)));
  }
  put32(f, tcp + 4, get32(f, tcp + 4) + number * p.mss);
  if (number != 0) f[tcp + 13] &= 0x7F;  // CWR
  if (!last) f[tcp + 13] &= 0xF6;        // PSH, FIN
  put16(f, tcp + 16, 0);
  put16(f, tcp + 16, ~fold(internet_sum(f, tcp, length) + uint64_t{pseudo_sum(f, ip)} + length - p.start));
}

std::vector<Frame> segments_of(const TxPacket& packet, const Frame& octets) {
  std::vector<Frame> frames;
  for (size_t at = packet.header_length; at < octets.size(); at += packet.mss) {
    Frame frame(octets.begin(), octets.begin() + packet.header_length);
    const size_t end = std::min(octets.size(), at + packet.mss);
    frame.insert(frame.end(), octets.begin() + static_cast<long>(at), octets.begin() + static_cast<long>(end));
    finish_segment(frame, packet, static_cast<uint32_t>(frames.size()), end == octets.size());
    frames.push_back(std::move(frame));
  }
  return frames;
}

}  // namespace

uint32_t internet_sum(const Frame& octets, size_t start, size_t end) {
  uint64_t sum = 0;
  for (size_t i = start; i < end; i += 2) {
    sum += static_cast<uint64_t>(octets[i]) << 8 | (i + 1 < end ? octets[i + 1] : 0);
  }
  return fold(sum);
}

std::vector<Frame> frames_of(const TxPacket& packet, const Frame& octets) {
  std::vector<Frame> frames{octets};
  if (packet.tso) frames = segments_of(packet, octets);
  if (packet.csum && !packet.tso) {
    constexpr uint32_t kUdpField = 6;  // RFC 768: 0 would mean that there is none
    const uint32_t csum = ~internet_sum(octets, packet.start, octets.size()) & 0xFFFF;
    put16(frames[0], size_t{packet.start} + packet.offset, csum == 0 && packet.offset == kUdpField ? 0xFFFF : csum);
  }
  for (Frame& frame : frames) {
    const uint8_t tag[4] = {0x81, 0x00, static_cast<uint8_t>(packet.tci >> 8), static_cast<uint8_t>(packet.tci)};
    if (packet.vlan) frame.insert(frame.begin() + 12, tag, tag + 4);
  }
  return frames;
}

Frame TcpHeader::octets(uint32_t seed) const {
  Frame f(length());
  std::mt19937 random(seed);
  for (uint8_t& octet : f) octet = static_cast<uint8_t>(random());
  const size_t ip = ip_start(), tcp = l4_start();
  f[0] &= 0xFE;
  put16(f, ip - 2, v6 ? 0x86DD : 0x0800);
  if (inner_tag != 0) put16(f, 12, 0x8100);
  f[ip] = static_cast<uint8_t>(v6 ? 0x60 : 0x40 | (20 + ip_options) / 4);
  if (!v6) put16(f, ip + 4, id);
  if (!v6) f[ip + 9] = 6;
  if (v6) f[ip + 6] = ip_options == 0 ? 6 : 60;  // destination options
  for (uint32_t i = 0; v6 && i < ip_options; i += 8) f[ip + 40 + i] = i + 8 < ip_options ? 60 : 6, f[ip + 41 + i] = 0;
  put32(f, tcp + 4, seq);
  f[tcp + 12] = static_cast<uint8_t>((20 + tcp_options) / 4 << 4);
  f[tcp + 13] = flags;
  put16(f, tcp + 16, pseudo_sum(f, ip));
  return f;
}

}  // namespace ringside::testbench
