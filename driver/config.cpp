#include "driver/config.h"

#include <stdexcept>

#include "driver/nic_regs.h"

namespace ringside::driver {
namespace {

void require(bool condition, const char* message) {
  if (!condition) throw std::invalid_argument(message);
}

bool is_unicast(const stack::MacAddress& mac) { return (mac[0] & 1) == 0 && mac != stack::MacAddress{}; }

}  // namespace

bool is_ring_size(uint32_t entries) { return entries >= 8 && entries <= 4096 && (entries & (entries - 1)) == 0; }

void validate(const RingSizes& rings) {
  require(is_ring_size(rings.tx), "rings.tx: must be a power of two from 8 to 4096");
  require(is_ring_size(rings.rx), "rings.rx: must be a power of two from 8 to 4096");
  require(is_ring_size(rings.ret), "rings.ret: must be a power of two from 8 to 4096");
  require(rings.ret >= rings.rx, "rings.ret: must not be smaller than rings.rx");
}

void validate(const NicConfig& config) {
  require(is_unicast(config.mac), "mac: must be a unicast address, not zero");
  require(config.queues >= 1 && config.queues <= regs::kMaxQueues, "queues: must be 1 to 8");
  validate(config.rings);
  require(config.rx_buffer_bytes == 0 || (config.rx_buffer_bytes >= 64 && config.rx_buffer_bytes <= 4096),
          "rx_buffer_bytes: must be 0 or 64 to 4096");
  require(config.mtu_bytes >= 68 && config.mtu_bytes <= 9000, "mtu_bytes: must be 68 to 9000");
  require(config.poll_budget >= 1, "poll_budget: must be at least 1");
  require(config.watchdog_ns >= 1'000'000, "watchdog_ns: must be at least 1 ms");
}

}  // namespace ringside::driver
