// Frames from the MAC to buffers and return entries: bytes, order, chains.
#include <gtest/gtest.h>

#include <algorithm>

#include "testbench/rtl/rx/rx_bench.h"

namespace ringside::testbench {
namespace {

std::vector<uint8_t> random_frame(std::mt19937& random, unsigned length) {
  std::vector<uint8_t> bytes(length);
  for (auto& byte : bytes) byte = uint8_t(random());
  return bytes;
}

TEST(RxFlow, OneFrameOneBuffer) {
  RxBench bench;
  bench.enable();
  const uint32_t opaque = bench.post(0x5000'0003, 2048);
  bench.doorbell();
  RxFrame frame{random_frame(bench.random(), 60), 0x0123'4567'89AB'CDEF};
  bench.send(frame);
  ASSERT_TRUE(bench.run_until_idle());
  const auto frames = bench.take_frames();
  ASSERT_EQ(frames.size(), 1u);
  const ReturnedBuffer& entry = frames[0][0];
  EXPECT_EQ(entry.opaque, opaque);
  EXPECT_EQ(entry.bytes, frame.bytes);
  EXPECT_EQ(entry.frame_length, 60u);
  EXPECT_EQ(entry.flags & 0x103, 0x103u);
  EXPECT_EQ(entry.time_ns, frame.time_ns);
  EXPECT_EQ(entry.reserved | entry.vlan | entry.hash, 0u);
  EXPECT_EQ(bench.counts().frames, 1u);
  EXPECT_EQ(bench.counts().octets, 60u);
  EXPECT_EQ(bench.rx_cons(), 1u);
}

// What is filtered is done with its note at once, and with its sum when its bytes are thrown away, which wait for all
// that goes to the bus before them: when the bus stops at a return entry, more frames than there are places wait so.
void expect_filtered_behind_stopped_bus(unsigned stops_after) {
  RxBench bench;
  bench.set_rings(8, 8);
  bench.enable();
  bench.model().promiscuous_i = 0;
  bench.model().mac_addr_i = 0x02;
  const auto frame_to = [&bench](uint8_t first, unsigned length) {
    RxFrame frame{random_frame(bench.random(), length), 0};
    std::fill(frame.bytes.begin(), frame.bytes.begin() + 6, uint8_t{0});
    frame.bytes[0] = first;
    return frame;
  };
  const RxFrame sent[] = {frame_to(0x02, 60), frame_to(0x02, 1500), frame_to(0x02, 9000)};
  for (unsigned i = 0; i < 3; ++i) bench.post(0x5000'0000 + 0x4000 * i, 9100);
  bench.doorbell();
  bench.run(200);  // the descriptors are there
  bench.send(sent[0]);
  for (unsigned i = 0; i < 40; ++i) bench.send(frame_to(0x04, 60));
  bench.send(sent[1]);
  bench.send(sent[2]);
  bench.run(stops_after);
  bench.options().bus_stalls = 100;
  bench.run(2000);
  bench.options().bus_stalls = 0;
  ASSERT_TRUE(bench.run_until_idle());
  EXPECT_EQ(bench.counts().filtered, 40u);
  const auto frames = bench.take_frames();
  ASSERT_EQ(frames.size(), 3u);
  for (unsigned i = 0; i < 3; ++i) EXPECT_EQ(frames[i][0].bytes, sent[i].bytes);
}
TEST(RxFlow, ManyFilteredFramesBehindAStoppedBus) {
  for (unsigned stops_after = 0; stops_after < 60; ++stops_after) {
    SCOPED_TRACE(stops_after);
    expect_filtered_behind_stopped_bus(stops_after);
  }
}

TEST(RxFlow, EveryLengthEveryOffset) {
  for (unsigned stalls : {0u, 40u}) {
    RxBench bench(stalls + 1);
    bench.options().bus_stalls = stalls;
    bench.options().mac_gaps = stalls / 2;
    bench.set_rings(8, 8);
    bench.enable();
    std::vector<RxFrame> sent;
    auto flush = [&] {
      bench.doorbell();
      ASSERT_TRUE(bench.run_until_idle());
      const auto frames = bench.take_frames();
      ASSERT_EQ(frames.size(), sent.size());
      for (size_t i = 0; i < frames.size(); ++i) {
        ASSERT_EQ(frames[i].size(), 1u);
        ASSERT_EQ(frames[i][0].bytes, sent[i].bytes) << "length " << sent[i].bytes.size();
        ASSERT_EQ(frames[i][0].time_ns, sent[i].time_ns);
      }
      bench.take_entries();
      sent.clear();
    };
    for (unsigned length = 60; length <= 310; ++length) {
      const unsigned bytes = length <= 300 ? length : length == 301 ? 1514 : length == 302 ? 9018 : 60 + length;
      for (unsigned offset = 0; offset < 8; ++offset) {
        bench.post(0x6000'0000 + 0x8000 * ((length * 8 + offset) % 256) + offset * 509 + 4090 * (length % 2), 9100);
        sent.push_back({random_frame(bench.random(), bytes), bench.random()()});
        bench.send(sent.back());
      }
      if (length % 31 == 0) flush();
      if (HasFatalFailure()) return;
    }
    flush();
  }
}

std::vector<uint8_t> joined(const std::vector<ReturnedBuffer>& chain) {
  std::vector<uint8_t> bytes;
  for (const auto& buffer : chain) bytes.insert(bytes.end(), buffer.bytes.begin(), buffer.bytes.end());
  return bytes;
}

TEST(RxFlow, ChainsOverBuffersOfAnySize) {
  RxBench bench(7);
  bench.options().bus_stalls = 20;
  bench.set_rings(8, 8);
  bench.enable();
  for (unsigned round = 0; round < 60; ++round) {
    std::vector<RxFrame> sent;
    unsigned sizes[256], posted = 0;
    for (; posted < 200; ++posted) {
      sizes[posted] = 64 + bench.random()() % (round % 3 ? 100 : 900);
      bench.post(0x4000'0000 + posted * 0x4000 + bench.random()() % 4096, sizes[posted]);
    }
    unsigned used = 0;
    std::vector<unsigned> buffers;
    while (true) {
      const unsigned length = 60 + bench.random()() % (round % 2 ? 1500 : 3000);
      unsigned room = 0, n = 0;
      while (used + n < posted && room < length) room += sizes[used + n++];
      if (room < length) break;
      used += n;
      buffers.push_back(n);
      sent.push_back({random_frame(bench.random(), length), length});
      bench.send(sent.back());
    }
    bench.doorbell();
    ASSERT_TRUE(bench.run_until_idle());
    const auto frames = bench.take_frames();
    ASSERT_EQ(frames.size(), sent.size());
    for (size_t i = 0, at = 0; i < frames.size(); ++i) {
      ASSERT_EQ(frames[i].size(), buffers[i]);
      ASSERT_EQ(joined(frames[i]), sent[i].bytes);
      for (size_t b = 0; b < frames[i].size(); ++b, ++at) {
        const bool last = b + 1 == frames[i].size();
        EXPECT_EQ(frames[i][b].flags & 3, (b == 0 ? 2u : 0u) | (last ? 1u : 0u));
        if (last) {
          EXPECT_EQ(frames[i][b].frame_length, sent[i].bytes.size());
        } else {
          EXPECT_EQ(frames[i][b].length, sizes[at]) << "a buffer is filled before the next is used";
        }
      }
    }
    EXPECT_EQ(bench.counts().no_buffer, 0u);
    for (; used < posted; ++used) {  // use up what is left, so that the next round's sizes are known
      bench.send({random_frame(bench.random(), 60), 0});
    }
    ASSERT_TRUE(bench.run_until_idle());
    bench.take_frames();
    bench.take_entries();
  }
}

}  // namespace
}  // namespace ringside::testbench
