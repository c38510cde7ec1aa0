// Whole streams between two stacks over a wire with and without faults.
#include <gtest/gtest.h>

#include <algorithm>

#include "testbench/stack/support/two_hosts.h"

namespace ringside::testbench {
namespace {

TEST(TcpTransfer, OneMebibyteArrivesBitExact) {
  TwoHosts hosts;
  hosts.connect();
  EXPECT_TRUE(hosts.transfer(pattern(1 << 20), 10 * kSecond));
  EXPECT_EQ(hosts.alice.stack->tcp().counters().retransmitted_segments, 0u);
}

class TcpFaults : public ::testing::TestWithParam<uint64_t> {};

TEST_P(TcpFaults, LossDuplicationReorderingStayInvisible) {
  TwoHosts hosts({}, 1'000'000'000, 50'000, GetParam());
  hosts.wire.faults.loss = hosts.wire.faults.duplicate = hosts.wire.faults.reorder = 0.03;
  hosts.connect();
  EXPECT_TRUE(hosts.transfer(pattern(1 << 20, GetParam()), 600 * kSecond)) << "seed " << GetParam();
  EXPECT_GT(hosts.wire.lost, 0u);
}
INSTANTIATE_TEST_SUITE_P(Seeds, TcpFaults, ::testing::Range<uint64_t>(1, 9));

}  // namespace
}  // namespace ringside::testbench
