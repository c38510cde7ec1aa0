// TxRing: send descriptors in host memory, and the packets behind them.
//
//   cons_idx_ ------------------> posted_idx_ ------> cons_idx_ + entries
//   | NIC's: fetched or to fetch |      free         |        prod_idx_ (told to the NIC) lies between the first two
//
// Written by the driver (post), read by the NIC after a doorbell; the NIC's consumer index comes in as an argument.
// A packet stays in its slot, mapped, until reclaim() or abandon(). Nothing is allocated after construction.
// Ordering: the caller puts a write barrier between post() and the doorbell.
// Errors: no memory: allocated() is false. Everything else is asserted. Threads: none. Indices: free-running, mod 2^32.
#ifndef RINGSIDE_DRIVER_TX_RING_H_
#define RINGSIDE_DRIVER_TX_RING_H_

#include <cstdint>
#include <vector>

#include "driver/nic_regs.h"
#include "driver/platform.h"
#include "stack/packet_buffer.h"

namespace ringside::driver {

inline constexpr uint32_t kPageBytes = 4096;           // dma_map() takes no more than a page at a time
inline constexpr uint32_t kMaxPacketDescriptors = 32;  // REFERENCE.md section 9

class TxRing {
 public:
  TxRing(Platform& platform, uint32_t entries);
  ~TxRing();
  TxRing(const TxRing&) = delete;
  TxRing& operator=(const TxRing&) = delete;

  bool allocated() const { return memory_.cpu != nullptr; }
  DmaAddress bus() const { return memory_.bus; }
  uint32_t entries() const { return mask_ + 1; }
  uint32_t free_entries() const { return entries() - (posted_idx_ - cons_idx_); }
  uint32_t outstanding() const { return posted_idx_ - cons_idx_; }
  uint32_t cons_idx() const { return cons_idx_; }
  uint32_t posted_idx() const { return posted_idx_; }
  bool doorbell_due() const { return prod_idx_ != posted_idx_; }

  // Empty and at `index` (the NIC's rings start at 0; another one is for tests of the wrap).
  void start(uint32_t index = 0);

  // What the packet needs: fragments cut at page borders, empty ones left out; in front of them an extension
  // descriptor when the NIC is to segment it, tag it or tell when it went.
  struct Need {
    uint32_t pieces = 0;
    bool extension = false;
    uint32_t entries() const { return pieces + (extension ? 1 : 0); }
  };
  static Need need(const stack::Packet& packet);

  // Takes the packet; needs free_entries() >= need.entries() and need.pieces >= 1. Returns the index of its first
  // entry.
  uint32_t post(stack::Packet&& packet, const Need& need);

  // The index to write to the doorbell; from now on it is told.
  uint32_t take_doorbell() { return prod_idx_ = posted_idx_; }

  // False when the NIC cannot have come that far.
  bool plausible(uint32_t nic_cons_idx) const { return nic_cons_idx - cons_idx_ <= prod_idx_ - cons_idx_; }

  // Gives back what the NIC is done with; returns how many packets.
  uint32_t reclaim(uint32_t nic_cons_idx);

  // Gives back everything; only when the NIC no longer reads. Returns how many packets.
  uint32_t abandon();

 private:
  struct Slot {
    DmaAddress bus;
    uint32_t bytes = 0;  // 0: an extension, nothing is mapped
    bool last = false;   // of its packet, which is here
    stack::Packet packet;
  };

  regs::TxDescriptor& descriptor(uint32_t index) {
    return static_cast<regs::TxDescriptor*>(memory_.cpu)[index & mask_];
  }
  Slot& slot(uint32_t index) { return slots_[index & mask_]; }
  void post_extension(const stack::PacketMeta& meta);
  void post_piece(const uint8_t* cpu, uint32_t bytes, uint16_t flags, const stack::PacketMeta& meta);

  Platform& platform_;
  uint32_t mask_;
  DmaBlock memory_;
  std::vector<Slot> slots_;
  uint32_t posted_idx_ = 0;  // descriptors written
  uint32_t prod_idx_ = 0;    // descriptors the NIC has been told of
  uint32_t cons_idx_ = 0;    // descriptors reclaimed
};

}  // namespace ringside::driver

#endif  // RINGSIDE_DRIVER_TX_RING_H_
