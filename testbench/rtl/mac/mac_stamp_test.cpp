// Internal loopback, and times of departure.
#include <cstdio>
#include <set>

#include "testbench/rtl/mac/mac_fixture.h"

namespace ringside::testbench {
namespace {

template <class Bench>
class MacLoop : public MacFixture<Bench> {};
TYPED_TEST_SUITE(MacLoop, MacWidths);

TYPED_TEST(MacLoop, WhatIsSentIsReceivedAndThePinsRest) {
  TypeParam& mac = this->bench;
  mac.model().loopback_i = 1;
  mac.run_core(60);
  mac.sent_wire.clear();
  WireImage ignored;
  std::vector<Frame> frames;
  for (int i = 0; i < 50; ++i) {
    append_frame(&ignored, with_pad_and_fcs(mac.random_frame(60 + 20 * i)), 12);
    frames.push_back(mac.random_frame(60 + mac.random()() % 900));
  }
  mac.put(ignored);
  mac.to_send.assign(frames.begin(), frames.end());
  ASSERT_TRUE(mac.drain());
  this->expect_received(frames);
  this->expect_drops({});
  for (const Octet& octet : mac.sent_wire) ASSERT_EQ(octet, kIdle);
}

TYPED_TEST(MacLoop, SwitchingInTrafficLeavesNoHalfFrameAsGood) {
  TypeParam& mac = this->bench;
  std::set<Frame> outside, inside, on_pins;
  WireImage image;
  for (int i = 0; i < 900; ++i) {
    const Frame octets = with_pad_and_fcs(mac.random_frame(60 + mac.random()() % 700));
    append_frame(&image, octets, 12);
    outside.insert(without_fcs(octets));
    const Frame frame = mac.random_frame(60 + mac.random()() % 700);
    mac.to_send.push_back(frame);
    inside.insert(frame);
    on_pins.insert(with_pad_and_fcs(frame));
  }
  mac.put(image);
  for (int i = 0; i < 60; ++i) {
    mac.model().loopback_i = i % 2 == 0;
    mac.run_core((20 + mac.random()() % 200) * 64 / TypeParam::kBytes);
  }
  mac.model().loopback_i = 0;
  ASSERT_TRUE(mac.drain());
  size_t from_inside = 0, from_outside = 0;
  for (const ReceivedFrame& frame : mac.received) {
    const bool in = inside.count(frame.octets) != 0;
    const bool out = outside.count(frame.octets) != 0;
    ASSERT_TRUE(in || out);
    from_inside += in;
    from_outside += out;
  }
  EXPECT_GT(from_inside, 20u);
  EXPECT_GT(from_outside, 20u);
  EXPECT_GT(mac.drops.symbol, 5u);
  EXPECT_EQ(mac.drops.fcs, 0u);  // cut frames end as such, they are not glued together
  EXPECT_EQ(mac.drops.total(), mac.drops.symbol);
  for (const DecodedFrame& frame : decode(mac.sent_wire)) {  // nor on the pins
    if (!frame.terminated || !frame.fcs_good) continue;
    ASSERT_EQ(on_pins.count(frame.octets), 1u);
  }
}

template <class Bench>
class MacStamp : public MacFixture<Bench> {};
TYPED_TEST_SUITE(MacStamp, MacWidths);

TYPED_TEST(MacStamp, OneForEachThatAskedWithTheTimeOfItsStart) {
  TypeParam& mac = this->bench;
  std::vector<bool> asked;
  mac.ask_stamp = [&] {
    asked.push_back(mac.random_bit(40));
    return bool(asked.back());
  };
  mac.send_stall = [&] { return mac.random_bit(20); };
  const uint64_t base_beat = mac.mac_cycles;
  for (int i = 0; i < 300; ++i) mac.to_send.push_back(mac.random_frame(60 + mac.random()() % 300));
  ASSERT_TRUE(mac.drain());
  const auto frames = decode(mac.sent_wire);
  ASSERT_EQ(frames.size(), 300u);
  ASSERT_EQ(asked.size(), 300u);
  const uint64_t first_beat = mac.mac_cycles - mac.sent_wire.size() / TypeParam::kBytes;
  EXPECT_LE(first_beat, base_beat);
  size_t next = 0;
  double least = 1e9, most = 0;
  for (size_t i = 0; i < 300; ++i) {
    if (!asked[i]) continue;
    ASSERT_LT(next, mac.stamps.size());
    const double edge_ns = 0.7 + double(first_beat + frames[i].start / TypeParam::kBytes) * mac.beat_ns();
    const double late = double(mac.stamps[next++]) - edge_ns;
    least = std::min(least, late);
    most = std::max(most, late);
  }
  EXPECT_EQ(next, mac.stamps.size());
  std::printf("time of departure %.1f to %.1f ns behind the edge that puts /S/ on the pins\n", least, most);
  EXPECT_GE(least, 2 * 4 - 1);  // ns are whole numbers
  EXPECT_LE(most, 3 * 4 + 1);
}

TYPED_TEST(MacStamp, FramesThrownAwayByAFaultAreToldToo) {
  TypeParam& mac = this->bench;
  WireImage fault;
  for (size_t i = 0; i < 4000 * TypeParam::kBytes / this->kStep; ++i) {
    fault.insert(fault.end(), {{0x9C, true}, {0, false}, {0, false}, {1, false}});
    fault.insert(fault.end(), this->kStep - 4, Octet{0, false});
  }
  mac.put(fault);
  mac.run_core(100);
  mac.ask_stamp = [] { return true; };
  for (int i = 0; i < 30; ++i) mac.to_send.push_back(mac.random_frame(200));
  mac.run_core(2500);
  EXPECT_TRUE(decode(mac.sent_wire).empty());
  EXPECT_EQ(mac.stamps.size(), 30u);
  EXPECT_TRUE(std::is_sorted(mac.stamps.begin(), mac.stamps.end()));
  EXPECT_GT(mac.stamps.back(), mac.stamps.front());
}

// Frames taken before a flush, which go out after it, are not told: the times are of the frames that asked since.
TYPED_TEST(MacStamp, FramesOfBeforeAFlushAreNotTold) {
  TypeParam& mac = this->bench;
  mac.ask_stamp = [] { return true; };
  for (int round = 0; round < 20; ++round) {
    SCOPED_TRACE(round);
    mac.stamps.clear();
    for (int i = 0; i < 30; ++i) mac.to_send.push_back(mac.random_frame(60 + mac.random()() % 300));
    while (!mac.to_send.empty()) mac.run_core(1);        // more than the wire has sent by now
    mac.model().flush_i = 1;
    mac.run_core(8);
    mac.model().flush_i = 0;
    const size_t before = mac.stamps.size();
    ASSERT_LT(before, 30u);
    for (int i = 0; i < 5; ++i) mac.to_send.push_back(mac.random_frame(60 + mac.random()() % 300));
    ASSERT_TRUE(mac.drain());
    EXPECT_EQ(mac.stamps.size() - before, 5u);
  }
  EXPECT_EQ(decode(mac.sent_wire).size(), 20 * 35u);
}

}  // namespace
}  // namespace ringside::testbench
