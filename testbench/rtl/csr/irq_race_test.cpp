// I8 and I1 under races: a driver model that handles messages as the driver does, and events placed to the cycle round
// every action. Whatever the order, the driver ends up knowing every event, and no message is sent without need.
#include <gtest/gtest.h>

#include <random>

#include "testbench/rtl/csr/csr_bench.h"

namespace ringside::testbench::csr {
namespace {

// What a driver knows: it reads the status block only when a message told it to, and re-arms with the tag it saw.
class Handler {
 public:
  Handler(CsrBench& bench, bool auto_mask, unsigned latency)
      : bench_(bench), auto_mask_(auto_mask), latency_(latency) {}
  // Call once a cycle, before step(). `bus_free` is false when the test uses the register bus in this cycle.
  void cycle(bool bus_free) {
    while (seen_ < bench_.writes.size()) {
      if (bench_.writes[seen_++].is_message()) due_ = bench_.cycle + latency_, ++messages_;
    }
    if (due_ == 0 || bench_.cycle < due_ || !bus_free) return;
    due_ = 0;
    const uint32_t tag = look();
    if (auto_mask_) bench_.write_now(kRearm, tag);
  }
  // Reads the status block; the tag it found.
  uint32_t look() {
    const HostWrite* status = bench_.last_status(0);
    if (status == nullptr) return 0;
    tx_known_ = status->words[1];
    rx_known_ = status->words[3];
    return status->words[0];
  }
  bool knows_all() const { return tx_known_ == bench_.in.tx_cons[0] && rx_known_ == bench_.in.ret_prod[0]; }
  unsigned messages() const { return messages_; }

