// What tx_engine does with bad descriptors, bad doorbells and failed reads: the queue stops alone, with reason and index.
#include <gtest/gtest.h>

#include "testbench/rtl/dma_read/ports.h"
#include "testbench/rtl/tx/tx_bench.h"

namespace ringside::testbench {
namespace {

struct BadDescriptor {
  const char* name;
  std::vector<Descriptor> chain;
  uint32_t wrong;  // which of them
};
void PrintTo(const BadDescriptor& bad, std::ostream* out) { *out << bad.name; }  // for test names
class TxBadDescriptor : public testing::TestWithParam<BadDescriptor> {};

std::vector<Descriptor> chain_of(size_t count, uint16_t length) {
  std::vector<Descriptor> chain(count, Descriptor{0x1000, length, 0, 0, 0});
  chain.back().flags = kEop;
  return chain;
}
std::vector<Descriptor> with_csum(uint16_t length, uint16_t start, uint16_t offset) {
  return {Descriptor{0x1000, length, kEop | kCsum, start, offset}};
}
std::vector<Descriptor> with_flag(uint16_t flag) { return {Descriptor{0x1000, 64, static_cast<uint16_t>(kEop | flag), 0, 0}}; }

// Rule D14: the queue stops with reason and index, nothing of the packet is read, the packets before it go out, other
// queues go on, and a ring reset brings the queue back.
TEST_P(TxBadDescriptor, StopsTheQueueAlone) {
  TxBench bench(12);
  start_all(bench, 7);
  bench.host.latency = 20;
  for (uint32_t i = 0; i < 5; ++i) bench.post(0, make_packet(100, 1, 0x100000));
  const uint32_t first = bench.prod(0);
  for (const Descriptor& d : GetParam().chain) bench.post_raw(0, d);
  bench.post_raw(0, Descriptor{0x1000, 64, kEop, 0, 0});  // behind it: must not go out
  bench.ring(0);
  ASSERT_TRUE(bench.drain(5000)) << bench.failure();
  EXPECT_EQ(bench.error(0), kBadDescriptor);
  EXPECT_EQ(bench.error_idx(0), first + GetParam().wrong);
  EXPECT_EQ(bench.cons(0), first);
  EXPECT_EQ(bench.bad_descs, 1u);
  EXPECT_EQ(bench.payload_bytes, 500u);
  for (uint32_t q = 1; q < kQueues; ++q) send(bench, q, make_packet(64, 1, 0x100000));
  ASSERT_TRUE(bench.drain(5000)) << bench.failure();
  bench.stop(0);
  bench.reset_ring(0);
  EXPECT_EQ(bench.error(0), kNone);
  bench.start(0);
  send(bench, 0, make_packet(64, 2, 0x100000));
  ASSERT_TRUE(bench.drain(5000)) << bench.failure();
  EXPECT_EQ(bench.frames, 5 + kQueues);
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, TxBadDescriptor,
    testing::Values(BadDescriptor{"LengthZero", {Descriptor{0x1000, 0, kEop, 0, 0}}, 0},
                    BadDescriptor{"ThirdHasLengthZero", {{0x1000, 9, 0, 0, 0}, {0x1000, 9, 0, 0, 0}, {0x1000, 0, 1, 0, 0}}, 2},
                    BadDescriptor{"ThirtyThreeFragments", chain_of(33, 64), 31},
                    BadDescriptor{"TooLong", chain_of(1, 9015), 0}, BadDescriptor{"TooLongTogether", chain_of(2, 4508), 1},
                    BadDescriptor{"FarTooLong", chain_of(1, 65535), 0}, BadDescriptor{"VlanWithoutExtension", with_flag(kVlan), 0},
                    BadDescriptor{"TsoWithoutExtension", with_flag(kTso), 0}, BadDescriptor{"Bit15", with_flag(0x8000), 0},
                    BadDescriptor{"CsumOnTheSecond", {{0x1000, 64, kCsum, 14, 16}, {0x1000, 64, kEop | kCsum, 14, 16}}, 1},
                    BadDescriptor{"FieldPastTheEnd", with_csum(64, 34, 29), 0},
                    BadDescriptor{"StartPastTheEnd", with_csum(64, 64, 0), 0},
                    BadDescriptor{"StartAndOffsetWrap", with_csum(64, 0xFFFF, 0xFFFF), 0},
                    BadDescriptor{"OneOctetField", with_csum(1, 0, 0), 0}),
    [](const auto& param) { return std::string(param.param.name); });

TEST(TxErrors, BadDoorbell) {
  TxBench bench(13);
  start_all(bench, 3);
  send(bench, 0, make_packet(100, 1, 0x100000));
  bench.set_prod(0, kFirstIndex + 10);
  for (int i = 0; i < 200; ++i) bench.cycle();
  EXPECT_EQ(bench.error(0), kBadDoorbell);
  EXPECT_EQ(bench.error_idx(0), kFirstIndex + 10);
  EXPECT_EQ(bench.failure(), "");
  EXPECT_EQ(bench.bad_descs + bench.dma_errors, 0u);
}

// Off and on again while packets are in flight: they go out, the ring goes through off and starts afresh. The producer
// index that the register file zeroes meanwhile is no bad doorbell.
TEST(TxErrors, OffAndOnAgainAtOnceStartsAfresh) {
  unsigned in_flight = 0;
  for (int when = 0; when < 120; ++when) {
    TxBench bench(15);
    start_all(bench, 3);
    bench.host.latency = 40;
    for (int i = 0; i < 4; ++i) bench.post(0, make_packet(300, 1, 0x100000));
    bench.ring(0);
    for (int i = 0; i < when; ++i) bench.cycle();
    bench.dut->q_enable_i &= ~1u;
    bench.cycle();
    put_field(bench.dut->q_prod_i, 0, 32, kFirstIndex);  // as the register file does
    bench.dut->q_enable_i |= 1u;
    int cycles = 0;
    for (; (bench.dut->q_running_o & 1) && cycles < 2000; ++cycles) bench.cycle();
    ASSERT_LT(cycles, 2000) << "never off, when " << when;
    in_flight += cycles > 1;
    EXPECT_EQ(bench.error(0), kNone) << when;
    bench.forget(0);
    bench.start(0);
    send(bench, 0, make_packet(64, 1, 0x200000));
    ASSERT_TRUE(bench.drain(5000)) << bench.failure() << " when " << when;
    EXPECT_EQ(bench.error(0), kNone) << when;
  }
  EXPECT_GT(in_flight, 20u) << "the test must hit packets in flight";
}

// Off, a ring reset and on again, without a read between them, while packets are in flight: the register file gives the
// reset in the cycle in which the ring is off, and that is the one in which it would start. The reset comes first.
TEST(TxErrors, ResetInTheCycleOfTheStartComesFirst) {
  TxBench bench(27);
  start_all(bench, 6);
  bench.host.latency = 40;
  for (int i = 0; i < 4; ++i) bench.post(0, make_packet(300, 1, 0x100000));
  bench.post_raw(0, Descriptor{0x1000, 0, kEop, 0, 0});  // an error for the reset to clear
  bench.ring(0);
  for (int i = 0; i < 60; ++i) bench.cycle();
  put_field(bench.dut->q_enable_i, 0, 1, 0);
  bench.cycle();
  put_field(bench.dut->q_prod_i, 0, 32, kFirstIndex);  // as the register file does
  put_field(bench.dut->q_enable_i, 0, 1, 1);
  int cycles = 0;
  for (; get_field(bench.dut->q_running_o, 0, 1) && cycles < 2000; ++cycles) bench.cycle();
  ASSERT_LT(cycles, 2000) << "never off";
  EXPECT_GT(cycles, 1) << "the test must hit packets in flight";
  EXPECT_EQ(bench.error(0), kBadDescriptor);
  bench.reset_ring(0);
  for (int i = 0; i < 6; ++i) bench.cycle();
  bench.forget(0);
  EXPECT_EQ(bench.error(0), kNone);
  EXPECT_TRUE(bench.idle());
  bench.start(0);
  send(bench, 0, make_packet(64, 1, 0x200000));
  ASSERT_TRUE(bench.drain(5000)) << bench.failure();
  const uint32_t sent = bench.cons(0);
  bench.stop(0);
  for (int i = 0; i < 5; ++i) bench.cycle();
  EXPECT_EQ(bench.cons(0), sent) << "an old reset is done late";
}

// A ring that is off is done: the only packet is out before it, or was never begun, whenever the ring goes off.
TEST(TxErrors, OffInAnyCycleOfOnePacket) {
  unsigned sent = 0;
  for (int when = 0; when < 200; ++when) {
    TxBench bench(25);
    start_all(bench, 6);
    bench.host.latency = 3;
    bench.post(0, make_packet(1400, 1, 0x100000));
    bench.ring(0);
    for (int i = 0; i < when; ++i) bench.cycle();
    bench.stop(0);
    for (int i = 0; i < 12; ++i) bench.cycle();  // its last beats
    const uint64_t frames = bench.frames;
    for (int i = 0; i < 400; ++i) bench.cycle();
    ASSERT_EQ(bench.frames, frames) << "a frame after the ring was off, when " << when;
    ASSERT_EQ(bench.failure(), "");
    sent += frames == 1;
  }
  EXPECT_GT(sent, 150u) << "the test must hit a packet under way";
  EXPECT_LT(sent, 200u) << "and one that was not begun";
}

// A ring that is off sends no more: its frame may wait in the MAC, and then the ring waits for the time of departure.
TEST(TxErrors, OffWaitsForTheTimeOfDeparture) {
  for (uint32_t q = 0; q < kQueues; ++q) {
    TxBench bench(28);
    start_all(bench, 6);
    bench.stamp_delay = 2000;
    TxPacket packet = make_packet(60, 1, 0x100000);
    packet.stamp = true;
    send(bench, q, packet);
    for (int i = 0; i < 500 && bench.frames == 0; ++i) bench.cycle();
    ASSERT_EQ(bench.frames, 1u) << bench.failure();
    put_field(bench.dut->q_enable_i, q, 1, 0);
    for (int i = 0; i < 500; ++i) bench.cycle();
    EXPECT_EQ(get_field(bench.dut->q_running_o, q, 1), 1u);
    for (uint32_t other = 0; other < kQueues; ++other) {
      if (other != q) bench.stop(other);  // waits for no time of another ring
    }
    EXPECT_EQ(bench.stamps, 0u);
    bench.stop(q);
    EXPECT_EQ(bench.stamps, 1u);
    EXPECT_EQ(bench.failure(), "");
  }
}

struct BadRead {
  const char* name;
  Reason reason;
  void (*apply)(std::vector<Completion>&);
};
void PrintTo(const BadRead& bad, std::ostream* out) { *out << bad.name; }
class TxBadRead : public testing::TestWithParam<BadRead> {};

// Rules P31, P32: a failed read of payload gives its packet up: not sent, not reported; the queue stops in front of it.
TEST_P(TxBadRead, OfPayloadGivesThePacketUp) {
  for (uint32_t victim = 0; victim < 9; ++victim) {
    TxBench bench(14);
    start_all(bench, 7);
    bench.dut->timeout_us_i = 50;
    bench.host.latency = 30;
    bench.host.shuffle = victim % 2 != 0;
    const TxPacket bad = make_packet(900, 9, 0x200000);
    bench.host.tamper = [&](const ReadRequest& r, std::vector<Completion>& list) {
      if (r.first_byte() == bad.fragments[victim].address) GetParam().apply(list);
    };
    for (uint32_t i = 0; i < 4; ++i) bench.post(0, make_packet(300, 1, 0x100000));
    const uint32_t first = bench.prod(0);
    for (const Fragment& f : bad.fragments) {
      const bool last = &f == &bad.fragments.back();
      bench.post_raw(0, {f.address, static_cast<uint16_t>(f.length), static_cast<uint16_t>(last ? kEop : 0), 0, 0});
    }
    for (uint32_t i = 0; i < 4; ++i) bench.post_raw(0, {0x100000, 300, kEop, 0, 0});  // behind it: must not go out
    bench.ring(0);
    ASSERT_TRUE(bench.drain(40000)) << bench.failure();
    EXPECT_EQ(bench.error(0), GetParam().reason);
    EXPECT_EQ(bench.error_idx(0), first + victim);
    EXPECT_EQ(bench.cons(0), first);
    EXPECT_EQ(bench.dma_errors, 1u);
    EXPECT_EQ(bench.frames, 4u);
    bench.stop(0);
    bench.reset_ring(0);
    bench.host.tamper = nullptr;
    bench.start(0);
    send(bench, 0, make_packet(64, 2, 0x100000));
    ASSERT_TRUE(bench.drain(5000)) << bench.failure();
  }
}

// The second batch of descriptors of queue 0 will fail; returns how many the first one brings.
uint32_t fail_second_batch(TxBench& bench, void (*apply)(std::vector<Completion>&)) {
  start_all(bench, 7);
  bench.dut->timeout_us_i = 50;
  bench.host.latency = 30;
  const uint32_t good = ((kFirstIndex + 32) & ~31u) - kFirstIndex;
  const uint64_t bad = bench.ring_base(0) + (kFirstIndex + good) % 128 * 16;
  bench.host.tamper = [=](const ReadRequest& r, std::vector<Completion>& list) {
    if (r.first_byte() == bad) apply(list);
  };
  return good;
}

// The same of a descriptor: what was fetched before goes out, then the queue stops at the first of the failed batch.
TEST_P(TxBadRead, OfDescriptorsStopsTheQueue) {
  TxBench bench(16);
  const uint32_t good = fail_second_batch(bench, GetParam().apply);
  for (uint32_t i = 0; i < good; ++i) bench.post(0, make_packet(100, 1, 0x100000));
  for (uint32_t i = 0; i < 40; ++i) bench.post_raw(0, {0x100000, 100, kEop, 0, 0});
  bench.ring(0);
  ASSERT_TRUE(bench.drain(40000)) << bench.failure();
  EXPECT_EQ(bench.error(0), GetParam().reason);
  EXPECT_EQ(bench.error_idx(0), kFirstIndex + good);
  EXPECT_EQ(bench.cons(0), kFirstIndex + good);
  EXPECT_EQ(bench.frames, good);
  EXPECT_EQ(bench.dma_errors, 1u);
}

// The failed batch would have ended a packet that has begun: nothing of it goes out, the error is that of the batch.
TEST_P(TxBadRead, OfDescriptorsInsideAPacket) {
  TxBench bench(26);
  const uint32_t good = fail_second_batch(bench, GetParam().apply);
  for (uint32_t i = 0; i < good - 2; ++i) bench.post(0, make_packet(100, 1, 0x100000));
  for (uint32_t i = 0; i < 3; ++i) bench.post_raw(0, {0x100000, 100, static_cast<uint16_t>(i == 2 ? kEop : 0), 0, 0});
  bench.ring(0);
  ASSERT_TRUE(bench.drain(40000)) << bench.failure();
  EXPECT_EQ(bench.error(0), GetParam().reason);
  EXPECT_EQ(bench.error_idx(0), kFirstIndex + good);
  EXPECT_EQ(bench.cons(0), kFirstIndex + good - 2);
  EXPECT_EQ(bench.frames, good - 2);
}

void answer_with(std::vector<Completion>& list, uint32_t status) {
  list.resize(1);
  list[0].status = status;
  list[0].payload.clear();
  list[0].dws = 0;
}
INSTANTIATE_TEST_SUITE_P(Kinds, TxBadRead,
                         testing::Values(BadRead{"Ur", kUnsupported, [](auto& l) { answer_with(l, 1); }},
                                         BadRead{"Ca", kAbort, [](auto& l) { answer_with(l, 4); }},
                                         BadRead{"Poison", kPoisoned, [](auto& l) { l[0].poisoned = true; }},
                                         BadRead{"Lost", kTimeout, [](auto& l) { l.clear(); }},
                                         BadRead{"ByteCount", kBadCompletion, [](auto& l) { l.resize(1); l[0].byte_count++; }}),
                         [](const auto& param) { return std::string(param.param.name); });

}  // namespace
}  // namespace ringside::testbench
