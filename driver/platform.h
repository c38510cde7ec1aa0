// Platform: the driver's whole contract with the machine. What stands here could be put on VFIO; nothing here knows
// of a simulator. The simulated machine implements it in sc_model/, unit tests implement it with a fake.
//
// Ordering (the four orderings the driver relies on):
//   1. Stores to DMA memory before write_barrier() are visible to the device before an MMIO write made after it.
//   2. The device makes payload, return entry, status block, interrupt visible in that order.
//   3. Loads from DMA memory after read_barrier() are not satisfied earlier than loads before it.
//   4. mmio_write is posted; an mmio_read of the same function returns only after all earlier posted writes, in both
//      directions, have arrived.
// Threads: none. Handlers and polls run on the host's one CPU, never inside each other.
// Units: bytes, nanoseconds. Multi-byte MMIO and DMA values are little-endian, as the CPU's.
// Errors: reads of an absent function or a failed read give all ones, as on a real bus. Allocation failure gives
//   a null `cpu`. Misuse (bad handle, unmap of what is not mapped) is asserted or reported by the machine's checkers.
#ifndef RINGSIDE_DRIVER_PLATFORM_H_
#define RINGSIDE_DRIVER_PLATFORM_H_

#include <cstddef>
#include <cstdint>
#include <functional>

namespace ringside::driver {

// A bus address: what the device must use. Never a pointer, never arithmetic across mappings.
struct DmaAddress {
  uint64_t value = 0;
  DmaAddress operator+(uint64_t bytes) const { return DmaAddress{value + bytes}; }
};

// Memory that CPU and device share for long (rings, status block). Physically contiguous, zeroed, page aligned.
struct DmaBlock {
  void* cpu = nullptr;
  DmaAddress bus;
  size_t bytes = 0;
};

enum class DmaDirection : uint8_t { kToDevice, kFromDevice };

// Pieces of driver work that the CPU cost model charges for. Costs and sources: sc_model's cost table.
enum class DriverWork : uint8_t { kInterrupt, kPollEntry, kTxPacket, kTxDescriptor, kRxPacket, kReclaimPacket, kCount };

// Who owns a range of a ring or a buffer, told to the machine so that it can check every access. The driver calls
// these when ownership moves by its own doing; the device's side follows from doorbells and ring contents.
enum class RingKind : uint8_t { kTx, kRx, kReturn, kStatus };

// One PCI function, found by enumeration. Sizes in config space calls are 1, 2 or 4 bytes, naturally aligned.
class PciFunction {
 public:
  virtual ~PciFunction() = default;
  virtual uint32_t config_read(uint16_t offset, unsigned bytes) = 0;
  virtual void config_write(uint16_t offset, unsigned bytes, uint32_t value) = 0;
  // MMIO inside a memory BAR that enumeration has placed and sized. bar is 0..5.
  virtual uint32_t mmio_read32(unsigned bar, uint32_t offset) = 0;
  virtual void mmio_write32(unsigned bar, uint32_t offset, uint32_t value) = 0;
  virtual uint64_t mmio_read64(unsigned bar, uint32_t offset) = 0;
  virtual void mmio_write64(unsigned bar, uint32_t offset, uint64_t value) = 0;
  virtual uint64_t bar_bytes(unsigned bar) const = 0;  // 0: not a memory BAR
};

// What an MSI-X table entry is to be filled with.
struct MsiMessage {
  uint64_t address = 0;
  uint32_t data = 0;
  int irq = -1;  // the machine's number of this interrupt; negative when none was left
};

class Platform {
 public:
  virtual ~Platform() = default;

  // Enumeration: the n-th function with these ids (bars placed, bus master still off), or null.
  virtual PciFunction* find_function(uint16_t vendor, uint16_t device, unsigned n) = 0;

  // DMA memory.
  virtual DmaBlock dma_allocate(size_t bytes) = 0;
  virtual void dma_free(const DmaBlock& block) = 0;
  // Maps [cpu, cpu + bytes), which must not cross a 4 KiB page of the CPU's address space, for the device.
  virtual DmaAddress dma_map(const void* cpu, size_t bytes, DmaDirection direction) = 0;
  virtual void dma_unmap(DmaAddress address, size_t bytes, DmaDirection direction) = 0;
  virtual void write_barrier() = 0;
  virtual void read_barrier() = 0;

  // Interrupts: a message whose arrival calls `handler` on the CPU, in interrupt context.
  virtual MsiMessage irq_request(std::function<void()> handler) = 0;
  virtual void irq_free(int irq) = 0;

  // Deferred work: `poll` runs soon on the CPU, outside interrupt context. It is called again while it returns true.
  virtual int poll_register(std::function<bool()> poll) = 0;
  virtual void poll_schedule(int poll) = 0;
  virtual void poll_unregister(int poll) = 0;

  // Time and timers. timer_start replaces an earlier start of the same timer; at most one is pending per handle.
  virtual uint64_t now_ns() = 0;
  virtual int timer_register(std::function<void()> expired) = 0;
  virtual void timer_start(int timer, uint64_t delay_ns) = 0;
  virtual void timer_stop(int timer) = 0;
  virtual void timer_unregister(int timer) = 0;
  virtual void delay_ns(uint64_t delay) = 0;  // busy wait; bring-up and reset only

  // CPU time spent by the driver: count times the cost of that piece of work.
  virtual void charge(DriverWork work, unsigned count) = 0;
};

}  // namespace ringside::driver

#endif  // RINGSIDE_DRIVER_PLATFORM_H_
