// FakePlatform: the machine of driver/platform.h in a few hundred lines, for tests of the driver alone.
//
// Nothing runs by itself: run() delivers messages, polls and due timers until nothing is left; advance() moves time.
// Memory between CPU and device is as weakly ordered as the contract allows:
//   - what the CPU stores into DMA blocks the device sees only after write_barrier() (it reads a shadow copy);
//   - what the device stages with stage() the CPU sees only after read_barrier().
// Every misuse (unmapped access, double unmap, leak at the end) is a line in `violations`.
#ifndef RINGSIDE_TESTBENCH_DRIVER_FAKE_PLATFORM_H_
#define RINGSIDE_TESTBENCH_DRIVER_FAKE_PLATFORM_H_

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "driver/platform.h"

namespace ringside::testbench {

class FakePlatform : public driver::Platform {
 public:
  enum class Kind : uint8_t { kWriteBarrier, kReadBarrier, kMmioWrite, kMmioRead, kConfigWrite };
  struct Event {
    Kind kind;
    uint32_t address = 0;
    uint32_t value = 0;
  };

  ~FakePlatform() override;

  // driver::Platform
  driver::PciFunction* find_function(uint16_t vendor, uint16_t device, unsigned n) override;
  driver::DmaBlock dma_allocate(size_t bytes) override;
  void dma_free(const driver::DmaBlock& block) override;
  driver::DmaAddress dma_map(const void* cpu, size_t bytes, driver::DmaDirection direction) override;
  void dma_unmap(driver::DmaAddress address, size_t bytes, driver::DmaDirection direction) override;
  void write_barrier() override;
  void read_barrier() override;
  driver::MsiMessage irq_request(std::function<void()> handler) override;
  void irq_free(int irq) override;
  int poll_register(std::function<bool()> poll) override;
  void poll_schedule(int poll) override;
  void poll_unregister(int poll) override;
  uint64_t now_ns() override { return now_ns_; }
  int timer_register(std::function<void()> expired) override;
  void timer_start(int timer, uint64_t delay_ns) override;
  void timer_stop(int timer) override;
  void timer_unregister(int timer) override;
  void delay_ns(uint64_t delay) override;
  void charge(driver::DriverWork work, unsigned count) override { charged[static_cast<size_t>(work)] += count; }

  // The device's side.
  const uint8_t* device_read(uint64_t bus, size_t bytes);           // as of the last write barrier; null: not mapped
  uint8_t* device_write(uint64_t bus, size_t bytes);                // null: not mapped for writing
  void stage(uint64_t bus, const void* data, size_t bytes);         // visible to the CPU from the next read barrier on
  void message(uint64_t address, uint32_t data);                    // MSI
  void log(Kind kind, uint32_t address, uint32_t value) { events.push_back({kind, address, value}); }

  // The test's side.
  void run();                       // messages and polls, until none is left
  void run_messages();              // interrupt handlers only
  bool run_one_poll();              // one call of one scheduled poll; false when none is scheduled
  void advance(uint64_t delay_ns);  // timers that come due meanwhile run, each followed by run()
  bool timer_pending() const;
  size_t mappings() const { return mappings_.size(); }
  size_t blocks() const { return blocks_.size(); }
  size_t handles() const { return irqs_.size() + polls_.size() + timers_.size(); }
  size_t messages_waiting() const { return messages_.size(); }
  uint64_t charged_for(driver::DriverWork work) const { return charged[static_cast<size_t>(work)]; }

  driver::PciFunction* function = nullptr;
  uint16_t vendor_id = 0, device_id = 0;
  std::vector<Event> events;
  std::vector<std::string> violations;
  std::array<uint64_t, static_cast<size_t>(driver::DriverWork::kCount)> charged{};
  std::map<unsigned, std::function<void()>> at_read_barrier;  // number of the barrier from now on, 1..; runs after it
  unsigned read_barriers = 0;
  size_t blocks_left = 1000;   // allocations until memory runs out
  int irqs_left = 100;

 private:
  struct Block {
    std::unique_ptr<uint8_t[]> storage;
    uint8_t* cpu = nullptr;
    std::vector<uint8_t> shadow;  // what the device sees
  };
  struct Mapping {
    uint8_t* cpu = nullptr;
    size_t bytes = 0;
    driver::DmaDirection direction{};
  };
  struct Timer {
    std::function<void()> expired;
    bool pending = false;
    uint64_t at_ns = 0;
  };
  struct Staged {
    uint8_t* cpu;
    std::vector<uint8_t> data;
  };

  void violation(const std::string& text) { violations.push_back(text); }
  std::map<uint64_t, Block>::iterator block_of(uint64_t bus, size_t bytes);
  std::map<uint64_t, Mapping>::iterator mapping_of(uint64_t bus, size_t bytes);

  uint64_t now_ns_ = 0;
  uint64_t next_block_ = 0x8'0000'0000;
  uint64_t next_mapping_ = 0x4'0000'0000;
  int next_handle_ = 1;
  std::map<uint64_t, Block> blocks_;
  std::map<uint64_t, Mapping> mappings_;
  std::map<int, std::function<void()>> irqs_;
  std::map<int, std::function<bool()>> polls_;
  std::map<int, Timer> timers_;
  std::deque<int> messages_;
  std::deque<int> scheduled_;
  std::vector<Staged> staged_;
};

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_DRIVER_FAKE_PLATFORM_H_
