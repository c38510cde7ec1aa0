// What the MAC accepts: rules E1, E3, E5, E10, E12; path steps T9 and R2.

#include "testbench/rtl/mac/mac_fixture.h"

namespace ringside::testbench {
namespace {

template <class Bench>
class MacRx : public MacFixture<Bench> {};
TYPED_TEST_SUITE(MacRx, MacWidths);

TYPED_TEST(MacRx, LoopOfAllLengthsComesBackWhole) {  // T9, R2
  std::vector<Frame> frames;
  for (size_t size = 14; size <= 200; ++size) frames.push_back(this->bench.random_frame(size));
  for (size_t size = 1510; size <= 1514; ++size) frames.push_back(this->bench.random_frame(size));
  for (size_t size = 8996; size <= 9014; ++size) frames.push_back(this->bench.random_frame(size));
  this->bench.model().max_frame_i = 9018;
  this->bench.loop_back = true;
  this->bench.to_send.assign(frames.begin(), frames.end());
  for (int i = 0; i < 200000 && this->bench.received.size() < frames.size(); ++i) this->bench.run_core(1);
  for (Frame& frame : frames)
    if (frame.size() < 60) frame.resize(60, 0);
  this->expect_received(frames);
  this->expect_drops({});
}

TYPED_TEST(MacRx, EveryLengthGapAndStartLane) {  // R2, E3, E12
  this->bench.model().max_frame_i = 9018;
  std::vector<size_t> sizes;
  for (size_t size = 14; size <= 200; ++size) sizes.push_back(size);
  for (size_t size = 1514; size <= 1518; ++size) sizes.push_back(size);
  for (size_t size = 9000; size <= 9014; ++size) sizes.push_back(size);
  std::vector<Frame> frames;
  WireImage image;
  for (size_t size : sizes) {
    for (size_t gap : {1, 5, 8, 12, 13, 27}) {
      EncodeOptions options;
      options.start_step = this->kStep;
      const Frame octets = with_pad_and_fcs(this->bench.random_frame(size));
      append_frame(&image, octets, gap, options);
      frames.push_back(without_fcs(octets));
      if (frames.size() % 8 == 0) image.insert(image.end(), 256, kIdle);  // the core need not hold the line rate here
    }
  }
  this->run(image);
  this->expect_received(frames);
  this->expect_drops({});
}

TYPED_TEST(MacRx, StartInEveryWord) {  // a beat holds the end of one frame and the start of the next
  std::vector<Frame> frames;
  WireImage image;
  for (size_t lane = 0; lane < TypeParam::kBytes; lane += this->kStep) {
    for (size_t size = 60; size < 60 + TypeParam::kBytes; ++size) {
      EncodeOptions options;
      options.start_step = TypeParam::kBytes;
      options.start_lane = lane;
      const Frame octets = with_pad_and_fcs(this->bench.random_frame(size));
      append_frame(&image, octets, 5, options);
      frames.push_back(without_fcs(octets));
      if (frames.size() % 8 == 0) image.insert(image.end(), 256, kIdle);
    }
  }
  this->run(image);
  this->expect_received(frames);
  this->expect_drops({});
}

TYPED_TEST(MacRx, NoughtToFifteenOctetsOfPreamble) {  // E1
  std::vector<Frame> frames;
  WireImage image;
  for (size_t repeat = 0; repeat < 3 * TypeParam::kBytes / 8; ++repeat) {
    for (size_t preamble = 0; preamble <= 15; ++preamble) {
      EncodeOptions options;
      options.preamble_octets = preamble;
      options.start_step = this->kStep;
      const Frame octets = with_pad_and_fcs(this->bench.random_frame(60 + repeat));
      append_frame(&image, octets, repeat % 2 == 0 ? 12 : 77, options);
      frames.push_back(without_fcs(octets));
    }
    image.insert(image.end(), 256, kIdle);
  }
  this->run(image);
  this->expect_received(frames);
  this->expect_drops({});
}

TYPED_TEST(MacRx, LineRateTrainOfMixedLengths) {  // E10, with and without FCS, a sink that stalls a little
  for (const bool strip : {true, false}) {
    TypeParam machine;
    machine.model().strip_fcs_i = strip;
    machine.sink_stall = [&] { return machine.random_bit(5); };
    std::vector<Frame> frames;
    WireImage image;
    for (int i = 0; i < 600; ++i) {
      const Frame octets = with_pad_and_fcs(machine.random_frame(60 + machine.random()() % 1455));
      append_frame(&image, octets, 5, EncodeOptions{});
      frames.push_back(strip ? without_fcs(octets) : octets);
    }
    machine.put(image);
    ASSERT_TRUE(machine.drain());
    EXPECT_EQ(machine.drops.total(), 0u);
    ASSERT_EQ(machine.received.size(), frames.size());
    for (size_t i = 0; i < frames.size(); ++i) ASSERT_EQ(machine.received[i].octets, frames[i]) << "frame " << i;
  }
}

TYPED_TEST(MacRx, EachFrameSaysWhetherItsFcsIsThere) {  // also when it is read long after the setting has changed
  bool stalled = true;
  this->bench.sink_stall = [&] { return stalled; };
  std::vector<Frame> frames;
  std::vector<bool> kept;
  for (int i = 0; i < 24; ++i) {
    const bool strip = this->bench.random_bit(50);
    const Frame octets = with_pad_and_fcs(this->bench.random_frame(60 + this->bench.random()() % 400));
    WireImage image;
    append_frame(&image, octets, 12);
    while (image.size() % 8 != 0) image.push_back(kIdle);
    this->bench.model().strip_fcs_i = strip;
    this->bench.put(image);
    while (!this->bench.to_wire.empty()) this->bench.step();
    this->bench.run_core(40);
    frames.push_back(strip ? without_fcs(octets) : octets);
    kept.push_back(!strip);
  }
  stalled = false;
  ASSERT_TRUE(this->bench.drain());
  this->expect_received(frames);
  for (size_t i = 0; i < frames.size(); ++i) EXPECT_EQ(this->bench.received[i].fcs, kept[i]) << "frame " << i;
}

TYPED_TEST(MacRx, LongestFrameCountsTagsOut) {  // E5
  struct Case {
    std::vector<uint8_t> types;
    size_t more;
  };
  const std::vector<Case> cases = {
      {{0x08, 0x00}, 0},
      {{0x81, 0x00}, 4},
      {{0x88, 0xA8}, 4},
      {{0x88, 0xA8, 1, 2, 0x81, 0x00}, 8},
      {{0x81, 0x00, 1, 2, 0x81, 0x00}, 8},
      {{0x81, 0x00, 1, 2, 0x08, 0x00}, 4},
      {{0x08, 0x00, 1, 2, 0x81, 0x00}, 0}};
  std::vector<Frame> frames;
  Drops drops;
  for (const size_t longest : {1518, 9018, 64}) {
    this->bench.model().max_frame_i = longest;
    WireImage image;
    for (const Case& one : cases) {
      for (size_t over = 0; over < 2; ++over) {
        Frame frame = this->bench.random_frame(longest - 4 + one.more + over);
        std::copy(one.types.begin(), one.types.end(), frame.begin() + 12);
        append_frame(&image, with_pad_and_fcs(frame), 12);
        if (over == 0) frames.push_back(frame);
        else ++drops.oversize;
      }
    }
    this->run(image);
  }
  this->expect_received(frames);
  this->expect_drops(drops);
}

TYPED_TEST(MacRx, TimeStampIsThatOfTheStart) {
  WireImage image;
  std::vector<size_t> starts;
  for (size_t i = 0; i < 20; ++i) {
    append_frame(&image, with_pad_and_fcs(this->bench.random_frame(60 + 13 * i)), 100 + 31 * i);
    starts.push_back(decode(image).back().start);
  }
  const uint64_t begin_ns = this->bench.next_beat_ns();
  this->run(image);
  ASSERT_EQ(this->bench.received.size(), starts.size());
  for (size_t i = 0; i < starts.size(); ++i) {
    const double wire_ns = begin_ns + double(starts[i] / TypeParam::kBytes) * this->bench.beat_ns();
    const double late_ns = this->bench.received[i].time_ns - wire_ns;
    EXPECT_GE(late_ns, 0) << i;
    EXPECT_LE(late_ns, 8 * 4 + 2 * this->bench.beat_ns()) << i;
  }
}

}  // namespace
}  // namespace ringside::testbench
