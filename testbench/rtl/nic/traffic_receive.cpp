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
    : card_(card), driver_(driver), random_(seed), plan_(plan) {
  const DriverSettings& s = driver.settings();
  rules = {s.mac_address, s.mac_hash, s.mac_control, s.max_frame};
  const size_t slot = kPage + kPage + plan.largest + kGuard;  // a page before, any offset, the buffer
  for (unsigned i = 0; i < 1u << s.rx_log2; ++i) free_slots_.push_back(driver.allocate(slot, kPage));
}

void ReceiveTraffic::add(Octets frame, unsigned gap, int error_at, unsigned preamble) {
  waiting_.push_back({std::move(frame), gap, error_at, preamble});
}

void ReceiveTraffic::turn() {
  driver_.look(0);
  regs::ReturnEntry entry;
  while (driver_.take(0, &entry)) check(entry);
  driver_.give_back(0);
  provide_some();
  while (send_one()) {
  }
}

void ReceiveTraffic::provide_some() {
  const uint32_t before = driver_.queue(0).rx_prod;
  while (!free_slots_.empty() && driver_.rx_room(0) > 0) {
    Buffer buffer{};
    buffer.slot = free_slots_.back();
    free_slots_.pop_back();
    buffer.length = static_cast<uint32_t>(random_.between(plan_.smallest, plan_.largest));
    buffer.address = buffer.slot + kPage + plan_.page_offset++ % kPage;
    buffer.opaque = next_opaque_++;
    buffer.usable = card_.host.cycle() + kDoorbellCycles;
    std::memset(card_.host.memory(buffer.address - kGuard, buffer.length + 2 * kGuard), kGuardOctet,
                buffer.length + 2 * kGuard);
    driver_.provide(0, buffer.address, static_cast<uint16_t>(buffer.length), buffer.opaque);
    posted_.push_back(buffer);
  }
  if (driver_.queue(0).rx_prod != before) driver_.ring_rx(0);
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
  size_t covered = 0, buffers = 0;
  while (covered < received.octets.size()) {
    if (buffers == posted_.size() || posted_[buffers].usable > card_.host.cycle()) return false;
    covered += posted_[buffers++].length;
  }
  size_t from = 0;
  for (size_t i = 0; i < buffers; ++i) {
    const size_t length = std::min<size_t>(posted_.front().length, received.octets.size() - from);
    expected_.push_back({posted_.front(), from, length, i == 0, i + 1 == buffers, frame});
    posted_.pop_front();
    from += length;
  }
  return true;
}

void ReceiveTraffic::check(const regs::ReturnEntry& entry) {
  if (expected_.empty()) return card_.verdicts.say("D7", "an entry that nobody waits for", entry.index, entry.length);
  const Entry want = expected_.front();
  expected_.pop_front();
  const Received& received = outcomes_[want.frame];
  if (entry.opaque != want.buffer.opaque) card_.verdicts.say("D9", "opaque", entry.opaque, want.buffer.opaque);
  if (entry.length != want.length) card_.verdicts.say("D11", "length", entry.length, want.length);
  const unsigned ends = entry.flags & (flags::kSop | flags::kEop);
  if (ends != (want.sop ? flags::kSop : 0u) + (want.eop ? flags::kEop : 0u))
    card_.verdicts.say("D11", "sop, eop", ends);
  if (want.eop) check_flags(entry, received);
  check_memory(want, received);
  if (want.eop) in_flight_ -= room_of(received.counted + 4);
  free_slots_.push_back(want.buffer.slot);
}

void ReceiveTraffic::check_flags(const regs::ReturnEntry& entry, const Received& received) {
  const unsigned seen = entry.flags & ~(flags::kSop | flags::kEop | flags::kTimestamp);
  if (seen != received.flags) card_.verdicts.say("D11", "flags, the model's", seen, received.flags);
  if (entry.raw_csum != received.raw_csum) card_.verdicts.say("D11", "raw_csum", entry.raw_csum, received.raw_csum);
  if (entry.frame_length != received.octets.size()) card_.verdicts.say("D11", "frame_length", entry.frame_length);
  if (received.flags & flags::kVlan && entry.vlan != received.vlan) card_.verdicts.say("D11", "vlan", entry.vlan);
  if (!(entry.flags & flags::kTimestamp)) return;
  if (entry.timestamp < last_time_ || entry.timestamp > card_.time_ps() / 1000)
    card_.verdicts.say("time", "stamps run back or ahead", entry.timestamp, last_time_);
  last_time_ = entry.timestamp;
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
