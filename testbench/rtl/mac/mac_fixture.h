// What the MAC tests share: a bench of each width, and expectations on frames and drop counts.
#pragma once

#include "testbench/rtl/mac/mac_widths.h"

namespace ringside::testbench {

inline Frame without_fcs(const Frame& octets) { return Frame(octets.begin(), octets.end() - 4); }

template <class Bench>
class MacFixture : public ::testing::Test {
 protected:
  static constexpr size_t kStep = Bench::kBytes == 8 ? 4 : 8;  // octets between places where a start may stand

  void run(const WireImage& image) {
    bench.put(image);
    ASSERT_TRUE(bench.drain());
  }
  void expect_received(const std::vector<Frame>& frames) {
    ASSERT_EQ(bench.received.size(), frames.size());
    for (size_t i = 0; i < frames.size(); ++i)
      ASSERT_EQ(bench.received[i].octets, frames[i]) << "frame " << i << " of " << frames[i].size();
  }
  void expect_drops(const Drops& drops) {
    EXPECT_EQ(bench.drops.fcs, drops.fcs) << "FCS";
    EXPECT_EQ(bench.drops.runt, drops.runt) << "runts";
    EXPECT_EQ(bench.drops.oversize, drops.oversize) << "oversize";
    EXPECT_EQ(bench.drops.symbol, drops.symbol) << "symbol";
    EXPECT_EQ(bench.drops.overrun, drops.overrun) << "overrun";
    EXPECT_EQ(bench.drops.fragment, drops.fragment) << "fragments";
    EXPECT_EQ(bench.drops.jabber, drops.jabber) << "jabbers";
    // Rule D17: frames on the wire = delivered + drops by reason + pause.
    EXPECT_EQ(bench.events.wire, bench.received.size() + bench.drops.total() + bench.events.rx_pause);
  }
  Bench bench;
};

}  // namespace ringside::testbench
