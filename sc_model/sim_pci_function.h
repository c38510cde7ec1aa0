// One enumerated function, as the driver sees it. Everything is passed on to the platform that owns it.
#ifndef RINGSIDE_SC_MODEL_SIM_PCI_FUNCTION_H_
#define RINGSIDE_SC_MODEL_SIM_PCI_FUNCTION_H_

#include <array>
#include <cstdint>

#include "sc_model/sim_platform.h"

namespace ringside::sc_model {

class SimPciFunction : public driver::PciFunction {
 public:
  struct Bar { uint64_t address = 0; uint64_t bytes = 0; };

  SimPciFunction(SimPlatform& platform, PciId id) : platform_(platform), id_(id) {}

  uint32_t config_read(uint16_t offset, unsigned bytes) override { return platform_.config_read(id_, offset, bytes); }
  void config_write(uint16_t offset, unsigned bytes, uint32_t value) override {
    platform_.config_write(id_, offset, bytes, value);
    platform_.note_config_write(*this, offset, bytes, value);
  }
  uint32_t mmio_read32(unsigned bar, uint32_t offset) override {
    return static_cast<uint32_t>(platform_.mmio_read(*this, bar, offset, 4));
  }
  void mmio_write32(unsigned bar, uint32_t offset, uint32_t value) override {
    platform_.mmio_write(*this, bar, offset, 4, value);
  }
  uint64_t mmio_read64(unsigned bar, uint32_t offset) override { return platform_.mmio_read(*this, bar, offset, 8); }
  void mmio_write64(unsigned bar, uint32_t offset, uint64_t value) override {
    platform_.mmio_write(*this, bar, offset, 8, value);
  }
  uint64_t bar_bytes(unsigned bar) const override { return bar < bars_.size() ? bars_[bar].bytes : 0; }

  PciId id() const { return id_; }
  const Bar& bar(unsigned n) const { return bars_.at(n); }
  void set_bar(unsigned n, const Bar& bar) { bars_.at(n) = bar; }
  uint16_t pcie_capability() const { return pcie_capability_; }  // offset in configuration space, 0: none
  void set_pcie_capability(uint16_t offset) { pcie_capability_ = offset; }

 private:
  SimPlatform& platform_;
  PciId id_;
  std::array<Bar, 6> bars_;
  uint16_t pcie_capability_ = 0;
};

}  // namespace ringside::sc_model

#endif  // RINGSIDE_SC_MODEL_SIM_PCI_FUNCTION_H_
