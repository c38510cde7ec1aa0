#include <algorithm>
#include <cstring>
#include <iterator>

#include "testbench/rtl/nic/model.h"
#include "testbench/rtl/nic/wire.h"

namespace ringside::testbench::nic {
namespace {

namespace flags = regs::return_flags;
using Id = regs::CounterId;
constexpr size_t kFcs = 4, kAddresses = 12, kShortest = 64;
constexpr uint8_t kTcpProtocol = 6, kUdpProtocol = 17;

bool is_tag(uint16_t type) {
  return type == 0x8100 || type == 0x88A8;
}

unsigned tags_of(const Octets& frame) {
  unsigned tags = 0;
  while (tags < 2 && frame.size() >= kAddresses + 4 * tags + 2 + kFcs && is_tag(be16(&frame[kAddresses + 4 * tags])))
    ++tags;
  return tags;
}

bool is_broadcast(const Octets& frame) {
  return std::all_of(frame.begin(), frame.begin() + 6, [](uint8_t octet) { return octet == 0xFF; });
}

bool passes_filter(const Octets& frame, const RxRules& rules) {
  using Control = regs::MacControl;
  const regs::Value<Control> control{rules.mac_control};
  if (control.test(Control::kPromiscuous)) return true;
  if (is_broadcast(frame)) return control.test(Control::kAcceptBroadcast);
  if (frame[0] & 1)
    return control.test(Control::kAcceptAllMulticast) || (rules.mac_hash >> (crc32(frame.data(), 6) >> 26) & 1);
  uint64_t address = 0;
  std::memcpy(&address, frame.data(), 6);
  return address == rules.mac_address;
}

// The transport protocol and where it starts, behind the extension headers of RFC 8200 section 4.
struct Transport {
  uint8_t protocol = 0;
  size_t start = 0;
  bool fragment = false;
};

Transport behind_ipv6(const Octets& f, size_t ip) {
  constexpr uint8_t kHopByHop = 0, kRouting = 43, kFragment = 44, kDestination = 60;
  Transport t{f[ip + 6], ip + 40, false};
  while (t.start + 8 <= f.size()) {
    if (t.protocol == kFragment) {
      t.fragment = t.fragment || (be16(&f[t.start + 2]) & 0xFFF9) != 0;
      t.protocol = f[t.start];
      t.start += 8;
    } else if (t.protocol == kHopByHop || t.protocol == kRouting || t.protocol == kDestination) {
      const uint8_t next = f[t.start];
      t.start += 8 + size_t{f[t.start + 1]} * 8;
      t.protocol = next;
    } else {
      break;
    }
  }
  return t;
}

void judge_transport(const Octets& f, const Transport& t, uint16_t addresses, size_t end, Received* r) {
  if (t.protocol != kTcpProtocol && t.protocol != kUdpProtocol) return;
  if (t.fragment) return;
  r->flags |= t.protocol == kTcpProtocol ? flags::kTcp : flags::kUdp;
  const bool ipv4 = r->flags & flags::kIpv4;
  if (t.protocol == kUdpProtocol && ipv4 && be16(&f[t.start + 6]) == 0) return;  // no checksum, RFC 768
  uint8_t rest[4] = {0, t.protocol};
  put_be16(rest + 2, static_cast<uint32_t>(end - t.start));
  r->flags |= flags::kL4Checked;
  const bool none = t.protocol == kUdpProtocol && be16(&f[t.start + 6]) == 0;  // forbidden over IPv6, RFC 8200 8.1
  if (!none && ones_sum(&f[t.start], end - t.start, ones_sum(rest, 4, addresses)) == 0xFFFF) r->flags |= flags::kL4Good;
}

void judge_ipv4(const Octets& f, size_t ip, Received* r) {
  const size_t header = size_t{f[ip] & 0xFu} * 4;
  r->flags |= flags::kIpv4 | flags::kIpChecked;
  if (ones_sum(&f[ip], header) == 0xFFFF) r->flags |= flags::kIpGood;
  Transport t{f[ip + 9], ip + header, (be16(&f[ip + 6]) & 0x3FFF) != 0};
  if (t.fragment) r->flags |= flags::kFragment;
  judge_transport(f, t, ones_sum(&f[ip + 12], 8), ip + be16(&f[ip + 2]), r);
}

void judge_ipv6(const Octets& f, size_t ip, Received* r) {
  r->flags |= flags::kIpv6;
  const Transport t = behind_ipv6(f, ip);
  if (t.fragment) r->flags |= flags::kFragment;
  judge_transport(f, t, ones_sum(&f[ip + 8], 32), ip + 40 + be16(&f[ip + 4]), r);
}

void judge_packet(const Octets& f, Received* r) {
  const size_t type = kAddresses + 4 * tags_of(f), ip = type + 2;
  if (is_broadcast(f))
    r->flags |= flags::kBroadcast;
  else if (f[0] & 1)
    r->flags |= flags::kMulticast;
  r->raw_csum = ones_sum(&f[14], f.size() - 14 - kFcs);
  if (be16(&f[type]) == 0x0800 && f.size() >= ip + 20 + kFcs) judge_ipv4(f, ip, r);
  if (be16(&f[type]) == 0x86DD && f.size() >= ip + 40 + kFcs) judge_ipv6(f, ip, r);
}

Received drop(Id reason) {
  Received received;
  received.drop = reason;
  return received;
}

Received fate(const Octets& frame, bool error, const RxRules& rules) {
  const bool good = fcs_good(frame.data(), frame.size());
  if (error) return drop(Id::kRxSymbolErrors);
  if (frame.size() < kShortest) return drop(good ? Id::kRxRunts : Id::kRxFragments);
  if (frame.size() > rules.max_frame + 4 * tags_of(frame)) return drop(good ? Id::kRxOversize : Id::kRxJabbers);
  if (!good) return drop(Id::kRxFcsErrors);
  if (!passes_filter(frame, rules)) return drop(Id::kRxFiltered);
  Received received;
  received.delivered = true;
  judge_packet(frame, &received);
  received.octets = frame;
  if (rules.mac_control & regs::MacControl::kStripFcs.mask()) received.octets.resize(frame.size() - kFcs);
  return received;
}

}  // namespace

Received judge(const Octets& frame, int error_at, const RxRules& rules) {
  Received received = fate(frame, error_at >= 0, rules);
  received.wire_octets = error_at >= 0 ? static_cast<size_t>(error_at) : frame.size();
  received.counted = frame.size() - std::min(frame.size(), kFcs);
  return received;
}

void count_size(size_t octets, Id smallest, Counters* counters) {
  constexpr size_t kAbove[] = {64, 127, 255, 511, 1023, 1518};  // RFC 2819, etherStatsPkts*
  if (octets < kShortest) return;
  const auto bin = std::lower_bound(std::begin(kAbove), std::end(kAbove), octets) - std::begin(kAbove);
  ++(*counters)[static_cast<size_t>(smallest) + static_cast<size_t>(bin)];
}

void count_received(const Received& received, Counters* counters) {
  ++at(counters, Id::kRxWireFrames);
  at(counters, Id::kRxWireOctets) += received.wire_octets;
  count_size(received.wire_octets, Id::kRxSize64, counters);
  if (!received.delivered) {
    ++at(counters, received.drop);
    return;
  }
  ++at(counters, Id::kRxFrames);
  at(counters, Id::kRxOctets) += received.counted;
  if (received.flags & flags::kBroadcast) ++at(counters, Id::kRxBroadcast);
  if (received.flags & flags::kMulticast) ++at(counters, Id::kRxMulticast);
  const bool bad_ip = (received.flags & flags::kIpChecked) && !(received.flags & flags::kIpGood);
  const bool bad_l4 = (received.flags & flags::kL4Checked) && !(received.flags & flags::kL4Good);
  if (bad_ip || bad_l4) ++at(counters, Id::kRxCsumBad);
}

}  // namespace ringside::testbench::nic
