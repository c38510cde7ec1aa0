// The four orderings broken by a driver on the whole machine: RTL, link, memory, IOMMU, and platform.h under it. The
// driver sends one packet to itself in loopback; it does all as it should but for one thing. Exactly that is found, and
// the driver is named. Broken on the device's side: support/ordering_cases.cpp, at the pins.
#include <gtest/gtest.h>

#include <cstring>

#include "driver/nic_regs.h"
#include "sc_model/host_machine.h"

namespace ringside::testbench {
namespace {

using namespace sc_model;
namespace regs = driver::regs;

enum class Broken { kNothing, kDoorbellBeforeStores, kBufferTakenBeforeTheIndex, kEntryWithoutBarrier, kNotLookedAgain };

class LittleDriver {
 public:
  LittleDriver(SimPlatform& platform, Broken broken) : platform_(platform), broken_(broken) {}

  void bring_up() {
    nic_ = platform_.find_function(regs::kVendorId, regs::kDeviceId, 0);
    ASSERT_NE(nic_, nullptr);
    nic_->config_write(4, 2, 6);
    const driver::MsiMessage message = platform_.irq_request([] {});
    write64(regs::MsgAddr::address(1), message.address);
    write(regs::MsgData::address(1), message.data);
    write(regs::VectorControl::address(1), 0);
    nic_->config_write(static_cast<uint16_t>(platform_.settings().msix_capability + 2), 2, 0x8000);
    write64(regs::StatusBase::address(0), status_.bus.value);
    write64(regs::TxBase::address(0), tx_.bus.value);
    write64(regs::RxBase::address(0), rx_.bus.value);
    write64(regs::RetBase::address(0), ret_.bus.value);
    for (uint32_t at : {regs::TxSize::address(0), regs::RxSize::address(0), regs::RetSize::address(0)}) write(at, 3);
    write(regs::MacControl::address(), regs::MacControl::kResetValue | 1u << 1 | 1u << 4);  // promiscuous, loopback
    write(regs::Control::address(), 3);
    write(regs::TxControl::address(0), 1);
    write(regs::RxControl::address(0), 1);
    for (uint32_t i = 0; i < 8; ++i) provide(i);
    platform_.write_barrier();
    write(regs::RxProdIdx::address(0), 8);
    write(regs::IntControl::address(0), 2);  // automatic mask
    write(regs::IntRearm::address(0), 0);
  }

  void send() {
    uint8_t* packet = platform_.allocate_memory(64);
    std::memset(packet, 0x22, 64);
    const driver::DmaAddress bus = platform_.dma_map(packet, 64, driver::DmaDirection::kToDevice);
    const regs::TxDescriptor d{bus.value, 64, regs::tx_flags::kEop, 0, 0};
    if (broken_ == Broken::kDoorbellBeforeStores) platform_.write_barrier();
    std::memcpy(static_cast<uint8_t*>(tx_.cpu) + 16 * sent_, &d, sizeof d);
    if (broken_ != Broken::kDoorbellBeforeStores) platform_.write_barrier();
    write(regs::TxProdIdx::address(0), ++sent_);
  }

  void receive() {
    if (broken_ == Broken::kBufferTakenBeforeTheIndex) {
      wait([this] { return buffers_[taken_].cpu[0] != 0; });
      platform_.read_barrier();
      unmap();
    }
    wait([this] { return block().ret_prod_idx > taken_; });
    if (broken_ != Broken::kEntryWithoutBarrier) platform_.read_barrier();
    regs::ReturnEntry entry;
    std::memcpy(&entry, static_cast<uint8_t*>(ret_.cpu) + 32 * taken_, sizeof entry);
    EXPECT_EQ(entry.length, 64);
    if (broken_ != Broken::kBufferTakenBeforeTheIndex) unmap();
    if (broken_ == Broken::kEntryWithoutBarrier) return;  // found already; giving it back would be found again
    write(regs::RetConsIdx::address(0), ++taken_);
  }

