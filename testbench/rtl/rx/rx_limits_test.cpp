// The RX engine at its limits: index wraps, batches, rest, speed, and everything at once at random.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "Vrx_bench___024root.h"
#include "testbench/rtl/rx/rx_helpers.h"

namespace ringside::testbench {
namespace {

// ---------------------------------------------------------------- indices
TEST(RxIndex, WrapsAtEverySize) {  // D15, F9
  for (unsigned log2 = 3; log2 <= 12; ++log2)
    for (uint32_t start : {0u, 0x0000'FFF0u, 0x00FF'FFF0u, 0xFFFF'FFF0u}) {
      RxBench bench(log2);
      bench.set_rings(log2, 15 - log2);
      bench.enable();
      bench.run(40);
      bench.preload(start);
      const unsigned fit = std::min(1u << log2, 1u << (15 - log2));
      unsigned total = 0;
      for (int round = 0; round < 8; ++round) {
        const unsigned n = std::min(fit, 40u);
        post_many(bench, n, 128);
        for (unsigned i = 0; i < n; ++i) bench.send({frame_to(2, 60 + i), 0});
        ASSERT_TRUE(bench.run_until_idle());
        const auto frames = bench.take_frames();
        ASSERT_EQ(frames.size(), n) << "size " << (1u << log2) << " round " << round << " start " << start;
        for (unsigned i = 0; i < n; ++i) ASSERT_EQ(frames[i][0].length, 60 + i);
        bench.take_entries();
        total += n;
      }
      EXPECT_EQ(bench.ret_prod(), start + total);
      EXPECT_EQ(bench.rx_cons(), start + total);
      EXPECT_EQ(bench.error(), 0u);
    }
}

TEST(RxIndex, DescriptorsComeInBatches) {
  RxBench bench;
  bench.set_rings(8, 8);
  bench.enable();
  post_many(bench, 256);
  ASSERT_TRUE(bench.run_until_idle());
  EXPECT_EQ(bench.desc_requests(), 4u) << "64 at a time";
  for (int i = 0; i < 250; ++i) bench.send({frame_to(2), 0});
  while (!bench.sent_all()) {
    ASSERT_LT(bench.cycle(), 100'000u) << "no progress";
    bench.step();
    if (bench.take_frames().size()) {
      bench.take_entries();
      post_many(bench, 1);
    }
  }
  ASSERT_TRUE(bench.run_until_idle());
  EXPECT_LE(bench.desc_requests(), 4u + 250 / 16 + 4) << "not one by one while many are on chip";
}

// ---------------------------------------------------------------- rest
// With idle high no flop may change: the whole state of the model is compared, octet by octet, over some clocks in
// which no input moves.
void expect_still(RxBench& bench, unsigned clocks, const char* where) {
  auto& model = bench.model();
  model.mac_valid_i = model.dmar_valid_i = model.dmar_done_i = 0;
  model.eval();
  if (!model.idle_o) return;
  std::vector<uint8_t> before(sizeof(*model.rootp));
  std::memcpy(before.data(), static_cast<void*>(model.rootp), before.size());
  for (unsigned i = 0; i < 2 * clocks; ++i) {
    model.clk_i = i & 1;
    model.eval();
  }
  EXPECT_EQ(std::memcmp(before.data(), static_cast<void*>(model.rootp), before.size()), 0) << where;
}

TEST(RxRest, NoFlopMovesWhileIdle) {
  RxBench bench;
  bench.set_rings(4, 4);
  auto still = [&](const char* where) {
    ASSERT_TRUE(bench.run_until_idle()) << where;
    expect_still(bench, 50, where);
  };
  still("after reset");
  bench.enable();
  still("enabled");
  post_many(bench, 5);
  bench.step();
  EXPECT_FALSE(bench.model().idle_o) << "a doorbell wakes it at once";
  still("descriptors on chip");
  bench.send({frame_to(2, 300), 0});
  bench.step();
  EXPECT_FALSE(bench.model().idle_o) << "a frame wakes it at once";
  still("after a frame");
  bench.disable();
  still("off");
}

// The same in every single cycle of a busy life: whenever it says idle, one more clock changes nothing.
TEST(RxRest, IdleIsExactInEveryCycle) {
  RxBench bench(3);
  bench.set_rings(4, 4);
  bench.options().bus_stalls = 30;
  unsigned posted = 0, returned = 0, idle = 0;
  bench.enable();
  for (int cycle = 0; cycle < 4000 && !::testing::Test::HasFailure(); ++cycle) {
    if (cycle % 50 == 0) bench.send({frame_to(2, 60 + cycle % 300), 0});
    if (cycle % 70 == 0 && posted - returned < 16) bench.post(0x9000'0000 + uint64_t{posted++} * 0x1000, 200);
    if (cycle % 140 == 0) bench.doorbell();
    if (cycle % 90 == 0) bench.take_entries();
    if (cycle == 2000) bench.model().bus_master_i = 0;
    bench.step();
    for (const auto& chain : bench.take_frames()) returned += unsigned(chain.size());
    expect_still(bench, 1, "in a busy life");
    idle += bench.model().idle_o;
  }
  EXPECT_GT(idle, 300u);
  EXPECT_GT(returned, 10u);
}

// ---------------------------------------------------------------- speed
unsigned cycles_per_frame(unsigned length, unsigned offset) {
  RxBench bench;
  bench.set_rings(10, 10);
  bench.options().read_latency = 125;  // 500 ns
  bench.enable();
  unsigned posted = 0, sent = 0, got = 0;
  for (; posted < 512; ++posted) bench.post(0x9000'0000 + uint64_t{posted} * 0x4000 + offset, 9100);
  bench.doorbell();
  bench.run_until_idle();
  const uint64_t start = bench.cycle();
  while (got < 1000) {
    if (sent < 1000) bench.send({frame_to(2, length), sent++});
    bench.step();
    const auto frames = bench.take_frames();
    got += unsigned(frames.size());
    bench.take_entries();
    for (size_t i = 0; i < frames.size(); ++i, ++posted)
      bench.post(0x9000'0000 + uint64_t{posted % 512} * 0x4000 + offset, 9100);
    bench.doorbell();
    if (bench.cycle() - start > 1'000'000) ADD_FAILURE() << "no progress";
    if (::testing::Test::HasFailure()) return 0;
  }
  EXPECT_EQ(drops(bench), 0u);
  return unsigned((bench.cycle() - start + 500) / 1000);
}

TEST(RxSpeed, CyclesPerFrame) {
  const unsigned beats = (60 + kBeatBytes - 1) / kBeatBytes, entry = 32 > kBeatBytes ? 32 / kBeatBytes : 1;
  const unsigned small = cycles_per_frame(60, 0), odd = cycles_per_frame(60, 2), large = cycles_per_frame(1514, 2);
  RecordProperty("cycles_60", int(small));
  RecordProperty("cycles_60_offset_2", int(odd));
  RecordProperty("cycles_1514_offset_2", int(large));
  EXPECT_LE(small, beats + entry);
  EXPECT_LE(odd, small + 1);
  EXPECT_LE(large, (1514 + 127) / 128 * ((128 + kBeatBytes - 1) / kBeatBytes) + 20);
}

TEST(RxSpeed, LatencyToTheReturnEntry) {
  RxBench bench;
  bench.enable();
  post_many(bench, 1);
  bench.run_until_idle();
  const uint64_t start = bench.cycle();
  bench.send({frame_to(2, 60), 0});
  bench.run_until_idle();
  const uint64_t cycles = bench.last_write_cycle() - start;
  RecordProperty("cycles", int(cycles));
  EXPECT_LE(cycles, 26u + 2 * ((60 + kBeatBytes - 1) / kBeatBytes));
}

// ---------------------------------------------------------------- everything at once
// Random frames, buffers, doorbells, gaps, stalls and latencies. Frames come out in order and whole, and every frame
// that went in was delivered or counted for one reason (D7, D16, D17).
TEST(RxStress, EveryFrameIsDeliveredOrCounted) {
  for (uint32_t seed = 1; seed <= 12; ++seed) {
    RxBench bench(seed);
    auto& random = bench.random();
    bench.options() = {seed % 3 * 20, seed % 4 * 15, 5 + unsigned(random() % 300), 0, 0};
    const unsigned log2 = 3 + random() % 5, ret_log2 = 3 + random() % 5;
    bench.set_rings(log2, ret_log2);
    bench.enable();
    std::vector<Bytes> sent;
    unsigned posted = 0, returned = 0, frames = 0;
    size_t next = 0;
    auto collect = [&] {
      for (const auto& chain : bench.take_frames()) {
        Bytes bytes;
        for (const auto& buffer : chain) bytes.insert(bytes.end(), buffer.bytes.begin(), buffer.bytes.end());
        while (next < sent.size() && sent[next] != bytes) ++next;
        ASSERT_LT(next++, sent.size()) << "a frame that was not sent, or out of order, seed " << seed;
        returned += unsigned(chain.size());
        ++frames;
      }
    };
    for (int cycle = 0; cycle < 30'000; ++cycle) {
      if (random() % (seed % 2 ? 10 : 60) == 0) {
        const unsigned length = random() % 4 ? 60 + random() % 200 : 60 + random() % 3000;
        Bytes frame(length);
        for (auto& byte : frame) byte = uint8_t(random());
        sent.push_back(frame);
        bench.send({frame, cycle + 0ull});
      }
      if (random() % 20 == 0)
        while (posted - returned < (1u << log2) && random() % 5)
          bench.post(0x9000'0000 + uint64_t{posted++ % 512} * 0x4000 + random() % 4096, 64 + random() % 1000);
      if (random() % 30 == 0) bench.doorbell();
      if (random() % 100 == 0) bench.take_entries();
      bench.step();
      collect();
      if (HasFatalFailure()) return;
    }
    ASSERT_TRUE(bench.run_until_idle(1'000'000));
    collect();
    EXPECT_EQ(sent.size(), frames + drops(bench)) << "seed " << seed;
    EXPECT_EQ(bench.counts().delivered, frames);
    EXPECT_GT(frames, 100u);
    EXPECT_EQ(bench.error(), 0u);
  }
}

// Short buffers fill the record FIFO, a second writer takes request slots between payload and entry: no deadlock.
TEST(RxStress, SecondWriterAndShortBuffersDoNotHang) {
  for (uint32_t seed = 1; seed <= 12; ++seed) {
    RxBench bench(seed);
    auto& random = bench.random();
    bench.set_rings(8, 8);
    bench.options().bus_stalls = seed % 4 * 25;
    bench.options().other_writes = 30 + seed % 3 * 35;
    bench.enable();
    unsigned frames = 0;
    for (int round = 0; round < 20; ++round) {
      for (unsigned i = 0; i < 200; ++i) bench.post(0x9000'0000 + uint64_t{i} * 0x4000, 64 + random() % 65);
      bench.doorbell();
      for (int i = 0; i < 12; ++i) bench.send({frame_to(2, 60 + random() % 900), 0});
      for (unsigned i = 0; frames < 12u * (round + 1); ++i) {
        ASSERT_LT(i, 20'000u) << "hangs, seed " << seed << " round " << round;
        bench.step();
        frames += unsigned(bench.take_frames().size());
        if (HasFailure()) return;
      }
      bench.take_entries();
      bench.disable();
      while (bench.running()) bench.step();
      bench.reset_ring();
      bench.enable();
      bench.run(4);
    }
    EXPECT_EQ(drops(bench), 0u);
  }
}

TEST(RxStress, BusMasterTakenAwayInAnyCycle) {  // P34, D17
  unsigned lost = 0;
  for (unsigned when = 0; when < 80; ++when)
    for (unsigned length : {1u, 30u}) {
      RxBench bench(when);
      bench.options().bus_stalls = 20;
      bench.set_rings(4, 4);
      bench.enable();
      post_many(bench, 16, 200);
      bench.run(50);
      for (int i = 0; i < 5; ++i) bench.send({frame_to(2, 300), 0});
      bench.run(when);
      bench.model().bus_master_i = 0;
      bench.run(length);
      bench.model().bus_master_i = 1;
      ASSERT_TRUE(bench.run_until_idle());
      const RxCounts& counts = bench.counts();
      EXPECT_EQ(counts.delivered + counts.dma_error + counts.disabled, 5u) << when;
      EXPECT_EQ(counts.delivered, bench.take_frames().size());
      EXPECT_EQ(bench.ret_prod(), counts.delivered * 2);
      if (bench.error() == 0) continue;
      ++lost;
      EXPECT_EQ(bench.error(), 1u);
      EXPECT_EQ(bench.error_idx(), counts.delivered * 2);
      bench.disable();
      ASSERT_TRUE(bench.run_until_idle());
      EXPECT_FALSE(bench.running());
      bench.reset_ring();
      bench.enable();
      post_many(bench, 1);
      bench.send({frame_to(2), 0});
      ASSERT_TRUE(bench.run_until_idle());
      EXPECT_EQ(bench.take_frames().size(), 1u);
    }
  EXPECT_GT(lost, 10u) << "the test must hit frames in flight";
}

TEST(RxStress, OffAndOnAgainAtOnceStartsAtIndexZero) {
  for (unsigned when = 0; when < 60; ++when) {
    RxBench bench(when);
    bench.set_rings(4, 4);
    bench.enable();
    post_many(bench, 4);
    bench.run(60);
    bench.send({frame_to(2, 300), 0});
    bench.run(when);
    bench.disable();
    bench.step();
    bench.enable();
    while (bench.running()) {  // finishes what it has, then starts afresh
      bench.step();
      ASSERT_LT(bench.cycle(), 2000u) << when;
    }
    bench.forget_ring();
    post_many(bench, 2);
    ASSERT_TRUE(bench.run_until_idle());
    EXPECT_TRUE(bench.running());
    const unsigned late = bench.ret_prod();  // the frame was not decided over yet when the ring went off and on
    ASSERT_LE(late, 1u);
    bench.send({frame_to(4), 0});
    ASSERT_TRUE(bench.run_until_idle());
    EXPECT_EQ(bench.ret_prod(), late + 1);
    EXPECT_EQ(bench.take_frames().size(), late + 1) << when;
    EXPECT_EQ(bench.counts().delivered + drops(bench), 2u) << when;
  }
}

}  // namespace
}  // namespace ringside::testbench
