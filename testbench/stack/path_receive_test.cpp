// One test per receiving step of a packet's path that happens in the stack, R8 to R12. Each fails when its step is
// broken. The places in the code are marked "Path step ...".
#include <gtest/gtest.h>

#include <algorithm>

#include "stack/checksum.h"
#include "stack/wire_bytes.h"
#include "testbench/stack/support/scripted_peer.h"

namespace ringside::testbench {
namespace {

constexpr uint32_t kMss = 1460;

TEST(PathStep, R8_FramesAreCheckedDemultiplexedAndStripped) {
  ScriptedPeer peer;
  Ipv4Header header;
  header.protocol = kProtocolUdp;
  header.source = kBob;
  header.destination = kAlice;
  const auto packet = ipv4_packet(header, std::vector<uint8_t>(20));
  peer.send_frame(ethernet_frame(test_mac(1), test_mac(2), kEtherTypeIpv4, packet));
  peer.send_frame(ethernet_frame(kBroadcastMac, test_mac(2), kEtherTypeIpv4, packet));
  peer.send_frame(ethernet_frame(test_mac(8), test_mac(2), kEtherTypeIpv4, packet));  // not ours
  peer.send_frame(ethernet_frame(test_mac(1), test_mac(2), 0x1234, packet));          // not known
  EXPECT_EQ(peer.host.stack->ip().counters().received, 2u);
  EXPECT_EQ(peer.host.stack->ip().counters().drop_header, 0u);  // the header really is off
  EXPECT_EQ(peer.host.interface->counters().drop_wrong_mac, 1u);
  EXPECT_EQ(peer.host.interface->counters().drop_unknown_type, 1u);
}

// Delivers one TCP segment with chosen verdicts; true when its payload arrived.
bool arrives(RxVerdict ip_verdict, RxVerdict l4_verdict, bool damage_ip, bool damage_l4) {
  ScriptedPeer peer;
  const int fd = peer.established();
  std::vector<uint8_t> frame;
  OwnedPool pool(4, 2048);
  // Build the frame by letting the peer send into a closed link.
  std::vector<uint8_t> bytes(20 + 10);
  TcpHeader header;
  header.source_port = ScriptedPeer::kPeerPort;
  header.destination_port = ScriptedPeer::kHostPort;
  header.seq = Seq{peer.peer_isn + 1};
  header.ack = Seq{peer.host_isn + 1};
  header.flags = kTcpAck;
  header.window = 1000;
  write_tcp(bytes.data(), header);
  ChecksumSum sum;
  sum.add_pseudo_header(kBob, kAlice, kProtocolTcp, static_cast<uint16_t>(bytes.size()));
  sum.add(bytes.data(), bytes.size());
  store_be16(bytes.data() + 16, static_cast<uint16_t>(sum.checksum() ^ (damage_l4 ? 0x55 : 0)));
  Ipv4Header ip;
  ip.protocol = kProtocolTcp;
  ip.source = kBob;
  ip.destination = kAlice;
  frame = ethernet_frame(test_mac(1), test_mac(2), kEtherTypeIpv4, ipv4_packet(ip, bytes));
  if (damage_ip) frame[14 + 10] ^= 1;
  Packet packet = Packet::with_headroom(pool->allocate(), 0);
  std::copy(frame.begin(), frame.end(), packet.append(static_cast<uint32_t>(frame.size())));
  packet.meta.ip_verdict = ip_verdict;
  packet.meta.l4_verdict = l4_verdict;
  static_cast<NetDeviceClient*>(peer.host.interface)->receive(std::move(packet));
  const bool came = peer.read_all(fd) == 10;
  peer.host->close(fd);
  return came;
}

TEST(PathStep, R9_IpChecksumIsJudgedBySoftwareOrByTheNicsVerdict) {
  constexpr auto kNot = RxVerdict::kNotChecked, kGood = RxVerdict::kGood, kBad = RxVerdict::kBad;
  EXPECT_TRUE(arrives(kNot, kNot, false, false));
  EXPECT_FALSE(arrives(kNot, kNot, true, false));
  EXPECT_TRUE(arrives(kGood, kNot, true, false));
  EXPECT_FALSE(arrives(kBad, kNot, false, false));
}

TEST(PathStep, R9_LocalPacketsAreDeliveredByProtocolOthersForwarded) {
  HostOptions options;
  options.stack.ip.forwarding = true;
  ScriptedPeer peer(options);
  peer.host.stack->add_route({ipv4(192, 168, 0, 0), 16}, kBob, *peer.host.interface);
  Ipv4Header header;
  header.protocol = kProtocolUdp;
  header.source = kBob;
  header.destination = ipv4(192, 168, 3, 3);
  peer.send_frame(
      ethernet_frame(test_mac(1), test_mac(2), kEtherTypeIpv4, ipv4_packet(header, std::vector<uint8_t>(30, 7))));
  peer.simulation.run_for(kMillisecond);
  ASSERT_EQ(peer.other_frames.size(), 1u);
  EXPECT_EQ(peer.other_frames[0][14 + 8], 63);  // TTL
  EXPECT_TRUE(ipv4_checksum_good(peer.other_frames[0].data() + 14, 20));
  EXPECT_EQ(peer.host.stack->udp().counters().received, 0u);
  header.destination = kAlice;
  peer.send_frame(
      ethernet_frame(test_mac(1), test_mac(2), kEtherTypeIpv4, ipv4_packet(header, std::vector<uint8_t>(30, 7))));
  EXPECT_EQ(peer.host.stack->udp().counters().received, 1u);
}

TEST(PathStep, R10_TcpChecksumIsJudgedBySoftwareOrByTheNicsVerdict) {
  constexpr auto kNot = RxVerdict::kNotChecked, kGood = RxVerdict::kGood, kBad = RxVerdict::kBad;
  EXPECT_FALSE(arrives(kNot, kNot, false, true));
  EXPECT_TRUE(arrives(kNot, kGood, false, true));
  EXPECT_FALSE(arrives(kNot, kBad, false, false));
}

TEST(PathStep, R10_TheFourTupleChoosesTheControlBlock) {
  ScriptedPeer peer;
  const int first = peer.established();
  peer.peer_port = 6000;
  peer.send(tcp(ACK).seq(1).ack(1).len(50));  // same numbers, other port: nobody's
  peer.expect(tcp(RST));
  EXPECT_EQ(peer.read_all(first), -static_cast<int64_t>(Error::kAgain));
  peer.peer_port = ScriptedPeer::kPeerPort;
  peer.send(tcp(ACK).seq(1).ack(1).len(50));
  EXPECT_EQ(peer.read_all(first), 50);
}

TEST(PathStep, R11_TheWindowIsTheFreeReceiveBuffer) {
  ScriptedPeer peer;
  const int fd = peer.established();
  peer.host->setsockopt(fd, SocketOption::kReceiveBuffer, 65535 + 20 * kMss);
  for (uint32_t i = 0; i < 30; ++i) peer.send(tcp(ACK).seq(1 + i * kMss).ack(1).len(kMss));
  peer.simulation.run_for(kSecond);
  ASSERT_FALSE(peer.seen.empty());
  EXPECT_EQ(peer.seen.back().header.window, 65535 + 20 * kMss - 30 * kMss);
}

TEST(PathStep, R11_TheBufferTunesItselfToThePath) {
  TwoHosts hosts({}, 10'000'000'000, 2 * kMillisecond);
  hosts.connect();
  const uint32_t before = hosts.connection(hosts.bob).rcv.limit();
  EXPECT_TRUE(hosts.transfer(pattern(32 << 20), 10 * kSecond));
  EXPECT_GT(hosts.connection(hosts.bob).rcv.limit(), 3 * before);
}

TEST(PathStep, R12_ReadCopiesRemovesAndOpensTheWindow) {
  ScriptedPeer peer;
  const int fd = peer.established();
  peer.host->setsockopt(fd, SocketOption::kReceiveBuffer, 10 * kMss);
  const uint32_t first_window = peer.tcb().rcv.promised();
  const auto bytes = pattern(first_window);
  for (uint32_t at = 0; at < first_window;) {
    const uint32_t part = std::min(kMss, first_window - at);
    peer.send(tcp(ACK).seq(1 + at).ack(1).data({bytes.begin() + at, bytes.begin() + at + part}));
    at += part;
  }
  peer.simulation.run_for(kSecond);
  EXPECT_EQ(peer.seen.back().header.window, 0);
  peer.seen.clear();
  std::vector<uint8_t> got(100);
  EXPECT_EQ(peer.host->recv(fd, got.data(), 100, kMessagePeek | kMessageDontWait).value, 100);
  EXPECT_EQ(peer.host->recv(fd, got.data(), 100, kMessageDontWait).value, 100);
  EXPECT_TRUE(std::equal(got.begin(), got.end(), bytes.begin()));
  std::vector<uint8_t> rest;
  EXPECT_EQ(peer.read_all(fd, &rest), static_cast<int64_t>(first_window) - 100);
  EXPECT_TRUE(std::equal(rest.begin(), rest.end(), bytes.begin() + 100));
  peer.expect(tcp(ACK).ack(1 + first_window).win(10 * kMss).len(0));  // the window update
  EXPECT_EQ(peer.host.device.receive_pool->free_count(), peer.host.device.receive_pool->capacity());
}

}  // namespace
}  // namespace ringside::testbench
