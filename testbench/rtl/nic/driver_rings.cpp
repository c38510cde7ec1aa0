// The driver's hot path: descriptors, doorbells, status block, return entries.
#include <cstring>

#include "testbench/rtl/nic/driver.h"

namespace ringside::testbench::nic {
namespace {
constexpr size_t kDescriptorBytes = 16;
bool newer(uint32_t tag, uint32_t than) {
  return static_cast<int32_t>(tag - than) > 0;
}
}  // namespace

// ---------------------------------------------------------------- section 9
unsigned Driver::tx_room(unsigned q) const {
  return (1u << settings_.tx_log2) - (queues_[q].tx_prod - queues_[q].tx_cons);
}

void Driver::post(unsigned q, const Packet& packet) {
  QueueState& state = queues_[q];
  const uint32_t mask = (1u << settings_.tx_log2) - 1;
  uint8_t* ring = card_.host.memory(state.tx_ring, (mask + size_t{1}) * kDescriptorBytes);
  if (packet.has_extension) {
    uint8_t extension[kDescriptorBytes] = {};
    const uint16_t flags = packet.extension_flags | regs::tx_flags::kExtension, length = 0;
    std::memcpy(extension, &packet.vlan, 2);
    std::memcpy(extension + 2, &packet.mss, 2);
    std::memcpy(extension + 4, &packet.header_length, 2);
    std::memcpy(extension + 6, &packet.ip_start, 2);
    std::memcpy(extension + 8, &length, 2);
    std::memcpy(extension + 10, &flags, 2);
    std::memcpy(ring + (state.tx_prod++ & mask) * kDescriptorBytes, extension, kDescriptorBytes);
  }
  for (size_t i = 0; i < packet.fragments.size(); ++i) {
    regs::TxDescriptor descriptor{packet.fragments[i].address, packet.fragments[i].length, 0, 0, 0};
    if (i == 0 && packet.csum) {
      descriptor.flags |= regs::tx_flags::kCsum;
      descriptor.csum_start = packet.csum_start;
      descriptor.csum_offset = packet.csum_offset;
    }
    if (i + 1 == packet.fragments.size()) descriptor.flags |= regs::tx_flags::kEop;
    std::memcpy(ring + (state.tx_prod++ & mask) * kDescriptorBytes, &descriptor, kDescriptorBytes);
  }
}

void Driver::ring_tx(unsigned q) {
  write(regs::TxProdIdx::address(q), queues_[q].tx_prod);
}

// ---------------------------------------------------------------- section 10
unsigned Driver::rx_room(unsigned q) const {
  return (1u << settings_.rx_log2) - (queues_[q].rx_prod - queues_[q].rx_cons);
}

void Driver::provide(unsigned q, uint64_t address, uint16_t length, uint32_t opaque) {
  QueueState& state = queues_[q];
  const regs::RxDescriptor descriptor{address, length, 0, opaque};
  const uint32_t entry = state.rx_prod++ & ((1u << settings_.rx_log2) - 1);
  std::memcpy(card_.host.memory(state.rx_ring + entry * kDescriptorBytes, kDescriptorBytes), &descriptor,
              kDescriptorBytes);
}

void Driver::ring_rx(unsigned q) {
  write(regs::RxProdIdx::address(q), queues_[q].rx_prod);
}

// Section 6: the block of zeros before the first write has tag 0, indices 0, which is right as well.
void Driver::look(unsigned q) {
  QueueState& state = queues_[q];
  regs::StatusBlock block;
  std::memcpy(&block, card_.host.memory(state.status, sizeof block), sizeof block);
  if (block.tag == 0) return;
  state.tag = block.tag;
  if (newer(block.tag, state.tx_since)) {
    state.tx_cons = block.tx_cons_idx;
    state.tx_stamp_idx = block.tx_stamp_idx;
    state.tx_stamp = block.tx_stamp;
  }
  if (!newer(block.tag, state.rx_since)) return;
  state.rx_cons = block.rx_cons_idx;
  state.ret_prod = block.ret_prod_idx;
}

bool Driver::take(unsigned q, regs::ReturnEntry* entry) {
  QueueState& state = queues_[q];
  if (state.ret_cons == state.ret_prod) return false;
  const uint32_t slot = state.ret_cons & ((1u << settings_.ret_log2) - 1);
  std::memcpy(entry, card_.host.memory(state.ret_ring + slot * sizeof *entry, sizeof *entry), sizeof *entry);
  if (entry->index != state.ret_cons) {
    card_.verdicts.say("D5", "return entry is not of this turn", entry->index, state.ret_cons);
    return false;
  }
  ++state.ret_cons;
  return true;
}

void Driver::give_back(unsigned q) {
  QueueState& state = queues_[q];
  if (state.ret_told == state.ret_cons) return;
  state.ret_told = state.ret_cons;
  write(regs::RetConsIdx::address(q), state.ret_cons);
}

// ---------------------------------------------------------------- section 11
void Driver::rearm(unsigned q) {
  write(regs::IntRearm::address(q), queues_[q].tag);
}

}  // namespace ringside::testbench::nic
