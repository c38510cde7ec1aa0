// SimPlatform: driver/platform.h on the simulated machine. Enumerates by real configuration TLPs, does MMIO by TLPs,
// hands out host memory through the IOMMU, and runs handlers, polls and timers on the host's CPU.
//
// Enumeration happens at the first find_function(): one function behind one root port; BARs sized and placed, MPS,
//   MRRS and extended tags programmed from the host profile and what the function offers, memory space on, bus master
//   off.
// Context: everything here needs the CPU held (see host_cpu.h), as all software of a host does. Configuration
//   accesses and MMIO reads take simulated time with the CPU stalled; the rest takes none but charges.
// BARs: placed upwards from kMmioBase, sized by writing ones (PCI Local Bus 3.0, 6.2.5.1); 64-bit BARs may go above 4
//   GiB.
#ifndef RINGSIDE_SC_MODEL_SIM_PLATFORM_H_
#define RINGSIDE_SC_MODEL_SIM_PLATFORM_H_

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "driver/platform.h"
#include "sc_model/host_cpu.h"
#include "sc_model/host_memory.h"
#include "sc_model/interrupt_controller.h"
#include "sc_model/iommu.h"
#include "sc_model/observer.h"
#include "sc_model/pcie_settings.h"
#include "sc_model/platform_watch.h"
#include "sc_model/root_complex.h"

namespace ringside::sc_model {

class SimPciFunction;

class SimPlatform : public driver::Platform {
 public:
  static constexpr uint64_t kMmioBase = 0xE000'0000;
  static constexpr unsigned kDeviceBus = 1;  // one root port, one device behind it

  SimPlatform(HostCpu& cpu, HostMemory& memory, Iommu& iommu, InterruptController& interrupts, RootComplex& root,
              const ObserverList& observers);
  ~SimPlatform() override;

  driver::PciFunction* find_function(uint16_t vendor, uint16_t device, unsigned n) override;

  driver::DmaBlock dma_allocate(size_t bytes) override;
  void dma_free(const driver::DmaBlock& block) override;
  driver::DmaAddress dma_map(const void* cpu, size_t bytes, driver::DmaDirection direction) override;
  void dma_unmap(driver::DmaAddress address, size_t bytes, driver::DmaDirection direction) override;
  // Memory is strongly ordered here, so barriers cost nothing; the checkers hold the driver to them all the same.
  void write_barrier() override;
  void read_barrier() override;

  driver::MsiMessage irq_request(std::function<void()> handler) override;
  void irq_free(int irq) override;

  int poll_register(std::function<bool()> poll) override { return cpu_.poll_register(std::move(poll)); }
  void poll_schedule(int poll) override { cpu_.poll_schedule(poll); }
  void poll_unregister(int poll) override { cpu_.poll_unregister(poll); }

  uint64_t now_ns() override { return cpu_.now_ns(); }
  int timer_register(std::function<void()> expired) override { return cpu_.timer_register(std::move(expired)); }
  void timer_start(int timer, uint64_t delay_ns) override;
  void timer_stop(int timer) override { cpu_.timer_stop(timer); }
  void timer_unregister(int timer) override { cpu_.timer_unregister(timer); }
  void delay_ns(uint64_t delay) override { cpu_.busy_wait(delay * kPsPerNs); }
  void charge(driver::DriverWork work, unsigned count) override { cpu_.charge(from_driver_work(work), count); }

  void set_watch(PlatformWatch* watch) { watch_ = watch; }  // null: nobody
  // What has been programmed into the function so far; the checkers judge by it.
  const PcieSettings& settings() const { return settings_; }

  // Memory for packet buffers and the like: for the CPU contiguous, for the device scattered pages. Mapped piece by
  // piece with dma_map. Null when there is no more.
  uint8_t* allocate_memory(size_t bytes) { return memory_.allocate(bytes); }

 private:
  friend class SimPciFunction;
  template <typename Start>
  RequestResult wait_for(Start start);
  uint32_t config_read(PciId id, uint16_t offset, unsigned bytes);
  void config_write(PciId id, uint16_t offset, unsigned bytes, uint32_t value);
  uint64_t mmio_read(const SimPciFunction& f, unsigned bar, uint32_t offset, unsigned bytes);
  void mmio_write(const SimPciFunction& f, unsigned bar, uint32_t offset, unsigned bytes, uint64_t value);
  void note_config_write(const SimPciFunction& function, uint16_t offset, unsigned bytes, uint32_t value);
  driver::DmaAddress map(const void* cpu, size_t bytes, DmaAccess access);
  void unmap(driver::DmaAddress address, size_t bytes, DmaAccess access);
  void enumerate();
  void place_bars(SimPciFunction& function);
  unsigned place_bar(SimPciFunction& function, unsigned bar);
  void find_capabilities(SimPciFunction& function);
  void set_payload_sizes(SimPciFunction& function);

  HostCpu& cpu_;
  HostMemory& memory_;
  Iommu& iommu_;
  InterruptController& interrupts_;
  RootComplex& root_;
  const ObserverList& observers_;
  PcieSettings settings_;
  PlatformWatch* watch_ = nullptr;
  sc_core::sc_event answered_;
  bool enumerated_ = false;
  uint64_t next_mmio_ = kMmioBase;
  std::vector<std::unique_ptr<SimPciFunction>> functions_;
};

}  // namespace ringside::sc_model

#endif  // RINGSIDE_SC_MODEL_SIM_PLATFORM_H_
