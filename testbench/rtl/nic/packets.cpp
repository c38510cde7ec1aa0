#include "testbench/rtl/nic/packets.h"

#include <cstring>

namespace ringside::testbench::nic {
namespace {

constexpr unsigned kEthernet = 14, kTag = 4, kIpv4 = 20, kIpv6 = 40, kTcpHeader = 20, kUdpHeader = 8;
constexpr uint8_t kProtocolTcp = 6, kProtocolUdp = 17, kProtocolOther = 132, kDestinationOptions = 60,
                  kFragmentHeader = 44;

unsigned l4_octets(L4 l4) {
  return l4 == L4::kTcp ? kTcpHeader : l4 == L4::kUdp ? kUdpHeader : 0;
}
unsigned ip_octets(const Shape& s) {
  if (!s.ipv6) return kIpv4 + 4 * s.option_words;
  return kIpv6 + 8 * s.option_words + (s.fragment ? 8 : 0);
}
uint8_t protocol(L4 l4) {
  return l4 == L4::kTcp ? kProtocolTcp : l4 == L4::kUdp ? kProtocolUdp : kProtocolOther;
}

void put_ethernet(const Shape& s, Random* random, Octets* f) {
  std::memcpy(f->data(), kOwnAddress, 6);
  (*f)[6] = 0x02;
  for (unsigned t = 0; t < s.tags; ++t) {
    put_be16(f->data() + 12 + kTag * t, 0x8100);
    put_be16(f->data() + 14 + kTag * t, static_cast<uint32_t>(random->below(0x10000)));
  }
  put_be16(f->data() + 12 + kTag * s.tags, s.ipv6 ? 0x86DD : 0x0800);
}

void put_ipv4(const Shape& s, Random* random, uint8_t* ip, unsigned length) {
  ip[0] = static_cast<uint8_t>(0x45 + s.option_words);
  put_be16(ip + 2, length);
  put_be16(ip + 6, s.fragment ? static_cast<uint32_t>(random->between(1, 0x1000)) : 0x4000u);
  ip[8] = 64;
  ip[9] = protocol(s.l4);
  std::memset(ip + kIpv4, 1, 4 * s.option_words);  // option 1: no operation
  put_be16(ip + 10, 0);
  put_be16(ip + 10, static_cast<uint16_t>(~ones_sum(ip, kIpv4 + 4 * s.option_words)));
  if (s.bad_ip) ip[10] ^= 0x40;
}

void put_ipv6(const Shape& s, Random* random, uint8_t* ip, unsigned length) {
  ip[0] = 0x60;
  put_be16(ip + 4, length - kIpv6);
  uint8_t* next = ip + 6;
  uint8_t* at = ip + kIpv6;
  for (unsigned i = 0; i < s.option_words; ++i, at += 8) {
    *next = kDestinationOptions;
    const uint8_t pad[8] = {0, 0, 1, 4, 0, 0, 0, 0};  // RFC 8200 4.2: PadN of four octets
    std::memcpy(at, pad, 8);
    next = at;
  }
  if (s.fragment) {
    *next = kFragmentHeader;
    std::memset(at, 0, 8);
    put_be16(at + 2, static_cast<uint32_t>(random->between(1, 0x1000)) << 3);
    next = at;
  }
  *next = protocol(s.l4);
  ip[7] = 64;
}

// Sum of the pseudo header: addresses, protocol, length.
uint16_t pseudo_sum(const Shape& s, const uint8_t* ip, unsigned l4_length) {
  const uint16_t addresses = s.ipv6 ? ones_sum(ip + 8, 32) : ones_sum(ip + 12, 8);
  uint8_t rest[4] = {};
  rest[1] = protocol(s.l4);
  put_be16(rest + 2, l4_length);
  return ones_sum(rest, 4, addresses);
}

void put_l4(const Shape& s, const uint8_t* ip, uint8_t* l4, unsigned length) {
  uint8_t* field = l4 + (s.l4 == L4::kTcp ? 16 : 6);
  if (s.l4 == L4::kTcp) l4[12] = 0x50;
  if (s.l4 == L4::kUdp) put_be16(l4 + 4, length);
  const uint16_t pseudo = pseudo_sum(s, ip, s.sum_without_length ? 0 : length);
  put_be16(field, 0);
  if (!s.sums) return put_be16(field, pseudo);
  uint16_t sum = static_cast<uint16_t>(~ones_sum(l4, length, pseudo));
  if (s.l4 == L4::kUdp && sum == 0) sum = 0xFFFF;
  if (s.bad_l4) sum ^= 0x0100;
  if (s.l4 == L4::kUdp && sum == 0) sum = 0x0200;  // a broken sum must not read as "none"
  put_be16(field, s.no_udp_sum ? 0 : sum);
}

}  // namespace

uint16_t ones_sum(const uint8_t* data, size_t size, uint32_t start) {
  uint64_t sum = start;
  for (size_t i = 0; i + 1 < size; i += 2) sum += be16(data + i);
  if (size % 2 != 0) sum += uint32_t{data[size - 1]} << 8;
  while (sum >> 16 != 0) sum = (sum & 0xFFFF) + (sum >> 16);
  return static_cast<uint16_t>(sum);
}

Octets random_octets(size_t size, Random* random) {
  Octets octets(size);
  for (uint8_t& octet : octets) octet = static_cast<uint8_t>(random->bits());
  return octets;
}

unsigned header_octets(const Shape& s) {
  return kEthernet + kTag * s.tags + ip_octets(s) + l4_octets(s.l4);
}

Built build(const Shape& s, Random* random) {
  Built built;
  const unsigned ip_length = ip_octets(s) + l4_octets(s.l4) + s.payload;
  built.ip_start = kEthernet + kTag * s.tags;
  built.l4_start = built.ip_start + ip_octets(s);
  built.payload_start = built.l4_start + l4_octets(s.l4);
  built.frame = random_octets(built.ip_start + ip_length + s.trailer, random);
  put_ethernet(s, random, &built.frame);
  uint8_t* ip = built.frame.data() + built.ip_start;
  if (s.ipv6) {
    put_ipv6(s, random, ip, ip_length);
  } else {
    put_ipv4(s, random, ip, ip_length);
  }
  if (s.l4 != L4::kOther && !s.fragment)
    put_l4(s, ip, built.frame.data() + built.l4_start, l4_octets(s.l4) + s.payload);
  return built;
}

bool random_shape(unsigned size, Random* random, Shape* shape) {
  for (unsigned tries = 0; tries < 16; ++tries) {
    Shape s;
    s.ipv6 = random->one_in(2);
    s.l4 = random->one_in(8) ? L4::kOther : random->one_in(2) ? L4::kTcp : L4::kUdp;
    s.tags = random->one_in(3) ? static_cast<unsigned>(random->between(1, 2)) : 0;
    s.option_words = random->one_in(4) ? static_cast<unsigned>(random->between(1, s.ipv6 ? 3 : 10)) : 0;
    s.fragment = random->one_in(8);
    s.bad_ip = random->one_in(8);
    s.bad_l4 = random->one_in(8);
    s.no_udp_sum = random->one_in(16) && !s.ipv6;
    if (header_octets(s) > size) continue;
    s.trailer = random->one_in(4) ? static_cast<unsigned>(random->below(size - header_octets(s) + 1)) : 0;
    s.payload = size - header_octets(s) - s.trailer;
    *shape = s;
    return true;
  }
  return false;
}

}  // namespace ringside::testbench::nic
