// Pause both ways: rule E9, IEEE 802.3 annex 31B. Pause frames here are built and read octet by octet.
#include <cmath>
#include <cstdio>

#include "testbench/rtl/mac/mac_fixture.h"

namespace ringside::testbench {
namespace {

constexpr uint64_t kOwnAddress = 0x665544332202;  // first octet on the wire is 02
const Frame kOwn = {0x02, 0x22, 0x33, 0x44, 0x55, 0x66};
const Frame kMulticast = {0x01, 0x80, 0xC2, 0x00, 0x00, 0x01};

Frame pause_frame(unsigned quanta, const Frame& destination = kMulticast, unsigned opcode = 1, unsigned type = 0x8808) {
  Frame frame = destination;
  frame.insert(frame.end(), {0x02, 9, 9, 9, 9, 9});
  for (unsigned word : {type, opcode, quanta}) {
    frame.push_back(static_cast<uint8_t>(word >> 8));
    frame.push_back(static_cast<uint8_t>(word));
  }
  frame.resize(60, 0);
  return frame;
}

template <class Bench>
class MacPause : public MacFixture<Bench> {
 protected:
  static constexpr double kQuantumBeats = 512.0 / (8 * Bench::kBytes);

  MacPause() {
    this->bench.model().mac_addr_i = kOwnAddress;
    this->bench.model().pause_rx_i = 1;
    this->bench.run_core(60);
  }
  void receive(const Frame& frame) {
    WireImage image;
    append_frame(&image, with_pad_and_fcs(frame), 1);
    while (image.size() % Bench::kBytes != 0) image.push_back(kIdle);
    this->bench.put(image);
    while (!this->bench.to_wire.empty()) this->bench.step();
    arrived_at = this->bench.mac_cycles;
  }
  // Beats from the arrival of the pause to /S/ of the next frame of the core.
  double beats_to_next_start(size_t frames_before) {
    while (decode(this->bench.sent_wire).size() <= frames_before) this->bench.run_core(4);
    const size_t start = decode(this->bench.sent_wire)[frames_before].start;
    return double(first_beat() + start / Bench::kBytes) - double(arrived_at);
  }
  // Number of the MAC cycle whose beat is first in sent_wire.
  uint64_t first_beat() const { return this->bench.mac_cycles - this->bench.sent_wire.size() / Bench::kBytes; }
  // How late a pause may bite: crossings and pipelines of both directions; 802.3 allows 60 quanta and more.
  static constexpr double kResponse = 40;
  // Fills the receive buffer through the wire, the sink being stalled.
  void receive_octets(size_t octets) {
    WireImage image;
    for (size_t done = 0; done < octets; done += 1024)
      append_frame(&image, with_pad_and_fcs(this->bench.random_frame(1024 - 4)), 12);
    this->bench.put(image);
    while (!this->bench.to_wire.empty()) this->bench.step();
  }
  std::vector<unsigned> sent_quanta() {  // of the pause frames on the wire; the others must be whole
    std::vector<unsigned> quanta;
    for (const DecodedFrame& frame : decode(this->bench.sent_wire)) {
      if (frame.start + 8 + frame.octets.size() == this->bench.sent_wire.size()) break;  // still under way
      EXPECT_TRUE(frame.terminated && frame.fcs_good && frame.preamble_good);
      if (frame.octets[12] != 0x88 || frame.octets[13] != 0x08) continue;
      const unsigned value = frame.octets[16] * 256u + frame.octets[17];
      Frame expected = pause_frame(value);
      std::copy(kOwn.begin(), kOwn.end(), expected.begin() + 6);
      EXPECT_EQ(frame.octets, with_pad_and_fcs(expected));
      quanta.push_back(value);
    }
    return quanta;
  }
  uint64_t arrived_at = 0;
};
TYPED_TEST_SUITE(MacPause, MacWidths);

TYPED_TEST(MacPause, QuantaAreCountedInTimeOfTheWire) {
  for (unsigned quanta : {1, 2, 30, 100, 1000}) {
    TypeParam& mac = this->bench;
    mac.sent_wire.clear();
    this->receive(pause_frame(quanta));
    mac.run_core(40);
    mac.to_send.push_back(mac.random_frame(60));
    const double beats = this->beats_to_next_start(0);
    if (quanta * this->kQuantumBeats > 60) {
      EXPECT_GE(beats, quanta * this->kQuantumBeats);
    }
    EXPECT_LE(beats, quanta * this->kQuantumBeats + 60 + this->kResponse) << quanta;
    ASSERT_TRUE(mac.drain());
  }
  EXPECT_EQ(this->bench.events.rx_pause, 5u);
  this->expect_received({});
  this->expect_drops({});
}

TYPED_TEST(MacPause, TheFrameUnderWayIsFinishedAndNoOtherStarts) {
  TypeParam& mac = this->bench;
  for (int i = 0; i < 40; ++i) mac.to_send.push_back(mac.random_frame(1514));
  while (decode(mac.sent_wire).size() < 3) mac.run_core(1);
  this->receive(pause_frame(60000));
  mac.run_core(2000);
  const size_t started = decode(mac.sent_wire).size();
  const auto frames = decode(mac.sent_wire);
  const double late = double(this->first_beat() + frames.back().start / TypeParam::kBytes) - double(this->arrived_at);
  EXPECT_LE(late, this->kResponse);
  for (const auto& frame : frames) EXPECT_TRUE(frame.terminated && frame.fcs_good);
  mac.run_core(2000);
  EXPECT_EQ(decode(mac.sent_wire).size(), started);
  this->receive(pause_frame(0));  // XON
  ASSERT_TRUE(mac.drain());
  EXPECT_EQ(decode(mac.sent_wire).size(), 40u);
}

TYPED_TEST(MacPause, ANewPauseTakesThePlaceOfTheOldOne) {
  TypeParam& mac = this->bench;
  this->receive(pause_frame(60000));
  mac.run_core(100);
  this->receive(pause_frame(200));  // shorter
  mac.sent_wire.clear();
  mac.to_send.push_back(mac.random_frame(60));
  const double beats = this->beats_to_next_start(0);
  EXPECT_GE(beats, 200 * this->kQuantumBeats);
  EXPECT_LE(beats, 200 * this->kQuantumBeats + this->kResponse);
  mac.sent_wire.clear();
  for (int i = 0; i < 5; ++i) {  // refreshed five times
    this->receive(pause_frame(200));
    mac.run_core(40);
    mac.to_send.push_back(mac.random_frame(60));
    mac.run_core(static_cast<uint64_t>(100 * this->kQuantumBeats));
  }
  EXPECT_TRUE(decode(mac.sent_wire).empty());
  ASSERT_TRUE(mac.drain());
  EXPECT_EQ(decode(mac.sent_wire).size(), 5u);
}

TYPED_TEST(MacPause, OnlyGoodPauseFramesForUsCount) {
  TypeParam& mac = this->bench;
  std::vector<Frame> others = {pause_frame(500, {0x01, 0x80, 0xC2, 0, 0, 2}), pause_frame(500, kMulticast, 2),
                               pause_frame(500, {4, 5, 6, 7, 8, 9}), pause_frame(500, kMulticast, 1, 0x0800)};
  WireImage image;
  for (const Frame& frame : others) append_frame(&image, with_pad_and_fcs(frame), 12);
  Frame broken = with_pad_and_fcs(pause_frame(500));
  broken[40] ^= 1;
  append_frame(&image, broken, 12);
  this->run(image);
  mac.to_send.push_back(mac.random_frame(60));
  ASSERT_TRUE(mac.drain());
  EXPECT_EQ(decode(mac.sent_wire).size(), 1u);
  EXPECT_EQ(mac.events.rx_pause, 0u);
  this->expect_received(others);
  Drops drops;
  drops.fcs = 1;
  this->expect_drops(drops);
  this->receive(pause_frame(500, kOwn));
  mac.run_core(50);
  EXPECT_EQ(mac.events.rx_pause, 1u);
}

TYPED_TEST(MacPause, SwitchedOffTheyAreFramesLikeOthersAndAPauseEnds) {
  TypeParam& mac = this->bench;
  this->receive(pause_frame(65535));
  mac.run_core(60);
  mac.to_send.push_back(mac.random_frame(60));
  mac.run_core(200);
  EXPECT_TRUE(decode(mac.sent_wire).empty());
  mac.model().pause_rx_i = 0;
  ASSERT_TRUE(mac.drain(500));
  EXPECT_EQ(decode(mac.sent_wire).size(), 1u);
  this->receive(pause_frame(700));
  ASSERT_TRUE(mac.drain(500));
  this->expect_received({pause_frame(700)});
}

TYPED_TEST(MacPause, FullBufferSendsXoffRefreshesAndXon) {
  TypeParam& mac = this->bench;
  mac.model().pause_tx_i = 1;
  mac.model().pause_quanta_i = 400;
  mac.model().pause_high_i = 8192;
  mac.model().pause_low_i = 2048;
  bool stalled = true;
  mac.sink_stall = [&] { return stalled; };
  this->receive_octets(7 * 1024);
  mac.run_core(100);
  EXPECT_TRUE(this->sent_quanta().empty());
  this->receive_octets(2 * 1024);
  mac.run_core(150);
  EXPECT_EQ(this->sent_quanta(), (std::vector<unsigned>{400}));
  while (mac.events.tx_pause < 4) mac.run_core(20);
  mac.run_core(60);
  const auto frames = decode(mac.sent_wire);
  for (size_t i = 1; i < 4; ++i)
    EXPECT_LT((frames[i].start - frames[i - 1].start) / TypeParam::kBytes, 400 * this->kQuantumBeats * 0.6);
  stalled = false;
  ASSERT_TRUE(mac.drain());
  const auto quanta = this->sent_quanta();
  EXPECT_EQ(quanta.back(), 0u);
  EXPECT_EQ(std::count(quanta.begin(), quanta.end(), 0u), 1);
  EXPECT_EQ(mac.events.tx_pause, quanta.size());
  this->expect_drops({});
}

// A refresh waits for the frame under way: pause times that do not run out while frames of any length are being sent.
TYPED_TEST(MacPause, TheRefreshIsInTimeBetweenFrames) {
  TypeParam& mac = this->bench;
  const struct {
    unsigned quanta;
    size_t octets;
  } cases[] = {{300, 9014 + 4}, {128, 1514 + 4}};  // without FCS, with a tag
  mac.model().pause_tx_i = 1;
  mac.model().pause_high_i = 2048;
  mac.model().pause_low_i = 1024;
  bool stalled = false;
  mac.sink_stall = [&] { return stalled; };
  for (const auto& one : cases) {
    ASSERT_TRUE(mac.drain());
    mac.model().pause_quanta_i = one.quanta;
    stalled = true;
    this->receive_octets(3 * 1024);
    mac.sent_wire.clear();
    for (int i = 0; i < 60; ++i) {
      mac.to_send.push_back(mac.random_frame(one.octets));
      mac.to_send.push_back(mac.random_frame(60 + mac.random()() % (one.octets - 60)));
    }
    while (!mac.to_send.empty()) mac.run_core(20);
    size_t last = 0, longest = 0, seen = 0;
    for (const DecodedFrame& frame : decode(mac.sent_wire)) {
      if (frame.octets.size() < 64 || frame.octets[12] != 0x88 || frame.octets[13] != 0x08) continue;
      if (seen++ != 0) longest = std::max(longest, frame.start - last);
      last = frame.start;
    }
    std::printf("%u quanta, frames of %zu octets at most: %zu quanta between refreshes\n", one.quanta, one.octets,
                longest / 64);
    EXPECT_GT(seen, 8u);
    EXPECT_LT(longest / 64, one.quanta);
    stalled = false;
  }
}

TYPED_TEST(MacPause, MutualPauseDoesNotHoldBackOurOwn) {  // also in the middle of a busy wire
  TypeParam& mac = this->bench;
  mac.model().pause_tx_i = 1;
  mac.model().pause_quanta_i = 1000;
  mac.model().pause_high_i = 4096;
  mac.model().pause_low_i = 1024;
  bool stalled = true;
  mac.sink_stall = [&] { return stalled; };
  std::vector<Frame> frames;
  for (int i = 0; i < 120; ++i) frames.push_back(mac.random_frame(60 + mac.random()() % 300));
  mac.to_send.assign(frames.begin(), frames.end());
  mac.run_core(200);
  this->receive_octets(5 * 1024);   // XOFF goes out between frames
  mac.run_core(300);
  EXPECT_EQ(this->sent_quanta(), (std::vector<unsigned>{1000}));
  this->receive(pause_frame(65000));
  mac.run_core(300);
  const size_t before = decode(mac.sent_wire).size();
  stalled = false;
  mac.run_core(2000);
  EXPECT_EQ(this->sent_quanta().back(), 0u);        // XON while paused
  EXPECT_LE(decode(mac.sent_wire).size(), before + 4);
  this->receive(pause_frame(0));
  ASSERT_TRUE(mac.drain());
  size_t next = 0;
  for (const DecodedFrame& frame : decode(mac.sent_wire)) {
    EXPECT_TRUE(frame.start % 8 == 0 && (frame.start == 0 || frame.gap >= 5));
    if (frame.octets[12] == 0x88 && frame.octets[13] == 0x08) continue;
    ASSERT_LT(next, frames.size());
    ASSERT_EQ(frame.octets, with_pad_and_fcs(frames[next++]));
  }
  EXPECT_EQ(next, frames.size());
}

TYPED_TEST(MacPause, BetweenFramesOfAnyEndTheGapIsKept) {  // own frames thrown into every kind of train
  for (int round = 0; round < 60; ++round) {
    TypeParam mac(Clocks{}, 100 + round);
    mac.model().mac_addr_i = kOwnAddress;
    mac.model().pause_quanta_i = 7;
    mac.model().pause_tx_i = 1;
    mac.model().pause_high_i = 65535;
    std::vector<Frame> frames;
    for (int i = 0; i < 60; ++i) frames.push_back(mac.random_frame(60 + mac.random()() % 140));
    mac.to_send.assign(frames.begin(), frames.end());
    for (int flip = 0; flip < 6; ++flip) {
      mac.run_core(60 + mac.random()() % 60);
      mac.model().pause_high_i = flip % 2 == 0 ? 0 : 65535;   // an empty buffer is at 0 already
      mac.model().pause_low_i = flip % 2 == 0 ? 0 : 65535;
      mac.model().pause_tx_i = flip % 2 == 0;
    }
    ASSERT_TRUE(mac.drain());
    size_t next = 0, own = 0;
    for (const DecodedFrame& frame : decode(mac.sent_wire)) {
      ASSERT_TRUE(frame.terminated && frame.fcs_good && frame.preamble_good);
      ASSERT_TRUE(frame.gap >= 5 || frame.start == 0);
      if (frame.octets[12] == 0x88 && frame.octets[13] == 0x08) ++own;
      else ASSERT_EQ(frame.octets, with_pad_and_fcs(frames[next++]));
    }
    ASSERT_EQ(next, frames.size());
    ASSERT_GE(own, 4u);
    ASSERT_EQ(mac.events.tx_pause, own);
  }
}

}  // namespace
}  // namespace ringside::testbench