  void rearm() {
    platform_.delay_ns(5'000);  // the message has come
    write(regs::IntRearm::address(0), block().tag);
    if (broken_ != Broken::kNotLookedAgain) platform_.read_barrier();
    platform_.delay_ns(10'000);
  }

 private:
  struct Buffer { uint8_t* cpu; driver::DmaAddress bus; };
  void write(uint32_t offset, uint32_t value) { nic_->mmio_write32(regs::kBar, offset, value); }
  void write64(uint32_t offset, uint64_t value) {
    write(offset, static_cast<uint32_t>(value));
    write(offset + 4, static_cast<uint32_t>(value >> 32));
  }
  void provide(uint32_t i) {
    uint8_t* cpu = platform_.allocate_memory(2048);
    std::memset(cpu, 0, 64);
    buffers_.push_back({cpu, platform_.dma_map(cpu, 2048, driver::DmaDirection::kFromDevice)});
    const regs::RxDescriptor d{buffers_.back().bus.value, 2048, 0, i};
    std::memcpy(static_cast<uint8_t*>(rx_.cpu) + 16 * i, &d, sizeof d);
  }
  void unmap() { platform_.dma_unmap(buffers_[taken_].bus, 2048, driver::DmaDirection::kFromDevice); }
  regs::StatusBlock block() const {
    regs::StatusBlock b;
    std::memcpy(&b, status_.cpu, sizeof b);
    return b;
  }
  template <typename Condition>
  void wait(Condition condition) {
    for (int i = 0; i < 20'000 && !condition(); ++i) platform_.delay_ns(10);
    EXPECT_TRUE(condition());
  }

  SimPlatform& platform_;
  const Broken broken_;
  driver::PciFunction* nic_ = nullptr;
  driver::DmaBlock tx_ = platform_.dma_allocate(4096), rx_ = platform_.dma_allocate(4096),
                   ret_ = platform_.dma_allocate(4096), status_ = platform_.dma_allocate(64);
  std::vector<Buffer> buffers_;
  uint32_t sent_ = 0, taken_ = 0;
};

struct Case { Broken broken; const char* rule; const char* name; bool iommu; };
void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

class DriverOrderings : public ::testing::TestWithParam<Case> {};

TEST_P(DriverOrderings, AreHeld) {
  ViolationLog log;
  HostMachineConfig config;
  config.iommu = GetParam().iommu;
  HostMachine host("a", config, log);
  bool done = false;
  host.cpu().spawn("driver", [&](CpuThread& thread) {
    thread.enter();
    LittleDriver nic(host.platform(), GetParam().broken);
    nic.bring_up();
    for (int i = 0; i < 2; ++i) {
      nic.send();
      nic.receive();
      if (log.count() != 0) break;
      nic.rearm();
    }
    thread.leave();
    done = true;
    sc_core::sc_stop();
  });
  sc_core::sc_start(to_sc_time(50 * kPsPerMs));
  EXPECT_TRUE(done);
  EXPECT_EQ(log.count() != 0, *GetParam().rule != 0);
  for (const Violation& v : log.kept()) {
    EXPECT_EQ(v.rule, GetParam().rule) << to_text(v);
    EXPECT_EQ(v.side, Side::kDriver) << to_text(v);
    EXPECT_FALSE(v.events.empty()) << to_text(v);
  }
}

constexpr Case kCases[] = {
    {Broken::kNothing, "", "AllRight", true},
    {Broken::kNothing, "", "AllRightWithoutIommu", false},
    {Broken::kDoorbellBeforeStores, "R5", "DoorbellBeforeStores", true},
    {Broken::kBufferTakenBeforeTheIndex, "R11", "BufferTakenBeforeTheIndex", true},
    {Broken::kBufferTakenBeforeTheIndex, "R11", "BufferTakenBeforeTheIndexWithoutIommu", false},
    {Broken::kEntryWithoutBarrier, "R12", "EntryWithoutBarrier", true},
    {Broken::kNotLookedAgain, "R13", "NotLookedAgain", true},
};
INSTANTIATE_TEST_SUITE_P(Four, DriverOrderings, ::testing::ValuesIn(kCases),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace ringside::testbench
