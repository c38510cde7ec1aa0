#include <algorithm>
#include <cstring>

#include "testbench/rtl/nic/traffic.h"

namespace ringside::testbench::nic {
namespace {

namespace flags = regs::return_flags;
constexpr unsigned kPage = 4096, kGuard = 16;
constexpr uint8_t kGuardOctet = 0xA5;
// What a frame takes of the NIC's receive buffer at most: its beats, one begun, one of bookkeeping.
uint64_t room_of(size_t octets) {
  return (octets / 64 + 3) * 64;
}
constexpr unsigned kDoorbellCycles = 400;  // from the doorbell to when the NIC knows for sure

}  // namespace

ReceiveTraffic::ReceiveTraffic(Card& card, Driver& driver, uint64_t seed, const ReceivePlan& plan)
    : card_(card), driver_(driver), random_(seed), plan_(plan), lines_(plan.queues) {
  const DriverSettings& s = driver.settings();
  rules = {s.mac_address, s.mac_hash, s.mac_control, s.max_frame, s.rss, (1u << s.queues) - 1};
  const size_t slot = kPage + kPage + plan.largest + kGuard;  // a page before, any offset, the buffer
  for (Line& line : lines_)
    for (unsigned i = 0; i < 1u << s.rx_log2; ++i) line.free_slots.push_back(driver.allocate(slot, kPage));
}

void ReceiveTraffic::add(Octets frame, unsigned gap, int error_at, unsigned preamble, int first_offset) {
  if (first_offset >= 0) {
    const Received received = judge(frame, error_at, rules);
    for (size_t covered = 0; covered < received.octets.size();) {  // none when it is dropped
      const unsigned offset = covered == 0 ? static_cast<unsigned>(first_offset) : plan_.page_offset++ % kPage;
      lines_[received.queue].planned.push_back({offset, some_length()});
      covered += lines_[received.queue].planned.back().length;
    }
  }
  waiting_.push_back({std::move(frame), gap, error_at, preamble});
}

bool ReceiveTraffic::done() const {
  for (const Line& line : lines_)
    if (!line.expected.empty()) return false;
  return waiting_.empty() && !card_.wire.sending();
}

void ReceiveTraffic::turn() {
  for (unsigned queue = 0; queue < lines_.size(); ++queue) turn_of(queue);
  while (send_one()) {
  }
}

void ReceiveTraffic::turn_of(unsigned queue) {
  driver_.look(queue);
  regs::ReturnEntry entry;
  while (driver_.take(queue, &entry)) {
    if (on_entry) on_entry(queue, entry);
    check(entry, &lines_[queue]);
  }
  driver_.give_back(queue);
  provide_some(queue);
}

ReceiveTraffic::Place ReceiveTraffic::next_place(Line* line) {
  if (line->planned.empty()) return {plan_.page_offset++ % kPage, some_length()};
  const Place place = line->planned.front();
  line->planned.pop_front();
  return place;
}

void ReceiveTraffic::provide_some(unsigned queue) {
  Line& line = lines_[queue];
  const uint32_t before = driver_.queue(queue).rx_prod;
  while (!line.free_slots.empty() && driver_.rx_room(queue) > 0) {
    const Place place = next_place(&line);
    Buffer buffer{};
    buffer.slot = line.free_slots.back();
    line.free_slots.pop_back();
    buffer.length = place.length;
    buffer.address = buffer.slot + kPage + place.offset;
    buffer.opaque = next_opaque_++;
    buffer.usable = card_.host.cycle() + kDoorbellCycles;
    std::memset(card_.host.memory(buffer.address - kGuard, buffer.length + 2 * kGuard), kGuardOctet,
                buffer.length + 2 * kGuard);
    driver_.provide(queue, buffer.address, static_cast<uint16_t>(buffer.length), buffer.opaque);
    line.posted.push_back(buffer);
  }
  if (driver_.queue(queue).rx_prod != before) driver_.ring_rx(queue);
}

bool ReceiveTraffic::send_one() {
  if (waiting_.empty()) return false;
  const Frame& frame = waiting_.front();
  if (in_flight_ > 0 && in_flight_ + room_of(frame.octets.size()) > plan_.window) return false;
  const Received received = judge(frame.octets, frame.error_at, rules);
  if (received.delivered && !assign(received, outcomes_.size())) return false;
  if (received.delivered) in_flight_ += room_of(frame.octets.size());
  count_received(received, &expected);
  outcomes_.push_back(received);
  on_wire_.push_back(std::move(waiting_.front()));
  waiting_.pop_front();
  const Frame& sent = on_wire_.back();
  card_.wire.to_send.push_back(
      {sent.octets.data(), static_cast<uint32_t>(sent.octets.size()), sent.gap, sent.error_at, sent.preamble});
  ++wire_frames;
  while (on_wire_.size() > card_.wire.to_send.size() + 8) on_wire_.pop_front();  // long gone
  return true;
}

// The buffers a frame will use, in ring order; false when they are not there yet.
bool ReceiveTraffic::assign(const Received& received, size_t frame) {
  Line& line = lines_[received.queue];
  size_t covered = 0, buffers = 0;
  while (covered < received.octets.size()) {
    if (buffers == line.posted.size() || line.posted[buffers].usable > card_.host.cycle()) return false;
    covered += line.posted[buffers++].length;
  }
  size_t from = 0;
  for (size_t i = 0; i < buffers; ++i) {
    const size_t length = std::min<size_t>(line.posted.front().length, received.octets.size() - from);
    line.expected.push_back({line.posted.front(), from, length, i == 0, i + 1 == buffers, frame});
    line.posted.pop_front();
    from += length;
  }
  return true;
}

void ReceiveTraffic::check(const regs::ReturnEntry& entry, Line* line) {
  if (line->expected.empty())
    return card_.verdicts.say("D7", "an entry that nobody waits for", entry.index, entry.length);
  const Entry want = line->expected.front();
  line->expected.pop_front();
  const Received& received = outcomes_[want.frame];
  if (entry.opaque != want.buffer.opaque) card_.verdicts.say("D9", "opaque", entry.opaque, want.buffer.opaque);
  if (entry.length != want.length) card_.verdicts.say("D11", "length", entry.length, want.length);
  const unsigned ends = entry.flags & (flags::kSop | flags::kEop);
  if (ends != (want.sop ? flags::kSop : 0u) + (want.eop ? flags::kEop : 0u))
    card_.verdicts.say("D11", "sop, eop", ends);
  if (want.eop) check_flags(entry, received, line);
  check_memory(want, received);
  if (want.eop) in_flight_ -= room_of(received.wire_octets);
  line->free_slots.push_back(want.buffer.slot);
}

void ReceiveTraffic::check_flags(const regs::ReturnEntry& entry, const Received& received, Line* line) {
  const unsigned seen = entry.flags & ~(flags::kSop | flags::kEop | flags::kTimestamp);
  if (seen != received.flags) card_.verdicts.say("D11", "flags, the model's", seen, received.flags);
  if (entry.raw_csum != received.raw_csum) card_.verdicts.say("D11", "raw_csum", entry.raw_csum, received.raw_csum);
  if (entry.frame_length != received.octets.size()) card_.verdicts.say("D11", "frame_length", entry.frame_length);
  if (received.flags & flags::kVlan && entry.vlan != received.vlan) card_.verdicts.say("D11", "vlan", entry.vlan);
  if (received.flags & flags::kHash && entry.hash != received.hash)
    card_.verdicts.say("D11", "hash, the model's", entry.hash, received.hash);
  if (!(entry.flags & flags::kTimestamp)) return card_.verdicts.say("time", "no stamp", entry.index);
  if (entry.timestamp < line->last_time || entry.timestamp > card_.time_ps() / 1000)
    card_.verdicts.say("time", "stamps run back or ahead", entry.timestamp, line->last_time);
  line->last_time = entry.timestamp;
}

void ReceiveTraffic::check_memory(const Entry& want, const Received& received) {
  const uint8_t* at = card_.host.memory(want.buffer.address, want.length + kGuard);
  const auto differ = std::mismatch(at, at + want.length, received.octets.data() + want.from).first - at;
  if (static_cast<size_t>(differ) != want.length)
    card_.verdicts.say(
        "RX", "octet " + std::to_string(want.from + static_cast<size_t>(differ)) + " of a frame is wrong; frame, size",
        want.frame, received.octets.size());
  const auto is_guard = [](uint8_t octet) { return octet == kGuardOctet; };
  if (!std::all_of(at - kGuard, at, is_guard))
    card_.verdicts.say("D4", "written before the buffer", want.buffer.address);
  if (!std::all_of(at + want.length, at + want.length + kGuard, is_guard))
    card_.verdicts.say("D11", "written behind the returned length", want.buffer.address, want.length);
}

}  // namespace ringside::testbench::nic
