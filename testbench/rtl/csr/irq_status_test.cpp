// Status blocks: one snapshot each, a new tag each, the last state always written, messages only behind them.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "testbench/rtl/csr/csr_bench.h"

namespace ringside::testbench::csr {
namespace {

// A status block without a stamp.
std::vector<uint32_t> block(uint32_t tag, uint32_t tx_cons, uint32_t rx_cons, uint32_t ret_prod) {
  return {tag, tx_cons, rx_cons, ret_prod, 0, 0, 0, 0};
}

// Path steps T10 and R5: a moved index is in host memory, with the next tag, in one write of 32 octets.
TEST(IrqStatus, WritesWhatMoved) {
  CsrBench bench;
  bench.open();
  bench.tx_packet(0, 3);
  bench.run(30);
  ASSERT_NE(bench.last_status(0), nullptr);
  EXPECT_EQ(bench.last_status(0)->words, block(1, 3, 0, 0));
  bench.rx_frame(0, 2);
  bench.run(100);
  EXPECT_EQ(bench.last_status(0)->words, block(2, 3, 2, 2));
  EXPECT_EQ(bench.read(kStatusTag), 2u);
  if (kQueues > 1) { EXPECT_EQ(bench.last_status(1), nullptr); }
  EXPECT_EQ(bench.read(kCounters + 8 * 27), 2u);          // STATUS_WRITES
  EXPECT_EQ(bench.read(kCounters + 8 * 26), 2u);          // MSIX_MESSAGES
}

// Each of the three indices alone is reason enough.
TEST(IrqStatus, EachIndexCounts) {
  constexpr unsigned q = kQueues - 1;
  CsrBench bench;
  bench.open(q);
  bench.in.tx_cons[q] = 5;
  bench.run(100);
  EXPECT_EQ(bench.last_status(q)->words, block(1, 5, 0, 0));
  bench.in.rx_cons[q] = 6;
  bench.run(100);
  EXPECT_EQ(bench.last_status(q)->words, block(2, 5, 6, 0));
  bench.in.ret_prod[q] = 7;
  bench.run(100);
  EXPECT_EQ(bench.last_status(q)->words, block(3, 5, 6, 7));
  EXPECT_EQ(bench.messages(1 + q), 0u);                   // nobody called it an event
}

// A time of departure is a reason for a status write and counts like a packet; a later one takes its place.
TEST(IrqStatus, StampIsReported) {
  for (unsigned q = 0; q < kQueues; ++q) {
    CsrBench bench;
    bench.open(q);
    bench.tx_stamp(q, 0x1234, 0x0102030405060708);
    bench.run(100);
    EXPECT_EQ(bench.last_status(q)->words, (std::vector<uint32_t>{1, 0, 0, 0, 0x1234, 0, 0x05060708, 0x01020304}));
    EXPECT_EQ(bench.messages(1 + q), 1u);
    bench.tx_stamp(q, 0x1235, 9);
    bench.tx_packet(q, 2);
    bench.run(100);
    EXPECT_EQ(bench.last_status(q)->words, (std::vector<uint32_t>{2, 2, 0, 0, 0x1235, 0, 9, 0}));
    EXPECT_TRUE(bench.irq_idle());
  }
}

// Busy: at an event in each direction every four cycles, in turn over all queues, far fewer status writes than frames;
// each index move is in memory within the bound: the hold of 64 cycles, a look of every queue, the writer's turn.
TEST(IrqStatus, BatchedWhenBusy) {
  CsrBench bench;
  for (unsigned q = 0; q < kQueues; ++q) bench.open(q, kMask);
  bench.st_delay = [] { return 2u; };
  constexpr unsigned kFrames = 4000;
  std::array<std::vector<uint64_t>, kQueues> moved;       // when tx_cons became 1, 2, ..
  for (unsigned i = 0; i < 4 * kFrames; ++i) {
    const unsigned q = i / 4 % kQueues;
    if (i % 4 == 0) bench.rx_frame(q), bench.tx_packet(q), moved[q].push_back(bench.cycle);
    bench.step();
  }
  const size_t writes = bench.writes.size();
  EXPECT_LE(writes, 4 * kFrames * kQueues / 64 + kQueues);
  EXPECT_GE(writes, 4 * kFrames * kQueues / 160);
  std::array<uint32_t, kQueues> shown{};
  uint64_t worst = 0;
  for (const HostWrite& w : bench.writes) {
    const size_t q = w.address / 0x10000 - 1;
    if (w.words[1] != shown[q]) worst = std::max(worst, w.cycle - moved[q][shown[q]]);
    shown[q] = w.words[1];
  }
  EXPECT_LE(worst, 64u + 12 * kQueues + 16);
  RecordProperty("worst_cycles", static_cast<int>(worst));
  RecordProperty("status_writes_per_1000_frames", static_cast<int>(1000 * writes / kFrames));
}

// Frames for all queues, and a host that takes writes slowly: whatever a write takes, each queue has its turn.
TEST(IrqStatus, EachQueueHasItsTurn) {
  constexpr unsigned kCycles = 12'000;
  for (unsigned delay = 0; delay <= 140; ++delay) {
    CsrBench bench;
    for (unsigned q = 0; q < kQueues; ++q) bench.open(q, kMask);
    bench.st_delay = [&] { return delay; };
    for (unsigned i = 0; i < kCycles; ++i) {
      if (i % 8 < kQueues) bench.rx_frame(i % 8);
      bench.step();
    }
    std::array<size_t, kQueues> count{};
    for (const HostWrite& w : bench.writes) ++count[w.address / 0x10000 - 1];
    const auto [least, most] = std::minmax_element(count.begin(), count.end());
    EXPECT_LE(*most, *least + 1 + *least / 8) << "delay " << delay;
    EXPECT_GE(bench.writes.size() * (delay + 20 + 64), kCycles) << "delay " << delay;
  }
}

// D12: each write equals the indices at one moment; tags count up by one; the last write is the last state.
TEST(IrqStatus, IsOneSnapshot) {
  for (unsigned seed = 1; seed <= 8; ++seed) {
    std::mt19937 random(seed);
    CsrBench bench;
    for (unsigned q = 0; q < kQueues; ++q) bench.open(q, 0);
    bench.st_stall = [&] { return random() % 3 == 0; };
    bench.st_delay = [&] { return static_cast<unsigned>(random() % 20); };
    std::array<std::vector<std::vector<uint32_t>>, kQueues> history;
    auto note = [&] {
      for (unsigned q = 0; q < kQueues; ++q)
        history[q].push_back({bench.in.tx_cons[q], bench.in.rx_cons[q], bench.in.ret_prod[q]});
    };
    note();
    for (unsigned i = 0; i < 8000 + 1000 * kQueues; ++i) {
      const unsigned q = random() % kQueues;
      if (random() % 4 == 0) bench.tx_packet(q, 1 + random() % 3);
      if (random() % 4 == 0) bench.rx_frame(q, 1 + random() % 3);
      note();
      bench.step();
    }
    bench.st_stall = [] { return false; };
    bench.run(400);
    for (unsigned q = 0; q < kQueues; ++q) {
      uint32_t tag = 0;
      size_t at = 0;
      for (const HostWrite& w : bench.writes) {
        if (w.is_message() || w.address != 0x10000u * (q + 1)) continue;
        ASSERT_EQ(w.words[0], ++tag);
        const std::vector<uint32_t> indices(w.words.begin() + 1, w.words.begin() + 4);
        while (at < history[q].size() && history[q][at] != indices) ++at;
        ASSERT_LT(at, history[q].size()) << "never were the indices so, or not in this order";
      }
      ASSERT_NE(bench.last_status(q), nullptr);
      EXPECT_EQ(bench.last_status(q)->words[1], bench.in.tx_cons[q]);
      EXPECT_EQ(bench.last_status(q)->words[3], bench.in.ret_prod[q]);
      EXPECT_GT(tag, 40u);
    }
  }
}

TEST(IrqStatus, NoBlockNoWrite) {
  CsrBench bench;
  bench.open();
  bench.write64(kStatusBase, 0);
  bench.rx_frame(0);
  bench.run(100);
  EXPECT_TRUE(bench.writes.empty());
  EXPECT_TRUE(bench.irq_idle());
  bench.write64(kStatusBase, 0x10000);                    // what happened meanwhile is shown then
  bench.run(100);
  ASSERT_EQ(bench.writes.size(), 2u);
  EXPECT_EQ(bench.writes[0].words, block(1, 0, 1, 1));
  EXPECT_TRUE(bench.writes[1].is_message());
}

// A status block above 4 GB takes two register writes: nothing goes to what is between them, on and off alike.
TEST(IrqStatus, BaseIsTakenWhole) {
  constexpr uint64_t kHigh = 0x1'0001'0000;
  CsrBench bench;
  bench.open();
  bench.write64(kStatusBase, 0);
  bench.rx_frame(0);
  bench.run(100);
  bench.write(kStatusBase, static_cast<uint32_t>(kHigh));
  bench.run(100);
  EXPECT_TRUE(bench.writes.empty());
  bench.write(kStatusBase + 4, static_cast<uint32_t>(kHigh >> 32));
  bench.run(100);
  ASSERT_EQ(bench.writes.size(), 2u);
  EXPECT_EQ(bench.writes[0].address, kHigh);
  EXPECT_EQ(bench.writes[0].words, block(1, 0, 1, 1));
  bench.write(kStatusBase, 0);
  bench.rx_frame(0);
  bench.run(200);
  EXPECT_EQ(bench.writes.size(), 2u);
  EXPECT_TRUE(bench.irq_idle());
}

// To the cycle: a frame round either half of a move across 4 GB; each write goes to the old block or to the new one.
TEST(IrqStatus, BaseMovesRoundAFrame) {
  constexpr uint64_t kOld = 0x1'0001'0000, kNew = 0x2'0003'0000;
  for (unsigned shift = 0; shift <= 40; ++shift) {
    CsrBench bench;
    bench.open();
    bench.write64(kStatusBase, kOld);
    bench.run(100);
    for (unsigned t = 0; t < 60; ++t) {
      if (t == 20) bench.write_now(kStatusBase, static_cast<uint32_t>(kNew));
      if (t == 24) bench.write_now(kStatusBase + 4, static_cast<uint32_t>(kNew >> 32));
      if (t == shift) bench.rx_frame(0);
      bench.step();
    }
    bench.run(300);
    ASSERT_EQ(bench.writes.size(), 2u) << shift;
    EXPECT_TRUE(bench.writes[0].address == kOld || bench.writes[0].address == kNew) << shift;
    EXPECT_EQ(bench.messages(1), 1u) << shift;
  }
}

// To the cycle: a frame round the write that makes the base 0 by its upper half alone; nothing goes to address 0.
TEST(IrqStatus, BaseIsTurnedOffByItsUpperHalf) {
  for (unsigned shift = 0; shift <= 40; ++shift) {
    CsrBench bench;
    bench.open();
    bench.write64(kStatusBase, uint64_t{1} << 32);
    bench.run(100);
    for (unsigned t = 0; t < 300; ++t) {
      if (t == 20) bench.write_now(kStatusBase + 4, 0);
      if (t == shift) bench.rx_frame(0);
      bench.step();
    }
    for (const HostWrite& w : bench.writes) EXPECT_NE(w.address, 0u) << shift;
    EXPECT_TRUE(bench.irq_idle());
  }
}

TEST(IrqStatus, NothingWithoutBusMaster) {               // P34
  CsrBench bench;
  bench.open();
  bench.in.bus_master = false;
  bench.rx_frame(0);
  bench.tx_packet(0);
  bench.write(kIntControl, kForce);
  bench.run(200);
  EXPECT_TRUE(bench.writes.empty());
  bench.in.bus_master = true;
  bench.run(100);
  EXPECT_GE(bench.messages(1), 1u);
  EXPECT_EQ(bench.last_status(0)->words, block(1, 1, 1, 1));
}

// D5, P38: a message that reports n frames comes behind a status write that shows them, whatever the writer's delays.
TEST(IrqStatus, MessageComesBehindItsStatus) {
  for (bool early : {false, true})
    for (unsigned delay = 0; delay < 12; ++delay) {
      CsrBench bench;
      bench.open();
      bench.pulse_early = early;
      bench.st_delay = [&] { return delay; };
      for (unsigned i = 1; i <= 20; ++i) {
        const size_t from = bench.writes.size();
        i % 2 ? bench.rx_frame(0) : bench.tx_packet(0);
        bench.run(140);
        ASSERT_EQ(bench.writes.size(), from + 2) << "status and message, once each";
        EXPECT_FALSE(bench.writes[from].is_message());
        EXPECT_EQ(bench.writes[from].words[0], i);
        EXPECT_TRUE(bench.writes[from + 1].is_message());
        EXPECT_EQ(bench.writes[from + 1].address, 0xFEE00010u);
        EXPECT_EQ(bench.writes[from + 1].words[0], 0x41u);
      }
    }
}

// A driver that sees the ring stopped has the last status block: the answer waits for the write under way.
TEST(IrqStatus, StoppedMeansWritten) {
  for (unsigned delay = 0; delay < 20; ++delay) {
    CsrBench bench;
    bench.open();
    bench.st_delay = [] { return 15u; };
    bench.in.tx_running[0] = true;
    bench.run(3);
    bench.tx_packet(0);
    bench.in.tx_running[0] = false;
    bench.run(delay);
    while (bench.read(kTxState) & 1) {}
    ASSERT_NE(bench.last_status(0), nullptr);
    EXPECT_EQ(bench.last_status(0)->words[1], 1u);
  }
}

// Latency: index move to message accepted, with a writer that takes one cycle.
TEST(IrqStatus, LatencyFromEventToMessage) {
  CsrBench bench;
  bench.open();
  bench.st_delay = [] { return 0u; };
  bench.rx_frame(0);
  const uint64_t start = bench.cycle;
  bench.run(40);
  ASSERT_EQ(bench.messages(1), 1u);
  const unsigned beats = kWidth == 64 ? 4 : 1;
  EXPECT_LE(bench.writes[0].cycle - start, 7 + beats);
  EXPECT_LE(bench.writes[1].cycle - start, 20u + beats);
  RecordProperty("cycles", static_cast<int>(bench.writes[1].cycle - start));
}

}  // namespace
}  // namespace ringside::testbench::csr