 private:
  CsrBench& bench_;
  bool auto_mask_;
  unsigned latency_;
  size_t seen_ = 0;
  uint64_t due_ = 0;
  unsigned messages_ = 0;
  uint32_t tx_known_ = 0, rx_known_ = 0;
};

enum class Action { kMask, kUnmask, kRearmNewest, kRearmOld, kForce, kThreshold, kVectorMask };

// Sweep: the action at cycle 100, the event at 100 + shift; then the mask is lifted and time passes.
void race(Action action, int shift, bool rx, bool early, unsigned done_delay) {
  SCOPED_TRACE(::testing::Message() << "action " << static_cast<int>(action) << " shift " << shift << " rx " << rx
                                    << " early " << early << " delay " << done_delay);
  const bool rearms = action == Action::kRearmNewest || action == Action::kRearmOld;
  CsrBench bench;
  bench.open(0, action == Action::kUnmask ? kMask : 0);
  bench.pulse_early = early;
  bench.st_delay = [&] { return done_delay; };
  if (action == Action::kThreshold) bench.write(kRxFrames, 2), bench.write(kTxFrames, 2), bench.write(kMaxUsecs, 2);
  if (rearms) bench.write(kIntControl, kMask | kAutoMask);
  Handler handler(bench, rearms, 3);
  for (int t = 0; t < 140; ++t) {
    bool bus = true;
    if (t == 40 && action != Action::kThreshold) bench.rx_frame(0);
    if (t == 100) {
      switch (action) {
        case Action::kMask: bench.write_now(kIntControl, kMask); bus = false; break;
        case Action::kUnmask: bench.write_now(kIntControl, 0); bus = false; break;
        case Action::kRearmNewest: bench.write_now(kRearm, handler.look()); bus = false; break;
        case Action::kRearmOld: bench.write_now(kRearm, 0); bus = false; break;
        case Action::kForce: bench.write_now(kIntControl, kForce); bus = false; break;
        case Action::kVectorMask: bench.write_now(0x801C, 1); bus = false; break;
        case Action::kThreshold: bench.rx_frame(0); break;
      }
    }
    if (t == 100 + shift) rx ? bench.rx_frame(0) : bench.tx_packet(0);
    handler.cycle(bus);
    bench.step();
  }
  if (action == Action::kMask) bench.write(kIntControl, 0);
  if (action == Action::kVectorMask) bench.write(0x801C, 0);
  for (int t = 0; t < 1200; ++t) {
    handler.cycle(true);
    bench.step();
  }
  EXPECT_TRUE(handler.knows_all());
  EXPECT_LE(handler.messages(), 4u);
  EXPECT_TRUE(bench.irq_idle());
}

TEST(IrqRace, I8EventRoundEveryAction) {
  for (Action action : {Action::kMask, Action::kUnmask, Action::kRearmNewest, Action::kRearmOld, Action::kForce,
                        Action::kThreshold, Action::kVectorMask})
    for (int shift = -16; shift <= 16; ++shift)
      for (unsigned done_delay : {0u, 1u, 5u}) {
        race(action, shift, shift & 1, done_delay == 1, done_delay);
        race(action, shift, !(shift & 1), done_delay != 1, done_delay);
      }
}

// The timer's expiry swept against another event, to the cycle.
TEST(IrqRace, I8EventRoundTheExpiry) {
  for (int shift = -16; shift <= 16; ++shift) {
    CsrBench bench;
    bench.open();
    bench.write(kRxFrames, 100);
    bench.write(kRxUsecs, 1);
    Handler handler(bench, false, 2);
    for (int t = 0; t < 1500; ++t) {
      if (t == 0) bench.rx_frame(0);
      if (t == 1000 / static_cast<int>(kCycleNs) + shift) bench.rx_frame(0);
      handler.cycle(true);
      bench.step();
    }
    EXPECT_TRUE(handler.knows_all()) << shift;
    EXPECT_LE(handler.messages(), 2u);
  }
}

// P34: bus master taken away at any moment, for long or for a cycle: what dma_write swallowed is written again, whether
// it took the request at once or not.
void bus_master_off_and_on(unsigned stall) {
  for (unsigned off = 1; off <= 40; off += off < 4 ? 1 : 12)
    for (int shift = -4; shift <= 30; ++shift)
      for (unsigned kind = 1; kind <= 3; ++kind) {         // a frame, a packet, both
        CsrBench bench;
        bench.open();
        bench.pulse_early = shift % 2 == 0;
        bench.st_stall = [&] { return stall != 0 && bench.cycle % (stall + 1) != 0; };
        Handler handler(bench, false, 5);
        for (int t = 0; t < 300; ++t) {
          if (t == 20 && (kind & 1)) bench.rx_frame(0);
          if (t == 20 && (kind & 2)) bench.tx_packet(0);
          bench.in.bus_master = t < 20 + shift || t >= 20 + shift + static_cast<int>(off);
          handler.cycle(true);
          bench.step();
        }
        EXPECT_TRUE(handler.knows_all()) << "off for " << off << " at " << shift << " kind " << kind;
        EXPECT_LE(handler.messages(), 2u);
        EXPECT_TRUE(bench.irq_idle());
      }
}
TEST(IrqRace, BusMasterOffAndOnLosesNothing) {
  bus_master_off_and_on(0);
}
TEST(IrqRace, BusMasterOffAndOnLosesNothingOfASlowWriter) {
  bus_master_off_and_on(5);
}

// A driver with auto-mask and re-arm under random traffic and random delays: never left behind, never flooded.
TEST(IrqRace, I1DriverIsNeverLeftBehind) {
  for (unsigned seed = 1; seed <= 30; ++seed) {
    std::mt19937 random(seed);
    CsrBench bench;
    bench.open(0, kAutoMask);
    bench.write(kRxFrames, random() % 6);
    bench.write(kRxUsecs, random() % 3);
    bench.write(kTxFrames, random() % 6);
    bench.write(kTxUsecs, random() % 3);
    bench.write(kMaxUsecs, 1 + random() % 5);
    bench.pulse_early = random() % 2;
    bench.st_delay = [&] { return static_cast<unsigned>(random() % 9); };
    bench.st_stall = [&] { return random() % 5 == 0; };
    Handler handler(bench, true, random() % 100);
    const unsigned rate = 1 + random() % 60;
    for (unsigned burst = 0; burst < 20; ++burst) {
      for (unsigned i = 0; i < 300; ++i) {
        if (random() % rate == 0) bench.rx_frame(0, 1 + random() % 2);
        if (random() % rate == 0) bench.tx_packet(0, 1 + random() % 4);
        handler.cycle(true);
        bench.step();
      }
      for (unsigned i = 0; i < 5000 / kCycleNs + 400; ++i) {
        handler.cycle(true);
        bench.step();
      }
      ASSERT_TRUE(handler.knows_all()) << "seed " << seed << " burst " << burst;
    }
    EXPECT_TRUE(bench.irq_idle());
  }
}

// Arming with STATUS_TAG: the read waits for the write under way, however long, so the look after arming finds it; at any
// distance between event, read and rearm, and with a count that only a timer helps over.
TEST(IrqRace, ArmingWithStatusTagLosesNothing) {
  for (uint32_t frames : {1u, 5u})
    for (unsigned done_delay : {0u, 3u, 20u, 90u})         // beyond what the read waits for, too
      for (unsigned gap = 0; gap <= 24; ++gap) {
        CsrBench bench;
        bench.open(0, kMask | kAutoMask);
        bench.write(kRxFrames, frames);
        bench.write(kMaxUsecs, 2);
        bench.run(100);
        bench.st_delay = [&] { return done_delay; };
        bench.rx_frame(0);
        bench.run(gap);
        const uint32_t tag = bench.read(kStatusTag);
        EXPECT_GE(bench.last_status(0) ? bench.last_status(0)->words[0] : 0, tag) << "in memory before the answer";
        bench.write(kRearm, tag);
        const unsigned before = bench.messages(1);
        const HostWrite* known = bench.last_status(0);     // the driver looks again after arming
        const bool seen = known && known->words[3] == 1;
        bench.run(2000 / kCycleNs + 400);
        EXPECT_TRUE(seen || bench.messages(1) == before + 1 || before) << frames << " " << done_delay << " " << gap;
        ASSERT_NE(bench.last_status(0), nullptr);
        EXPECT_EQ(bench.last_status(0)->words[3], 1u);
        EXPECT_TRUE(bench.irq_idle());
      }
}

// An old tag, to the cycle round the end of a write; the new one from the cycle on in which the driver can know it.
TEST(IrqRace, ArmingRoundTheEndOfAWrite) {
  for (uint32_t tag : {0u, 1u})
    for (uint32_t frames : {1u, 5u})
      for (unsigned at = 0; at <= 40; ++at) {
        CsrBench bench;
        bench.open(0, kMask | kAutoMask);
        bench.write(kRxFrames, frames);
        bench.write(kMaxUsecs, 2);
        bench.run(100);
        bench.st_delay = [] { return 6u; };
        bool seen = false;
        for (unsigned t = 0; t < 1200; ++t) {
          if (t == 10) bench.rx_frame(0);
          if (t == at) seen = bench.last_status(0) != nullptr;
          if (t == at && (tag == 0 || seen)) bench.write_now(kRearm, tag);
          bench.step();
        }
        if (tag == 1) bench.write(kIntControl, kAutoMask), bench.run(300);
        EXPECT_EQ(bench.messages(1), tag == 1 && seen ? 0u : 1u) << "tag " << tag << " frames " << frames << " at " << at;
        EXPECT_TRUE(seen || bench.messages(1) >= 1) << "tag " << tag << " frames " << frames << " at " << at;
        EXPECT_TRUE(bench.irq_idle());
      }
}

// A tag one too old, to the cycle round the begin of the next write: the write that the driver has not seen is over, and
// only a message tells of it, because neither count nor timer will.
TEST(IrqRace, ArmingWithAnOldTagAsTheNextWriteBegins) {
  for (unsigned at = 0; at <= 30; ++at) {
    CsrBench bench;
    bench.open(0, kMask | kAutoMask);
    bench.write(kRxFrames, 100);
    bench.write(kMaxUsecs, 0);
    bench.rx_frame(0);
    bench.run(200);
    ASSERT_EQ(bench.last_status(0)->words[0], 1u);
    for (unsigned t = 0; t < 400; ++t) {
      if (t == 10) bench.rx_frame(0);
      if (t == at) bench.write_now(kRearm, 0);
      bench.step();
    }
    EXPECT_EQ(bench.messages(1), 1u) << "at " << at;
    EXPECT_TRUE(bench.irq_idle());
  }
}

}  // namespace
}  // namespace ringside::testbench::csr
