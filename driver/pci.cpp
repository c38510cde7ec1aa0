#include "driver/pci.h"

#include <array>

#include "driver/registers.h"

namespace ringside::driver {
namespace {

constexpr uint16_t kMsixControl = 2;  // from the capability
constexpr uint16_t kMsixTable = 4;
constexpr uint16_t kMsixControlEnable = 1u << 15;
constexpr uint16_t kMsixControlFunctionMask = 1u << 14;
constexpr uint16_t kMsixControlSize = 0x7FF;  // vectors - 1
constexpr uint32_t kVectorMasked = 1;
constexpr uint16_t kMsiControl = 2;  // from the capability
constexpr uint16_t kMsiAddress = 4;
constexpr uint16_t kMsiControlEnable = 1u << 0;
constexpr uint16_t kMsiControlMessages = 7u << 4;  // log2 of those granted
constexpr uint16_t kMsiControl64 = 1u << 7;
constexpr uint16_t kMsiControlMaskable = 1u << 8;
constexpr uint16_t kExpressCapabilities = 2;  // from the capability
constexpr uint16_t kExpressDeviceCapabilities = 4;
constexpr uint16_t kExpressDeviceControl = 8;
constexpr uint16_t kExpressDeviceStatus = 10;
constexpr uint16_t kExpressDeviceControl2 = 40;  // from version 2 of the capability on
constexpr uint32_t kExpressVersion = 15;
constexpr uint32_t kFunctionResetCapable = 1u << 28;
constexpr uint32_t kFunctionReset = 1u << 15;
constexpr uint32_t kTransactionsPending = 1u << 5;
constexpr uint64_t kPendingLimitNs = 100'000'000, kFunctionResetNs = 100'000'000;  // PCIe Base, 6.6.2
constexpr unsigned kMaxCapabilities = 48;  // 192 bytes of list, 4 each: a longer walk is a loop

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

void Msix::mask(unsigned vector) const {
  function_->mmio_write32(bar_, entry(vector) + 12, kVectorMasked);
}

void Msix::enable() const {
  const auto control = static_cast<uint16_t>(capability_ + kMsixControl);
  const uint32_t value = function_->config_read(control, 2);
  function_->config_write(control, 2, (value | kMsixControlEnable) & ~uint32_t{kMsixControlFunctionMask});
}

void Msix::disable() const {
  const auto control = static_cast<uint16_t>(capability_ + kMsixControl);
  function_->config_write(control, 2, function_->config_read(control, 2) & ~uint32_t{kMsixControlEnable});
}

// ---- MSI ----

Msi::Msi(PciFunction* function) : function_(function), capability_(find_capability(*function, kPciCapabilityMsi)) {}

void Msi::enable(const MsiMessage& message) const {
  const auto at = [this](unsigned offset) { return static_cast<uint16_t>(capability_ + offset); };
  const uint32_t control = function_->config_read(at(kMsiControl), 2);
  const bool wide = (control & kMsiControl64) != 0;
  const unsigned data = wide ? 12 : 8;
  function_->config_write(at(kMsiAddress), 4, static_cast<uint32_t>(message.address));
  if (wide) function_->config_write(at(kMsiAddress + 4), 4, static_cast<uint32_t>(message.address >> 32));
  function_->config_write(at(data), 2, message.data & 0xFFFF);
  if (control & kMsiControlMaskable) function_->config_write(at(data + 4), 4, 0);
  function_->config_write(at(kMsiControl), 2, (control & ~uint32_t{kMsiControlMessages}) | kMsiControlEnable);
}

void Msi::disable() const {
  const auto control = static_cast<uint16_t>(capability_ + kMsiControl);
  function_->config_write(control, 2, function_->config_read(control, 2) & ~uint32_t{kMsiControlEnable});
}

// ---- function level reset ----

bool function_level_reset(Platform& platform, PciFunction& function) {
  const uint16_t express = find_capability(function, kPciCapabilityExpress);
  if (!express) return false;
  const auto at = [express](unsigned offset) { return static_cast<uint16_t>(express + offset); };
  if (!(function.config_read(at(kExpressDeviceCapabilities), 4) & kFunctionResetCapable)) return false;
  const uint32_t command = function.config_read(kPciCommand, 2);
  const uint32_t control = function.config_read(at(kExpressDeviceControl), 2);
  const bool has_control2 = (function.config_read(at(kExpressCapabilities), 2) & kExpressVersion) >= 2;
  const uint32_t control2 = has_control2 ? function.config_read(at(kExpressDeviceControl2), 2) : 0;
  std::array<uint32_t, kPciBars> bars;
  const auto bar_at = [](size_t i) { return static_cast<uint16_t>(kPciFirstBar + 4 * i); };
  for (size_t i = 0; i < bars.size(); ++i) bars[i] = function.config_read(bar_at(i), 4);

  set_command(function, 0, kPciCommandMemorySpace | kPciCommandBusMaster);  // no new request of either side
  wait_until(platform, kPendingLimitNs,
             [&] { return !(function.config_read(at(kExpressDeviceStatus), 2) & kTransactionsPending); });
  function.config_write(at(kExpressDeviceControl), 2, control | kFunctionReset);
  platform.delay_ns(kFunctionResetNs);
  if (function.config_read(0, 4) == 0xFFFFFFFF) return false;

  for (size_t i = 0; i < bars.size(); ++i) function.config_write(bar_at(i), 4, bars[i]);
  function.config_write(at(kExpressDeviceControl), 2, control);
  if (has_control2) function.config_write(at(kExpressDeviceControl2), 2, control2);
  function.config_write(kPciCommand, 2, command);
  return true;
}

}  // namespace ringside::driver
