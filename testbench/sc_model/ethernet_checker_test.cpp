// Which frames the Ethernet rules look at. That each of them fires: rules_test.cpp.
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
