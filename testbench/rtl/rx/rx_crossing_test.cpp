// Every length at every alignment: lengths x buffer address x buffer size x MPS x gaps and stalls, over all queues, in one
// stream each; and what that costs in cycles.
#include <gtest/gtest.h>

#include <map>

#include "testbench/rtl/rx/rx_helpers.h"
#include "testbench/rtl/rx/rx_packets.h"

namespace ringside::testbench {
namespace {

constexpr unsigned kOffsets[] = {0, 1, 2, 3, 4, 5, 6, 7, 4088, 4089, 4090, 4091, 4092, 4093, 4094, 4095};

// Spreads over all queues by an arbitrary key; frames carry random addresses.
void spread(RxBench& bench) {
  Bytes key(40);
  for (auto& byte : key) byte = uint8_t(bench.random()());
  bench.set_key(key);
  bench.model().rss_control_i = 127;
  for (unsigned i = 0; i < 128; ++i) bench.set_table(i, i % kQueues);
}

Bytes packet(RxBench& bench, unsigned length) {
  PacketSpec spec;
  spec.payload = length < 54 ? 0 : length - 54;
  Bytes frame = build(spec, bench.random());
  frame.resize(length, 0x77);
  return frame;
}

void post_round(RxBench& bench, unsigned n, unsigned offset, unsigned size) {
  for (unsigned q = 0; q < kQueues; ++q) {
    for (unsigned i = 0; i < n; ++i)
      bench.post(0x9000'0000 + (uint64_t{q} << 28) + uint64_t{i} * 0x4000 + offset, size, q);
    bench.doorbell(q);
  }
}

void start_over(RxBench& bench) {
  for (unsigned q = 0; q < kQueues; ++q) bench.disable(q);
  ASSERT_TRUE(bench.run_until_idle());
  for (unsigned q = 0; q < kQueues; ++q) bench.reset_ring(q);
  for (unsigned q = 0; q < kQueues; ++q) bench.enable(q);
  bench.run(4);
}

void cross(RxBench& bench, const std::vector<unsigned>& lengths, unsigned offset, unsigned size) {
  unsigned octets = 0;
  for (unsigned length : lengths) octets += length + size;
  post_round(bench, std::min(256u, octets / size + 2), offset, size);
  std::map<uint64_t, Bytes> sent;  // by time stamp
  for (unsigned length : lengths) {
    const uint64_t stamp = sent.size() + 1;
    sent[stamp] = packet(bench, length);
    bench.send({sent[stamp], stamp});
  }
  ASSERT_TRUE(bench.run_until_idle());
  for (const auto& chain : bench.take_frames()) {
    Bytes bytes;
    for (const auto& buffer : chain) bytes.insert(bytes.end(), buffer.bytes.begin(), buffer.bytes.end());
    const uint64_t stamp = chain.back().time_ns;
    ASSERT_TRUE(sent.count(stamp)) << "twice, or never sent";
    ASSERT_EQ(bytes, sent[stamp]) << "length " << sent[stamp].size() << " offset " << offset << " buffers " << size;
    ASSERT_EQ(chain.size(), (sent[stamp].size() + size - 1) / size);
    EXPECT_EQ(flag_names(chain.back().flags & kVerdictFlags), flag_names(reference_verdict(sent[stamp]).flags));
    sent.erase(stamp);
  }
  EXPECT_TRUE(sent.empty()) << sent.size() << " frames lost";
  EXPECT_EQ(drops(bench), 0u);
  start_over(bench);
}

void cross_all(unsigned mps, unsigned stalls, unsigned gaps) {
  RxBench bench(mps * 100 + stalls + gaps);
  bench.set_mps(mps);
  bench.options().bus_stalls = stalls;
  bench.options().mac_gaps = gaps;
  for (unsigned q = 0; q < kQueues; ++q) {
    bench.set_rings(8, 8, q);
    bench.enable(q);
  }
  spread(bench);
  std::vector<unsigned> small;
  for (unsigned length = 60; length <= 129; ++length) small.push_back(length);
  for (unsigned offset : kOffsets) {
    for (unsigned size : {64u, 67u, 128u, 2048u, 9100u}) {
      cross(bench, small, offset, size);
      if (::testing::Test::HasFailure()) return;
    }
    cross(bench, {1514, 9000, 9018}, offset, offset % 2 ? 1024 : 333);
    cross(bench, {9018, 60, 9000, 61, 1514}, offset, 9100);
    if (::testing::Test::HasFailure()) return;
  }
}

TEST(RxCrossing, AtFullSpeed) { cross_all(1, 0, 0); }
TEST(RxCrossing, BusStalls) { cross_all(0, 50, 0); }
TEST(RxCrossing, GapsInFrames) { cross_all(3, 0, 40); }
TEST(RxCrossing, StallsAndGaps) { cross_all(2, 25, 25); }

// ---------------------------------------------------------------- speed over all queues
double cycles_per_frame(unsigned length, unsigned version) {
  RxBench bench;
  bench.options().read_latency = 125;  // 500 ns at 250 MHz
  for (unsigned q = 0; q < kQueues; ++q) {
    bench.set_rings(10, 10, q);
    bench.enable(q);
  }
  spread(bench);
  unsigned posted[kQueues] = {}, sent = 0, got = 0;
  auto post = [&](unsigned q) {
    bench.post(0x9000'0000 + (uint64_t{q} << 28) + uint64_t{posted[q]++ % 512} * 0x4000 + 2, 9100, q);
  };
  for (unsigned q = 0; q < kQueues; ++q) {
    while (posted[q] < 512) post(q);
    bench.doorbell(q);
  }
  bench.run_until_idle();
  const uint64_t start = bench.cycle();
  const unsigned frames = length > 2000 ? 200 : 2000;
  while (got < frames) {
    PacketSpec spec;
    spec.version = version;
    spec.payload = length > 74 ? length - 74 : 0;
    if (sent < frames && bench.waiting() < 20) {
      Bytes frame = build(spec, bench.random());
      frame.resize(length);
      bench.send({frame, sent++});
    }
    bench.step();
    for (const auto& chain : bench.take_frames()) {
      ++got;
      post(chain[0].queue);
    }
    for (unsigned q = 0; q < kQueues; ++q) {
      bench.take_entries(q);
      bench.doorbell(q);
    }
    if (bench.cycle() - start > 2'000'000) ADD_FAILURE() << "no progress";
    if (::testing::Test::HasFailure()) return 0;
  }
  EXPECT_EQ(drops(bench), 0u);
  return double(bench.cycle() - start) / frames;
}

TEST(RxSpeed, FramesOverAllQueues) {
  const double v4 = cycles_per_frame(60, 4), v6 = cycles_per_frame(74, 6), middle = cycles_per_frame(508, 4),
               large = cycles_per_frame(1514, 4), jumbo = cycles_per_frame(9014, 4);
  printf("[ figures  ] cycles a frame: %.2f of 60 (IPv4), %.2f of 74 (IPv6), %.2f of 508, %.2f of 1514, %.2f of 9014\n", v4,
         v6, middle, large, jumbo);
  // A frame of L octets every (L + 24) octet times; at 64 bits 10 Gb/s, else proportional; core at 250 MHz
  const double cycles_per_octet = 0.25 * 8 / (10.0 * DATA_WIDTH / 64 * (DATA_WIDTH == 512 ? 1.25 : 1.0));
  // The small ones as rx_head's header says: beats and hash steps, which except at 512 bits are less than the wire's time.
  EXPECT_LE(v4, DATA_WIDTH == 64 ? 12.1 : DATA_WIDTH == 128 ? 7.1 : DATA_WIDTH == 256 ? 3.1 : 2.1);
  EXPECT_LE(v6, DATA_WIDTH == 64 ? 19.1 : DATA_WIDTH == 128 ? 14.1 : DATA_WIDTH == 256 ? 7.1 : 6.1);
  EXPECT_LE(middle, (508 + 24) * cycles_per_octet);
  EXPECT_LE(large, (1514 + 24) * cycles_per_octet);
  EXPECT_LE(jumbo, (9014 + 24) * cycles_per_octet);
}

}  // namespace
}  // namespace ringside::testbench
