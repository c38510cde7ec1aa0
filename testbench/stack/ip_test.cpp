// IPv4: fragments, reassembly, routes, forwarding by a host in the middle; ICMP echo and errors.
#include <gtest/gtest.h>

#include <algorithm>

#include "stack/checksum.h"
#include "stack/wire_bytes.h"
#include "testbench/stack/support/scripted_peer.h"

namespace ringside::testbench {
namespace {

Ipv4Header header_to_alice(uint8_t protocol, uint16_t id = 1) {
  Ipv4Header header;
  header.protocol = protocol;
  header.identification = id;
  header.source = kBob;
  header.destination = kAlice;
  return header;
}

std::vector<uint8_t> frame_to_alice(const Ipv4Header& header, const std::vector<uint8_t>& payload) {
  return ethernet_frame(test_mac(1), test_mac(2), kEtherTypeIpv4, ipv4_packet(header, payload));
}

// A whole UDP datagram's bytes behind the IP header, without checksum.
std::vector<uint8_t> udp_bytes(uint16_t port, const std::vector<uint8_t>& payload) {
  std::vector<uint8_t> bytes(UdpHeader::kBytes);
  write_udp(bytes.data(), {9, port, static_cast<uint16_t>(8 + payload.size()), 0});
  bytes.insert(bytes.end(), payload.begin(), payload.end());
  return bytes;
}

struct Receiver {
  explicit Receiver(uint16_t port = 53) : peer() {
    fd = static_cast<int>(peer.host->socket(SocketType::kDatagram).value);
    EXPECT_EQ(peer.host->bind(fd, {{}, port}), Error::kOk);
  }
  void fragment(const std::vector<uint8_t>& whole, uint32_t first, uint32_t end, uint16_t id = 1) {
    Ipv4Header header = header_to_alice(kProtocolUdp, id);
    header.fragment_offset = static_cast<uint16_t>(first);
    header.more_fragments = end < whole.size();
    peer.send_frame(frame_to_alice(header, {whole.begin() + first, whole.begin() + end}));
  }
  std::vector<uint8_t> receive() {
    std::vector<uint8_t> room(70'000);
    const Result result = peer.host->recv(fd, room.data(), room.size(), kMessageDontWait);
    room.resize(result.ok() ? static_cast<size_t>(result.value) : 0);
    return room;
  }
  const ReassemblyCounters& counters() { return peer.host.stack->ip().reassembly().counters(); }
  ScriptedPeer peer;
  int fd = -1;
};

TEST(IpReassembly, AnyOrderGivesTheDatagram) {
  const auto payload = pattern(4000);
  const auto whole = udp_bytes(53, payload);
  std::vector<uint32_t> order = {0, 1, 2, 3, 4, 5, 6, 7};
  for (int round = 0; round < 50; ++round) {
    Receiver receiver;
    Random random(static_cast<uint64_t>(round) + 1);
    for (size_t i = order.size() - 1; i > 0; --i)
      std::swap(order[i], order[random.below(static_cast<uint32_t>(i) + 1)]);
    for (const uint32_t i : order) receiver.fragment(whole, i * 504, std::min<uint32_t>((i + 1) * 504, 4008));
    ASSERT_EQ(receiver.receive(), payload) << round;
  }
}

TEST(IpReassembly, SixtyFourKilobytes) {
  Receiver receiver;
  const auto payload = pattern(65'507);
  const auto whole = udp_bytes(53, payload);
  for (uint32_t at = 0; at < whole.size(); at += 1480) {
    receiver.fragment(whole, at, std::min<uint32_t>(at + 1480, static_cast<uint32_t>(whole.size())));
  }
  EXPECT_EQ(receiver.receive(), payload);
  EXPECT_EQ(receiver.peer.host.stack->ip().reassembly().held_bytes(), 0u);
}

TEST(IpReassembly, DuplicatesCountOverlapsDropTheDatagram) {
  Receiver receiver;
  const auto payload = pattern(1000);
  const auto whole = udp_bytes(53, payload);
  receiver.fragment(whole, 0, 504);
  receiver.fragment(whole, 0, 504);
  receiver.fragment(whole, 504, 1008);
  EXPECT_EQ(receiver.receive(), payload);
  EXPECT_EQ(receiver.counters().duplicate, 1u);
  receiver.fragment(whole, 0, 504, 2);
  receiver.fragment(whole, 496, 1008, 2);
  EXPECT_TRUE(receiver.receive().empty());
  EXPECT_EQ(receiver.counters().drop_overlap, 1u);
  EXPECT_EQ(receiver.peer.host.stack->ip().reassembly().datagram_count(), 0u);
}

TEST(IpReassembly, TimesOutWithAnIcmpErrorOnlyIfTheFirstFragmentCame) {
  Receiver receiver;
  receiver.peer.send(tcp(SYN).seq(0));  // resolves the peer's address
  receiver.peer.simulation.run_for(kMillisecond);
  const auto whole = udp_bytes(53, pattern(1000));
  receiver.fragment(whole, 504, 1008, 1);
  receiver.fragment(whole, 0, 504, 2);
  receiver.peer.simulation.run_for(31 * kSecond);
  EXPECT_EQ(receiver.counters().drop_timeout, 2u);
  ASSERT_EQ(receiver.peer.other_frames.size(), 1u);
  EXPECT_EQ(receiver.peer.other_frames[0][34], kIcmpTimeExceeded);
  EXPECT_EQ(receiver.peer.other_frames[0][35], kReassemblyTimeExceeded);
  EXPECT_EQ(receiver.peer.host.device.receive_pool->free_count(), receiver.peer.host.device.receive_pool->capacity());
}

TEST(IpReassembly, IsBounded) {
  Receiver receiver;
  const auto whole = udp_bytes(53, pattern(1000));
  for (uint16_t id = 1; id <= 100; ++id) receiver.fragment(whole, 0, 504, id);
  EXPECT_EQ(receiver.peer.host.stack->ip().reassembly().datagram_count(), 32u);
  EXPECT_EQ(receiver.counters().drop_evicted, 68u);
}

TEST(IpReceive, EveryReasonToDropIsCounted) {
  ScriptedPeer peer;
  const auto good = frame_to_alice(header_to_alice(kProtocolUdp), udp_bytes(1, {1, 2, 3}));
  auto bad_sum = good;
  bad_sum[14 + 10] ^= 1;
  peer.send_frame(bad_sum);
  auto bad_version = good;
  bad_version[14] = 0x65;
  peer.send_frame(bad_version);
  auto not_ours = good;
  store_be32(not_ours.data() + 14 + 16, ipv4(10, 0, 0, 99).value);
  store_be16(not_ours.data() + 14 + 10, 0);
  ChecksumSum sum;
  sum.add(not_ours.data() + 14, 20);
  store_be16(not_ours.data() + 14 + 10, sum.checksum());
  peer.send_frame(not_ours);
  peer.send_frame(frame_to_alice(header_to_alice(200), {1}));
  Ipv4Header martian = header_to_alice(kProtocolUdp);
  martian.source = ipv4(10, 0, 0, 255);
  peer.send_frame(frame_to_alice(martian, {1}));
  peer.send_frame({1, 2, 3});
  peer.send_frame(ethernet_frame(test_mac(7), test_mac(2), kEtherTypeIpv4, {1}));
  peer.send_frame(ethernet_frame(test_mac(1), test_mac(2), 0x86DD, {1}));
  const Ipv4Counters& ip = peer.host.stack->ip().counters();
  EXPECT_EQ(ip.drop_checksum, 1u);
  EXPECT_EQ(ip.drop_header, 1u);
  EXPECT_EQ(ip.drop_not_local, 1u);
  EXPECT_EQ(ip.drop_protocol, 1u);
  EXPECT_EQ(ip.drop_source, 1u);
  const InterfaceCounters& link = peer.host.interface->counters();
  EXPECT_EQ(link.drop_runt, 1u);
  EXPECT_EQ(link.drop_wrong_mac, 1u);
  EXPECT_EQ(link.drop_unknown_type, 1u);
}

TEST(IpReceive, OptionsOfEveryLengthAreSkipped) {  // MUST-50
  Receiver receiver;
  for (uint32_t words = 5; words <= 15; ++words) {
    auto packet = ipv4_packet(header_to_alice(kProtocolUdp), udp_bytes(53, {7, 8, 9}));
    packet.insert(packet.begin() + 20, (words - 5) * 4, 1);
    packet[0] = static_cast<uint8_t>(0x40 | words);
    store_be16(packet.data() + 2, static_cast<uint16_t>(packet.size()));
    store_be16(packet.data() + 10, 0);
    ChecksumSum sum;
    sum.add(packet.data(), words * 4);
    store_be16(packet.data() + 10, sum.checksum());
    receiver.peer.send_frame(ethernet_frame(test_mac(1), test_mac(2), kEtherTypeIpv4, packet));
    EXPECT_EQ(receiver.receive(), (std::vector<uint8_t>{7, 8, 9})) << words;
  }
}

TEST(IpReceive, PacketsSplitAnywhereAreUnderstood) {
  const auto frame = frame_to_alice(header_to_alice(kProtocolUdp), udp_bytes(53, pattern(40)));
  const uint32_t total = static_cast<uint32_t>(frame.size());
  for (uint32_t cut = EthernetHeader::kBytes; cut < total; ++cut) {  // the Ethernet header itself comes in one piece
    Receiver receiver;
    OwnedPool pool(3, 128);
    Packet packet;
    for (uint32_t at = 0; at < total;) {
      const uint32_t part = packet.fragment_count() == 2 ? total - at : std::min(cut, total - at);
      BufferRef buffer = pool->allocate();
      std::copy(frame.begin() + at, frame.begin() + at + part, buffer.data());
      packet.add_fragment(std::move(buffer), 0, part);
      at += part;
    }
    static_cast<NetDeviceClient*>(receiver.peer.host.interface)->receive(std::move(packet));
    EXPECT_EQ(receiver.receive(), pattern(40)) << cut;
  }
}

TEST(IpRoutes, LongestPrefixWinsAndOrderHoldsAmongEquals) {
  RouteTable table;
  table.add({{{}, 0}, ipv4(10, 0, 0, 1), 1});
  table.add({{ipv4(10, 1, 0, 0), 16}, ipv4(10, 0, 0, 2), 1});
  table.add({{ipv4(10, 1, 2, 0), 24}, ipv4(10, 0, 0, 3), 1});
  table.add({{ipv4(10, 1, 2, 0), 24}, ipv4(10, 0, 0, 4), 1});
  EXPECT_EQ(table.lookup(ipv4(10, 1, 2, 3))->gateway, ipv4(10, 0, 0, 3));
  EXPECT_EQ(table.lookup(ipv4(10, 1, 3, 3))->gateway, ipv4(10, 0, 0, 2));
  EXPECT_EQ(table.lookup(ipv4(8, 8, 8, 8))->gateway, ipv4(10, 0, 0, 1));
  EXPECT_TRUE(table.remove({{}, 0}));
  EXPECT_EQ(table.lookup(ipv4(8, 8, 8, 8)), nullptr);
}

// Alice 10.0.0.1 - 10.0.0.254 router 10.0.1.254 - 10.0.1.2 Carol, the second link with a smaller MTU.
struct Routed {
  explicit Routed(uint32_t far_mtu = 1500)
      : near_wire(simulation, 10'000'000'000, 1000, 1),
        far_wire(simulation, 10'000'000'000, 1000, 2),
        second(simulation, test_mac(4), far_mtu, {false, false, 18, 0}),
        alice(simulation, {}, 1, kAlice),
        router(simulation, router_options(), 3, ipv4(10, 0, 0, 254)),
        carol(simulation, host_options(far_mtu), 5, kCarol) {
    near_wire.connect(&alice.device, 0);
    near_wire.connect(&router.device, 1);
    InterfaceConfig config;
    config.addresses = {{ipv4(10, 0, 1, 254), 24}};
    router.stack->attach(second, config);
    far_wire.connect(&second, 0);
    far_wire.connect(&carol.device, 1);
    alice.stack->add_route({{}, 0}, ipv4(10, 0, 0, 254), *alice.interface);
    carol.stack->add_route({{}, 0}, ipv4(10, 0, 1, 254), *carol.interface);
  }
  static HostOptions router_options() {
    HostOptions options;
    options.stack.ip.forwarding = true;
    return options;
  }
  static HostOptions host_options(uint32_t mtu) {
    HostOptions options;
    options.mtu = mtu;
    return options;
  }
  static constexpr Ipv4Address kCarol = ipv4(10, 0, 1, 2);
  Simulation simulation;
  Wire near_wire, far_wire;
  WireDevice second;  // outlives the router's stack
  TestHost alice, router, carol;
};

TEST(IpForward, MiddleHostCarriesEchoAndCountsTtlDown) {
  Routed net;
  uint8_t ttl = 0;
  net.alice.stack->icmp().on_echo_reply([&](const EchoReply& reply) { ttl = reply.ttl; });
  net.alice.stack->ping(Routed::kCarol, 1, 1, 500);
  net.simulation.run_for(10 * kMillisecond);
  EXPECT_EQ(ttl, 63);
  EXPECT_EQ(net.router.stack->ip().counters().forwarded, 2u);
}

TEST(IpForward, FragmentsOnTheWayUnlessForbidden) {
  Routed net(600);
  const int to = static_cast<int>(net.carol->socket(SocketType::kDatagram).value);
  net.carol->bind(to, {{}, 53});
  const int from = static_cast<int>(net.alice->socket(SocketType::kDatagram).value);
  const auto bytes = pattern(1400);
  EXPECT_TRUE(net.alice->sendto(from, bytes.data(), bytes.size(), 0, {Routed::kCarol, 53}).ok());
  net.simulation.run_for(10 * kMillisecond);
  std::vector<uint8_t> room(2000);
  ASSERT_EQ(net.carol->recv(to, room.data(), room.size(), 0).value, 1400);
  EXPECT_TRUE(std::equal(bytes.begin(), bytes.end(), room.begin()));
  EXPECT_EQ(net.router.stack->ip().counters().fragments_sent, 3u);
}

TEST(IpForward, TcpFindsThePathMtu) {  // RFC 1191: fragmentation needed comes back, segments shrink
  Routed net(600);
  const int listener = static_cast<int>(net.carol->socket(SocketType::kStream).value);
  net.carol->bind(listener, {{}, 80});
  net.carol->listen(listener, 1);
  const int from = static_cast<int>(net.alice->socket(SocketType::kStream).value);
  net.alice->connect(from, {Routed::kCarol, 80});
  net.simulation.run_for(10 * kMillisecond);
  const int to = static_cast<int>(net.carol->accept(listener).value);
  const auto bytes = pattern(20'000);
  // Carol's own MSS already says 560; widen it to make Alice send what does not fit.
  const_cast<TcpConnection*>(net.alice.stack->tcp().snapshot().at(0))->snd.mss = 1460;
  EXPECT_EQ(net.alice->write(from, bytes.data(), bytes.size()).value, 20'000);
  net.simulation.run_for(kSecond);
  std::vector<uint8_t> room(30'000);
  EXPECT_EQ(net.carol->read(to, room.data(), room.size()).value, 20'000);
  EXPECT_GT(net.router.stack->ip().counters().drop_too_big, 0u);
  EXPECT_EQ(net.alice.stack->tcp().counters().timeouts, 0u);
}

TEST(IpForward, ExpiredTtlAndNoRouteComeBackAsErrors) {
  Routed net;
  const int fd = static_cast<int>(net.alice->socket(SocketType::kDatagram).value);
  net.alice->setsockopt(fd, SocketOption::kTtl, 1);
  const uint8_t byte = 1;
  net.alice->sendto(fd, &byte, 1, 0, {Routed::kCarol, 53});
  net.simulation.run_for(10 * kMillisecond);
  EXPECT_EQ(net.router.stack->ip().counters().drop_ttl, 1u);
  EXPECT_EQ(net.alice.stack->icmp().counters().errors_received, 1u);
  net.alice->setsockopt(fd, SocketOption::kTtl, 64);
  net.alice->sendto(fd, &byte, 1, 0, {ipv4(192, 168, 7, 7), 53});
  net.simulation.run_for(10 * kMillisecond);
  EXPECT_EQ(net.router.stack->ip().counters().drop_no_route, 1u);
  EXPECT_EQ(net.alice.stack->icmp().counters().errors_received, 2u);
}

TEST(IpForward, AHostThatIsNoRouterDropsWhatIsNotItsOwn) {
  TwoHosts hosts;
  hosts.alice.stack->add_route({{}, 0}, kBob, *hosts.alice.interface);
  hosts.alice.stack->ping(ipv4(192, 168, 0, 1), 1, 1, 0);
  hosts.simulation.run_for(kMillisecond);
  EXPECT_EQ(hosts.bob.stack->ip().counters().drop_not_local, 1u);
}

TEST(Icmp, EchoComesBackWithItsBytesAtEverySize) {
  TwoHosts hosts;
  std::vector<uint32_t> sizes;
  hosts.alice.stack->icmp().on_echo_reply([&](const EchoReply& reply) {
    EXPECT_EQ(reply.identifier, 77);
    sizes.push_back(reply.bytes);
  });
  for (const uint32_t size : {0u, 1u, 56u, 1472u, 1473u, 30'000u, 60'000u}) {
    EXPECT_TRUE(hosts.alice.stack->ping(kBob, 77, 1, size));
    hosts.simulation.run_for(10 * kMillisecond);
    ASSERT_FALSE(sizes.empty());
    EXPECT_EQ(sizes.back(), size);
  }
  EXPECT_EQ(hosts.bob.stack->icmp().counters().echo_replies_sent, 7u);
}

TEST(Icmp, DamagedAndShortMessagesAreDropped) {
  ScriptedPeer peer;
  peer.send_frame(frame_to_alice(header_to_alice(kProtocolIcmp), {8, 0, 0, 0, 0, 0, 0, 0}));
  peer.send_frame(frame_to_alice(header_to_alice(kProtocolIcmp), {8, 0, 0xF7}));
  EXPECT_EQ(peer.host.stack->icmp().counters().drop_checksum, 1u);
  EXPECT_EQ(peer.host.stack->icmp().counters().drop_short, 1u);
}

TEST(Icmp, ErrorsAreRateLimitedAndNeverAnswerErrors) {
  ScriptedPeer peer;
  for (int i = 0; i < 300; ++i) peer.send_frame(frame_to_alice(header_to_alice(kProtocolUdp), udp_bytes(9999, {1})));
  EXPECT_EQ(peer.host.stack->icmp().counters().errors_sent, 100u);
  EXPECT_EQ(peer.host.stack->icmp().counters().drop_rate_limited, 200u);
}

}  // namespace
}  // namespace ringside::testbench
