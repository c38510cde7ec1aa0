// Packet buffers, checksum and the small pieces.
#include <gtest/gtest.h>

#include <algorithm>

#include "stack/checksum.h"
#include "stack/egress_queue.h"
#include "stack/packet_tools.h"
#include "testbench/stack/support/two_hosts.h"

namespace ringside::testbench {
namespace {

TEST(BufferPool, GivesEachBufferOnceAndCountsRefusals) {
  OwnedPool pool(2, 64);
  BufferRef a = pool->allocate(), b = pool->allocate();
  EXPECT_NE(a.data(), b.data());
  EXPECT_FALSE(pool->allocate());
  EXPECT_EQ(pool->exhausted(), 1u);
  BufferRef same = a;
  a.reset();
  EXPECT_EQ(pool->free_count(), 0u);  // still referred to
  same.reset();
  EXPECT_EQ(pool->free_count(), 1u);
  EXPECT_THROW(BufferPool(nullptr, 1, 64), std::invalid_argument);
}

Packet three_pieces(OwnedPool& pool, const std::vector<uint8_t>& bytes) {
  Packet packet;
  const uint32_t third = static_cast<uint32_t>(bytes.size() / 3);
  for (uint32_t at = 0, i = 0; i < 3; ++i) {
    const uint32_t length = i < 2 ? third : static_cast<uint32_t>(bytes.size()) - at;
    BufferRef buffer = pool->allocate();
    std::copy(bytes.begin() + at, bytes.begin() + at + length, buffer.data() + 5);
    packet.add_fragment(std::move(buffer), 5, length);
    at += length;
  }
  return packet;
}

TEST(Packet, PullTrimCopyOutAgreeWithAVector) {
  const auto bytes = pattern(100);
  for (uint32_t pull = 0; pull <= 100; ++pull) {
    for (uint32_t keep = 0; keep <= 100 - pull; keep += 7) {
      OwnedPool pool(8, 128);
      Packet packet = three_pieces(pool, bytes);
      ASSERT_TRUE(packet.pull(pull));
      ASSERT_TRUE(packet.trim(keep));
      ASSERT_EQ(packet.length(), keep);
      std::vector<uint8_t> out(keep);
      ASSERT_EQ(packet.copy_out(0, out.data(), keep), keep);
      ASSERT_TRUE(std::equal(out.begin(), out.end(), bytes.begin() + pull));
      EXPECT_FALSE(packet.pull(keep + 1));
      EXPECT_FALSE(packet.trim(keep + 1));
    }
  }
}

TEST(Packet, HeadroomAndTailroomAreBounds) {
  OwnedPool pool(1, 64);
  Packet packet = Packet::with_headroom(pool->allocate(), 20);
  EXPECT_NE(packet.push(20), nullptr);
  EXPECT_EQ(packet.push(1), nullptr);
  EXPECT_NE(packet.append(44), nullptr);
  EXPECT_EQ(packet.append(1), nullptr);
  EXPECT_EQ(packet.length(), 64u);
  EXPECT_TRUE(Packet::with_headroom(pool->allocate(), 0).empty());  // the pool is empty
}

TEST(Packet, ShareRefersToTheSameBytesAndGivesAllBack) {
  OwnedPool pool(8, 128);
  {
    Packet packet = three_pieces(pool, pattern(90));
    Packet other = packet.share();
    EXPECT_EQ(other.fragment(1).begin(), packet.fragment(1).begin());
    Packet moved = std::move(packet);
    EXPECT_TRUE(packet.empty());  // NOLINT: moved-from is empty by contract
    EXPECT_EQ(moved.length(), 90u);
    for (size_t i = moved.fragment_count(); i < Packet::kMaxFragments; ++i) {
      EXPECT_TRUE(moved.add_fragment(moved.fragment(0).buffer, 5, 1));
    }
    EXPECT_FALSE(moved.add_fragment(moved.fragment(0).buffer, 5, 1));
  }
  EXPECT_EQ(pool->free_count(), 8u);
}

TEST(PacketTools, ContiguousHeaderOutOfSplitPieces) {
  OwnedPool pool(8, 256);
  const auto bytes = pattern(90);
  Packet packet = three_pieces(pool, bytes);
  ASSERT_TRUE(make_contiguous(packet, 60, *pool));
  EXPECT_TRUE(std::equal(bytes.begin(), bytes.begin() + 60, packet.header(60)));
  EXPECT_EQ(packet.length(), 90u);
  EXPECT_FALSE(make_contiguous(packet, 91, *pool));
}

// The definition, word by word.
uint16_t slow_sum(const std::vector<uint8_t>& bytes) {
  uint32_t sum = 0;
  for (size_t i = 0; i < bytes.size(); i += 2) {
    sum += bytes[i] << 8 | (i + 1 < bytes.size() ? bytes[i + 1] : 0);
    sum = (sum & 0xFFFF) + (sum >> 16);
  }
  return static_cast<uint16_t>(sum);
}

TEST(Checksum, AgreesWithTheDefinitionAtEveryLengthSplitAndAlignment) {
  const auto bytes = pattern(300);
  for (size_t length = 0; length <= 130; ++length) {
    for (size_t split = 0; split <= length; split += 1 + split / 5) {
      ChecksumSum sum;
      sum.add(bytes.data() + 3, split);
      sum.add(bytes.data() + 3 + split, length - split);
      ASSERT_EQ(sum.folded(), slow_sum({bytes.begin() + 3, bytes.begin() + 3 + static_cast<long>(length)}))
          << length << ' ' << split;
    }
  }
}

TEST(Checksum, AllOnesStayAllOnesAndRfc1071Example) {
  ChecksumSum ones;
  const std::vector<uint8_t> full(64, 0xFF);
  ones.add(full.data(), full.size());
  EXPECT_EQ(ones.folded(), 0xFFFF);
  ChecksumSum example;
  const std::vector<uint8_t> words = {0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7};
  example.add(words.data(), words.size());
  EXPECT_EQ(example.folded(), 0xddf2);
}

TEST(TokenBucket, PassesTheRateAndTheBurst) {
  TokenBucket bucket;
  bucket.configure(8'000'000'000, 3000, 0);  // 1 byte a nanosecond
  EXPECT_TRUE(bucket.take(3000, 0));
  EXPECT_FALSE(bucket.take(1000, 999));
  EXPECT_EQ(bucket.ready_at_ns(1000, 999), 1000u);
  EXPECT_TRUE(bucket.take(1000, 1000));
  EXPECT_FALSE(bucket.take(5000, 3999));
  EXPECT_TRUE(bucket.take(5000, 4000));  // larger than the bucket: passes when it is full
  EXPECT_THROW(bucket.configure(2'000'000'000'000, 1, 0), std::invalid_argument);
}

TEST(Timers, RunInOrderOfDeadlineThenOfArming) {
  TimerQueue queue;
  std::vector<int> order;
  std::vector<std::unique_ptr<Timer>> timers;
  for (int i = 0; i < 50; ++i) timers.push_back(std::make_unique<Timer>(queue, [&order, i] { order.push_back(i); }));
  for (int i = 0; i < 50; ++i) timers[static_cast<size_t>(i)]->arm(static_cast<uint64_t>(100 - i / 2));
  timers[10]->cancel();
  timers[0]->arm(1);
  EXPECT_EQ(queue.next_deadline_ns(), 1u);
  EXPECT_EQ(queue.run(90), 1u + 2 * 15);
  EXPECT_EQ(order.front(), 0);
  EXPECT_EQ(order[1], 48);
  EXPECT_EQ(order[2], 49);
  timers.clear();
  EXPECT_EQ(queue.next_deadline_ns(), kNever);
}

TEST(Random, RepeatsAndSipHashAgreesWithItsReference) {
  Random a(5), b(5);
  EXPECT_EQ(a.next(), b.next());
  uint8_t message[15];
  for (uint8_t i = 0; i < 15; ++i) message[i] = i;
  // Reference vector of the SipHash paper, appendix A.
  EXPECT_EQ(siphash_2_4({0x0706050403020100u, 0x0f0e0d0c0b0a0908u}, message, 15), 0xa129ca6149be45e5u);
}

}  // namespace
}  // namespace ringside::testbench
