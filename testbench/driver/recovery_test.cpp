// Errors of a queue, a NIC that breaks its contract, the watchdog.
#include "testbench/driver/fixture.h"

namespace ringside::testbench {
namespace {

using stack::TxResult;
constexpr uint64_t kMs = 1'000'000;

TEST_F(DriverTest, TxErrorGivesUpTheRingAndGoesOn) {
  up();
  nic.hold_tx = true;
  for (int i = 0; i < 4; ++i) ASSERT_EQ(send(60), TxResult::kSent);
  nic.process_tx(1);
  nic.fail_tx(regs::ErrorReason::kTimeout);
  machine.run();
  const auto& statistics = driver->statistics();
  EXPECT_EQ(statistics.tx_errors, 1u);
  EXPECT_EQ(statistics.tx_resets, 1u);
  EXPECT_EQ(statistics.tx_reclaimed, 1u);
  EXPECT_EQ(statistics.tx_given_up, 3u);
  EXPECT_TRUE(tx.whole());
  nic.hold_tx = false;
  ASSERT_EQ(send(60), TxResult::kSent);
  machine.run();
  EXPECT_EQ(nic.sent.size(), 2u);
  EXPECT_TRUE(tx.whole());
  EXPECT_EQ(statistics.bad_indices, 0u);
}

TEST_F(DriverTest, AStoppedQueueIsWokenByRecovery) {
  up();
  nic.hold_tx = true;
  for (int i = 0; i < 8; ++i) ASSERT_EQ(send(60), TxResult::kSent);
  stack::Packet late = packet({60});
  ASSERT_EQ(driver->transmit(late, false), TxResult::kBusy);
  nic.fail_tx(regs::ErrorReason::kPoisoned);
  machine.run();
  EXPECT_EQ(client.wakes, 1u);
}

// After a reset the block in memory still shows the old indices: they must not count for the new ring.
TEST_F(DriverTest, StaleStatusAfterAResetIsNotBelieved) {
  up();
  for (int i = 0; i < 5; ++i) ASSERT_EQ(send(60), TxResult::kSent);
  machine.run();  // status says 5
  nic.fail_tx(regs::ErrorReason::kTimeout);
  machine.run();
  nic.hold_tx = true;
  for (int i = 0; i < 6; ++i) ASSERT_EQ(send(60), TxResult::kSent);
  driver->force_interrupt(0);
  machine.run();
  EXPECT_EQ(driver->statistics().tx_reclaimed, 5u);  // none of the six
  nic.process_tx();
  machine.run();
  EXPECT_EQ(driver->statistics().tx_reclaimed, 11u);
}

TEST_F(DriverTest, RxErrorKeepsWhatWasReportedAndProvidesAgain) {
  up();
  ASSERT_TRUE(nic.receive(frame_of(60, 1)));
  nic.fail_rx(regs::ErrorReason::kTimeout);
  EXPECT_FALSE(nic.receive(frame_of(60, 2)));
  machine.run();
  EXPECT_EQ(driver->statistics().rx_errors, 1u);
  EXPECT_EQ(driver->statistics().rx_resets, 1u);
  EXPECT_EQ(client.frames.size(), 1u);
  EXPECT_EQ(nic.buffers(), 8u);
  for (uint8_t i = 3; i < 20; ++i) {
    ASSERT_TRUE(nic.receive(frame_of(60, i)));
    machine.run();
  }
  EXPECT_EQ(client.frames.size(), 18u);
}

// The stack sets its timers when it is told of the end of what came, whoever took it.
TEST_F(DriverTest, FramesTakenAtAnErrorEndWithReceiveDone) {
  up();
  nic.lose_messages = true;  // of the queue's vector: the frame is taken by the recovery
  ASSERT_TRUE(nic.receive(frame_of(60, 1)));
  nic.lose_messages = false;
  size_t frames_when_done = 0;
  client.on_done = [&] { frames_when_done = client.frames.size(); };
  nic.fail_rx(regs::ErrorReason::kTimeout);
  machine.run();
  EXPECT_EQ(client.frames.size(), 1u);
  EXPECT_EQ(frames_when_done, 1u);
}

TEST_F(DriverTest, FramesTakenWhileRingsAreReplacedEndWithReceiveDone) {
  up();
  nic.lose_messages = true;
  ASSERT_TRUE(nic.receive(frame_of(60, 1)));
  nic.lose_messages = false;
  TxResult answer = TxResult::kSent;
  client.on_done = [&] { answer = send(60); };  // there is no ring to send by: to be asked again
  ASSERT_EQ(driver->set_ring_sizes({16, 16, 16}), driver::Setting::kDone);
  EXPECT_EQ(client.frames.size(), 1u);
  EXPECT_EQ(client.done, 1u);
  EXPECT_EQ(answer, TxResult::kBusy);
  EXPECT_EQ(client.wakes, 1u);
  EXPECT_EQ(driver->statistics().tx_given_up, 0u);
}

TEST_F(DriverTest, FramesReportedWhileTheRingStopsAreTaken) {
  up();
  nic.before_write = [&](uint32_t address) {
    if (address != regs::RxControl::address(0)) return;
    nic.before_write = nullptr;
    nic.report_late(frame_of(60, 7));
  };
  nic.fail_rx(regs::ErrorReason::kTimeout);
  machine.run();
  ASSERT_EQ(client.frames.size(), 1u);
  EXPECT_EQ(client.frames[0], frame_of(60, 7));
  EXPECT_EQ(driver->statistics().rx_resets, 1u);
  EXPECT_EQ(nic.buffers(), 8u);
}

TEST_F(DriverTest, NothingMoreIsTakenFromABrokenReturnRing) {
  up();
  nic.corrupt_entry = [](regs::ReturnEntry& entry) { entry.opaque ^= 1; };
  nic.before_write = [&](uint32_t address) {
    if (address != regs::RxControl::address(0)) return;
    nic.before_write = nullptr;
    nic.corrupt_entry = nullptr;
    nic.report_late(frame_of(60, 7));
  };
  ASSERT_TRUE(nic.receive(frame_of(60, 1)));
  machine.run();
  EXPECT_EQ(driver->statistics().bad_return_entries, 1u);
  EXPECT_EQ(driver->statistics().rx_resets, 1u);
  EXPECT_EQ(client.frames.size(), 0u);
}

TEST_F(DriverTest, PacketsSentWhileTheRingStopsAreNotGivenUp) {
  up();
  nic.hold_tx = true;
  for (int i = 0; i < 3; ++i) ASSERT_EQ(send(60), TxResult::kSent);
  nic.before_write = [&](uint32_t address) {
    if (address != regs::TxControl::address(0)) return;
    nic.before_write = nullptr;
    nic.process_tx(2);
  };
  machine.advance(60 * kMs);
  EXPECT_EQ(driver->statistics().watchdog_fired, 1u);
  EXPECT_EQ(driver->statistics().tx_reclaimed, 2u);
  EXPECT_EQ(driver->statistics().tx_given_up, 1u);
  EXPECT_TRUE(tx.whole());
}

TEST_F(DriverTest, HalfAFrameAtTheErrorIsGivenUp) {
  config.rx_buffer_bytes = 64;
  up();
  nic.corrupt_entry = [](regs::ReturnEntry& entry) { entry.flags &= ~regs::return_flags::kEop; };
  ASSERT_TRUE(nic.receive(frame_of(200)));
  machine.run();
  EXPECT_EQ(client.frames.size(), 0u);
  nic.corrupt_entry = nullptr;
  nic.fail_rx(regs::ErrorReason::kTimeout);
  machine.run();
  EXPECT_EQ(driver->statistics().rx_given_up, 1u);
  ASSERT_TRUE(nic.receive(frame_of(200, 9)));
  machine.run();
  ASSERT_EQ(client.frames.size(), 1u);
  EXPECT_EQ(client.frames[0], frame_of(200, 9));
}

// A NIC that breaks the contract of the return ring: noticed, counted, the ring is reset, the next frame is clean.
TEST_F(DriverTest, BadReturnEntriesAreNoticedAndRecovered) {
  const std::vector<std::function<void(regs::ReturnEntry&)>> lies = {
      [](auto& entry) { entry.index += 8; },        // from the turn before
      [](auto& entry) { entry.opaque ^= 1; },       // another buffer
      [](auto& entry) { entry.length = 4000; },     // longer than the buffer
      [](auto& entry) { entry.length = 0; },
      [](auto& entry) { entry.frame_length += 1; },
      [](auto& entry) { entry.flags &= ~regs::return_flags::kSop; },
  };
  up();
  for (size_t i = 0; i < lies.size(); ++i) {
    nic.corrupt_entry = lies[i];
    ASSERT_TRUE(nic.receive(frame_of(60)));
    machine.run();
    EXPECT_EQ(driver->statistics().bad_return_entries, i + 1) << "lie " << i;
    nic.corrupt_entry = nullptr;
    ASSERT_TRUE(nic.receive(frame_of(60, 5)));
    machine.run();
    EXPECT_EQ(client.frames.size(), i + 1) << "lie " << i;
  }
  EXPECT_EQ(driver->statistics().rx_resets, lies.size());
}

TEST_F(DriverTest, WatchdogResetsAStuckRing) {
  up();
  nic.hold_tx = true;
  ASSERT_EQ(send(60), TxResult::kSent);
  machine.advance(49 * kMs);
  EXPECT_EQ(driver->statistics().watchdog_fired, 0u);
  machine.advance(2 * kMs);
  EXPECT_EQ(driver->statistics().watchdog_fired, 1u);
  EXPECT_EQ(driver->statistics().tx_given_up, 1u);
  EXPECT_TRUE(tx.whole());
  nic.hold_tx = false;
  ASSERT_EQ(send(60), TxResult::kSent);
  machine.run();
  EXPECT_EQ(nic.sent.size(), 1u);
  EXPECT_TRUE(driver->running());
}

// Three resets of the ring, one of the NIC, and one that would be of the function: this one has no such reset.
TEST_F(DriverTest, WatchdogGivesUpAfterEveryResetInARow) {
  up();
  nic.hold_tx = true;
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(driver->running());
    for (int n = 0; n < 8; ++n) ASSERT_EQ(send(60), TxResult::kSent);
    stack::Packet late = packet({60});
    ASSERT_EQ(driver->transmit(late, false), TxResult::kBusy);
    machine.advance(60 * kMs);
  }
  EXPECT_TRUE(driver->failed());
  EXPECT_EQ(driver->statistics().tx_resets, 3u);
  EXPECT_EQ(driver->statistics().nic_resets, 1u);
  EXPECT_EQ(client.wakes, 5u);  // after the last one what waits is dropped instead of waiting for ever
  EXPECT_EQ(driver->statistics().failures, 1u);
  EXPECT_EQ(client.links, (std::vector<bool>{true, false}));
  EXPECT_FALSE(machine.timer_pending());
}

TEST_F(DriverTest, WatchdogSleepsWhenNothingIsOutstanding) {
  up();
  ASSERT_EQ(send(60), TxResult::kSent);
  machine.run();
  machine.advance(200 * kMs);
  EXPECT_FALSE(machine.timer_pending());
  EXPECT_EQ(driver->statistics().watchdog_fired, 0u);
}

TEST_F(DriverTest, SlowIsNotStuck) {
  up();
  nic.hold_tx = true;
  for (int i = 0; i < 8; ++i) ASSERT_EQ(send(60), TxResult::kSent);
  for (int i = 0; i < 8; ++i) {
    machine.advance(30 * kMs);
    nic.process_tx(1);
    machine.run();
  }
  EXPECT_EQ(driver->statistics().watchdog_fired, 0u);
  EXPECT_EQ(driver->statistics().tx_reclaimed, 8u);
}

TEST_F(DriverTest, WatchdogWaitsForTheLink) {
  up();
  nic.hold_tx = true;
  nic.set_link(false);
  machine.run();
  ASSERT_EQ(send(60), TxResult::kSent);
  machine.advance(500 * kMs);
  EXPECT_EQ(driver->statistics().watchdog_fired, 0u);
}

TEST_F(DriverTest, WatchdogFindsALostInterrupt) {
  up();
  nic.lose_messages = true;
  ASSERT_EQ(send(60), TxResult::kSent);
  machine.run();
  EXPECT_FALSE(tx.whole());
  machine.advance(60 * kMs);
  EXPECT_TRUE(tx.whole());
  EXPECT_EQ(driver->statistics().lost_interrupts, 1u);
  EXPECT_EQ(driver->statistics().tx_resets, 0u);
}

TEST_F(DriverTest, ARingAndAResetThatDoNotEndAreTheEnd) {
  up();
  nic.hold_tx = true;
  ASSERT_EQ(send(60), TxResult::kSent);
  nic.never_stops = nic.reset_never_ends = true;
  nic.fail_tx(regs::ErrorReason::kTimeout);
  machine.run();
  EXPECT_TRUE(driver->failed());
  EXPECT_FALSE(tx.whole());  // the NIC may still read: kept until removal
}

TEST_F(DriverTest, AnIndexBeyondWhatWasPostedIsIgnored) {
  up();
  nic.hold_tx = true;
  ASSERT_EQ(send(60), TxResult::kSent);
  nic.corrupt_status = [](regs::StatusBlock& block) {
    block.tx_cons_idx = 2;
    block.ret_prod_idx = 9;
  };
  nic.write_status();
  machine.run();
  EXPECT_FALSE(tx.whole());
  EXPECT_EQ(client.frames.size(), 0u);
  EXPECT_GE(driver->statistics().bad_indices, 2u);
}

}  // namespace
}  // namespace ringside::testbench
