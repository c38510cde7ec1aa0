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

// The transport protocol and where it starts, behind the extension headers of RFC 8200 section 4 and RFC 4302.
struct Transport {
  uint8_t protocol = 0;
  size_t start = 0;
  bool fragment = false, extended = false;  // behind an extension header of IPv6
};

Transport behind_ipv6(const Octets& f, size_t ip) {
  constexpr uint8_t kHopByHop = 0, kFragment = 44, kAuthentication = 51, kDestination = 60;
  Transport t{f[ip + 6], ip + 40, false, false};
  for (; t.start + 8 <= f.size(); t.extended = true) {
    const size_t at = t.start;
    if (t.protocol == kFragment) {
      t.fragment = t.fragment || (be16(&f[at + 2]) & 0xFFF9) != 0;
      t.start += 8;
    } else if (t.protocol == kHopByHop || t.protocol == kDestination) {
      t.start += 8 + size_t{f[at + 1]} * 8;
    } else if (t.protocol == kAuthentication) {
      t.start += 8 + size_t{f[at + 1]} * 4;
    } else {
      break;
    }
    t.protocol = f[at];
  }
  return t;
}

// Section 10, spreading: what is hashed, empty when nothing is.
Octets hash_input(const Octets& f, size_t ip, const Transport& t, bool ipv6, const RxRules& rules) {
  using Control = regs::RssControl;
  const regs::Value<Control> types{rules.rss.control};
  if (!types.test(Control::kEnable)) return {};
  const bool tcp = types.test(ipv6 ? Control::kTcpIpv6 : Control::kTcpIpv4) && t.protocol == kTcpProtocol;
  const bool udp = types.test(ipv6 ? Control::kUdpIpv6 : Control::kUdpIpv4) && t.protocol == kUdpProtocol;
  const bool ports = (tcp || udp) && !t.fragment && !t.extended && t.start + 4 + kFcs <= f.size();
  if (!ports && !types.test(ipv6 ? Control::kIpv6 : Control::kIpv4)) return {};
  const auto from = f.begin() + static_cast<std::ptrdiff_t>(ipv6 ? ip + 8 : ip + 12);
  Octets input(from, from + (ipv6 ? 32 : 8));
  const auto l4 = f.begin() + static_cast<std::ptrdiff_t>(t.start);
  if (ports) input.insert(input.end(), l4, l4 + 4);
  return input;
}

