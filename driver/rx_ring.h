// RxRing: empty buffers for the NIC (RX ring) and the filled ones it gives back (return ring).
//
// RX ring:     written by the driver (provide), read by the NIC after a doorbell.
// Return ring: written by the NIC, read by the driver (take) up to the producer index that the caller read before.
// Ordering: the caller puts a read barrier between reading that index and take(), and a write barrier between provide()
//   or take() and the doorbells. A buffer is mapped while it is the NIC's. Nothing is allocated after construction.
// Errors: no memory: allocated() is false. Empty pool: provide() stops early. A return entry that cannot be true:
//   kBroken, and the ring wants a reset. Threads: none. Indices: free-running, mod 2^32.
#ifndef RINGSIDE_DRIVER_RX_RING_H_
#define RINGSIDE_DRIVER_RX_RING_H_

#include <cstdint>
#include <vector>

#include "driver/nic_regs.h"
#include "driver/platform.h"
#include "stack/packet_buffer.h"

namespace ringside::driver {

class RxRing {
 public:
  enum class Taken : uint8_t {
    kNone,        // no whole frame there
    kPacket,
    kScattered,   // a frame in more buffers than a Packet holds: dropped
    kBroken,
  };

  // Uses the first `buffer_bytes` of each pool buffer (0: all), as far as they lie in one page.
  RxRing(Platform& platform, stack::BufferPool& pool, uint32_t rx_entries, uint32_t ret_entries, uint32_t buffer_bytes);
  ~RxRing();
  RxRing(const RxRing&) = delete;
  RxRing& operator=(const RxRing&) = delete;

  bool allocated() const { return rx_memory_.cpu && ret_memory_.cpu; }
  DmaAddress rx_bus() const { return rx_memory_.bus; }
  DmaAddress ret_bus() const { return ret_memory_.bus; }
  uint32_t rx_entries() const { return rx_mask_ + 1; }
  uint32_t ret_entries() const { return ret_mask_ + 1; }
  uint32_t outstanding() const { return posted_idx_ - returned_idx_; }  // buffers that are the NIC's
  uint32_t ret_cons_idx() const { return ret_cons_idx_; }
  bool prod_doorbell_due() const { return prod_idx_ != posted_idx_; }
  bool cons_doorbell_due() const { return told_cons_idx_ != ret_cons_idx_; }

  // Nothing provided, nothing returned, at `index` (the NIC's rings start at 0; another one is for tests of the wrap).
  void start(uint32_t index = 0);

  // Fills the RX ring from the pool, at most `max` buffers; returns how many.
  uint32_t provide(uint32_t max);

  uint32_t take_prod_doorbell() { return prod_idx_ = posted_idx_; }
  uint32_t take_cons_doorbell() { return told_cons_idx_ = ret_cons_idx_; }

  // False when the NIC cannot have returned that much.
  bool plausible(uint32_t ret_prod_idx) const {
    return ret_prod_idx - ret_cons_idx_ <= outstanding() && ret_prod_idx - ret_cons_idx_ <= ret_entries();
  }

  // The next whole frame of the entries before `ret_prod_idx`. A frame may come in pieces over several calls.
  Taken take(uint32_t ret_prod_idx, bool verdicts, stack::Packet& out);

  // Gives every buffer back; only when the NIC no longer writes. Returns 1 when half a frame was in hand.
  uint32_t abandon();

 private:
  struct Slot {
    stack::BufferRef buffer;  // empty: the slot is free
    DmaAddress bus;
    uint32_t offset = 0;
    uint32_t bytes = 0;
    uint32_t opaque = 0;      // the free-running index it was provided under
  };

  regs::RxDescriptor& descriptor(uint32_t index) {
    return static_cast<regs::RxDescriptor*>(rx_memory_.cpu)[index & rx_mask_];
  }
  bool provide_one();
  Slot* claim(const regs::ReturnEntry& entry);
  void collect(const regs::ReturnEntry& entry, Slot& slot);
  void release(Slot& slot);
  Taken finish(const regs::ReturnEntry& entry, bool verdicts, stack::Packet& out);

  Platform& platform_;
  stack::BufferPool& pool_;
  uint32_t buffer_bytes_;
  uint32_t rx_mask_;
  uint32_t ret_mask_;
  DmaBlock rx_memory_;
  DmaBlock ret_memory_;
  std::vector<Slot> slots_;
  uint32_t posted_idx_ = 0;     // RX descriptors written
  uint32_t prod_idx_ = 0;       // RX descriptors the NIC has been told of
  uint32_t returned_idx_ = 0;   // buffers come back
  uint32_t ret_cons_idx_ = 0;   // return entries taken
  uint32_t told_cons_idx_ = 0;  // return entries the NIC has been told are free
  stack::Packet frame_;         // the frame in hand
  bool scattered_ = false;      // ... does not fit a Packet
};

}  // namespace ringside::driver

#endif  // RINGSIDE_DRIVER_RX_RING_H_
