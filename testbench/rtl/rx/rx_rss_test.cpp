// Spreading over queues: the published hash vectors, types, table, and queues that do not disturb each other.
#include <gtest/gtest.h>

#include "testbench/rtl/rss_vectors.h"
#include "testbench/rtl/rx/rx_helpers.h"
#include "testbench/rtl/rx/rx_packets.h"

namespace ringside::testbench {
namespace {

const Bytes kKey(kRssKey.begin(), kRssKey.end());

class RxRssTest : public ::testing::Test {
 protected:
  RxRssTest() : bench_(5) {
    bench_.set_key(kKey);
    for (unsigned q = 0; q < kQueues; ++q) bench_.set_rings(8, 8, q);
    for (unsigned i = 0; i < 128; ++i) bench_.set_table(i, queue_of(i));
    for (unsigned q = 0; q < kQueues; ++q) bench_.enable(q);
  }
  static unsigned queue_of(unsigned index) { return index * 7 / 3 % kQueues; }

  void post_all(unsigned n) {
    for (unsigned q = 0; q < kQueues; ++q) {
      for (unsigned i = 0; i < n; ++i) bench_.post(0x9000'0000 + (uint64_t{q} << 28) + uint64_t{i} * 0x4000, 9100, q);
      bench_.doorbell(q);
    }
    bench_.run(400);
  }
  void take_all() {
    for (unsigned q = 0; q < kQueues; ++q) bench_.take_entries(q);
  }

  // Sends the frames and holds hash, flag and queue of each against the reference.
  void expect_spread(const std::vector<Bytes>& frames, unsigned control) {
    bench_.model().rss_control_i = control;
    post_all(unsigned(frames.size()));
    for (const auto& frame : frames) bench_.send({frame, 0});
    ASSERT_TRUE(bench_.run_until_idle());
    auto got = bench_.take_frames();
    ASSERT_EQ(got.size(), frames.size());
    std::vector<std::vector<Bytes>> per_queue(kQueues);
    std::vector<size_t> next(kQueues, 0);
    std::vector<std::vector<uint32_t>> hashes(kQueues);
    std::vector<std::vector<bool>> hashed(kQueues);
    for (const auto& frame : frames) {
      const Bytes input = hash_input(frame, control);
      const uint32_t hash = input.empty() ? 0 : toeplitz(kKey, input);
      const unsigned q = input.empty() ? 0 : queue_of(hash % 128);
      per_queue[q].push_back(frame);
      hashes[q].push_back(hash);
      hashed[q].push_back(!input.empty());
    }
    for (const auto& chain : got) {
      const ReturnedBuffer& entry = chain[0];
      const size_t i = next[entry.queue]++;
      ASSERT_LT(i, per_queue[entry.queue].size()) << "too many frames in queue " << entry.queue;
      ASSERT_EQ(entry.bytes, per_queue[entry.queue][i]) << "a queue's frames stay in order";
      EXPECT_EQ(entry.hash, hashes[entry.queue][i]) << "control " << control << " frame " << i;
      EXPECT_EQ((entry.flags & kHash) != 0, hashed[entry.queue][i]) << "control " << control;
    }
    for (unsigned q = 0; q < kQueues; ++q) {
      while (bench_.ret_prod(q) != bench_.rx_cons(q)) bench_.step();
    }
    restart();
  }
  // Unused buffers go with the ring.
  void restart() {
    for (unsigned q = 0; q < kQueues; ++q) bench_.disable(q);
    ASSERT_TRUE(bench_.run_until_idle());
    for (unsigned q = 0; q < kQueues; ++q) bench_.reset_ring(q);
    for (unsigned q = 0; q < kQueues; ++q) bench_.enable(q);
    bench_.run(10);
  }
  // A frame whose hash leads to queue q.
  Bytes frame_for(unsigned q) {
    for (;;) {
      PacketSpec spec;
      spec.payload = 20 + bench_.random()() % 100;
      const Bytes frame = build(spec, bench_.random());
      if (queue_of(toeplitz(kKey, hash_input(frame, kRssEnable | kRssTcp4)) % 128) == q) return frame;
    }
  }

  // A frame of queue 0 behind `ahead` of queue 1 while the bus stands and ring 0, after `done` frames, goes off and on.
  // Queue 1 has small buffers: many commands. True when ring 0 was off while the frame waited for room for its own.
  bool off_and_on(unsigned done, unsigned ahead, bool reset) {
    bench_.model().rss_control_i = kRssEnable | kRssTcp4;
    for (unsigned i = 0; i < 3 * ahead; ++i) bench_.post(0xD000'0000 + uint64_t{i} * 0x4000, 64, 1);
    bench_.doorbell(1);
    post_all(32);
    for (unsigned i = 0; i < done; ++i) bench_.send({frame_for(0), 0});
    EXPECT_TRUE(bench_.run_until_idle());
    take_all();
    const RxCounts before = bench_.counts();
    bench_.options().bus_stalls = 100;
    for (unsigned i = 0; i < ahead; ++i) bench_.send({frame_for(1), 0});
    bench_.send({frame_for(0), 0});
    bench_.run(300);
    bench_.disable(0);
    bench_.run(60);
    const bool off = !bench_.running(0);
    if (off) {
      if (reset) bench_.reset_ring(0);
      else bench_.forget_ring(0);
      bench_.enable(0);
      for (unsigned i = 0; i < 4; ++i) bench_.post(0xE000'0000 + uint64_t{i} * 0x4000, 9100, 0);
      bench_.doorbell(0);
      bench_.run(200);
    }
    bench_.options().bus_stalls = 0;
    EXPECT_TRUE(bench_.run_until_idle());
    const unsigned disabled = bench_.counts().disabled - before.disabled;
    EXPECT_EQ(bench_.error(0), 0u);
    EXPECT_TRUE(!off || bench_.ret_prod(0) == 1 - disabled) << bench_.ret_prod(0);
    EXPECT_EQ(bench_.counts().delivered - before.delivered + disabled, ahead + 1);
    bench_.take_frames();
    restart();
    return off && disabled != 0;
  }

  RxBench bench_;
};

TEST_F(RxRssTest, PublishedVectors) {
  for (const RssVector& v : kRssVectors) {
    Bytes all = v.addresses;
    for (unsigned port : {v.source_port, v.destination_port}) {
      all.push_back(uint8_t(port >> 8));
      all.push_back(uint8_t(port));
    }
    ASSERT_EQ(toeplitz(kKey, v.addresses), v.of_addresses) << "the reference itself";
    ASSERT_EQ(toeplitz(kKey, all), v.with_ports);
    const bool v4 = v.addresses.size() == 8;
    PacketSpec spec;
    spec.version = v4 ? 4 : 6;
    Bytes frame = build(spec, bench_.random());
    std::copy(all.begin(), all.end() - 4, frame.begin() + (v4 ? 26 : 22));
    std::copy(all.end() - 4, all.end(), frame.begin() + (v4 ? 34 : 54));
    for (bool ports : {false, true}) {
      bench_.model().rss_control_i = kRssEnable | (ports ? kRssTcp4 | kRssTcp6 : kRssIpv4 | kRssIpv6);
      post_all(1);
      bench_.send({frame, 0});
      ASSERT_TRUE(bench_.run_until_idle());
      const auto got = bench_.take_frames();
      ASSERT_EQ(got.size(), 1u);
      EXPECT_EQ(got[0][0].hash, ports ? v.with_ports : v.of_addresses);
      EXPECT_TRUE(got[0][0].flags & kHash);
      EXPECT_EQ(got[0][0].queue, queue_of(got[0][0].hash % 128));
      restart();
    }
  }
}

TEST_F(RxRssTest, EveryTypeOnEveryPacket) {
  std::vector<Bytes> frames;
  for (unsigned version : {0u, 4u, 6u})
    for (unsigned proto : {6u, 17u, 1u, 50u})
      for (unsigned tags = 0; tags < 4; ++tags)
        for (uint16_t fragment : {0x4000, 0x2000, 0x0010})
          for (bool extension : {false, true}) {
            if ((version != 4 && fragment != 0x4000) || (version != 6 && extension)) continue;
            PacketSpec spec;
            spec.version = version;
            spec.proto = proto;
            spec.fragment = fragment;
            spec.tags.assign(tags, 0x8100);
            spec.payload = bench_.random()() % 60;
            if (extension) spec.extensions = {{60, 0}};
            frames.push_back(build(spec, bench_.random()));
          }
  for (unsigned control = 0; control < 128; control += 1 + control % 5) expect_spread(frames, control);
  expect_spread(frames, 127);
}

TEST_F(RxRssTest, HeaderLengthsAndShortFrames) {
  std::vector<Bytes> frames;
  for (unsigned tags = 0; tags < 3; ++tags)
    for (unsigned ihl = 5; ihl <= 15; ++ihl)
      for (unsigned payload : {0u, 3u, 40u, 700u}) {
        PacketSpec spec;
        spec.ihl = ihl;
        spec.proto = payload % 2 ? 17 : 6;
        spec.payload = payload;
        spec.tags.assign(tags, tags == 2 ? 0x88A8 : 0x8100);
        frames.push_back(build(spec, bench_.random()));
      }
  for (unsigned length = 60; length < 100; ++length) {  // ports that end with the frame, or behind it
    PacketSpec spec;
    spec.ihl = 15;
    spec.tags.assign(length % 3, 0x8100);
    Bytes frame = build(spec, bench_.random());
    frame.resize(length);
    frames.push_back(frame);
    spec.version = 6;
    frame = build(spec, bench_.random());
    frame.resize(length);
    frames.push_back(frame);
  }
  bench_.options().mac_gaps = 20;
  expect_spread(frames, 127);
  bench_.options().mac_gaps = 0;
  expect_spread(frames, 127);
  bench_.options().bus_stalls = 30;
  expect_spread(frames, 127 & ~(kRssIpv4 | kRssIpv6));
}

// RSS_CONTROL written in any cycle of a frame: it is spread as before or as after, and its hash is a whole one.
TEST_F(RxRssTest, TurnedOffOrOnWhileAFrameIsHashed) {
  for (const unsigned version : {4u, 6u})
    for (const bool off : {false, true}) {
      unsigned hashed = 0;
      constexpr unsigned kCycles = 40;
      for (unsigned when = 0; when < kCycles; ++when) {
        PacketSpec spec;
        spec.version = version;
        const Bytes frame = build(spec, bench_.random());
        const uint32_t hash = toeplitz(kKey, hash_input(frame, 127));
        bench_.model().rss_control_i = off ? 127 : 0;
        post_all(1);
        bench_.send({frame, 0});
        bench_.run(when);
        bench_.model().rss_control_i = off ? 127 & ~kRssEnable : 127;
        ASSERT_TRUE(bench_.run_until_idle());
        const auto got = bench_.take_frames();
        ASSERT_EQ(got.size(), 1u);
        const ReturnedBuffer& entry = got[0][0];
        const bool is = entry.flags & kHash;
        EXPECT_EQ(entry.hash, is ? hash : 0) << "version " << version << " off " << off << " when " << when;
        EXPECT_EQ(entry.queue, is ? queue_of(hash % 128) : 0);
        hashed += is;
        restart();
      }
      EXPECT_TRUE(hashed != 0 && hashed != kCycles) << "the test must cross the cycle in which it counts";
    }
}

// ---------------------------------------------------------------- queues alone
TEST_F(RxRssTest, QueueThatDoesNotExistOrIsOff) {
  bench_.model().rss_control_i = kRssEnable | kRssTcp4;
  post_all(8);
  const Bytes frame = frame_for(0);
  const unsigned index = toeplitz(kKey, hash_input(frame, 127)) % 128;
  for (unsigned queue = kQueues; queue < 8; ++queue) {
    bench_.set_table(index, queue);
    bench_.send({frame, 0});
    ASSERT_TRUE(bench_.run_until_idle());
    EXPECT_EQ(bench_.counts().disabled, queue - kQueues + 1);
  }
  bench_.set_table(index, kQueues - 1);
  bench_.disable(kQueues - 1);
  ASSERT_TRUE(bench_.run_until_idle());
  bench_.send({frame, 0});
  bench_.send({frame_to(2), 0});  // no IP: queue 0
  ASSERT_TRUE(bench_.run_until_idle());
  EXPECT_EQ(bench_.counts().disabled, 8 - kQueues + (kQueues == 1 ? 2 : 1));
  EXPECT_EQ(bench_.counts().delivered, kQueues == 1 ? 0u : 1u);
}

#if QUEUES > 1  // a build with one queue has no others
TEST_F(RxRssTest, AQueueInErrorLeavesTheOthersAlone) {  // D14, D17
  for (unsigned bad = 0; bad < kQueues; ++bad) {
    RxCounts before = bench_.counts();
    bench_.model().rss_control_i = kRssEnable | kRssTcp4;
    for (unsigned q = 0; q < kQueues; ++q) {
      for (unsigned i = 0; i < 40; ++i)
        bench_.post(0x9000'0000 + (uint64_t{q} << 28) + uint64_t{i} * 0x4000, q == bad && i == 5 ? 40 : 300, q);
      bench_.doorbell(q);
    }
    bench_.run(10);
    for (unsigned i = 0; i < 20 * kQueues; ++i) bench_.send({frame_for(i % kQueues), 0});
    ASSERT_TRUE(bench_.run_until_idle());
    EXPECT_EQ(bench_.take_frames().size(), 20u * (kQueues - 1) + 5);
    EXPECT_EQ(bench_.counts().disabled - before.disabled, 15u);
    for (unsigned q = 0; q < kQueues; ++q) EXPECT_EQ(bench_.error(q), q == bad ? 6u : 0u);
    EXPECT_EQ(bench_.error_idx(bad), 5u);
    EXPECT_EQ(bench_.ret_prod(bad), 5u);
    restart();
    for (unsigned q = 0; q < kQueues; ++q) EXPECT_EQ(bench_.error(q), 0u);
  }
}

TEST_F(RxRssTest, AQueueWithoutBuffersHoldsNobodyUp) {  // D16, D17
  bench_.model().rss_control_i = kRssEnable | kRssTcp4;
  for (unsigned q = 1; q < kQueues; ++q) {
    for (unsigned i = 0; i < 60; ++i) bench_.post(0x9000'0000 + (uint64_t{q} << 28) + uint64_t{i} * 0x4000, 300, q);
    bench_.doorbell(q);
  }
  bench_.run(300);
  const uint64_t start = bench_.cycle();
  for (unsigned i = 0; i < 50 * kQueues; ++i) bench_.send({frame_for(i % kQueues), 0});
  while (!bench_.sent_all()) bench_.step();
  const uint64_t cycles = bench_.cycle() - start;
  ASSERT_TRUE(bench_.run_until_idle());
  EXPECT_EQ(bench_.counts().no_buffer, 50u);
  EXPECT_EQ(bench_.take_frames().size(), 50u * (kQueues - 1));
  EXPECT_LE(cycles, 50u * kQueues * (5 + (172 + kBeatBytes - 1) / kBeatBytes + 32 / kBeatBytes));
}

// Room for the frame's command comes when the ring has other buffers: it has none of the old, nor of the new.
TEST_F(RxRssTest, OffAndOnWhileAFrameWaitsForItsCommand) {  // D4, D13
  for (bool reset : {false, true}) {
    unsigned waited = 0;
    for (unsigned ahead = 1; ahead <= 24; ++ahead) {
      waited += off_and_on(reset ? 0 : 3, ahead, reset);
      ASSERT_FALSE(HasFailure()) << "behind " << ahead << " frames, reset " << reset;
    }
    // In narrow beats the line is full before the commands are
    EXPECT_TRUE(waited != 0 || kBeatBytes < 64) << "the test must hit a frame that waits";
  }
}

TEST_F(RxRssTest, BusMasterBackWhileLostFramesEnd) {  // P34, D17
  unsigned lost = 0;
  bench_.model().rss_control_i = kRssEnable | kRssTcp4;
  for (unsigned when = 10; when < 60; ++when) {
    post_all(8);
    bench_.options().bus_stalls = 95;
    for (int i = 0; i < 3; ++i) bench_.send({frame_for(0), 0});
    bench_.run(when);
    bench_.model().bus_master_i = 0;
    bench_.step();
    bench_.model().bus_master_i = 1;
    bench_.send({frame_for(1), 0});
    bench_.run(200);
    bench_.options().bus_stalls = 0;
    ASSERT_TRUE(bench_.run_until_idle());
    ASSERT_EQ(bench_.error(1), 0u) << "ring 1 had no frame on its way, when " << when;
    ASSERT_EQ(bench_.ret_prod(1), 1u) << when;
    lost += bench_.error(0) != 0;
    bench_.take_frames();
    restart();
  }
  EXPECT_GT(lost, 10u) << "the test must hit frames in flight";
}
#endif

// ---------------------------------------------------------------- C6: the stripped tag
TEST_F(RxRssTest, StripsTheOuterTag) {
  bench_.model().vlan_strip_i = 1;
  for (bool fcs : {false, true}) {
    for (unsigned tags = 0; tags < 3; ++tags)
      for (uint16_t outer : {0x8100, 0x88A8})
        for (unsigned version : {0u, 4u, 6u})
          for (unsigned payload = 0; payload < 150; payload += 7) {
            PacketSpec spec;
            spec.version = version;
            spec.payload = payload;
            spec.tags.assign(tags, 0x8100);
            if (tags != 0) spec.tags[0] = outer;
            const Bytes frame = build(spec, bench_.random());
            Bytes sent = frame;
            if (fcs) sent.insert(sent.end(), {1, 2, 3, 4});
            bool stripped;
            unsigned tci;
            const Bytes expected = without_tag(sent, stripped, tci);
            const unsigned size = payload % 2 ? 9100 : 64, need = unsigned(expected.size() + size - 1) / size;
            for (unsigned i = 0; i < need; ++i) bench_.post(0x9000'0000 + i * 0x4000 + payload % 5, size);
            bench_.doorbell();
            bench_.send({sent, 7, fcs});
            const unsigned octets = bench_.counts().octets;
            ASSERT_TRUE(bench_.run_until_idle());
            const auto got = bench_.take_frames();
            ASSERT_EQ(got.size(), 1u);
            Bytes bytes;
            for (const auto& buffer : got[0]) bytes.insert(bytes.end(), buffer.bytes.begin(), buffer.bytes.end());
            ASSERT_EQ(bytes, expected) << "tags " << tags << " payload " << payload;
            const ReturnedBuffer& last = got[0].back();
            EXPECT_EQ(got[0].size(), need);
            EXPECT_EQ((last.flags & kVlan) != 0, stripped);
            EXPECT_EQ(last.vlan, tci);
            EXPECT_EQ(last.frame_length, expected.size());
            EXPECT_EQ(bench_.counts().octets - octets, expected.size() - (fcs ? 4 : 0));
            const RxVerdict verdict = reference_verdict(frame);
            EXPECT_EQ(flag_names(last.flags & kVerdictFlags), flag_names(verdict.flags)) << "the tag changes no verdict";
            bool again;
            const Bytes inner = without_tag(frame, again, tci);
            EXPECT_EQ(last.raw_csum, reference_verdict(inner).raw_csum) << "of the frame as delivered";
            bench_.take_entries();
          }
  }
}

}  // namespace
}  // namespace ringside::testbench
