// Enumeration: what firmware and the operating system's PCI layer do before a driver is asked. By real configuration
// TLPs only.
#include <algorithm>

#include "sc_model/sim_pci_function.h"
#include "sc_model/sim_platform.h"

namespace ringside::sc_model {
namespace {

// Type 0 header (PCI Local Bus 3.0, 6.1) and PCI Express capability (7.8 of the 3.x base specifications).
constexpr uint16_t kVendorId = 0x00;
constexpr uint16_t kDeviceId = 0x02;
constexpr uint16_t kCommand = 0x04;
constexpr uint16_t kStatus = 0x06;
constexpr uint16_t kHeaderType = 0x0E;
constexpr uint16_t kBar0 = 0x10;
constexpr uint16_t kCapabilityPointer = 0x34;
constexpr uint16_t kCommandMemory = 1u << 1;
constexpr uint16_t kCommandBusMaster = 1u << 2;
constexpr uint16_t kStatusCapabilities = 1u << 4;
constexpr uint8_t kPcieCapabilityId = 0x10;
constexpr uint8_t kMsiCapabilityId = 0x05;
constexpr uint8_t kMsixCapabilityId = 0x11;
constexpr uint16_t kDeviceCapabilities = 4;  // from the capability's start
constexpr uint16_t kDeviceControl = 8;
constexpr uint32_t kExtendedTagSupported = 1u << 5;
constexpr uint32_t kExtendedTagEnable = 1u << 8;
constexpr uint32_t kRelaxedOrderingEnable = 1u << 4;
constexpr uint32_t kNoSnoopEnable = 1u << 11;

// Device Control codes sizes as log2(bytes / 128).
uint32_t size_code(uint32_t bytes) { return static_cast<uint32_t>(__builtin_ctz(bytes / 128)); }

}  // namespace

driver::PciFunction* SimPlatform::find_function(uint16_t vendor, uint16_t device, unsigned n) {
  if (!enumerated_) enumerate();
  for (const auto& function : functions_) {
    if (function->config_read(kVendorId, 2) != vendor || function->config_read(kDeviceId, 2) != device) continue;
    if (n-- == 0) return function.get();
  }
  return nullptr;
}

// The link is point to point: only device 0 can be there. Functions 1..7 are asked when the header says so.
void SimPlatform::enumerate() {
  enumerated_ = true;
  unsigned last_function = 0;
  for (unsigned f = 0; f <= last_function; ++f) {
    const PciId id = PciId::of(kDeviceBus, 0, f);
    if (config_read(id, kVendorId, 2) == 0xFFFF) continue;
    functions_.push_back(std::make_unique<SimPciFunction>(*this, id));
    SimPciFunction& function = *functions_.back();
    if ((function.config_read(kHeaderType, 1) & 0x80) != 0) last_function = 7;
    place_bars(function);
    find_capabilities(function);
    set_payload_sizes(function);
  }
}

void SimPlatform::place_bars(SimPciFunction& function) {
  const uint32_t command = function.config_read(kCommand, 2);
  function.config_write(kCommand, 2, command & ~(kCommandMemory | kCommandBusMaster));
  for (unsigned bar = 0; bar < 6;) bar += place_bar(function, bar);
  function.config_write(kCommand, 2, (command & ~kCommandBusMaster) | kCommandMemory);
}

// Sizes one BAR by writing ones and gives it a naturally aligned place. Returns how many BAR registers it takes.
unsigned SimPlatform::place_bar(SimPciFunction& function, unsigned bar) {
  const uint16_t offset = static_cast<uint16_t>(kBar0 + 4 * bar);
  function.config_write(offset, 4, 0xFFFF'FFFF);
  const uint32_t low = function.config_read(offset, 4);
  const bool io = (low & 1) != 0;
  const bool wide = !io && (low & 6) == 4 && bar < 5;
  uint64_t mask = (low & ~0xFu) | (wide ? 0 : ~uint64_t{0} << 32);
  if (wide) {
    function.config_write(static_cast<uint16_t>(offset + 4), 4, 0xFFFF'FFFF);
    mask |= static_cast<uint64_t>(function.config_read(static_cast<uint16_t>(offset + 4), 4)) << 32;
  }
  const bool implemented = !io && (low & ~0xFu) != 0;
  const uint64_t bytes = implemented ? ~mask + 1 : 0;
  const uint64_t address = bytes == 0 ? 0 : (next_mmio_ + bytes - 1) / bytes * bytes;
  if (bytes != 0) next_mmio_ = address + bytes;
  function.config_write(offset, 4, static_cast<uint32_t>(address));
  if (wide) function.config_write(static_cast<uint16_t>(offset + 4), 4, static_cast<uint32_t>(address >> 32));
  function.set_bar(bar, {address, bytes});
  if (bar == 0) settings_.bar0 = address, settings_.bar0_bytes = bytes;
  return wide ? 2 : 1;
}

void SimPlatform::find_capabilities(SimPciFunction& function) {
  if ((function.config_read(kStatus, 2) & kStatusCapabilities) == 0) return;
  uint16_t at = static_cast<uint16_t>(function.config_read(kCapabilityPointer, 1) & 0xFC);
  for (unsigned bound = 48; at >= 0x40 && bound > 0; --bound) {
    const uint32_t head = function.config_read(at, 2);
    if ((head & 0xFF) == kPcieCapabilityId) function.set_pcie_capability(settings_.pcie_capability = at);
    if ((head & 0xFF) == kMsiCapabilityId) settings_.msi_capability = at;
    if ((head & 0xFF) == kMsixCapabilityId) settings_.msix_capability = at;
    at = static_cast<uint16_t>(head >> 8 & 0xFC);
  }
}

void SimPlatform::set_payload_sizes(SimPciFunction& function) {
  const uint16_t capability = function.pcie_capability();
  if (capability == 0) return;
  const uint32_t offers = function.config_read(static_cast<uint16_t>(capability + kDeviceCapabilities), 4);
  const uint32_t mps = std::min(root_.profile().mps_bytes, 128u << std::min(offers & 7, 5u));
  uint32_t control = function.config_read(static_cast<uint16_t>(capability + kDeviceControl), 2);
  control &= ~(7u << 5 | 7u << 12 | kExtendedTagEnable | kRelaxedOrderingEnable | kNoSnoopEnable);
  control |= size_code(mps) << 5 | size_code(root_.profile().mrrs_bytes) << 12;
  if (root_.profile().relaxed_ordering) control |= kRelaxedOrderingEnable;
  if (root_.profile().extended_tags && (offers & kExtendedTagSupported) != 0) control |= kExtendedTagEnable;
  function.config_write(static_cast<uint16_t>(capability + kDeviceControl), 2, control);
  root_.set_max_payload(mps);
}

// Keeps the settings that checkers judge by in step with what software wrote.
void SimPlatform::note_config_write(const SimPciFunction& function, uint16_t offset, unsigned bytes, uint32_t value) {
  settings_.function = function.id();
  if (offset == kCommand && bytes >= 2) settings_.bus_master = (value & kCommandBusMaster) != 0;
  const uint16_t control = static_cast<uint16_t>(function.pcie_capability() + kDeviceControl);
  if (function.pcie_capability() == 0 || offset != control || bytes < 2) return;
  settings_.mps_bytes = 128u << (value >> 5 & 7);
  settings_.mrrs_bytes = 128u << (value >> 12 & 7);
  settings_.extended_tags = (value & kExtendedTagEnable) != 0;
  settings_.relaxed_ordering = (value & kRelaxedOrderingEnable) != 0;
  settings_.no_snoop = (value & kNoSnoopEnable) != 0;
}

}  // namespace ringside::sc_model
