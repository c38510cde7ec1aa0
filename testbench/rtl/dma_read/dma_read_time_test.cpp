// dma_read and time: time-outs, tags that stay out of use after them, both at rest and under load.
#include <gtest/gtest.h>

#include <algorithm>

#include "testbench/rtl/dma_read/dma_read_bench.h"

namespace ringside::testbench {
namespace {

constexpr uint32_t kTimeout = 4;  // enum error_reason
constexpr uint64_t kLateNs = 2 * 1024 + 4 * (2 * 64 + 30);  // a time-out at most: units of time, two cycles for each tag

// Rule P33: a lost completion times out at the right time, its tag is not used before two time-outs are over, a late
// completion is unexpected, and afterwards the tag serves again.
TEST(DmaRead, TimesOutAndKeepsTheTagAway) {
  DmaReadBench bench(10);
  bench.dut->timeout_us_i = 50;
  Completion late;
  uint32_t lost_tag = 99;
  bench.host.tamper = [&](const ReadRequest& r, std::vector<Completion>& list) {
    if (lost_tag != 99) return;
    lost_tag = r.tag;
    late = list[0];
    list.clear();
  };
  bench.ask({0, 0x1000, 64, 0, 7});
  while (lost_tag == 99) bench.cycle();
  const uint64_t sent_ns = bench.tag_sent_ns[lost_tag];
  ASSERT_TRUE(bench.drain(20000)) << bench.failure();
  EXPECT_EQ(bench.done_errors, std::vector<uint32_t>{kTimeout});
  EXPECT_GE(bench.time_ns, sent_ns + 50000);
  EXPECT_LE(bench.time_ns, sent_ns + 50000 + kLateNs);
  bench.host.inject(late, bench.now);
  ASSERT_TRUE(bench.drain(100)) << bench.failure();
  EXPECT_EQ(bench.unexpected, 1u);
  while (bench.time_ns < sent_ns + 130000) {
    for (uint32_t i = 0; i < 64; ++i) bench.ask({i % 3, 0x1000 + i * 128, 64, i * 64, i});
    ASSERT_TRUE(bench.drain(20000)) << bench.failure();
    if (bench.time_ns < sent_ns + 100000) {
      ASSERT_EQ(bench.tag_sent_ns[lost_tag], sent_ns);
    }
  }
  EXPECT_GT(bench.tag_sent_ns[lost_tag], sent_ns + 100000);
  EXPECT_EQ(bench.done_errors.size(), 1u);
}

// The same with the longest times that the register takes.
TEST(DmaRead, LongTimeOutsAreAsLongAsSaid) {
  for (const uint64_t us : {43690u, 43691u, 50000u, 65535u}) {
    DmaReadBench bench(15);
    bench.dut->timeout_us_i = static_cast<uint16_t>(us);
    bool lost = false;
    bench.host.tamper = [&](const ReadRequest&, std::vector<Completion>& list) { lost = true, list.clear(); };
    bench.ask({0, 0x1000, 64, 0, 7});
    while (!lost) bench.cycle();
    const uint64_t due = bench.time_ns + us * 1000;
    bench.time_ns = due - 3000;
    while (bench.time_ns < due - 200) bench.cycle();
    EXPECT_TRUE(bench.done_errors.empty()) << us;
    while (bench.time_ns < due + kLateNs) bench.cycle();
    EXPECT_EQ(bench.done_errors, std::vector<uint32_t>{kTimeout}) << us;
  }
}

// Completion Timeout Disable: no time-out, until a reset asks for it or the bit is cleared.
TEST(DmaRead, NoTimeOutWhenDisabled) {
  for (const bool reset : {false, true}) {
    DmaReadBench bench(19);
    bench.dut->no_timeout_i = 1;
    bench.host.tamper = [](const ReadRequest&, std::vector<Completion>& list) { list.clear(); };
    bench.ask({0, 0x1000, 64, 0, 7});
    for (int i = 0; i < 30'000; ++i) bench.cycle();
    EXPECT_TRUE(bench.done_errors.empty());
    EXPECT_TRUE(bench.dut->pending_o);
    if (reset) bench.dut->quiesce_i = 1;
    else bench.dut->no_timeout_i = 0;
    ASSERT_TRUE(bench.drain(2 * 64 + 50)) << bench.failure();
    EXPECT_EQ(bench.done_errors, std::vector<uint32_t>{kTimeout});
  }
}

Completion unfit(uint32_t tag) {  // to a read of 64 octets at 1000h
  Completion completion;
  completion.tag = tag;
  completion.byte_count = 60;
  completion.dws = 16;
  completion.address = 0x1000;
  completion.payload.resize(64);
  return completion;
}

// A request that has waited longer than two time-outs still has its quarantine when it is given up at last: no other
// request gets its tag until a time-out more has passed.
TEST(DmaRead, QuarantineAfterTimeOutsWereDisabled) {
  for (const bool bad : {false, true}) {
    DmaReadBench bench(20);
    bench.dut->no_timeout_i = 1;
    std::vector<uint32_t> tags;
    bench.host.tamper = [&](const ReadRequest& request, std::vector<Completion>& list) {
      tags.push_back(request.tag);
      if (tags.size() == 1) list.clear();
    };
    bench.ask({0, 0x1000, 64, 0, 7});
    for (int i = 0; i < 60'000; ++i) bench.cycle();
    ASSERT_EQ(tags.size(), 1u);
    if (bad) bench.host.inject(unfit(tags[0]), bench.now);
    else bench.dut->no_timeout_i = 0;
    for (uint32_t i = 0; i < 100; ++i) bench.ask({1, 0x5000 + i * 64, 64, i * 64, i});
    ASSERT_TRUE(bench.drain(10'000)) << bench.failure();
    EXPECT_EQ(bench.done_errors.size(), 1u);
    EXPECT_EQ(std::count(tags.begin(), tags.end(), tags[0]), 1) << "given again at once";
    for (int i = 0; i < 14'000; ++i) bench.cycle();
    for (uint32_t i = 0; i < 300; ++i) bench.ask({1, 0x5000 + i * 64, 64, i * 64, i});
    ASSERT_TRUE(bench.drain(10'000)) << bench.failure();
    EXPECT_GT(std::count(tags.begin(), tags.end(), tags[0]), 1) << "back in the end";
  }
}

// Every tag lost at once: all retire, and work goes on when the quarantine ends, although nothing is in flight.
TEST(DmaRead, RecoversFromLosingEveryTag) {
  DmaReadBench bench(11);
  uint32_t lost = 0;
  bench.host.tamper = [&](const ReadRequest&, std::vector<Completion>& list) {
    if (lost++ < 64) list.clear();
  };
  for (uint32_t i = 0; i < 90; ++i) bench.ask({i % 3, 0x5000 + i * 64, 64, i * 64, i});
  ASSERT_TRUE(bench.drain(60000)) << bench.failure();
  EXPECT_EQ(bench.done_errors, std::vector<uint32_t>(64, kTimeout));
}

// Seconds at rest after tags were lost: what was quarantined is free at once, not young again.
TEST(DmaRead, QuarantineEndsWhileNothingMoves) {
  for (const uint64_t quiet_ns : {uint64_t{1} << 28, uint64_t{3} << 28, uint64_t{1} << 32, uint64_t{15'000'000'000}}) {
    DmaReadBench bench(18);
    uint32_t lost = 0;
    bench.host.tamper = [&](const ReadRequest&, std::vector<Completion>& list) {
      if (lost++ < 64) list.clear();
    };
    for (uint32_t i = 0; i < 64; ++i) bench.ask({i % 3, 0x5000 + i * 64, 64, i * 64, i});
    bench.cycle();
    const uint64_t start = bench.time_ns;
    ASSERT_TRUE(bench.drain(20000)) << bench.failure();
    ASSERT_EQ(bench.done_errors.size(), 64u);
    bench.time_ns = start + quiet_ns + 1000;
    bench.ask({0, 0x1000, 64, 0, 7});
    ASSERT_TRUE(bench.drain(3 * 64)) << bench.failure() << ' ' << quiet_ns;
  }
}

// A completion that is arriving when the time is up still counts: it is retired once, by the one or the other.
TEST(DmaRead, TimeOutMeetsCompletion) {
  uint32_t timed_out = 0;
  for (uint32_t cycles = 12780; cycles < 12940; ++cycles) {  // 50 units of 1024 ns, and a look at each tag
    DmaReadBench bench(12);
    bench.host.latency = cycles;
    bench.host.gap_percent = 30;
    bench.ask({0, 0x1001, 256, 0, 7});
    ASSERT_TRUE(bench.drain(40000)) << bench.failure();
    ASSERT_LE(bench.done_errors.size(), 1u) << cycles;
    ASSERT_EQ(bench.done_errors.empty(), bench.unexpected == 0) << cycles;
    timed_out += bench.done_errors.empty() ? 0 : 1;
  }
  EXPECT_GT(timed_out, 10u);
  EXPECT_LT(timed_out, 150u);
}

// Time-outs while completions of two beats stream without a pause: none gets lost between them (F4: no tag leaks).
TEST(DmaRead, TimesOutUnderLoad) {
  DmaReadBench bench(17);
  uint32_t count = 0, lost = 0;
  bench.host.tamper = [&](const ReadRequest&, std::vector<Completion>& list) {
    if (++count % 401 != 0) return;
    list.clear();
    ++lost;
  };
  for (uint32_t i = 0; i < 40000; ++i) bench.ask({i % 3, 0x4000 + i % 16 * 256, 2 * kBytes, 0, i / 3 % 256});
  ASSERT_TRUE(bench.drain(600000)) << bench.failure();
  EXPECT_EQ(bench.done_errors, std::vector<uint32_t>(lost, kTimeout));
}

}  // namespace
}  // namespace ringside::testbench
