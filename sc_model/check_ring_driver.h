// Rules of the driver at its rings and with its memory, judged where the driver acts: register accesses as the CPU
// makes them, ring contents as they stand in memory, and what it announces through platform.h. Files by part:
//   check_ring_driver.cpp      registers, indices, interrupts: R1 R2 R3 R4 R7 R12 R13 R14 R16
//   check_ring_descriptors.cpp what a doorbell hands over: R5 R8 R9 R10, and whether it stays so: R6
//   check_ring_memory.cpp      who owns memory: R11 R15, and D3 D4 of the device against it
// Consumer indices count once the device's status block is visible in memory (or the driver has read them by MMIO), so
// a driver that knows better than it can know is seen.
#ifndef RINGSIDE_SC_MODEL_CHECK_RING_DRIVER_H_
#define RINGSIDE_SC_MODEL_CHECK_RING_DRIVER_H_

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "sc_model/check_ring.h"
#include "sc_model/memory_owners.h"
#include "sc_model/observer.h"
#include "sc_model/pcie_settings.h"
#include "sc_model/platform_watch.h"

namespace ringside::sc_model {

// A ring as the driver has set it up.
struct DriverRing {
  const char* name = "";
  uint64_t base = 0;
  bool low_written = false, high_written = false;
  uint32_t size = 8, size_log2 = 3;
  bool enabled = false;
  bool quiet = true;         // off, and the driver has seen that nothing runs any more
  uint32_t prod = 0;         // last doorbell
  uint32_t cons = 0;         // visible to the driver
  uint32_t at_barrier = 0;   // entries before it were seen at the last write barrier
  std::vector<std::array<uint8_t, 16>> copy;  // by slot: as seen at a barrier or doorbell
  std::vector<uint32_t> mapping;              // by slot: record of the buffer
  EventHistory<10> history;

  uint32_t mask() const { return size - 1; }
  bool active() const { return enabled || !quiet; }
  bool holds(uint64_t bus) const { return bus - base < uint64_t{size} * 16; }
};

struct DriverQueue {
  DriverRing tx, rx, ret;      // ret: prod is the device's as visible, cons the driver's doorbell
  StatusBase status_base;
  uint32_t status_tag = 0;     // visible
  uint32_t ret_at_barrier = 0; // return entries visible at the last read barrier
  bool drivers_turn = true;    // it has been told of news, or has masked its interrupt: it looks by itself
  uint32_t ret_known = 0;      // return entries before it the driver knows of
  TimePs ret_waits_ps = 0;     // since when known entries wait for RET_CONS_IDX
  TimePs rearmed_ps = kNever;  // since the last re-arm that answers a message; kNever: looked again since
  bool messaged = false;       // since the last re-arm
};

class DriverRingChecker : public Observer, public PlatformWatch, public RefusalJudge {
 public:
  DriverRingChecker(std::string object, const PcieSettings& settings, const HostMemory& memory, const Iommu& iommu,
                    Accused& accused, ViolationLog& log);
  void on_mmio(const MmioEvent& event) override;
  void on_dma(const DmaEvent& event) override;
  void on_interrupt(const InterruptEvent& event) override;
  void on_map(TimePs now, const uint8_t* cpu, uint64_t bus, size_t bytes, DmaAccess access) override;
  void on_unmap(TimePs now, uint64_t bus, size_t bytes, DmaAccess access) override;
  void on_write_barrier(TimePs now) override;
  void on_read_barrier(TimePs now) override;
  bool judge_refused(uint64_t bus, uint32_t bytes, bool write, TimePs now) override;
  // The function was reset behind the driver's back: until it has reset the NIC itself, it cannot be at fault.
  void excuse() { excused_ = true; }
  void check_time(TimePs now);  // R16, when nothing happens any more

 private:
  struct PacketLint { uint32_t descriptors = 0, bytes = 0, csum_end = 0; bool open = false, tso = false; };

  void on_register(TimePs now, uint32_t offset, uint32_t value);
  void on_queue_register(TimePs now, const QueueRegister& at, uint32_t value);
  void on_register_read(TimePs now, uint32_t offset, uint32_t value);
  void set_base(TimePs now, unsigned q, DriverRing& ring, bool high, uint32_t value);
  void set_size(TimePs now, unsigned q, DriverRing& ring, uint32_t value);
  void control(TimePs now, unsigned q, bool rx, uint32_t value);
  void turn_on(TimePs now, unsigned q, DriverRing& ring, bool descriptors);
  void went_quiet(DriverRing& ring);
  void reset_all();
  bool judge_doorbell(TimePs now, unsigned q, DriverRing& ring, uint32_t last, uint32_t value, uint32_t free);
  void producer_doorbell(TimePs now, unsigned q, DriverRing& ring, uint32_t value);
  void return_doorbell(TimePs now, unsigned q, uint32_t value);
  void rearm(TimePs now, unsigned q, uint32_t tag);
  void judge_looked(TimePs now, unsigned q);
  void told(TimePs now, unsigned q);
  void knows(TimePs now, DriverQueue& queue);

  void note_barrier(DriverRing& ring);
  void judge_visible(TimePs now, unsigned q, DriverRing& ring, uint32_t end);
  void hand_over(TimePs now, unsigned q, DriverRing& ring, uint32_t index);
  void lint_tx(TimePs now, unsigned q, uint32_t index, const map::TxDescriptor& d, PacketLint& packet);
  void lint_packet(TimePs now, unsigned q, uint32_t index, const PacketLint& packet);
  void lint_rx(TimePs now, unsigned q, uint32_t index, const map::RxDescriptor& d);
  void judge_buffer(TimePs now, unsigned q, DriverRing& ring, uint32_t index, uint64_t bus, uint32_t bytes, bool write);
  void judge_unchanged(TimePs now, unsigned q, DriverRing& ring, uint64_t bus, uint32_t bytes);
  const uint8_t* entry(const DriverRing& ring, uint32_t index) const;

  void take_status(TimePs now, unsigned q);
  void give_back(TimePs now, DriverRing& ring, uint32_t index);
  void judge_access(const DmaEvent& event);
  void report(const char* rule, TimePs now, unsigned q, const DriverRing& ring, uint32_t index, const std::string& why);
  void report_memory(const char* rule, Side side, TimePs now, const Mapping& m, const std::string& why);

  std::string object_;
  const PcieSettings& settings_;
  const Iommu& iommu_;
  MemoryOwners owners_;
  Accused& accused_;
  ViolationLog& log_;
  bool armed_ = false;
  bool resetting_ = false;
  bool excused_ = false;
  bool no_answer_ = false;  // the last register read brought none: the driver may take the NIC for gone
  std::array<DriverQueue, kQueueSets> queues_;
  unsigned last_queue_ = 0;  // queues above it were never set up
  struct Vector { uint64_t address = 0; uint32_t data = 0; };
  std::array<Vector, map::kMsixTableCount> vectors_{};
};

}  // namespace ringside::sc_model

#endif  // RINGSIDE_SC_MODEL_CHECK_RING_DRIVER_H_
