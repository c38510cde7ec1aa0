// The wire: delay, gaps kept, faults by number and by chance, determinism, and the independent decoder.
#include <gtest/gtest.h>

#include <algorithm>

#include "sc_model/ethernet_wire.h"
#include "testbench/sc_model/support/frames.h"
#include "testbench/sc_model/support/run_log.h"

namespace ringside::testbench {
namespace {

using namespace sc_model;
using Frame = std::vector<uint8_t>;

constexpr TimePs kWord = 6400;

// Takes words as a receiver does and insists on ascending times.
struct Receiver : XgmiiSink {
  void receive(TimePs first, const XgmiiWord* words, unsigned count) override {
    for (unsigned i = 0; i < count; ++i) {
      if (words[i].idle()) continue;
      const TimePs at = first + i * kWord;
      EXPECT_TRUE(times.empty() || at >= times.back() + kWord) << "words overlap";
      EXPECT_EQ(at % kWord, 100u) << "off the sender's grid";
      times.push_back(at);
    }
  }
  std::vector<TimePs> times;
};

class WireTest : public ::testing::Test {
 protected:
  void build(std::vector<FaultSpec> faults, unsigned reorder_by = 1) {
    WireConfig config;
    config.delay_ps = 8 * kWord;
    config.faults[0] = std::move(faults);
    config.reorder_by = reorder_by;
    observers.add(&log);
    wire = std::make_unique<EthernetWire>("wire", config, observers);
    wire->connect(1, &receiver);
  }
  // Sends frame k = 1, 2, ... back to back, the terminate character's word and one idle word between them.
  void send(const Frame& bytes) {
    const auto words = frame_to_words(bytes);
    wire->sender(0).receive(next, words.data(), static_cast<unsigned>(words.size()));
    next += words.size() * kWord;
    sent.push_back(bytes);
  }
  void send_many(unsigned count, size_t length = 60) {
    for (unsigned k = 1; k <= count; ++k) send(make_frame(length, static_cast<uint8_t>(k)));
  }
  std::vector<unsigned> order() const {  // which frames came out, by their first byte
    std::vector<unsigned> out;
    for (const Frame& f : log.delivered) out.push_back(f[0]);
    return out;
  }
  void run_us(uint64_t us) { sc_core::sc_start(to_sc_time(us * kPsPerUs)); }
  static FaultSpec nth(FaultKind kind, uint64_t frame) { return {kind, frame}; }

