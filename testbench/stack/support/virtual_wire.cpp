#include "testbench/stack/support/virtual_wire.h"

#include <algorithm>
#include <utility>

#include "stack/checksum.h"
#include "stack/tcp_wire.h"
#include "stack/wire_bytes.h"

namespace ringside::testbench {

void Simulation::at(uint64_t time_ns, std::function<void()> event) {
  events_.emplace(std::make_pair(std::max(time_ns, now_ns_), scheduled_++), std::move(event));
}

void Simulation::remove_stack(Stack* stack) {
  stacks_.erase(std::remove(stacks_.begin(), stacks_.end(), stack), stacks_.end());
}

bool Simulation::step(uint64_t limit_ns) {
  uint64_t next = events_.empty() ? kNever : events_.begin()->first.first;
  Stack* due = nullptr;
  for (Stack* stack : stacks_) {
    if (stack->next_deadline_ns() < next) {
      next = stack->next_deadline_ns();
      due = stack;
    }
  }
  if (next > limit_ns) {
    now_ns_ = std::max(now_ns_, limit_ns);
    return false;
  }
  now_ns_ = std::max(now_ns_, next);
  if (due) {
    due->poll();
    return true;
  }
  auto event = std::move(events_.begin()->second);
  events_.erase(events_.begin());
  event();
  return true;
}

void Simulation::run_to(uint64_t time_ns) {
  while (step(time_ns)) {
  }
}

bool Simulation::run_until(const std::function<bool()>& condition, uint64_t limit_ns) {
  const uint64_t end = now_ns_ + limit_ns;
  while (!condition()) {
    if (!step(end)) return condition();
  }
  return true;
}

WireDevice::WireDevice(Simulation& simulation, MacAddress mac, uint32_t mtu, DeviceFeatures features)
    : receive_pool(4096, 9216), simulation_(simulation), mac_(mac), mtu_(mtu), features_(features) {}

TxResult WireDevice::transmit(Packet& packet, bool more) {
  if (busy_) return TxResult::kBusy;
  unflushed = more ? unflushed + 1 : 0;
  if (on_transmit) on_transmit(packet);
  Packet taken = std::move(packet);
  if (hold) {
    held.push_back(std::move(taken));
  } else if (wire) {
    for (auto& frame : to_frames(taken)) wire->send(side, std::move(frame));
  }
  return TxResult::kSent;
}

void WireDevice::deliver(const std::vector<uint8_t>& frame) {
  if (!client_ || !up_) return;
  BufferRef buffer = receive_pool->allocate();
  if (!buffer) { ++no_buffer; return; }
  Packet packet = Packet::with_headroom(std::move(buffer), 2);
  std::copy(frame.begin(), frame.end(), packet.append(static_cast<uint32_t>(frame.size())));
  client_->receive(std::move(packet));
  client_->receive_done();
}

void WireDevice::set_link(bool up) {
  up_ = up;
  if (client_) client_->link_changed(up);
}

void WireDevice::set_busy(bool busy) {
  busy_ = busy;
  if (!busy && client_) client_->tx_wake();
}

namespace {

void insert_tag(const PacketMeta& meta, std::vector<uint8_t>& frame) {
  if (!meta.vlan_insert) return;
  uint8_t tag[4] = {0x81, 0};
  store_be16(tag + 2, meta.vlan);
  frame.insert(frame.begin() + 12, tag, tag + 4);
}

// RFC 9293 and RFC 791: what changes from one segment of the same big packet to the next.
std::vector<uint8_t> segment_of(const PacketMeta& meta, const std::vector<uint8_t>& big, size_t number) {
  const size_t from = meta.header_bytes + number * meta.segment_bytes;
  const size_t to = std::min<size_t>(from + meta.segment_bytes, big.size());
  std::vector<uint8_t> frame(big.begin(), big.begin() + meta.header_bytes);
  frame.insert(frame.end(), big.begin() + static_cast<long>(from), big.begin() + static_cast<long>(to));
  uint8_t *ip = frame.data() + meta.ip_start, *tcp = frame.data() + meta.csum_start;
  store_be16(ip + 2, static_cast<uint16_t>(frame.size() - meta.ip_start));
  store_be16(ip + 4, static_cast<uint16_t>(load_be16(ip + 4) + number));
  store_be16(ip + 10, 0);
  ChecksumSum header;
  header.add(ip, size_t{(ip[0] & 15u) * 4});
  store_be16(ip + 10, header.checksum());
  store_be32(tcp + 4, static_cast<uint32_t>(load_be32(tcp + 4) + number * meta.segment_bytes));
  if (to < big.size()) tcp[13] &= static_cast<uint8_t>(~(kTcpFin | kTcpPsh));
  ChecksumSum sum;
  sum.add(tcp, frame.size() - meta.csum_start);
  sum.add_be16(static_cast<uint16_t>(frame.size() - meta.csum_start));
  store_be16(tcp + meta.csum_offset, sum.checksum());
  insert_tag(meta, frame);
  return frame;
}

}  // namespace

std::vector<std::vector<uint8_t>> to_frames(const Packet& packet) {
  const PacketMeta& meta = packet.meta;
  if (!meta.segment_bytes) return {to_frame(packet)};
  std::vector<uint8_t> big(packet.length());
  packet.copy_out(0, big.data(), packet.length());
  std::vector<std::vector<uint8_t>> frames;
  const size_t payload = big.size() - meta.header_bytes;
  for (size_t n = 0; n * meta.segment_bytes < payload; ++n) frames.push_back(segment_of(meta, big, n));
  return frames;
}

std::vector<uint8_t> to_frame(const Packet& packet) {
  std::vector<uint8_t> frame(packet.length());
  packet.copy_out(0, frame.data(), packet.length());
  if (packet.meta.tx_checksum == TxChecksum::kInsert) {
    const size_t start = packet.meta.csum_start;
    ChecksumSum sum;
    sum.add(frame.data() + start, frame.size() - start);
    const uint16_t value = sum.checksum();
    store_be16(frame.data() + start + packet.meta.csum_offset, value == 0 ? uint16_t{0xFFFF} : value);
  }
  insert_tag(packet.meta, frame);
  return frame;
}

Wire::Wire(Simulation& simulation, uint64_t bits_per_second, uint64_t delay_ns, uint64_t seed)
    : simulation_(simulation), bits_per_second_(bits_per_second), delay_ns_(delay_ns), random_(seed) {}

void Wire::connect(WireDevice* device, int side) {
  ends_[side] = device;
  device->wire = this;
  device->side = side;
}

void Wire::send(int from_side, std::vector<uint8_t> frame) {
  ++frames;
  constexpr uint64_t kOverheadBytes = 24, kSmallest = 60;  // FCS, preamble, gap; padding
  if (frame.size() < kSmallest) frame.resize(kSmallest);
  const uint64_t bits = 8 * (frame.size() + kOverheadBytes);
  uint64_t& free_at = free_at_ns_[from_side];
  free_at = std::max(free_at, simulation_.now_ns()) + (bits * 1'000'000'000 + bits_per_second_ - 1) / bits_per_second_;
  if (filter && !filter(from_side, frame)) { ++lost; return; }
  if (random_.unit() < faults.loss) { ++lost; return; }
  uint64_t arrival = free_at + delay_ns_;
  if (random_.unit() < faults.reorder) {
    ++reordered;
    arrival += random_.below(static_cast<uint32_t>(faults.reorder_delay_ns));
  }
  if (random_.unit() < faults.corrupt) {
    ++corrupted;
    frame[random_.below(static_cast<uint32_t>(frame.size()))] ^= static_cast<uint8_t>(1u << random_.below(8));
  }
  if (random_.unit() < faults.duplicate) {
    ++duplicated;
    deliver_at(arrival + 1000, 1 - from_side, frame);
  }
  deliver_at(arrival, 1 - from_side, std::move(frame));
}

void Wire::deliver_at(uint64_t time_ns, int to_side, std::vector<uint8_t> frame) {
  simulation_.at(time_ns, [this, to_side, bytes = std::move(frame)] {
    if (ends_[to_side]) ends_[to_side]->deliver(bytes);
  });
}

}  // namespace ringside::testbench
