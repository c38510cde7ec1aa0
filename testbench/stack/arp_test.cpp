// ARP: RFC 826, RFC 1122 section 2.3.2.
#include <gtest/gtest.h>

#include <algorithm>

#include "testbench/stack/support/scripted_peer.h"

namespace ringside::testbench {
namespace {

std::vector<uint8_t> arp_frame(const ArpPacket& packet, const MacAddress& to) {
  std::vector<uint8_t> bytes(ArpPacket::kBytes);
  write_arp(bytes.data(), packet);
  return ethernet_frame(to, packet.sender_mac, kEtherTypeArp, bytes);
}

// A host whose frames are collected instead of sent.
struct LoneHost {
  LoneHost() : host(simulation, {}, 1, kAlice) {
    host.device.on_transmit = [this](const Packet& packet) { frames.push_back(to_frame(packet)); };
  }
  size_t arp_requests() const {
    return static_cast<size_t>(std::count_if(frames.begin(), frames.end(), [](const std::vector<uint8_t>& f) {
      const auto arp = f[12] == 8 && f[13] == 6 ? parse_arp(f.data() + 14, 28) : std::nullopt;
      return arp && arp->operation == kArpRequest;
    }));
  }
  size_t ip_packets() const {
    return static_cast<size_t>(
        std::count_if(frames.begin(), frames.end(), [](const auto& f) { return f[12] == 8 && f[13] == 0; }));
  }
  Simulation simulation;
  TestHost host;
  std::vector<std::vector<uint8_t>> frames;
};

TEST(Arp, PacketsWaitBoundedAndGoOutWhenTheAnswerComes) {
  LoneHost lone;
  for (uint16_t i = 0; i < 20; ++i) lone.host.stack->ping(kBob, 1, i, 0);
  EXPECT_EQ(lone.arp_requests(), 1u);  // one question for all of them
  EXPECT_EQ(lone.ip_packets(), 0u);
  EXPECT_EQ(lone.host.interface->arp().counters().drop_waiting_full, 4u);  // the oldest four
  lone.host.device.deliver(arp_frame({kArpReply, test_mac(2), kBob, test_mac(1), kAlice}, test_mac(1)));
  EXPECT_EQ(lone.ip_packets(), 16u);
  EXPECT_EQ(lone.frames[1][5], 2);               // to Bob's MAC
  EXPECT_EQ(lone.frames[1][14 + 20 + 7], 4);     // sequence 4 is the oldest left
}

TEST(Arp, AsksThreeTimesASecondApartThenGivesUp) {
  LoneHost lone;
  lone.host.stack->ping(kBob, 1, 1, 0);
  lone.simulation.run_for(999 * kMillisecond);
  EXPECT_EQ(lone.arp_requests(), 1u);
  lone.simulation.run_for(kMillisecond);
  EXPECT_EQ(lone.arp_requests(), 2u);
  lone.simulation.run_for(10 * kSecond);
  EXPECT_EQ(lone.arp_requests(), 3u);
  EXPECT_EQ(lone.host.interface->arp().counters().drop_unresolved, 1u);
  EXPECT_EQ(lone.host.interface->arp().entry_count(), 0u);
  EXPECT_EQ(lone.host.stack->next_deadline_ns(), kNever);  // nothing keeps a quiet host awake
}

TEST(Arp, UnresolvedHostFailsAConnectInTheEnd) {
  LoneHost lone;
  const int fd = static_cast<int>(lone.host->socket(SocketType::kStream).value);
  lone.host->connect(fd, {kBob, 80});
  lone.simulation.run_for(300 * kSecond);
  EXPECT_EQ(lone.host->connect(fd, {kBob, 80}), Error::kHostUnreachable);
}

TEST(Arp, AnswersForItsOwnAddressOnlyAndLearnsFromTheQuestion) {
  LoneHost lone;
  lone.host.device.deliver(arp_frame({kArpRequest, test_mac(2), kBob, {}, ipv4(10, 0, 0, 77)}, kBroadcastMac));
  EXPECT_TRUE(lone.frames.empty());
  lone.host.device.deliver(arp_frame({kArpRequest, test_mac(2), kBob, {}, kAlice}, kBroadcastMac));
  ASSERT_EQ(lone.frames.size(), 1u);
  const auto reply = parse_arp(lone.frames[0].data() + 14, 28);
  EXPECT_EQ(reply->operation, kArpReply);
  EXPECT_EQ(reply->sender_mac, test_mac(1));
  EXPECT_EQ(reply->target, kBob);
  ASSERT_NE(lone.host.interface->arp().lookup(kBob), nullptr);
  lone.host.stack->ping(kBob, 1, 1, 0);
  EXPECT_EQ(lone.arp_requests(), 0u);
}

TEST(Arp, EntriesAgeStaleOnesAreAskedByUnicastWhileTrafficFlows) {
  LoneHost lone;
  lone.host.device.deliver(arp_frame({kArpRequest, test_mac(2), kBob, {}, kAlice}, kBroadcastMac));
  lone.frames.clear();
  lone.simulation.run_for(61 * kSecond);
  lone.host.stack->ping(kBob, 1, 1, 0);
  lone.host.stack->ping(kBob, 1, 2, 0);
  EXPECT_EQ(lone.ip_packets(), 2u);
  ASSERT_EQ(lone.arp_requests(), 1u);
  EXPECT_EQ(lone.frames[0][5], 2);  // unicast
  lone.simulation.run_for(600 * kSecond);
  EXPECT_EQ(lone.host.interface->arp().entry_count(), 0u);
}

TEST(Arp, MalformedAndForgedPacketsAreCounted) {
  LoneHost lone;
  auto frame = arp_frame({kArpRequest, test_mac(2), kBob, {}, kAlice}, kBroadcastMac);
  frame.resize(14 + 27);
  lone.host.device.deliver(frame);
  lone.host.device.deliver(arp_frame({kArpRequest, kBroadcastMac, kBob, {}, kAlice}, kBroadcastMac));
  lone.host.device.deliver(
      arp_frame({kArpReply, test_mac(9), kAlice, test_mac(1), kAlice}, test_mac(1)));  // our own address
  const ArpCounters& counters = lone.host.interface->arp().counters();
  EXPECT_EQ(counters.drop_malformed, 1u);
  EXPECT_EQ(counters.drop_bad_sender, 1u);
  EXPECT_EQ(lone.host.interface->arp().entry_count(), 0u);
}

TEST(Arp, TableIsBoundedAndStaticEntriesStay) {
  LoneHost lone;
  lone.host.interface->arp().add_static(kBob, test_mac(2));
  for (uint32_t i = 0; i < 300; ++i) {
    lone.host.device.deliver(
        arp_frame({kArpRequest, test_mac(3), Ipv4Address{ipv4(10, 0, 1, 0).value + i}, {}, kAlice}, kBroadcastMac));
  }
  EXPECT_EQ(lone.host.interface->arp().entry_count(), 256u);
  EXPECT_NE(lone.host.interface->arp().lookup(kBob), nullptr);
}

}  // namespace
}  // namespace ringside::testbench
