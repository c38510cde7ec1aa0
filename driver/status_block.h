// StatusBlock: the 32 bytes into which the NIC writes its indices, and the order in which to read them.
//
// Written by the NIC as one TLP, read by the driver's poll. The tag is read first: then it can only be older than the
// indices, and re-arming with it costs a message too many, never one too few (REFERENCE.md section 7, ordering 3).
// After a ring was reset the block still shows old indices; `floor` is STATUS_TAG as read after the reset, and indices
// count only from a newer block on (REFERENCE.md section 6).
// Threads: none.
#ifndef RINGSIDE_DRIVER_STATUS_BLOCK_H_
#define RINGSIDE_DRIVER_STATUS_BLOCK_H_

#include <cstdint>
#include <cstring>

#include "driver/nic_regs.h"
#include "driver/platform.h"

namespace ringside::driver {

// True when tag or index `a` is later than `b`; numbers are free-running, mod 2^32.
constexpr bool later_than(uint32_t a, uint32_t b) {
  return static_cast<int32_t>(a - b) > 0;
}

class StatusBlock {
 public:
  explicit StatusBlock(Platform& platform) : platform_(platform), memory_(platform.dma_allocate(64)) {}
  ~StatusBlock() {
    if (memory_.cpu) platform_.dma_free(memory_);
  }
  StatusBlock(const StatusBlock&) = delete;
  StatusBlock& operator=(const StatusBlock&) = delete;

  bool allocated() const { return memory_.cpu != nullptr; }
  DmaAddress bus() const { return memory_.bus; }
  void clear() { std::memset(memory_.cpu, 0, sizeof(regs::StatusBlock)); }  // before the NIC knows the address

  uint32_t tag() const { return words()->tag; }
  uint32_t tx_cons_idx() const { return words()->tx_cons_idx; }
  uint32_t ret_prod_idx() const { return words()->ret_prod_idx; }
  uint32_t tx_stamp_idx() const { return words()->tx_stamp_idx; }
  uint64_t tx_stamp() const { return words()->tx_stamp; }

 private:
  // volatile: another agent writes it, every look is a load.
  const volatile regs::StatusBlock* words() const {
    return static_cast<const volatile regs::StatusBlock*>(memory_.cpu);
  }

  Platform& platform_;
  DmaBlock memory_;
};

}  // namespace ringside::driver

#endif  // RINGSIDE_DRIVER_STATUS_BLOCK_H_
