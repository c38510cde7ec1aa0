// Opening a connection: RFC 9293 sections 3.5 and 3.10.7, options of RFC 7323 and 2018, ISN of RFC 6528.
#include <gtest/gtest.h>

#include <algorithm>

#include "testbench/stack/support/scripted_peer.h"

namespace ringside::testbench {
namespace {

TEST(TcpHandshake, PassiveOpenAnswersSynWithMssAndAcceptsAfterTheAck) {
  ScriptedPeer peer;
  const int listener = static_cast<int>(peer.host->socket(SocketType::kStream).value);
  peer.host->bind(listener, {{}, 80});
  peer.host->listen(listener, 4);
  peer.send(tcp(SYN).seq(0).mss(1460));
  peer.expect(tcp(SYN | ACK).seq(0).ack(1).mss(1460));
  EXPECT_EQ(peer.host->accept(listener).error, Error::kAgain);
  peer.send(tcp(ACK).seq(1).ack(1));
  const Result accepted = peer.host->accept(listener);
  ASSERT_TRUE(accepted.ok());
  EXPECT_EQ(peer.state(static_cast<int>(accepted.value)), TcpState::kEstablished);
}

TEST(TcpHandshake, ActiveOpenOffersEveryOptionOnce) {
  ScriptedPeer peer;
  const int fd = static_cast<int>(peer.host->socket(SocketType::kStream).value);
  EXPECT_EQ(peer.host->connect(fd, {ScriptedPeer::kPeer, 5000}), Error::kInProgress);
  EXPECT_EQ(peer.host->connect(fd, {ScriptedPeer::kPeer, 5000}), Error::kAlready);
  peer.expect(tcp(SYN).seq(0).mss(1460).wscale(7).len(0));
  EXPECT_TRUE(peer.last.header.options.sack_permitted);
  EXPECT_TRUE(peer.last.header.options.has_timestamps);
  peer.send(tcp(SYN | ACK).seq(0).ack(1).mss(1000).wscale(3).sack_ok().ts(77, peer.last.header.options.ts_value));
  peer.expect(tcp(ACK).seq(1).ack(1).len(0));
  EXPECT_EQ(peer.last.header.options.ts_echo, 77u);
  EXPECT_EQ(peer.host->connect(fd, {ScriptedPeer::kPeer, 5000}), Error::kOk);
  EXPECT_EQ(peer.tcb().effective_mss(), 988u);  // MUST-16: less the time stamps
}

TEST(TcpHandshake, SynAckRepeatsOnlyWhatTheSynOffered) {
  ScriptedPeer peer;
  peer.established();
  const TcpConnection& tcb = peer.tcb();
  EXPECT_FALSE(tcb.timestamps);
  EXPECT_EQ(tcb.rcv.shift, 0);
  EXPECT_FALSE(tcb.recovery.sack());
}

TEST(TcpHandshake, PeerWithoutMssOptionGets536) {  // MUST-15
  ScriptedPeer peer;
  const int fd = peer.accept_from_peer(tcp(SYN).seq(0), 65535);
  EXPECT_EQ(peer.write(fd, pattern(1000)), "");
  peer.expect(tcp(ACK).seq(1).len(536));
}

TEST(TcpHandshake, SimultaneousOpenBothOrders) {  // MUST-10
  for (const bool syn_ack_first : {true, false}) {
    ScriptedPeer peer;
    const int fd = static_cast<int>(peer.host->socket(SocketType::kStream).value);
    peer.host->connect(fd, {ScriptedPeer::kPeer, 5000});
    peer.expect(tcp(SYN).seq(0));
    peer.send(tcp(SYN).seq(0).mss(1460));
    peer.expect(tcp(SYN | ACK).seq(0).ack(1));
    EXPECT_EQ(peer.state(fd), TcpState::kSynReceived);
    if (syn_ack_first) {
      peer.send(tcp(SYN | ACK).seq(0).ack(1));
    } else {
      peer.send(tcp(ACK).seq(1).ack(1));
    }
    EXPECT_EQ(peer.state(fd), TcpState::kEstablished);
  }
}

TEST(TcpHandshake, TwoStacksCrossingSynsMeet) {
  TwoHosts hosts;
  const int a = static_cast<int>(hosts.alice->socket(SocketType::kStream).value);
  const int b = static_cast<int>(hosts.bob->socket(SocketType::kStream).value);
  hosts.alice->bind(a, {{}, 1000});
  hosts.bob->bind(b, {{}, 2000});
  hosts.alice->connect(a, {kBob, 2000});
  hosts.bob->connect(b, {kAlice, 1000});
  hosts.simulation.run_for(10 * kMillisecond);
  EXPECT_EQ(hosts.alice->connect(a, {kBob, 2000}), Error::kOk);
  EXPECT_EQ(hosts.bob->connect(b, {kAlice, 1000}), Error::kOk);
}

TEST(TcpHandshake, ResetInSynReceivedGoesBackToListen) {  // MUST-11
  ScriptedPeer peer;
  const int listener = static_cast<int>(peer.host->socket(SocketType::kStream).value);
  peer.host->bind(listener, {{}, 80});
  peer.host->listen(listener, 1);
  peer.send(tcp(SYN).seq(0));
  peer.expect(tcp(SYN | ACK).seq(0).ack(1));
  peer.send(tcp(RST).seq(1));
  EXPECT_EQ(peer.host.stack->tcp().connection_count(), 0u);
  peer.send(tcp(SYN).seq(0));  // the one place in the backlog is free again
  peer.expect(tcp(SYN | ACK).ack(1));
}

TEST(TcpHandshake, ConnectionRefusedByReset) {
  ScriptedPeer peer;
  const int fd = static_cast<int>(peer.host->socket(SocketType::kStream).value);
  peer.host->connect(fd, {ScriptedPeer::kPeer, 5000});
  peer.expect(tcp(SYN).seq(0));
  peer.send(tcp(RST | ACK).seq(0).ack(0));  // wrong number: ignored
  EXPECT_EQ(peer.state(fd), TcpState::kSynSent);
  peer.send(tcp(RST | ACK).seq(0).ack(1));
  EXPECT_EQ(peer.host->connect(fd, {ScriptedPeer::kPeer, 5000}), Error::kRefused);
}

TEST(TcpHandshake, WrongAckInSynSentIsAnsweredByReset) {
  ScriptedPeer peer;
  const int fd = static_cast<int>(peer.host->socket(SocketType::kStream).value);
  peer.host->connect(fd, {ScriptedPeer::kPeer, 5000});
  peer.expect(tcp(SYN).seq(0));
  peer.send(tcp(ACK).seq(0).ack(77));
  peer.expect(tcp(RST).seq(77));
}

TEST(TcpHandshake, SegmentForNobodyGetsAReset) {
  ScriptedPeer peer;
  peer.send(tcp(SYN).seq(0));
  peer.expect(tcp(RST | ACK).ack(1));
  peer.send(tcp(ACK).seq(0).ack(5));
  peer.expect(tcp(RST));
  peer.send(tcp(RST).seq(0));
  peer.expect_nothing(kSecond);
}

TEST(TcpHandshake, AckToListenerGetsAReset) {
  ScriptedPeer peer;
  peer.established();
  peer.peer_port = 6000;
  peer.send(tcp(ACK).seq(0).ack(9));
  peer.expect(tcp(RST).seq(9));
}

TEST(TcpHandshake, FullBacklogDropsSyns) {
  ScriptedPeer peer;
  const int listener = static_cast<int>(peer.host->socket(SocketType::kStream).value);
  peer.host->bind(listener, {{}, 80});
  peer.host->listen(listener, 1);
  peer.send(tcp(SYN).seq(0));
  peer.expect(tcp(SYN | ACK));
  peer.peer_port = 6000;
  peer.send(tcp(SYN).seq(0));
  peer.expect_nothing(100 * kMillisecond);
  EXPECT_EQ(peer.host.stack->tcp().counters().drop_backlog, 1u);
}

TEST(TcpHandshake, SynIsRepeatedWithBackoffForThreeMinutes) {  // MUST-20, MUST-22, MUST-23
  ScriptedPeer peer;
  const int fd = static_cast<int>(peer.host->socket(SocketType::kStream).value);
  peer.host->connect(fd, {ScriptedPeer::kPeer, 5000});
  peer.expect(tcp(SYN).seq(0));
  const uint64_t start = peer.last.time_ns;
  uint64_t before = start, wait = kSecond;
  for (int i = 0; i < 7; ++i) {
    peer.expect(tcp(SYN).seq(0).within(61 * kSecond));
    EXPECT_EQ(peer.last.time_ns - before, std::min<uint64_t>(wait, 60 * kSecond)) << i;
    before = peer.last.time_ns;
    wait *= 2;
  }
  ASSERT_TRUE(peer.simulation.run_until([&] { return peer.state(fd) == TcpState::kClosed; }, 400 * kSecond));
  EXPECT_GE(peer.simulation.now_ns() - start, 180 * kSecond);
  EXPECT_EQ(peer.host->connect(fd, {ScriptedPeer::kPeer, 5000}), Error::kTimedOut);
}

TEST(TcpHandshake, LostSynMeansOneSegmentWindow) {  // RFC 5681 section 3.1, RFC 6298 (5.7)
  ScriptedPeer peer;
  const int fd = static_cast<int>(peer.host->socket(SocketType::kStream).value);
  peer.host->connect(fd, {ScriptedPeer::kPeer, 5000});
  peer.expect(tcp(SYN).seq(0));
  peer.expect(tcp(SYN).seq(0).within(2 * kSecond));
  peer.send(tcp(SYN | ACK).seq(0).ack(1).mss(1000));
  peer.expect(tcp(ACK).seq(1).ack(1));
  EXPECT_EQ(peer.tcb().congestion->cwnd(), 1000u);
  EXPECT_EQ(peer.tcb().rtt.rto_ns(), 3 * kSecond);
  (void)fd;
}

TEST(TcpHandshake, DuplicateSynGetsTheSynAckAgain) {
  ScriptedPeer peer;
  const int listener = static_cast<int>(peer.host->socket(SocketType::kStream).value);
  peer.host->bind(listener, {{}, 80});
  peer.host->listen(listener, 1);
  peer.send(tcp(SYN).seq(0));
  peer.expect(tcp(SYN | ACK).seq(0).ack(1));
  peer.send(tcp(SYN).seq(0));
  peer.expect(tcp(SYN | ACK).seq(0).ack(1));
}

TEST(TcpHandshake, InitialSequenceNumberFollowsTheClockAndTheSecret) {  // MUST-8, MUST-9
  const auto isn = [](uint64_t seed, uint64_t later_ns) {
    HostOptions options;
    options.stack.seed = seed;
    ScriptedPeer peer(options);
    peer.simulation.run_for(later_ns);
    peer.established();
    return peer.host_isn;
  };
  EXPECT_EQ(isn(1, 0), isn(1, 0));
  EXPECT_EQ(isn(1, 4 * kMillisecond) - isn(1, 0), 1000u);  // one per 4 us
  EXPECT_NE(isn(2, 0), isn(1, 0));
}

TEST(TcpHandshake, ConnectToWhatIsNoHostFails) {  // MUST-46
  ScriptedPeer peer;
  for (const Ipv4Address bad :
       {ipv4(0, 0, 0, 0), ipv4(255, 255, 255, 255), ipv4(224, 0, 0, 1), ipv4(10, 0, 0, 255), ipv4(240, 0, 0, 1)}) {
    const int fd = static_cast<int>(peer.host->socket(SocketType::kStream).value);
    EXPECT_EQ(peer.host->connect(fd, {bad, 80}), Error::kAddressNotAvailable) << to_string(bad);
  }
  const int fd = static_cast<int>(peer.host->socket(SocketType::kStream).value);
  EXPECT_EQ(peer.host->connect(fd, {ipv4(192, 168, 0, 1), 80}), Error::kNetUnreachable);
}

TEST(TcpHandshake, OptionsAtAnyAlignmentUnknownAndBroken) {  // MUST-4, 5, 6, 7, 64
  const std::vector<std::vector<uint8_t>> good = {
      {2, 4, 3, 232, 0, 0, 0, 0}, {1, 2, 4, 3, 232, 0, 0, 0}, {1, 1, 1, 2, 4, 3, 232, 0}, {200, 3, 9, 2, 4, 3, 232, 0}};
  for (const auto& options : good) {
    ScriptedPeer peer;
    peer.accept_from_peer(tcp(SYN).seq(0).raw_options(options), 65535);
    EXPECT_EQ(peer.tcb().snd.mss, 1000u);
  }
  for (const auto& options :
       std::vector<std::vector<uint8_t>>{{2, 0, 3, 232}, {2, 1, 3, 232}, {2, 40, 3, 232}, {1, 1, 1, 2}}) {
    ScriptedPeer peer;
    peer.accept_from_peer(tcp(SYN).seq(0).raw_options(options), 65535);
    EXPECT_EQ(peer.tcb().snd.mss, 536u);
  }
}

}  // namespace
}  // namespace ringside::testbench