void spread(const Octets& f, size_t ip, const Transport& t, bool ipv6, const RxRules& rules, Received* r) {
  const Octets input = hash_input(f, ip, t, ipv6, rules);
  if (input.empty()) return;
  r->flags |= flags::kHash;
  r->hash = toeplitz(rules.rss.key, input);
  r->queue = rules.rss.table[r->hash % rules.rss.table.size()];
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

void judge_ipv4(const Octets& f, size_t ip, const RxRules& rules, Received* r) {
  const size_t header = size_t{f[ip] & 0xFu} * 4;
  r->flags |= flags::kIpv4 | flags::kIpChecked;
  if (ones_sum(&f[ip], header) == 0xFFFF) r->flags |= flags::kIpGood;
  const Transport t{f[ip + 9], ip + header, (be16(&f[ip + 6]) & 0x3FFF) != 0, false};
  if (t.fragment) r->flags |= flags::kFragment;
  judge_transport(f, t, ones_sum(&f[ip + 12], 8), ip + be16(&f[ip + 2]), r);
  spread(f, ip, t, false, rules, r);
}

void judge_ipv6(const Octets& f, size_t ip, const RxRules& rules, Received* r) {
  r->flags |= flags::kIpv6;
  const Transport t = behind_ipv6(f, ip);
  if (t.fragment) r->flags |= flags::kFragment;
  judge_transport(f, t, ones_sum(&f[ip + 8], 32), ip + 40 + be16(&f[ip + 4]), r);
  spread(f, ip, t, true, rules, r);
}

void judge_packet(const Octets& f, const RxRules& rules, Received* r) {
  const size_t type = kAddresses + 4 * tags_of(f), ip = type + 2;
  if (is_broadcast(f))
    r->flags |= flags::kBroadcast;
  else if (f[0] & 1)
    r->flags |= flags::kMulticast;
  const unsigned version = f[ip] >> 4;
  if (be16(&f[type]) == 0x0800 && f.size() >= ip + 20 + kFcs && version == 4) judge_ipv4(f, ip, rules, r);
  if (be16(&f[type]) == 0x86DD && f.size() >= ip + 40 + kFcs && version == 6) judge_ipv6(f, ip, rules, r);
}

// Section 10, vlan_strip: the outer tag goes, if it is an 0x8100.
void strip_tag(Received* r) {
  if (be16(&r->octets[kAddresses]) != 0x8100) return;
  r->flags |= flags::kVlan;
  r->vlan = be16(&r->octets[kAddresses + 2]);
  const auto tag = r->octets.begin() + kAddresses;
  r->octets.erase(tag, tag + 4);
}

Received drop(Id reason) {
  Received received;
  received.drop = reason;
  return received;
}

// Section 10, pause: taken out when it is obeyed. IEEE 802.3 annex 31A and 31B: to the group address or our own.
bool is_pause(const Octets& frame, const RxRules& rules) {
  constexpr uint8_t kGroup[6] = {0x01, 0x80, 0xC2, 0x00, 0x00, 0x01};
  if (!(rules.mac_control & regs::MacControl::kPauseRx.mask())) return false;
  uint64_t address = 0;
  std::memcpy(&address, frame.data(), 6);
  const bool to_us = std::equal(kGroup, kGroup + 6, frame.begin()) || address == rules.mac_address;
  return to_us && be16(&frame[12]) == 0x8808 && be16(&frame[14]) == 1;
}

Received fate(const Octets& frame, bool error, const RxRules& rules) {
  const bool good = fcs_good(frame.data(), frame.size());
  if (error) return drop(Id::kRxSymbolErrors);
  if (frame.size() < kShortest) return drop(good ? Id::kRxRunts : Id::kRxFragments);
  if (frame.size() > rules.max_frame + 4 * tags_of(frame)) return drop(good ? Id::kRxOversize : Id::kRxJabbers);
  if (!good) return drop(Id::kRxFcsErrors);
  if (is_pause(frame, rules)) return drop(Id::kRxPause);
  if (!passes_filter(frame, rules)) return drop(Id::kRxFiltered);
  Received received;
  judge_packet(frame, rules, &received);
  if (!(rules.queues_on >> received.queue & 1)) return drop(Id::kRxDisabled);
  received.delivered = true;
  received.octets = frame;
  if (rules.mac_control & regs::MacControl::kVlanStrip.mask()) strip_tag(&received);
  received.counted = received.octets.size() - kFcs;
  received.raw_csum = ones_sum(&received.octets[14], received.counted - 14);
  if (rules.mac_control & regs::MacControl::kStripFcs.mask()) received.octets.resize(received.counted);
  return received;
}

}  // namespace

// Each bit of the input that is one adds the 32 bits of the key that begin at its place.
uint32_t toeplitz(const std::array<uint8_t, 40>& key, const Octets& input) {
  uint32_t hash = 0, window = uint32_t{key[0]} << 24 | uint32_t{key[1]} << 16 | uint32_t{key[2]} << 8 | key[3];
  for (size_t bit = 0; bit < input.size() * 8; ++bit) {
    if (input[bit / 8] >> (7 - bit % 8) & 1) hash ^= window;
    const size_t next = bit + 32;
    window = window << 1 | (next < 320 ? key[next / 8] >> (7 - next % 8) & 1u : 0u);
  }
  return hash;
}

Received judge(const Octets& frame, int error_at, const RxRules& rules) {
  Received received = fate(frame, error_at >= 0, rules);
  received.wire_octets = error_at >= 0 ? static_cast<size_t>(error_at) : frame.size();
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
