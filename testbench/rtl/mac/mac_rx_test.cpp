// What the MAC accepts and drops: rules E1, E3, E5, E6, E7, E8, E10; path steps R2 and R3.
#include <cstdio>

#include "testbench/rtl/mac/mac_widths.h"

namespace ringside::testbench {
namespace {

template <class Bench>
class MacRx : public ::testing::Test {
 protected:
  static constexpr size_t kStep = Bench::kBytes == 8 ? 4 : 8;  // where a start may stand

  void expect_received(const std::vector<Frame>& frames) {
    ASSERT_EQ(bench.received.size(), frames.size());
    for (size_t i = 0; i < frames.size(); ++i)
      ASSERT_EQ(bench.received[i].octets, frames[i]) << "frame " << i << " of " << frames[i].size();
  }
  void run(const WireImage& image) {
    bench.put(image);
    ASSERT_TRUE(bench.drain());
  }
  Bench bench;
};
TYPED_TEST_SUITE(MacRx, MacWidths);

TYPED_TEST(MacRx, LoopOfAllLengthsComesBackWhole) {  // T9, R2
  std::vector<Frame> frames;
  for (size_t size = 14; size <= 200; ++size) frames.push_back(this->bench.random_frame(size));
  for (size_t size = 1510; size <= 1514; ++size) frames.push_back(this->bench.random_frame(size));
  this->bench.loop_back = true;
  this->bench.to_send.assign(frames.begin(), frames.end());
  for (int i = 0; i < 200000 && this->bench.received.size() < frames.size(); ++i) this->bench.run_core(1);
  for (Frame& frame : frames)
    if (frame.size() < 60) frame.resize(60, 0);
  this->expect_received(frames);
  EXPECT_EQ(this->bench.drops.total(), 0u);
}

}  // namespace
}  // namespace ringside::testbench
