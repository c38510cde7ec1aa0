// Windows: RFC 9293 section 3.8.6 (zero window, probes, SWS), Nagle, delayed ACK, RFC 7323 scaling and time stamps.
#include <gtest/gtest.h>

#include <algorithm>

#include "testbench/stack/support/scripted_peer.h"

namespace ringside::testbench {
namespace {

constexpr uint32_t kMss = 1460;

TEST(TcpWindow, PayloadStaysWithinThePeersWindow) {  // MUST-1: 0x8000 and 0xFFFF are not negative
  for (const uint32_t window : {1000u, 0x8000u, 0xFFFFu}) {
    HostOptions options;
    ScriptedPeer peer(options);
    const int fd = peer.established(window);
    EXPECT_EQ(peer.write(fd, pattern(100'000)), "");
    uint32_t got = 0;
    for (int rounds = 0; rounds < 3; ++rounds) {
      peer.simulation.run_for(kMillisecond);
      uint32_t flight = 0;
      while (!peer.seen.empty()) {
        flight += static_cast<uint32_t>(peer.seen.front().payload.size());
        peer.seen.pop_front();
      }
      EXPECT_LE(flight, window);
      EXPECT_GT(flight, 0u);
      got += flight;
      peer.send(tcp(ACK).seq(1).ack(1 + got).win(window));
    }
  }
}

TEST(TcpWindow, ZeroWindowIsProbedWithBackoffForEver) {  // MUST-36, MUST-37
  ScriptedPeer peer;
  const int fd = peer.established(1000);
  const auto bytes = pattern(1500);
  EXPECT_EQ(peer.write(fd, bytes), "");
  peer.expect(tcp(ACK).seq(1).len(1000));
  peer.send(tcp(ACK).seq(1).ack(1001).win(0));
  uint64_t before = peer.simulation.now_ns(), wait = 200 * kMillisecond;
  for (int i = 0; i < 12; ++i) {
    peer.expect(tcp(ACK).seq(1001).len(1).within(61 * kSecond));
    EXPECT_EQ(peer.last.time_ns - before, std::min(wait, 60 * kSecond)) << i;
    before = peer.last.time_ns;
    wait *= 2;
    peer.send(tcp(ACK).seq(1).ack(1001).win(0));
  }
  for (int i = 0; i < 24 * 60; ++i) {  // 24 hours
    peer.expect(tcp(ACK).seq(1001).len(1).within(61 * kSecond));
    peer.send(tcp(ACK).seq(1).ack(1001).win(0));
  }
  peer.send(tcp(ACK).seq(1).ack(1001).win(5000));
  peer.expect(tcp(ACK).seq(1001).data({bytes.begin() + 1000, bytes.end()}));
}

TEST(TcpWindow, ProbeByteThatIsTakenCounts) {
  ScriptedPeer peer;
  const int fd = peer.established(1000);
  EXPECT_EQ(peer.write(fd, pattern(1500)), "");
  peer.expect(tcp(ACK).seq(1).len(1000));
  peer.send(tcp(ACK).seq(1).ack(1001).win(0));
  peer.expect(tcp(ACK).seq(1001).len(1).within(kSecond));
  peer.send(tcp(ACK).seq(1).ack(1002).win(5000));
  peer.expect(tcp(ACK).seq(1002).len(499));
}

TEST(TcpWindow, ShrunkenWindowNeitherCrashesNorLoses) {  // MUST-34
  ScriptedPeer peer;
  const int fd = peer.established(6000);
  const auto bytes = pattern(5840);
  EXPECT_EQ(peer.write(fd, bytes), "");
  for (int i = 0; i < 4; ++i) peer.expect(tcp(ACK).len(kMss));
  peer.send(tcp(ACK).seq(1).ack(1 + kMss).win(100));
  peer.expect(tcp(ACK).seq(1 + kMss).len(100).within(kSecond));  // no more than the window has room for
  peer.send(tcp(ACK).seq(1).ack(1 + kMss).win(0));
  peer.expect(tcp(ACK).seq(1 + kMss).len(1).within(2 * kSecond));
  peer.send(tcp(ACK).seq(1).ack(1 + 4 * kMss).win(6000));
  peer.expect_nothing(10 * kSecond);
  EXPECT_EQ(peer.tcb().snd.queue.size(), 0u);
}

TEST(TcpWindow, SenderAvoidsSillyWindows) {  // MUST-38
  ScriptedPeer peer;
  const int fd = peer.established(3000);
  EXPECT_EQ(peer.write(fd, pattern(10'000)), "");
  peer.expect(tcp(ACK).seq(1).len(kMss));
  peer.expect(tcp(ACK).seq(1 + kMss).len(kMss));  // 80 more would fit, and do not go
  peer.expect_nothing(10 * kMillisecond);
  peer.send(tcp(ACK).seq(1).ack(1 + 2 * kMss).win(100));  // still silly
  peer.expect_nothing(100 * kMillisecond);
  peer.send(tcp(ACK).seq(1).ack(1 + 2 * kMss).win(1500));
  peer.expect(tcp(ACK).seq(1 + 2 * kMss).len(kMss));
}

TEST(TcpWindow, ReceiverOpensInStepsWorthWhile) {  // MUST-39
  ScriptedPeer peer;
  const int fd = peer.established();
  peer.host->setsockopt(fd, SocketOption::kReceiveBuffer, 8000);
  const TcpConnection& tcb = peer.tcb();
  uint32_t sent = 0;
  while (tcb.rcv.promised() >= kMss) {
    peer.send(tcp(ACK).seq(1 + sent).ack(1).len(kMss));
    sent += kMss;
  }
  if (const uint32_t rest = tcb.rcv.promised()) {
    peer.send(tcp(ACK).seq(1 + sent).ack(1).len(rest));
    sent += rest;
  }
  peer.simulation.run_for(kSecond);
  while (!peer.seen.empty()) {
    peer.last = peer.seen.front();
    peer.seen.pop_front();
  }
  EXPECT_EQ(peer.last.header.window, 0);
  std::vector<uint8_t> room(200);
  uint32_t read = 0;
  while (peer.seen.empty() && read < sent) {
    read += static_cast<uint32_t>(peer.host->recv(fd, room.data(), room.size(), kMessageDontWait).value);
  }
  ASSERT_FALSE(peer.seen.empty());
  EXPECT_GE(peer.seen.front().header.window, kMss);
  EXPECT_GE(read, kMss);
}

TEST(TcpWindow, ReceiverNeverMovesTheRightEdgeLeft) {
  ScriptedPeer peer;
  const int fd = peer.accept_from_peer(tcp(SYN).seq(0).mss(1460).wscale(7), 512);
  const uint8_t shift = peer.tcb().rcv.shift;
  uint32_t edge = 0, sent = 0;
  Random random(3);
  for (int i = 0; i < 300; ++i) {
    const uint32_t length = 1 + random.below(1400);
    if (peer.tcb().rcv.promised() >= length) {
      peer.send(tcp(ACK).seq(1 + sent).ack(1).len(length));
      sent += length;
    }
    if (random.below(3) == 0) {
      std::vector<uint8_t> room(random.below(5000) + 1);
      peer.host->recv(fd, room.data(), room.size(), kMessageDontWait);
    }
    while (!peer.seen.empty()) {
      const TcpHeader& header = peer.seen.front().header;
      const uint32_t now = header.ack.value - peer.peer_isn + (uint32_t{header.window} << shift);
      EXPECT_GE(now, edge);
      edge = now;
      peer.seen.pop_front();
    }
  }
}

TEST(TcpNagle, SmallWritesWaitForTheAckUnlessSwitchedOff) {  // MUST-17
  ScriptedPeer peer;
  const int fd = peer.established();
  EXPECT_EQ(peer.write(fd, pattern(10)), "");
  peer.expect(tcp(ACK).seq(1).len(10));
  EXPECT_EQ(peer.write(fd, pattern(10)), "");
  EXPECT_EQ(peer.write(fd, pattern(10)), "");
  peer.expect_nothing(10 * kMillisecond);
  peer.send(tcp(ACK).seq(1).ack(11));
  peer.expect(tcp(ACK).seq(11).len(20));
  peer.host->setsockopt(fd, SocketOption::kNoDelay, 1);
  EXPECT_EQ(peer.write(fd, pattern(5)), "");
  peer.expect(tcp(ACK).seq(31).len(5));
}

TEST(TcpNagle, EndOfABulkWriteDoesNotWait) {
  ScriptedPeer peer;
  const int fd = peer.established();
  EXPECT_EQ(peer.write(fd, pattern(kMss + 1)), "");
  peer.expect(tcp(ACK).seq(1).len(kMss));
  peer.expect(tcp(ACK).seq(1 + kMss).len(1).within(0));
  EXPECT_EQ(peer.write(fd, pattern(1)), "");  // but the next small one waits for this small one
  peer.expect_nothing(10 * kMillisecond);
}

TEST(TcpPush, LastSegmentOfAWriteCarriesPsh) {  // MUST-60, MUST-61
  ScriptedPeer peer;
  const int fd = peer.established();
  EXPECT_EQ(peer.write(fd, pattern(2 * kMss)), "");
  peer.expect(tcp(ACK).len(kMss));
  EXPECT_FALSE(peer.last.header.flags & PSH);
  peer.expect(tcp(ACK).len(kMss));
  EXPECT_TRUE(peer.last.header.flags & PSH);
}

TEST(TcpDelayedAck, OneSegmentWaitsTwoDoNot) {  // MUST-40, MUST-58
  ScriptedPeer peer;
  peer.established();
  peer.send(tcp(ACK).seq(1).ack(1).len(kMss));
  const uint64_t start = peer.simulation.now_ns();
  peer.expect_nothing(39 * kMillisecond);
  peer.expect(tcp(ACK).ack(1 + kMss).within(2 * kMillisecond));
  EXPECT_LT(peer.last.time_ns - start, 500 * kMillisecond);
  peer.send(tcp(ACK).seq(1 + kMss).ack(1).len(kMss));
  peer.send(tcp(ACK).seq(1 + 2 * kMss).ack(1).len(kMss));
  peer.expect(tcp(ACK).ack(1 + 3 * kMss).within(0));
}

TEST(TcpDelayedAck, BurstOfNGetsAtMostHalf) {
  ScriptedPeer peer;
  peer.established();
  for (uint32_t i = 0; i < 20; ++i) peer.send(tcp(ACK).seq(1 + i * kMss).ack(1).len(kMss));
  peer.simulation.run_for(kSecond);
  EXPECT_LE(peer.seen.size(), 11u);
  EXPECT_GE(peer.seen.size(), 10u);
}

TEST(TcpDelayedAck, FillingAHoleIsOneAck) {  // MUST-59
  ScriptedPeer peer;
  peer.established();
  for (uint32_t i = 1; i < 6; ++i) peer.send(tcp(ACK).seq(1 + i * kMss).ack(1).len(kMss));
  for (int i = 0; i < 5; ++i) peer.expect(tcp(ACK).ack(1).within(0));
  peer.send(tcp(ACK).seq(1).ack(1).len(kMss));
  peer.expect(tcp(ACK).ack(1 + 6 * kMss).within(0));
  peer.expect_nothing(kSecond);
}

TEST(TcpDelayedAck, DataCarriesTheAck) {
  ScriptedPeer peer;
  const int fd = peer.established();
  peer.send(tcp(ACK).seq(1).ack(1).len(100));
  EXPECT_EQ(peer.write(fd, pattern(10)), "");
  peer.expect(tcp(ACK).ack(101).len(10));
  peer.send(tcp(ACK).seq(101).ack(11));
  peer.expect_nothing(kSecond);
}

TEST(TcpWindowScale, SynIsUnscaledTheRestIs) {  // RFC 7323 section 2.2
  ScriptedPeer peer;
  const int fd = peer.accept_from_peer(tcp(SYN).seq(0).mss(1460).wscale(4), 100);
  EXPECT_EQ(peer.last.header.window, 65535);
  EXPECT_EQ(peer.tcb().snd.wnd, 1600u);
  EXPECT_EQ(peer.write(fd, pattern(10'000)), "");
  peer.expect(tcp(ACK).seq(1).ack(1).len(kMss));
  EXPECT_EQ(uint32_t{peer.last.header.window} << 7, 512u * 1024);
}

TEST(TcpWindowScale, ShiftsAboveFourteenAreFourteen) {
  ScriptedPeer peer;
  peer.accept_from_peer(tcp(SYN).seq(0).wscale(200), 1);
  EXPECT_EQ(peer.tcb().snd.shift, 14);
}

TEST(TcpTimestamps, OldOnesAreDroppedAndAcknowledged) {  // RFC 7323 section 5.3
  ScriptedPeer peer;
  const int fd = peer.accept_from_peer(tcp(SYN).seq(0).mss(1460).ts(1000), 65535);
  peer.send(tcp(ACK).seq(1).ack(1).len(10).ts(1001));
  EXPECT_EQ(peer.read_all(fd), 10);
  peer.send(tcp(ACK).seq(11).ack(1).len(10).ts(999));
  peer.expect(tcp(ACK).ack(11).within(0));
  EXPECT_EQ(peer.last.header.options.ts_echo, 1001u);
  EXPECT_EQ(peer.read_all(fd), -static_cast<int64_t>(Error::kAgain));
  peer.send(tcp(ACK).seq(11).ack(1).len(10));  // without time stamps: silence
  peer.expect_nothing(kSecond);
  EXPECT_EQ(peer.host.stack->tcp().counters().drop_paws, 2u);
  peer.send(tcp(RST).seq(11));  // a reset needs none
  EXPECT_EQ(peer.state(fd), TcpState::kClosed);
}

TEST(TcpTimestamps, EveryPossibleSegmentCarriesThem) {
  ScriptedPeer peer;
  const int fd = peer.accept_from_peer(tcp(SYN).seq(0).mss(1460).ts(1000), 65535);
  EXPECT_EQ(peer.write(fd, pattern(5000)), "");
  for (const uint32_t length : {1448u, 1448u, 1448u}) {
    peer.expect(tcp(ACK).len(length));
    EXPECT_TRUE(peer.last.header.options.has_timestamps);
    EXPECT_EQ(peer.last.header.options.ts_echo, 1000u);
  }
}

TEST(TcpKeepAlive, OffByDefaultAndSlowWhenOn) {  // MUST-24 to MUST-29
  ScriptedPeer peer;
  const int fd = peer.established();
  peer.expect_nothing(3 * 3600 * kSecond);
  peer.host->setsockopt(fd, SocketOption::kKeepAlive, 1);
  const uint64_t start = peer.simulation.now_ns();
  peer.expect(tcp(ACK).seq(0).len(0).within(7300 * kSecond));
  EXPECT_EQ(peer.last.time_ns - start, 7200 * kSecond);
  for (int i = 1; i < 5; ++i) peer.expect(tcp(ACK).seq(0).within(76 * kSecond));  // four answers lost
  peer.send(tcp(ACK).seq(1).ack(1));
  peer.expect_nothing(7100 * kSecond);
  EXPECT_EQ(peer.state(fd), TcpState::kEstablished);
  for (int i = 0; i < 9; ++i) peer.expect(tcp(ACK).seq(0).within(7300 * kSecond));
  peer.expect(tcp(RST | ACK).within(76 * kSecond));
  EXPECT_EQ(peer.read_all(fd), -static_cast<int64_t>(Error::kTimedOut));
}

TEST(TcpIdle, CongestionWindowRestartsAfterIdle) {  // RFC 5681 section 4.1
  TwoHosts hosts;
  hosts.connect();
  EXPECT_TRUE(hosts.transfer(pattern(1 << 20), kSecond));
  EXPECT_GT(hosts.connection(hosts.alice).congestion->cwnd(), 100'000u);
  hosts.simulation.run_for(10 * kSecond);
  EXPECT_TRUE(hosts.transfer(pattern(10), kSecond));
  EXPECT_LE(hosts.connection(hosts.alice).congestion->cwnd(), 14600u);
}

TEST(TcpAutoTune, BufferGrowsToThePathAndStopsThere) {
  TwoHosts lan({}, 10'000'000'000, 1 * kMillisecond), fixed({}, 10'000'000'000, 1 * kMillisecond);  // BDP 2.5 MB
  lan.connect();
  EXPECT_TRUE(lan.transfer(pattern(64 << 20), 10 * kSecond));
  EXPECT_GT(lan.connection(lan.bob).rcv.limit(), 2'000'000u);
  TwoHosts near({}, 1'000'000'000, 5 * kMicrosecond);  // BDP 1 KB: nothing to tune
  near.connect();
  EXPECT_TRUE(near.transfer(pattern(8 << 20), 10 * kSecond));
  EXPECT_LE(near.connection(near.bob).rcv.limit(), 1024u * 1024);
}

}  // namespace
}  // namespace ringside::testbench
