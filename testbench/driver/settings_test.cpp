// Settings at run time and what they come to; the loopback of the self test.
#include "testbench/driver/fixture.h"
#include "testbench/driver/frames.h"

namespace ringside::testbench {
namespace {

using driver::Setting;
using Control = regs::MacControl;

TEST_F(DriverTest, PauseIsSetAtBringUpAndAtRunTime) {
  config.pause.tx = true;
  config.pause.quanta = 100;
  config.pause.high_octets = 9000;
  config.pause.low_octets = 3000;
  up();
  EXPECT_EQ(nic.reg(regs::PauseQuanta::address()), 100u);
  EXPECT_EQ(nic.reg(regs::PauseThreshold::address()), 9000u << 16 | 3000u);
  EXPECT_EQ(nic.reg(Control::address()) & (Control::kPauseRx.mask() | Control::kPauseTx.mask()),
            Control::kPauseTx.mask());
  driver::PauseSettings pause;
  pause.rx = true;
  ASSERT_EQ(driver->set_pause(pause), Setting::kDone);
  EXPECT_EQ(nic.reg(Control::address()) & (Control::kPauseRx.mask() | Control::kPauseTx.mask()),
            Control::kPauseRx.mask());
  pause.tx = true;
  pause.low_octets = pause.high_octets;
  EXPECT_EQ(driver->set_pause(pause), Setting::kInvalid);
  EXPECT_FALSE(driver->config().pause.tx);
}

TEST_F(DriverTest, PauseNeedsANicThatHasIt) {
  nic.features = 0x300;
  up();
  driver::PauseSettings pause;
  pause.rx = true;
  EXPECT_EQ(driver->set_pause(pause), Setting::kNotSupported);
}

TEST_F(DriverTest, EverySettingIsWrittenAtOnceOrRefused) {
  up();
  EXPECT_EQ(driver->set_mac_address({0x02, 1, 2, 3, 4, 5}), Setting::kDone);
  EXPECT_EQ(nic.reg(regs::MacAddr::address()), 0x03020102u);
  EXPECT_EQ(driver->set_mac_address({0x03, 1, 2, 3, 4, 5}), Setting::kInvalid);
  EXPECT_EQ(driver->mac_address()[0], 0x02);
  EXPECT_EQ(driver->set_mtu(9000), Setting::kDone);
  EXPECT_EQ(nic.reg(regs::MaxFrame::address()), 9018u);
  EXPECT_EQ(driver->set_mtu(9001), Setting::kInvalid);
  EXPECT_EQ(driver->mtu(), 9000u);
  EXPECT_EQ(driver->set_dma_timeout(50), Setting::kDone);
  EXPECT_EQ(nic.reg(regs::DmaTimeout::address()), 50u);
  EXPECT_EQ(driver->set_dma_timeout(49), Setting::kInvalid);
  EXPECT_EQ(driver->set_dma_timeout(50'001), Setting::kInvalid);
  EXPECT_EQ(driver->set_poll_budget(0), Setting::kInvalid);
  EXPECT_EQ(driver->set_poll_budget(1), Setting::kDone);
  EXPECT_EQ(driver->set_coalescing({16, 0, 0, 0, 0, 0}), Setting::kInvalid);  // the last frames would wait for ever
  EXPECT_EQ(driver->set_coalescing({0, 0, 16, 0, 0, 0}), Setting::kInvalid);
  EXPECT_EQ(driver->set_coalescing({1, 0, 1, 0, 0, 0}), Setting::kDone);
  EXPECT_EQ(driver->set_coalescing({16, 0, 16, 0, 20, 0}), Setting::kDone);
  EXPECT_EQ(nic.reg(regs::IntMaxUsecs::address(0)), 20u);
}

TEST_F(DriverTest, SettingsOfADriverThatIsDownAreUsedAtBringUp) {
  make();
  EXPECT_EQ(driver->set_mtu(2000), Setting::kDone);
  EXPECT_EQ(driver->set_dma_timeout(77), Setting::kDone);
  EXPECT_EQ(driver->set_ring_sizes({16, 16, 16}), Setting::kDone);
  EXPECT_EQ(driver->set_loopback(true), Setting::kNotSupported);
  ASSERT_EQ(driver->bring_up(), driver::BringUp::kUp);
  EXPECT_EQ(nic.reg(regs::MaxFrame::address()), 2018u);
  EXPECT_EQ(nic.reg(regs::DmaTimeout::address()), 77u);
  EXPECT_EQ(nic.reg(regs::TxSize::address(0)), 4u);
}

TEST_F(DriverTest, AutoMaskChangesAtRunTime) {
  up();
  for (const bool on : {false, true, false}) {
    ASSERT_EQ(driver->set_auto_mask(on), Setting::kDone);
    machine.run();
    const uint64_t before = driver->statistics().interrupts;
    ASSERT_TRUE(nic.receive(frame_of(60)));
    machine.run();
    ASSERT_TRUE(nic.receive(frame_of(60)));
    machine.run();
    EXPECT_EQ(driver->statistics().interrupts, before + 2) << on;
  }
  EXPECT_EQ(client.frames.size(), 6u);
}

TEST_F(DriverTest, RingsOfEverySize) {
  for (uint32_t entries = 8; entries <= 4096; entries *= 2) {
    EXPECT_TRUE(driver::is_ring_size(entries));
    EXPECT_FALSE(driver::is_ring_size(entries + 1));
  }
  up();
  for (uint32_t entries = 4096; entries >= 8; entries /= 2) {  // more than the pool has buffers: as many as there are
    ASSERT_EQ(driver->set_ring_sizes({entries, entries, entries}), Setting::kDone);
    EXPECT_EQ(nic.buffers(), std::min<uint32_t>(entries, 64));
    ASSERT_TRUE(nic.receive(frame_of(60)));
    ASSERT_EQ(send(60), stack::TxResult::kSent);
    machine.run();
  }
  EXPECT_EQ(client.frames.size(), 10u);
  EXPECT_EQ(nic.sent.size(), 10u);
  machine.advance(1'000'000'000);
}

TEST_F(DriverTest, BadSettingsOfTheWholeCardAreRefused) {
  const auto refuses = [&](auto change) {
    driver::NicConfig bad = config;
    change(bad);
    EXPECT_THROW(driver::NicDriver(machine, rx.pool(), bad), std::invalid_argument);
  };
  refuses([](auto& c) {
    c.pause.tx = true;
    c.pause.quanta = 0;
  });
  refuses([](auto& c) {
    c.pause.tx = true;
    c.pause.low_octets = c.pause.high_octets;
  });
  refuses([](auto& c) {
    c.rss.spread_evenly = false;
    c.rss.table[0] = 1;
  });
  refuses([](auto& c) { c.dma_timeout_us = 49; });
  refuses([](auto& c) { c.coalescing = {5, 0, 0, 0, 0, 0}; });
}

TEST(SettingText, EveryResultHasItsOwn) {
  std::vector<std::string> texts;
  for (int i = 0; i <= static_cast<int>(Setting::kFailed); ++i) texts.push_back(to_string(static_cast<Setting>(i)));
  std::sort(texts.begin(), texts.end());
  EXPECT_EQ(std::unique(texts.begin(), texts.end()), texts.end());
  EXPECT_EQ(std::count(texts.begin(), texts.end(), "unknown"), 0);
}

// ---- loopback ----

TEST_F(DriverTest, TheSelfTestSendsFramesToItself) {
  up();
  ASSERT_TRUE(driver->self_test().passed());
  EXPECT_EQ(client.frames.size(), 0u);  // they are nobody's business
  EXPECT_FALSE(nic.reg(Control::address()) & Control::kLoopback.mask());
  EXPECT_GE(nic.wire.size(), 1u);
  EXPECT_TRUE(tx.whole());
  nic.damage_loopback = true;
  EXPECT_FALSE(driver->self_test().loopback);
  EXPECT_FALSE(nic.reg(Control::address()) & Control::kLoopback.mask());
  nic.damage_loopback = false;
  nic.hold_tx = true;
  EXPECT_FALSE(driver->self_test().loopback);
  nic.process_tx();
  machine.run();
}

TEST_F(DriverTest, FramesOfOthersPassTheSelfTest) {
  up();
  nic.lose_messages = true;
  ASSERT_TRUE(nic.receive(tcp_frame(1, 2, 3, 4)));
  nic.lose_messages = false;
  ASSERT_TRUE(driver->self_test().passed());
  ASSERT_EQ(client.frames.size(), 1u);
  EXPECT_EQ(client.frames[0], tcp_frame(1, 2, 3, 4));
}

TEST_F(DriverTest, LoopbackIsASettingToo) {
  up();
  ASSERT_EQ(driver->set_loopback(true), Setting::kDone);
  ASSERT_EQ(send(60), stack::TxResult::kSent);
  machine.run();
  EXPECT_EQ(client.frames.size(), 1u);
  ASSERT_EQ(driver->set_loopback(false), Setting::kDone);
  ASSERT_EQ(send(60), stack::TxResult::kSent);
  machine.run();
  EXPECT_EQ(client.frames.size(), 1u);
}

}  // namespace
}  // namespace ringside::testbench
