#include "driver/pci.h"

namespace ringside::driver {
namespace {

constexpr uint16_t kMsixControl = 2;         // from the capability
constexpr uint16_t kMsixTable = 4;
constexpr uint16_t kMsixControlEnable = 1u << 15;
constexpr uint16_t kMsixControlFunctionMask = 1u << 14;
constexpr uint16_t kMsixControlSize = 0x7FF;  // vectors - 1
constexpr uint32_t kVectorMasked = 1;
constexpr unsigned kMaxCapabilities = 48;     // 192 bytes of list, 4 each: a longer walk is a loop

}  // namespace

uint16_t find_capability(PciFunction& function, uint8_t id) {
  if (!(function.config_read(kPciStatus, 2) & kPciStatusCapabilities)) return 0;
  auto offset = static_cast<uint16_t>(function.config_read(kPciCapabilityPointer, 1) & 0xFC);
  for (unsigned i = 0; offset >= 0x40 && i < kMaxCapabilities; ++i) {
    const uint32_t header = function.config_read(offset, 2);
    if ((header & 0xFF) == id) return offset;
    offset = static_cast<uint16_t>(header >> 8 & 0xFC);
  }
  return 0;
}

void set_command(PciFunction& function, uint16_t set, uint16_t clear) {
  const uint32_t command = function.config_read(kPciCommand, 2);
  function.config_write(kPciCommand, 2, (command & ~uint32_t{clear}) | set);
}

Msix::Msix(PciFunction* function) : function_(function), capability_(find_capability(*function, kPciCapabilityMsix)) {
  if (!capability_) return;
  vectors_ = (function_->config_read(static_cast<uint16_t>(capability_ + kMsixControl), 2) & kMsixControlSize) + 1;
  const uint32_t table = function_->config_read(static_cast<uint16_t>(capability_ + kMsixTable), 4);
  bar_ = table & 7;
  table_ = table & ~7u;
  if (bar_ > 5 || table_ + uint64_t{16} * vectors_ > function_->bar_bytes(bar_)) capability_ = 0;
}

void Msix::fill(unsigned vector, const MsiMessage& message) const {
  function_->mmio_write32(bar_, entry(vector), static_cast<uint32_t>(message.address));
  function_->mmio_write32(bar_, entry(vector) + 4, static_cast<uint32_t>(message.address >> 32));
  function_->mmio_write32(bar_, entry(vector) + 8, message.data);
  function_->mmio_write32(bar_, entry(vector) + 12, 0);
}

void Msix::mask(unsigned vector) const { function_->mmio_write32(bar_, entry(vector) + 12, kVectorMasked); }

void Msix::enable() const {
  const auto control = static_cast<uint16_t>(capability_ + kMsixControl);
  const uint32_t value = function_->config_read(control, 2);
  function_->config_write(control, 2, (value | kMsixControlEnable) & ~uint32_t{kMsixControlFunctionMask});
}

void Msix::disable() const {
  const auto control = static_cast<uint16_t>(capability_ + kMsixControl);
  function_->config_write(control, 2, function_->config_read(control, 2) & ~uint32_t{kMsixControlEnable});
}

}  // namespace ringside::driver
