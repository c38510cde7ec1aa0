// What the ring checkers share: places of registers in a queue set, the object's name, and who was accused already.
#ifndef RINGSIDE_SC_MODEL_CHECK_RING_H_
#define RINGSIDE_SC_MODEL_CHECK_RING_H_

#include <array>
#include <cstdint>
#include <cstring>
#include <string>

#include "driver/nic_regs.h"
#include "sc_model/event_history.h"
#include "sc_model/violation.h"

namespace ringside::sc_model {

namespace map = ringside::driver::regs;

constexpr uint16_t kKnownTxFlags = map::tx_flags::kEop | map::tx_flags::kCsum | map::tx_flags::kVlan |
                                   map::tx_flags::kTso | map::tx_flags::kTimestamp | map::tx_flags::kExtension;
constexpr unsigned kQueueSets = map::kQueueCount;

// A register of a queue set: which queue, and the address it has in queue 0.
struct QueueRegister {
  unsigned queue = 0;
  uint32_t at = 0;  // 0: not in the block of queue sets
};
inline QueueRegister queue_register(uint32_t offset) {
  if (offset < map::kQueueBase || offset >= map::kQueueBase + kQueueSets * map::kQueueStride) return {};
  const unsigned queue = (offset - map::kQueueBase) / map::kQueueStride;
  return {queue, offset - queue * map::kQueueStride};
}

inline uint64_t with_half(uint64_t old, bool high, uint32_t value) {
  return high ? (old & 0xFFFFFFFF) | uint64_t{value} << 32 : (old & ~uint64_t{0xFFFFFFFF}) | value;
}

// STATUS_BASE as the NIC takes it: writing LO stops the blocks until HI is written, with which the address takes effect.
struct StatusBase {
  uint64_t bus = 0;
  uint32_t low = 0;
  bool whole = true;
  void write(bool high, uint32_t value) {
    whole = high;
    if (high) bus = low | uint64_t{value} << 32;
    else low = value;
  }
};

// a - b of free-running indices, as a signed number: negative when a is behind b.
inline int32_t ahead(uint32_t a, uint32_t b) { return static_cast<int32_t>(a - b); }

template <typename T>
T load(const void* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

// Device accesses that were reported at the NIC's pins: the same access is not reported again when it reaches memory,
// where another rule would be named for it.
class Accused {
 public:
  void add(uint64_t bus) { buses_[next_++ % buses_.size()] = bus; }
  bool has(uint64_t bus, uint64_t bytes) const {
    for (uint64_t b : buses_)
      if (b != 0 && b >= bus && b < bus + bytes) return true;
    return false;
  }

 private:
  std::array<uint64_t, 32> buses_{};
  size_t next_ = 0;
};

}  // namespace ringside::sc_model

#endif  // RINGSIDE_SC_MODEL_CHECK_RING_H_
