// Interrupt moderation, rules I1 to I6, I9 to I11, for the receive and the transmit side alike.
#include <gtest/gtest.h>

#include <ostream>
#include <random>

#include "testbench/rtl/csr/csr_bench.h"

namespace ringside::testbench::csr {
namespace {
constexpr unsigned kSettle = 150;     // cycles in which status and message are surely out

struct Side {
  const char* name;
  uint32_t frames, usecs;
  void (CsrBench::*event)(unsigned, unsigned);
};

void PrintTo(const Side& side, std::ostream* out) { *out << side.name; }

class IrqCoalescer : public ::testing::TestWithParam<Side> {
 protected:
  IrqCoalescer() {
    bench.open();
    bench.write(kMaxUsecs, 0);
  }
  void set(uint32_t frames, uint32_t usecs, uint32_t max_usecs = 0) {
    bench.write(GetParam().frames, frames);
    bench.write(GetParam().usecs, usecs);
    bench.write(kMaxUsecs, max_usecs);
  }
  void event(unsigned count = 1, unsigned gap = 0) {
    for (unsigned i = 0; i < count; ++i) {
      (bench.*GetParam().event)(0, 1);
      bench.step();
      bench.run(gap);
    }
  }
  // Time from now to the next message, in ns; fails when none comes.
  uint64_t until_message(uint64_t limit_ns) {
    const unsigned before = bench.messages(1);
    const uint64_t start = bench.now_ns();
    while (bench.messages(1) == before && bench.now_ns() < start + limit_ns) bench.step();
    EXPECT_GT(bench.messages(1), before) << "no message";
    return bench.now_ns() - start;
  }
  CsrBench bench;
};

// Path step R6 (and T10): at the N-th event, not before and not later. Counts of 1, many, and the largest.
TEST_P(IrqCoalescer, I2FiresAtTheNthEvent) {
  for (unsigned n : {1u, 2u, 3u, 8u, 100u, 65535u}) {
    set(n, 0);
    const unsigned before = bench.messages(1);
    event(n - 1, n > 1000 ? 0 : 2);
    bench.run(kSettle);
    EXPECT_EQ(bench.messages(1), before) << n;
    event();
    bench.run(kSettle);
    EXPECT_EQ(bench.messages(1), before + 1) << n;
  }
}

TEST_P(IrqCoalescer, I2CountZeroMeansByTimeAlone) {
  set(0, 5);
  event(200, 0);
  EXPECT_EQ(bench.messages(1), 0u);
  bench.run(5000 / kCycleNs + kSettle);
  EXPECT_EQ(bench.messages(1), 1u);
}

TEST_P(IrqCoalescer, BothZeroMeansAtOnce) {
  set(0, 0);
  for (unsigned i = 1; i <= 5; ++i) {
    event();
    bench.run(kSettle);
    EXPECT_EQ(bench.messages(1), i);
  }
}

// I1, I3: the timer starts with the first unreported event and later ones do not move it.
TEST_P(IrqCoalescer, I3TimerCountsFromTheFirstEvent) {
  set(1000, 10);
  for (unsigned round = 0; round < 3; ++round) {
    event();
    const uint64_t first = bench.now_ns();
    event(20, 50);                                       // keeps coming
    const uint64_t waited = bench.now_ns() - first + until_message(20000);
    EXPECT_GE(waited, 10000u - 2 * kCycleNs);
    EXPECT_LE(waited, 10000u + 30 * kCycleNs);
    bench.run(4000);
    EXPECT_EQ(bench.messages(1), round + 1);             // one message, nothing left over
  }
}

TEST_P(IrqCoalescer, I3BoundHoldsWhateverTheTimer) {
  for (uint32_t usecs : {0u, 50u}) {
    set(1000, usecs, 7);
    event();
    const uint64_t waited = until_message(20000);
    EXPECT_GE(waited, 7000u - 4 * kCycleNs);
    EXPECT_LE(waited, 7000u + 30 * kCycleNs);
    bench.run(20000);
  }
}

// I4: with every message (but a forced one) there is a status tag that no earlier message had.
TEST_P(IrqCoalescer, I4NoMessageWithoutNewStatus) {
  std::mt19937 random(5);
  set(4, 1);
  for (unsigned i = 0; i < 3000; ++i) {
    if (random() % 20 == 0) event();
    bench.step();
  }
  uint32_t tag = 0, reported = 0;
  for (const HostWrite& w : bench.writes) {
    if (!w.is_message()) { tag = w.words[0]; continue; }
    EXPECT_GT(tag, reported);
    reported = tag;
  }
  EXPECT_GT(reported, 20u);
}

TEST_P(IrqCoalescer, I5MaskedIsSilentAndUnmaskSendsOne) {
  set(1, 0);
  bench.write(kIntControl, kMask);
  event(5, 100);
  bench.run(500);
  EXPECT_EQ(bench.messages(1), 0u);
  EXPECT_EQ(bench.last_status(0)->words[0], 5u);         // the status block goes on
  EXPECT_TRUE(bench.irq_idle());
  bench.write(kIntControl, 0);
  bench.run(kSettle);
  EXPECT_EQ(bench.messages(1), 1u);
  bench.run(2000);
  EXPECT_EQ(bench.messages(1), 1u);
  bench.write(kIntControl, kMask);
  bench.write(kIntControl, 0);                           // nothing new: nothing sent
  bench.run(2000);
  EXPECT_EQ(bench.messages(1), 1u);
}

// Below the count, too: work that came while masked is reported at once.
TEST_P(IrqCoalescer, I5UnmaskIgnoresCountAndTimer) {
  set(100, 1000);
  bench.write(kIntControl, kMask);
  event(3, 20);
  bench.run(kSettle);
  bench.write(kIntControl, 0);
  bench.run(kSettle);
  EXPECT_EQ(bench.messages(1), 1u);
}

TEST_P(IrqCoalescer, I6RearmWithTheNewestTagIsSilent) {
  set(1, 0);
  bench.write(kIntControl, kMask | kAutoMask);
  event(4, 100);
  bench.run(kSettle);
  bench.write(kRearm, 4);
  bench.run(2000);
  EXPECT_EQ(bench.messages(1), 0u);
  EXPECT_EQ(bench.read(kIntControl), kAutoMask);         // unmasked
  event();
  bench.run(kSettle);
  EXPECT_EQ(bench.messages(1), 1u);
  EXPECT_EQ(bench.read(kIntControl), kMask | kAutoMask); // auto-mask
}

TEST_P(IrqCoalescer, I6RearmWithAnOldTagSendsOne) {
  set(100, 1000);
  bench.write(kIntControl, kMask | kAutoMask);
  for (uint32_t old : {0u, 3u, 4u, 0xFFFFFFFFu}) {
    event(3, 30);
    bench.run(kSettle);
    const unsigned before = bench.messages(1);
    bench.write(kRearm, bench.last_status(0)->words[0] - 1 - (old == 4));
    bench.run(2000);
    EXPECT_EQ(bench.messages(1), before + 1) << old;
  }
}

// A message that is owed to an old tag and held by the gap is owed no more when the newest tag comes.
TEST_P(IrqCoalescer, I6RearmWithTheNewestTagTakesBackWhatWasOwed) {
  constexpr uint32_t kGapUs = 20;
  for (const bool taken_back : {false, true}) {
    set(1, 0);
    bench.write(kIntControl, 0);
    event();
    bench.run(kSettle);
    const unsigned before = bench.messages(1);
    bench.write(kGapUsecs, kGapUs);
    const uint32_t newest = bench.last_status(0)->words[0];
    bench.write(kRearm, newest - 1);
    if (taken_back) bench.write(kRearm, newest);
    bench.run(kGapUs * 1000 / kCycleNs + kSettle);
    EXPECT_EQ(bench.messages(1), before + (taken_back ? 0 : 1));
    bench.write(kGapUsecs, 0);
  }
}

// I9: settings written at any moment; in the end every event has led to a message.
TEST_P(IrqCoalescer, I9NewSettingsDuringTrafficLoseNothing) {
  for (unsigned seed = 1; seed <= 30; ++seed) {
    std::mt19937 random(seed);
    set(10, 20, 50);
    for (unsigned i = 0; i < 40; ++i) {
      bench.run(random() % 20);
      event(random() % 4);
      bench.write_now(random() % 2 ? GetParam().frames : GetParam().usecs, random() % 12);
      bench.step();
    }
    event();
    bench.write(GetParam().usecs, 2);
    const uint64_t last = bench.last_status(0) ? bench.now_ns() : 0;
    bench.run(50000 / kCycleNs + kSettle);
    uint64_t status = 0, message = 0;
    for (const HostWrite& w : bench.writes) (w.is_message() ? message : status) = w.cycle;
    EXPECT_GT(message, status) << "seed " << seed << " " << last;
    EXPECT_TRUE(bench.irq_idle());
  }
}

// A shorter time written while a long timer runs counts at once, from the first event.
TEST_P(IrqCoalescer, I9AShorterTimeCountsAtOnce) {
  set(1000, 60000);
  event();
  bench.run(1000);
  bench.write(GetParam().usecs, 5);
  EXPECT_LE(until_message(10000), 5000u);
}

// I7: at least INT_GAP_USECS between two messages, whatever asks for the second; then it comes, and nothing is lost.
TEST_P(IrqCoalescer, I7GapBetweenMessages) {
  for (uint32_t gap : {1u, 3u, 10u}) {
    CsrBench fresh;
    fresh.open();
    fresh.write(kGapUsecs, gap);
    std::mt19937 random(gap);
    for (unsigned i = 0; i < 12000; ++i) {
      if (random() % 30 == 0) (fresh.*GetParam().event)(0, 1);
      if (random() % 200 == 0) fresh.write(kIntControl, kMask), fresh.write(kIntControl, 0);
      if (random() % 200 == 0) fresh.write(kRearm, 0);
      fresh.step();
    }
    fresh.run(gap * 1000 / kCycleNs + kSettle);
    uint64_t before = 0, status = 0, message = 0, messages = 0;
    for (const HostWrite& w : fresh.writes) {
      (w.is_message() ? message : status) = w.cycle;
      if (!w.is_message()) continue;
      if (messages++) { EXPECT_GE((w.cycle - before + 12) * kCycleNs, gap * 1000) << gap; }   // the writer's own delay varies
      before = w.cycle;
    }
    EXPECT_GE(messages, 3u);
    EXPECT_GE(messages * gap * 1000, 12000u * kCycleNs / 2) << "no slower than it must be";
    EXPECT_GT(message, status);
    EXPECT_TRUE(fresh.irq_idle());
  }
}

TEST_P(IrqCoalescer, I10ForceWorksAtAnyTime) {
  set(1000, 2);
  bench.write(kIntControl, kForce);
  bench.run(kSettle);
  EXPECT_EQ(bench.messages(1), 1u);
  EXPECT_EQ(bench.read(kIntControl), 0u);
  bench.write(kIntControl, kMask | kForce);              // masked: later, once
  bench.run(200);
  EXPECT_EQ(bench.messages(1), 1u);
  EXPECT_EQ(bench.read(kIntControl), kMask | kForce);
  bench.write(kIntControl, 0);
  bench.run(kSettle);
  EXPECT_EQ(bench.messages(1), 2u);
  for (int shift = -16; shift <= 16; ++shift) {          // round the expiry of the timer
    event();
    bench.run(static_cast<unsigned>(2000 / kCycleNs + shift));
    const unsigned before = bench.messages(1);
    bench.write_now(kIntControl, kForce);
    bench.step();
    bench.run(2000);
    const unsigned sent = bench.messages(1) - before;
    EXPECT_TRUE(sent == 1 || sent == 2) << shift << ": " << sent;
  }
}

TEST_P(IrqCoalescer, I11NothingBeforeEnable) {
  CsrBench fresh;
  fresh.in.msix_enable = false;
  fresh.write64(kStatusBase, 0x10000);
  for (unsigned i = 0; i < 5; ++i) (fresh.*GetParam().event)(0, 1), fresh.run(20);
  fresh.run(500);
  for (const HostWrite& w : fresh.writes) EXPECT_FALSE(w.is_message());
  EXPECT_EQ(fresh.read(kPending), 0u);
}

// A timer keeps the NIC awake, and nothing else does.
TEST_P(IrqCoalescer, IdleIsExact) {
  set(1000, 10);
  bench.run(12);                                         // the looks that the settings asked for
  EXPECT_TRUE(bench.irq_idle());
  event();
  bool fired = false;
  for (unsigned i = 0; i < 10000 / kCycleNs + 200; ++i) {
    const size_t before = bench.writes.size();
    const bool idle = bench.irq_idle() && bench.idle();
    bench.step();
    if (idle) { EXPECT_EQ(bench.writes.size(), before); }
    fired |= bench.messages(1) == 1;
    if (!fired) { EXPECT_FALSE(idle) << i; }
  }
  EXPECT_TRUE(fired);
  EXPECT_TRUE(bench.irq_idle());
}

const Side kSides[] = {{"rx", kRxFrames, kRxUsecs, &CsrBench::rx_frame},
                       {"tx", kTxFrames, kTxUsecs, &CsrBench::tx_packet}};
INSTANTIATE_TEST_SUITE_P(Sides, IrqCoalescer, ::testing::ValuesIn(kSides),
                         [](const auto& side) { return std::string(side.param.name); });

// A status write or a message long ago holds nothing up, also when the low bits of the time are as they were then.
TEST(IrqTime, LongAgoIsLongAgo) {
  for (unsigned bits : {16u, 32u})
    for (unsigned shift = 0; shift <= 64; ++shift) {
      CsrBench bench;
      bench.open();
      bench.write(kGapUsecs, 10);
      bench.rx_frame(0);
      bench.run(400);
      ASSERT_EQ(bench.writes.size(), 2u);
      bench.cycle = bench.writes[0].cycle - 10 + (uint64_t{1} << bits) / kCycleNs + shift;
      const uint64_t from = bench.cycle;
      bench.rx_frame(0);
      bench.run(80);
      ASSERT_EQ(bench.writes.size(), 4u) << bits << " " << shift;
      EXPECT_LE(bench.writes[2].cycle - from, 20u) << bits << " " << shift;
      EXPECT_LE(bench.writes[3].cycle - from, 40u) << bits << " " << shift;
    }
}

// An event that waited without a limit is old when it gets one, also when the low 32 bits of the time are as they were then.
TEST(IrqTime, AnOldEventIsOld) {
  CsrBench bench;
  bench.open();
  bench.write(kRxFrames, 100);
  bench.write(kMaxUsecs, 0);
  bench.rx_frame(0);
  bench.run(300);
  bench.cycle += (uint64_t{1} << 32) / kCycleNs;
  bench.run(10);
  EXPECT_EQ(bench.messages(1), 0u);
  bench.write(kMaxUsecs, 1000);
  bench.run(100);
  EXPECT_EQ(bench.messages(1), 1u);
}

}  // namespace
}  // namespace ringside::testbench::csr
