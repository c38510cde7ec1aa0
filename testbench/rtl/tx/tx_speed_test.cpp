// How fast tx_engine is, and how fair.
#include <gtest/gtest.h>

#include <algorithm>

#include "testbench/rtl/tx/tx_bench.h"

namespace ringside::testbench {
namespace {

// Core cycles per 64-octet packet, at 0 and at 125 cycles (500 ns) of read latency. At 64 bits a packet takes 8 beats
// and a descriptor 2, on the same write bus: 10 cycles is what there is; at 128 bits 5, at 256 bits 2.5; at 512 bits
// tx_gather takes 2. With latency, 32 descriptors of each queue set on their way are what is waited for.
TEST(TxSpeed, CyclesPerPacket) {
  for (uint32_t latency : {0u, 125u}) {
    TxBench bench(22);
    start_all(bench, 12);
    bench.host.latency = latency;
    const uint32_t count = 2000;
    for (uint32_t i = 0; i < count; ++i) bench.post(i % kQueues, make_packet(64, 1, 0x100000 + i * 64));
    for (uint32_t q = 0; q < kQueues; ++q) bench.ring(q);
    ASSERT_TRUE(bench.drain(100000)) << bench.failure();
    const double per_packet = static_cast<double>(bench.last_beat_at - bench.first_beat_at) / (count - 1);
    RecordProperty("cycles_per_packet_latency_" + std::to_string(latency), std::to_string(per_packet));
    const double at_once = kBytes == 8 ? 10.1 : kBytes == 16 ? 5.1 : kBytes == 32 ? 2.6 : 2.1;
    EXPECT_LE(per_packet, latency == 0 ? at_once : kBytes == 64 ? 2.8 : std::max(at_once, 5.0)) << latency;
  }
}

// Doorbell to the first beat at the MAC, less the two round trips of the host: a bound. Ten of its cycles are dma_read's:
// three to the request and two to the octets in their place, for the descriptor and again for the packet.
TEST(TxSpeed, LatencyOfOnePacket) {
  for (uint32_t length : {64u, 1514u}) {
    TxBench bench(23);
    start_all(bench, 8);
    bench.host.latency = 125;
    bench.post(0, make_packet(length, 1, 0x100000));
    const uint64_t begin = bench.now;
    bench.ring(0);
    ASSERT_TRUE(bench.drain(2000)) << bench.failure();
    const uint64_t cycles = bench.first_beat_at - begin - 2 * bench.host.latency;
    RecordProperty("cycles_" + std::to_string(length), static_cast<int>(cycles));
    EXPECT_LE(cycles, 30 + length / kBytes) << length;
  }
}

// Jumbo frames and TSO segments of 1448 octets at 500 ns of read latency: beats at the MAC per cycle. 100 Gb/s at 250 MHz
// is 0.78 of 512 bits, preamble and gap taken off a little less.
TEST(TxSpeed, LongFramesAndSegments) {
  for (bool tso : {false, true}) {
    TxBench bench(24);
    start_all(bench, 12);
    bench.host.latency = 125;
    uint64_t beats = 0;
    for (uint32_t i = 0; i < 60; ++i) {
      TcpHeader header;
      header.tcp_options = 12;
      const uint64_t address = 0x1000000 + i * 0x20000;
      bench.post(i % kQueues, tso ? make_tso(bench, header, 8 * 1448, 1448, 3, address) : make_packet(9014, 1, address));
      beats += tso ? 8 * ((1448 + header.length() + kBytes - 1) / kBytes) : (9014 + kBytes - 1) / kBytes;
    }
    for (uint32_t q = 0; q < kQueues; ++q) bench.ring(q);
    ASSERT_TRUE(bench.drain(200000)) << bench.failure();
    const double rate = static_cast<double>(beats) / static_cast<double>(bench.last_beat_at - bench.first_beat_at + 1);
    RecordProperty(tso ? "beats_per_cycle_tso" : "beats_per_cycle_jumbo", std::to_string(rate));
    const bool one_by_one = kBytes == 16 && !tso;  // that build's packet memory holds one jumbo frame at a time
    EXPECT_GE(rate, one_by_one ? 0.4 : 0.78) << (tso ? "tso" : "jumbo");
  }
}

#if DUT_QUEUES > 1
// Queue 0 sends TSO packets of 60,000 octets, the others single frames: while all have work they share octets.
TEST(TxSpeed, QueuesShareOctets) {
  TxBench bench(25);
  start_all(bench, 12);
  bench.host.latency = 30;
  for (uint32_t i = 0; i < 8; ++i) bench.post(0, make_tso(bench, TcpHeader{}, 60000, 1446, 4, 0x1000000 + i * 0x100000));
  for (uint32_t i = 0; i < 2000; ++i) {
    for (uint32_t q = 1; q < kQueues; ++q) bench.post(q, make_packet(1000, 1, 0x200000 + i * 64));
  }
  for (uint32_t q = 0; q < kQueues; ++q) bench.ring(q);
  for (int i = 0; i < 400000 && bench.expected(0) != 0 && bench.failure().empty(); ++i) bench.cycle();
  for (uint32_t q = 1; q < kQueues; ++q) {
    const uint32_t sent = (bench.cons(q) - kFirstIndex) * 1000;  // while queue 0 sent eight times 60 KB
    EXPECT_GT(sent, 8u * 60000 - 2 * 65536) << q;
    EXPECT_LT(sent, 8u * 60000 + 2 * 65536) << q;
  }
  ASSERT_TRUE(bench.drain(600000)) << bench.failure();
}

// A queue of short packets beside one of long ones, while the wire is what they share: what counts is octets, not how many
// times 64 of them a packet reaches into.
TEST(TxSpeed, ShortPacketsShareOctetsToo) {
  constexpr uint32_t kLong = 1514, kCount = 100;
  for (uint32_t length : {60u, 64u, 65u, 120u, 129u}) {
    TxBench bench(27);
    start_all(bench, 12);
    bench.host.latency = 30;
    bench.mac_ready_percent = 12;
    for (uint32_t i = 0; i < 4095; ++i) bench.post(0, make_packet(length, 1, 0x200000 + i * 256));
    for (uint32_t i = 0; i < 300; ++i) bench.post(1, make_packet(kLong, 1, 0x1000000 + i * 0x1000));
    bench.ring(0);
    bench.ring(1);
    const auto until = [&](uint32_t count) {
      for (int i = 0; i < 400000 && bench.cons(1) - kFirstIndex < count && bench.failure().empty(); ++i) bench.cycle();
      return bench.cons(0);
    };
    const uint32_t before = until(40);  // packet memory is full
    const uint32_t sent = (until(40 + kCount) - before) * length;
    EXPECT_NEAR(sent, kCount * kLong, 2048 + 2 * kLong) << length;
    EXPECT_EQ(bench.failure(), "");
  }
}

// Packets larger than a refill: the queue at hand has no credit left when the next packet is chosen, so no queue sends
// twice in a row while all have work.
TEST(TxSpeed, QueuesThatSendAlikeTakeTurns) {
  TxBench bench(26);
  start_all(bench, 8);
  constexpr uint32_t kEach = 40;
  for (uint32_t i = 0; i < kEach; ++i) {
    for (uint32_t q = 0; q < kQueues; ++q) bench.post(q, make_packet(9014, 1, 0x1000000 + (i * kQueues + q) * 0x4000));
  }
  for (uint32_t q = 0; q < kQueues; ++q) bench.ring(q);
  std::vector<uint32_t> order;  // of the queues whose packets were read
  std::array<uint32_t, kQueues> seen{};
  for (uint32_t i = 0; i < 2000000 && order.size() < kEach * kQueues && bench.failure().empty(); ++i) {
    bench.cycle();
    for (uint32_t q = 0; q < kQueues; ++q) {
      if (bench.cons(q) - kFirstIndex == seen[q]) continue;
      order.push_back(q);
      ++seen[q];
    }
  }
  ASSERT_EQ(order.size(), kEach * kQueues) << bench.failure();
  for (size_t i = 2 * kQueues; i + 2 * kQueues < order.size(); ++i) ASSERT_NE(order[i], order[i - 1]) << "packet " << i;
  ASSERT_TRUE(bench.drain(20000)) << bench.failure();
}
#endif

}  // namespace
}  // namespace ringside::testbench
