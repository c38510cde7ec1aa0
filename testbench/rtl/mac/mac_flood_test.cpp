// More frames than the core takes: how many were lost in the crossing is counted right, whatever they are. Rules E8, D17.
#include "testbench/rtl/mac/mac_fixture.h"

namespace ringside::testbench {
namespace {

template <class Bench>
class MacFlood : public MacFixture<Bench> {
 protected:
  // The most that can start in an octet of wire: /S/, one octet or five, /T/ or nothing, in each place for a start.
  static WireImage starts_everywhere(size_t count, bool ended) {
    WireImage image;
    for (size_t i = 0; i < count; ++i) {
      image.push_back(kStart);
      image.insert(image.end(), MacFixture<Bench>::kStep - 2, Octet{0x55, false});
      image.push_back(ended ? kTerminate : Octet{0x55, false});
    }
    return image;
  }
  // A good frame behind a flood comes through.
  static void expect_clean(Bench& machine) {
    const Frame frame = machine.random_frame(300);
    WireImage image;
    append_frame(&image, with_pad_and_fcs(frame), 40);
    machine.put(image);
    ASSERT_TRUE(machine.drain());
    ASSERT_FALSE(machine.received.empty());
    EXPECT_EQ(machine.received.back().octets, frame);
  }
};
TYPED_TEST_SUITE(MacFlood, MacWidths);

// 125 MHz is the slowest core that is promised.
TYPED_TEST(MacFlood, EveryStartIsCountedFrom125MHzOn) {
  for (const uint64_t core_ps : {8000, 6400, 4000}) {
    for (const bool ended : {true, false}) {
      TypeParam machine(Clocks{core_ps});
      const size_t count = 40000;
      machine.put(this->starts_everywhere(count, ended));
      ASSERT_TRUE(machine.drain());
      EXPECT_EQ(machine.events.wire, count);
      EXPECT_EQ(machine.received.size() + machine.drops.total(), count);
      EXPECT_GT(machine.drops.overrun, count / 4);
      this->expect_clean(machine);
      if (this->HasFailure()) FAIL() << core_ps << " ps, ended " << ended;
    }
  }
}

// Frames of legal length: more end than a slow core has cycles to count them in, and none is forgotten however many wait
// for their count (R3). A core of 40 MHz, five times slower than the wire, still counts each.
TYPED_TEST(MacFlood, EveryShortFrameIsCounted) {
  for (const uint64_t core_ps : {8000, 25000}) {
    TypeParam machine(Clocks{core_ps});
    const size_t count = 12000;
    WireImage image;
    for (size_t i = 0; i < count; ++i) append_frame(&image, with_pad_and_fcs(machine.random_frame(60)), 12);
    machine.put(image);
    ASSERT_TRUE(machine.drain());
    EXPECT_EQ(machine.events.wire, count) << core_ps;
    EXPECT_EQ(machine.received.size() + machine.drops.total(), count) << core_ps;
    this->expect_clean(machine);
  }
}

// Below, the count of one loss ends at its largest value and never goes round: too few are counted, never too many, and
// what is counted is counted alike by all counters.
TYPED_TEST(MacFlood, ASlowerCoreCountsTooFewAndGoesOn) {
  TypeParam machine(Clocks{200000});
  const size_t count = 120000;
  machine.put(this->starts_everywhere(count, true));
  ASSERT_TRUE(machine.drain());
  EXPECT_LT(machine.events.wire, count);
  EXPECT_GT(machine.events.wire, 2 * 4095u);
  EXPECT_EQ(machine.received.size() + machine.drops.total(), machine.events.wire);
  this->expect_clean(machine);
}

}  // namespace
}  // namespace ringside::testbench
