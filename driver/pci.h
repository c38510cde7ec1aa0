// PCI: the little of configuration space that a driver touches itself: command register, capability list, MSI-X,
// MSI, and the function level reset.
//
// Numbers: PCI Local Bus 3.0, 6.1 (header), 6.7 (capability list), 6.8.1 (MSI), 6.8.2 (MSI-X);
// PCI Express Base 2.1, 6.6.2 and 7.8 (function level reset). MPS and MRRS stay as the machine set
// them. Errors: a missing or malformed capability is a null result. Threads: none.
#ifndef RINGSIDE_DRIVER_PCI_H_
#define RINGSIDE_DRIVER_PCI_H_

#include <cstdint>

#include "driver/platform.h"

namespace ringside::driver {

inline constexpr uint16_t kPciCommand = 0x04;
inline constexpr uint16_t kPciCommandMemorySpace = 1u << 1;
inline constexpr uint16_t kPciCommandBusMaster = 1u << 2;
inline constexpr uint16_t kPciStatus = 0x06;
inline constexpr uint16_t kPciStatusCapabilities = 1u << 4;
inline constexpr uint16_t kPciCapabilityPointer = 0x34;
inline constexpr uint16_t kPciFirstBar = 0x10;
inline constexpr unsigned kPciBars = 6;
inline constexpr uint8_t kPciCapabilityMsi = 0x05;
inline constexpr uint8_t kPciCapabilityExpress = 0x10;
inline constexpr uint8_t kPciCapabilityMsix = 0x11;

// Offset of the capability in configuration space, 0 when the function has none.
uint16_t find_capability(PciFunction& function, uint8_t id);

void set_command(PciFunction& function, uint16_t set, uint16_t clear);

// The MSI-X capability and the table it points at.
class Msix {
 public:
  Msix() = default;
  explicit Msix(PciFunction* function);  // walks the list

  bool present() const { return capability_ != 0; }
  unsigned vectors() const { return vectors_; }
  void fill(unsigned vector, const MsiMessage& message) const;  // and unmasks it
  void mask(unsigned vector) const;
  void enable() const;  // MSI-X enable on, function mask off
  void disable() const;

 private:
  uint32_t entry(unsigned vector) const { return table_ + 16 * vector; }

  PciFunction* function_ = nullptr;
  uint16_t capability_ = 0;
  unsigned vectors_ = 0;
  unsigned bar_ = 0;
  uint32_t table_ = 0;  // offset in the BAR
};

// The MSI capability, of which one message is used: several would have to be numbered in a row by the machine.
class Msi {
 public:
  Msi() = default;
  explicit Msi(PciFunction* function);  // walks the list

  bool present() const { return capability_ != 0; }
  void enable(const MsiMessage& message) const;
  void disable() const;

 private:
  PciFunction* function_ = nullptr;
  uint16_t capability_ = 0;
};

// Resets the function through configuration space and gives it back the place on the bus it had: BARs, device control,
// command. Takes 100 ms and more. False: the function cannot do that, or does not come back.
bool function_level_reset(Platform& platform, PciFunction& function);

}  // namespace ringside::driver

#endif  // RINGSIDE_DRIVER_PCI_H_
