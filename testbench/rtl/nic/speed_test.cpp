// Line rate, packet rate and latency, held to bounds. `./ringside bench --rtl` prints the whole tables.
#include <algorithm>

#include "testbench/rtl/nic/fixture.h"
#include "testbench/rtl/nic/measure.h"

namespace ringside::testbench::nic {
namespace {

using NicSpeed = EveryWidth;
RINGSIDE_EVERY_WIDTH(NicSpeed);

// From this size on the wire is full, without one drop, at 500 ns read latency; octets with FCS. Lower is better.
struct FullFrom {
  unsigned width, tx, rx, both;
};
constexpr FullFrom kFullFrom[] = {
    {64, 64, 64, 64}, {128, 64, 64, 257}, {256, 129, 129, 257}, {512, 216, 216, 1024}};

unsigned full_from(unsigned width, Direction direction) {
  const FullFrom* row = std::find_if(kFullFrom, kFullFrom + 4, [&](const FullFrom& r) { return r.width == width; });
  return direction == Direction::kTx ? row->tx : direction == Direction::kRx ? row->rx : row->both;
}

TEST_P(NicSpeed, LineRate) {
  for (const Direction direction : {Direction::kTx, Direction::kRx, Direction::kBoth})
    for (const unsigned size : {64u, 65u, 71u, 129u, 216u, 257u, 512u, 1024u, 1518u, 9018u}) {
      if (size < full_from(GetParam(), direction)) continue;
      const RateCase c{GetParam(), 4, size, direction};
      const Rate rate = measure_rate(c);
      constexpr double wanted = 0.99;
      const std::string what = std::string(to_string(direction)) + " of " + std::to_string(size) + " octets";
      ASSERT_TRUE(rate.ok) << what << ": " << rate.why;
      EXPECT_EQ(rate.drops, 0u) << what;
      if (direction != Direction::kRx) {
        EXPECT_GE(rate.tx_share, wanted) << what << what_it_waited_for(c, rate);
      }
      if (direction != Direction::kTx) {
        EXPECT_GE(rate.rx_share, wanted) << what << what_it_waited_for(c, rate);
      }
    }
}

class NicSmallFrames : public ::testing::TestWithParam<unsigned> {};
INSTANTIATE_TEST_SUITE_P(WideOnes, NicSmallFrames, ::testing::Values(256u, 512u), ::testing::PrintToStringParamName());

// Where the core does not fill the wire: its cycles for a small frame, either way, four queue sets. What the NIC drops under
// such a load it must drop whole: the rest is compared octet for octet.
TEST_P(NicSmallFrames, InFewCycles) {
  struct Bound {
    double alone, tx_beside, rx_beside;  // both ways at once the TLP pins to the host are full
  };
  const Bound bound = GetParam() == 256 ? Bound{3.5, 10.5, 4.1} : Bound{2.8, 3.5, 2.7};
  for (const Direction direction : {Direction::kTx, Direction::kRx, Direction::kBoth}) {
    const Rate rate = measure_rate({GetParam(), 4, 64, direction});
    ASSERT_TRUE(rate.ok) << to_string(direction) << ": " << rate.why;
    if (direction != Direction::kRx) {
      EXPECT_LE(rate.tx_cycles, direction == Direction::kBoth ? bound.tx_beside : bound.alone);
    }
    if (direction != Direction::kTx) {
      EXPECT_LE(rate.rx_cycles, direction == Direction::kBoth ? bound.rx_beside : bound.alone);
    }
  }
}

TEST_P(NicSpeed, Latency) {
  struct Bound {
    unsigned width;
    double tx, rx;  // core cycles, frames of 64 octets
  };
  constexpr Bound kBounds[] = {{64, 70, 92}, {128, 59, 76}, {256, 55, 70}, {512, 54, 68}};
  const Latency latency = measure_latency(GetParam(), 64);
  ASSERT_TRUE(latency.ok);
  for (const Bound& bound : kBounds) {
    if (bound.width != GetParam()) continue;
    EXPECT_LE(latency.tx_cycles, bound.tx);
    EXPECT_LE(latency.rx_cycles, bound.rx);
  }
}

}  // namespace
}  // namespace ringside::testbench::nic
