#include "driver/rx_ring.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <utility>

#include "driver/tx_ring.h"

namespace ringside::driver {
namespace {

struct Piece {
  uint32_t offset = 0;
  uint32_t bytes = 0;
};

// The part of the buffer to give to the NIC: as much as lies in one page, from the start when that is at least half.
Piece usable_piece(const stack::BufferRef& buffer, uint32_t wanted_bytes) {
  const uint32_t total = wanted_bytes ? std::min(wanted_bytes, buffer.capacity()) : buffer.capacity();
  const auto in_page = static_cast<uint32_t>(reinterpret_cast<uintptr_t>(buffer.data()) & (kPageBytes - 1));
  const uint32_t first = std::min(total, kPageBytes - in_page);
  if (2 * first >= total) return {0, first};
  return {first, std::min(total - first, kPageBytes)};
}

stack::RxVerdict verdict(uint16_t flags, uint16_t checked, uint16_t good) {
  if (!(flags & checked)) return stack::RxVerdict::kNotChecked;
  return flags & good ? stack::RxVerdict::kGood : stack::RxVerdict::kBad;
}

stack::PacketMeta meta_of(const regs::ReturnEntry& entry, bool verdicts) {
  namespace flag = regs::return_flags;
  stack::PacketMeta meta;
  if (verdicts) {
    meta.ip_verdict = verdict(entry.flags, flag::kIpChecked, flag::kIpGood);
    meta.l4_verdict = verdict(entry.flags, flag::kL4Checked, flag::kL4Good);
  }
  meta.raw_csum = entry.raw_csum;
  if (entry.flags & flag::kHash) meta.hash = entry.hash;
  meta.vlan_stripped = (entry.flags & flag::kVlan) != 0;
  if (meta.vlan_stripped) meta.vlan = entry.vlan;
  if (entry.flags & flag::kTimestamp) meta.rx_time_ns = entry.timestamp;
  return meta;
}

}  // namespace

RxRing::RxRing(Platform& platform, stack::BufferPool& pool, uint32_t rx_entries, uint32_t ret_entries,
               uint32_t buffer_bytes)
    : platform_(platform), pool_(pool), buffer_bytes_(buffer_bytes), rx_mask_(rx_entries - 1),
      ret_mask_(ret_entries - 1), rx_memory_(platform.dma_allocate(rx_entries * sizeof(regs::RxDescriptor))),
      ret_memory_(platform.dma_allocate(ret_entries * sizeof(regs::ReturnEntry))), slots_(rx_entries) {}

RxRing::~RxRing() {
  abandon();
  if (rx_memory_.cpu) platform_.dma_free(rx_memory_);
  if (ret_memory_.cpu) platform_.dma_free(ret_memory_);
}

void RxRing::start(uint32_t index) {
  assert(outstanding() == 0);
  std::memset(rx_memory_.cpu, 0xFF, rx_memory_.bytes);   // an entry used too early points outside every mapping
  std::memset(ret_memory_.cpu, 0xFF, ret_memory_.bytes);  // and one read too early has a wrong index
  posted_idx_ = prod_idx_ = returned_idx_ = index;
  ret_cons_idx_ = told_cons_idx_ = index;
}

uint32_t RxRing::provide(uint32_t max) {
  uint32_t provided = 0;
  while (provided < max && outstanding() < rx_entries() && provide_one()) ++provided;
  return provided;
}

// Path step R1: a buffer ahead of the frames: mapped, its address, size and opaque in a receive descriptor.
bool RxRing::provide_one() {
  Slot& slot = slots_[posted_idx_ & rx_mask_];
  assert(!slot.buffer);  // buffers come back in ring order: claim() sees to it
  slot.buffer = pool_.allocate();
  if (!slot.buffer) return false;
  const Piece piece = usable_piece(slot.buffer, buffer_bytes_);
  slot.offset = piece.offset;
  slot.bytes = piece.bytes;
  slot.opaque = posted_idx_;
  slot.bus = platform_.dma_map(slot.buffer.data() + piece.offset, piece.bytes, DmaDirection::kFromDevice);
  descriptor(posted_idx_) = {slot.bus.value, static_cast<uint16_t>(piece.bytes), 0, slot.opaque};
  ++posted_idx_;
  return true;
}

RxRing::Taken RxRing::take(uint32_t ret_prod_idx, bool verdicts, stack::Packet& out) {
  while (ret_cons_idx_ != ret_prod_idx) {
    const regs::ReturnEntry entry = static_cast<regs::ReturnEntry*>(ret_memory_.cpu)[ret_cons_idx_ & ret_mask_];
    Slot* slot = claim(entry);
    if (!slot) return Taken::kBroken;
    ++ret_cons_idx_;
    collect(entry, *slot);
    if (entry.flags & regs::return_flags::kEop) return finish(entry, verdicts, out);
  }
  return Taken::kNone;
}

// The slot the entry speaks of; null when the entry was not written for this turn or cannot be true.
RxRing::Slot* RxRing::claim(const regs::ReturnEntry& entry) {
  const bool starts = (entry.flags & regs::return_flags::kSop) != 0;
  const bool between = frame_.empty() && !scattered_;
  if (entry.index != ret_cons_idx_ || starts != between) return nullptr;
  Slot& slot = slots_[returned_idx_ & rx_mask_];
  if (!slot.buffer || entry.opaque != slot.opaque || entry.length == 0 || entry.length > slot.bytes) return nullptr;
  return &slot;
}

void RxRing::collect(const regs::ReturnEntry& entry, Slot& slot) {
  platform_.dma_unmap(slot.bus, slot.bytes, DmaDirection::kFromDevice);
  ++returned_idx_;
  if (!scattered_ && !frame_.add_fragment(std::move(slot.buffer), slot.offset, entry.length)) {
    scattered_ = true;
    frame_ = stack::Packet{};
  }
  slot.buffer.reset();
}

RxRing::Taken RxRing::finish(const regs::ReturnEntry& entry, bool verdicts, stack::Packet& out) {
  if (std::exchange(scattered_, false)) return Taken::kScattered;
  out = std::move(frame_);
  frame_ = stack::Packet{};
  if (entry.frame_length != out.length()) return Taken::kBroken;
  out.meta = meta_of(entry, verdicts);
  return Taken::kPacket;
}

void RxRing::release(Slot& slot) {
  platform_.dma_unmap(slot.bus, slot.bytes, DmaDirection::kFromDevice);
  slot.buffer.reset();
}

uint32_t RxRing::abandon() {
  for (; returned_idx_ != posted_idx_; ++returned_idx_) release(slots_[returned_idx_ & rx_mask_]);
  const bool half = !frame_.empty() || scattered_;
  frame_ = stack::Packet{};
  scattered_ = false;
  return half ? 1 : 0;
}

}  // namespace ringside::driver
