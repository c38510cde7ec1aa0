// Retransmission: RFC 6298, 5681, 6582, 6675, 2018, 2883.
#include <gtest/gtest.h>

#include <algorithm>

#include "testbench/stack/support/scripted_peer.h"

namespace ringside::testbench {
namespace {

constexpr uint32_t kMss = 1460;

TEST(TcpRetransmit, TimeoutDoublesAndStopsAtR2) {  // MUST-19, 20, 21
  ScriptedPeer peer;
  const int fd = peer.established();
  peer.host->setsockopt(fd, SocketOption::kUserTimeoutNs, 5 * kSecond);
  EXPECT_EQ(peer.write(fd, pattern(100)), "");
  peer.expect(tcp(ACK).seq(1).len(100));
  uint64_t before = peer.last.time_ns, wait = 200 * kMillisecond;
  for (int i = 0; i < 4; ++i, wait *= 2) {
    peer.expect(tcp(ACK).seq(1).len(100).within(10 * kSecond));
    EXPECT_EQ(peer.last.time_ns - before, wait) << i;
    before = peer.last.time_ns;
  }
  peer.expect(tcp(RST | ACK).within(10 * kSecond));
  EXPECT_EQ(peer.read_all(fd), -static_cast<int64_t>(Error::kTimedOut));
}

TEST(TcpRetransmit, TimeoutShrinksTheWindowToOneSegment) {  // RFC 5681 equation (4)
  ScriptedPeer peer;
  const int fd = peer.established();
  EXPECT_EQ(peer.write(fd, pattern(8 * kMss)), "");
  for (uint32_t i = 0; i < 8; ++i) peer.expect(tcp(ACK).seq(1 + i * kMss).len(kMss));
  peer.expect(tcp(ACK).seq(1).len(kMss).within(kSecond));
  EXPECT_EQ(peer.tcb().congestion->cwnd(), kMss);
  EXPECT_EQ(peer.tcb().congestion->ssthresh(), 4 * kMss);
  peer.expect_nothing(100 * kMillisecond);
  peer.send(tcp(ACK).seq(1).ack(1 + kMss));  // slow start: two more
  peer.expect(tcp(ACK).seq(1 + kMss).len(kMss));
  peer.expect(tcp(ACK).seq(1 + 2 * kMss).len(kMss));
  peer.expect_nothing(100 * kMillisecond);
}

TEST(TcpRetransmit, RetransmittedBytesAreTheSame) {
  ScriptedPeer peer;
  const int fd = peer.established();
  const auto bytes = pattern(kMss);
  EXPECT_EQ(peer.write(fd, bytes), "");
  peer.expect(tcp(ACK).data(bytes));
  peer.expect(tcp(ACK).data(bytes).within(kSecond));
}

TEST(TcpRetransmit, KarnTakesNoSampleFromARetransmission) {  // MUST-18
  ScriptedPeer peer;
  const int fd = peer.established();
  const uint64_t srtt = peer.tcb().rtt.srtt_ns();
  EXPECT_EQ(peer.write(fd, pattern(100)), "");
  peer.expect(tcp(ACK).seq(1));
  peer.expect(tcp(ACK).seq(1).within(kSecond));
  peer.simulation.run_for(50 * kMillisecond);
  peer.send(tcp(ACK).seq(1).ack(101));
  EXPECT_EQ(peer.tcb().rtt.srtt_ns(), srtt);
  EXPECT_EQ(peer.write(fd, pattern(100)), "");
  peer.expect(tcp(ACK).seq(101));
  peer.simulation.run_for(50 * kMillisecond);
  peer.send(tcp(ACK).seq(1).ack(201));
  EXPECT_GT(peer.tcb().rtt.srtt_ns(), srtt);
}

TEST(TcpRetransmit, KarnHoldsForFastRetransmissionsToo) {  // MUST-18
  ScriptedPeer peer;
  const int fd = peer.established();
  EXPECT_EQ(peer.write(fd, pattern(8 * kMss)), "");
  const uint64_t srtt = peer.tcb().rtt.srtt_ns();
  for (int i = 0; i < 3; ++i) peer.send(tcp(ACK).seq(1).ack(1));
  EXPECT_EQ(peer.host.stack->tcp().counters().fast_recoveries, 1u);
  peer.simulation.run_for(50 * kMillisecond);
  peer.send(tcp(ACK).seq(1).ack(1 + kMss));  // of the original or of the copy: nobody knows
  EXPECT_EQ(peer.tcb().rtt.srtt_ns(), srtt);
}

TEST(TcpRetransmit, AnEchoFromBeforeTheTimeoutIsNoSample) {  // seen at 20 % loss: RTO grew to a minute
  ScriptedPeer peer;
  const int fd = peer.accept_from_peer(tcp(SYN).seq(0).mss(1460).ts(1000), 65535);
  EXPECT_EQ(peer.write(fd, pattern(100)), "");
  peer.expect(tcp(ACK).seq(1));
  const uint32_t original = peer.last.header.options.ts_value;
  peer.expect(tcp(ACK).seq(1).within(kSecond));
  peer.expect(tcp(ACK).seq(1).within(kSecond));
  const uint64_t srtt = peer.tcb().rtt.srtt_ns();
  peer.simulation.run_for(100 * kMillisecond);
  peer.send(tcp(ACK).seq(1).ack(51).ts(1001, original));  // the first ACK was lost; this repeats its echo
  EXPECT_EQ(peer.tcb().rtt.srtt_ns(), srtt);
  peer.expect(tcp(ACK).seq(51).within(kSecond));
  peer.expect(tcp(ACK).seq(51).within(kSecond));
  peer.simulation.run_for(100 * kMillisecond);
  peer.send(tcp(ACK).seq(1).ack(101).ts(1002, peer.last.header.options.ts_value));
  EXPECT_GT(peer.tcb().rtt.srtt_ns(), srtt);
}

TEST(TcpRetransmit, ThreeDuplicateAcksRetransmitAtOnce) {  // RFC 5681 section 3.2, NewReno
  ScriptedPeer peer;
  const int fd = peer.established();
  EXPECT_EQ(peer.write(fd, pattern(8 * kMss)), "");
  for (int i = 0; i < 8; ++i) peer.expect(tcp(ACK).len(kMss));
  peer.send(tcp(ACK).seq(1).ack(1));
  peer.send(tcp(ACK).seq(1).ack(1));
  peer.expect_nothing(10 * kMillisecond);
  peer.send(tcp(ACK).seq(1).ack(1));
  peer.expect(tcp(ACK).seq(1).len(kMss).within(0));
  EXPECT_EQ(peer.tcb().congestion->ssthresh(), 4 * kMss);
  peer.send(tcp(ACK).seq(1).ack(1 + 2 * kMss));  // partial: the third segment is lost too
  peer.expect(tcp(ACK).seq(1 + 2 * kMss).len(kMss).within(0));
  peer.send(tcp(ACK).seq(1).ack(1 + 8 * kMss));
  EXPECT_EQ(peer.tcb().recovery.phase(), TcpRecovery::Phase::kOpen);
  EXPECT_LE(peer.tcb().congestion->cwnd(), 4 * kMss);
}

TEST(TcpRetransmit, WindowUpdatesAndDataAreNoDuplicateAcks) {
  ScriptedPeer peer;
  const int fd = peer.established();
  EXPECT_EQ(peer.write(fd, pattern(4 * kMss)), "");
  for (int i = 0; i < 4; ++i) peer.expect(tcp(ACK).len(kMss));
  for (uint32_t i = 0; i < 5; ++i) peer.send(tcp(ACK).seq(1).ack(1).win(60000 - i));
  for (uint32_t i = 0; i < 2; ++i) peer.send(tcp(ACK).seq(1 + i * 10).ack(1).win(59996).len(10));
  EXPECT_EQ(peer.tcb().recovery.phase(), TcpRecovery::Phase::kOpen);
  EXPECT_EQ(peer.host.stack->tcp().counters().retransmitted_segments, 0u);
}

TEST(TcpRetransmit, LimitedTransmitSendsNewDataOnTheFirstTwo) {  // RFC 3042
  ScriptedPeer peer;
  const int fd = peer.established();
  EXPECT_EQ(peer.write(fd, pattern(20 * kMss)), "");
  for (int i = 0; i < 10; ++i) peer.expect(tcp(ACK).len(kMss));
  peer.expect_nothing(kMillisecond);
  peer.send(tcp(ACK).seq(1).ack(1));
  peer.expect(tcp(ACK).seq(1 + 10 * kMss).len(kMss).within(0));
  peer.send(tcp(ACK).seq(1).ack(1));
  peer.expect(tcp(ACK).seq(1 + 11 * kMss).len(kMss).within(0));
}

TEST(TcpSack, OnlyTheHolesAreSentAgain) {  // RFC 6675
  ScriptedPeer peer;
  const int fd = peer.accept_from_peer(tcp(SYN).seq(0).mss(1460).sack_ok(), 65535);
  EXPECT_EQ(peer.write(fd, pattern(10 * kMss)), "");
  for (int i = 0; i < 10; ++i) peer.expect(tcp(ACK).len(kMss));
  const auto at = [](uint32_t segment) { return 1 + segment * kMss; };
  peer.send(tcp(ACK).seq(1).ack(1).sack(at(1), at(2)));                    // 0 and 3 are lost
  peer.send(tcp(ACK).seq(1).ack(1).sack(at(1), at(3)));
  peer.send(tcp(ACK).seq(1).ack(1).sack(at(4), at(5)).sack(at(1), at(3)));
  peer.expect(tcp(ACK).seq(at(0)).len(kMss).within(0));
  peer.send(tcp(ACK).seq(1).ack(1).sack(at(4), at(8)).sack(at(1), at(3)));
  peer.expect(tcp(ACK).seq(at(3)).len(kMss).within(0));
  peer.expect_nothing(kMillisecond);
  peer.send(tcp(ACK).seq(1).ack(at(10)));
  EXPECT_EQ(peer.host.stack->tcp().counters().retransmitted_segments, 2u);
  EXPECT_EQ(peer.tcb().recovery.sacked_bytes(), 0u);
}

TEST(TcpSack, NonsenseBlocksAreIgnored) {
  ScriptedPeer peer;
  const int fd = peer.accept_from_peer(tcp(SYN).seq(0).mss(1460).sack_ok(), 65535);
  EXPECT_EQ(peer.write(fd, pattern(4 * kMss)), "");
  peer.send(tcp(ACK).seq(1).ack(1).sack(500, 400).sack(1, 1 << 30).sack(100000, 200000));
  EXPECT_EQ(peer.tcb().recovery.sacked_bytes(), 0u);
}

TEST(TcpSack, ReceiverReportsNewestBlockFirstAndDuplicates) {  // RFC 2018 section 4, RFC 2883
  ScriptedPeer peer;
  const int fd = peer.accept_from_peer(tcp(SYN).seq(0).mss(1460).sack_ok(), 65535);
  peer.send(tcp(ACK).seq(101).ack(1).len(100));
  peer.expect(tcp(ACK).ack(1).sack(101, 201).within(0));
  peer.send(tcp(ACK).seq(301).ack(1).len(100));
  peer.expect(tcp(ACK).ack(1).sack(301, 401).sack(101, 201).within(0));
  peer.send(tcp(ACK).seq(201).ack(1).len(100));
  peer.expect(tcp(ACK).ack(1).sack(101, 401).within(0));
  peer.send(tcp(ACK).seq(1).ack(1).len(100));
  peer.expect(tcp(ACK).ack(401).within(0));
  EXPECT_EQ(peer.last.header.options.sack_count, 0);
  peer.send(tcp(ACK).seq(1).ack(1).len(100));
  peer.expect(tcp(ACK).ack(401).sack(1, 101).within(0));
  EXPECT_EQ(peer.read_all(fd), 400);
}

TEST(TcpReassemblyOrder, OverlapsInAnyOrderGiveTheStream) {
  const auto bytes = pattern(3000);
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    ScriptedPeer peer;
    const int fd = peer.established();
    Random random(seed);
    for (int i = 0; i < 60; ++i) {
      const uint32_t first = random.below(3000), length = 1 + random.below(std::min(3000 - first, 700u));
      peer.send(tcp(ACK).seq(1 + first).ack(1).data({bytes.begin() + first, bytes.begin() + first + length}));
    }
    for (uint32_t first = 0; first < 3000; first += 500) {
      peer.send(tcp(ACK).seq(1 + first).ack(1).data({bytes.begin() + first, bytes.begin() + first + 500}));
    }
    std::vector<uint8_t> got;
    peer.read_all(fd, &got);
    EXPECT_EQ(got, bytes) << "seed " << seed;
  }
}

TEST(TcpChecksum, AFlippedBitIsNeverDelivered) {  // MUST-3
  ScriptedPeer peer;
  const int fd = peer.established();
  peer.send(tcp(ACK).seq(1).ack(1).len(10).bad_checksum());
  EXPECT_EQ(peer.read_all(fd), -static_cast<int64_t>(Error::kAgain));
  EXPECT_EQ(peer.host.stack->tcp().counters().drop_checksum, 1u);
}

TEST(TcpRtt, EstimatorFollowsRfc6298) {
  RttEstimator rtt{RtoConfig{}};
  EXPECT_EQ(rtt.rto_ns(), kSecond);
  rtt.sample(400 * kMillisecond);
  EXPECT_EQ(rtt.srtt_ns(), 400 * kMillisecond);
  EXPECT_EQ(rtt.rto_ns(), 1200 * kMillisecond);
  rtt.sample(800 * kMillisecond);
  EXPECT_EQ(rtt.rttvar_ns(), 250 * kMillisecond);
  EXPECT_EQ(rtt.srtt_ns(), 450 * kMillisecond);
  EXPECT_EQ(rtt.rto_ns(), 1450 * kMillisecond);
  for (int i = 0; i < 20; ++i) rtt.back_off();
  EXPECT_EQ(rtt.rto_ns(), 60 * kSecond);
  rtt.progress();
  EXPECT_EQ(rtt.rto_ns(), 1450 * kMillisecond);
  for (int i = 0; i < 200; ++i) rtt.sample(10 * kMicrosecond);
  EXPECT_EQ(rtt.rto_ns(), 200 * kMillisecond);
}

}  // namespace
}  // namespace ringside::testbench