  ObserverList observers;
  RunLog log;
  Receiver receiver;
  std::unique_ptr<EthernetWire> wire;
  TimePs next = 100;
  std::vector<Frame> sent;
};

TEST_F(WireTest, CleanWireKeepsBytesGapsAndDelay) {
  build({});
  send(make_frame(60, 1));
  next += 5 * kWord;
  send(make_frame(1514, 2));
  EXPECT_EQ(log.delivered, sent);
  EXPECT_EQ(log.delivered_at[0], 100 + 51'200 + kWord);  // first octet behind start, preamble and SFD
  // 60 + 4 octets end in lane 0 of a word: 7 octets of it, one idle word, five more: 8 + 8 + 40.
  EXPECT_EQ(log.delivered_gaps[1], 56u);
  EXPECT_EQ(receiver.times.front(), 100u + 51'200);
}

TEST_F(WireTest, LosesExactlyTheFramesThatAreNamed) {
  build({nth(FaultKind::kFrameLoss, 2), nth(FaultKind::kFrameLoss, 5)});
  send_many(6);
  EXPECT_EQ(order(), (std::vector<unsigned>{1, 3, 4, 6}));
  EXPECT_EQ(wire->counters(0).lost, 2u);
  EXPECT_EQ(wire->counters(0).frames, 6u);
}

TEST_F(WireTest, CorruptionFlipsOneBitAndTheFcsShowsIt) {
  build({nth(FaultKind::kFrameCorrupt, 2)});
  send_many(3);
  unsigned bits = 0;
  for (size_t i = 0; i < sent[1].size(); ++i)
    bits += static_cast<unsigned>(__builtin_popcount(sent[1][i] ^ log.delivered[1][i]));
  EXPECT_EQ(bits, 1u);
  EXPECT_EQ(log.delivered[2], sent[2]);
  EXPECT_NE(log.frames[3].find("bad"), std::string::npos);  // sent, delivered, sent, delivered
}

TEST_F(WireTest, DuplicatesComeRightBehindAndNothingOverlaps) {
  build({nth(FaultKind::kFrameDuplicate, 1), nth(FaultKind::kFrameDuplicate, 2), nth(FaultKind::kFrameDuplicate, 3)});
  send_many(5);
  EXPECT_EQ(order(), (std::vector<unsigned>{1, 1, 2, 2, 3, 3, 4, 5}));
  EXPECT_EQ(log.delivered[1], sent[0]);
  for (size_t i = 1; i < log.delivered_gaps.size(); ++i) EXPECT_GE(log.delivered_gaps[i], 12u) << i;
}

TEST_F(WireTest, FramesBehindADuplicateCatchUpInIdleTime) {
  build({nth(FaultKind::kFrameDuplicate, 1)});
  send_many(2);
  next += 100 * kWord;
  const TimePs start = next;
  send(make_frame(60, 3));
  EXPECT_EQ(log.delivered_at.back(), start + 51'200 + kWord);
}

TEST_F(WireTest, AHeldFrameComesBehindTheNextOnes) {
  build({nth(FaultKind::kFrameReorder, 2)}, 2);
  send_many(6);
  EXPECT_EQ(order(), (std::vector<unsigned>{1, 3, 4, 2, 5, 6}));
  EXPECT_EQ(log.delivered[3], sent[1]);
}

TEST_F(WireTest, ADeliveredFrameHasTheNumberOfTheOneSent) {
  build({nth(FaultKind::kFrameLoss, 2), nth(FaultKind::kFrameReorder, 3), nth(FaultKind::kFrameDuplicate, 5)});
  send_many(6);
  EXPECT_EQ(order(), (std::vector<unsigned>{1, 4, 3, 5, 5, 6}));
  EXPECT_EQ(log.delivered_numbers, (std::vector<uint64_t>{1, 4, 3, 5, 5, 6}));
}

TEST_F(WireTest, AHeldFrameComesAnywayWhenNoOtherDoes) {
  build({nth(FaultKind::kFrameReorder, 1)});
  send_many(1);
  EXPECT_TRUE(log.delivered.empty());
  run_us(30);
  EXPECT_EQ(order(), std::vector<unsigned>{1});
  EXPECT_GE(log.delivered_at[0], kHoldLimitPs);
}

TEST_F(WireTest, ProbabilitiesHitAboutThatShare) {
  build({{FaultKind::kFrameLoss, 0, 0.1}});
  for (int k = 0; k < 1000; ++k) send(make_frame(60, static_cast<uint8_t>(k)));
  EXPECT_GT(wire->counters(0).lost, 70u);
  EXPECT_LT(wire->counters(0).lost, 130u);
  EXPECT_EQ(log.delivered.size() + wire->counters(0).lost, 1000u);
}

std::vector<FaultSpec> everything() {
  std::vector<FaultSpec> faults;
  for (const FaultKind kind : {FaultKind::kFrameLoss, FaultKind::kFrameCorrupt, FaultKind::kFrameDuplicate,
                               FaultKind::kFrameReorder})
    faults.push_back({kind, 0, 0.03});
  return faults;
}

// Two wires with one seed in one process: same frames at same times; another seed: others.
TEST_F(WireTest, TheSeedDecidesEverything) {
  std::vector<RunLog> logs(3);
  const uint64_t seeds[] = {5, 5, 6};
  for (unsigned i = 0; i < 3; ++i) {
    ObserverList list;
    list.add(&logs[i]);
    WireConfig config;
    config.seed = seeds[i];
    config.faults[0] = everything();
    config.reorder_by = 3;
    EthernetWire w("wire" + std::to_string(i), config, list);
    TimePs at = 100;
    for (int k = 0; k < 500; ++k) {
      const auto words = frame_to_words(make_frame(60 + k % 200, static_cast<uint8_t>(k)));
      w.sender(0).receive(at, words.data(), static_cast<unsigned>(words.size()));
      at += words.size() * kWord;
    }
  }
  EXPECT_EQ(logs[0].frames, logs[1].frames);
  EXPECT_NE(logs[0].frames, logs[2].frames);
}

// Turning one fault on leaves the others' decisions alone.
TEST_F(WireTest, FaultKindsDrawFromTheirOwnStreams) {
  std::vector<uint64_t> lost;
  for (const double corruption : {0.0, 0.5}) {
    WireConfig config;
    if (corruption > 0) config.faults[0].push_back({FaultKind::kFrameCorrupt, 0, corruption});
    config.faults[0].push_back({FaultKind::kFrameLoss, 0, 0.2});
    ObserverList list;
    EthernetWire w(corruption == 0 ? "w0" : "w1", config, list);
    TimePs at = 100;
    uint64_t pattern = 0;
    for (int k = 0; k < 60; ++k) {
      const auto words = frame_to_words(make_frame(60, 1));
      const uint64_t before = w.counters(0).lost;
      w.sender(0).receive(at, words.data(), static_cast<unsigned>(words.size()));
      pattern = pattern << 1 | (w.counters(0).lost - before);
      at += words.size() * kWord;
    }
    lost.push_back(pattern);
  }
  EXPECT_EQ(lost[0], lost[1]);
}

TEST_F(WireTest, RefusesWhatCannotBe) {
  WireConfig config;
  config.gigabits_per_s = 40;
  EXPECT_THROW(EthernetWire("w0", config, observers), std::invalid_argument);
  config.gigabits_per_s = 10;
  config.delay_ps = 100;
  EXPECT_THROW(EthernetWire("w1", config, observers), std::invalid_argument);
}

// ---------------------------------------------------------------- the decoder alone


class DecoderTest : public ::testing::Test, public Observer {
 protected:
  void on_frame(const FrameEvent& e) override { events.push_back(e); }
  void feed(const std::vector<XgmiiWord>& words) {
    for (const XgmiiWord& w : words) {
      if (!w.idle()) decoder.word(at, w);
      at += kWord;
    }
  }
  DecoderTest() { list.add(this); }
  ObserverList list;
  std::vector<FrameEvent> events;
  FrameDecoder decoder{kWord, FrameStage::kSent, 0, list};
  TimePs at = 0;
};

TEST_F(DecoderTest, KnowsCrc32) {
  const uint8_t check[] = "123456789";
  EXPECT_EQ(crc32(check, 9), 0xCBF43926u);
}

TEST_F(DecoderTest, SeesEveryLengthModuloEight) {
  for (size_t length = 60; length < 76; ++length) feed(frame_to_words(make_frame(length, 9)));
  ASSERT_EQ(events.size(), 16u);
  for (size_t i = 0; i < events.size(); ++i) {
    EXPECT_EQ(events[i].length, 64 + i);
    EXPECT_TRUE(events[i].fcs_good && events[i].framed && !events[i].error_character);
    EXPECT_EQ(events[i].preamble_octets, 6u);
  }
}

TEST_F(DecoderTest, SeesErrorsCutFramesAndBadFcs) {
  auto words = frame_to_words(make_frame(60, 1));
  words[4].control = 0x10;
  words[4].data |= uint64_t{0xFF} << 32;
  words[4].data &= ~(uint64_t{0x01} << 32);  // /E/ in lane 4
  feed(words);
  words = frame_to_words(make_frame(60, 1));
  words.erase(words.begin() + 5, words.end());
  feed(words);  // cut off without /T/
  feed({XgmiiWord{}, XgmiiWord{}});
  auto bad = make_frame(60, 1);
  bad[20] ^= 1;
  feed(frame_to_words(bad));
  ASSERT_EQ(events.size(), 3u);
  EXPECT_TRUE(events[0].error_character);
  EXPECT_FALSE(events[1].framed);
  EXPECT_FALSE(events[2].fcs_good);
  EXPECT_TRUE(events[2].framed);
}

}  // namespace
}  // namespace ringside::testbench
