// What happens to a frame that cannot be delivered: filters, drops by reason, errors of the ring.
#include <gtest/gtest.h>

#include "testbench/rtl/rx/rx_bench.h"
#include "testbench/rtl/rx/rx_helpers.h"
#include "testbench/rtl/rx/rx_packets.h"

namespace ringside::testbench {
namespace {

uint32_t crc32(const uint8_t* data, size_t length) {
  uint32_t crc = 0xFFFFFFFF;
  for (size_t i = 0; i < length; ++i) {
    crc ^= data[i];
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320 : 0);
  }
  return ~crc;
}

// ---------------------------------------------------------------- E11: the address filter
class RxFilterTest : public ::testing::Test {
 protected:
  RxFilterTest() {
    bench_.set_rings(8, 8);
    bench_.model().promiscuous_i = 0;
    bench_.model().mac_addr_i = 0x0605'0403'0202;
    bench_.enable();
    post_many(bench_, 1);
  }
  bool passes(uint64_t address) {
    const unsigned before = bench_.counts().delivered, filtered = bench_.counts().filtered;
    bench_.send({frame_to(address), 0});
    EXPECT_TRUE(bench_.run_until_idle());
    const bool passed = bench_.counts().delivered != before;
    EXPECT_EQ(bench_.counts().filtered - filtered, passed ? 0u : 1u);
    if (passed) {
      const unsigned flags = bench_.take_frames().at(0).at(0).flags & (kBroadcast | kMulticast);
      EXPECT_EQ(flags, address == kAll ? kBroadcast : address & 1 ? kMulticast : 0u);
      bench_.take_entries();
      post_many(bench_, 1);
    }
    return passed;
  }
  static constexpr uint64_t kAll = 0xFFFF'FFFF'FFFF, kOwn = 0x0605'0403'0202;
  RxBench bench_;
};

TEST_F(RxFilterTest, OwnAddress) {
  EXPECT_TRUE(passes(kOwn));
  for (int bit = 1; bit < 48; ++bit) EXPECT_FALSE(passes(kOwn ^ uint64_t{1} << bit)) << bit;
  bench_.model().promiscuous_i = 1;
  EXPECT_TRUE(passes(kOwn ^ 2));
  EXPECT_TRUE(passes(kOwn | 1));
}

TEST_F(RxFilterTest, BroadcastAndAllMulticast) {
  EXPECT_FALSE(passes(kAll));
  bench_.model().mac_hash_i = ~uint64_t{0};
  bench_.model().accept_all_multicast_i = 1;
  EXPECT_FALSE(passes(kAll)) << "broadcast has its own switch";
  EXPECT_TRUE(passes(0x0100'005E'0001));
  bench_.model().accept_all_multicast_i = bench_.model().mac_hash_i = 0;
  bench_.model().accept_broadcast_i = 1;
  EXPECT_TRUE(passes(kAll));
  EXPECT_FALSE(passes(kAll ^ uint64_t{1} << 47));
  EXPECT_EQ(bench_.counts().broadcast, 1u);
  EXPECT_EQ(bench_.counts().multicast, 1u);
}

TEST_F(RxFilterTest, MulticastHash) {
  for (int i = 0; i < 200; ++i) {
    const uint64_t address = (uint64_t{bench_.random()()} << 16 ^ bench_.random()()) % (1ull << 48) | 1;
    const Bytes frame = frame_to(address);
    const unsigned bit = crc32(frame.data(), 6) >> 26;
    bench_.model().mac_hash_i = uint64_t{1} << bit;
    EXPECT_TRUE(passes(address)) << std::hex << address;
    bench_.model().mac_hash_i = ~(uint64_t{1} << bit);
    EXPECT_FALSE(passes(address)) << std::hex << address;
    EXPECT_FALSE(passes(address & ~uint64_t{1})) << "the hash is for group addresses alone";
  }
}

// ---------------------------------------------------------------- R3: no buffer, no room
TEST(RxDrop, NoBufferThenClean) {
  RxBench bench;
  bench.enable();
  for (unsigned length : {60u, 64u, 65u, 1514u, 9018u}) {
    bench.send({frame_to(2, length), 0});
    ASSERT_TRUE(bench.run_until_idle());
    post_many(bench, 1, 9100);
    bench.send({frame_to(4, length + 1), 0});
    bench.send({frame_to(6, length), 0});  // none left for this one
    ASSERT_TRUE(bench.run_until_idle());
    const auto frames = bench.take_frames();
    ASSERT_EQ(frames.size(), 1u);
    EXPECT_EQ(frames[0][0].bytes, frame_to(4, length + 1));
    bench.take_entries();
  }
  EXPECT_EQ(bench.counts().no_buffer, 10u);
  EXPECT_EQ(bench.counts().delivered, 5u);
}

TEST(RxDrop, ChainTooLongForWhatIsPosted) {
  RxBench bench;
  bench.set_rings(3, 3);
  bench.enable();
  post_many(bench, 3, 64);
  bench.send({frame_to(2, 193), 0});  // needs four
  bench.send({frame_to(4, 192), 0});  // uses three
  ASSERT_TRUE(bench.run_until_idle());
  const auto frames = bench.take_frames();
  ASSERT_EQ(frames.size(), 1u);
  EXPECT_EQ(frames[0].size(), 3u);
  EXPECT_EQ(bench.counts().no_buffer, 1u);
}

TEST(RxDrop, WaitsForPostedDescriptors) {
  RxBench bench;
  bench.options().read_latency = 2000;
  bench.set_rings(8, 8);
  bench.enable();
  bench.send({frame_to(2, 9000), 0});
  post_many(bench, 150, 64);  // three fetches
  ASSERT_TRUE(bench.run_until_idle());
  EXPECT_EQ(bench.take_frames().size(), 1u);
  EXPECT_EQ(drops(bench), 0u);
}

// A frame in any cycle between doorbell and descriptors on chip waits for them; also in the middle of its chain.
TEST(RxDrop, FrameInAnyCycleOfAFetch) {
  for (uint32_t seed = 1; seed <= 4; ++seed)
    for (unsigned length : {60u, 300u, 900u})
      for (unsigned when = 0; when < 100; ++when) {
        RxBench bench(seed);  // the same timeline, the frame a cycle later each time
        bench.options().read_latency = 30;
        bench.set_rings(4, 4);
        bench.enable();
        post_many(bench, 16, 64);
        bench.run(when);
        bench.send({frame_to(2, length), 0});
        ASSERT_TRUE(bench.run_until_idle());
        EXPECT_EQ(bench.take_frames().size(), 1u) << "length " << length << " when " << when;
        EXPECT_EQ(drops(bench), 0u);
      }
}

TEST(RxDrop, ReturnRingFullThenResumes) {  // D8
  RxBench bench;
  bench.set_rings(8, 3);
  bench.enable();
  post_many(bench, 100, 100);
  for (int i = 0; i < 12; ++i) bench.send({frame_to(2, 60), 0});
  ASSERT_TRUE(bench.run_until_idle());
  EXPECT_EQ(bench.take_frames().size(), 8u);
  EXPECT_EQ(bench.counts().no_buffer, 4u);
  bench.take_entries();
  bench.send({frame_to(2, 801), 0});  // nine entries never fit into eight
  bench.send({frame_to(4, 800), 0});
  ASSERT_TRUE(bench.run_until_idle());
  const auto frames = bench.take_frames();
  ASSERT_EQ(frames.size(), 1u);
  EXPECT_EQ(frames[0].size(), 8u);
  EXPECT_EQ(bench.counts().no_buffer, 5u);
}

TEST(RxDrop, BuffersOf64OctetsForTheLongestFrame) {
  RxBench bench;
  bench.set_rings(8, 8);
  bench.enable();
  post_many(bench, 256, 64);
  bench.send({frame_to(2, 9026), 0});
  ASSERT_TRUE(bench.run_until_idle());
  const auto frames = bench.take_frames();
  ASSERT_EQ(frames.size(), 1u);
  EXPECT_EQ(frames[0].size(), 142u);
}

// ---------------------------------------------------------------- disabled
TEST(RxDrop, DisabledInEveryWay) {
  RxBench bench;
  bench.send({frame_to(2), 0});  // ring off
  ASSERT_TRUE(bench.run_until_idle());
  EXPECT_EQ(bench.counts().disabled, 1u);
  bench.enable();
  post_many(bench, 4);
  bench.model().enable_i = 0;
  bench.send({frame_to(2), 0});
  ASSERT_TRUE(bench.run_until_idle());
  EXPECT_EQ(bench.counts().disabled, 2u);
  bench.model().enable_i = 1;
  bench.model().quiesce_i = 1;
  bench.send({frame_to(2), 0});
  ASSERT_TRUE(bench.run_until_idle());
  EXPECT_EQ(bench.counts().disabled, 3u);
  bench.model().quiesce_i = 0;
  bench.model().bus_master_i = 0;
  bench.send({frame_to(2), 0});
  ASSERT_TRUE(bench.run_until_idle());
  EXPECT_EQ(bench.counts().dma_error, 1u);
  bench.model().bus_master_i = 1;
  bench.send({frame_to(2), 0});
  ASSERT_TRUE(bench.run_until_idle());
  EXPECT_EQ(bench.counts().delivered, 1u);
  EXPECT_EQ(drops(bench), 4u);
}

TEST(RxDrop, DisableInAnyCycleFinishesTheFrameInHand) {  // D13, D17
  for (unsigned when = 0; when < 120; ++when) {
    RxBench bench(when);
    bench.set_rings(4, 4);
    bench.options().bus_stalls = 20;
    bench.enable();
    post_many(bench, 12, 300);
    bench.run(60);
    for (int i = 0; i < 3; ++i) bench.send({frame_to(2, 500), 0});
    bench.run(when);
    if (when % 2) bench.disable();
    else bench.model().quiesce_i = 1;
    ASSERT_TRUE(bench.run_until_idle());
    EXPECT_EQ(bench.running(), when % 2 ? 0 : 1);
    EXPECT_EQ(bench.counts().delivered + bench.counts().disabled, 3u);
    EXPECT_EQ(bench.counts().delivered, bench.take_frames().size());
    bench.model().quiesce_i = 0;
    bench.disable();
    ASSERT_TRUE(bench.run_until_idle());
    bench.reset_ring();
    EXPECT_EQ(bench.ret_prod(), 0u);
    bench.enable();
    post_many(bench, 2, 600);
    bench.send({frame_to(4, 600), 0});
    ASSERT_TRUE(bench.run_until_idle());
    const auto frames = bench.take_frames();
    ASSERT_EQ(frames.size(), 1u) << "clean after disable and reset, when " << when;
    EXPECT_EQ(frames[0][0].bytes, frame_to(4, 600));
  }
}

// ---------------------------------------------------------------- errors
void expect_clean_after_reset(RxBench& bench) {
  bench.disable();
  ASSERT_TRUE(bench.run_until_idle());
  bench.reset_ring();
  EXPECT_EQ(bench.error(), 0u);
  bench.enable();
  post_many(bench, 1);
  bench.send({frame_to(2), 0});
  ASSERT_TRUE(bench.run_until_idle());
  EXPECT_EQ(bench.take_frames().size(), 1u);
}

TEST(RxError, BadDescriptor) {  // D14
  RxBench bench;
  bench.set_rings(4, 4);
  bench.enable();
  post_many(bench, 3);
  bench.post(0xA000'0000, 63);
  post_many(bench, 2);
  for (int i = 0; i < 5; ++i) bench.send({frame_to(2), 0});
  ASSERT_TRUE(bench.run_until_idle());
  EXPECT_EQ(bench.take_frames().size(), 3u);
  EXPECT_EQ(bench.error(), 6u);
  EXPECT_EQ(bench.error_idx(), 3u);
  EXPECT_EQ(bench.counts().disabled, 2u);
  expect_clean_after_reset(bench);
}

TEST(RxError, DescriptorReadFails) {
  for (unsigned reason = 1; reason <= 5; ++reason) {
    RxBench bench(reason);
    bench.set_rings(6, 6);
    bench.enable();
    post_many(bench, 2);
    ASSERT_TRUE(bench.run_until_idle());
    bench.options().read_error = reason;
    for (int i = 0; i < 4; ++i) bench.send({frame_to(2), 0});
    bench.run(3);
    post_many(bench, 20);
    ASSERT_TRUE(bench.run_until_idle());
    EXPECT_EQ(bench.take_frames().size(), 2u);
    EXPECT_EQ(bench.error(), reason);
    EXPECT_EQ(bench.error_idx(), 2u);
    EXPECT_EQ(bench.counts().dma_error, 1u) << "the frame that waited for it";
    EXPECT_EQ(drops(bench), 2u);
    expect_clean_after_reset(bench);
  }
}

TEST(RxError, BadDoorbells) {
  for (bool ret : {false, true}) {
    RxBench bench;
    bench.enable();
    post_many(bench, 8);  // as many as fit
    ASSERT_TRUE(bench.run_until_idle());
    EXPECT_EQ(bench.error(), 0u);
    if (ret) bench.set_ret_cons(0, 1);
    else bench.set_prod(0, 9);
    ASSERT_TRUE(bench.run_until_idle());
    EXPECT_EQ(bench.error(), 7u);
    bench.send({frame_to(2), 0});
    ASSERT_TRUE(bench.run_until_idle());
    EXPECT_EQ(bench.counts().disabled, 1u);
    expect_clean_after_reset(bench);
  }
}

// Below what is on chip, above what is used up: descriptors that nobody posted must not be read.
TEST(RxError, ProducerTakenBack) {  // D1
  RxBench bench;
  bench.set_rings(6, 6);
  bench.enable();
  post_many(bench, 20);
  ASSERT_TRUE(bench.run_until_idle());
  const unsigned asked = bench.desc_requests();
  bench.set_prod(0, 10);
  ASSERT_TRUE(bench.run_until_idle());
  EXPECT_EQ(bench.error(), 7u);
  EXPECT_EQ(bench.error_idx(), 10u);
  EXPECT_EQ(bench.desc_requests(), asked);
  bench.send({frame_to(2), 0});
  ASSERT_TRUE(bench.run_until_idle());
  EXPECT_EQ(bench.counts().disabled, 1u);
  expect_clean_after_reset(bench);
}

}  // namespace
}  // namespace ringside::testbench
