#include "testbench/bugs/driver_bugs.h"

#include <stdexcept>
#include <utility>
#include <vector>

#include "testbench/bugs/relay.h"

namespace ringside::testbench {
namespace {

// All of these are of queue 0.
constexpr uint32_t kTxDoorbell = map::TxProdIdx::address(0), kRxDoorbell = map::RxProdIdx::address(0),
                   kReturnDoorbell = map::RetConsIdx::address(0), kRearm = map::IntRearm::address(0);

// The upper halves of ring addresses are left as they are: the driver thinks that 32 bits are all there is.
class HalfAddresses : public Relay {
  using Relay::Relay;
  void on_write(uint32_t offset, uint32_t value) override {
    if (offset != map::RxBase::address(0) + 4) write(offset, value);
  }
};

// Once the ring has been used for a while it is filled to the last entry and one more.
class RingTooFull : public Relay {
  using Relay::Relay;
  void on_write(uint32_t offset, uint32_t value) override {
    const bool wrong = offset == kTxDoorbell && value > 100 && !done_;
    if (wrong) done_ = true;
    write(offset, wrong ? value + kEntries : value);
  }
  static constexpr uint32_t kEntries = 250;
  bool done_ = false;
};

// A refill that ends exactly at the ring's end counts one ring too many.
class OneRingTooMany : public Relay {
  using Relay::Relay;
  void on_write(uint32_t offset, uint32_t value) override {
    write(offset, offset == kRxDoorbell && value % kEntries == 0 && value != 0 ? value + kEntries : value);
  }
  static constexpr uint32_t kEntries = 1024;
};

// What comes from the wrong turn of the ring is taken for new: entries are given back that never were there.
class WrongTurn : public Relay {
  using Relay::Relay;
  void on_write(uint32_t offset, uint32_t value) override {
    write(offset, offset == kReturnDoorbell && value > 64 ? value + 32 : value);
  }
};

// No barrier between the index and the entries that it covers.
class NoReadBarrier : public Relay {
  using Relay::Relay;
  void read_barrier() override {}
};

// No barrier between the descriptors and the doorbell.
class NoWriteBarrier : public Relay {
  using Relay::Relay;
  void write_barrier() override {}
};

// Two doorbells leave the write-combining buffer in the wrong order.
class DoorbellsChangePlaces : public Relay {
  using Relay::Relay;
  void on_write(uint32_t offset, uint32_t value) override {
    if (offset != kRxDoorbell) return write(offset, value);
    if (++count_ % 8 == 0) {
      held_ = value;
      return;
    }
    write(offset, value);
    if (held_ != 0) write(offset, std::exchange(held_, 0));
  }
  uint32_t count_ = 0, held_ = 0;
};

// The poll ends without telling how far it has come in the return ring.
class NeverGivesBack : public Relay {
  using Relay::Relay;
  void on_write(uint32_t offset, uint32_t value) override {
    if (offset != kReturnDoorbell || value < 64) write(offset, value);
  }
};

// After a failed allocation the producer index counts a buffer that is not there.
class CountsMissingBuffer : public Relay {
  using Relay::Relay;
  driver::DmaAddress dma_map(const void* cpu, size_t bytes, driver::DmaDirection direction) override {
    const bool fails = direction == driver::DmaDirection::kFromDevice && ++maps_ == kFails;
    return fails ? driver::DmaAddress{0} : Relay::dma_map(cpu, bytes, direction);
  }
  void dma_unmap(driver::DmaAddress address, size_t bytes, driver::DmaDirection direction) override {
    if (address.value != 0) Relay::dma_unmap(address, bytes, direction);
  }
  static constexpr unsigned kFails = 1100;
  unsigned maps_ = 0;
};

// The rings' memory is freed while the NIC still works on them.
class FreesTooEarly : public Relay {
  using Relay::Relay;
  driver::DmaBlock dma_allocate(size_t bytes) override {
    const driver::DmaBlock block = Relay::dma_allocate(bytes);
    if (bytes >= 4096) ring_ = block;
    return block;
  }
  void dma_free(const driver::DmaBlock& block) override {
    if (!freed_ || block.cpu != ring_.cpu) Relay::dma_free(block);
  }
  void on_write(uint32_t offset, uint32_t value) override {
    write(offset, value);
    if (offset != kReturnDoorbell || value < 200 || freed_) return;
    freed_ = true;
    Relay::dma_free(ring_);
  }
  driver::DmaBlock ring_;
  bool freed_ = false;
};

// The interrupt is armed, and what came meanwhile is not looked at.
class ArmsAndSleeps : public Relay {
  using Relay::Relay;
  int poll_register(std::function<bool()> poll) override {
    return Relay::poll_register([this, poll = std::move(poll)] {
      armed_ = false;
      const bool again = poll();
      return again && !armed_;
    });
  }
  void read_barrier() override {
    if (!armed_) Relay::read_barrier();
  }
  void on_write(uint32_t offset, uint32_t value) override {
    write(offset, value);
    if (offset == kRearm) armed_ = true;
  }
  bool armed_ = false;
};

// TX buffers are taken back when the doorbell has gone, not when the NIC is done with them.
class UnmapsAtOnce : public Relay {
  using Relay::Relay;
  driver::DmaAddress dma_map(const void* cpu, size_t bytes, driver::DmaDirection direction) override {
    const driver::DmaAddress address = Relay::dma_map(cpu, bytes, direction);
    if (direction == driver::DmaDirection::kToDevice) mapped_.push_back({address, bytes});
    return address;
  }
  void dma_unmap(driver::DmaAddress address, size_t bytes, driver::DmaDirection direction) override {
    if (direction == driver::DmaDirection::kFromDevice) Relay::dma_unmap(address, bytes, direction);
  }
  void on_write(uint32_t offset, uint32_t value) override {
    write(offset, value);
    if (offset != kTxDoorbell) return;
    for (const auto& [address, bytes] : std::exchange(mapped_, {}))
      Relay::dma_unmap(address, bytes, driver::DmaDirection::kToDevice);
  }
  std::vector<std::pair<driver::DmaAddress, size_t>> mapped_;
};

template <typename Platform>
std::unique_ptr<driver::Platform> make(driver::Platform& real) {
  return std::make_unique<Platform>(real);
}

struct Row {
  unsigned number;
  std::unique_ptr<driver::Platform> (*make)(driver::Platform& real);
};
constexpr Row kRows[] = {
    {25, make<HalfAddresses>},  {33, make<RingTooFull>},
    {35, make<OneRingTooMany>}, {37, make<WrongTurn>},
    {51, make<NoReadBarrier>},
    {53, make<NoWriteBarrier>}, {61, make<DoorbellsChangePlaces>},
    {65, make<NeverGivesBack>}, {67, make<CountsMissingBuffer>},
    {71, make<FreesTooEarly>},  {83, make<ArmsAndSleeps>},
    {129, make<UnmapsAtOnce>},
};

}  // namespace

std::unique_ptr<driver::Platform> make_platform_with_bug(unsigned number, driver::Platform& real) {
  for (const Row& row : kRows)
    if (row.number == number) return row.make(real);
  throw std::logic_error("a driver's bug without a platform");
}

}  // namespace ringside::testbench
