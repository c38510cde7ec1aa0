#include "testbench/rtl/rx/rx_packets.h"

namespace ringside::testbench {
namespace {

using Bytes = std::vector<uint8_t>;

void put16(Bytes& b, size_t at, unsigned value) {
  b[at] = uint8_t(value >> 8);
  b[at + 1] = uint8_t(value);
}

unsigned get16(const Bytes& b, size_t at) { return b[at] << 8 | b[at + 1]; }

// RFC 1071: ones' complement sum of 16-bit words, an odd last octet padded on the right.
unsigned ones_sum(const Bytes& b, size_t from, size_t to, unsigned sum = 0) {
  for (size_t i = from; i < to; i += 2) {
    sum += b[i] << 8 | (i + 1 < to ? b[i + 1] : 0);
    sum = (sum & 0xFFFF) + (sum >> 16);
  }
  return sum;
}

unsigned add_words(unsigned a, unsigned b) {
  const unsigned sum = a + b;
  return (sum & 0xFFFF) + (sum >> 16);
}

Bytes l4_header(const PacketSpec& spec, std::mt19937& random) {
  Bytes header(spec.proto == 6 ? spec.data_offset * 4 : spec.proto == 17 ? 8 : 0);
  for (auto& byte : header) byte = uint8_t(random());
  if (spec.proto == 6) {
    header[12] = uint8_t(spec.data_offset << 4);
    put16(header, 16, 0);
  } else if (spec.proto == 17) {
    put16(header, 4, 8 + spec.payload + spec.udp_length_error);
    put16(header, 6, 0);
  }
  return header;
}

Bytes ip_header(const PacketSpec& spec, unsigned l4_length, std::mt19937& random) {
  Bytes h(spec.version == 4 ? spec.ihl * 4 : 40);
  for (auto& byte : h) byte = uint8_t(random());
  if (spec.version == 4) {
    h[0] = uint8_t(0x40 | spec.ihl);
    put16(h, 2, unsigned(int(h.size() + l4_length) + spec.length_error));
    put16(h, 6, spec.fragment);
    h[9] = uint8_t(spec.proto);
    put16(h, 10, 0);
    put16(h, 10, ~ones_sum(h, 0, h.size()) & 0xFFFF);
    if (spec.bad_ip) h[8] ^= 0x10;
    return h;
  }
  unsigned extra = 0;
  Bytes chain;
  for (size_t i = 0; i < spec.extensions.size(); ++i) {
    const ExtensionHeader& e = spec.extensions[i];
    const size_t length = e.type == 44 ? 8 : e.type == 51 ? (e.length + 2) * 4 : (e.length + 1) * 8;
    Bytes ext(length);
    for (auto& byte : ext) byte = uint8_t(random());
    ext[0] = i + 1 < spec.extensions.size() ? spec.extensions[i + 1].type : uint8_t(spec.proto);
    ext[1] = e.length;
    chain.insert(chain.end(), ext.begin(), ext.end());
    extra += unsigned(length);
  }
  h[0] = uint8_t(0x60 | (h[0] & 0xF));
  put16(h, 4, unsigned(int(extra + l4_length) + spec.length_error));
  h[6] = spec.extensions.empty() ? uint8_t(spec.proto) : spec.extensions[0].type;
  h.insert(h.end(), chain.begin(), chain.end());
  return h;
}

void fill_l4_csum(const PacketSpec& spec, const Bytes& ip, Bytes& l4) {
  if (spec.proto != 6 && spec.proto != 17) return;
  if (spec.proto == 17 && spec.no_udp_csum) return;
  unsigned sum = spec.version == 4 ? ones_sum(ip, 12, 20) : ones_sum(ip, 8, 40);
  sum = add_words(add_words(sum, spec.proto), unsigned(l4.size()) & 0xFFFF);
  sum = ~ones_sum(l4, 0, l4.size(), sum) & 0xFFFF;
  if (spec.proto == 17 && sum == 0) sum = 0xFFFF;
  put16(l4, spec.proto == 6 ? 16 : 6, sum);
  if (spec.bad_l4) l4[l4.size() / 2] ^= 0x04;
}

// Follows at most eight IPv6 extension headers from `at` (type `next`); false when L4 cannot be looked at.
bool follow(const Bytes& f, size_t& at, size_t end, unsigned& next, unsigned& flags) {
  for (int n = 0; next == 0 || next == 60 || next == 51 || next == 44; ++n) {
    if (at + 8 > end || n == 8) return false;
    if (next == 44) {
      flags |= kFragment;
      return false;
    }
    const size_t length = next == 51 ? (f[at + 1] + 2) * 4 : (f[at + 1] + 1) * 8;
    next = f[at];
    at += length;
  }
  return true;
}

void judge_l4(const Bytes& f, unsigned proto, size_t l4, size_t end, unsigned pseudo, bool v4, bool whole,
              RxVerdict& v) {
  v.flags |= proto == 6 ? kTcp : proto == 17 ? kUdp : 0;
  if (!whole || l4 > end || end - l4 < (proto == 6 ? 20u : 8u) || (proto != 6 && proto != 17)) return;
  const bool none = proto == 17 && get16(f, l4 + 6) == 0;
  if (proto == 17 && (get16(f, l4 + 4) != end - l4 || (none && v4))) return;
  v.flags |= kL4Checked;
  unsigned sum = add_words(add_words(pseudo, proto), unsigned(end - l4));
  sum = ones_sum(f, l4, end, sum);
  if (sum == 0xFFFF && !none) v.flags |= kL4Good;
}

}  // namespace

std::vector<uint8_t> build(const PacketSpec& spec, std::mt19937& random) {
  Bytes frame(12);
  for (auto& byte : frame) byte = uint8_t(random());
  for (uint16_t tag : spec.tags)
    for (unsigned byte : {tag >> 8, tag & 0xFF, 0x20, 0x05}) frame.push_back(uint8_t(byte));
  const unsigned type = spec.version == 4 ? 0x0800 : spec.version == 6 ? 0x86DD : 0x0806;
  frame.push_back(uint8_t(type >> 8));
  frame.push_back(uint8_t(type));
  Bytes l4 = l4_header(spec, random);
  for (unsigned i = 0; i < spec.payload; ++i) l4.push_back(uint8_t(random()));
  if (spec.version != 0) {
    const Bytes ip = ip_header(spec, unsigned(l4.size()), random);
    fill_l4_csum(spec, ip, l4);
    frame.insert(frame.end(), ip.begin(), ip.end());
  }
  frame.insert(frame.end(), l4.begin(), l4.end());
  for (unsigned i = 0; i < spec.trailer; ++i) frame.push_back(uint8_t(random()));
  if (frame.size() < 60) frame.resize(60);
  return frame;
}

RxVerdict reference_verdict(const std::vector<uint8_t>& f) {
  RxVerdict v;
  v.raw_csum = uint16_t(ones_sum(f, 14, f.size()));
  size_t ip = 14;
  for (int tags = 0; tags < 2 && (get16(f, ip - 2) == 0x8100 || get16(f, ip - 2) == 0x88A8); ++tags) ip += 4;
  const unsigned type = get16(f, ip - 2);
  if (type == 0x0800 && f[ip] >> 4 == 4 && (f[ip] & 15) >= 5 && ip + (f[ip] & 15) * 4 <= f.size()) {
    const size_t l4 = ip + (f[ip] & 15) * 4, end = ip + get16(f, ip + 2);
    v.flags |= kIpv4 | kIpChecked | (ones_sum(f, ip, l4) == 0xFFFF ? kIpGood : 0);
    if (get16(f, ip + 6) & 0x3FFF) {
      v.flags |= kFragment;
    } else {
      judge_l4(f, f[ip + 9], l4, end, ones_sum(f, ip + 12, ip + 20), true, end >= l4 && end <= f.size(), v);
    }
  } else if (type == 0x86DD && f[ip] >> 4 == 6 && ip + 40 <= f.size()) {
    const unsigned length = get16(f, ip + 4);
    size_t l4 = ip + 40;
    const size_t end = l4 + length;
    const bool whole = length != 0 && end <= f.size();
    unsigned next = f[ip + 6];
    v.flags |= kIpv6;
    if (follow(f, l4, whole ? end : 0, next, v.flags))
      judge_l4(f, next, l4, end, ones_sum(f, ip + 8, ip + 40), false, whole, v);
  }
  v.csum_bad = (v.flags & kIpChecked && !(v.flags & kIpGood)) || (v.flags & kL4Checked && !(v.flags & kL4Good));
  return v;
}

uint32_t toeplitz(const Bytes& key, const Bytes& input) {
  uint32_t hash = 0;
  for (size_t bit = 0; bit < input.size() * 8; ++bit) {
    if (!(input[bit / 8] >> (7 - bit % 8) & 1)) continue;
    for (size_t i = 0; i < 32; ++i) {
      const size_t at = bit + i;
      hash ^= uint32_t(key[at / 8] >> (7 - at % 8) & 1) << (31 - i);
    }
  }
  return hash;
}

Bytes hash_input(const Bytes& f, unsigned control) {
  if (!(control & kRssEnable)) return {};
  size_t ip = 14;
  for (int tags = 0; tags < 2 && (get16(f, ip - 2) == 0x8100 || get16(f, ip - 2) == 0x88A8); ++tags) ip += 4;
  const unsigned flags = reference_verdict(f).flags;
  if (!(flags & (kIpv4 | kIpv6))) return {};
  const bool v4 = flags & kIpv4;
  const unsigned proto = f[ip + (v4 ? 9 : 6)];
  const size_t l4 = ip + (v4 ? (f[ip] & 15) * 4 : 40);
  const unsigned type = proto == 6 ? (v4 ? kRssTcp4 : kRssTcp6) : proto == 17 ? (v4 ? kRssUdp4 : kRssUdp6) : 0;
  const bool ports = control & type && !(flags & kFragment) && l4 + 4 <= f.size();
  if (!ports && !(control & (v4 ? kRssIpv4 : kRssIpv6))) return {};
  Bytes input(f.begin() + ip + (v4 ? 12 : 8), f.begin() + ip + (v4 ? 20 : 40));
  if (ports) input.insert(input.end(), f.begin() + l4, f.begin() + l4 + 4);
  return input;
}

Bytes without_tag(const Bytes& frame, bool& stripped, unsigned& tci) {
  stripped = get16(frame, 12) == 0x8100;
  tci = stripped ? get16(frame, 14) : 0;
  Bytes rest = frame;
  if (stripped) rest.erase(rest.begin() + 12, rest.begin() + 16);
  return rest;
}

std::string flag_names(unsigned flags) {
  static const char* const names[] = {"eop",  "sop",       "ip_checked", "ip_good", "l4_checked", "l4_good",
                                      "vlan", "hash",      "timestamp",  "ipv4",    "ipv6",       "tcp",
                                      "udp",  "fragment",  "broadcast",  "multicast"};
  std::string text;
  for (int i = 0; i < 16; ++i)
    if (flags >> i & 1) text += std::string(text.empty() ? "" : " ") + names[i];
  return text;
}

}  // namespace ringside::testbench
