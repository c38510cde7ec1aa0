// Settings of the driver: what the assembly of a host decides, checked once, before the hardware is touched.
//
// Units stand in the names. Errors: validate() throws std::invalid_argument that names the setting and the range.
// Threads: none.
#ifndef RINGSIDE_DRIVER_CONFIG_H_
#define RINGSIDE_DRIVER_CONFIG_H_

#include <cstdint>
#include <string>

#include "stack/net_device.h"

namespace ringside::driver {

// REFERENCE.md section 11. A message is due after so many frames, or so long after the first unreported one.
// 0 frames: no threshold; 0 us: no timer; both 0: at once.
struct Coalescing {
  uint16_t rx_frames = 16;
  uint16_t rx_usecs = 10;
  uint16_t tx_frames = 32;
  uint16_t tx_usecs = 50;
  uint16_t max_usecs = 100;  // no event waits longer; 0: no bound
};

struct Offloads {
  bool tx_checksum = true;  // offered to the stack when the NIC has it
  bool rx_checksum = true;  // verdicts handed up; off: every packet kNotChecked
};

struct RingSizes {  // entries: powers of two, 8..4096
  uint32_t tx = 256;
  uint32_t rx = 256;
  uint32_t ret = 256;  // not smaller than rx, or the NIC drops frames for want of return entries
};

// Where the poll reads TX consumer and return producer index. kMmio is there to be measured (experiment X5).
enum class IndexSource : uint8_t { kStatusBlock, kMmio };

struct NicConfig {
  std::string name = "nic0";
  stack::MacAddress mac{};       // a unicast address
  unsigned function = 0;         // the n-th NIC that enumeration finds
  unsigned queues = 1;           // at most; the NIC may have fewer
  RingSizes rings;
  uint32_t rx_buffer_bytes = 0;  // bytes of each pool buffer to use; 0: all of it (within one page)
  uint32_t mtu_bytes = 1500;     // largest IP packet, 68..9000
  uint32_t poll_budget = 64;     // frames per poll
  Coalescing coalescing;
  Offloads offloads;
  bool auto_mask = true;         // the NIC masks a vector as it sends; off: the handler does, by an MMIO write
  bool promiscuous = false;
  bool all_multicast = false;
  IndexSource index_source = IndexSource::kStatusBlock;
  uint64_t watchdog_ns = 50'000'000;  // TX without progress for this long is stuck
};

bool is_ring_size(uint32_t entries);
void validate(const NicConfig& config);
void validate(const RingSizes& rings);

}  // namespace ringside::driver

#endif  // RINGSIDE_DRIVER_CONFIG_H_
