#include "driver/tx_ring.h"

#include <algorithm>
#include <cassert>
#include <cstring>

namespace ringside::driver {
namespace {

// Bytes from `cpu` on that lie in one page, at most `bytes`.
uint32_t within_page(const uint8_t* cpu, uint32_t bytes) {
  const auto in_page = static_cast<uint32_t>(reinterpret_cast<uintptr_t>(cpu) & (kPageBytes - 1));
  return std::min(bytes, kPageBytes - in_page);
}

// Calls visit(cpu, bytes) for each piece of the packet, in order.
template <class Visit>
void for_each_piece(const stack::Packet& packet, Visit visit) {
  for (size_t i = 0; i < packet.fragment_count(); ++i) {
    const stack::Fragment& fragment = packet.fragment(i);
    for (uint32_t done = 0; done < fragment.length;) {
      const uint32_t bytes = within_page(fragment.begin() + done, fragment.length - done);
      visit(fragment.begin() + done, bytes);
      done += bytes;
    }
  }
}

}  // namespace

TxRing::TxRing(Platform& platform, uint32_t entries)
    : platform_(platform),
      mask_(entries - 1),
      memory_(platform.dma_allocate(entries * sizeof(regs::TxDescriptor))),
      slots_(entries) {}

TxRing::~TxRing() {
  abandon();
  if (memory_.cpu) platform_.dma_free(memory_);
}

void TxRing::start(uint32_t index) {
  assert(outstanding() == 0);
  std::memset(memory_.cpu, 0xFF, memory_.bytes);  // an entry used too early points outside every mapping
  posted_idx_ = prod_idx_ = cons_idx_ = index;
}

TxRing::Need TxRing::need(const stack::Packet& packet) {
  Need need;
  for_each_piece(packet, [&](const uint8_t*, uint32_t) { ++need.pieces; });
  const stack::PacketMeta& meta = packet.meta;
  need.extension = meta.segment_bytes || meta.vlan_insert || meta.tx_stamp_id;
  return need;
}

uint32_t TxRing::post(stack::Packet&& packet, const Need& need) {
  assert(need.pieces >= 1 && need.entries() <= free_entries());
  const uint32_t first_idx = posted_idx_;
  if (need.extension) post_extension(packet.meta);
  const bool insert = packet.meta.tx_checksum == stack::TxChecksum::kInsert;
  uint32_t left = need.pieces;
  for_each_piece(packet, [&](const uint8_t* cpu, uint32_t bytes) {
    const bool first = left == need.pieces, last = --left == 0;
    const unsigned flags = (last ? regs::tx_flags::kEop : 0u) | (first && insert ? regs::tx_flags::kCsum : 0u);
    post_piece(cpu, bytes, static_cast<uint16_t>(flags), packet.meta);
  });
  slot(posted_idx_ - 1).packet = std::move(packet);
  return first_idx;
}

// REFERENCE.md section 9: parameters of the packet behind it, an entry of its own.
void TxRing::post_extension(const stack::PacketMeta& meta) {
  namespace flag = regs::tx_flags;
  static_assert(sizeof(regs::TxExtension) == sizeof(regs::TxDescriptor));
  regs::TxExtension extension{};
  unsigned flags = flag::kExtension;
  if (meta.vlan_insert) {
    flags |= flag::kVlan;
    extension.vlan = meta.vlan;
  }
  if (meta.segment_bytes) {
    flags |= flag::kTso;
    extension.mss = meta.segment_bytes;
    extension.header_length = meta.header_bytes;
    extension.ip_start = meta.ip_start;
  }
  if (meta.tx_stamp_id) flags |= flag::kTimestamp;
  extension.flags = static_cast<uint16_t>(flags);
  std::memcpy(&descriptor(posted_idx_), &extension, sizeof extension);
  Slot& to = slot(posted_idx_++);
  to.bytes = 0;
  to.last = false;
}

// Path step T7: virtual to bus address, one descriptor of address, length, flags, checksum place.
void TxRing::post_piece(const uint8_t* cpu, uint32_t bytes, uint16_t flags, const stack::PacketMeta& meta) {
  const bool checksum = (flags & regs::tx_flags::kCsum) != 0;
  Slot& to = slot(posted_idx_);
  to.bus = platform_.dma_map(cpu, bytes, DmaDirection::kToDevice);
  to.bytes = bytes;
  to.last = (flags & regs::tx_flags::kEop) != 0;
  descriptor(posted_idx_) = {to.bus.value, static_cast<uint16_t>(bytes), flags,
                             checksum ? meta.csum_start : uint16_t{0}, checksum ? meta.csum_offset : uint16_t{0}};
  ++posted_idx_;
}

uint32_t TxRing::reclaim(uint32_t nic_cons_idx) {
  assert(nic_cons_idx - cons_idx_ <= outstanding());
  uint32_t packets = 0;
  for (; cons_idx_ != nic_cons_idx; ++cons_idx_) {
    Slot& done = slot(cons_idx_);
    if (done.bytes) platform_.dma_unmap(done.bus, done.bytes, DmaDirection::kToDevice);
    if (!done.last) continue;
    done.packet = stack::Packet{};
    ++packets;
  }
  return packets;
}

uint32_t TxRing::abandon() {
  const uint32_t packets = reclaim(posted_idx_);
  prod_idx_ = posted_idx_;
  return packets;
}

}  // namespace ringside::driver
