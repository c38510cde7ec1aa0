#include "testbench/rtl/nic/pump.h"

#include <cstring>

#include "testbench/rtl/nic/model.h"

namespace ringside::testbench::nic {
namespace {

constexpr unsigned kFcs = 4, kQueueOctet = 7, kVariantOctet = 8;  // in the source address

Built packet_of(unsigned size, bool sums, Random* random) {
  Shape shape;
  shape.sums = sums;
  shape.payload = size - kFcs - header_octets(shape);
  return build(shape, random);
}

}  // namespace

SendPump::SendPump(Card& card, Driver& driver, unsigned size)
    : card_(card), driver_(driver), lines_(driver.settings().queues) {
  for (unsigned queue = 0; queue < lines_.size(); ++queue) make_line(queue, size);
  card_.wire.on_frame = [this](const uint8_t* frame, size_t octets, uint64_t, uint64_t) { see(frame, octets); };
}

void SendPump::make_line(unsigned queue, unsigned size) {
  for (unsigned variant = 0; variant < kVariants; ++variant) {
    Built built = packet_of(size, false, &random_);
    built.frame[kQueueOctet] = static_cast<uint8_t>(queue);
    built.frame[kVariantOctet] = static_cast<uint8_t>(variant);
    Packet packet;
    packet.csum = true;
    packet.csum_start = static_cast<uint16_t>(built.l4_start);
    packet.csum_offset = 16;
    // As a stack places them: the IP header on a multiple of 4, elsewhere in the page each time.
    const uint64_t address = driver_.allocate_at(built.frame.size(), static_cast<unsigned>(random_.below(32) * 64 + 2));
    std::memcpy(card_.host.memory(address, built.frame.size()), built.frame.data(), built.frame.size());
    packet.fragments = {{address, static_cast<uint16_t>(built.frame.size())}};
    lines_[queue].frames.push_back(frames_of(packet, built.frame).front());
    lines_[queue].packets.push_back(packet);
  }
}

void SendPump::turn_but(unsigned left_out) {
  for (unsigned queue = 0; queue < lines_.size(); ++queue) {
    if (queue == left_out) continue;
    driver_.look(queue);
    unsigned room = driver_.tx_room(queue);
    if (room < 16) continue;
    Line& line = lines_[queue];
    for (; room > 0; --room) driver_.post(queue, line.packets[line.posted++ % kVariants]);
    driver_.ring_tx(queue);
  }
}

void SendPump::see(const uint8_t* frame, size_t size) {
  const unsigned queue = frame[kQueueOctet];
  if (queue >= lines_.size()) {
    ++wrong;
    return;
  }
  Line& line = lines_[queue];
  const Octets& want = line.frames[line.seen++ % kVariants];
  const bool right = want.size() == size && std::memcmp(want.data(), frame, size) == 0;
  ++(right ? frames : wrong);
}

ReceivePump::ReceivePump(Card& card, Driver& driver, unsigned size)
    : card_(card),
      driver_(driver),
      size_(size),
      buffer_bytes_(size <= 2048 ? 2048 : 9216),
      free_(driver.settings().queues) {
  for (unsigned variant = 0; variant < kVariants; ++variant) {
    Built built = packet_of(size, true, &random_);
    frames_.push_back(with_fcs(std::move(built.frame)));
  }
  const unsigned count = 1u << driver.settings().rx_log2;
  for (unsigned queue = 0; queue < free_.size(); ++queue)
    for (unsigned i = 0; i < count; ++i) {
      free_[queue].push_back(static_cast<uint32_t>(buffers_.size()));
      buffers_.push_back(driver_.allocate(buffer_bytes_, 64) + 2);
    }
}

void ReceivePump::turn_but(unsigned left_out) {
  for (unsigned queue = 0; queue < free_.size(); ++queue) {
    if (queue == left_out) continue;
    driver_.look(queue);
    regs::ReturnEntry entry;
    bool any = false;
    while (driver_.take(queue, &entry)) {
      check(entry);
      free_[queue].push_back(entry.opaque);
      any = true;
    }
    if (any) driver_.give_back(queue);
    if (free_[queue].size() >= 32) provide(queue);
  }
  while (card_.wire.to_send.size() < 64) {
    const Octets& frame = frames_[next_frame_++ % kVariants];
    card_.wire.to_send.push_back({frame.data(), static_cast<uint32_t>(frame.size()), gap});
  }
}

void ReceivePump::provide_all() {
  for (unsigned queue = 0; queue < free_.size(); ++queue) provide(queue);
}

void ReceivePump::provide(unsigned queue) {
  for (const uint32_t opaque : free_[queue])
    driver_.provide(queue, buffers_[opaque], static_cast<uint16_t>(buffer_bytes_ - 2), opaque);
  free_[queue].clear();
  driver_.ring_rx(queue);
}

// Random payload tells the variants apart; frames that were dropped leave a jump.
void ReceivePump::check(const regs::ReturnEntry& entry) {
  namespace flags = regs::return_flags;
  constexpr uint16_t kGood = flags::kSop | flags::kEop | flags::kIpGood | flags::kL4Good;
  const uint8_t* memory = card_.host.memory(buffers_[entry.opaque], size_);
  bool right = entry.length == size_ - kFcs && (entry.flags & kGood) == kGood;
  if (right) {
    const auto same = [&](const Octets& f) { return std::memcmp(f.data(), memory, size_ - kFcs) == 0; };
    unsigned tries = 0;
    while (tries < kVariants && !same(frames_[(expected_ + tries) % kVariants])) ++tries;
    expected_ += tries + 1;
    right = tries < kVariants;
  }
  ++(right ? frames : wrong);
}

}  // namespace ringside::testbench::nic
