// dma_read alone: every length and alignment, every order of completions, every way in which a completion can be wrong.
#include <gtest/gtest.h>

#include <string_view>

#include "testbench/rtl/dma_read/dma_read_bench.h"

namespace ringside::testbench {
namespace {

enum Reason : uint32_t { kUnsupported = 1, kAbort = 2, kPoisoned = 3, kBadCompletion = 5 };

Request random_request(std::mt19937& random, uint32_t client, uint32_t cookie, uint32_t longest) {
  Request r;
  r.client = client;
  r.cookie = cookie;
  r.length = 1 + static_cast<uint32_t>(random() % longest);
  r.address = (uint64_t{random()} << 32 | random()) & 0x7FFFFFFFFFFFFFFF;
  if (random() % 3 == 0) r.address = (r.address & ~uint64_t{0xFFF}) + 0x1000 - random() % 16;
  r.dst = random() & 0x3FFFF;
  return r;
}

// Rules P6 to P10, F5: each Max_Read_Request_Size x offset x length, round the 4 KB and the 4 GB boundary.
TEST(DmaRead, CutsEveryAlignmentAndLength) {
  DmaReadBench bench(1);
  bench.host.split = Split::kRandom;
  uint32_t cookie = 0;
  for (uint32_t mrrs = 0; mrrs < 6; ++mrrs) {
    bench.set_mrrs(mrrs);
    for (uint32_t offset = 0; offset < 16; ++offset) {
      for (uint32_t length : {1u, 2u, 3u, 4u, 5u, 7u, 8u, 9u, 31u, 63u, 64u, 65u, 127u, 128u, 129u, 513u, 1514u, 4095u,
                              4096u, 4097u}) {
        const uint64_t edge = (mrrs & 1) != 0 ? 0x100000000 : 0x7000;
        bench.ask({2, offset < 8 ? edge + offset : edge - (offset - 8), length, (cookie * 77) & 0x3FFFF, cookie & 255});
        ++cookie;
      }
    }
    ASSERT_TRUE(bench.drain(200000)) << bench.failure();
  }
}

// A 4096-octet request on a 4 KB boundary with Max_Read_Request_Size 4096 is one TLP.
TEST(DmaRead, AsksNothingTwice) {
  DmaReadBench bench(2);
  bench.set_mrrs(5);
  bench.ask({0, 0x10000, 4096, 0, 1});
  ASSERT_TRUE(bench.drain(2000)) << bench.failure();
  EXPECT_EQ(bench.host.requests, 1u);
}

TEST(DmaRead, LongestRequest) {
  for (uint32_t mrrs : {0u, 2u, 5u, 7u}) {
    DmaReadBench bench(3);
    bench.set_mrrs(mrrs);
    bench.host.shuffle = true;
    bench.ask({1, 0x12345, 65536, 3, 9});
    ASSERT_TRUE(bench.drain(100000)) << bench.failure();
  }
}

struct Mode {
  Split split;
  bool shuffle;
  uint32_t rcb, latency, gaps, ready;
};

class DmaReadOrders : public testing::TestWithParam<Mode> {};

// Path step T8, rules P20, P21, F7: three clients at once, any legal order, Max_Read_Request_Size changing under way.
TEST_P(DmaReadOrders, EveryOctetOnceInItsPlace) {
  const Mode mode = GetParam();
  DmaReadBench bench(4);
  bench.dut->timeout_us_i = 5000;  // 32 reads of 4 KB take their time at 64 bits
  bench.host.split = mode.split;
  bench.host.shuffle = mode.shuffle;
  bench.host.rcb = mode.rcb;
  bench.host.latency = mode.latency;
  bench.host.gap_percent = mode.gaps;
  bench.ready_percent = mode.ready;
  std::mt19937 random(5);
  for (uint32_t i = 0; i < 900; ++i) bench.ask(random_request(random, i % 3, i & 255, i % 7 == 0 ? 9000 : 200));
  for (uint32_t i = 0; i < 20; ++i) {
    for (uint32_t c = 0; c < 300; ++c) bench.cycle();
    // A request on offer must not change under the completer's eyes: it checks against the size in force.
    bench.set_mrrs(static_cast<uint32_t>(random() % 6));
  }
  ASSERT_TRUE(bench.drain(1000000)) << bench.failure();
  EXPECT_EQ(bench.unexpected, 0u);
  EXPECT_TRUE(bench.done_errors.empty());
}

void PrintTo(const Mode& mode, std::ostream* out) {
  *out << "split " << int(mode.split) << " rcb " << mode.rcb << " latency " << mode.latency;
}
INSTANTIATE_TEST_SUITE_P(Modes, DmaReadOrders,
                         testing::Values(Mode{Split::kNone, false, 64, 0, 0, 100},
                                         Mode{Split::kEveryRcb, true, 64, 20, 0, 100},
                                         Mode{Split::kRandom, true, 128, 100, 30, 50},
                                         Mode{Split::kRandom, true, 64, 250, 0, 90}));

// 64 tags with extended tags, 32 without, all in use at high latency, none given twice (P13, P14).
TEST(DmaRead, UsesEveryTag) {
  for (int extended : {0, 1}) {
    DmaReadBench bench(6);
    bench.dut->ext_tag_i = static_cast<uint8_t>(extended);
    bench.host.tags = extended ? 256 : 32;
    bench.host.latency = 1000;
    for (uint32_t i = 0; i < 100; ++i) bench.ask({i % 3, i * 0x1000, 64, i * 64, i & 255});
    for (int i = 0; i < 500; ++i) bench.cycle();
    EXPECT_EQ(bench.host.requests, extended ? 64u : 32u);
    ASSERT_TRUE(bench.drain(10000)) << bench.failure();
  }
}

// No client waits for more than two requests of others.
TEST(DmaRead, IsFair) {
  DmaReadBench bench(7);
  std::array<uint32_t, 3> taken{};
  for (uint32_t i = 0; i < 900; ++i) bench.ask({i % 3, uint64_t{i} << 12, 64, 0, (i / 3) & 255});
  for (int i = 0; i < 300; ++i) {
    bench.cycle();
    for (uint32_t c = 0; c < 3; ++c) taken[c] += (bench.dut->req_valid_i & bench.dut->req_ready_o) >> c & 1;
  }
  EXPECT_GT(taken[0], 20u);
  EXPECT_NEAR(taken[0], taken[1], 2);
  EXPECT_NEAR(taken[1], taken[2], 2);
  ASSERT_TRUE(bench.drain(10000)) << bench.failure();
}

// Requests of one piece each follow each other without an idle cycle, from one client or from three.
TEST(DmaRead, APieceInEveryCycle) {
  for (uint32_t clients : {1u, 3u}) {
    DmaReadBench bench(20);
    bench.host.latency = 200;
    for (uint32_t i = 0; i < 60; ++i) bench.ask({i % clients, uint64_t{i} << 12, 64, i * 64, i});
    for (int i = 0; i < 10; ++i) bench.cycle();
    const uint64_t before = bench.host.requests;
    for (int i = 0; i < 40; ++i) bench.cycle();
    EXPECT_EQ(bench.host.requests, before + 40);
    ASSERT_TRUE(bench.drain(10000)) << bench.failure();
  }
}

// Extended tags switched off under way: tags above 31 are not given any more, those in flight retire.
TEST(DmaRead, ExtendedTagsComeAndGo) {
  DmaReadBench bench(22);
  bench.host.latency = 100;
  bench.host.shuffle = true;
  for (uint32_t i = 0; i < 2000; ++i) bench.ask({i % 3, 0x4000 + i % 16 * 256, 100, 0, i / 3 % 256});
  for (uint32_t i = 0; i < 40; ++i) {
    bench.dut->ext_tag_i = i & 1;
    bench.host.tags = i & 1 ? 256 : 32;
    for (int c = 0; c < 20; ++c) bench.cycle();
  }
  ASSERT_TRUE(bench.drain(100000)) << bench.failure();
  EXPECT_TRUE(bench.done_errors.empty());
}

struct Wrong {
  const char* name;
  uint32_t reason;
  void (*apply)(std::vector<Completion>&);
};

void PrintTo(const Wrong& wrong, std::ostream* out) { *out << wrong.name; }

class DmaReadErrors : public testing::TestWithParam<Wrong> {};

void status(std::vector<Completion>& list, uint32_t code) {
  list.resize(1);
  list[0].status = code;
  list[0].payload.clear();
  list[0].dws = 0;
}

// Rules P17, P22, P31, P32: the request retires with the reason, nothing else is touched, its neighbours are good.
TEST_P(DmaReadErrors, RetireTheRequest) {
  const Wrong wrong = GetParam();
  for (uint32_t victim : {0u, 1u, 9u}) {
    DmaReadBench bench(8);
    bench.host.split = Split::kEveryRcb;
    bench.host.shuffle = victim == 9;
    uint32_t count = 0;
    bench.host.tamper = [&](const ReadRequest&, std::vector<Completion>& list) {
      if (count++ == victim) wrong.apply(list);
    };
    for (uint32_t i = 0; i < 40; ++i) bench.ask({i % 3, 0x2002 + i * 0x400, 500 + i, i * 1031, i});
    bench.set_mrrs(3);
    ASSERT_TRUE(bench.drain(40000)) << bench.failure();
    EXPECT_EQ(bench.done_errors, std::vector<uint32_t>{wrong.reason});
    const bool beats = std::string_view(wrong.name).find("Beats") != std::string_view::npos;  // told by pcie_rx
    EXPECT_EQ(bench.unfit, wrong.reason == kBadCompletion && !beats ? 1u : 0u);
    const bool retry = std::string_view(wrong.name) == "CRS";  // retires a read like UR, and is none
    EXPECT_EQ(bench.refused, wrong.reason == kUnsupported && !retry ? 1u : 0u);
    EXPECT_EQ(bench.aborted, wrong.reason == kAbort ? 1u : 0u);
    bench.host.tamper = nullptr;
    for (uint32_t i = 0; i < 80; ++i) bench.ask({i % 3, 0x3001 + i * 0x200, 300, i * 999, i});
    ASSERT_TRUE(bench.drain(40000)) << bench.failure();
    EXPECT_EQ(bench.done_errors.size(), 1u);
  }
}

const Wrong kWrongs[] = {
    {"UR", kUnsupported, [](auto& l) { status(l, 1); }},
    {"CRS", kUnsupported, [](auto& l) { status(l, 2); }},
    {"Reserved3", kUnsupported, [](auto& l) { status(l, 3); }},
    {"CA", kAbort, [](auto& l) { status(l, 4); }},
    {"Reserved5", kUnsupported, [](auto& l) { status(l, 5); }},
    {"Reserved6", kUnsupported, [](auto& l) { status(l, 6); }},
    {"Reserved7", kUnsupported, [](auto& l) { status(l, 7); }},
    {"CaAfterData", kAbort, [](auto& l) { l.resize(3); l[2].status = 4; l[2].dws = 0; l[2].payload.clear(); }},
    {"PoisonFirst", kPoisoned, [](auto& l) { l[0].poisoned = true; }},
    {"PoisonMiddle", kPoisoned, [](auto& l) { l[2].poisoned = true; }},
    {"PoisonLast", kPoisoned, [](auto& l) { l.back().poisoned = true; }},
    {"ByteCountHigh", kBadCompletion, [](auto& l) { l.resize(1); l[0].byte_count += 1; }},
    {"ByteCountLow", kBadCompletion, [](auto& l) { l.resize(3); l[2].byte_count -= 4; }},
    {"LowerAddress", kBadCompletion, [](auto& l) { l.resize(2); l[1].lower_address ^= 64; }},
    {"NoData", kBadCompletion, [](auto& l) { l.resize(1); l[0].dws = 0; l[0].payload.clear(); }},
    {"OneDwMore", kBadCompletion, [](auto& l) { l.back().dws += 1; l.back().payload.resize(l.back().dws * 4); }},
    {"OneDwLess", kBadCompletion, [](auto& l) {
       l.resize(3);
       l[1].dws -= 1;
       l[1].payload.resize(l[1].dws * 4);
     }},
    {"ShortBeats", kBadCompletion, [](auto& l) {
       l.resize(1);
       l[0].dws += 64;  // as Length says; the beats end before
     }},
    {"LongBeats", kBadCompletion, [](auto& l) {
       l.resize(1);
       l[0].payload.resize(l[0].payload.size() + 128);
     }},
};
INSTANTIATE_TEST_SUITE_P(Kinds, DmaReadErrors, testing::ValuesIn(kWrongs),
                         [](const auto& param) { return std::string(param.param.name); });

// Rule P16: strays change nothing and are counted, one by one, of any length.
TEST(DmaRead, StrayCompletionsAreUnexpected) {
  DmaReadBench bench(9);
  bench.host.latency = 300;
  for (uint32_t i = 0; i < 20; ++i) bench.ask({i % 3, 0x9000 + i * 64, 64, i * 64, i});
  for (int i = 0; i < 100; ++i) bench.cycle();
  Completion stray;
  for (uint32_t tag : {20u, 63u, 32u, 64u, 128u, 255u}) {
    stray.tag = tag;
    stray.byte_count = 256;
    stray.dws = 64;
    stray.payload.assign(256, 0xBD);
    bench.host.inject(stray, bench.now);
  }
  for (uint32_t code : {1u, 4u}) {
    stray.tag = 32;
    stray.status = code;
    stray.dws = 0;
    stray.payload.clear();
    bench.host.inject(stray, bench.now);
  }
  ASSERT_TRUE(bench.drain(10000)) << bench.failure();
  EXPECT_EQ(bench.unexpected, 8u);
  EXPECT_EQ(bench.unfit + bench.refused + bench.aborted, 0u);
  EXPECT_TRUE(bench.done_errors.empty());
}

// Rule P34: nothing goes out with bus master off; what waits goes on when it is on again.
TEST(DmaRead, BusMasterOffHoldsRequests) {
  DmaReadBench bench(13);
  for (uint32_t i = 0; i < 200; ++i) bench.ask({i % 3, 0x1000 + i * 64, 200, i * 256, i});
  std::mt19937 random(14);
  for (int i = 0; i < 60; ++i) {
    bench.dut->bus_master_i = static_cast<uint8_t>(random() & 1);
    for (int c = 0; c < 17; ++c) bench.cycle();
  }
  bench.dut->bus_master_i = 1;
  ASSERT_TRUE(bench.drain(10000)) << bench.failure();
  EXPECT_TRUE(bench.done_errors.empty());
}

// Quiesce: no new TLP; every request still retires, those in flight well.
TEST(DmaRead, QuiesceRunsDry) {
  for (int bus_master : {0, 1}) {
    DmaReadBench bench(15);
    bench.host.latency = 200;
    for (uint32_t i = 0; i < 60; ++i) bench.ask({i % 3, 0x1000 + i * 64, 3000, i * 3000, i});
    for (int c = 0; c < 40; ++c) bench.cycle();
    const uint64_t sent = bench.host.requests;
    EXPECT_GT(sent, 10u);
    bench.dut->bus_master_i = static_cast<uint8_t>(bus_master);
    bench.dut->quiesce_i = 1;
    ASSERT_TRUE(bench.drain(10000)) << bench.failure();
    EXPECT_EQ(bench.host.requests, sent);
    EXPECT_GT(bench.done_errors.size(), 100u);
  }
}

// At rest no flop changes, whatever the time of day does; also with a tag in quarantine.
TEST(DmaRead, NothingMovesAtRest) {
  DmaReadBench bench(16);
  EXPECT_TRUE(bench.at_rest(100));
  uint32_t lost = 0;
  bench.host.tamper = [&](const ReadRequest&, std::vector<Completion>& list) {
    if (lost++ == 3) list.clear();
  };
  for (uint32_t i = 0; i < 40; ++i) bench.ask({i % 3, 0x1000 + i * 64, 200, i * 256, i});
  ASSERT_TRUE(bench.drain(40000)) << bench.failure();
  EXPECT_TRUE(bench.at_rest(40000));
  bench.ask({0, 0x1000, 64, 0, 7});
  bench.cycle();
  bench.cycle();
  EXPECT_FALSE(bench.at_rest(1));  // the check can fail
}

}  // namespace
}  // namespace ringside::testbench
