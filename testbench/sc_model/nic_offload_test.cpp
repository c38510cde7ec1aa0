// Driver and RTL together: what the NIC does for the stack. RSS, VLAN, segmentation, time stamps, checksums, loopback.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "stack/checksum.h"
#include "stack/wire_bytes.h"
#include "testbench/sc_model/support/nic_pair.h"

namespace ringside::testbench {
namespace {

using Feature = driver::regs::Features;
using driver::regs::CounterId;

class NicOffload : public ::testing::TestWithParam<unsigned> {
 protected:
  NicOffload() { options.width = GetParam(); }
  NicPairOptions options;
};

// Each flow comes to one queue, in the order it was sent; the queue is the one the published hash names.
TEST_P(NicOffload, RssSpreadsFlowsAndKeepsTheirOrder) {
  options.nic[0].queues = options.nic[1].queues = 4;
  NicPair pair(options);
  pair.run([&](NicPair::Script& s) {
    ASSERT_TRUE(s.end(0).driver.has(Feature::kRss));
    constexpr uint32_t kFlows = 32, kRounds = 8;
    for (uint32_t n = 0; n < kFlows * kRounds; ++n) {
      s.send(flow_frame(static_cast<uint16_t>(1000 + n % kFlows), 40 + n % 200, n / kFlows));
    }
    ASSERT_TRUE(s.wait_until([&] { return s.end(1).received.size() == kFlows * kRounds; }));
    std::map<uint16_t, uint32_t> next;
    std::map<uint16_t, std::set<unsigned>> queues;
    std::set<unsigned> used;
    for (const Received& r : s.end(1).received) {
      const uint16_t port = stack::load_be16(r.bytes.data() + 34);
      EXPECT_EQ(number_of(r.bytes), next[port]++) << "flow " << port;
      queues[port].insert(r.meta.queue);
      used.insert(r.meta.queue);
      EXPECT_EQ(r.meta.queue, r.meta.hash % 128 % 4);
    }
    for (const auto& [port, mine] : queues) EXPECT_EQ(mine.size(), 1u) << "flow " << port;
    EXPECT_EQ(used.size(), 4u);
    for (unsigned q = 0; q < 4; ++q) EXPECT_GT(s.end(1).driver.queue_statistics(q).interrupts, 0u);
  });
}

// The table is changed under traffic: what comes afterwards obeys it, nothing is lost.
TEST_P(NicOffload, RssIsSetUnderTraffic) {
  options.nic[0].queues = options.nic[1].queues = 4;
  NicPair pair(options);
  pair.run([&](NicPair::Script& s) {
    ASSERT_TRUE(s.end(0).driver.has(Feature::kRss));
    for (uint32_t n = 0; n < 64; ++n) s.send(flow_frame(static_cast<uint16_t>(1000 + n), 100, n));
    driver::RssSettings all_to_two;
    all_to_two.spread_evenly = false;
    all_to_two.table.fill(2);
    s.on_peer([&](NicEnd& end) { EXPECT_EQ(end.driver.set_rss(all_to_two), driver::Setting::kDone); });
    s.sleep_ns(20'000);
    for (uint32_t n = 64; n < 128; ++n) s.send(flow_frame(static_cast<uint16_t>(1000 + n), 100, n));
    ASSERT_TRUE(s.wait_until([&] { return s.end(1).received.size() == 128; }));
    for (const Received& r : s.end(1).received) {
      EXPECT_TRUE(number_of(r.bytes) < 64 || r.meta.queue == 2) << number_of(r.bytes);
    }
  });
}

TEST_P(NicOffload, VlanTagsGoInAndComeOff) {
  NicPair pair(options);
  pair.run([&](NicPair::Script& s) {
    ASSERT_TRUE(s.end(0).driver.has(Feature::kVlan));
    stack::PacketMeta meta;
    meta.vlan_insert = true;
    for (uint16_t n = 0; n < 40; ++n) {
      meta.vlan = static_cast<uint16_t>(0x2000 + n);
      s.send(flow_frame(7, 6 + 37 * n, n), meta, 100);
    }
    ASSERT_TRUE(s.wait_until([&] { return s.end(1).received.size() == 40; }));
    for (uint16_t n = 0; n < 40; ++n) {
      const Received& r = s.end(1).received[n];
      EXPECT_TRUE(r.meta.vlan_stripped);
      EXPECT_EQ(r.meta.vlan, 0x2000 + n);
      Bytes expected = flow_frame(7, 6 + 37 * n, n);
      ASSERT_GE(r.bytes.size(), expected.size());  // the shortest are padded on the wire
      EXPECT_TRUE(std::equal(expected.begin(), expected.end(), r.bytes.begin())) << n;
    }
    driver::Offloads offloads;
    offloads.vlan_strip = false;
    s.on_peer([&](NicEnd& end) { end.driver.set_offloads(offloads); });
    s.send(flow_frame(7, 200, 99), meta);
    ASSERT_TRUE(s.wait_until([&] { return s.end(1).received.size() == 41; }));
    EXPECT_FALSE(s.end(1).received[40].meta.vlan_stripped);
    EXPECT_EQ(stack::load_be32(s.end(1).received[40].bytes.data() + 12), 0x81000000u + meta.vlan);
  });
}

// Segments with right sums (the receiving NIC's verdict and ours), sequence numbers in a row, all of the payload.
TEST_P(NicOffload, SegmentsAreWholePacketsOfTheirOwn) {
  NicPair pair(options);
  pair.run([&](NicPair::Script& s) {
    ASSERT_TRUE(s.end(0).driver.has(Feature::kTso));
    for (const size_t payload : {1461u, 2920u, 4000u, 14'600u, 60'000u, 65'481u}) {
      for (const uint16_t mss : {uint16_t{536}, uint16_t{1460}}) {
        SCOPED_TRACE(std::to_string(payload) + " by " + std::to_string(mss));
        s.end(1).received.clear();
        const Bytes big = flow_frame(9, payload, 5000, false);
        stack::PacketMeta meta;
        meta.tx_checksum = stack::TxChecksum::kInsert;
        meta.csum_start = 34;
        meta.csum_offset = 16;
        meta.segment_bytes = mss;
        meta.header_bytes = 54;
        meta.ip_start = 14;
        s.send(big, meta);
        const size_t segments = (payload + mss - 1) / mss;
        ASSERT_TRUE(s.wait_until([&] { return s.end(1).received.size() == segments; }))
            << s.end(1).received.size() << " of " << segments << s.drops();
        Bytes together(big.begin(), big.begin() + 54);
        for (const Received& r : s.end(1).received) {
          EXPECT_EQ(r.meta.l4_verdict, stack::RxVerdict::kGood);
          EXPECT_EQ(r.meta.ip_verdict, stack::RxVerdict::kGood);
          EXPECT_EQ(number_of(r.bytes), 5000 + together.size() - 54);
          const size_t end = 14 + stack::load_be16(r.bytes.data() + 16);  // a short last one is padded
          together.insert(together.end(), r.bytes.begin() + 54, r.bytes.begin() + static_cast<long>(end));
        }
        EXPECT_TRUE(std::equal(together.begin() + 54, together.end(), big.begin() + 54, big.end()));
      }
    }
  });
}

// TCP over IPv6, to be segmented: the checksum field holds the pseudo header's sum without the length.
Bytes ipv6_frame(size_t payload) {
  constexpr size_t kIp = 14, kTcp = 54, kHeader = 74;
  Bytes f = flow_frame(9, payload + kHeader - kTcp, 0, false);
  stack::store_be16(f.data() + 12, 0x86DD);
  std::fill(f.begin() + kIp, f.begin() + kHeader, uint8_t{0});
  f[kIp] = 0x60;
  stack::store_be16(f.data() + kIp + 4, static_cast<uint16_t>(f.size() - kTcp));
  f[kIp + 6] = 6;
  f[kIp + 7] = 64;
  f[kIp + 8] = f[kIp + 24] = 0xFD;
  f[kIp + 23] = 1;
  f[kIp + 39] = 2;
  stack::store_be16(f.data() + kTcp, 9);
  stack::store_be32(f.data() + kTcp + 4, 7000);
  f[kTcp + 12] = 0x50;
  f[kTcp + 13] = 0x19;  // ACK, PSH, FIN
  stack::ChecksumSum sum;
  sum.add(f.data() + kIp + 8, 32);
  const uint8_t protocol[2] = {0, 6};
  sum.add(protocol, 2);
  stack::store_be16(f.data() + kTcp + 16, sum.folded());
  return f;
}

TEST_P(NicOffload, SegmentsOfIpv6) {
  NicPair pair(options);
  pair.run([&](NicPair::Script& s) {
    ASSERT_TRUE(s.end(0).driver.has(Feature::kTso));
    constexpr size_t kPayload = 20'000, kSegments = 15;
    const Bytes big = ipv6_frame(kPayload);
    stack::PacketMeta meta;
    meta.tx_checksum = stack::TxChecksum::kInsert;
    meta.csum_start = 54;
    meta.csum_offset = 16;
    meta.segment_bytes = 1400;
    meta.header_bytes = 74;
    meta.ip_start = 14;
    s.send(big, meta);
    ASSERT_TRUE(s.wait_until([&] { return s.end(1).received.size() == kSegments; })) << s.drops();
    size_t done = 0;
    for (const Received& r : s.end(1).received) {
      EXPECT_EQ(r.meta.l4_verdict, stack::RxVerdict::kGood);
      const size_t size = std::min<size_t>(meta.segment_bytes, kPayload - done);
      ASSERT_EQ(r.bytes.size(), meta.header_bytes + size);
      EXPECT_EQ(stack::load_be16(r.bytes.data() + 18), 20 + size);
      EXPECT_EQ(stack::load_be32(r.bytes.data() + 58), 7000 + done);
      EXPECT_EQ(r.bytes[67], done + size == kPayload ? 0x19 : 0x10) << "FIN and PSH on the last only";
      EXPECT_TRUE(std::equal(r.bytes.begin() + 74, r.bytes.begin() + 74 + static_cast<long>(size),
                             big.begin() + 74 + static_cast<long>(done)));
      done += size;
    }
    EXPECT_EQ(done, kPayload);
  });
}

// Stamps against the wire's own record of when each frame's destination address passed.
class WireTimes : public sc_model::Observer {
 public:
  void on_frame(const sc_model::FrameEvent& e) override {
    if (e.sender != 0 || !e.fcs_good) return;
    (e.stage == sc_model::FrameStage::kSent ? sent : delivered).push_back(e.time_ps / sc_model::kPsPerNs);
  }
  std::vector<uint64_t> sent, delivered;
};

TEST_P(NicOffload, TimeStampsAreMonotonicAndNearTheWires) {
  NicPair pair(options);
  WireTimes times;
  pair.wire_observers().add(&times);
  pair.run([&](NicPair::Script& s) {
    ASSERT_TRUE(s.end(0).driver.has(Feature::kTxTimestamp));
    constexpr uint32_t kFrames = 50;
    for (uint32_t n = 0; n < kFrames; ++n) {
      stack::PacketMeta meta;
      meta.tx_stamp_id = n + 1;
      s.send(flow_frame(7, 20 + 29 * n, n), meta);
      ASSERT_TRUE(s.wait_until([&] { return s.end(0).departures.size() == n + 1; })) << n;
    }
    ASSERT_TRUE(s.wait_until([&] { return s.end(1).received.size() == kFrames; }));
    ASSERT_EQ(times.sent.size(), kFrames);
    constexpr uint64_t kNearNs = 300;  // pipelines of the MAC and the crossing between the clocks
    uint64_t last_tx = 0, last_rx = 0;
    for (uint32_t n = 0; n < kFrames; ++n) {
      const uint64_t tx = s.end(0).departures[n].second, rx = s.end(1).received[n].meta.rx_time_ns;
      EXPECT_EQ(s.end(0).departures[n].first, n + 1);
      EXPECT_GT(tx, last_tx);
      EXPECT_GT(rx, last_rx);
      EXPECT_LE(tx > times.sent[n] ? tx - times.sent[n] : times.sent[n] - tx, kNearNs) << n;
      EXPECT_LE(rx > times.delivered[n] ? rx - times.delivered[n] : times.delivered[n] - rx, kNearNs) << n;
      last_tx = tx;
      last_rx = rx;
    }
  });
}

TEST_P(NicOffload, TheSelfTestLoopsFramesThroughTheMac) {
  options.nic[0].queues = 2;
  NicPair pair(options);
  pair.run([&](NicPair::Script& s) {
    const driver::SelfTest result = s.end(0).driver.self_test();
    EXPECT_TRUE(result.scratch && result.identity && result.counters && result.status);
    EXPECT_TRUE(result.loopback);
    EXPECT_EQ(s.end(0).received.size(), 0u);
    s.send(flow_frame(7, 100, 1));  // and the wire is there again
    EXPECT_TRUE(s.wait_until([&] { return s.end(1).received.size() == 1; }));
  });
}

INSTANTIATE_TEST_SUITE_P(Widths, NicOffload, ::testing::Values(64u, 512u),
                         [](const auto& test) { return std::to_string(test.param); });

}  // namespace
}  // namespace ringside::testbench
