// Resets and blind attacks: RFC 9293 section 3.5.2, RFC 5961, ICMP errors (RFC 5927, MUST-54 to 56).
#include <gtest/gtest.h>

#include <algorithm>

#include "stack/checksum.h"
#include "stack/wire_bytes.h"
#include "testbench/stack/support/scripted_peer.h"

namespace ringside::testbench {
namespace {

// Brings a connection into each synchronised state that receives.
int in_state(ScriptedPeer& peer, TcpState state) {
  const int fd = peer.established();
  if (state == TcpState::kCloseWait) {
    peer.send(tcp(FIN | ACK).seq(1).ack(1));
    peer.expect(tcp(ACK).ack(2));
    return fd;
  }
  if (state == TcpState::kEstablished) return fd;
  peer.host->shutdown(fd, ShutdownHow::kWrite);
  peer.expect(tcp(FIN | ACK).seq(1));
  if (state == TcpState::kFinWait2) peer.send(tcp(ACK).seq(1).ack(2));
  return fd;
}

class TcpReset : public ::testing::TestWithParam<TcpState> {};

TEST_P(TcpReset, ExactInWindowAndOutside) {  // RFC 5961 section 3
  const uint32_t next = GetParam() == TcpState::kCloseWait ? 2 : 1;
  ScriptedPeer peer;
  const int fd = in_state(peer, GetParam());
  peer.send(tcp(RST).seq(next + 10'000'000));  // outside: silence
  peer.expect_nothing(10 * kMillisecond);
  EXPECT_EQ(peer.state(fd), GetParam());
  peer.send(tcp(RST).seq(next + 100));  // in the window: challenge
  peer.expect(tcp(ACK).ack(next).len(0));
  EXPECT_EQ(peer.state(fd), GetParam());
  peer.send(tcp(RST).seq(next));  // exact
  EXPECT_EQ(peer.state(fd), TcpState::kClosed);
}

TEST_P(TcpReset, SynIsChallenged) {  // RFC 5961 section 4
  ScriptedPeer peer;
  const int fd = in_state(peer, GetParam());
  const uint32_t next = GetParam() == TcpState::kCloseWait ? 2 : 1;
  for (const uint32_t seq : {next + 50, next + 10'000'000}) {
    peer.send(tcp(SYN).seq(seq));
    peer.expect(tcp(ACK).ack(next).len(0));
    EXPECT_EQ(peer.state(fd), GetParam());
  }
}

INSTANTIATE_TEST_SUITE_P(States, TcpReset, ::testing::Values(TcpState::kEstablished, TcpState::kFinWait1,
                                                             TcpState::kFinWait2, TcpState::kCloseWait));

TEST(TcpBlindData, AckOutsideTheRangeIsChallengedAndTheDataDropped) {  // RFC 5961 section 5
  ScriptedPeer peer;
  const int fd = peer.established();
  peer.send(tcp(ACK).seq(1).ack(1000).len(10));  // never sent
  peer.expect(tcp(ACK).ack(1));
  peer.send(tcp(ACK).seq(1).ack(1u - 200'000).len(10));  // older than any window
  peer.expect(tcp(ACK).ack(1));
  EXPECT_EQ(peer.read_all(fd), -static_cast<int64_t>(Error::kAgain));
  peer.send(tcp(ACK).seq(1).ack(1u - 1000).len(10));  // old, but possible
  EXPECT_EQ(peer.read_all(fd), 10);
}

TEST(TcpBlindData, ChallengesAreLimited) {  // RFC 5961 section 7
  ScriptedPeer peer;
  peer.established();
  for (int i = 0; i < 50; ++i) peer.send(tcp(RST).seq(100));
  EXPECT_EQ(peer.seen.size(), 10u);
  peer.seen.clear();
  peer.simulation.run_for(6 * kSecond);
  peer.send(tcp(RST).seq(100));
  EXPECT_EQ(peer.seen.size(), 1u);
}

TEST(TcpReset, ResetCountsAtZeroWindow) {  // MUST-66
  ScriptedPeer peer;
  const int fd = peer.established();
  peer.host->setsockopt(fd, SocketOption::kReceiveBuffer, 2048);
  uint32_t sent = 0;
  while (const uint32_t room = std::min(peer.tcb().rcv.promised(), 1460u)) {
    peer.send(tcp(ACK).seq(1 + sent).ack(1).len(room));
    sent += room;
  }
  peer.send(tcp(RST).seq(1 + sent));
  EXPECT_EQ(peer.state(fd), TcpState::kClosed);
}

TEST(TcpReset, AckCountsAtZeroWindow) {
  ScriptedPeer peer;
  const int fd = peer.established();
  EXPECT_EQ(peer.write(fd, pattern(100)), "");
  peer.host->setsockopt(fd, SocketOption::kReceiveBuffer, 2048);
  uint32_t sent = 0;
  while (const uint32_t room = std::min(peer.tcb().rcv.promised(), 1460u)) {
    peer.send(tcp(ACK).seq(1 + sent).ack(1).len(room));
    sent += room;
  }
  EXPECT_EQ(peer.tcb().snd.una.value - peer.host_isn, 1u);
  peer.send(tcp(ACK).seq(1 + sent).ack(101).len(10));  // the data is refused, the ACK is not
  EXPECT_EQ(peer.tcb().snd.una.value - peer.host_isn, 101u);
}

// An ICMP error that quotes the stack's own segment.
std::vector<uint8_t> icmp_about(const SeenSegment& segment, uint8_t type, uint8_t code, uint32_t rest) {
  std::vector<uint8_t> message(IcmpHeader::kBytes);
  write_icmp(message.data(), {type, code, rest});
  message.insert(message.end(), segment.frame.begin() + 14, segment.frame.begin() + 14 + 28);
  ChecksumSum sum;
  sum.add(message.data(), message.size());
  store_be16(message.data() + kIcmpChecksumOffset, sum.checksum());
  Ipv4Header ip;
  ip.protocol = kProtocolIcmp;
  ip.source = ipv4(10, 0, 0, 9);
  ip.destination = kAlice;
  return ethernet_frame(test_mac(1), test_mac(2), kEtherTypeIpv4, ipv4_packet(ip, message));
}

TEST(TcpIcmp, PortUnreachableRefusesAConnectSoftErrorsDoNot) {  // MUST-47, 54, 56
  ScriptedPeer peer;
  const int fd = static_cast<int>(peer.host->socket(SocketType::kStream).value);
  peer.host->connect(fd, {ScriptedPeer::kPeer, 5000});
  peer.expect(tcp(SYN));
  const SeenSegment syn = peer.last;
  for (const uint8_t code : {kNetUnreachable, kHostUnreachable, kSourceRouteFailed}) {
    peer.send_frame(icmp_about(syn, kIcmpUnreachable, code, 0));
  }
  peer.send_frame(icmp_about(syn, kIcmpTimeExceeded, 0, 0));
  peer.send_frame(icmp_about(syn, kIcmpParameterProblem, 0, 0));
  peer.send_frame(icmp_about(syn, kIcmpSourceQuench, 0, 0));
  EXPECT_EQ(peer.state(fd), TcpState::kSynSent);
  peer.send_frame(icmp_about(syn, kIcmpUnreachable, kPortUnreachable, 0));
  EXPECT_EQ(peer.host->connect(fd, {ScriptedPeer::kPeer, 5000}), Error::kRefused);
}

TEST(TcpIcmp, FragmentationNeededShortensSegmentsIfTheNumberIsInFlight) {  // RFC 1191, RFC 5927
  ScriptedPeer peer;
  const int fd = peer.established();
  EXPECT_EQ(peer.write(fd, pattern(1460)), "");
  peer.expect(tcp(ACK).len(1460));
  SeenSegment forged = peer.last;
  store_be32(forged.frame.data() + 14 + 20 + 4, peer.host_isn + 500'000);
  peer.send_frame(icmp_about(forged, kIcmpUnreachable, kFragmentationNeeded, 1000));
  peer.expect_nothing(10 * kMillisecond);
  peer.send_frame(icmp_about(peer.last, kIcmpUnreachable, kFragmentationNeeded, 1000));
  peer.expect(tcp(ACK).seq(1).len(960));
  EXPECT_EQ(peer.tcb().effective_mss(), 960u);
}

TEST(TcpAddress, SegmentsFromOrToWhatIsNoHostAreDropped) {  // MUST-57, MUST-63
  ScriptedPeer peer;
  const int listener = static_cast<int>(peer.host->socket(SocketType::kStream).value);
  peer.host->bind(listener, {{}, 80});
  peer.host->listen(listener, 4);
  for (const Ipv4Address bad :
       {ipv4(255, 255, 255, 255), ipv4(224, 0, 0, 5), ipv4(10, 0, 0, 255), ipv4(0, 0, 0, 0), ipv4(127, 0, 0, 1)}) {
    peer.peer_address = bad;
    peer.send(tcp(SYN).seq(0));
  }
  peer.expect_nothing(kSecond);
  EXPECT_EQ(peer.host.stack->tcp().connection_count(), 0u);
}

}  // namespace
}  // namespace ringside::testbench
