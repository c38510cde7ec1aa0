#include "sc_model/packet_reference.h"

#include <algorithm>
#include <cstring>

namespace ringside::sc_model {
namespace {

namespace flag = map::return_flags;

constexpr size_t kEthernet = 14, kIpv6 = 40, kTagBytes = 4;
constexpr unsigned kTcp = 6, kUdp = 17, kFragmentHeader = 44, kAuthentication = 51;

uint32_t get16(const uint8_t* p) { return static_cast<uint32_t>(p[0]) << 8 | p[1]; }
void put16(uint8_t* p, uint32_t value) {
  p[0] = static_cast<uint8_t>(value >> 8);
  p[1] = static_cast<uint8_t>(value);
}
uint32_t get32(const uint8_t* p) { return get16(p) << 16 | get16(p + 2); }
void put32(uint8_t* p, uint32_t value) {
  put16(p, value >> 16);
  put16(p + 2, value & 0xFFFF);
}

uint32_t fold(uint64_t sum) {
  while (sum >> 16 != 0) sum = (sum & 0xFFFF) + (sum >> 16);
  return static_cast<uint32_t>(sum);
}

bool extension(unsigned next) { return next == 0 || next == 60 || next == kAuthentication || next == kFragmentHeader; }

// The frame and where its layer 4 lies, while it is looked at.
struct Walk {
  const uint8_t* f;
  size_t length;
  PacketLook& look;

  // [l4, end) with protocol and pseudo header's sum of addresses; `whole`: it lies in the frame.
  void layer4(unsigned proto, size_t l4, size_t end, uint32_t addresses, bool v4, bool whole) const {
    look.flags |= proto == kTcp ? flag::kTcp : proto == kUdp ? flag::kUdp : uint16_t{0};
    look.other = proto != kTcp && proto != kUdp;
    if (look.other || !whole || l4 > end || end - l4 < (proto == kTcp ? 20u : 8u)) return;
    const uint32_t field = get16(f + l4 + (proto == kTcp ? 16 : 6));
    look.options = look.options || (proto == kTcp && f[l4 + 12] >> 4 > 5);
    look.zero_or_ones = field == 0 || field == 0xFFFF;
    look.udp_none = proto == kUdp && field == 0;
    look.odd = (end - l4) % 2 != 0;
    if (proto == kUdp && (get16(f + l4 + 4) != end - l4 || (look.udp_none && v4))) return;
    look.flags |= flag::kL4Checked;
    const uint64_t sum = uint64_t{addresses} + proto + (end - l4) + internet_sum(f + l4, end - l4);
    if (fold(sum) == 0xFFFF && !look.udp_none) look.flags |= flag::kL4Good;
  }

  void ends_at(size_t end) const {
    look.cut = end > length;
    look.padded = end < length && length <= 60;
    look.trailer = end < length && length > 60;
  }

  void ipv4(size_t ip) const {
    const size_t header = size_t{4} * (f[ip] & 15), l4 = ip + header, end = ip + get16(f + ip + 2);
    look.options = header > 20;
    ends_at(end);
    look.flags |= flag::kIpv4 | flag::kIpChecked;
    if (internet_sum(f + ip, header) == 0xFFFF) look.flags |= flag::kIpGood;
    if ((get16(f + ip + 6) & 0x3FFF) != 0) {
      look.flags |= flag::kFragment;
      return;
    }
    layer4(f[ip + 9], l4, end, internet_sum(f + ip + 12, 8), true, end >= l4 && end <= length);
  }

