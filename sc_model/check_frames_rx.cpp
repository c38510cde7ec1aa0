// Frames from the wire to memory: see check_frames.h.
#include <algorithm>
#include <utility>

#include "sc_model/check_frames.h"
#include "sc_model/frame_decoder.h"

namespace ringside::sc_model {
namespace {

namespace flag = map::return_flags;

constexpr size_t kFcs = 4, kMinimum = 64, kTag = 4, kHead = 40;
// From a frame's first octet to its count: 9018 octets at 10 Gb/s, and the way to memory when it is busy.
constexpr TimePs kThroughNicPs = 50 * kPsPerUs;
constexpr uint16_t kVerdict = flag::kIpChecked | flag::kIpGood | flag::kL4Checked | flag::kL4Good | flag::kIpv4 |
                              flag::kIpv6 | flag::kTcp | flag::kUdp | flag::kFragment;

bool starts_with(const Octets& octets, const Octets& head, size_t count) {
  return octets.size() >= count && std::equal(head.begin(), head.begin() + static_cast<std::ptrdiff_t>(count), octets.begin());
}

// The rule under which a wrong verdict on such a packet is filed.
const char* rule_of(const PacketLook& look, uint16_t must, bool sticky) {
  if ((must & flag::kFragment) != 0) return "C8";
  if (look.udp_none) return "C2";
  if (look.zero_or_ones) return "C3";
  if (look.padded) return "C5";
  if (look.trailer || look.cut) return "C12";
  if (look.tags != 0) return "C6";
  if (look.options) return "C7";
  if (look.extensions) return "C9";
  if (look.other) return "C14";
  if (look.odd) return "C4";
  return sticky ? "C15" : "D11";
}

}  // namespace

FrameChecker::FrameChecker(std::string object, ViolationLog& log) : object_(std::move(object)), log_(log) { reset(0); }

void FrameChecker::set_port(unsigned port, unsigned gigabits_per_s) {
  port_ = static_cast<int>(port);
  quantum_ps_ = 512 * 1000 / gigabits_per_s;
}

void FrameChecker::reset(TimePs now) {
  mac_control_ = map::MacControl::kResetValue;
  max_frame_ = map::MaxFrame::kResetValue;
  mac_address_ = mac_hash_ = 0;
  loopback_ = false;
  pause_from_ps_ = kNever;
  pause_until_ps_ = 0;
  counters_whole_ = came_ == 0;
  receives_ = false;
  for (unsigned q = 0; q < kQueueSets; ++q) forget(now, q);
}

void FrameChecker::on_register(TimePs now, uint32_t offset, uint32_t value) {
  switch (offset) {
    case map::MacControl::address():
      mac_control_ = value;
      set_loopback(now, (value & map::MacControl::kLoopback.mask()) != 0);
      if ((value & map::MacControl::kPauseRx.mask()) == 0) pause_until_ps_ = std::min(pause_until_ps_, now);
      break;
    case map::Control::address(): set_receive(now, (value & map::Control::kRxEnable.mask()) != 0); break;
    case map::MaxFrame::address(): max_frame_ = value; break;
    case map::MacAddr::address(): mac_address_ = with_half(mac_address_, false, value); break;
    case map::MacAddr::address() + 4: mac_address_ = with_half(mac_address_, true, value); break;
    case map::MacHash::address(): mac_hash_ = with_half(mac_hash_, false, value); break;
    case map::MacHash::address() + 4: mac_hash_ = with_half(mac_hash_, true, value); break;
    default: break;
  }
}

// What is on its way when it changes may go either way.
void FrameChecker::set_loopback(TimePs now, bool on) {
  if (on == loopback_) return;
  loopback_ = on;
  for (unsigned q = 0; q < kQueueSets; ++q) forget(now, q);
}

// A frame that is on its way just then may be accounted for or not.
void FrameChecker::set_receive(TimePs now, bool on) {
  if (on == receives_) return;
  receives_ = on;
  if (last_came_ps_ != 0 && last_came_ps_ + kThroughNicPs > now) counters_whole_ = false;
}

// The frame on the wire that these octets are, without FCS: a good one, if there is one.
FrameChecker::Wire* FrameChecker::find(const Octets& octets) {
  Wire* bad = nullptr;
  for (Wire& wire : received_) {
    if (wire.taken || wire.octets.size() != octets.size() + kFcs) continue;
    if (!starts_with(wire.octets, octets, octets.size())) continue;
    if (wire.good && !wire.framed_badly) return &wire;
    if (bad == nullptr) bad = &wire;
  }
  return bad;
}

const FrameChecker::Wire* FrameChecker::find_head(const Octets& octets) const {
  const size_t count = std::min(octets.size(), kHead);
  for (const Wire& wire : received_)
    if (starts_with(wire.octets, octets, count)) return &wire;
  return nullptr;
}

void FrameChecker::frame_returned(TimePs now, unsigned queue, const map::ReturnEntry& entry, const Octets& delivered) {
  history_.add(now, "frame of %llu octets returned by queue %llu, flags 0x%llx", delivered.size(), queue, entry.flags);
  if (!judging()) return;
  const bool with_fcs = (mac_control_ & map::MacControl::kStripFcs.mask()) == 0 && delivered.size() > kFcs;
  Octets& frame = frame_;
  frame.assign(delivered.begin(), delivered.end() - (with_fcs ? kFcs : 0));
  const bool stripped = (entry.flags & flag::kVlan) != 0 && frame.size() > 12;
  const uint8_t tag[kTag] = {0x81, 0x00, static_cast<uint8_t>(entry.vlan >> 8), static_cast<uint8_t>(entry.vlan)};
  Octets& on_wire = on_wire_;
  on_wire = frame;
  if (stripped) on_wire.insert(on_wire.begin() + 12, tag, tag + kTag);
  Wire* wire = find(on_wire);
  if (wire == nullptr && excused(now)) return;
  if (wire == nullptr) {
    const Wire* head = find_head(on_wire);
    const char* rule = head == nullptr ? "E12" : head->octets.size() == on_wire.size() + kFcs ? "E12" : "E8";
    return report(stripped && head == nullptr ? "C6" : rule, Side::kDevice, now, static_cast<int>(queue),
                  rule[1] == '8' ? "only a part of a frame was delivered" : "no such frame came on the wire", on_wire);
  }
  const PacketLook look = look_at(wire->octets.data(), wire->octets.size() - kFcs);
  judge_source(now, queue, *wire, look);
  judge_verdict(now, queue, entry, *wire, look);
  wire->taken = true;
  while (!received_.empty() && received_.front().taken) {
    spare_.push_back(std::move(received_.front()));
    received_.pop_front();
  }
}

void FrameChecker::audit(TimePs now, TimePs counted_from_ps, uint64_t counted) {
  audit_sent(now, counted_from_ps);
  if (port_ < 0 || !counters_whole_ || came_ == counted || last_came_ps_ + kThroughNicPs > counted_from_ps) return;
  report("D17", Side::kDevice, now, -1,
         std::to_string(came_) + " frames came on the wire, the NIC counts " + std::to_string(counted) +
             " delivered or dropped",
         received_.empty() ? Octets{} : received_.back().octets);
}

// A frame that should never have been delivered.
void FrameChecker::judge_source(TimePs now, unsigned queue, const Wire& wire, const PacketLook& look) {
  const int q = static_cast<int>(queue);
  if (wire.octets.size() < kMinimum) return report("E6", Side::kDevice, now, q, "a runt was delivered", wire.octets);
  if (wire.framed_badly) return report("E7", Side::kDevice, now, q, "delivered with a framing error", wire.octets);
  if (!wire.good) return report("E7", Side::kDevice, now, q, "delivered with a wrong FCS", wire.octets);
  if (wire.octets.size() > max_frame_ + kTag * look.tags)
    return report("E5", Side::kDevice, now, q, "longer than MAX_FRAME, and delivered", wire.octets);
  if (!passes_filter(wire.octets)) report("E11", Side::kDevice, now, q, "delivered past the address filter", wire.octets);
}

bool FrameChecker::passes_filter(const Octets& octets) const {
  const auto set = [this](auto field) { return (mac_control_ & field.mask()) != 0; };
  if (set(map::MacControl::kPromiscuous)) return true;
  if (std::all_of(octets.begin(), octets.begin() + 6, [](uint8_t o) { return o == 0xFF; }))
    return set(map::MacControl::kAcceptBroadcast);
  if ((octets[0] & 1) != 0)
    return set(map::MacControl::kAcceptAllMulticast) || (mac_hash_ >> (crc32(octets.data(), 6) >> 26) & 1) != 0;
  uint64_t address = 0;
  std::memcpy(&address, octets.data(), 6);
  return address == (mac_address_ & 0xFFFF'FFFF'FFFF);
}

void FrameChecker::judge_verdict(TimePs now, unsigned queue, const map::ReturnEntry& entry, const Wire& wire,
                                 const PacketLook& look) {
  const int q = static_cast<int>(queue);
  const uint16_t is = entry.flags & kVerdict;
  const uint32_t sum = internet_sum(frame_.data() + 14, frame_.size() - 14);
  const bool outer = wire.octets[12] == 0x81 && wire.octets[13] == 0x00;
  const bool strips = (mac_control_ & map::MacControl::kVlanStrip.mask()) != 0 && outer;
  if (is != look.flags) {
    const bool sticky = is == last_flags_[queue];
    report(rule_of(look, look.flags, sticky), Side::kDevice, now, q,
           "flags " + std::to_string(is) + " instead of " + std::to_string(look.flags), wire.octets);
  } else if (entry.raw_csum != sum) {
    report(look.padded ? "C5" : "C10", Side::kDevice, now, q,
           "raw_csum " + std::to_string(entry.raw_csum) + " instead of " + std::to_string(sum), wire.octets);
  } else if (strips != ((entry.flags & flag::kVlan) != 0)) {
    report("C6", Side::kDevice, now, q, "the outer tag is to be stripped, and was not, or the reverse", wire.octets);
  }
  last_flags_[queue] = look.flags;
}

}  // namespace ringside::sc_model
