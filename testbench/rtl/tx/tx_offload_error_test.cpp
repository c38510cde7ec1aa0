// Bad extension descriptors, bad TSO settings and headers, and errors in the middle of a TSO packet.
#include <gtest/gtest.h>

#include "testbench/rtl/tx/tx_bench.h"

namespace ringside::testbench {
namespace {

// A TSO packet that is right, to be spoiled in one place.
struct Spoiled {
  TcpHeader header;
  uint32_t payload = 5000;
  uint32_t count = 3;
  uint16_t extension_flags = kExtension | kTso, extension_length = 0, first_flags = kCsum;
  uint16_t mss = 1000, header_length = 0, ip_start = 0, start = 0, offset = 16;  // 0: as the header has it
  void (*edit)(Frame& header) = nullptr;
};

uint16_t either(uint16_t value, uint32_t otherwise) { return value != 0 ? value : static_cast<uint16_t>(otherwise); }

void post_spoiled(TxBench& bench, const Spoiled& s) {
  const TxPacket packet = make_packet(s.header.length() + s.payload, s.count, 0x500000);
  Frame octets = s.header.octets(1);
  if (s.edit != nullptr) s.edit(octets);
  bench.put(packet.fragments, octets);
  const uint16_t words[8] = {0, s.mss, either(s.header_length, s.header.length()), either(s.ip_start, s.header.ip_start()),
                             s.extension_length, s.extension_flags, 0, 0};
  std::array<uint8_t, 16> entry{};
  std::memcpy(entry.data(), words, sizeof(words));
  bench.post_entry(0, entry);
  for (uint32_t i = 0; i < s.count; ++i) {
    const auto flags = static_cast<uint16_t>((i + 1 == s.count ? kEop : 0) | (i == 0 ? s.first_flags : 0));
    bench.post_raw(0, {packet.fragments[i].address, static_cast<uint16_t>(packet.fragments[i].length), flags,
                       either(s.start, s.header.l4_start()), s.offset});
  }
}

struct Case {
  const char* name;
  void (*spoil)(Spoiled&);
  uint32_t wrong;  // which entry
  bool seen_late;  // only when the header is there
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }  // for test names
class TxBadSettings : public testing::TestWithParam<Case> {};

// Rule D14: stopped with reason and index, nothing sent, the packets before it out, the queue comes back after a reset.
TEST_P(TxBadSettings, StopTheQueueAlone) {
  TxBench bench(40);
  start_all(bench, 7);
  bench.host.latency = 20;
  for (uint32_t i = 0; i < 3; ++i) bench.post(0, make_packet(100, 1, 0x100000));
  const uint32_t first = bench.prod(0);
  Spoiled packet;
  GetParam().spoil(packet);
  post_spoiled(bench, packet);
  bench.post_raw(0, Descriptor{0x1000, 64, kEop, 0, 0});  // behind it: must not go out
  bench.ring(0);
  ASSERT_TRUE(bench.drain(20000)) << bench.failure();
  EXPECT_EQ(bench.error(0), kBadDescriptor);
  EXPECT_EQ(bench.error_idx(0), first + GetParam().wrong);
  EXPECT_EQ(bench.cons(0), first);
  EXPECT_EQ(bench.bad_descs, 1u);
  EXPECT_EQ(bench.frames, 3u);
  if (!GetParam().seen_late) {
    EXPECT_EQ(bench.payload_bytes, 300u);
  }
  bench.stop(0);
  bench.reset_ring(0);
  bench.start(0);
  for (uint32_t i = 0; i < 6; ++i) send(bench, 0, make_tso(bench, TcpHeader{}, 3000, 900, 2, 0x900000 + i * 0x10000));
  ASSERT_TRUE(bench.drain(20000)) << bench.failure();
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, TxBadSettings,
    testing::Values(Case{"ExtensionWithLength", [](Spoiled& s) { s.extension_length = 1; }, 0, false},
                    Case{"ExtensionWithEop", [](Spoiled& s) { s.extension_flags |= kEop; }, 0, false},
                    Case{"ExtensionWithCsum", [](Spoiled& s) { s.extension_flags |= kCsum; }, 0, false},
                    Case{"ExtensionWithBit6", [](Spoiled& s) { s.extension_flags |= 64; }, 0, false},
                    Case{"SecondExtension", [](Spoiled& s) { s.first_flags |= kExtension; }, 1, false},
                    Case{"VlanOnData", [](Spoiled& s) { s.first_flags |= kVlan; }, 1, false},
                    Case{"TimestampOnData", [](Spoiled& s) { s.first_flags |= kTimestamp; }, 1, false},
                    Case{"ThirtyThreeFragments", [](Spoiled& s) { s.count = 33; }, 32, false},
                    Case{"NoCsum", [](Spoiled& s) { s.first_flags = 0; }, 1, false},
                    Case{"CsumOffset", [](Spoiled& s) { s.offset = 6; }, 1, false},
                    Case{"MssBelow48", [](Spoiled& s) { s.mss = 47; }, 0, false},
                    Case{"SegmentTooLong", [](Spoiled& s) { s.mss = 9014 - 53; }, 0, false},
                    Case{"MssFarTooLong", [](Spoiled& s) { s.mss = 65535; }, 0, false},
                    Case{"PacketTooLong", [](Spoiled& s) { s.payload = 65536 - 54; }, 3, false},
                    Case{"HeaderIsAll", [](Spoiled& s) { s.payload = 0; }, 0, false},
                    Case{"HeaderOdd", [](Spoiled& s) { s.header_length = 55; }, 0, false},
                    Case{"HeaderShort", [](Spoiled& s) { s.header_length = 52; }, 0, false},
                    Case{"HeaderLong", [](Spoiled& s) { s.header_length = 258; }, 0, false},
                    Case{"HeaderFarTooLong", [](Spoiled& s) { s.header_length = 0xFFFE; }, 0, false},
                    Case{"IpBelow14", [](Spoiled& s) { s.ip_start = 12; }, 0, false},
                    Case{"IpOdd", [](Spoiled& s) { s.ip_start = 15; }, 0, false},
                    Case{"IpBehindTcp", [](Spoiled& s) { s.ip_start = 36; }, 0, false},
                    Case{"TcpOdd", [](Spoiled& s) { s.start = 35; }, 0, false},
                    Case{"TcpFarAway", [](Spoiled& s) { s.start = 0x8000; }, 0, false},
                    Case{"VersionFive", [](Spoiled& s) { s.edit = [](Frame& f) { f[14] = 0x55; }; }, 1, true},
                    Case{"IhlSix", [](Spoiled& s) { s.edit = [](Frame& f) { f[14] = 0x46; }; }, 1, true},
                    Case{"ShortIpv6", [](Spoiled& s) { s.edit = [](Frame& f) { f[14] = 0x60; }; }, 1, true},
                    Case{"DataOffset", [](Spoiled& s) { s.edit = [](Frame& f) { f[34 + 12] = 0x60; }; }, 1, true}),
    [](const auto& param) { return std::string(param.param.name); });

TEST(TxOffloadErrors, VlanOnThirteenOctets) {
  TxBench bench(41);
  start_all(bench, 7);
  for (uint32_t length : {13u, 14u}) {
    const uint16_t words[8] = {7, 0, 0, 0, 0, kExtension | kVlan, 0, 0};
    std::array<uint8_t, 16> entry{};
    std::memcpy(entry.data(), words, sizeof(words));
    if (length == 13) bench.post_entry(0, entry);
    if (length == 13) bench.post_raw(0, {0x1000, 13, kEop, 0, 0});
    bench.ring(0);
    for (int i = 0; i < 300; ++i) bench.cycle();
    EXPECT_EQ(bench.error(0), kBadDescriptor);
    EXPECT_EQ(bench.error_idx(0), kFirstIndex);
  }
  EXPECT_EQ(bench.failure(), "");
}

#if DUT_QUEUES >= 3
// Rule D14: a queue fails while the header of its next segment is being written, because a frame of another queue goes
// out between them. The segment is dropped, and the next one, of a third queue, has its own header, not what was left of it.
TEST(TxOffloadErrors, ASegmentDroppedInItsMakingLeavesNothing) {
  for (uint32_t turn = 0; turn < 240; ++turn) {
    TxBench bench(43 + turn);
    start_all(bench, 6);
    bench.host.latency = 20;
    bench.dut->timeout_us_i = 3;
    bench.host.tamper = [&](const ReadRequest& r, std::vector<Completion>& list) {
      if (r.first_byte() >= 0x200000 && r.first_byte() < 0x210000) list.clear();  // the rest is there before it is told
    };
    bench.post_raw(0, {0x200000, static_cast<uint16_t>(turn % 3 == 0 ? 300 : turn % 3 == 1 ? 1500 : 9000), kEop, 0, 0});
    Spoiled dropped;
    dropped.payload = 600;
    dropped.count = 1;
    post_spoiled(bench, dropped);
    bench.post(1, make_packet(60, 1, 0x100000));
    bench.post(1, make_packet(60 + turn * 8, 1, 0x110000));
    bench.ring(1);
    bench.ring(0);
    for (uint32_t i = 0; i < 30 + turn % 7 * 20; ++i) bench.cycle();
    for (uint32_t i = 0; i < 2; ++i) send(bench, 2, make_tso(bench, TcpHeader{}, 2000, 900, 1, 0x900000 + i * 0x100000));
    ASSERT_TRUE(bench.drain(20000)) << turn << ' ' << bench.failure();
    EXPECT_EQ(bench.error(0), kTimeout);
    EXPECT_EQ(bench.frames, 2u + 6u);
  }
}
#endif

struct BadRead {
  const char* name;
  Reason reason;
  void (*apply)(std::vector<Completion>&);
};
void PrintTo(const BadRead& bad, std::ostream* out) { *out << bad.name; }
class TxTsoBadRead : public testing::TestWithParam<BadRead> {};

// Rules P31, P32: a read fails inside a TSO packet, of the header or of any payload. The queue stops in front of the
// packet with that fragment's index, nothing behind it goes out, and afterwards no slot and no place is lost.
TEST_P(TxTsoBadRead, GivesThePacketUp) {
  for (uint32_t victim = 0; victim < 12; ++victim) {
    TxBench bench(42 + victim);
    start_all(bench, 7);
    bench.dut->timeout_us_i = 50;
    bench.host.latency = 30;
    bench.host.shuffle = victim % 2 != 0;
    const TxPacket bad = make_packet(24000, 12, 0x500000);
    bench.host.tamper = [&](const ReadRequest& r, std::vector<Completion>& list) {
      const Fragment& f = bad.fragments[victim];
      if (r.first_byte() <= f.address && r.first_byte() + r.bytes() > f.address && r.first_byte() >= 0x500000) GetParam().apply(list);
    };
    bench.post(0, make_packet(300, 1, 0x100000));
    const uint32_t first = bench.prod(0);
    Spoiled packet;
    packet.payload = 24000 - packet.header.length();
    packet.count = 12;
    post_spoiled(bench, packet);
    bench.post_raw(0, {0x100000, 300, kEop, 0, 0});
    bench.ring(0);
    bench.allow_stray_frames = true;  // of the packet, as far as it was sent
    ASSERT_TRUE(bench.drain(60000)) << bench.failure();
    EXPECT_EQ(bench.error(0), GetParam().reason) << victim;
    EXPECT_EQ(bench.error_idx(0), first + 1 + victim);
    EXPECT_EQ(bench.cons(0), first);
    EXPECT_EQ(bench.dma_errors, 1u);
    EXPECT_EQ(bench.packets, 1u);
    bench.allow_stray_frames = false;
    bench.host.tamper = nullptr;
    bench.stop(0);
    bench.reset_ring(0);
    bench.start(0);
    bench.post_raw(0, {0x100000, 0, kEop, 0, 0});  // an error slot next: no part of what was given up
    bench.ring(0);
    ASSERT_TRUE(bench.drain(20000)) << bench.failure();
    EXPECT_EQ(bench.error(0), kBadDescriptor) << victim;
    bench.stop(0);
    bench.reset_ring(0);
    bench.start(0);
    for (uint32_t i = 0; i < 8; ++i) send(bench, 0, make_tso(bench, TcpHeader{}, 20000, 400, 5, 0x900000 + i * 0x100000));
    ASSERT_TRUE(bench.drain(100000)) << bench.failure();
  }
}

void answer_with(std::vector<Completion>& list, uint32_t status) {
  list.resize(1);
  list[0].status = status;
  list[0].payload.clear();
  list[0].dws = 0;
}
INSTANTIATE_TEST_SUITE_P(Kinds, TxTsoBadRead,
                         testing::Values(BadRead{"Ur", kUnsupported, [](auto& l) { answer_with(l, 1); }},
                                         BadRead{"Ca", kAbort, [](auto& l) { answer_with(l, 4); }},
                                         BadRead{"Poison", kPoisoned, [](auto& l) { l[0].poisoned = true; }},
                                         BadRead{"Lost", kTimeout, [](auto& l) { l.clear(); }}),
                         [](const auto& param) { return std::string(param.param.name); });

// The ring goes off at any moment of a TSO packet: what was fetched is finished, whole, and the ring comes back.
TEST(TxOffloadErrors, StopInTheMiddle) {
  for (uint32_t after = 0; after < 1500; after += 37) {
    TxBench bench(60);
    start_all(bench, 6);
    bench.host.latency = 40;
    for (uint32_t i = 0; i < 4; ++i) bench.post(0, make_tso(bench, TcpHeader{}, 9000, 700, 3, 0x900000 + i * 0x100000));
    bench.ring(0);
    for (uint32_t c = 0; c < after; ++c) bench.cycle();
    bench.stop(0);
    EXPECT_EQ((bench.cons(0) - kFirstIndex) % 4, 0u) << after;
    bench.forget(0);
    ASSERT_TRUE(bench.drain(20000)) << bench.failure();
    bench.reset_ring(0);
    bench.start(0);
    for (uint32_t i = 0; i < 6; ++i) send(bench, 0, make_tso(bench, TcpHeader{}, 9000, 700, 3, 0x900000 + i * 0x100000));
    ASSERT_TRUE(bench.drain(60000)) << bench.failure();
  }
}

// Quiesce at any moment of a TSO packet: everything comes to rest, no frame is broken.
TEST(TxOffloadErrors, QuiesceInTheMiddle) {
  for (uint32_t after = 0; after < 1500; after += 23) {
    TxBench bench(61);
    start_all(bench, 6);
    bench.host.latency = 40;
    for (uint32_t i = 0; i < 4; ++i) bench.post(0, make_tso(bench, TcpHeader{}, 30000, 300, 3, 0x900000 + i * 0x100000));
    bench.ring(0);
    for (uint32_t c = 0; c < after; ++c) bench.cycle();
    bench.dut->quiesce_i = 1;
    for (int c = 0; c < 6000 && !bench.idle(); ++c) bench.cycle();
    EXPECT_TRUE(bench.idle()) << after;
    ASSERT_EQ(bench.failure(), "");
  }
}

// Rule D14: rings full of garbage. No hang: the queue is in error or has eaten all, and comes back after a reset.
TEST(TxOffloadErrors, Garbage) {
  std::mt19937 random(62);
  for (uint32_t round = 0; round < 300; ++round) {
    TxBench bench(63 + round);
    start_all(bench, 6);
    bench.allow_stray_frames = true;
    for (uint32_t i = 0; i < 64; ++i) {
      std::array<uint8_t, 16> entry{};
      const bool extension = i % 4 == 0;
      const uint16_t mostly[8] = {0, static_cast<uint16_t>(48 + random() % 1500), static_cast<uint16_t>(54 + random() % 20 * 2), 14,
                                  0, kExtension | kTso, 34, 16};
      const uint16_t data[8] = {0x1000, static_cast<uint16_t>(i), 0, 0, static_cast<uint16_t>(1 + random() % 6000),
                                static_cast<uint16_t>(i % 4 == 3 ? kEop : i % 4 == 1 ? kCsum : 0), 34, 16};
      std::memcpy(entry.data(), extension ? mostly : data, 16);
      if (random() % 8 == 0) entry[8 + random() % 8] = static_cast<uint8_t>(random());
      bench.post_entry(0, entry);
    }
    bench.ring(0);
    for (int c = 0; c < 200000 && !bench.idle(); ++c) bench.cycle();
    ASSERT_TRUE(bench.idle()) << round;
    bench.stop(0);
    bench.reset_ring(0);
    bench.allow_stray_frames = false;
    bench.start(0);
    for (uint32_t i = 0; i < 5; ++i) send(bench, 0, make_tso(bench, TcpHeader{}, 2000, 500, 2, 0x900000 + i * 0x10000));
    ASSERT_TRUE(bench.drain(60000)) << bench.failure();
  }
}

}  // namespace
}  // namespace ringside::testbench
