// Whole streams between two stacks over a wire with and without faults.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <string>

#include "testbench/stack/support/two_hosts.h"

namespace ringside::testbench {
namespace {

TEST(TcpTransfer, OneMebibyteArrivesBitExact) {
  TwoHosts hosts;
  hosts.connect();
  EXPECT_TRUE(hosts.transfer(pattern(1 << 20), 10 * kSecond));
  EXPECT_EQ(hosts.alice.stack->tcp().counters().retransmitted_segments, 0u);
}

TEST(TcpTransfer, SizesRoundASegment) {
  for (const size_t bytes : {1u, 1447u, 1448u, 1449u, 1459u, 1460u, 1461u, 4096u, 65'536u}) {
    TwoHosts hosts;
    hosts.connect();
    EXPECT_TRUE(hosts.transfer(pattern(bytes), kSecond)) << bytes;
  }
}

TEST(TcpTransfer, CleanWireIsFilled) {  // 16 MiB at 10 Gb/s take 14 ms; slow start and headers take their share
  TwoHosts hosts;
  hosts.connect();
  const uint64_t start = hosts.simulation.now_ns();
  EXPECT_TRUE(hosts.transfer(pattern(16 << 20), 10 * kSecond));
  EXPECT_LT(hosts.simulation.now_ns() - start, 16 * kMillisecond);
  EXPECT_EQ(hosts.alice.stack->tcp().counters().retransmitted_segments, 0u);
}

TEST(TcpTransfer, BothDirectionsAtOnce) {
  TwoHosts hosts({}, 1'000'000'000, 100'000, 3);
  hosts.wire.faults.loss = 0.02;
  hosts.connect();
  const auto there = pattern(200'000, 1), back = pattern(200'000, 2);
  std::vector<uint8_t> got_there, got_back, room(100'000);
  size_t sent_there = 0, sent_back = 0;
  const auto move = [&](TestHost& host, int fd, const std::vector<uint8_t>& out, size_t* sent,
                        std::vector<uint8_t>* in) {
    const Result wrote =
        host->send(fd, out.data() + *sent, std::min<size_t>(out.size() - *sent, 3000), kMessageDontWait);
    if (wrote.ok()) *sent += static_cast<size_t>(wrote.value);
    const Result read = host->recv(fd, room.data(), room.size(), kMessageDontWait);
    if (read.ok()) in->insert(in->end(), room.begin(), room.begin() + read.value);
  };
  EXPECT_TRUE(hosts.simulation.run_until([&] {
    move(hosts.alice, hosts.client, there, &sent_there, &got_back);
    move(hosts.bob, hosts.server, back, &sent_back, &got_there);
    return got_there.size() == there.size() && got_back.size() == back.size();
  }, 300 * kSecond));
  EXPECT_EQ(got_there, there);
  EXPECT_EQ(got_back, back);
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

struct Row {
  const char* name;
  WireFaults faults;
  uint32_t mtu;
  bool sack;
  bool timestamps;
};

void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }  // for test names

class TcpGrid : public ::testing::TestWithParam<Row> {};

// Whatever the wire does: the same bytes, an orderly end on both sides, and every buffer back in its pool.
TEST_P(TcpGrid, StreamAndCloseSurvive) {
  const Row& row = GetParam();
  HostOptions options;
  options.mtu = row.mtu;
  options.stack.tcp.sack = row.sack;
  options.stack.tcp.timestamps = row.timestamps;
  TwoHosts hosts(options, 1'000'000'000, 20'000, 11);
  hosts.wire.faults = row.faults;
  hosts.connect();
  ASSERT_TRUE(hosts.transfer(pattern(200'000), 3600 * kSecond));
  hosts.alice->close(hosts.client);
  hosts.simulation.run_for(100 * kSecond);
  uint8_t byte = 0;
  EXPECT_EQ(hosts.bob->recv(hosts.server, &byte, 1, kMessageDontWait).value, 0);
  hosts.bob->close(hosts.server);
  hosts.simulation.run_for(600 * kSecond);
  EXPECT_EQ(hosts.alice.stack->tcp().connection_count() + hosts.bob.stack->tcp().connection_count(), 0u);
  for (TestHost* host : {&hosts.alice, &hosts.bob}) {
    EXPECT_EQ(host->data->free_count(), host->data->capacity());
    EXPECT_EQ(host->headers->free_count(), host->headers->capacity());
    EXPECT_EQ(host->device.receive_pool->free_count(), host->device.receive_pool->capacity());
  }
}

INSTANTIATE_TEST_SUITE_P(
    Rows, TcpGrid,
    ::testing::Values(Row{"loss 1 %", {0.01, 0, 0, 0}, 1500, true, true},
                      Row{"loss 20 %", {0.2, 0, 0, 0}, 1500, true, true},
                      Row{"loss 10 %, NewReno", {0.1, 0, 0, 0}, 1500, false, true},
                      Row{"loss 10 %, NewReno, no time stamps", {0.1, 0, 0, 0}, 1500, false, false},
                      Row{"corrupt 1 %", {0, 0, 0, 0.01}, 1500, true, true},
                      Row{"duplicate 10 %", {0, 0.1, 0, 0}, 1500, true, false},
                      Row{"reorder 50 %", {0, 0, 0.5, 0}, 1500, true, true},
                      Row{"reorder 25 %, NewReno", {0, 0, 0.25, 0}, 1500, false, true},
                      Row{"everything, small frames", {0.05, 0.05, 0.1, 0.01}, 576, true, true},
                      Row{"everything, jumbo frames", {0.05, 0.05, 0.1, 0.01}, 9000, true, true}),
    [](const auto& row) {
      std::string name;
      for (const char* c = row.param.name; *c; ++c) name += std::isalnum(static_cast<unsigned char>(*c)) ? *c : '_';
      return name;
    });

}  // namespace
}  // namespace ringside::testbench
