// MSI where MSI-X is missing; resets of the whole NIC, up to the function level reset.
#include "driver/pci.h"
#include "testbench/driver/fixture.h"

namespace ringside::testbench {
namespace {

using driver::BringUp;
using stack::TxResult;
constexpr uint64_t kMs = 1'000'000;

class MsiTest : public DriverTest {
 protected:
  MsiTest() {
    nic.has_msi = true;
    nic.queues = config.queues = 4;
    nic.vectors = 5;
  }
  void expect_traffic() {
    EXPECT_TRUE(driver->shares_one_interrupt());
    const uint64_t before = driver->statistics().interrupts;
    ASSERT_TRUE(nic.receive(frame_of(60)));
    ASSERT_EQ(send(60), TxResult::kSent);
    machine.run();
    EXPECT_EQ(client.frames.size(), 1u);
    EXPECT_TRUE(tx.whole());
    EXPECT_GT(driver->statistics().interrupts, before);
    nic.set_link(false);  // vector 0 comes by the same message
    machine.run();
    EXPECT_FALSE(driver->link_up());
  }
};

TEST_F(MsiTest, WithoutMsixOneMessageServesAll) {
  nic.has_msix = false;
  up();
  expect_traffic();
}

TEST_F(MsiTest, WithTooFewVectorsToo) {
  nic.vectors = 4;
  up();
  expect_traffic();
}

TEST_F(MsiTest, OnWish) {
  config.interrupts = driver::InterruptMode::kMsi;
  config.auto_mask = false;
  up();
  expect_traffic();
}

TEST_F(MsiTest, MsixIsPreferred) {
  up();
  EXPECT_FALSE(driver->shares_one_interrupt());
}

TEST_F(MsiTest, EveryShortageIsUndone) {
  nic.has_msix = nic.has_msi = false;
  make();
  EXPECT_EQ(driver->bring_up(), BringUp::kNoVectors);
  nic.has_msi = true;
  machine.irqs_left = 0;
  EXPECT_EQ(driver->bring_up(), BringUp::kNoInterrupt);
  EXPECT_EQ(machine.handles(), 0u);
  machine.irqs_left = 1;
  EXPECT_EQ(driver->bring_up(), BringUp::kUp);
}

// ---- reset of the NIC ----

class ResetTest : public DriverTest {
 protected:
  ResetTest() {
    nic.has_express = true;
    config.mtu_bytes = 3000;
    config.promiscuous = true;
  }
  void expect_all_well() {
    ASSERT_TRUE(driver->running());
    EXPECT_EQ(nic.reg(regs::MaxFrame::address()), 3018u);
    EXPECT_TRUE(nic.reg(regs::MacControl::address()) & regs::MacControl::kPromiscuous.mask());
    const size_t frames = client.frames.size(), sent = nic.sent.size();
    for (uint8_t i = 0; i < 20; ++i) {
      ASSERT_TRUE(nic.receive(frame_of(60, i)));
      ASSERT_EQ(send(60), TxResult::kSent);
      machine.run();
    }
    EXPECT_EQ(client.frames.size(), frames + 20);
    EXPECT_EQ(nic.sent.size(), sent + 20);
    EXPECT_TRUE(tx.whole());
    EXPECT_EQ(driver->statistics().bad_indices, 0u);
    EXPECT_EQ(driver->statistics().bad_return_entries, 0u);
  }
};

TEST_F(ResetTest, ARingThatDoesNotStopCostsASoftReset) {
  up();
  nic.hold_tx = true;
  for (int i = 0; i < 8; ++i) ASSERT_EQ(send(60), TxResult::kSent);
  stack::Packet late = packet({60});
  ASSERT_EQ(driver->transmit(late, false), TxResult::kBusy);
  nic.process_tx(2);
  ASSERT_TRUE(nic.receive(frame_of(70)));  // reported: good
  nic.never_stops = true;
  nic.soft_reset_heals = true;
  nic.fail_tx(regs::ErrorReason::kTimeout);
  machine.run();
  EXPECT_EQ(driver->statistics().nic_resets, 1u);
  EXPECT_EQ(driver->statistics().function_resets, 0u);
  EXPECT_EQ(driver->statistics().tx_reclaimed, 2u);
  EXPECT_EQ(driver->statistics().tx_given_up, 6u);
  EXPECT_EQ(client.frames.size(), 1u);
  EXPECT_EQ(client.wakes, 1u);
  nic.never_stops = false;
  late.clear();
  expect_all_well();
}

TEST_F(ResetTest, ASoftResetThatDoesNotEndCostsAFunctionReset) {
  up();
  nic.hold_tx = true;
  ASSERT_EQ(send(60), TxResult::kSent);
  nic.never_stops = nic.reset_never_ends = true;
  nic.fail_tx(regs::ErrorReason::kTimeout);
  const uint64_t from_ns = machine.now_ns();
  machine.run();
  EXPECT_EQ(nic.function_resets, 1u);
  EXPECT_EQ(driver->statistics().function_resets, 1u);
  EXPECT_EQ(driver->statistics().nic_resets, 1u);
  EXPECT_GE(machine.now_ns() - from_ns, 100 * kMs);  // PCI Express wants the pause
  EXPECT_LE(machine.now_ns() - from_ns, 400 * kMs);
  expect_all_well();
}

// Device Control 2 is there from version 2 of the capability on; what is there in version 1 is not ours.
TEST_F(ResetTest, AFunctionResetKeepsDeviceControl2) {
  constexpr uint16_t kControl2 = 0x90 + 0x28;  // of the fake NIC
  constexpr uint32_t kTimeoutDisable = 1u << 4;
  for (const unsigned version : {2u, 1u}) {
    SCOPED_TRACE(version);
    nic.express_version = version;
    nic.config_write(kControl2, 2, kTimeoutDisable);
    EXPECT_TRUE(driver::function_level_reset(machine, nic));
    EXPECT_EQ(nic.config_read(kControl2, 2), version >= 2 ? kTimeoutDisable : 0u);
  }
}

TEST_F(ResetTest, ASoftResetThatDoesNotHelpCostsAFunctionReset) {
  up();
  nic.hold_tx = true;
  for (int i = 0; i < 5; ++i) {  // three resets of the ring, one of the NIC, one of the function
    EXPECT_EQ(nic.function_resets, 0u);
    ASSERT_EQ(send(60), TxResult::kSent);
    machine.advance(60 * kMs);
  }
  EXPECT_EQ(nic.function_resets, 1u);
  EXPECT_EQ(driver->statistics().tx_resets, 3u);
  EXPECT_EQ(driver->statistics().nic_resets, 2u);
  expect_all_well();
}

TEST_F(ResetTest, AFunctionThatDoesNotComeBackIsTheEnd) {
  up();
  nic.function_reset_kills = true;
  nic.hold_tx = true;
  ASSERT_EQ(send(60), TxResult::kSent);
  nic.never_stops = nic.reset_never_ends = true;
  nic.fail_tx(regs::ErrorReason::kTimeout);
  machine.run();
  EXPECT_TRUE(driver->failed());
  EXPECT_EQ(client.links, (std::vector<bool>{true, false}));
  driver->remove();
  EXPECT_TRUE(tx.whole());
}

TEST_F(ResetTest, AFunctionThatIsGoneIsNotReset) {
  up();
  nic.hold_tx = true;
  ASSERT_EQ(send(60), TxResult::kSent);
  nic.gone = true;
  machine.advance(100 * kMs);
  EXPECT_TRUE(driver->failed());
  EXPECT_EQ(driver->statistics().function_resets, 0u);
}

TEST_F(ResetTest, ProgressForgivesEarlierResets) {
  up();
  for (int round = 0; round < 4; ++round) {
    nic.hold_tx = nic.never_stops = nic.soft_reset_heals = true;
    ASSERT_EQ(send(60), TxResult::kSent);
    nic.fail_tx(regs::ErrorReason::kTimeout);
    machine.run();
    nic.never_stops = false;
    expect_all_well();
  }
  EXPECT_EQ(driver->statistics().nic_resets, 4u);
  EXPECT_EQ(nic.function_resets, 0u);
}

TEST_F(ResetTest, OnWish) {
  make();
  EXPECT_EQ(driver->reset(false), driver::Setting::kNotSupported);
  ASSERT_EQ(driver->bring_up(), BringUp::kUp);
  nic.hold_tx = true;
  ASSERT_EQ(send(60), TxResult::kSent);
  EXPECT_EQ(driver->reset(false), driver::Setting::kDone);
  EXPECT_EQ(nic.function_resets, 0u);
  EXPECT_EQ(driver->reset(true), driver::Setting::kDone);
  EXPECT_EQ(nic.function_resets, 1u);
  EXPECT_EQ(driver->statistics().tx_given_up, 1u);
  expect_all_well();
  nic.reset_never_ends = true;
  nic.function_reset_kills = true;
  EXPECT_EQ(driver->reset(false), driver::Setting::kFailed);
  EXPECT_TRUE(driver->failed());
}

TEST_F(ResetTest, WithMsiToo) {
  nic.has_msix = false;
  nic.has_msi = true;
  up();
  nic.hold_tx = true;
  ASSERT_EQ(send(60), TxResult::kSent);
  nic.never_stops = nic.reset_never_ends = true;
  nic.fail_tx(regs::ErrorReason::kTimeout);
  machine.run();
  EXPECT_EQ(nic.function_resets, 1u);
  expect_all_well();
}

}  // namespace
}  // namespace ringside::testbench
