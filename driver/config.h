// Settings of the driver: what the assembly of a host decides, checked once, before the hardware is touched.
//
// Units stand in the names. Errors: validate() throws std::invalid_argument that names the setting and the range.
// Threads: none.
#ifndef RINGSIDE_DRIVER_CONFIG_H_
#define RINGSIDE_DRIVER_CONFIG_H_

#include <array>
#include <cstddef>
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
  uint16_t gap_usecs = 0;    // at least so long between two messages of a vector; 0: no limit
};

// Each is used, or offered to the stack, when the NIC has it.
struct Offloads {
  bool tx_checksum = true;
  bool rx_checksum = true;   // verdicts handed up; off: every packet kNotChecked
  bool segmentation = true;  // of TCP; needs tx_checksum
  bool vlan_insert = true;
  bool vlan_strip = true;
};

// REFERENCE.md, RSS: which queue a received flow comes to. Without RSS, or without a hash, it is queue 0.
struct RssSettings {
  static constexpr size_t kKeyBytes = 40, kEntries = 128;
  // The key of the published test vectors; it mixes well.
  static constexpr std::array<uint8_t, kKeyBytes> kDefaultKey = {
      0x6D, 0x5A, 0x56, 0xDA, 0x25, 0x5B, 0x0E, 0xC2, 0x41, 0x67, 0x25, 0x3D, 0x43, 0xA3,
      0x8F, 0xB0, 0xD0, 0xCA, 0x2B, 0xCB, 0xAE, 0x7B, 0x30, 0xB4, 0x77, 0xCB, 0x2D, 0xA3,
      0x80, 0x30, 0xF2, 0x0C, 0x6A, 0x42, 0xB7, 0x3B, 0xBE, 0xAC, 0x01, 0xFA};

  bool enable = true;
  bool ipv4 = true, tcp_ipv4 = true, udp_ipv4 = true;
  bool ipv6 = true, tcp_ipv6 = true, udp_ipv6 = true;
  std::array<uint8_t, kKeyBytes> key = kDefaultKey;
  std::array<uint8_t, kEntries> table{};  // queue of hash mod 128
  bool spread_evenly = true;              // the table is filled at bring-up: entry i is queue i mod queues
};

// IEEE 802.3 annex 31B. Thresholds are octets in the NIC's receive buffer.
struct PauseSettings {
  bool rx = false;               // obey the peer's pause frames
  bool tx = false;               // send them when the receive buffer fills
  uint16_t quanta = 0xFFFF;      // of 512 bit times, asked for in each
  uint16_t high_octets = 16384;  // send XOFF from here on
  uint16_t low_octets = 8192;    // ... and XON from here down
};

struct RingSizes {  // entries: powers of two, 8..4096
  uint32_t tx = 256;
  uint32_t rx = 1024;
  uint32_t ret = 1024;  // not smaller than rx, or the NIC drops frames for want of return entries
};

// kAutomatic: MSI-X with a vector for each queue when there are enough, or else one MSI for all.
enum class InterruptMode : uint8_t { kAutomatic, kMsi };

// What a setting at run time comes to. Nothing has changed unless it is kDone.
enum class Setting : uint8_t {
  kDone,
  kInvalid,       // outside its range
  kNotSupported,  // this NIC does not have it
  kNoMemory,      // the old ones go on
  kFailed,        // the NIC did not obey; it is reset or given up
};
const char* to_string(Setting result);

// Where the poll reads TX consumer and return producer index. kMmio is there to be measured (experiment X5).
enum class IndexSource : uint8_t { kStatusBlock, kMmio };

struct NicConfig {
  std::string name = "nic0";
  stack::MacAddress mac{};  // a unicast address
  unsigned function = 0;    // the n-th NIC that enumeration finds
  unsigned queues = 1;      // at most; the NIC may have fewer
  RingSizes rings;
  uint32_t rx_buffer_bytes = 0;  // bytes of each pool buffer to use; 0: all of it (within one page)
  uint32_t mtu_bytes = 1500;     // largest IP packet, 68..9000
  uint32_t poll_budget = 64;     // frames per poll
  Coalescing coalescing;
  Offloads offloads;
  RssSettings rss;
  PauseSettings pause;
  uint16_t dma_timeout_us = 10'000;  // completion time-out, 50..50000
  InterruptMode interrupts = InterruptMode::kAutomatic;
  bool auto_mask = true;  // the NIC masks a vector as it sends; off: the handler does, by an MMIO write
  bool promiscuous = false;
  bool all_multicast = false;
  IndexSource index_source = IndexSource::kStatusBlock;
  uint64_t watchdog_ns = 50'000'000;  // TX without progress for this long is stuck
};

bool is_ring_size(uint32_t entries);
void validate(const NicConfig& config);

// Whether a setting is in its range; `queues` is how many are in use.
bool is_unicast(const stack::MacAddress& mac);  // and not zero
bool is_valid(const RingSizes& rings);
bool is_valid(const Coalescing& coalescing);  // no event may wait for ever
bool is_valid(const PauseSettings& pause);
bool is_valid(const RssSettings& rss, size_t queues);
inline bool is_mtu(uint32_t bytes) {
  return bytes >= 68 && bytes <= 9000;
}
inline bool is_dma_timeout(uint16_t us) {
  return us >= 50 && us <= 50'000;
}

}  // namespace ringside::driver

#endif  // RINGSIDE_DRIVER_CONFIG_H_
