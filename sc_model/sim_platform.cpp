#include "sc_model/sim_platform.h"

#include <cassert>
#include <utility>

#include "sc_model/sim_pci_function.h"

namespace ringside::sc_model {
namespace {

DmaAccess access_of(driver::DmaDirection direction) {
  return direction == driver::DmaDirection::kToDevice ? DmaAccess::kDeviceReads : DmaAccess::kDeviceWrites;
}

uint64_t ones(unsigned bytes) { return ~uint64_t{0} >> (64 - 8 * bytes); }

}  // namespace

SimPlatform::SimPlatform(HostCpu& cpu, HostMemory& memory, Iommu& iommu, InterruptController& interrupts,
                         RootComplex& root, const ObserverList& observers)
    : cpu_(cpu), memory_(memory), iommu_(iommu), interrupts_(interrupts), root_(root), observers_(observers) {
  settings_.rcb_bytes = root.profile().rcb_bytes;
}

SimPlatform::~SimPlatform() = default;

// ---------------------------------------------------------------- configuration and MMIO

// Starts a non-posted request at the CPU's time and stalls the CPU until its answer is there.
template <typename Start>
RequestResult SimPlatform::wait_for(Start start) {
  cpu_.settle();
  RequestResult result;
  start([this, &result](const RequestResult& answer) {
    result = answer;
    answered_.notify(sc_core::SC_ZERO_TIME);
  });
  cpu_.stall(answered_);
  return result;
}

uint32_t SimPlatform::config_read(PciId id, uint16_t offset, unsigned bytes) {
  cpu_.charge(CpuWork::kConfigAccess);
  const RequestResult result = wait_for([&](RootComplex::Answer answer) {
    root_.config_read(cpu_.now_ps(), id, offset, bytes, std::move(answer));
  });
  return static_cast<uint32_t>(result.value & ones(bytes));
}

void SimPlatform::config_write(PciId id, uint16_t offset, unsigned bytes, uint32_t value) {
  cpu_.charge(CpuWork::kConfigAccess);
  wait_for([&](RootComplex::Answer answer) {
    root_.config_write(cpu_.now_ps(), id, offset, bytes, value, std::move(answer));
  });
}

uint64_t SimPlatform::mmio_read(const SimPciFunction& f, unsigned bar, uint32_t offset, unsigned bytes) {
  assert(offset % bytes == 0 && offset + bytes <= f.bar(bar).bytes);
  cpu_.charge(CpuWork::kMmioRead);
  const TimePs issued = cpu_.now_ps();
  const RequestResult result = wait_for([&](RootComplex::Answer answer) {
    root_.read(cpu_.now_ps(), f.bar(bar).address + offset, bytes, std::move(answer));
  });
  const uint64_t value = result.value & ones(bytes);
  observers_.mmio({issued, false, bar, offset, bytes, value, 0});
  return value;
}

void SimPlatform::mmio_write(const SimPciFunction& f, unsigned bar, uint32_t offset, unsigned bytes, uint64_t value) {
  assert(offset % bytes == 0 && offset + bytes <= f.bar(bar).bytes);
  cpu_.charge(CpuWork::kMmioWrite);
  uint8_t data[8];
  for (unsigned i = 0; i < bytes; ++i) data[i] = static_cast<uint8_t>(value >> (8 * i));
  const uint64_t serial = root_.post_write(cpu_.now_ps(), f.bar(bar).address + offset, data, bytes);
  observers_.mmio({cpu_.now_ps(), true, bar, offset, bytes, value, serial});
}

// ---------------------------------------------------------------- memory, interrupts, timers

driver::DmaBlock SimPlatform::dma_allocate(size_t bytes) {
  cpu_.charge(CpuWork::kDmaMap);
  uint8_t* memory = memory_.allocate(bytes, !iommu_.enabled());
  if (memory == nullptr) return {};
  return {memory, map(memory, bytes, DmaAccess::kCoherent), bytes};
}

driver::DmaAddress SimPlatform::map(const void* cpu, size_t bytes, DmaAccess access) {
  const uint64_t bus = iommu_.map(cpu, bytes, access);
  if (watch_ != nullptr) watch_->on_map(cpu_.now_ps(), static_cast<const uint8_t*>(cpu), bus, bytes, access);
  return driver::DmaAddress{bus};
}

void SimPlatform::unmap(driver::DmaAddress address, size_t bytes, DmaAccess access) {
  if (watch_ != nullptr) watch_->on_unmap(cpu_.now_ps(), address.value, bytes, access);
  iommu_.unmap(address.value, bytes, access, cpu_.now_ps());
}

void SimPlatform::dma_free(const driver::DmaBlock& block) {
  cpu_.charge(CpuWork::kDmaMap);
  unmap(block.bus, block.bytes, DmaAccess::kCoherent);
  memory_.free(block.cpu, block.bytes);
}

driver::DmaAddress SimPlatform::dma_map(const void* cpu, size_t bytes, driver::DmaDirection direction) {
  cpu_.charge(CpuWork::kDmaMap);
  return map(cpu, bytes, access_of(direction));
}

void SimPlatform::dma_unmap(driver::DmaAddress address, size_t bytes, driver::DmaDirection direction) {
  cpu_.charge(CpuWork::kDmaMap);
  unmap(address, bytes, access_of(direction));
}

void SimPlatform::write_barrier() {
  if (watch_ != nullptr) watch_->on_write_barrier(cpu_.now_ps());
}

void SimPlatform::read_barrier() {
  if (watch_ != nullptr) watch_->on_read_barrier(cpu_.now_ps());
}

driver::MsiMessage SimPlatform::irq_request(std::function<void()> handler) {
  return interrupts_.request(std::move(handler));
}

void SimPlatform::irq_free(int irq) { interrupts_.release(irq); }

void SimPlatform::timer_start(int timer, uint64_t delay) {
  cpu_.timer_start(timer, cpu_.now_ps() + delay * kPsPerNs);
}

}  // namespace ringside::sc_model
