// One test per sending step of a packet's path that happens in the stack, T1 to T6 and T11. Each fails when its step is
// broken. The places in the code are marked "Path step ...".
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "stack/checksum.h"
#include "stack/wire_bytes.h"
#include "testbench/stack/support/scripted_peer.h"

namespace ringside::testbench {
namespace {

constexpr uint32_t kMss = 1460;

TEST(PathStep, T1_EveryCallChargesOneEntryIntoTheKernel) {
  TwoHosts hosts;
  hosts.connect();
  const uint64_t before = hosts.alice.cost.of(StackWork::kSystemCall);
  const auto bytes = pattern(10'000);
  hosts.alice->write(hosts.client, bytes.data(), bytes.size());
  EXPECT_EQ(hosts.alice.cost.of(StackWork::kSystemCall), before + 1);
  hosts.alice->write(99, bytes.data(), 1);  // a failing call costs as well
  EXPECT_EQ(hosts.alice.cost.of(StackWork::kSystemCall), before + 2);
}

TEST(PathStep, T2_TheDescriptorFindsItsSocketAndNoOther) {
  TwoHosts hosts;
  hosts.connect(80);
  const int first_client = hosts.client, first_server = hosts.server;
  hosts.connect(81);
  const auto one = pattern(100, 1), two = pattern(100, 2);
  hosts.alice->write(first_client, one.data(), one.size());
  hosts.alice->write(hosts.client, two.data(), two.size());
  hosts.simulation.run_for(kMillisecond);
  std::vector<uint8_t> room(100);
  EXPECT_EQ(hosts.bob->recv(hosts.server, room.data(), 100, kMessageDontWait).value, 100);
  EXPECT_EQ(room, two);
  EXPECT_EQ(hosts.bob->recv(first_server, room.data(), 100, kMessageDontWait).value, 100);
  EXPECT_EQ(room, one);
  EXPECT_EQ(hosts.alice->write(77, one.data(), 1).error, Error::kBadDescriptor);
}

TEST(PathStep, T3_BytesAreCopiedOnceInOrderAndAFullBufferAnswersAgain) {
  ScriptedPeer peer;
  const int fd = peer.established();
  peer.host->setsockopt(fd, SocketOption::kSendBuffer, 4000);
  peer.host->setsockopt(fd, SocketOption::kNoDelay, 1);
  const uint64_t before = peer.host.cost.of(StackWork::kCopyBytes);
  auto bytes = pattern(5000);
  const auto original = bytes;
  EXPECT_EQ(peer.host->send(fd, bytes.data(), 1500, kMessageDontWait).value, 1500);
  EXPECT_EQ(peer.host->send(fd, bytes.data() + 1500, 3500, kMessageDontWait).value, 2500);
  EXPECT_EQ(peer.host->send(fd, bytes.data() + 4000, 1000, kMessageDontWait).error, Error::kAgain);
  EXPECT_EQ(peer.host.cost.of(StackWork::kCopyBytes), before + 4000);
  std::fill(bytes.begin(), bytes.end(), uint8_t{0});  // the user's memory is his own again
  std::vector<uint8_t> stream(4000);
  for (const SeenSegment& segment : peer.seen) {
    const uint32_t at = segment.header.seq.value - peer.host_isn - 1;
    std::copy(segment.payload.begin(), segment.payload.end(), stream.begin() + at);
  }
  EXPECT_TRUE(std::equal(stream.begin(), stream.end(), original.begin()));
}

TEST(PathStep, T4_PayloadIsAtMostTheLeastOfWindowCongestionWindowAndMss) {
  ScriptedPeer peer;
  const int fd = peer.established(20 * kMss);
  EXPECT_EQ(peer.write(fd, pattern(100'000)), "");  // one call, ten segments: the initial congestion window
  uint32_t count = 0;
  for (; !peer.seen.empty(); peer.seen.pop_front(), ++count) EXPECT_EQ(peer.seen.front().payload.size(), kMss);
  EXPECT_EQ(count, 10u);
  peer.send(tcp(ACK).seq(1).ack(1 + 10 * kMss).win(2 * kMss));  // now the peer's window is the least
  EXPECT_EQ(peer.seen.size(), 2u);
  peer.seen.clear();
  peer.send(tcp(ACK).seq(1).ack(1 + 12 * kMss).win(0));  // nothing may go; the data stays
  EXPECT_TRUE(peer.seen.empty());
  EXPECT_EQ(peer.tcb().snd.queue.size(), 100'000 - 12 * kMss);
}

TEST(PathStep, T4_OffloadLeavesThePseudoHeaderSumAndTheNicsPlace) {
  HostOptions options;
  options.features.tx_checksum = true;
  ScriptedPeer peer(options);
  const int fd = peer.established();
  PacketMeta meta;
  uint16_t field = 0;
  uint32_t length = 0;
  peer.host.device.on_transmit = [&](const Packet& packet) {
    meta = packet.meta;
    std::vector<uint8_t> bytes(packet.length());
    packet.copy_out(0, bytes.data(), packet.length());
    field = load_be16(bytes.data() + 14 + 20 + 16);
    length = packet.length() - 34;
  };
  const uint64_t summed = peer.host.cost.of(StackWork::kChecksumBytes);
  EXPECT_EQ(peer.write(fd, pattern(kMss)), "");
  EXPECT_EQ(meta.tx_checksum, TxChecksum::kInsert);
  EXPECT_EQ(meta.csum_start, 34);
  EXPECT_EQ(meta.csum_offset, 16);
  ChecksumSum pseudo;
  pseudo.add_pseudo_header(kAlice, kBob, kProtocolTcp, static_cast<uint16_t>(length));
  EXPECT_EQ(field, pseudo.folded());
  EXPECT_EQ(peer.host.cost.of(StackWork::kChecksumBytes), summed);
}

TEST(PathStep, T4_WithoutOffloadTheChecksumIsCompleteForEveryLength) {  // MUST-2
  ScriptedPeer peer;
  const int fd = peer.established();
  peer.host->setsockopt(fd, SocketOption::kNoDelay, 1);
  uint32_t sent = 0;
  for (uint32_t length = 1; length < 40; ++length) {
    EXPECT_EQ(peer.write(fd, pattern(length, length)), "");
    peer.expect(tcp(ACK).seq(1 + sent).len(length));
    EXPECT_TRUE(peer.last.checksum_good);
    sent += length;
    peer.send(tcp(ACK).seq(1).ack(1 + sent));
  }
}

TEST(PathStep, T4_SegmentsAndRetransmissionsReferToTheSameBuffers) {
  ScriptedPeer peer;
  const int fd = peer.established();
  std::vector<std::pair<const uint8_t*, uint32_t>> payload[2];
  int round = 0;
  peer.host.device.on_transmit = [&](const Packet& packet) {
    for (size_t i = 1; i < packet.fragment_count(); ++i) {
      payload[round].emplace_back(packet.fragment(i).begin(), packet.fragment(i).length);
    }
  };
  EXPECT_EQ(peer.write(fd, pattern(kMss)), "");
  const uint64_t copied = peer.host.cost.of(StackWork::kCopyBytes);
  round = 1;
  peer.simulation.run_for(300 * kMillisecond);
  ASSERT_FALSE(payload[0].empty());
  EXPECT_EQ(payload[0], payload[1]);
  EXPECT_EQ(peer.host.cost.of(StackWork::kCopyBytes), copied);
}

TEST(PathStep, T5_RouteGivesNextHopAndInterfaceHeaderHasItsChecksum) {
  ScriptedPeer peer;
  peer.host.stack->add_route({ipv4(192, 168, 0, 0), 16}, ipv4(10, 0, 0, 77), *peer.host.interface);
  EXPECT_TRUE(peer.host.stack->ping(ipv4(192, 168, 1, 1), 1, 1, 10));
  peer.simulation.run_for(kMillisecond);
  EXPECT_NE(peer.host.interface->arp().lookup(ipv4(10, 0, 0, 77)), nullptr);  // the gateway was asked for
  EXPECT_EQ(peer.host.interface->arp().lookup(ipv4(192, 168, 1, 1)), nullptr);
  ASSERT_EQ(peer.other_frames.size(), 1u);
  const uint8_t* ip = peer.other_frames[0].data() + 14;
  EXPECT_EQ(load_be32(ip + 16), ipv4(192, 168, 1, 1).value);
  EXPECT_TRUE(ipv4_checksum_good(ip, 20));
  EXPECT_FALSE(peer.host.stack->ping(ipv4(8, 8, 8, 8), 1, 1, 10) && peer.other_frames.size() > 1);  // no route: nothing
}

TEST(PathStep, T5_LongPacketsAreFragmentedWhereAllowed) {
  ScriptedPeer peer;
  EXPECT_TRUE(peer.host.stack->ping(kBob, 1, 1, 4000));
  peer.simulation.run_for(kMillisecond);
  ASSERT_EQ(peer.other_frames.size(), 3u);
  uint32_t expected = 0;
  for (size_t i = 0; i < 3; ++i) {
    Ipv4Header header;
    const auto& frame = peer.other_frames[i];
    const uint32_t length = static_cast<uint32_t>(frame.size() - 14);
    ASSERT_LE(length, 1500u);
    ASSERT_EQ(parse_ipv4(frame.data() + 14, length, length, &header), Ipv4ParseError::kNone);
    EXPECT_EQ(header.fragment_offset, expected);
    EXPECT_EQ(header.more_fragments, i < 2);
    EXPECT_TRUE(ipv4_checksum_good(frame.data() + 14, 20));
    expected += header.payload_bytes();
  }
  EXPECT_EQ(expected, 4008u);
}

struct RecordingTap : CaptureTap {
  void capture(CaptureDirection direction, const Packet& packet, uint64_t now_ns) override {
    std::vector<uint8_t> bytes(packet.length());
    packet.copy_out(0, bytes.data(), packet.length());
    seen.push_back({direction, now_ns, bytes});
  }
  struct Item {
    CaptureDirection direction;
    uint64_t time_ns;
    std::vector<uint8_t> bytes;
  };
  std::vector<Item> seen;
};

TEST(PathStep, T6_PacketsWaitForArpGetTheirHeaderAndPassTheTap) {
  ScriptedPeer peer;
  RecordingTap tap;
  peer.host.interface->set_capture(&tap);
  peer.answer_arp = false;
  peer.host.stack->ping(kBob, 1, 1, 10);
  ASSERT_EQ(tap.seen.size(), 1u);  // the question alone
  peer.answer_arp = true;
  peer.simulation.run_for(2 * kSecond);
  ASSERT_EQ(tap.seen.size(), 4u);  // asked again, answered, sent
  EXPECT_EQ(tap.seen[2].direction, CaptureDirection::kIn);
  const auto header = parse_ethernet(tap.seen[3].bytes.data(), 14);
  EXPECT_EQ(header->destination, test_mac(2));
  EXPECT_EQ(header->source, test_mac(1));
  EXPECT_EQ(header->ether_type, kEtherTypeIpv4);
}

TEST(PathStep, T6_EgressQueueIsBoundedShapedAndSurvivesABusyDevice) {
  HostOptions options;
  options.interface.egress_packets = 20;
  ScriptedPeer peer(options);
  peer.host.interface->arp().add_static(kBob, test_mac(2));
  peer.host.interface->set_shaper(8'000'000, 1000);  // 1 byte a microsecond
  for (uint16_t i = 0; i < 30; ++i) peer.host.stack->ping(kBob, 1, i, 500 - 42);
  EXPECT_EQ(peer.other_frames.size(), 2u);  // the burst
  EXPECT_EQ(peer.host.interface->counters().drop_egress_full, 8u);
  const uint64_t start = peer.simulation.now_ns();
  peer.simulation.run_until([&] { return peer.other_frames.size() == 12; }, kSecond);
  EXPECT_EQ(peer.simulation.now_ns() - start, 10 * 500 * kMicrosecond);
  peer.host.device.set_busy(true);
  peer.simulation.run_for(100 * kMillisecond);
  EXPECT_EQ(peer.other_frames.size(), 12u);
  peer.host.device.set_busy(false);
  peer.simulation.run_for(100 * kMillisecond);
  ASSERT_EQ(peer.other_frames.size(), 22u);
  for (size_t i = 0; i < 22; ++i) EXPECT_EQ(peer.other_frames[i][14 + 20 + 7], i);  // in order
}

TEST(PathStep, T6_EveryBurstEndsWithADoorbell) {
  ScriptedPeer peer;
  const int fd = peer.established();
  const uint64_t before = peer.host.device.flushes;
  EXPECT_EQ(peer.write(fd, pattern(8 * kMss)), "");
  EXPECT_EQ(peer.seen.size(), 8u);
  EXPECT_EQ(peer.host.device.unflushed, 0u);
  EXPECT_EQ(peer.host.device.flushes, before + 1);  // one for all of them
}

TEST(PathStep, T11_AnAckThatOpensTheWindowSendsWithoutACall) {
  ScriptedPeer peer;
  const int fd = peer.established(2 * kMss);
  EXPECT_EQ(peer.write(fd, pattern(6 * kMss)), "");
  EXPECT_EQ(peer.seen.size(), 2u);
  const uint64_t calls = peer.host.cost.of(StackWork::kSystemCall);
  peer.send(tcp(ACK).seq(1).ack(1 + 2 * kMss).win(4 * kMss));
  EXPECT_EQ(peer.seen.size(), 6u);
  EXPECT_EQ(peer.host.cost.of(StackWork::kSystemCall), calls);
}

TEST(PathStep, T11_TimersActByThemselves) {
  ScriptedPeer peer;
  const int fd = peer.established();
  peer.send(tcp(ACK).seq(1).ack(1).len(10));
  peer.expect(tcp(ACK).ack(11).within(50 * kMillisecond));  // delayed ACK
  EXPECT_EQ(peer.write(fd, pattern(10)), "");
  peer.expect(tcp(ACK).seq(1).len(10));
  peer.expect(tcp(ACK).seq(1).len(10).within(kSecond));  // retransmission
  peer.send(tcp(ACK).seq(11).ack(11).win(0));
  EXPECT_EQ(peer.write(fd, pattern(10)), "");
  peer.expect(tcp(ACK).seq(11).len(1).within(kSecond));  // window probe
  EXPECT_GE(peer.host.cost.of(StackWork::kTimer), 3u);
}

struct RecordingJourneys : JourneySink {
  uint64_t begin() override { return ++last; }
  uint64_t packet(uint64_t write, uint32_t frames) override {
    packets.push_back({write, frames});
    last += frames;
    return last - frames + 1;
  }
  void mark(uint64_t journey, PathStep step) override { steps[journey].push_back(step); }
  uint64_t last = 0;
  std::vector<std::pair<uint64_t, uint32_t>> packets;  // write, frames
  std::map<uint64_t, std::vector<PathStep>> steps;
};

TEST(PathStep, JourneyOfAWritePassesEverySendingStepInOrder) {
  ScriptedPeer peer;
  const int fd = peer.established();
  RecordingJourneys journeys;
  peer.host.stack->context().journeys = &journeys;
  EXPECT_EQ(peer.write(fd, pattern(100)), "");
  EXPECT_EQ(journeys.steps[1], (std::vector<PathStep>{PathStep::kT1, PathStep::kT2, PathStep::kT3}));
  EXPECT_EQ(journeys.steps[2], (std::vector<PathStep>{PathStep::kT4, PathStep::kT5, PathStep::kT6}));
  EXPECT_EQ(journeys.packets, (std::vector<std::pair<uint64_t, uint32_t>>{{1, 1}}));
}

TEST(PathStep, JourneyOfAPacketNamesTheWriteOfItsFirstByteAlsoWhenItIsSentAgain) {
  ScriptedPeer peer;
  const int fd = peer.established();
  RecordingJourneys journeys;
  peer.host.stack->context().journeys = &journeys;
  EXPECT_EQ(peer.write(fd, pattern(100)), "");  // write 1, packet 2
  EXPECT_EQ(peer.write(fd, pattern(100)), "");  // write 3, waits: Nagle
  peer.expect(tcp(ACK).seq(1).len(100));
  peer.expect(tcp(ACK).seq(1).len(100).within(kSecond));  // retransmission, of write 1
  peer.send(tcp(ACK).seq(1).ack(101));
  peer.expect(tcp(ACK).seq(101).len(100));
  EXPECT_EQ(journeys.packets, (std::vector<std::pair<uint64_t, uint32_t>>{{1, 1}, {1, 1}, {3, 1}}));
}

}  // namespace
}  // namespace ringside::testbench