  void ipv6(size_t ip) const {
    const size_t payload = get16(f + ip + 4), end = ip + kIpv6 + payload;
    const bool whole = payload != 0 && end <= length;
    look.flags |= flag::kIpv6;
    ends_at(end);
    size_t l4 = ip + kIpv6;
    unsigned next = f[ip + 6];
    for (int n = 0; extension(next); ++n) {
      look.extensions = true;
      if (!whole || l4 + 8 > end || n == 8) return;
      if (next == kFragmentHeader) {
        look.flags |= flag::kFragment;
        return;
      }
      const size_t bytes = next == kAuthentication ? size_t{4} * (f[l4 + 1] + 2u) : size_t{8} * (f[l4 + 1] + 1u);
      next = f[l4];
      l4 += bytes;
    }
    layer4(next, l4, end, internet_sum(f + ip + 8, 32), false, whole);
  }
};

// ---------------------------------------------------------------- segmentation

void finish_segment(Octets& f, const PacketOrder& order, uint32_t number, bool last) {
  uint8_t* ip = f.data() + order.ip_start;
  uint8_t* tcp = f.data() + order.csum_start;
  const auto length = static_cast<uint32_t>(f.size());
  const bool v6 = ip[0] >> 4 == 6;
  if (v6) {
    put16(ip + 4, length - order.ip_start - kIpv6);
  } else {
    put16(ip + 2, length - order.ip_start);
    put16(ip + 4, get16(ip + 4) + number);
    put16(ip + 10, 0);
    put16(ip + 10, ~internet_sum(ip, order.csum_start - order.ip_start));
  }
  put32(tcp + 4, get32(tcp + 4) + number * order.mss);
  if (number != 0) tcp[13] &= 0x7F;  // CWR goes with the first segment
  if (!last) tcp[13] &= 0xF6;        // PSH and FIN with the last
  put16(tcp + 16, 0);
  const uint64_t pseudo = uint64_t{v6 ? internet_sum(ip + 8, 32) : internet_sum(ip + 12, 8)} + kTcp;
  put16(tcp + 16, ~fold(pseudo + length - order.csum_start + internet_sum(tcp, length - order.csum_start)));
}

std::vector<Octets> segments_of(const PacketOrder& order, const Octets& packet) {
  std::vector<Octets> frames;
  for (size_t at = order.header_length; at < packet.size(); at += order.mss) {
    const size_t end = std::min(packet.size(), at + order.mss);
    Octets frame(packet.begin(), packet.begin() + order.header_length);
    frame.insert(frame.end(), packet.begin() + static_cast<std::ptrdiff_t>(at),
                 packet.begin() + static_cast<std::ptrdiff_t>(end));
    finish_segment(frame, order, static_cast<uint32_t>(frames.size()), end == packet.size());
    frames.push_back(std::move(frame));
  }
  return frames;
}

}  // namespace

// Eight octets at a time in the CPU's order: the sum does not mind which way round, as long as the end is turned.
uint32_t internet_sum(const uint8_t* octets, size_t count) {
  uint64_t sum = 0, carries = 0;
  size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    uint64_t word;
    std::memcpy(&word, octets + i, 8);
    sum += word;
    carries += sum < word;
  }
  uint64_t last = 0;
  if (i < count) std::memcpy(&last, octets + i, count - i);
  sum += last;
  carries += sum < last;
  const uint64_t halves = (sum & 0xFFFFFFFF) + (sum >> 32) + carries;
  const uint32_t little = fold((halves & 0xFFFFFFFF) + (halves >> 32));
  return (little & 0xFF) << 8 | little >> 8;
}

PacketLook look_at(const uint8_t* frame, size_t length) {
  PacketLook look;
  size_t ip = kEthernet;
  while (look.tags < 2 && ip + kTagBytes <= length &&
         (get16(frame + ip - 2) == 0x8100 || get16(frame + ip - 2) == 0x88A8)) {
    ip += kTagBytes;
    ++look.tags;
  }
  if (ip + 20 > length) return look;
  const Walk walk{frame, length, look};
  const unsigned type = get16(frame + ip - 2), version = frame[ip] >> 4, header = (frame[ip] & 15) * 4;
  if (type == 0x0800 && version == 4 && header >= 20 && ip + header <= length) walk.ipv4(ip);
  if (type == 0x86DD && version == 6 && ip + kIpv6 <= length) walk.ipv6(ip);
  return look;
}

bool PacketOrder::legal() const { return !csum || csum_start + csum_offset + 2 <= octets; }

std::vector<Octets> frames_of(const PacketOrder& order, const Octets& packet) {
  std::vector<Octets> frames;
  if (order.tso) frames = segments_of(order, packet);
  else frames.push_back(packet);
  if (order.csum && !order.tso) {
    const uint32_t sum = ~internet_sum(packet.data() + order.csum_start, packet.size() - order.csum_start) & 0xFFFF;
    const bool udp = order.csum_offset == 6;  // RFC 768: 0 would mean that there is none
    put16(frames[0].data() + order.csum_start + order.csum_offset, sum == 0 && udp ? 0xFFFF : sum);
  }
  const uint8_t tag[kTagBytes] = {0x81, 0x00, static_cast<uint8_t>(order.tci >> 8), static_cast<uint8_t>(order.tci)};
  for (Octets& frame : frames)
    if (order.vlan) frame.insert(frame.begin() + 12, tag, tag + kTagBytes);
  return frames;
}

}  // namespace ringside::sc_model
