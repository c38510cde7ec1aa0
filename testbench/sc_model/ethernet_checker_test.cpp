// Each Ethernet rule is broken once, through the decoder where the wire can show it.
#include <gtest/gtest.h>

#include "sc_model/check_ethernet.h"
#include "testbench/sc_model/support/frames.h"

namespace ringside::testbench {
namespace {

using namespace sc_model;

class EthernetRules : public ::testing::Test {
 protected:
  EthernetRules() { list.add(&checker); }
  void feed(const std::vector<XgmiiWord>& words) {
    for (const XgmiiWord& w : words) {
      if (!w.idle()) decoder.word(at, w);
      at += 6400;
    }
  }
  void expect_only(const char* rule) {
    ASSERT_EQ(log.count(), 1u) << (log.count() > 1 ? to_string(log.kept()[1]) : "");
    EXPECT_EQ(log.kept()[0].rule, rule);
    EXPECT_EQ(log.kept()[0].side, Side::kDevice);
  }
  static std::vector<uint8_t> arp(uint8_t pad) {
    std::vector<uint8_t> frame(60, 0);
    frame[12] = 0x08;
    frame[13] = 0x06;
    for (size_t i = 42; i < 60; ++i) frame[i] = pad;
    const uint32_t fcs = crc32(frame.data(), frame.size());
    for (unsigned i = 0; i < 4; ++i) frame.push_back(static_cast<uint8_t>(fcs >> (8 * i)));
    return frame;
  }
  ViolationLog log;
  ObserverList list;
  EthernetChecker checker{"wire", log};
  FrameDecoder decoder{6400, FrameStage::kSent, 0, list};
  TimePs at = 0;
};

TEST_F(EthernetRules, GoodFramesOfAllLengthsAreSilent) {
  feed(frame_to_words(arp(0)));
  for (size_t length = 60; length < 80; ++length) {
    feed(frame_to_words(make_frame(length, 3)));
    feed({XgmiiWord{}});
  }
  EXPECT_EQ(log.count(), 0u);
  EXPECT_EQ(decoder.frames(), 21u);
}

TEST_F(EthernetRules, E1PreambleOctetMissing) {
  auto words = frame_to_words(make_frame(60, 3));
  words[0].data = 0xD555'5555'5555'55FBull ^ 0x0100ull;  // one octet is 54
  feed(words);
  expect_only("E1");
}

TEST_F(EthernetRules, E1NoTerminateCharacter) {
  auto words = frame_to_words(make_frame(60, 3));
  words[9] = XgmiiWord{};  // 8 octets of start, 64 of frame, then /T/
  feed(words);
  feed({XgmiiWord{}});
  feed(frame_to_words(make_frame(60, 3)));
  expect_only("E1");
}

TEST_F(EthernetRules, E2OldDataInThePad) {
  feed(frame_to_words(arp(7)));
  expect_only("E2");
}

TEST_F(EthernetRules, E3WrongFcs) {
  auto frame = make_frame(100, 3);
  frame.back() ^= 0x80;
  feed(frame_to_words(frame));
  expect_only("E3");
}

// Deficit idle count: gaps of 9 are legal when longer ones make up for them, not one after the other.
TEST_F(EthernetRules, E4GapsThatAreShortOnAverage) {
  for (int i = 0; i < 3; ++i) {
    auto words = frame_to_words(make_frame(67, 3));  // /T/ in lane 7: one octet of gap, and one idle word: 9
    feed(words);
  }
  EXPECT_EQ(log.count(), 0u);
  for (int i = 0; i < 2; ++i) feed(frame_to_words(make_frame(67, 3)));
  expect_only("E4");
}

TEST_F(EthernetRules, E4ALongerGapPaysTheDeficitBack) {
  for (int i = 0; i < 10; ++i) {
    feed(frame_to_words(make_frame(67, 3)));
    if (i % 2 == 1) feed({XgmiiWord{}});
  }
  EXPECT_EQ(log.count(), 0u);
}

TEST_F(EthernetRules, E6Runt) {
  feed(frame_to_words(make_frame(59, 3)));
  expect_only("E6");
}

TEST_F(EthernetRules, FramesAtTheReceiverAreTheWiresBusiness) {
  FrameDecoder delivered(6400, FrameStage::kDelivered, 0, list);
  for (const XgmiiWord& w : frame_to_words(make_frame(20, 3))) {
    if (!w.idle()) delivered.word(at, w);
    at += 6400;
  }
  EXPECT_EQ(log.count(), 0u);
}

}  // namespace
}  // namespace ringside::testbench
