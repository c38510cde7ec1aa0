// Bring-up and removal: order, identity, what is missing, and that nothing is left behind.
#include "testbench/driver/fixture.h"

namespace ringside::testbench {
namespace {

using driver::BringUp;
using Kind = FakePlatform::Kind;

TEST_F(DriverTest, BringUpFollowsTheReferencesOrder) {
  make();
  ASSERT_EQ(driver->bring_up(), BringUp::kUp);
  const size_t steps[] = {
      find(Kind::kConfigWrite, driver::kPciCommand),
      find(Kind::kMmioRead, regs::Id::address()),
      find_write(regs::Reset::address()),
      find_write(regs::MsgAddr::address(0)),
      find_write(regs::VectorControl::address(0)),
      find_write(regs::MacAddr::address()),
      find_write(regs::StatusBase::address(0)),
      find_write(regs::TxControl::address(0)),
      find_write(regs::RxControl::address(0)),
      find_write(regs::RxProdIdx::address(0), find_write(regs::RxControl::address(0))),
      find_write(regs::ErrorMask::address()),
      find_write(regs::Control::address()),
      find_write(regs::IntRearm::address(0)),
  };
  for (size_t i = 0; i < std::size(steps); ++i) {
    ASSERT_NE(steps[i], npos) << "step " << i;
    EXPECT_LT(i ? steps[i - 1] : 0, steps[i] + (i == 0)) << "step " << i;
  }
  EXPECT_EQ(nic.reg(regs::Control::address()), 3u);
  EXPECT_EQ(nic.command() & 6, 6);
}

TEST_F(DriverTest, BringUpWritesWhatTheConfigSays) {
  config.rings = {16, 32, 64};
  config.mtu_bytes = 9000;
  config.coalescing = {3, 4, 5, 6, 7, 8};
  up();
  EXPECT_EQ(nic.reg(regs::MacAddr::address()), 0x33221102u);
  EXPECT_EQ(nic.reg(regs::MacAddr::address() + 4), 0x5544u);
  EXPECT_EQ(nic.reg(regs::MaxFrame::address()), 9018u);
  EXPECT_EQ(nic.reg(regs::TxSize::address(0)), 4u);
  EXPECT_EQ(nic.reg(regs::RxSize::address(0)), 5u);
  EXPECT_EQ(nic.reg(regs::RetSize::address(0)), 6u);
  EXPECT_EQ(nic.reg(regs::IntRxFrames::address(0)), 3u);
  EXPECT_EQ(nic.reg(regs::IntRxUsecs::address(0)), 4u);
  EXPECT_EQ(nic.reg(regs::IntTxFrames::address(0)), 5u);
  EXPECT_EQ(nic.reg(regs::IntTxUsecs::address(0)), 6u);
  EXPECT_EQ(nic.reg(regs::IntMaxUsecs::address(0)), 7u);
  EXPECT_EQ(nic.reg(regs::IntGapUsecs::address(0)), 8u);
  EXPECT_EQ(nic.buffers(), 32u);
}

// Path step R1: buffers ahead of any frame, mapped, in descriptors, and told by a doorbell after a barrier.
TEST_F(DriverTest, PathStepR1BuffersAreProvidedBeforeTrafficIsLetIn) {
  make();
  ASSERT_EQ(driver->bring_up(), BringUp::kUp);
  EXPECT_EQ(nic.buffers(), 8u);
  EXPECT_EQ(machine.mappings(), 8u);
  const size_t doorbell = find_write(regs::RxProdIdx::address(0), find_write(regs::RxControl::address(0)));
  EXPECT_LT(find(Kind::kWriteBarrier), doorbell);
  EXPECT_LT(doorbell, find_write(regs::Control::address()));
  ASSERT_TRUE(nic.receive(frame_of(60)));  // the NIC finds address, size and opaque in what the barrier made visible
  machine.run();
  ASSERT_EQ(client.frames.size(), 1u);
  EXPECT_EQ(client.frames[0], frame_of(60));
}

TEST_F(DriverTest, RefusesWhatIsNotTheNic) {
  nic.id = 0xFFFFFFFF;
  make();
  EXPECT_EQ(driver->bring_up(), BringUp::kNotRinging);
  nic.id = regs::Id::kResetValue;
  nic.version = 0x00020000;
  EXPECT_EQ(driver->bring_up(), BringUp::kNotRinging);
  nic.version = 0x00010007;  // a later minor version is compatible
  EXPECT_EQ(driver->bring_up(), BringUp::kUp);
  EXPECT_EQ(driver->bring_up(), BringUp::kAlreadyUp);
}

TEST_F(DriverTest, FindsNothingWhereNothingIs) {
  machine.function = nullptr;
  make();
  EXPECT_EQ(driver->bring_up(), BringUp::kNotFound);
}

TEST_F(DriverTest, RefusesASmallBar) {
  nic.bar_size = 0x8000;
  make();
  EXPECT_EQ(driver->bring_up(), BringUp::kBadBar);
}

TEST_F(DriverTest, GivesUpOnAResetThatDoesNotEnd) {
  nic.reset_never_ends = true;
  make();
  EXPECT_EQ(driver->bring_up(), BringUp::kResetTimeout);
  EXPECT_LE(machine.now_ns(), 110'000'000u);
}

// DMA_TIMEOUT as after power-on, 1.024 x 10 ms, and 1 ms of its own: a reset may take that long, and longer.
TEST_F(DriverTest, WaitsForAResetThatWaitsForDma) {
  nic.reset_takes_ns = 50'000'000;
  up();
  driver->remove();
  EXPECT_EQ(driver->statistics().reset_timeouts, 0u);
}

TEST_F(DriverTest, CountsAResetThatDoesNotEndAtRemoval) {
  up();
  nic.reset_never_ends = true;
  driver->remove();
  EXPECT_EQ(driver->statistics().reset_timeouts, 1u);
  EXPECT_EQ(nic.command() & 4, 0);  // bus mastering is taken away all the same
}

TEST_F(DriverTest, NeedsAVectorPerQueueOrMsi) {
  nic.has_msix = false;
  make();
  EXPECT_EQ(driver->bring_up(), BringUp::kNoVectors);
  nic.has_msix = true;
  nic.vectors = 1;
  EXPECT_EQ(driver->bring_up(), BringUp::kNoVectors);
}

// Whatever runs out, at whatever point: a clear answer, and everything is given back (TearDown looks).
TEST_F(DriverTest, EveryShortageIsReportedAndUndone) {
  make();
  for (size_t blocks = 0; blocks < 4; ++blocks) {
    machine.blocks_left = blocks;
    EXPECT_EQ(driver->bring_up(), BringUp::kNoMemory) << blocks;
    EXPECT_EQ(machine.blocks(), 0u);
  }
  machine.blocks_left = 100;
  for (int irqs = 0; irqs < 2; ++irqs) {
    machine.irqs_left = irqs;
    EXPECT_EQ(driver->bring_up(), BringUp::kNoInterrupt) << irqs;
    EXPECT_EQ(machine.handles(), 0u);
  }
  machine.irqs_left = 2;
  EXPECT_EQ(driver->bring_up(), BringUp::kUp);
}

TEST_F(DriverTest, RemovalReturnsEveryBufferAndMapping) {
  up();
  nic.hold_tx = true;
  for (int i = 0; i < 5; ++i) ASSERT_EQ(send(100), stack::TxResult::kSent);
  ASSERT_TRUE(nic.receive(frame_of(60)));  // reported, not yet taken
  driver->remove();
  EXPECT_TRUE(rx.whole());
  EXPECT_TRUE(tx.whole());
  EXPECT_EQ(nic.command() & driver::kPciCommandBusMaster, 0);
  driver->remove();  // once more does nothing
  stack::Packet late = packet({60});
  EXPECT_EQ(driver->transmit(late, false), stack::TxResult::kDropped);
  EXPECT_EQ(driver->statistics().tx_down, 1u);
}

TEST_F(DriverTest, ComesUpAgainAfterRemoval) {
  up();
  ASSERT_EQ(send(60), stack::TxResult::kSent);
  machine.run();
  driver->remove();
  ASSERT_EQ(driver->bring_up(), BringUp::kUp);
  ASSERT_EQ(send(60), stack::TxResult::kSent);
  ASSERT_TRUE(nic.receive(frame_of(60)));
  machine.run();
  EXPECT_EQ(nic.sent.size(), 2u);
  EXPECT_EQ(client.frames.size(), 1u);
  EXPECT_EQ(driver->statistics().tx_reclaimed, 2u);
}

TEST_F(DriverTest, RemovalAfterSurpriseRemovalTouchesNoPacketTwice) {
  up();
  nic.hold_tx = true;
  ASSERT_EQ(send(100), stack::TxResult::kSent);
  nic.gone = true;
  machine.advance(100'000'000);  // the watchdog finds out
  EXPECT_TRUE(driver->failed());
  EXPECT_FALSE(driver->link_up());
  driver->remove();
  EXPECT_TRUE(tx.whole());
}

TEST_F(DriverTest, LinkChangesReachTheClient) {
  up();
  EXPECT_TRUE(driver->link_up());
  nic.set_link(false);
  machine.run();
  nic.set_link(true);
  machine.run();
  EXPECT_EQ(client.links, (std::vector<bool>{true, false, true}));
}

TEST_F(DriverTest, SelfTestPassesAndFindsFaults) {
  up();
  EXPECT_TRUE(driver->self_test().passed());
  ASSERT_EQ(send(60), stack::TxResult::kSent);
  EXPECT_TRUE(driver->self_test().status);
  nic.id = 0;
  EXPECT_FALSE(driver->self_test().identity);
  nic.gone = true;
  EXPECT_FALSE(driver->self_test().scratch);
}

TEST_F(DriverTest, ForcedInterruptReachesTheHandler) {
  up();
  const uint64_t before = driver->statistics().interrupts;
  driver->force_interrupt(0);
  machine.run();
  EXPECT_EQ(driver->statistics().interrupts, before + 1);
}

TEST_F(DriverTest, SettingsChangeAtRunTime) {
  up();
  driver->set_coalescing({9, 8, 7, 6, 5, 0});
  EXPECT_EQ(nic.reg(regs::IntRxFrames::address(0)), 9u);
  EXPECT_EQ(nic.reg(regs::IntMaxUsecs::address(0)), 5u);
  driver->set_promiscuous(true);
  EXPECT_EQ(nic.reg(regs::MacControl::address()) & 0xF, 7u);
  driver->set_promiscuous(false);
  driver->set_all_multicast(true);
  EXPECT_EQ(nic.reg(regs::MacControl::address()) & 0xF, 13u);
  driver->set_multicast({{0x01, 0x00, 0x5E, 0x00, 0x00, 0x01}});  // bit 9, as REFERENCE.md's example says
  EXPECT_EQ(nic.reg(regs::MacHash::address()), 1u << 9);
  EXPECT_EQ(nic.reg(regs::MacHash::address() + 4), 0u);
  EXPECT_TRUE(driver->features().tx_checksum);
  driver->set_offloads({false, false});
  EXPECT_FALSE(driver->features().tx_checksum);
  EXPECT_FALSE(driver->features().rx_checksum);
}

TEST_F(DriverTest, RingSizesChangeAtRunTimeWithoutLoss) {
  up();
  ASSERT_EQ(send(60), stack::TxResult::kSent);
  ASSERT_TRUE(nic.receive(frame_of(60)));
  ASSERT_EQ(driver->set_ring_sizes({32, 16, 64}), driver::Setting::kDone);
  EXPECT_EQ(client.frames.size(), 1u);
  EXPECT_EQ(driver->statistics().tx_given_up, 0u);
  EXPECT_EQ(nic.buffers(), 16u);
  ASSERT_EQ(send(60), stack::TxResult::kSent);
  ASSERT_TRUE(nic.receive(frame_of(70)));
  machine.run();
  EXPECT_EQ(client.frames.size(), 2u);
  EXPECT_EQ(nic.sent.size(), 2u);
  machine.blocks_left = 2;
  EXPECT_EQ(driver->set_ring_sizes({64, 64, 64}), driver::Setting::kNoMemory);
  EXPECT_EQ(driver->config().rings.tx, 32u);
  ASSERT_EQ(send(60), stack::TxResult::kSent);  // the old rings go on
  machine.run();
  EXPECT_EQ(nic.sent.size(), 3u);
}

TEST_F(DriverTest, NewRingSizesOnANicThatDoesNotStopAreTheEnd) {
  up();
  nic.never_stops = nic.reset_never_ends = true;
  EXPECT_EQ(driver->set_ring_sizes({32, 16, 64}), driver::Setting::kFailed);
  EXPECT_TRUE(driver->failed());
  EXPECT_EQ(driver->config().rings.tx, 8u);
}

TEST(BringUpText, EveryResultHasItsOwn) {
  std::vector<std::string> texts;
  for (int i = 0; i <= static_cast<int>(BringUp::kAlreadyUp); ++i) texts.push_back(to_string(static_cast<BringUp>(i)));
  std::sort(texts.begin(), texts.end());
  EXPECT_EQ(std::unique(texts.begin(), texts.end()), texts.end());
  EXPECT_EQ(std::count(texts.begin(), texts.end(), "unknown"), 0);
}

TEST_F(DriverTest, BadSettingsAreRefused) {
  const auto refuses = [&](auto change) {
    driver::NicConfig bad = config;
    change(bad);
    EXPECT_THROW(driver::NicDriver(machine, rx.pool(), bad), std::invalid_argument);
  };
  refuses([](auto& c) { c.mac = {}; });
  refuses([](auto& c) { c.mac[0] = 0x01; });
  refuses([](auto& c) { c.rings.tx = 4; });
  refuses([](auto& c) { c.rings.rx = 24; });
  refuses([](auto& c) { c.rings.ret = 8192; });
  refuses([](auto& c) { c.rings = {8, 16, 8}; });
  refuses([](auto& c) { c.queues = 0; });
  refuses([](auto& c) { c.queues = 9; });
  refuses([](auto& c) { c.mtu_bytes = 9001; });
  refuses([](auto& c) { c.mtu_bytes = 67; });
  refuses([](auto& c) { c.poll_budget = 0; });
  refuses([](auto& c) { c.rx_buffer_bytes = 63; });
  refuses([](auto& c) { c.watchdog_ns = 10; });
  up();
  EXPECT_EQ(driver->set_ring_sizes({9, 8, 8}), driver::Setting::kInvalid);
  EXPECT_EQ(driver->config().rings.tx, 8u);
}

}  // namespace
}  // namespace ringside::testbench
