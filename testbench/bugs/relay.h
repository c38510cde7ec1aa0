// A platform and a PCI function that pass every call on. A driver's bug overrides the calls that it gets wrong; the
// driver above is the real one, and to the machine below the two together are a driver with that bug.
#ifndef RINGSIDE_TESTBENCH_BUGS_RELAY_H_
#define RINGSIDE_TESTBENCH_BUGS_RELAY_H_

#include <functional>
#include <memory>
#include <utility>

#include "driver/nic_regs.h"
#include "driver/platform.h"

namespace ringside::testbench {

namespace map = driver::regs;

class Relay : public driver::Platform {
 public:
  explicit Relay(driver::Platform& real) : real_(real), function_(*this) {}

  driver::PciFunction* find_function(uint16_t vendor, uint16_t device, unsigned n) override {
    function_.real = real_.find_function(vendor, device, n);
    return function_.real ? &function_ : nullptr;
  }
  driver::DmaBlock dma_allocate(size_t bytes) override { return real_.dma_allocate(bytes); }
  void dma_free(const driver::DmaBlock& block) override { real_.dma_free(block); }
  driver::DmaAddress dma_map(const void* cpu, size_t bytes, driver::DmaDirection direction) override {
    return real_.dma_map(cpu, bytes, direction);
  }
  void dma_unmap(driver::DmaAddress address, size_t bytes, driver::DmaDirection direction) override {
    real_.dma_unmap(address, bytes, direction);
  }
  void write_barrier() override { real_.write_barrier(); }
  void read_barrier() override { real_.read_barrier(); }
  driver::MsiMessage irq_request(std::function<void()> handler) override {
    return real_.irq_request(std::move(handler));
  }
  void irq_free(int irq) override { real_.irq_free(irq); }
  int poll_register(std::function<bool()> poll) override { return real_.poll_register(std::move(poll)); }
  void poll_schedule(int poll) override { real_.poll_schedule(poll); }
  void poll_unregister(int poll) override { real_.poll_unregister(poll); }
  uint64_t now_ns() override { return real_.now_ns(); }
  int timer_register(std::function<void()> expired) override { return real_.timer_register(std::move(expired)); }
  void timer_start(int timer, uint64_t delay_ns) override { real_.timer_start(timer, delay_ns); }
  void timer_stop(int timer) override { real_.timer_stop(timer); }
  void timer_unregister(int timer) override { real_.timer_unregister(timer); }
  void delay_ns(uint64_t delay) override { real_.delay_ns(delay); }
  void charge(driver::DriverWork work, unsigned count) override { real_.charge(work, count); }

 protected:
  // Register writes of the driver; the offset is that in the BAR.
  virtual void on_write(uint32_t offset, uint32_t value) { write(offset, value); }
  void write(uint32_t offset, uint32_t value) { function_.real->mmio_write32(map::kBar, offset, value); }

 private:
  class Function : public driver::PciFunction {
   public:
    explicit Function(Relay& relay) : relay_(relay) {}
    uint32_t config_read(uint16_t offset, unsigned bytes) override { return real->config_read(offset, bytes); }
    void config_write(uint16_t offset, unsigned bytes, uint32_t value) override {
      real->config_write(offset, bytes, value);
    }
    uint32_t mmio_read32(unsigned bar, uint32_t offset) override { return real->mmio_read32(bar, offset); }
    void mmio_write32(unsigned, uint32_t offset, uint32_t value) override { relay_.on_write(offset, value); }
    uint64_t mmio_read64(unsigned bar, uint32_t offset) override { return real->mmio_read64(bar, offset); }
    void mmio_write64(unsigned bar, uint32_t offset, uint64_t value) override {
      real->mmio_write64(bar, offset, value);
    }
    uint64_t bar_bytes(unsigned bar) const override { return real->bar_bytes(bar); }

    driver::PciFunction* real = nullptr;

   private:
    Relay& relay_;
  };

  driver::Platform& real_;
  Function function_;
};

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_BUGS_RELAY_H_
