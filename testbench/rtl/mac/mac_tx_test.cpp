// What the MAC puts on the wire, read by an independent decoder: rules E1 to E4, E10, E12; path step T9.
#include <cstdio>

#include "testbench/rtl/mac/mac_widths.h"

namespace ringside::testbench {
namespace {

template <class Bench>
class MacTx : public ::testing::Test {
 protected:
  // Sends the frames and expects exactly them, complete and legal, on the wire.
  void send_and_check(const std::vector<Frame>& frames) {
    bench.to_send.insert(bench.to_send.end(), frames.begin(), frames.end());
    ASSERT_TRUE(bench.drain());
    decoded = decode(bench.sent_wire);
    ASSERT_EQ(decoded.size(), frames.size());
    for (size_t i = 0; i < frames.size(); ++i) {
      ASSERT_TRUE(decoded[i].preamble_good) << "frame " << i;
      ASSERT_TRUE(decoded[i].terminated) << "frame " << i;
      ASSERT_EQ(decoded[i].octets, with_pad_and_fcs(frames[i])) << "frame " << i << " of " << frames[i].size();
      ASSERT_TRUE(decoded[i].fcs_good);
      ASSERT_EQ(decoded[i].start % 8, 0u);
      ASSERT_TRUE(i == 0 || decoded[i].gap >= 5) << "frame " << i << ": gap " << decoded[i].gap;
    }
  }
  Bench bench;
  std::vector<DecodedFrame> decoded;
};
TYPED_TEST_SUITE(MacTx, MacWidths);

std::vector<size_t> all_sizes() {
  std::vector<size_t> sizes;
  for (size_t size = 1; size <= 200; ++size) sizes.push_back(size);
  for (size_t size = 1510; size <= 1514; ++size) sizes.push_back(size);
  for (size_t size = 8996; size <= 9018; ++size) sizes.push_back(size);
  return sizes;
}

TYPED_TEST(MacTx, EveryLengthIsFramedPaddedAndClosed) {  // T9, E1, E2, E3, E12
  std::vector<Frame> frames;
  for (size_t size : all_sizes()) frames.push_back(this->bench.random_frame(size));
  this->send_and_check(frames);
}

TYPED_TEST(MacTx, FramesWithGapsInsideNeverTearTheWire) {  // the wire never waits inside a frame
  this->bench.send_stall = [this] { return this->bench.random_bit(70); };
  std::vector<Frame> frames;
  for (size_t i = 0; i < 300; ++i) frames.push_back(this->bench.random_frame(14 + this->bench.random()() % 700));
  frames.push_back(this->bench.random_frame(9014));
  this->send_and_check(frames);
}

TYPED_TEST(MacTx, GapIsTwelveOnAverageWhenFramesFollowClosely) {  // E4, E10
  // One frame on the wire long enough that the others are ready before it ends.
  std::vector<Frame> frames;
  for (size_t i = 0; i < 8; ++i) frames.push_back(this->bench.random_frame(1514));
  for (size_t i = 0; i < 200; ++i) frames.push_back(this->bench.random_frame(510 + this->bench.random()() % 1000));
  this->send_and_check(frames);
  size_t total = 0, run = 0, most = 0;
  for (size_t i = 1; i < this->decoded.size(); ++i) {
    total += this->decoded[i].gap;
    most = std::max(most, this->decoded[i].gap);
    run = i;
    ASSERT_GE(total + 7, 12 * run) << "the deficit went beyond 7 at frame " << i;
  }
  std::printf("average gap %.3f octets, longest %zu\n", double(total) / run, most);
  EXPECT_LE(double(total) / run, 12.2);
  EXPECT_LE(most, 20u);
}

TYPED_TEST(MacTx, BubblesBeforeTheMacDoNotWidenTheGapsOfABusyWire) {  // E4: the last beat waits for a follower
  this->bench.send_stall = [this] { return this->bench.random_bit(10); };
  std::vector<Frame> frames;
  for (size_t i = 0; i < 150; ++i) frames.push_back(this->bench.random_frame(900 + this->bench.random()() % 600));
  this->send_and_check(frames);
  size_t total = 0;
  for (size_t i = 21; i < this->decoded.size() - 1; ++i) total += this->decoded[i].gap;  // the first ones find it idle
  EXPECT_LE(double(total) / (this->decoded.size() - 22), 12.2);
}

TYPED_TEST(MacTx, APacketThatNeverEndsLeavesABadFrame) {  // E13
  for (size_t beats : {1, 2, 7, 8, 9, 30}) {
    const Frame last = this->bench.random_frame(100);
    this->bench.sent_wire.clear();
    this->bench.to_send = {this->bench.random_frame(5000), last};
    this->bench.cut_after_beats = beats;
    ASSERT_TRUE(this->bench.drain());
    const auto frames = decode(this->bench.sent_wire);
    ASSERT_EQ(frames.size(), 2u) << beats;
    EXPECT_TRUE(frames[0].terminated && !frames[0].fcs_good);
    EXPECT_GE(frames[0].octets.size(), 64u);
    EXPECT_EQ(frames[1].octets, with_pad_and_fcs(last));
  }
}

TYPED_TEST(MacTx, APacketLargerThanTheCrossingIsSentBadAndNothingHangs) {  // E13
  for (size_t size : {15999, 16000, 16001, 16384, 20000, 65535}) {
    const Frame first = this->bench.random_frame(size), last = this->bench.random_frame(100);
    this->bench.sent_wire.clear();
    this->bench.to_send = {first, last};
    ASSERT_TRUE(this->bench.drain());
    const auto frames = decode(this->bench.sent_wire);
    ASSERT_EQ(frames.size(), 2u);
    EXPECT_EQ(frames[0].fcs_good, size <= 16000) << size;
    EXPECT_EQ(frames[1].octets, with_pad_and_fcs(last));
  }
}

}  // namespace
}  // namespace ringside::testbench
