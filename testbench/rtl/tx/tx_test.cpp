// tx_engine with dma_read: from a doorbell to the frame at the MAC, against a reference in C++.
#include <gtest/gtest.h>

#include "testbench/rtl/tx/tx_modes.h"

namespace ringside::testbench {
namespace {

TEST(Tx, OnePacket) {
  TxBench bench(1);
  start_all(bench, 8);
  send(bench, 0, make_packet(64, 1, 0x10000));
  ASSERT_TRUE(bench.drain(2000)) << bench.failure();
  EXPECT_EQ(bench.frames, 1u);
  EXPECT_EQ(bench.packets, 1u);
  EXPECT_EQ(bench.octets, 64u);
  EXPECT_EQ(bench.cons(0), kFirstIndex + 1);
}


// Path step T8: lengths x addresses, also round 4 KB, in one fragment and in several.
TEST_P(TxModes, LengthsAndAddresses) {
  TxBench bench(2);
  start_all(bench, 8);
  apply(bench);
  uint32_t n = 0;
  for (uint32_t offset = 0; offset < 16; ++offset) {
    const uint64_t address = offset < 8 ? 0x20000 + offset : 0x21000 - (offset - 7);
    for (uint32_t length = 1; length <= 129; ++length) send(bench, n++ % kQueues, make_packet(length, 1, address));
    for (uint32_t length : {1514u, 9000u, 9014u}) send(bench, n++ % kQueues, make_packet(length, 1 + offset % 3, address));
  }
  ASSERT_TRUE(bench.drain(200000)) << bench.failure();
  EXPECT_EQ(bench.frames, n);
}

// Path step T8: 1 to 32 fragments, down to one octet each, with a checksum over odd pieces (C4, C13).
TEST_P(TxModes, Fragments) {
  TxBench bench(3);
  start_all(bench, 7);
  apply(bench);
  std::mt19937 random(4);
  uint64_t bytes = 0;
  for (uint32_t count = 1; count <= 32; ++count) {
    for (uint32_t length : {count, count + 1, 64u, 65u, 333u, 1514u}) {
      if (length < count) continue;
      TxPacket packet = make_packet(length, count, 0x50000 + random() % 4096);
      packet.csum = length > 20;
      packet.start = static_cast<uint16_t>(random() % (length > 20 ? length - 2 : 1));
      packet.offset = static_cast<uint16_t>(random() % (length > 20 ? length - 1 - packet.start : 1));
      send(bench, count % kQueues, packet);
      bytes += length;
    }
  }
  ASSERT_TRUE(bench.drain(300000)) << bench.failure();
  EXPECT_EQ(bench.payload_bytes, bytes);  // D3: each octet of the buffers once
}

// Rules C1, C4, C11, C13, C15: every start and field in short packets; offload on and off in turn.
TEST_P(TxModes, ChecksumPlaces) {
  TxBench bench(5);
  start_all(bench, 8);
  apply(bench);
  uint32_t n = 0;
  for (uint32_t length : {2u, 3u, 60u, 61u, 66u}) {
    for (uint32_t start = 0; start + 2 <= length; start += 1 + start / 8) {
      for (uint32_t offset = 0; start + offset + 2 <= length; offset += 1 + offset / 8) {
        TxPacket packet = make_packet(length, 1 + n % 2, 0x60000 + n * 3);
        packet.csum = n % 5 != 0;
        packet.start = static_cast<uint16_t>(start);
        packet.offset = static_cast<uint16_t>(offset);
        send(bench, n++ % kQueues, packet);
      }
    }
  }
  for (uint32_t start : {0u, 1u, 34u, 511u, 4093u, 8998u}) {
    TxPacket packet = make_packet(9000, 3, 0x70001 + start);
    packet.csum = true;
    packet.start = static_cast<uint16_t>(start);
    send(bench, 0, packet);
  }
  ASSERT_TRUE(bench.drain(300000)) << bench.failure();
}

INSTANTIATE_TEST_SUITE_P(Modes, TxModes, tx_modes(), tx_mode_name);

// Rule C1: a sum that comes out as 0 is sent as FFFF by UDP (field at 6) and as 0 by others; and the carries of C10.
TEST(TxChecksum, ZeroIsSentAsFfffByUdpAlone) {
  TxBench bench(6);
  start_all(bench, 8);
  for (uint32_t fill : {0x00u, 0xFFu}) {
    for (uint32_t length : {60u, 61u, 9000u}) {
      for (uint32_t i = 0; i < length; ++i) bench.poke(0x80000 + i, static_cast<uint8_t>(fill));
      TxPacket packet;
      packet.fragments = {{0x80000, length}};
      packet.csum = true;
      packet.start = 14;
      for (uint16_t offset : {6, 16}) {
        packet.offset = offset;
        send(bench, 0, packet);
        ASSERT_TRUE(bench.drain(20000)) << bench.failure();
      }
    }
  }
}

// Rule C10, the 1FFFF case: one beat sums to FFFF and the next to 10000, so the last fold carries once more.
TEST(TxChecksum, FoldsTwice) {
  TxBench bench(24);
  start_all(bench, 8);
  for (uint32_t i = 0; i < 2 * kBytes; ++i) bench.poke(0x80000 + i, 0);
  for (uint32_t i : {0u, 1u, kBytes, kBytes + 1}) bench.poke(0x80000 + i, 0xFF);
  bench.poke(0x80000 + kBytes + 2, 0x01);
  TxPacket packet;
  packet.fragments = {{0x80000, 2 * kBytes}};
  packet.csum = true;
  packet.offset = 4;
  send(bench, 0, packet);
  ASSERT_TRUE(bench.drain(2000)) << bench.failure();
}

// Rule D6: buffers change as soon as the consumer index has passed them; what goes out is what was there.
TEST(Tx, ConsumerIndexMovesAfterTheData) {
  TxBench bench(7);
  start_all(bench, 8);
  bench.poison_done = true;
  bench.host.read_late = true;
  bench.host.latency = 50;
  bench.host.split = Split::kEveryRcb;
  bench.host.shuffle = true;
  bench.mac_ready_percent = 70;
  for (uint32_t i = 0; i < 300; ++i) send(bench, i % kQueues, make_packet(60 + i * 5, 1 + i % 4, 0x100000 + i * 0x40000));
  ASSERT_TRUE(bench.drain(100000)) << bench.failure();
}

// Rule D15: every ring size, round and round; with FirstIndex in some builds also past 2^32.
TEST(Tx, RingSizes) {
  for (uint32_t log2 : {3u, 4u, 5u, 6u, 10u, 12u}) {
    TxBench bench(8 + log2);
    start_all(bench, log2);
    std::mt19937 random(9);
    for (uint32_t i = 0; i < 500; ++i) {
      const uint32_t count = 1 + static_cast<uint32_t>(random() % (i % 50 == 0 ? 8 : 3));
      send(bench, i % kQueues, make_packet(40 + count + i % 90, count, 0x100000 + i * 64));
      for (uint32_t c = 0; c < random() % 40; ++c) bench.cycle();
    }
    ASSERT_TRUE(bench.drain(100000)) << log2 << ": " << bench.failure();
    EXPECT_EQ(bench.frames, 500u);
  }
}

// A whole ring with one doorbell, and a doorbell in the middle of a packet.
TEST(Tx, FullRingAndSplitDoorbell) {
  TxBench bench(10);
  start_all(bench, 9);
  for (uint32_t i = 0; i < 512; ++i) bench.post(0, make_packet(64 + i % 70, 1, 0x100000 + i * 128));
  bench.ring(0);
  ASSERT_TRUE(bench.drain(40000)) << bench.failure();
  for (uint32_t count : {2u, 3u, 32u}) {
    const uint32_t before = bench.prod(0);
    bench.post(0, make_packet(500, count, 0x200000));
    for (uint32_t i = 1; i <= count; ++i) {
      bench.set_prod(0, before + i);
      for (int c = 0; c < 300; ++c) bench.cycle();
      if (i < count) {
        EXPECT_EQ(bench.expected(0), 1u);
      }
      EXPECT_TRUE(bench.idle());  // waits for the driver, not for itself
    }
    ASSERT_TRUE(bench.drain(2000)) << bench.failure();
  }
}

// Doorbells 0 to 64 cycles apart: none is lost (F10).
TEST(Tx, DoorbellsAnyDistanceApart) {
  TxBench bench(11);
  start_all(bench, 8);
  bench.host.latency = 9;
  for (int gap = 0; gap < 65; ++gap) {
    send(bench, 0, make_packet(64, 1, 0x100000));
    for (int c = 0; c < gap; ++c) bench.cycle();
    send(bench, 0, make_packet(64, 1, 0x100000));
    ASSERT_TRUE(bench.drain(2000)) << bench.failure();
  }
}

// Turning a ring off lets what was fetched finish; turning it on again starts at the first index.
TEST(Tx, StopAndStart) {
  TxBench bench(17);
  start_all(bench, 8);
  bench.host.latency = 60;
  for (uint32_t round = 0; round < 30; ++round) {
    for (uint32_t i = 0; i < 20; ++i) bench.post(0, make_packet(64 + i * 50, 1, 0x100000 + i * 2048));
    bench.ring(0);
    for (uint32_t c = 0; c < round * 11; ++c) bench.cycle();
    bench.stop(0);
    const uint32_t sent = bench.cons(0) - kFirstIndex;
    EXPECT_EQ(bench.expected(0), 20 - sent);
    bench.forget(0);
    ASSERT_TRUE(bench.drain(20000)) << bench.failure();
    bench.start(0);
  }
  EXPECT_GT(bench.frames, 100u);
}

// The master switch ends fetching and nothing else.
TEST(Tx, MasterSwitch) {
  TxBench bench(18);
  start_all(bench, 8);
  bench.dut->enable_i = 0;
  bench.post(0, make_packet(64, 1, 0x100000));
  bench.ring(0);
  for (int i = 0; i < 100; ++i) bench.cycle();
  EXPECT_EQ(bench.host.requests, 0u);
  EXPECT_TRUE(bench.idle());
  bench.dut->enable_i = 1;
  ASSERT_TRUE(bench.drain(2000)) << bench.failure();
}

// Quiesce at any moment: everything comes to rest, no frame is broken.
TEST(Tx, QuiesceComesToRest) {
  for (uint32_t after = 0; after < 400; after += 7) {
    TxBench bench(19);
    start_all(bench, 8);
    bench.host.latency = 60;
    for (uint32_t i = 0; i < 60; ++i) bench.post(0, make_packet(64 + i * 30, 1 + i % 3, 0x100000 + i * 2048));
    bench.ring(0);
    for (uint32_t c = 0; c < after; ++c) bench.cycle();
    bench.dut->quiesce_i = 1;
    bench.cycle();
    const uint64_t requests = bench.host.requests;
    for (int c = 0; c < 6000 && !bench.idle(); ++c) bench.cycle();
    EXPECT_TRUE(bench.idle());
    EXPECT_LE(bench.host.requests, requests + 1);
    ASSERT_EQ(bench.failure(), "");
  }
}

TEST(Tx, CountsBroadcastAndMulticast) {
  TxBench bench(20);
  start_all(bench, 8);
  for (int i = 0; i < 6; ++i) bench.poke(0x90000 + i, 0xFF);
  bench.poke(0xA0000, 0x01);
  bench.poke(0xB0000, 0x02);
  for (uint64_t address : {0x90000, 0xA0000, 0xB0000, 0xA0000}) {
    TxPacket packet;
    packet.fragments = {{address, 42}};
    send(bench, 0, packet);
  }
  ASSERT_TRUE(bench.drain(2000)) << bench.failure();
  EXPECT_EQ(bench.frames, 4u);
  EXPECT_EQ(bench.octets, 240u);  // as sent: padded
  EXPECT_EQ(bench.broadcasts, 1u);
  EXPECT_EQ(bench.multicasts, 2u);
}

// At rest no flop changes.
TEST(Tx, NothingMovesAtRest) {
  TxBench bench(21);
  EXPECT_TRUE(bench.at_rest(200));
  start_all(bench, 8);
  EXPECT_TRUE(bench.at_rest(200));
  for (uint32_t i = 0; i < 40; ++i) send(bench, i % kQueues, make_packet(64 + i * 30, 1 + i % 3, 0x100000));
  ASSERT_TRUE(bench.drain(20000)) << bench.failure();
  EXPECT_TRUE(bench.at_rest(200));
  bench.post_raw(0, {0x1000, 64, 0, 0, 0});  // a packet without its end
  bench.ring(0);
  for (int i = 0; i < 200; ++i) bench.cycle();
  EXPECT_TRUE(bench.idle());
  EXPECT_TRUE(bench.at_rest(200));
  bench.post_raw(0, {0x1000, 0, kEop, 0, 0});  // its end is wrong: in error
  bench.ring(0);
  bench.cycle();
  EXPECT_FALSE(bench.at_rest(1));  // the check can fail
  for (int i = 0; i < 200; ++i) bench.cycle();
  EXPECT_EQ(bench.error(0), kBadDescriptor);
  EXPECT_TRUE(bench.idle());
  EXPECT_TRUE(bench.at_rest(200));
}

}  // namespace
}  // namespace ringside::testbench
