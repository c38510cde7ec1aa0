// Closing: RFC 9293 section 3.6, every order of FINs, TIME-WAIT, and resets with unread data.
#include <gtest/gtest.h>

#include <algorithm>

#include "testbench/stack/support/scripted_peer.h"

namespace ringside::testbench {
namespace {

TEST(TcpClose, ActiveCloseWaitsTwoMslAndAnswersRetransmittedFin) {  // MUST-13
  ScriptedPeer peer;
  const int fd = peer.established();
  peer.host->shutdown(fd, ShutdownHow::kWrite);
  peer.expect(tcp(FIN | ACK).seq(1).ack(1).len(0));
  EXPECT_EQ(peer.state(fd), TcpState::kFinWait1);
  peer.send(tcp(ACK).seq(1).ack(2));
  EXPECT_EQ(peer.state(fd), TcpState::kFinWait2);
  peer.send(tcp(FIN | ACK).seq(1).ack(2));
  peer.expect(tcp(ACK).seq(2).ack(2));
  EXPECT_EQ(peer.state(fd), TcpState::kTimeWait);
  peer.simulation.run_for(59 * kSecond);
  peer.send(tcp(FIN | ACK).seq(1).ack(2));  // once more: answered, and 2 MSL start again
  peer.expect(tcp(ACK).seq(2).ack(2));
  peer.simulation.run_for(59 * kSecond);
  EXPECT_EQ(peer.state(fd), TcpState::kTimeWait);
  peer.simulation.run_for(2 * kSecond);
  EXPECT_EQ(peer.state(fd), TcpState::kClosed);
  EXPECT_EQ(peer.host.stack->tcp().connection_count(), 0u);
}

TEST(TcpClose, PassiveCloseReadsEndOfStreamThenLastAck) {
  ScriptedPeer peer;
  const int fd = peer.established();
  peer.send(tcp(FIN | ACK).seq(1).ack(1).len(3));
  peer.expect(tcp(ACK).seq(1).ack(5));
  EXPECT_EQ(peer.state(fd), TcpState::kCloseWait);
  EXPECT_EQ(peer.read_all(fd), 3);
  EXPECT_EQ(peer.read_all(fd), 0);  // end of stream, as often as asked
  EXPECT_EQ(peer.read_all(fd), 0);
  EXPECT_EQ(peer.write(fd, pattern(10)), "");  // the other direction is still open
  peer.expect(tcp(ACK).seq(1).len(10));
  peer.send(tcp(ACK).seq(5).ack(11));
  peer.host->close(fd);
  peer.expect(tcp(FIN | ACK).seq(11).ack(5));
  peer.send(tcp(ACK).seq(5).ack(12));
  EXPECT_EQ(peer.host.stack->tcp().connection_count(), 0u);
}

TEST(TcpClose, CrossingFinsGoThroughClosing) {
  ScriptedPeer peer;
  const int fd = peer.established();
  peer.host->shutdown(fd, ShutdownHow::kWrite);
  peer.expect(tcp(FIN | ACK).seq(1).ack(1));
  peer.send(tcp(FIN | ACK).seq(1).ack(1));  // does not acknowledge ours
  peer.expect(tcp(ACK).seq(2).ack(2));
  EXPECT_EQ(peer.state(fd), TcpState::kClosing);
  peer.send(tcp(ACK).seq(2).ack(2));
  EXPECT_EQ(peer.state(fd), TcpState::kTimeWait);
}

TEST(TcpClose, FinThatAcknowledgesOursGoesStraightToTimeWait) {
  ScriptedPeer peer;
  const int fd = peer.established();
  peer.host->shutdown(fd, ShutdownHow::kWrite);
  peer.expect(tcp(FIN | ACK).seq(1));
  peer.send(tcp(FIN | ACK).seq(1).ack(2));
  peer.expect(tcp(ACK).seq(2).ack(2));
  EXPECT_EQ(peer.state(fd), TcpState::kTimeWait);
}

TEST(TcpClose, FinFollowsTheLastByteAndIsRetransmitted) {
  ScriptedPeer peer;
  const int fd = peer.established();
  EXPECT_EQ(peer.write(fd, pattern(2000)), "");
  peer.host->close(fd);
  peer.expect(tcp(ACK).seq(1).len(1460));
  peer.expect(tcp(ACK).seq(1461).len(540));
  peer.expect(tcp(FIN | ACK).seq(2001).len(0));
  peer.expect(tcp(ACK).seq(1).len(1460).within(2 * kSecond));
  peer.send(tcp(ACK).seq(1).ack(2001));
  peer.expect(tcp(FIN | ACK).seq(2001).len(0));
  peer.expect(tcp(FIN | ACK).seq(2001).len(0).within(5 * kSecond));
  peer.send(tcp(ACK).seq(1).ack(2002));
  peer.expect_nothing(20 * kSecond);
}

TEST(TcpClose, HalfCloseStillReceives) {
  TwoHosts hosts;
  hosts.connect();
  hosts.alice->shutdown(hosts.client, ShutdownHow::kWrite);
  hosts.simulation.run_for(kMillisecond);
  const auto bytes = pattern(5000);
  EXPECT_EQ(hosts.bob->write(hosts.server, bytes.data(), bytes.size()).value, 5000);
  hosts.simulation.run_for(100 * kMillisecond);
  std::vector<uint8_t> room(6000);
  EXPECT_EQ(hosts.alice->read(hosts.client, room.data(), room.size()).value, 5000);
  EXPECT_EQ(hosts.alice->write(hosts.client, bytes.data(), 1).error, Error::kBrokenPipe);
  EXPECT_EQ(hosts.bob->recv(hosts.server, room.data(), 10, kMessageDontWait).value, 0);
}

TEST(TcpClose, BothSidesEndWithoutAnythingLeft) {
  for (const bool alice_first : {true, false}) {
    TwoHosts hosts;
    hosts.connect();
    EXPECT_TRUE(hosts.transfer(pattern(10'000), kSecond));
    if (alice_first) hosts.alice->close(hosts.client); else hosts.bob->close(hosts.server);
    hosts.simulation.run_for(kMillisecond);
    if (alice_first) hosts.bob->close(hosts.server); else hosts.alice->close(hosts.client);
    hosts.simulation.run_for(61 * kSecond);
    EXPECT_EQ(hosts.alice.stack->tcp().connection_count(), 0u);
    EXPECT_EQ(hosts.bob.stack->tcp().connection_count(), 0u);
    EXPECT_EQ(hosts.alice.data->free_count(), hosts.alice.data->capacity());
    EXPECT_EQ(hosts.bob.device.receive_pool->free_count(), hosts.bob.device.receive_pool->capacity());
    EXPECT_EQ(hosts.alice.headers->free_count(), hosts.alice.headers->capacity());
  }
}

TEST(TcpClose, CloseWithUnreadDataResets) {  // RFC 2525 section 2.17
  ScriptedPeer peer;
  const int fd = peer.established();
  peer.send(tcp(ACK).seq(1).ack(1).len(100));
  peer.host->close(fd);
  peer.expect(tcp(RST | ACK).seq(1).ack(101));
  EXPECT_EQ(peer.host.stack->tcp().connection_count(), 0u);
}

TEST(TcpClose, DataAfterCloseResets) {
  ScriptedPeer peer;
  const int fd = peer.established();
  peer.host->close(fd);
  peer.expect(tcp(FIN | ACK).seq(1));
  peer.send(tcp(ACK).seq(1).ack(2).len(100));
  peer.expect(tcp(RST | ACK));
}

TEST(TcpClose, FinOutOfOrderWaitsForTheData) {
  ScriptedPeer peer;
  const int fd = peer.established();
  peer.send(tcp(FIN | ACK).seq(101).ack(1).len(50));
  peer.expect(tcp(ACK).ack(1));
  EXPECT_EQ(peer.state(fd), TcpState::kEstablished);
  peer.send(tcp(ACK).seq(1).ack(1).len(100));
  peer.expect(tcp(ACK).ack(152));
  EXPECT_EQ(peer.state(fd), TcpState::kCloseWait);
  EXPECT_EQ(peer.read_all(fd), 150);
  EXPECT_EQ(peer.read_all(fd), 0);
}

TEST(TcpClose, AbortAndCloseAreToldApart) {  // MUST-12
  ScriptedPeer one, two;
  const int a = one.established(), b = two.established();
  one.send(tcp(FIN | ACK).seq(1).ack(1));
  two.send(tcp(RST).seq(1));
  EXPECT_EQ(one.read_all(a), 0);
  EXPECT_EQ(two.read_all(b), -static_cast<int64_t>(Error::kReset));
  EXPECT_EQ(two.read_all(b), 0);  // told once
}

TEST(TcpClose, NewSynReopensOutOfTimeWait) {
  ScriptedPeer peer;
  const int fd = peer.established();
  peer.host->close(fd);
  peer.expect(tcp(FIN | ACK));
  peer.send(tcp(FIN | ACK).seq(1).ack(2));
  peer.expect(tcp(ACK));
  peer.send(tcp(SYN).seq(1000));
  peer.expect(tcp(SYN | ACK).ack(1001));
}

TEST(TcpClose, ListenerCloseResetsWhoWaits) {
  ScriptedPeer peer;
  peer.listener = static_cast<int>(peer.host->socket(SocketType::kStream).value);
  peer.host->bind(peer.listener, {{}, 80});
  peer.host->listen(peer.listener, 4);
  peer.send(tcp(SYN).seq(0));
  peer.expect(tcp(SYN | ACK));
  peer.send(tcp(ACK).seq(1).ack(1));
  peer.host->close(peer.listener);
  peer.expect(tcp(RST | ACK).seq(1).ack(1));
}

}  // namespace
}  // namespace ringside::testbench
