// Frames from memory to the wire, and pause: see check_frames.h.
#include <algorithm>
#include <cstdio>
#include <utility>

#include "sc_model/check_frames.h"

namespace ringside::sc_model {
namespace {

constexpr size_t kFcs = 4, kShortest = 60, kMostKept = 4096, kMostExpected = 1 << 14, kHead = 34;
constexpr TimePs kPauseReactPs = 10 * kPsPerUs;  // the frame in hand may be of 9018 octets at 10 Gb/s, and one behind it
constexpr TimePs kReceivedKeptPs = 5 * kPsPerMs;
// From the last fault ordered set on: packets of which the first segments were thrown away are being read still.
constexpr TimePs kFaultSettlesPs = 100 * kPsPerUs;
// From a packet's last octet read to its last on the wire: the whole packet memory before it at 10 Gb/s takes 26 us.
constexpr TimePs kLeavesWithinPs = 100 * kPsPerUs;

uint32_t big16(const uint8_t* p) { return static_cast<uint32_t>(p[0]) << 8 | p[1]; }

// 31B.1: destination, type and opcode of PAUSE.
bool is_pause(const uint8_t* octets, size_t length) {
  static constexpr uint8_t kTo[6] = {0x01, 0x80, 0xC2, 0x00, 0x00, 0x01};
  return length >= 18 && std::equal(kTo, kTo + 6, octets) && big16(octets + 12) == 0x8808 && big16(octets + 14) == 1;
}

bool same(const Octets& expected, const Octets& on_wire) {
  return on_wire.size() == expected.size() + kFcs && std::equal(expected.begin(), expected.end(), on_wire.begin());
}

}  // namespace

void FrameChecker::on_frame(const FrameEvent& event) {
  const bool mine = static_cast<int>(event.sender) == port_;
  if (port_ < 0 || mine == (event.stage == FrameStage::kDelivered)) return;
  if (!mine) came_ += receives_, last_came_ps_ = event.time_ps;
  if (!judging()) return;
  if (is_pause(event.bytes, event.length)) {
    if (!mine && event.fcs_good) on_pause(event);
    if (mine) return;  // the MAC's own
  }
  std::deque<Wire>& list = mine ? sent_ : received_;
  if (mine && event.time_ps > pause_from_ps_ && event.time_ps < pause_until_ps_)
    report("E9", Side::kDevice, event.time_ps, -1, "a frame while the other end has asked for a pause",
           Octets(event.bytes, event.bytes + event.length));
  while (!mine && !list.empty() &&
         (list.size() >= kMostKept || event.time_ps > list.front().time_ps + kReceivedKeptPs)) {
    spare_.push_back(std::move(list.front()));
    list.pop_front();
  }
  Wire wire;
  if (!spare_.empty()) wire = std::move(spare_.back()), spare_.pop_back();
  wire.time_ps = event.time_ps;
  wire.octets.assign(event.bytes, event.bytes + event.length);
  wire.framed_badly = event.error_character || !event.framed;
  wire.good = event.fcs_good;
  wire.taken = false;
  history_.add(event.time_ps, mine ? "frame of %llu octets sent" : "frame of %llu octets comes", event.length);
  list.push_back(std::move(wire));
  if (mine) match(event.time_ps);
}

// The NIC may have seen it already: it is told ahead of what the NIC reads, never behind.
void FrameChecker::on_link_fault(const LinkFaultEvent& event) {
  if (port_ < 0 || static_cast<int>(event.sender) == port_) return;
  if (event.time_ps >= link_fault_until_ps_) {
    history_.add(event.time_ps, "the link reports a fault");
    for (unsigned q = 0; q < kQueueSets; ++q) loosen(q);
  }
  link_fault_until_ps_ = event.time_ps + kFaultSettlesPs;
}

// E9: from then on no frame but pause frames starts, until the time is over.
void FrameChecker::on_pause(const FrameEvent& event) {
  const bool obeyed = (mac_control_ & map::MacControl::kPauseRx.mask()) != 0;
  const TimePs time = obeyed ? big16(event.bytes + 16) * quantum_ps_ : 0;
  history_.add(event.time_ps, "pause frame comes, %llu quanta", big16(event.bytes + 16));
  if (time == 0 || event.time_ps >= pause_until_ps_) pause_from_ps_ = event.time_ps + kPauseReactPs;
  pause_until_ps_ = event.time_ps + time;
}

void FrameChecker::packet_read(TimePs now, TimePs asked, unsigned queue, const PacketOrder& order,
                               const Octets& packet) {
  if (!judging()) return;
  history_.add(now, "packet of %llu octets read for queue %llu", packet.size(), queue);
  if (order.csum && !order.tso && (look_at(packet.data(), packet.size()).flags & map::return_flags::kFragment) != 0)
    report("C8", Side::kDriver, now, static_cast<int>(queue), "a checksum is asked for in a fragment", packet);
  // Segments may leave before the last octet is read; of a read that took so long the first are forgotten.
  const bool loose = now < link_fault_until_ps_ || now >= asked + kPatiencePs;
  std::deque<Expected>& list = loose ? loose_ : expected_[queue];
  const bool alternating = order.csum != last_csum_[queue];
  last_csum_[queue] = order.csum;
  std::vector<Octets> frames = order.legal() ? frames_of(order, packet) : std::vector<Octets>{packet};
  for (Octets& frame : frames) {
    if (frame.size() < kShortest) frame.resize(kShortest);
    list.push_back({asked, now, std::move(frame), order, alternating});
    if (list.size() > kMostExpected) list.pop_front();
  }
  if (!sent_.empty()) match(now);
}

// One span is kept: frames of before a new one are judged by the old one first.
void FrameChecker::excuse(TimePs from, TimePs now) {
  if (excused_until_ps_ == 0 || from > excused_until_ps_ + kPatiencePs) {
    match(from);
    excused_from_ps_ = from;
  }
  excused_until_ps_ = now;
}

void FrameChecker::forget(TimePs now, unsigned queue) {
  excuse(now, now);
  loosen(queue);
}

void FrameChecker::loosen(unsigned queue) {
  std::deque<Expected>& list = expected_[queue];
  std::move(list.begin(), list.end(), std::back_inserter(loose_));
  list.clear();
  while (loose_.size() > kMostKept) loose_.pop_front();
}

void FrameChecker::match(TimePs now) {
  for (auto it = sent_.begin(); it != sent_.end();) {
    const bool found = match_one(*it);
    if (!found && now < it->time_ps + kPatiencePs) {
      ++it;
      continue;
    }
    if (!found) judge_stranger(*it);
    spare_.push_back(std::move(*it));
    it = sent_.erase(it);
  }
}

bool FrameChecker::match_one(const Wire& wire) {
  if (wire.framed_badly) return true;  // given up on purpose: E13
  for (std::deque<Expected>& expected : expected_)
    if (match_in(expected, wire)) return true;
  const auto it = std::find_if(loose_.begin(), loose_.end(), [&](const Expected& e) { return is(e, wire); });
  if (it == loose_.end()) return false;
  loose_.erase(it);
  return true;
}

// What was asked for later it cannot be: of a packet that was given up, the first segments may have left, and what comes
// next in the ring, their repetition perhaps, has nothing to do with them.
bool FrameChecker::is(const Expected& e, const Wire& wire) {
  return e.asked_ps <= wire.time_ps && same(e.octets, wire.octets);
}

// The queue's next frame.
bool FrameChecker::match_in(std::deque<Expected>& expected, const Wire& wire) {
  if (expected.empty() || !is(expected.front(), wire)) return false;
  const Expected& e = expected.front();
  if (!e.order.legal())
    report("C11", Side::kDevice, wire.time_ps, -1, "a packet whose checksum field lies behind its end was sent", wire.octets);
  expected.pop_front();
  return true;
}

// A frame that is no queue's next one: nearly one, a later one, or none at all.
void FrameChecker::judge_stranger(const Wire& wire) {
  for (unsigned q = 0; q < kQueueSets; ++q) {
    std::deque<Expected>& list = expected_[q];
    const auto later = std::find_if(list.begin(), list.end(), [&](const Expected& e) { return is(e, wire); });
    if (later != list.end()) {
      report("D17", Side::kDevice, wire.time_ps, static_cast<int>(q),
             std::to_string(later - list.begin()) + " frames before it never left", wire.octets);
      list.erase(list.begin(), later + 1);
      return;
    }
    if (list.empty() || list.front().asked_ps > wire.time_ps || wire.octets.size() < kHead ||
        !std::equal(wire.octets.begin(), wire.octets.begin() + 12, list.front().octets.begin()) ||
        wire.octets.size() != list.front().octets.size() + kFcs)
      continue;
    const Expected e = std::move(list.front());
    list.pop_front();
    return report(rule_of_difference(e, wire.octets), Side::kDevice, wire.time_ps, static_cast<int>(q),
                  "the frame is not what was asked for", wire.octets);
  }
  if (excused(wire.time_ps)) return;
  report("E12", Side::kDevice, wire.time_ps, -1, "a frame that nobody asked for", wire.octets);
}

// What is left when all is over has no later frame that would give it away. A pause holds frames back rightly.
void FrameChecker::audit_sent(TimePs now, TimePs counted_from_ps) {
  if (!judging() || pause_until_ps_ + kLeavesWithinPs > counted_from_ps) return;
  match(now);
  for (unsigned q = 0; q < kQueueSets; ++q) {
    if (expected_[q].empty()) continue;
    const Expected& e = expected_[q].front();
    if (!e.order.legal() || e.read_ps + kLeavesWithinPs > counted_from_ps) continue;
    report("D17", Side::kDevice, now, static_cast<int>(q),
           "read at " + std::to_string(e.read_ps / kPsPerNs) + " ns, never left, nor did anything behind it", e.octets);
  }
}

// What differs, and what is special in the packet.
std::string FrameChecker::rule_of_difference(const Expected& e, const Octets& octets) const {
  const size_t length = e.octets.size(), tag = e.order.vlan ? 4 : 0;
  const size_t first = static_cast<size_t>(
      std::mismatch(e.octets.begin(), e.octets.end(), octets.begin()).first - e.octets.begin());
  size_t last = length;
  while (last > first + 1 && e.octets[last - 1] == octets[last - 1]) --last;
  if (first >= e.order.octets + tag) return "E2";
  const PacketLook look = look_at(e.octets.data(), length);
  const size_t field = e.order.csum_start + e.order.csum_offset + tag;
  if (e.order.vlan && first >= 12 && last <= 16) return "C6";
  if (!e.order.csum) return look.other ? "C14" : e.alternating ? "C15" : "E12";
  if (first < field || last > field + 2) return "E12";
  if (look.zero_or_ones && e.order.csum_offset == 6) return "C1";
  if (e.order.csum_start + e.order.csum_offset + 2 == e.order.octets) return "C11";
  if (look.padded) return "C5";
  if (e.order.vlan || look.tags != 0) return "C6";
  if (look.options) return "C7";
  if (look.extensions) return "C9";
  if (look.odd) return "C4";
  if (e.order.descriptors > 1) return "C13";
  return e.alternating ? "C15" : "C10";
}

void FrameChecker::report(const std::string& rule, Side side, TimePs now, int queue, const std::string& why,
                          const Octets& frame) {
  std::string head;
  for (size_t i = 0; i < std::min<size_t>(frame.size(), kHead); ++i) {
    char octet[4];
    std::snprintf(octet, sizeof octet, "%02x", frame[i]);
    head += octet;
  }
  log_.report({rule, side, now, object_ + (queue >= 0 ? " queue " + std::to_string(queue) : std::string(" port")),
               why + ": " + std::to_string(frame.size()) + " octets, " + head + "..", history_.text()});
}

}  // namespace ringside::sc_model
