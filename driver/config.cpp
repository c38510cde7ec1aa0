#include "driver/config.h"

#include <algorithm>
#include <stdexcept>

#include "driver/nic_regs.h"

namespace ringside::driver {
namespace {

void require(bool condition, const char* message) {
  if (!condition) throw std::invalid_argument(message);
}

}  // namespace

bool is_unicast(const stack::MacAddress& mac) {
  return (mac[0] & 1) == 0 && mac != stack::MacAddress{};
}

bool is_ring_size(uint32_t entries) {
  return entries >= 8 && entries <= 4096 && (entries & (entries - 1)) == 0;
}

bool is_valid(const RingSizes& rings) {
  return is_ring_size(rings.tx) && is_ring_size(rings.rx) && is_ring_size(rings.ret) && rings.ret >= rings.rx;
}

bool is_valid(const Coalescing& c) {
  const bool rx_bound = c.rx_frames <= 1 || c.rx_usecs > 0, tx_bound = c.tx_frames <= 1 || c.tx_usecs > 0;
  return c.max_usecs > 0 || (rx_bound && tx_bound);
}

bool is_valid(const PauseSettings& pause) {
  return !pause.tx || (pause.quanta > 0 && pause.low_octets < pause.high_octets);
}

bool is_valid(const RssSettings& rss, size_t queues) {
  return rss.spread_evenly ||
         std::all_of(rss.table.begin(), rss.table.end(), [&](uint8_t queue) { return queue < queues; });
}

const char* to_string(Setting result) {
  switch (result) {
    case Setting::kDone:
      return "done";
    case Setting::kInvalid:
      return "outside its range";
    case Setting::kNotSupported:
      return "this NIC does not have it";
    case Setting::kNoMemory:
      return "no DMA memory left";
    case Setting::kFailed:
      return "the NIC does not obey";
  }
  return "unknown";
}

void validate(const NicConfig& config) {
  require(is_unicast(config.mac), "mac: must be a unicast address, not zero");
  require(config.queues >= 1 && config.queues <= regs::kMaxQueues, "queues: must be 1 to 8");
  require(is_ring_size(config.rings.tx), "rings.tx: must be a power of two from 8 to 4096");
  require(is_ring_size(config.rings.rx), "rings.rx: must be a power of two from 8 to 4096");
  require(is_ring_size(config.rings.ret), "rings.ret: must be a power of two from 8 to 4096");
  require(config.rings.ret >= config.rings.rx, "rings.ret: must not be smaller than rings.rx");
  require(config.rx_buffer_bytes == 0 || (config.rx_buffer_bytes >= 64 && config.rx_buffer_bytes <= 4096),
          "rx_buffer_bytes: must be 0 or 64 to 4096");
  require(is_mtu(config.mtu_bytes), "mtu_bytes: must be 68 to 9000");
  require(config.poll_budget >= 1, "poll_budget: must be at least 1");
  require(is_valid(config.coalescing), "coalescing: a count needs a time, or frames may never be told of");
  require(is_valid(config.pause), "pause: quanta must not be zero and low_octets must be below high_octets");
  require(is_valid(config.rss, config.queues), "rss.table: every entry must be below queues");
  require(is_dma_timeout(config.dma_timeout_us), "dma_timeout_us: must be 50 to 50000");
  require(config.watchdog_ns >= 1'000'000, "watchdog_ns: must be at least 1 ms");
}

}  // namespace ringside::driver
