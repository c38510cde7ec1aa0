// Receiving, interrupts, polling.
#include "testbench/driver/fixture.h"

namespace ringside::testbench {
namespace {

using Kind = FakePlatform::Kind;
namespace flag = regs::return_flags;

// Path step R7: interrupt, poll, entries taken in place, buffers posted, re-armed with the tag seen, looked again.
TEST_F(DriverTest, PathStepR7PollTakesProvidesRearms) {
  up();
  ASSERT_TRUE(nic.receive(frame_of(60), flag::kL4Checked | flag::kL4Good | flag::kIpChecked | flag::kTimestamp));
  ASSERT_TRUE(nic.receive(frame_of(1514, 7)));
  EXPECT_EQ(machine.messages_waiting(), 1u);  // masked itself after the first
  client.keep = true;
  machine.run();
  ASSERT_EQ(client.kept.size(), 2u);
  EXPECT_EQ(bytes_of(client.kept[0]), frame_of(60));
  EXPECT_EQ(bytes_of(client.kept[1]), frame_of(1514, 7));
  EXPECT_EQ(client.kept[0].meta.l4_verdict, stack::RxVerdict::kGood);
  EXPECT_EQ(client.kept[0].meta.ip_verdict, stack::RxVerdict::kBad);
  EXPECT_EQ(client.kept[1].meta.l4_verdict, stack::RxVerdict::kNotChecked);
  EXPECT_EQ(client.kept[0].meta.raw_csum, 0x1234);
  EXPECT_EQ(client.done, 1u);
  EXPECT_EQ(nic.buffers(), 8u);
  const size_t doorbell = find_write(regs::RxProdIdx::address(0)), rearm = find_write(regs::IntRearm::address(0));
  EXPECT_EQ(machine.events[doorbell].value, 10u);
  EXPECT_EQ(machine.events[find_write(regs::RetConsIdx::address(0))].value, 2u);
  ASSERT_NE(rearm, npos);
  EXPECT_LT(find_write(regs::RetConsIdx::address(0)), doorbell);  // room for entries before more buffers
  EXPECT_LT(doorbell, rearm);
  EXPECT_EQ(machine.events[rearm].value, nic.tag());
  EXPECT_EQ(find(Kind::kMmioRead, regs::RetProdIdx::address(0)), npos);
}

TEST_F(DriverTest, BuffersAreHandedUpWithoutACopy) {
  up();
  client.keep = true;
  ASSERT_TRUE(nic.receive(frame_of(100)));
  machine.run();
  ASSERT_EQ(client.kept.size(), 1u);
  EXPECT_EQ(client.kept[0].fragment(0).buffer.get()->pool, &rx.pool());
  EXPECT_EQ(rx.pool().free_count(), 64u - 8 - 1);
}

TEST_F(DriverTest, AFrameLargerThanABufferIsChained) {
  config.mtu_bytes = 9000;
  up();
  ASSERT_TRUE(nic.receive(frame_of(9014)));
  ASSERT_TRUE(nic.receive(frame_of(60, 3)));
  machine.run();
  ASSERT_EQ(client.frames.size(), 2u);
  EXPECT_EQ(client.frames[0], frame_of(9014));
  EXPECT_EQ(client.frames[1], frame_of(60, 3));
  EXPECT_EQ(driver->statistics().rx_buffers, 6u);
}

TEST_F(DriverTest, SmallBuffersAndPageBordersAreRespected) {
  PagedPool skewed(64, 1536, 600);  // many of these lie across a page border
  config.rx_buffer_bytes = 1000;
  driver = std::make_unique<driver::NicDriver>(machine, skewed.pool(), config);
  driver->set_client(&client);
  ASSERT_EQ(driver->bring_up(), driver::BringUp::kUp);
  for (int i = 0; i < 40; ++i) {
    ASSERT_TRUE(nic.receive(frame_of(1500, static_cast<uint8_t>(i))));
    machine.run();
    ASSERT_EQ(client.frames.size(), 1u + i);
    EXPECT_EQ(client.frames.back(), frame_of(1500, static_cast<uint8_t>(i)));
  }
  driver->remove();
  EXPECT_TRUE(skewed.whole());
}

TEST_F(DriverTest, BudgetEndsAPollAndNothingIsRearmedBefore) {
  config.poll_budget = 3;
  up();
  for (uint8_t i = 0; i < 8; ++i) ASSERT_TRUE(nic.receive(frame_of(60, i)));
  machine.run_messages();
  ASSERT_TRUE(machine.run_one_poll());
  EXPECT_EQ(client.frames.size(), 3u);
  EXPECT_EQ(nic.writes_to(regs::IntRearm::address(0)), 0u);
  machine.run();
  EXPECT_EQ(client.frames.size(), 8u);
  EXPECT_EQ(driver->statistics().budget_exhausted, 2u);
  EXPECT_EQ(nic.writes_to(regs::IntRearm::address(0)), 1u);
}

TEST_F(DriverTest, ALongPollDoesNotStarveTheNic) {
  up();
  uint32_t at_the_end = 0;
  client.on_receive = [&] { at_the_end = nic.buffers(); };
  for (uint8_t i = 0; i < 8; ++i) ASSERT_TRUE(nic.receive(frame_of(60, i)));
  EXPECT_EQ(nic.buffers(), 0u);
  machine.run();
  EXPECT_EQ(client.frames.size(), 8u);
  EXPECT_GE(at_the_end, 4u);  // provided while the poll was still handing up
}

TEST_F(DriverTest, FramesKeepTheirOrderRoundTheRing) {
  up();
  for (int i = 0; i < 100; ++i) {
    const auto first = static_cast<uint8_t>(i);
    ASSERT_TRUE(nic.receive(frame_of(60, first)));
    if (i % 3 == 0) machine.run();
  }
  machine.run();
  ASSERT_EQ(client.frames.size(), 100u);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(client.frames[i][0], i);
}

TEST_F(DriverTest, VerdictsAreWithheldWhenTheOffloadIsOff) {
  config.offloads.rx_checksum = false;
  up();
  client.keep = true;
  ASSERT_TRUE(nic.receive(frame_of(60), flag::kL4Checked | flag::kIpChecked));
  machine.run();
  ASSERT_EQ(client.kept.size(), 1u);
  EXPECT_EQ(client.kept[0].meta.l4_verdict, stack::RxVerdict::kNotChecked);
  EXPECT_EQ(client.kept[0].meta.ip_verdict, stack::RxVerdict::kNotChecked);
}

// Ordering 3. The frame arrives between the driver's look at the tag and at the index; its entry becomes visible at the
// next read barrier only. A driver without that barrier reads 0xFF.
TEST_F(DriverTest, Ordering3EntriesAreReadAfterABarrierBehindTheIndex) {
  up();
  nic.stage_entries = true;
  ASSERT_TRUE(nic.receive(frame_of(60)));
  for (unsigned i = 1; i < 6; ++i) {
    machine.at_read_barrier[machine.read_barriers + i] = [&, i] { nic.receive(frame_of(60, static_cast<uint8_t>(i))); };
  }
  machine.run();
  EXPECT_EQ(client.frames.size(), 6u);
  EXPECT_EQ(driver->statistics().bad_return_entries, 0u);
}

// Ordering 4. The frame arrives at the very moment of the re-arm, its message is lost: only the second look finds it.
TEST_F(DriverTest, Ordering4LooksAgainAfterTheRearm) {
  up();
  ASSERT_TRUE(nic.receive(frame_of(60)));
  machine.run_messages();
  nic.lose_messages = true;
  nic.before_write = [&](uint32_t address) {
    if (address != regs::IntRearm::address(0)) return;
    nic.before_write = nullptr;
    nic.receive(frame_of(60, 1));
  };
  machine.run();
  EXPECT_EQ(client.frames.size(), 2u);
  EXPECT_EQ(driver->statistics().found_again, 1u);
}

// A frame after the last look and before the re-arm: its tag is newer than the one given, so a message follows.
TEST_F(DriverTest, RearmGivesTheTagReadBeforeTheIndices) {
  up();
  ASSERT_TRUE(nic.receive(frame_of(60)));
  machine.run_messages();
  const uint32_t seen = nic.tag();
  client.on_receive = [&] {
    client.on_receive = nullptr;
    nic.receive(frame_of(60, 1));
  };
  ASSERT_TRUE(machine.run_one_poll());
  EXPECT_EQ(machine.events[find_write(regs::IntRearm::address(0))].value, seen);
  EXPECT_EQ(machine.messages_waiting(), 1u);
  machine.run();
  EXPECT_EQ(client.frames.size(), 2u);
}

TEST_F(DriverTest, HandlerMasksWhenTheNicDoesNot) {
  config.auto_mask = false;
  up();
  ASSERT_TRUE(nic.receive(frame_of(60)));
  machine.run_messages();
  EXPECT_EQ(nic.writes_to(regs::IntControl::address(0)), 1u);
  ASSERT_TRUE(nic.receive(frame_of(60)));
  EXPECT_EQ(machine.messages_waiting(), 0u);  // masked
  machine.run();
  EXPECT_EQ(client.frames.size(), 2u);
}

TEST_F(DriverTest, AnEmptyPoolIsSurvived) {
  up();
  client.keep = true;
  std::vector<stack::BufferRef> hoard;
  while (stack::BufferRef buffer = rx.pool().allocate()) hoard.push_back(std::move(buffer));
  for (uint8_t i = 0; i < 8; ++i) ASSERT_TRUE(nic.receive(frame_of(60, i)));
  machine.run();
  EXPECT_EQ(nic.buffers(), 0u);
  EXPECT_GE(driver->statistics().rx_pool_empty, 1u);
  EXPECT_FALSE(nic.receive(frame_of(60)));  // the NIC drops: no message, no poll, only the timer can help
  hoard.clear();
  machine.advance(1'000'000);
  EXPECT_EQ(nic.buffers(), 8u);
  EXPECT_FALSE(machine.timer_pending());
  ASSERT_TRUE(nic.receive(frame_of(60)));
  machine.run();
  EXPECT_EQ(client.kept.size(), 9u);
}

TEST_F(DriverTest, AFrameInMorePiecesThanAPacketHoldsIsDropped) {
  config.rings = {8, 64, 64};
  config.rx_buffer_bytes = 64;
  up();
  ASSERT_TRUE(nic.receive(frame_of(64 * 19)));
  ASSERT_TRUE(nic.receive(frame_of(64 * 18)));
  machine.run();
  EXPECT_EQ(driver->statistics().rx_too_scattered, 1u);
  ASSERT_EQ(client.frames.size(), 1u);
  EXPECT_EQ(client.frames[0], frame_of(64 * 18));
}

TEST_F(DriverTest, WithoutAClientFramesAreCounted) {
  up();
  driver->set_client(nullptr);
  ASSERT_TRUE(nic.receive(frame_of(60)));
  machine.run();
  EXPECT_EQ(driver->statistics().rx_no_client, 1u);
}

TEST_F(DriverTest, CountersAreReadLowHalfFirst) {
  up();
  const auto counters = driver->nic_counters();
  EXPECT_EQ(counters.size(), regs::kNumCounters);
  const size_t low = find(Kind::kMmioRead, regs::counter_address(3));
  EXPECT_EQ(find(Kind::kMmioRead, regs::counter_address(3) + 4), low + 1);
}

}  // namespace
}  // namespace ringside::testbench
