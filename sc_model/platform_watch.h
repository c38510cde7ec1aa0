// What a driver does to memory through driver/platform.h, told to the checkers. Barriers are told too: they are where
// the driver says that its stores, or its loads, are in order.
#ifndef RINGSIDE_SC_MODEL_PLATFORM_WATCH_H_
#define RINGSIDE_SC_MODEL_PLATFORM_WATCH_H_

#include <cstddef>
#include <cstdint>

#include "sc_model/iommu.h"
#include "sc_model/sim_time.h"

namespace ringside::sc_model {

class PlatformWatch {
 public:
  virtual ~PlatformWatch() = default;
  // After it was mapped, or allocated (kCoherent).
  virtual void on_map(TimePs now, const uint8_t* cpu, uint64_t bus, size_t bytes, DmaAccess access) = 0;
  // Before it is unmapped or freed; also when there is no such mapping.
  virtual void on_unmap(TimePs now, uint64_t bus, size_t bytes, DmaAccess access) = 0;
  virtual void on_write_barrier(TimePs now) = 0;
  virtual void on_read_barrier(TimePs now) = 0;
};

}  // namespace ringside::sc_model

#endif  // RINGSIDE_SC_MODEL_PLATFORM_WATCH_H_
