// What the MAC drops, each frame whole and for one reason: rules E5 to E8; path steps R2 and R3.
#include "testbench/rtl/mac/mac_fixture.h"

namespace ringside::testbench {
namespace {

template <class Bench>
class MacDrop : public MacFixture<Bench> {
 protected:
  Frame good_frame(size_t size = 60) { return with_pad_and_fcs(this->bench.random_frame(size)); }
  // A good frame behind each bad one: the next one must be clean.
  void add_witness(WireImage* image, size_t gap = 12) {
    const Frame octets = good_frame(60 + witnesses.size() % 70);
    append_frame(image, octets, gap);
    witnesses.push_back(without_fcs(octets));
  }
  std::vector<Frame> witnesses;
};
TYPED_TEST_SUITE(MacDrop, MacWidths);

TYPED_TEST(MacDrop, RuntsOfEveryLength) {  // E6, R2
  WireImage image;
  Drops drops;
  for (size_t gap : {5, 12}) {
    for (size_t size = 0; size <= 63; ++size) {
      Frame octets = this->bench.random_frame(size < 4 ? size : size - 4);
      if (size >= 4) {
        const Frame fcs = fcs_of(octets);
        octets.insert(octets.end(), fcs.begin(), fcs.end());
      }
      append_frame(&image, octets, gap);
      ++(size < 4 ? drops.fragment : drops.runt);
      this->add_witness(&image, gap);
      if (size % 4 == 0) image.insert(image.end(), 256, kIdle);  // the core need not hold the line rate of runts
    }
  }
  this->run(image);
  this->expect_received(this->witnesses);
  this->expect_drops(drops);
}

TYPED_TEST(MacDrop, EveryBitOfAFrameIsUnderTheFcs) {  // E3, R2
  Drops drops;
  WireImage image;
  for (size_t bit = 0; bit < 67 * 8; ++bit) {
    Frame octets = this->good_frame(63);
    octets[bit / 8] ^= 1u << (bit % 8);
    append_frame(&image, octets, 70);  // 67 octets at line rate are more than the core takes at 512 bits
    ++drops.fcs;
    if (bit % 8 == 0) this->add_witness(&image);
  }
  this->run(image);
  this->expect_received(this->witnesses);
  this->expect_drops(drops);
}

TYPED_TEST(MacDrop, OversizeAndEndlessFrames) {  // E5: no hang above
  WireImage image;
  Drops drops;
  for (size_t size : {1515, 1516, 2000, 9018, 16379, 16380, 16381, 20000, 40000}) {
    for (const bool bad : {false, true}) {  // oversize, or jabber
      Frame octets = this->good_frame(size);
      octets[size / 2] ^= bad;
      append_frame(&image, octets, 12);
      ++(bad ? drops.jabber : drops.oversize);
      this->add_witness(&image);
    }
  }
  this->run(image);
  this->expect_received(this->witnesses);
  this->expect_drops(drops);
}

TYPED_TEST(MacDrop, ErrorCharacterAtEveryOctet) {  // E7, FCS included
  WireImage image;
  Drops drops;
  const size_t size = 64 + TypeParam::kBytes;
  for (size_t position = 0; position < size; ++position) {
    WireImage one;
    append_frame(&one, this->good_frame(size - 4), 12);
    one[one.size() - 1 - size + position] = kError;
    while (image.size() % 8 != 0) image.push_back(kIdle);
    image.insert(image.end(), one.begin(), one.end());
    ++drops.symbol;
    this->add_witness(&image);
  }
  this->run(image);
  this->expect_received(this->witnesses);
  this->expect_drops(drops);
}

TYPED_TEST(MacDrop, LongRunsOfErrors) {  // E7
  WireImage image;
  Drops drops;
  for (size_t length : {2, 8, 64, 200}) {
    WireImage one;
    append_frame(&one, this->good_frame(1000), 12);
    for (size_t i = 0; i < length; ++i) one[300 + i] = kError;
    while (image.size() % 8 != 0) image.push_back(kIdle);
    image.insert(image.end(), one.begin(), one.end());
    ++drops.symbol;
    this->add_witness(&image, 5);
  }
  this->run(image);
  this->expect_received(this->witnesses);
  this->expect_drops(drops);
}

TYPED_TEST(MacDrop, EndsThatAreNotTerminate) {  // E7: idle, ordered set or a start inside a frame
  WireImage image;
  Drops drops;
  for (size_t cut = 0; cut < 3 * TypeParam::kBytes; ++cut) {
    WireImage one;
    append_frame(&one, this->good_frame(400), 12);
    one.resize(one.size() - (cut == 0 ? 1 : 30 + cut));  // the first lacks nothing but /T/: its FCS is good
    image.insert(image.end(), one.begin(), one.end());
    while (image.size() % 8 != 0) image.push_back(kIdle);
    if (cut % 3 == 1) image.insert(image.end(), 24, kIdle);
    if (cut % 3 == 2) image.push_back({0x9C, true}), image.insert(image.end(), 7, Octet{0, false});
    ++drops.symbol;
    // A start right behind, where the frame still went on: the cut one is bad, the new one good.
    this->add_witness(&image, 0);
    while (image.size() % 8 != 0) image.push_back(kIdle);
  }
  this->run(image);
  this->expect_received(this->witnesses);
  this->expect_drops(drops);
}

TYPED_TEST(MacDrop, NoSfdAmongSixteenOctets) {  // E1
  WireImage image;
  Drops drops;
  for (size_t lane = 0; lane < 2 * TypeParam::kBytes; lane += 8) {
    EncodeOptions options;
    options.preamble_octets = 16 + lane / 8;
    append_frame(&image, this->good_frame(), 12, options);
    ++drops.symbol;
    this->add_witness(&image);
    while (image.size() % 8 != 0) image.push_back(kIdle);
    image.insert(image.end(), lane, kIdle);
    image.push_back(kStart);                                              // a start and its end, nothing between
    for (size_t i = 0; i < 3 + lane / 8; ++i) image.push_back({0x55, false});
    image.push_back(lane % 16 == 0 ? kTerminate : kIdle);
    ++drops.symbol;
    this->add_witness(&image);
  }
  this->run(image);
  this->expect_received(this->witnesses);
  this->expect_drops(drops);
}

TYPED_TEST(MacDrop, NoRoomDropsWholeFramesAndTheNextIsClean) {  // E8, R3
  bool stalled = true;
  this->bench.sink_stall = [&] { return stalled; };
  std::vector<Frame> frames;
  for (int round = 0; round < 4; ++round) {
    WireImage image;
    stalled = true;
    for (int i = 0; i < 60; ++i) {
      const Frame octets = this->good_frame(60 + this->bench.random()() % 1450);
      append_frame(&image, octets, 12);
      frames.push_back(without_fcs(octets));
    }
    this->bench.put(image);
    this->bench.run_core(60 * 1600 * 2 / TypeParam::kBytes);
    stalled = false;
    ASSERT_TRUE(this->bench.drain());
  }
  EXPECT_GT(this->bench.drops.overrun, 20u);
  EXPECT_EQ(this->bench.drops.total(), this->bench.drops.overrun);
  EXPECT_EQ(this->bench.received.size() + this->bench.drops.overrun, frames.size());
  size_t next = 0;  // what came through is what was sent, in order, with some left out
  for (const ReceivedFrame& frame : this->bench.received) {
    while (next < frames.size() && frames[next] != frame.octets) ++next;
    ASSERT_LT(next++, frames.size());
  }
}

TYPED_TEST(MacDrop, RoomThatComesBackInsideAFrameDoesNotHelpIt) {  // E8, R3
  this->bench.sink_stall = [&] { return this->bench.random_bit(75); };
  std::vector<Frame> frames;
  WireImage image;
  for (int i = 0; i < 300; ++i) {
    const Frame octets = this->good_frame(60 + this->bench.random()() % 1450);
    append_frame(&image, octets, 12);
    frames.push_back(without_fcs(octets));
  }
  this->run(image);
  EXPECT_GT(this->bench.drops.overrun, 20u);
  EXPECT_EQ(this->bench.received.size() + this->bench.drops.overrun, frames.size());
  size_t next = 0;
  for (const ReceivedFrame& frame : this->bench.received) {
    while (next < frames.size() && frames[next] != frame.octets) ++next;
    ASSERT_LT(next++, frames.size());
  }
}

TYPED_TEST(MacDrop, ACoreTooSlowForTheWireLosesWholeFrames) {  // E8, R3, in the crossing
  for (const uint64_t core_ps : {9000, 20000, 40000}) {
    Clocks clocks;
    clocks.core_ps = core_ps;
    TypeParam machine(clocks);
    std::vector<Frame> frames;
    size_t runts = 0;
    WireImage image;
    for (int i = 0; i < 1500; ++i) {
      const bool runt = machine.random()() % 3 == 0;
      const Frame octets = runt ? machine.random_frame(machine.random()() % 40)
                                : with_pad_and_fcs(machine.random_frame(60 + machine.random()() % 300));
      append_frame(&image, octets, 1 + machine.random()() % 60);
      if (runt) ++runts;
      else frames.push_back(without_fcs(octets));
    }
    machine.put(image);
    ASSERT_TRUE(machine.drain());
    EXPECT_GT(machine.drops.overrun, 50u);
    EXPECT_GT(machine.received.size(), 50u);
    EXPECT_LE(machine.drops.fragment, runts);
    EXPECT_EQ(machine.drops.total(), machine.drops.overrun + machine.drops.fragment);
    EXPECT_EQ(machine.events.wire, frames.size() + runts);
    EXPECT_EQ(machine.received.size() + machine.drops.total(), frames.size() + runts);  // each counted once
    size_t next = 0;
    for (const ReceivedFrame& frame : machine.received) {
      while (next < frames.size() && frames[next] != frame.octets) ++next;
      ASSERT_LT(next++, frames.size());
    }
  }
}

TYPED_TEST(MacDrop, TheStartDecidesWhetherTheReceiverIsOn) {
  std::vector<Frame> frames;
  for (const bool on : {false, true, false, true}) {
    const Frame octets = this->good_frame(1500);
    WireImage image;
    append_frame(&image, octets, 8);
    this->bench.put(image);
    this->bench.model().rx_enable_i = on;
    while (this->bench.to_wire.size() > 300) this->bench.run_core(1);
    this->bench.model().rx_enable_i = !on;
    ASSERT_TRUE(this->bench.drain());
    if (on) frames.push_back(without_fcs(octets));
  }
  this->expect_received(frames);
  this->expect_drops({});
}

TYPED_TEST(MacDrop, DisabledReceiverTakesWholeFramesOnly) {
  std::vector<Frame> frames;
  WireImage image;
  for (int i = 0; i < 400; ++i) {
    const Frame octets = this->good_frame(60 + i);
    append_frame(&image, octets, 12);
    frames.push_back(without_fcs(octets));
  }
  this->bench.put(image);
  for (int i = 0; i < 300; ++i) {
    this->bench.model().rx_enable_i = this->bench.random_bit(50);
    this->bench.run_core(1 + this->bench.random()() % 97);
  }
  ASSERT_TRUE(this->bench.drain());
  this->expect_drops({});
  EXPECT_GT(this->bench.received.size(), 50u);
  EXPECT_LT(this->bench.received.size(), 350u);
  size_t next = 0;
  for (const ReceivedFrame& frame : this->bench.received) {
    while (next < frames.size() && frames[next] != frame.octets) ++next;
    ASSERT_LT(next++, frames.size());
  }
}

}  // namespace
}  // namespace ringside::testbench
