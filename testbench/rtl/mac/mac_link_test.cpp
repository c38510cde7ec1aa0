// Link faults, rest, time and clocks of the MAC: 802.3 clauses 46.3.4 and 81.3.4; clock ratios and phases.
#include <cstdio>

#include "testbench/rtl/mac/mac_fixture.h"

namespace ringside::testbench {
namespace {

template <class Bench>
class MacLink : public MacFixture<Bench> {
 protected:
  static constexpr size_t kColumn = Bench::kBytes == 8 ? 4 : 8;

  // One column with an ordered set: 1 local fault, 2 remote fault.
  static void append_set(WireImage* image, uint8_t kind) {
    image->push_back({0x9C, true});
    image->insert(image->end(), 2, Octet{0, false});
    image->push_back({kind, false});
    image->insert(image->end(), kColumn - 4, Octet{0, false});
  }
  static WireImage sets(uint8_t kind, size_t count, size_t idle_columns_between = 0) {
    WireImage image;
    for (size_t i = 0; i < count; ++i) {
      append_set(&image, kind);
      image.insert(image.end(), idle_columns_between * kColumn, kIdle);
    }
    while (image.size() % Bench::kBytes != 0) image.push_back(kIdle);
    return image;
  }
  void play(const WireImage& image) {
    this->bench.put(image);
    while (!this->bench.to_wire.empty()) this->bench.run_core(1);
    this->bench.run_core(12);
  }
  WireImage alternating(uint8_t first, uint8_t second, int times) {
    WireImage image;
    for (int i = 0; i < 2 * times; ++i) {
      const WireImage one = sets(i % 2 == 0 ? first : second, 1);
      image.insert(image.end(), one.begin(), one.end());
    }
    return image;
  }
  // Plays the image; whether in every cycle the link was down by this kind of fault alone. No idles of its own behind it.
  bool down_throughout(const WireImage& image, uint8_t kind) {
    this->bench.put(image);
    bool down = true;
    while (!this->bench.to_wire.empty()) {
      this->bench.run_core(1);
      const auto& model = this->bench.model();
      down = down && !model.link_up_o && model.local_fault_o == (kind == 1) && model.remote_fault_o == (kind == 2);
    }
    return down;
  }
  bool wire_shows_remote_fault() {
    const WireImage& wire = this->bench.sent_wire;
    WireImage expected;
    while (expected.size() < Bench::kBytes) append_set(&expected, 2);
    return std::equal(expected.begin(), expected.end(), wire.end() - Bench::kBytes);
  }
};
TYPED_TEST_SUITE(MacLink, MacWidths);

TYPED_TEST(MacLink, UpOnIdlesFromReset) {
  EXPECT_TRUE(this->bench.model().link_up_o);
  EXPECT_FALSE(this->bench.model().local_fault_o);
  EXPECT_FALSE(this->bench.model().remote_fault_o);
}

TYPED_TEST(MacLink, LocalFaultIsAnsweredByRemoteFault) {
  this->bench.put(this->sets(1, 64 * 16));
  this->bench.run_core(100);
  EXPECT_FALSE(this->bench.model().link_up_o);
  EXPECT_TRUE(this->bench.model().local_fault_o);
  EXPECT_TRUE(this->wire_shows_remote_fault());
  this->bench.to_send.push_back(this->bench.random_frame(300));  // thrown away, and nothing hangs
  ASSERT_TRUE(this->bench.drain());
  EXPECT_TRUE(this->bench.model().link_up_o);
  EXPECT_TRUE(decode(this->bench.sent_wire).empty());
  EXPECT_EQ(this->bench.sent_wire.back(), kIdle);
  this->bench.to_send.push_back(this->bench.random_frame(300));
  ASSERT_TRUE(this->bench.drain());
  EXPECT_EQ(decode(this->bench.sent_wire).size(), 1u);
}

TYPED_TEST(MacLink, RemoteFaultSilencesTheSender) {
  this->bench.put(this->sets(2, 64 * 16));
  this->bench.run_core(100);
  EXPECT_FALSE(this->bench.model().link_up_o);
  EXPECT_TRUE(this->bench.model().remote_fault_o);
  this->bench.to_send.push_back(this->bench.random_frame(300));
  this->bench.run_core(60);
  EXPECT_EQ(this->bench.sent_wire.back(), kIdle);
  ASSERT_TRUE(this->bench.drain());
  EXPECT_TRUE(decode(this->bench.sent_wire).empty());
}

TYPED_TEST(MacLink, FaultChangesTheWireBetweenFramesOnly) {
  const Frame first = this->bench.random_frame(1400);
  this->bench.to_send = {first, this->bench.random_frame(1400), this->bench.random_frame(1400)};
  while (decode(this->bench.sent_wire).empty()) this->bench.run_core(1);
  this->bench.put(this->sets(1, 4000));
  ASSERT_TRUE(this->bench.drain());
  const auto frames = decode(this->bench.sent_wire);
  ASSERT_GE(frames.size(), 1u);
  EXPECT_LT(frames.size(), 3u);
  for (const auto& frame : frames) EXPECT_TRUE(frame.terminated && frame.fcs_good);
}

TYPED_TEST(MacLink, FourSetsWithin128ColumnsMakeAFault) {
  this->play(this->sets(1, 3));
  EXPECT_TRUE(this->bench.model().link_up_o);
  this->play(WireImage(200 * this->kColumn, kIdle));
  this->play(this->sets(1, 3, 40));
  EXPECT_TRUE(this->bench.model().link_up_o);
  this->play(this->sets(1, 1));
  EXPECT_FALSE(this->bench.model().link_up_o);
  this->play(WireImage(128 * this->kColumn, kIdle));
  EXPECT_TRUE(this->bench.model().link_up_o);
}

TYPED_TEST(MacLink, KindsAreNotAddedUp) {
  this->play(this->alternating(1, 2, 3));
  EXPECT_TRUE(this->bench.model().link_up_o);
}

// A fault of one kind stands until four sets of the other kind have come or the wire has been quiet.
TYPED_TEST(MacLink, AFewSetsOfTheOtherKindDoNotEndAFault) {
  for (const uint8_t kind : {1, 2}) {
    const uint8_t other = 3 - kind;
    this->play(this->sets(kind, 64));
    EXPECT_TRUE(this->down_throughout(this->sets(other, 3), kind));
    EXPECT_TRUE(this->down_throughout(WireImage(40 * this->kColumn, kIdle), kind));
    EXPECT_TRUE(this->down_throughout(this->sets(kind, 1), kind));  // and the count starts again
    EXPECT_TRUE(this->down_throughout(this->sets(other, 3, 16), kind));
    this->play(this->sets(other, 1));
    EXPECT_TRUE(this->down_throughout(WireImage(40 * this->kColumn, kIdle), other));
    this->play(WireImage(128 * this->kColumn, kIdle));
    EXPECT_TRUE(this->bench.model().link_up_o);
  }
}

TYPED_TEST(MacLink, AlternatingKindsDoNotEndAFault) {
  this->play(this->sets(1, 64));
  EXPECT_TRUE(this->down_throughout(this->alternating(2, 1, 40), 1));
}

TYPED_TEST(MacLink, TheChangeOfKindDoesNotShowTheLinkUp) {
  this->play(this->sets(1, 64));
  this->bench.put(this->sets(2, 64));
  for (int i = 0; !this->bench.model().remote_fault_o; ++i) {
    ASSERT_LT(i, 60);
    ASSERT_FALSE(this->bench.model().link_up_o) << i;
    this->bench.run_core(1);
  }
}

TYPED_TEST(MacLink, FramesBetweenFaultsAndIdlesAreNotLost) {
  WireImage image;
  std::vector<Frame> frames;
  for (int i = 0; i < 30; ++i) {
    const WireImage fault = this->sets(2, 5 + i);
    image.insert(image.end(), fault.begin(), fault.end());
    const Frame octets = with_pad_and_fcs(this->bench.random_frame(60 + 7 * i));
    append_frame(&image, octets, 1);
    while (image.size() % 8 != 0) image.push_back(kIdle);
    frames.push_back(without_fcs(octets));
  }
  this->run(image);
  this->expect_received(frames);
  this->expect_drops({});
}

// Nothing to do: no bit of the model changes, so its clocks may stop. Continuous ordered sets are rest as well.
TYPED_TEST(MacLink, AtRestNoFlopChanges) {
  for (const bool faulty : {false, true}) {
    this->bench.loop_back = !faulty;
    if (faulty) this->bench.put(this->sets(1, 60000));
    this->bench.to_send = {this->bench.random_frame(60), this->bench.random_frame(77), this->bench.random_frame(1514)};
    this->bench.run_core(2000);
    ASSERT_TRUE(this->bench.idle());
    this->bench.freeze_time = true;
    const std::vector<uint8_t> before = this->bench.snapshot();
    for (int i = 0; i < 200; ++i) {
      this->bench.run_core(3);
        ASSERT_TRUE(this->bench.idle());
      ASSERT_EQ(before, this->bench.snapshot()) << "after " << i;
    }
  }
}

TYPED_TEST(MacLink, BusyUntilTheLastOctetIsOut) {
  for (size_t size : {60, 61, 200, 1514}) {
    this->bench.sent_wire.clear();
    this->bench.to_send.push_back(this->bench.random_frame(size));
    this->bench.run_core(2);
    while (this->bench.model().tx_busy_o) {
      EXPECT_FALSE(this->bench.idle());
      this->bench.run_core(1);
    }
    const auto frames = decode(this->bench.sent_wire);
    ASSERT_EQ(frames.size(), 1u);
    EXPECT_TRUE(frames[0].terminated);
  }
}

TYPED_TEST(MacLink, LatencyIsBounded) {  // in core cycles; a longer way through must be noticed
  for (size_t size : {60, 1514}) {
    this->bench.sent_wire.clear();
    const uint64_t offered = this->bench.core_cycles;
    this->bench.to_send.push_back(this->bench.random_frame(size));
    while (decode(this->bench.sent_wire).empty()) this->bench.run_core(1);
    const uint64_t beats = (size + TypeParam::kBytes - 1) / TypeParam::kBytes;
    const uint64_t sent = this->bench.core_cycles - offered - beats;
    ASSERT_TRUE(this->bench.drain());

    WireImage image;
    append_frame(&image, with_pad_and_fcs(this->bench.random_frame(size)), 1);
    const size_t before = this->bench.received.size();
    this->bench.put(image);
    while (!this->bench.to_wire.empty()) this->bench.step();
    const uint64_t ended = this->bench.core_cycles;
    while (this->bench.received.size() == before) this->bench.run_core(1);
    const uint64_t received = this->bench.core_cycles - ended - beats;
    std::printf("%zu octets: last beat taken to /S/ out %zu cycles, /T/ in to frame out %zu cycles\n", size,
                size_t(sent), size_t(received));
    EXPECT_LE(sent, 22u);
    EXPECT_LE(received, 18u);
  }
}

TYPED_TEST(MacLink, ResetsMayBeReleasedInAnyOrder) {
  for (const bool mac_first : {true, false}) {
    this->bench.model().rst_ni = this->bench.model().mac_rst_ni = 0;
    this->bench.run_core(40);
    this->bench.received.clear();
    this->bench.sent_wire.clear();
    (mac_first ? this->bench.model().mac_rst_ni : this->bench.model().rst_ni) = 1;
    this->bench.run_core(20);
    const Frame frame = this->bench.random_frame(200), sent = this->bench.random_frame(300);
    WireImage image(mac_first ? 0 : 100 * TypeParam::kBytes, kIdle);
    append_frame(&image, with_pad_and_fcs(frame), 1);
    this->bench.put(image);
    if (!mac_first) this->bench.to_send.push_back(sent);
    this->bench.run_core(60);
    this->bench.model().rst_ni = this->bench.model().mac_rst_ni = 1;
    ASSERT_TRUE(this->bench.drain());
    this->expect_received({frame});
    ASSERT_EQ(decode(this->bench.sent_wire).size(), mac_first ? 0u : 1u);
    EXPECT_TRUE(this->bench.model().link_up_o);
  }
}

TYPED_TEST(MacLink, AnyClockRatioAndPhase) {
  const uint64_t full = TypeParam::kBytes == 8 ? 6400 : 5120;
  std::mt19937 random(7);
  for (uint64_t core_ps : {8000, 6400, 5120, 4000, 3333}) {
    for (uint64_t mac_ps : {full, 2 * full, 10 * full}) {
      for (int phase = 0; phase < 4; ++phase) {
        TypeParam machine(Clocks{core_ps, mac_ps, 1 + random() % mac_ps}, random());
        machine.model().max_frame_i = 9018;
        machine.send_stall = [&] { return phase % 2 == 1 && machine.random_bit(20); };
        machine.record_wire = false;
        machine.loop_back = true;
        std::vector<Frame> frames;
        for (int i = 0; i < 25; ++i) frames.push_back(machine.random_frame(60 + random() % 600));
        frames.push_back(machine.random_frame(9014));
        frames.push_back(machine.random_frame(1514));
        machine.to_send.assign(frames.begin(), frames.end());
        for (int i = 0; i < 200000 && machine.received.size() < frames.size(); ++i) machine.run_core(1);
        ASSERT_EQ(machine.received.size(), frames.size()) << core_ps << " " << mac_ps << " " << phase;
        for (size_t i = 0; i < frames.size(); ++i) ASSERT_EQ(machine.received[i].octets, frames[i]);
        ASSERT_EQ(machine.drops.total(), 0u);
      }
    }
  }
}

}  // namespace
}  // namespace ringside::testbench
