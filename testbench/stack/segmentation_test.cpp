// TCP segmentation offload and VLAN interfaces. The rule of the first: on the wire nobody can tell that a device cut the
// segments. The same script runs with and without, and the segments must be the same ones, bit by bit.
#include <gtest/gtest.h>

#include <algorithm>

#include "stack/wire_bytes.h"
#include "testbench/stack/support/scripted_peer.h"

namespace ringside::testbench {
namespace {

constexpr uint32_t kMss = 1460;

HostOptions offloading(bool on) {
  HostOptions options;
  options.features.tx_checksum = true;
  options.features.max_segment_bytes = on ? 65535 : 0;
  options.features.max_fragments = 16;
  return options;
}

// What a peer sees of a host that runs the script.
using Script = std::function<void(ScriptedPeer&, int)>;
std::vector<std::vector<uint8_t>> seen_of(bool offload, const Script& script, uint64_t* segmented, uint32_t window) {
  ScriptedPeer peer(offloading(offload));
  const int fd = peer.established(window);
  script(peer, fd);
  peer.simulation.run_for(50 * kMillisecond);
  std::vector<std::vector<uint8_t>> frames;
  for (SeenSegment& segment : peer.seen) {
    EXPECT_TRUE(segment.checksum_good);
    store_be16(segment.frame.data() + 18, 0);  // RFC 6864: the number of an atomic datagram means nothing,
    store_be16(segment.frame.data() + 24, 0);  // ... and its header's checksum covers it
    frames.push_back(segment.frame);
  }
  *segmented = peer.host.stack->tcp().counters().packets_segmented;
  return frames;
}

void expect_same(const Script& script, uint32_t window = 65535, bool must_segment = true) {
  uint64_t with = 0, without = 0;
  const auto segments = seen_of(true, script, &with, window);
  EXPECT_EQ(segments, seen_of(false, script, &without, window));
  EXPECT_FALSE(segments.empty());
  EXPECT_EQ(without, 0u);
  EXPECT_EQ(with > 0, must_segment);
}

TEST(Segmentation, TheSegmentsAreTheSame) {
  for (const size_t bytes : {2u * kMss, 2u * kMss + 1, 3u * kMss - 1, 10u * kMss, 50'000u}) {
    SCOPED_TRACE(bytes);
    expect_same([&](ScriptedPeer& peer, int fd) { EXPECT_EQ(peer.write(fd, pattern(bytes)), ""); });
  }
}

TEST(Segmentation, BelowTwoSegmentsNothingIsOffloaded) {
  expect_same([](ScriptedPeer& peer, int fd) { EXPECT_EQ(peer.write(fd, pattern(2 * kMss - 1)), ""); }, 65535, false);
}

TEST(Segmentation, TheWindowHolds) {  // 3.8.6: not one byte beyond it, in whatever shape
  for (const uint32_t window : {2u * kMss, 2u * kMss + 700, 5000u, 7u * kMss - 1}) {
    SCOPED_TRACE(window);
    expect_same([](ScriptedPeer& peer, int fd) { EXPECT_EQ(peer.write(fd, pattern(100'000)), ""); }, window);
  }
}

TEST(Segmentation, NagleHoldsTheTailBack) {
  expect_same([](ScriptedPeer& peer, int fd) {
    EXPECT_EQ(peer.write(fd, pattern(100)), "");           // small, in flight
    EXPECT_EQ(peer.write(fd, pattern(3 * kMss + 10)), "");  // its tail waits for the acknowledgement
    peer.simulation.run_for(kMillisecond);
    peer.send(tcp(ACK).seq(1).ack(101));
    peer.simulation.run_for(kMillisecond);
  });
}

TEST(Segmentation, TheEndIsOnTheLastSegmentOnly) {
  for (const size_t bytes : {4u * kMss, 4u * kMss + 1}) {
    ScriptedPeer peer(offloading(true));
    const int fd = peer.established();
    EXPECT_EQ(peer.write(fd, pattern(bytes)), "");
    peer.host->shutdown(fd, ShutdownHow::kWrite);
    peer.simulation.run_for(10 * kMillisecond);
    ASSERT_FALSE(peer.seen.empty());
    for (const SeenSegment& segment : peer.seen) {
      EXPECT_EQ((segment.header.flags & FIN) != 0, &segment == &peer.seen.back());
    }
  }
}

// RFC 6675: holes are filled segment by segment, each of one MSS at most.
TEST(Segmentation, RetransmissionsAreSingleSegments) {
  ScriptedPeer peer(offloading(true));
  const int fd = peer.accept_from_peer(tcp(SYN).seq(0).win(65535).mss(kMss).sack_ok(), 65535);
  EXPECT_EQ(peer.write(fd, pattern(10 * kMss)), "");
  peer.simulation.run_for(kMillisecond);
  EXPECT_GE(peer.host.stack->tcp().counters().packets_segmented, 1u);
  peer.seen.clear();
  const uint64_t before = peer.host.stack->tcp().counters().packets_segmented;
  for (uint32_t sacked = 4; sacked <= 7; ++sacked) {  // the first three are missing
    peer.send(tcp(ACK).seq(1).ack(1).win(65535).sack(1 + 3 * kMss, 1 + sacked * kMss));
  }
  peer.expect(tcp(ACK).seq(1).len(kMss));
  peer.simulation.run_for(kMillisecond);
  for (const SeenSegment& segment : peer.seen) EXPECT_LE(segment.payload.size(), kMss);
  EXPECT_EQ(peer.host.stack->tcp().counters().packets_segmented, before);
  EXPECT_GE(peer.host.stack->tcp().counters().retransmitted_segments, 1u);
}

TEST(Segmentation, CountsSegmentsAndChargesOnePacket) {
  TwoHosts hosts(offloading(true));
  hosts.connect();
  const uint64_t packets = hosts.alice.cost.of(StackWork::kEthernetFrameTx);
  const uint64_t segments = hosts.alice.stack->tcp().counters().segments_sent;
  ASSERT_TRUE(hosts.transfer(pattern(1 << 20), kSecond));
  const uint64_t sent = hosts.alice.stack->tcp().counters().segments_sent - segments;
  EXPECT_GE(sent, (1u << 20) / kMss);
  EXPECT_LT(hosts.alice.cost.of(StackWork::kEthernetFrameTx) - packets, sent / 3);
  EXPECT_EQ(hosts.alice.stack->tcp().counters().retransmitted_segments, 0u);
}

TEST(Segmentation, TheTapSeesTheBigPacket) {
  struct Tap : CaptureTap {
    void capture(CaptureDirection direction, const Packet& packet, uint64_t) override {
      if (direction == CaptureDirection::kOut) longest = std::max(longest, packet.length());
    }
    uint32_t longest = 0;
  } tap;
  ScriptedPeer peer(offloading(true));
  const int fd = peer.established();
  peer.host.interface->set_capture(&tap);
  EXPECT_EQ(peer.write(fd, pattern(10 * kMss)), "");
  peer.simulation.run_for(kMillisecond);
  EXPECT_EQ(tap.longest, 54 + 10 * kMss);
  EXPECT_EQ(peer.seen.size(), 10u);
}

// A device of few fragments, buffers of any size: what is handed down always fits.
TEST(Segmentation, NeverMoreFragmentsThanTheDeviceTakes) {
  for (const uint32_t buffer : {1024u, 2048u, 4096u}) {
    for (const uint32_t fragments : {1u, 2u, 3u, 4u, 16u}) {
      if (fragments * buffer < 1514) continue;  // not even a frame
      HostOptions options = offloading(true);
      options.features.max_fragments = fragments;
      options.data_buffer_bytes = buffer;
      TwoHosts hosts(options);
      size_t most = 0;
      hosts.alice.device.on_transmit = [&](const Packet& packet) { most = std::max(most, packet.fragment_count()); };
      hosts.connect();
      EXPECT_TRUE(hosts.transfer(pattern(200'000), kSecond)) << buffer << " " << fragments;
      EXPECT_LE(most, fragments) << buffer << " " << fragments;
    }
  }
}

class SegmentationFaults : public ::testing::TestWithParam<uint64_t> {};

TEST_P(SegmentationFaults, StreamsSurvive) {
  TwoHosts hosts(offloading(true), 1'000'000'000, 50'000, GetParam());
  hosts.wire.faults = {0.03, 0.03, 0.05, 0.005};
  hosts.connect();
  EXPECT_TRUE(hosts.transfer(pattern(1 << 20, GetParam()), 600 * kSecond));
  EXPECT_GT(hosts.alice.stack->tcp().counters().packets_segmented, 0u);
}
INSTANTIATE_TEST_SUITE_P(Seeds, SegmentationFaults, ::testing::Range<uint64_t>(1, 9));

// ---- VLAN ----

HostOptions in_vlan(uint16_t vlan, bool offload) {
  HostOptions options = offloading(offload);
  options.interface.vlan = vlan;
  options.features.vlan_insert = offload;
  return options;
}

TEST(Vlan, TagsAreOnTheWireWhoeverInsertsThem) {
  for (const bool offload : {false, true}) {
    TwoHosts hosts(in_vlan(100, offload));
    uint64_t tagged = 0;
    hosts.wire.filter = [&](int, const std::vector<uint8_t>& frame) {
      tagged += load_be16(frame.data() + 12) == 0x8100 && load_be16(frame.data() + 14) == 100;
      return true;
    };
    hosts.connect();
    EXPECT_TRUE(hosts.transfer(pattern(100'000), kSecond)) << offload;
    EXPECT_EQ(tagged, hosts.wire.frames);
    EXPECT_EQ(hosts.bob.interface->counters().drop_wrong_vlan, 0u);
  }
}

TEST(Vlan, WhatIsOfAnotherVlanIsDroppedAndCounted) {
  TwoHosts hosts(in_vlan(100, true));
  const auto arp = [&](uint16_t tag) {
    std::vector<uint8_t> frame(64, 0);
    std::fill_n(frame.begin(), 6, 0xFF);
    if (tag) {
      store_be16(frame.data() + 12, 0x8100);
      store_be16(frame.data() + 14, tag);
    }
    return frame;
  };
  hosts.alice.device.deliver(arp(101));
  hosts.alice.device.deliver(arp(0));
  EXPECT_EQ(hosts.alice.interface->counters().drop_wrong_vlan, 2u);
  hosts.alice.device.deliver(arp(0x6064));  // VLAN 100 with a priority
  EXPECT_EQ(hosts.alice.interface->counters().drop_wrong_vlan, 2u);
  EXPECT_EQ(hosts.alice.interface->counters().drop_unknown_type, 1u);
  EXPECT_THROW(TwoHosts(in_vlan(4095, true)), std::invalid_argument);
}

}  // namespace
}  // namespace ringside::testbench
