// What software costs: one table, in picoseconds of simulated CPU time per unit. Every entry names its source; all
// may be changed per run. driver::DriverWork is a part of it, the rest is for system calls and the stack.
#ifndef RINGSIDE_SC_MODEL_CPU_COSTS_H_
#define RINGSIDE_SC_MODEL_CPU_COSTS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "driver/platform.h"
#include "sc_model/sim_time.h"

namespace ringside::sc_model {

// Units in the right column; charge(work, count) costs count times the entry.
enum class CpuWork : uint8_t {
  kSystemCall,      // call     user mode to kernel mode and back
  kCopyByte,        // byte     between user memory and socket buffer
  kChecksumByte,    // byte     software checksum
  kTcpSegmentOut,   // segment  TCP and IP output of one segment
  kTcpSegmentIn,    // segment  TCP and IP input of one segment
  kTimer,           // expiry   a stack or driver timer
  kContextSwitch,   // switch   a blocked thread goes on
  kMmioWrite,       // access   until the CPU can go on (posted)
  kMmioRead,        // access   CPU's own part; the round trip is simulated
  kConfigAccess,    // access   CPU's own part of a configuration read or write
  kDmaMap,          // call     map or unmap through the IOMMU API
  kInterrupt,       // DriverWork from here on, in its order
  kPollEntry,
  kTxPacket,
  kTxDescriptor,
  kRxPacket,
  kReclaimPacket,
  kCount,
};

CpuWork from_driver_work(driver::DriverWork work);

class CpuCosts {
 public:
  CpuCosts();  // the default table
  static CpuCosts free();  // all zero, for tests of the model itself

  TimePs of(CpuWork work) const { return ps_[static_cast<size_t>(work)]; }
  void set(CpuWork work, TimePs ps) { ps_[static_cast<size_t>(work)] = ps; }
  void scale(double factor);  // a slower or faster CPU

  static std::string_view name(CpuWork work);    // snake_case, as scenario files write it
  static std::string_view source(CpuWork work);  // where the default comes from

 private:
  std::array<TimePs, static_cast<size_t>(CpuWork::kCount)> ps_{};
};

}  // namespace ringside::sc_model

#endif  // RINGSIDE_SC_MODEL_CPU_COSTS_H_
