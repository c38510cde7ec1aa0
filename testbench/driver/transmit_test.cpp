// Sending: descriptors, barrier, doorbell; ring full and wake; reclaim from the status block.
#include "testbench/driver/fixture.h"

namespace ringside::testbench {
namespace {

using stack::TxResult;
using Kind = FakePlatform::Kind;
constexpr uint32_t kTxDoorbell = regs::TxProdIdx::address(0);

// Path step T7: the fields of the descriptors, bus addresses instead of pointers, barrier before the doorbell.
TEST_F(DriverTest, PathStepT7DescriptorsThenBarrierThenDoorbell) {
  up();
  stack::Packet made = packet({54, 1000, 46});
  made.meta.tx_checksum = stack::TxChecksum::kInsert;
  made.meta.csum_start = 34;
  made.meta.csum_offset = 16;
  const Bytes expected = bytes_of(made);
  const uint8_t* cpu = made.fragment(0).begin();
  ASSERT_EQ(driver->transmit(made, false), TxResult::kSent);
  EXPECT_TRUE(made.empty());
  // The NIC saw only what was stored before the barrier; without it the descriptors would still be 0xFF.
  ASSERT_EQ(nic.sent.size(), 1u);
  EXPECT_EQ(nic.sent[0].bytes, expected);
  const auto& descriptors = nic.sent[0].descriptors;
  ASSERT_EQ(descriptors.size(), 3u);
  EXPECT_EQ(descriptors[0].flags, regs::tx_flags::kCsum);
  EXPECT_EQ(descriptors[0].csum_start, 34);
  EXPECT_EQ(descriptors[0].csum_offset, 16);
  EXPECT_EQ(descriptors[1].flags, 0);
  EXPECT_EQ(descriptors[2].flags, regs::tx_flags::kEop);
  EXPECT_NE(descriptors[0].address, reinterpret_cast<uintptr_t>(cpu));
  EXPECT_EQ(machine.charged_for(driver::DriverWork::kTxDescriptor), 3u);
  const size_t doorbell = find_write(kTxDoorbell);
  EXPECT_LT(find(Kind::kWriteBarrier), doorbell);
  EXPECT_EQ(machine.events[doorbell].value, 3u);
  EXPECT_EQ(nic.writes_to(kTxDoorbell), 1u);
}

TEST_F(DriverTest, FragmentsAreCutAtPageBorders) {
  PagedPool skewed(4, 2048, 1000);  // buffer 1 lies across a page border
  up();
  stack::BufferRef first = skewed.pool().allocate();
  stack::BufferRef across = skewed.pool().allocate();
  stack::Packet made;
  made.add_fragment(std::move(first), 0, 20);
  made.add_fragment(stack::BufferRef(across), 5, 0);  // empty: left out
  std::iota(across.data(), across.data() + 2048, uint8_t{0});
  made.add_fragment(std::move(across), 0, 1400);
  const Bytes expected = bytes_of(made);
  ASSERT_EQ(driver->transmit(made, false), TxResult::kSent);
  ASSERT_EQ(nic.sent.size(), 1u);
  EXPECT_EQ(nic.sent[0].bytes, expected);
  ASSERT_EQ(nic.sent[0].descriptors.size(), 3u);
  EXPECT_EQ(nic.sent[0].descriptors[1].length, 4096 - 1000 - 2048);
  machine.run();
  EXPECT_TRUE(skewed.whole());
}

TEST_F(DriverTest, MoreDefersTheDoorbellAndFlushRingsIt) {
  up();
  for (int i = 0; i < 3; ++i) ASSERT_EQ(send(60, true), TxResult::kSent);
  EXPECT_EQ(nic.writes_to(kTxDoorbell), 0u);
  driver->flush();
  EXPECT_EQ(nic.writes_to(kTxDoorbell), 1u);
  EXPECT_EQ(nic.sent.size(), 3u);
  driver->flush();
  EXPECT_EQ(nic.writes_to(kTxDoorbell), 1u);
}

// Path step T10: the consumer index comes from host memory; MMIO is never read on the way.
TEST_F(DriverTest, PathStepT10IndexIsReadFromMemoryAndPacketsAreGivenBack) {
  up();
  ASSERT_EQ(send(100), TxResult::kSent);
  ASSERT_EQ(send(100), TxResult::kSent);
  EXPECT_FALSE(tx.whole());
  machine.run();
  EXPECT_TRUE(tx.whole());
  EXPECT_EQ(machine.mappings(), 8u);  // the RX buffers
  EXPECT_EQ(driver->statistics().tx_reclaimed, 2u);
  EXPECT_EQ(find(Kind::kMmioRead, regs::TxConsIdx::address(0)), npos);
  for (const auto& event : machine.events) EXPECT_NE(event.kind, Kind::kMmioRead);
}

TEST_F(DriverTest, PacketsStayMappedUntilTheNicSaysSo) {
  up();
  nic.hold_status = true;
  ASSERT_EQ(send(100), TxResult::kSent);
  driver->force_interrupt(0);
  machine.run();
  EXPECT_FALSE(tx.whole());
  nic.hold_status = false;
  nic.write_status();
  machine.run();
  EXPECT_TRUE(tx.whole());
}

TEST_F(DriverTest, ByMmioWhenAskedForTheExperiment) {
  config.index_source = driver::IndexSource::kMmio;
  up();
  ASSERT_EQ(send(100), TxResult::kSent);
  ASSERT_TRUE(nic.receive(frame_of(60)));
  machine.run();
  EXPECT_TRUE(tx.whole());
  EXPECT_EQ(client.frames.size(), 1u);
  EXPECT_GE(nic.reads_of(regs::TxConsIdx::address(0)), 1u);
  EXPECT_GE(nic.reads_of(regs::RetProdIdx::address(0)), 1u);
}

TEST_F(DriverTest, FullRingAnswersBusyAndWakesWithHysteresis) {
  config.rings.tx = 16;
  up();
  nic.hold_tx = true;
  for (int i = 0; i < 16; ++i) ASSERT_EQ(send(60), TxResult::kSent) << i;
  stack::Packet late = packet({60});
  EXPECT_EQ(driver->transmit(late, false), TxResult::kBusy);
  EXPECT_FALSE(late.empty());  // still the caller's
  nic.process_tx(3);           // fewer than a quarter of the ring
  machine.run();
  EXPECT_EQ(client.wakes, 0u);
  nic.process_tx(1);
  machine.run();
  EXPECT_EQ(client.wakes, 1u);
  EXPECT_EQ(driver->transmit(late, false), TxResult::kSent);
  nic.process_tx();
  machine.run();
  EXPECT_EQ(client.wakes, 1u);
  EXPECT_EQ(nic.sent.size(), 17u);
}

TEST_F(DriverTest, BusyRingsTheDoorbellOfWhatWaitsForMore) {
  up();
  nic.hold_tx = true;
  for (int i = 0; i < 8; ++i) ASSERT_EQ(send(60, true), TxResult::kSent);
  stack::Packet late = packet({60});
  EXPECT_EQ(driver->transmit(late, true), TxResult::kBusy);
  EXPECT_EQ(nic.writes_to(kTxDoorbell), 1u);  // or nobody would ever make room
}

TEST_F(DriverTest, TransmitReclaimsForItself) {
  up();
  for (int i = 0; i < 100; ++i) ASSERT_EQ(send(60), TxResult::kSent) << i;  // no poll runs in between
  EXPECT_EQ(nic.sent.size(), 100u);
}

TEST_F(DriverTest, WakeSendsTheNextBurst) {
  up();
  nic.hold_tx = true;
  unsigned posted = 0;
  const auto burst = [&] {
    while (posted < 50) {
      stack::Packet made = packet({60});
      if (driver->transmit(made, true) != TxResult::kSent) return;
      ++posted;
    }
    driver->flush();
  };
  client.on_wake = burst;
  burst();
  for (int i = 0; i < 100 && nic.sent.size() < 50; ++i) {
    nic.process_tx();
    machine.run();
  }
  EXPECT_EQ(nic.sent.size(), 50u);
}

TEST_F(DriverTest, WhatCannotBeSentIsDroppedAndCounted) {
  config.rings.tx = 64;
  up();
  stack::Packet empty, tiny = packet({13}), longest = packet({1518}), too_long = packet({1519});
  EXPECT_EQ(driver->transmit(empty, false), TxResult::kDropped);
  EXPECT_EQ(driver->transmit(tiny, false), TxResult::kDropped);
  EXPECT_EQ(driver->transmit(too_long, false), TxResult::kDropped);
  EXPECT_EQ(driver->transmit(longest, false), TxResult::kSent);  // MTU, header and a VLAN tag
  stack::Packet outside = packet({60});
  outside.meta.tx_checksum = stack::TxChecksum::kInsert;
  outside.meta.csum_start = 50;
  outside.meta.csum_offset = 9;
  EXPECT_EQ(driver->transmit(outside, false), TxResult::kDropped);
  EXPECT_EQ(driver->statistics().tx_bad_packets, 4u);
  EXPECT_EQ(nic.sent.size(), 1u);
}

TEST_F(DriverTest, NoPacketIsLongerThanTheNicTakes) {
  config.mtu_bytes = 9000;
  up();
  stack::Packet longest = packet({2000, 2000, 2000, 2000, 1014}), too_long = packet({2000, 2000, 2000, 2000, 1015});
  EXPECT_EQ(driver->transmit(too_long, false), TxResult::kDropped);
  EXPECT_EQ(driver->transmit(longest, false), TxResult::kSent);
  EXPECT_EQ(nic.sent.size(), 1u);
}

TEST_F(DriverTest, TooManyPiecesAreDroppedBecauseTheyNeverFit) {
  up();  // a ring of 8
  stack::Packet nine = packet(std::vector<uint32_t>(9, 20)), eight = packet(std::vector<uint32_t>(8, 20));
  EXPECT_EQ(driver->transmit(nine, false), TxResult::kDropped);
  EXPECT_EQ(driver->statistics().tx_too_scattered, 1u);
  EXPECT_EQ(driver->transmit(eight, false), TxResult::kSent);
  EXPECT_EQ(nic.sent.size(), 1u);
}

// A writer may wait in the stack for a buffer of the pool: the stack hears of buffers given back, but never from inside
// transmit(), which it calls itself.
TEST_F(DriverTest, ReclaimAloneTellsTheClientOutsideTransmit) {
  up();
  bool free_when_done = false;
  client.on_done = [&] { free_when_done = tx.whole(); };
  for (int i = 0; i < 8; ++i) ASSERT_EQ(send(60), stack::TxResult::kSent);
  ASSERT_EQ(send(60), stack::TxResult::kSent);  // the ring was full: transmit() reclaims
  EXPECT_EQ(driver->statistics().tx_reclaimed, 8u);
  EXPECT_EQ(client.done, 0u);
  machine.run();
  EXPECT_EQ(client.done, 1u);
  EXPECT_TRUE(free_when_done);
  driver->force_interrupt(0);
  machine.run();
  EXPECT_EQ(client.done, 1u);  // nothing taken, nothing given back
}

}  // namespace
}  // namespace ringside::testbench
