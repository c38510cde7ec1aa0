// The wire kept full, both ways: rules E4 and E10 with frames of one length, for every length.
//
// A core of 250 MHz takes and gives a beat a cycle, and a frame is whole beats there. At 512 bits and 100 Gb/s frames
// of 69 to 79 octets (65 to 75 without FCS) are two beats each 1.8 to 2.0 cycles: of them the MAC takes what its
// buffers hold, and the core's port is the limit. With 286 MHz there is none.
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "testbench/rtl/mac/mac_fixture.h"

namespace ringside::testbench {
namespace {

constexpr uint64_t kFastCorePs = 3500;

template <class Bench>
class MacRate : public ::testing::Test {
 protected:
  static constexpr double kBytes = Bench::kBytes;
  static constexpr double kBeatPs = Bench::kBytes == 8 ? 6400 : 5120;

  // Octets with FCS; cycles of the port and of the wire for one frame.
  static bool port_is_the_limit(size_t size, uint64_t core_ps) {
    return std::ceil((size - 4) / kBytes) * core_ps > (size + 20) / kBytes * kBeatPs;
  }
  // Whole wires full of frames of one length; all must come out.
  void receive(size_t size, size_t count, uint64_t core_ps) {
    Bench mac(Clocks{core_ps, 0, 700}, static_cast<uint32_t>(size));
    WireImage image;
    std::vector<Frame> frames;
    size_t deficit = 0;
    for (size_t i = 0; i < count; ++i) {
      frames.push_back(mac.random_frame(size - 4));
      append_at_line_rate(&image, with_pad_and_fcs(frames.back()), &deficit);
    }
    ASSERT_NEAR(double(image.size()), double(count * (size + 20)), 8);
    mac.record_wire = false;
    mac.put(image);
    ASSERT_TRUE(mac.drain());
    ASSERT_EQ(mac.drops.total(), 0u) << size << " octets, core cycle " << core_ps << " ps";
    ASSERT_EQ(mac.received.size(), count) << size;
    for (size_t i = 0; i < count; ++i) ASSERT_EQ(mac.received[i].octets, frames[i]) << size << ", frame " << i;
  }
  // Share of the wire that frames of one length fill, from the 9th to the last but one, which waits for no follower.
  double send(size_t size, size_t count, uint64_t core_ps) {
    Bench mac(Clocks{core_ps, 0, 700}, static_cast<uint32_t>(size));
    for (size_t i = 0; i < count; ++i) mac.to_send.push_back(mac.random_frame(size - 4));
    EXPECT_TRUE(mac.drain());
    const auto frames = decode(mac.sent_wire);
    EXPECT_EQ(frames.size(), count) << size;
    if (frames.size() != count) return 0;
    return (count - 10.0) * (size + 20) / double(frames[count - 2].start - frames[8].start);
  }
};
TYPED_TEST_SUITE(MacRate, MacWidths);

TYPED_TEST(MacRate, ReceivesEveryLengthBackToBack) {  // E10; bursts of 10,000 octets at least
  for (size_t size = 64; size <= 1518; size += size < 200 ? 1 : TypeParam::kBytes == 64 ? 3 : 17)
    this->receive(size, size < 200 ? 120 : 12, 4000);
}

TYPED_TEST(MacRate, ReceivesForeverWhatThePortTakes) {  // E10; far more than the buffers hold
  for (size_t size : {64, 65, 66, 67, 68, 80, 81, 96, 127, 128, 129, 132, 133, 191, 192, 193, 257}) {
    if (this->port_is_the_limit(size, 4000)) continue;
    this->receive(size, 150000 / size, 4000);
  }
  for (size_t size = 69; size <= 79; ++size) this->receive(size, 150000 / size, kFastCorePs);
}

TYPED_TEST(MacRate, SendsEveryLengthAtLineRate) {  // E4, E10
  double least = 1;
  for (size_t size = 64; size <= 1518; size += size < 200 ? 1 : TypeParam::kBytes == 64 ? 7 : 61) {
    const size_t count = size < 200 ? 160 : 40;
    double wanted = 0.99;
    if (this->port_is_the_limit(size, 4000)) {
      const double cycles = std::ceil((size - 4) / this->kBytes);
      wanted = 0.99 * (size + 20) / this->kBytes * this->kBeatPs / (cycles * 4000);
      EXPECT_GE(this->send(size, count, kFastCorePs), 0.99) << size << " with a faster core";
    }
    const double share = this->send(size, count, 4000);
    EXPECT_GE(share, wanted) << size;
    EXPECT_LE(share, 1.02) << size;
    least = std::min(least, share);
  }
  std::printf("%zu bits: the least share of the wire is %.3f\n", 8 * TypeParam::kBytes, least);
}

}  // namespace
}  // namespace ringside::testbench
