// The receiver flushed, as a soft reset does it: of a frame that started before the flush ended nothing is delivered and
// nothing counted afterwards, wherever it was; the next one is whole. Rules D17, P41.
#include "testbench/rtl/mac/mac_fixture.h"

namespace ringside::testbench {
namespace {

constexpr unsigned kFlushCycles = 8;  // csr_reset holds it as long

template <class Bench>
class MacFlush : public ::testing::Test {
 protected:
  struct Stream {
    std::vector<Frame> frames;
    std::vector<size_t> starts;  // in octets of the wire
    WireImage image;
  };
  static Stream stream(Bench& machine, size_t count, size_t largest) {
    Stream s;
    for (size_t i = 0; i < count; ++i) {
      const size_t before = s.image.size();
      const Frame frame = machine.random_frame(60 + machine.random()() % (largest - 59));
      append_frame(&s.image, with_pad_and_fcs(frame), 1 + machine.random()() % 30);
      size_t at = before;
      while (!(s.image[at] == kStart)) ++at;
      s.starts.push_back(at);
      s.frames.push_back(frame);
    }
    return s;
  }
  // What came out and was counted before is forgotten: after the flush it counts.
  static void flush(Bench& machine) {
    machine.model().flush_i = 1;
    machine.run_core(kFlushCycles);
    machine.model().flush_i = 0;
    machine.received.clear();
    machine.drops = {};
    machine.events = {};
  }
  // Frames that had not begun `octets` before the end of the stream.
  static size_t not_begun(const Stream& s, size_t octets_left) {
    size_t count = 0;
    for (const size_t start : s.starts) count += start >= s.image.size() - octets_left;
    return count;
  }
  // The flush somewhere in the stream. Frames that start in the two cycles of either clock in which the MAC domain hears of
  // it may go either way, but whole.
  void flush_in(Bench& machine, const Stream& s) {
    machine.put(s.image);
    const size_t stop = machine.random()() % (s.image.size() * 9 / 10);
    while (machine.to_wire.size() > s.image.size() - stop) machine.run_core(1);
    flush(machine);
    const size_t most = not_begun(s, machine.to_wire.size() + Bench::kBytes);  // the beat on the pins is not taken yet
    machine.run_core(2);
    const uint64_t heard = machine.mac_cycles + 2;
    while (machine.mac_cycles < heard) machine.step();
    const size_t least = not_begun(s, machine.to_wire.size());
    ASSERT_TRUE(machine.drain());
    ASSERT_GE(machine.events.wire, least);
    ASSERT_LE(machine.events.wire, most);
    ASSERT_EQ(machine.events.wire, machine.received.size() + machine.drops.total());
    ASSERT_EQ(machine.drops.total(), machine.drops.overrun);
    size_t next = s.frames.size() - machine.events.wire;  // what came through is what was sent, in order
    for (const ReceivedFrame& frame : machine.received) {
      while (next < s.frames.size() && s.frames[next] != frame.octets) ++next;
      ASSERT_LT(next++, s.frames.size());
    }
  }
  static void expect_works(Bench& machine) {
    const Frame frame = machine.random_frame(200);
    WireImage image;
    append_frame(&image, with_pad_and_fcs(frame), 1);
    const uint64_t before = machine.events.wire;
    machine.put(image);
    ASSERT_TRUE(machine.drain());
    ASSERT_EQ(machine.events.wire, before + 1);
    ASSERT_FALSE(machine.received.empty());
    ASSERT_EQ(machine.received.back().octets, frame);
  }
};
TYPED_TEST_SUITE(MacFlush, MacWidths);

TYPED_TEST(MacFlush, NothingOfBeforeComesAfter) {
  for (const uint64_t core_ps : {4000, 3333, 4900}) {
    for (int round = 0; round < 60; ++round) {
      TypeParam machine(Clocks{core_ps, 0, 1 + uint64_t(round) * 100}, round + 1);
      machine.record_wire = false;
      this->flush_in(machine, this->stream(machine, 40, round % 3 == 0 ? 1400 : 120));
      if (this->HasFatalFailure()) FAIL() << core_ps << " ps, round " << round;
      EXPECT_EQ(machine.drops.total(), 0u);
    }
  }
}

// A core slower than the wire has old frames in the crossing and frames lost there, or a wire slower than the core hears
// of the flush late.
TYPED_TEST(MacFlush, WithClocksFarApart) {
  const uint64_t full = TypeParam::kBytes == 8 ? 6400 : 5120;
  for (const Clocks& clocks : {Clocks{8000, full}, Clocks{20000, full}, Clocks{40000, full}, Clocks{3333, 10 * full}}) {
    for (int round = 0; round < 12; ++round) {
      TypeParam machine(clocks, round + 1);
      machine.record_wire = false;
      this->flush_in(machine, this->stream(machine, 400, round % 2 == 0 ? 80 : 400));
      if (this->HasFatalFailure()) FAIL() << clocks.core_ps << " ps, " << clocks.mac_ps << " ps, round " << round;
      this->expect_works(machine);
    }
  }
}

// One long frame, flushed at any of its beats: it is neither delivered nor counted, and its end disturbs nothing.
TYPED_TEST(MacFlush, InsideAFrame) {
  for (size_t at = 0; at < 60; ++at) {
    TypeParam machine;
    machine.record_wire = false;
    WireImage image;
    append_frame(&image, with_pad_and_fcs(machine.random_frame(1510)), 1);
    machine.put(image);
    machine.run_core(1 + 2 * kFlushCycles + at * (1600 / TypeParam::kBytes) / 60);
    this->flush(machine);
    ASSERT_TRUE(machine.drain());
    ASSERT_EQ(machine.events.wire, 0u) << at;
    ASSERT_EQ(machine.received.size(), 0u) << at;
    this->expect_works(machine);
    if (this->HasFatalFailure()) FAIL() << at;
  }
}

// Frames that nobody took lie in the receive buffer, and more than it holds were counted.
TYPED_TEST(MacFlush, TheReceiveBufferIsEmpty) {
  TypeParam machine;
  bool stalled = true;
  machine.sink_stall = [&] { return stalled; };
  machine.put(this->stream(machine, 60, 1400).image);
  machine.run_core(60 * 1500 * 2 / TypeParam::kBytes);
  ASSERT_GT(machine.drops.overrun, 5u);
  this->flush(machine);
  EXPECT_FALSE(machine.model().rx_valid_o);
  stalled = false;
  ASSERT_TRUE(machine.drain());
  EXPECT_EQ(machine.received.size(), 0u);
  EXPECT_EQ(machine.events.wire, 0u);
  this->expect_works(machine);
}

// At rest it leaves nothing behind either, and rest comes back; one may follow the other before the first was heard of.
TYPED_TEST(MacFlush, AtRestAndAgainAndAgain) {
  TypeParam machine;
  for (unsigned pause : {0, 1, 2, 3, 5, 8, 13, 100}) {
    for (int i = 0; i < 5; ++i) {
      this->flush(machine);
      machine.run_core(pause);
    }
    machine.run_core(60);
    ASSERT_TRUE(machine.idle()) << pause;
    ASSERT_EQ(machine.events.wire, 0u);
    this->expect_works(machine);
    if (this->HasFatalFailure()) FAIL() << pause;
  }
}

}  // namespace
}  // namespace ringside::testbench
