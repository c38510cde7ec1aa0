// TLPs of the function: header forms and lengths, order (rule P24 to P27), credits (P29), ready latency, throughput.
#include <gtest/gtest.h>

#include "testbench/rtl/pcie/pcie_bench.h"

namespace ringside::testbench::pcie {
namespace {
constexpr uint64_t kBar = 0xF000'0000;

DmaRequest read_of(uint64_t address, unsigned length, unsigned tag) {
  return {address, length, 0xF, length > 1 ? 0xFu : 0u, tag};
}

class PcieTx : public ::testing::Test {
 protected:
  PcieTx() { bench.configure(kBar); }
  PcieBench bench;
};

// Path step T8: a read request leaves as asked; R4: so does a write, with all its data.
TEST_F(PcieTx, EveryLengthAndBothHeaders) {
  for (unsigned length : {1u, 2u, 3u, 7u, 15u, 16u, 17u, 31u, 32u, 33u, 64u, 255u, 256u, 1023u, 1024u})
    for (uint64_t base : {0x0000'1000ull, 0xFFFF'F000ull, 0x1'0000'0000ull, 0xFFFF'FFFF'FFFF'F000ull}) {
      bench.out.clear();
      bench.write(write_of(base, length, length));
      bench.read(read_of(base, length, length & 0xFF));
      bench.settle();
      ASSERT_EQ(bench.out.size(), 2u);
      for (const Tlp& tlp : bench.out) {
        EXPECT_EQ(tlp.address(), base);
        EXPECT_EQ(tlp.length(), length);
        EXPECT_EQ(tlp.first_be(), 0xFu);
        EXPECT_EQ(tlp.tag(), tlp.is_read() ? length & 0xFF : 0u);
      }
      const Tlp& w = bench.out[bench.out[0].is_write() ? 0 : 1];
      EXPECT_EQ(w.data, words(length, length));
    }
  EXPECT_EQ(bench.ev_reads, 60u);
  EXPECT_EQ(bench.ev_writes, 60u);
}

// Ready in every pattern, gaps in the source: same TLPs, same order, at most two beats after ready falls.
TEST_F(PcieTx, BackPressureAndGapsLoseNothing) {
  std::mt19937 random(3);
  for (unsigned density = 1; density <= 4; ++density) {
    bench.out.clear();
    bench.ready = [&] { return random() % 4 < density; };
    bench.write_gap = [&] { return random() % 3 == 0; };
    std::vector<std::vector<uint32_t>> sent;
    for (unsigned i = 0; i < 200; ++i) {
      const unsigned length = 1 + random() % 64;
      bench.write(write_of(0x10000 + i * 4096, length, i));
      sent.push_back(words(length, i));
      bench.read(read_of(0x4000'0000 + i * 4096, 1 + i % 128, i & 0xFF));
    }
    bench.settle(50000);
    unsigned writes = 0, reads = 0;
    for (const Tlp& tlp : bench.out) {
      if (tlp.is_write()) {
        EXPECT_EQ(tlp.address(), 0x10000u + writes * 4096);
        EXPECT_EQ(tlp.data, sent[writes]);
        ++writes;
      } else {
        EXPECT_EQ(tlp.address(), 0x4000'0000u + reads * 4096);
        ++reads;
      }
    }
    EXPECT_EQ(writes, 200u);
    EXPECT_EQ(reads, 200u);
  }
}

// P24, P25, P26: writes that wait for credits hold back the read and the completion that came after them.
TEST_F(PcieTx, NothingPassesEarlierWrites) {
  bench.infinite_credits = false;
  bench.credits = {0, 0, 100, 100, 100};
  for (unsigned i = 0; i < 4; ++i) bench.write(write_of(0x1000 * i, 4, i));
  bench.run(20);
  bench.read(read_of(0x9000, 4, 1));
  bench.send(memory(false, kBar, 1, 0xF, 0, 2));
  bench.run(200);
  EXPECT_TRUE(bench.out.empty());
  bench.credits.ph = 3;
  bench.credits.pd = 100;
  bench.run(50);
  EXPECT_EQ(bench.out.size(), 3u);             // three writes, and still neither
  bench.credits.ph = 4;
  bench.settle();
  ASSERT_EQ(bench.out.size(), 6u);
  EXPECT_TRUE(bench.out[3].is_write());
}

// A read waits only for the writes before it, not for a stream that never ends.
TEST_F(PcieTx, AStreamOfWritesDoesNotStarveReadsAndCompletions) {
  for (unsigned i = 0; i < 400; ++i) bench.write(write_of(0x10000 + 4096 * i, 2 * kBeatDws, i));
  bench.run(30);
  bench.read(read_of(0x9000, 4, 1));
  bench.send(memory(false, kBar, 1, 0xF, 0, 2));
  const size_t before = bench.out.size();
  bench.run(200);
  unsigned others = 0;
  for (size_t i = before; i < bench.out.size(); ++i) others += !bench.out[i].is_write();
  EXPECT_EQ(others, 2u);
  bench.settle();
}

// P27: with no credits for reads, 10^4 cycles of writes and completions go on.
TEST_F(PcieTx, WritesAndCompletionsPassBlockedReads) {
  bench.infinite_credits = false;
  bench.credits = {0, 0, 0, 0, 0};
  bench.run(2);
  bench.read(read_of(0x9000, 4, 1));
  bench.run(10);
  unsigned expected = 0;
  for (unsigned i = 0; i < 500; ++i) {
    bench.credits.ph = static_cast<uint8_t>(i + 1);
    bench.credits.pd = static_cast<uint16_t>(i + 1);
    bench.credits.cplh = static_cast<uint8_t>(i + 4);   // three were used by configure()
    bench.credits.cpld = static_cast<uint16_t>(i + 1);
    bench.write(write_of(0x1000, 4, i));
    bench.send(memory(false, kBar, 1, 0xF, 0, i & 0xFF));
    bench.run(20);
    expected += 2;
    ASSERT_EQ(bench.out.size(), expected);
  }
  bench.credits.nph = 1;
  bench.settle();
  EXPECT_EQ(bench.out.size(), expected + 1);
}

// P29: each kind alone is starved, then given one credit at a time; the monitor sees no overdraft. Counters wrap.
TEST_F(PcieTx, ObeysEachKindOfCredit) {
  bench.infinite_credits = false;
  bench.credits = {0, 0, 0, 3, 0};
  bench.run(2);                                            // a limit never goes down but here
  auto drive = [&](const std::function<void()>& ask, const std::function<void()>& give, unsigned times) {
    for (unsigned i = 0; i < times; ++i) {
      ask();
      const size_t before = bench.out.size();
      bench.run(12);
      ASSERT_EQ(bench.out.size(), before) << i;
      give();
      bench.settle();
      ASSERT_EQ(bench.out.size(), before + 1) << i;
    }
  };
  auto& c = bench.credits;
  drive([&] { bench.read(read_of(0x1000, 1, 0)); }, [&] { ++c.nph; }, 600);
  c.pd = 2000;
  drive([&] { bench.write(write_of(0x1000, 1, 0)); }, [&] { ++c.ph; c.pd = (c.pd + 1) % 4096; }, 600);
  c.ph += 100;
  c.pd = 600;                                            // all data credits used
  bench.run(2);
  drive([&] { bench.write(write_of(0x1000, 61, 0)); }, [&] { c.pd = (c.pd + 16) % 4096; c.ph += 1; }, 300);
  c.cpld = 100;
  drive([&] { bench.send(memory(false, kBar, 1, 0xF, 0, 0)); }, [&] { ++c.cplh; }, 90);
  c.cplh += 100;
  c.cpld = 90;
  bench.run(2);
  drive([&] { bench.send(memory(false, kBar, 2, 0xF, 0xF, 0)); }, [&] { c.cpld += 1; c.cplh += 1; }, 300);
}

// One credit short of a data payload is short.
TEST_F(PcieTx, DataCreditsAreRoundedUp) {
  bench.infinite_credits = false;
  for (unsigned length = 1; length <= 16; ++length) {
    PcieBench fresh;
    fresh.configure(kBar);
    fresh.infinite_credits = false;
    fresh.credits = {10, static_cast<uint16_t>((length + 3) / 4 - 1), 0, 0, 0};
    fresh.run(2);
    fresh.write(write_of(0x1000, length, 1));
    fresh.run(30);
    EXPECT_TRUE(fresh.out.empty()) << length;
    fresh.credits.pd += 1;
    fresh.settle();
    EXPECT_EQ(fresh.out.size(), 1u);
  }
}

// Throughput: short TLPs one a cycle, long ones a beat a cycle.
TEST_F(PcieTx, SendsABeatInEveryCycle) {
  for (unsigned length : {1u, kBeatDws, 4 * kBeatDws, 32u}) {
    bench.out.clear();
    const unsigned count = 100, beats = (length + kBeatDws - 1) / kBeatDws;
    for (unsigned i = 0; i < count; ++i) bench.write(write_of(0x10000 + 4096 * i, length, i));
    bench.settle();
    ASSERT_EQ(bench.out.size(), count);
    EXPECT_EQ(bench.out.back().cycle - bench.out.front().cycle, (count - 1) * beats) << length;
  }
}

// D13, P41: engine reset drops the writes that have not started, finishes the one that has, and leaves no trace.
TEST_F(PcieTx, EngineResetDropsWaitingWrites) {
  bench.infinite_credits = false;
  bench.credits = {1, 1000, 0, 100, 100};
  for (unsigned i = 0; i < 4; ++i) bench.write(write_of(0x1000 * i, 4, i));
  bench.run(30);
  EXPECT_EQ(bench.out.size(), 1u);
  bench.engine_reset = true;
  bench.run(8);
  bench.engine_reset = false;
  bench.settle();
  bench.credits.ph = 10;
  bench.run(100);
  EXPECT_EQ(bench.out.size(), 1u);
  EXPECT_EQ(bench.done.size(), 1u) << "forgotten, not done";
  bench.write(write_of(0x8000, 4, 9));
  bench.settle();
  EXPECT_EQ(bench.done.size(), 2u);
  ASSERT_EQ(bench.out.size(), 2u);
  EXPECT_EQ(bench.out[1].address(), 0x8000u);
}

// Also when the reset finds half a TLP in the queue and the rest comes later.
TEST_F(PcieTx, EngineResetDropsHalfATlpWhole) {
  bench.infinite_credits = false;
  bench.credits = {0, 0, 0, 100, 100};
  bool gap = false;
  bench.write_gap = [&] { return gap; };
  bench.write(write_of(0x1000, 4 * kBeatDws, 1));
  bench.run(2);
  gap = true;
  bench.run(5);
  bench.engine_reset = true;
  bench.run(8);
  bench.engine_reset = false;
  bench.run(5);
  gap = false;
  bench.settle();
  bench.credits.ph = 10;
  bench.credits.pd = 1000;
  bench.write(write_of(0x8000, 4, 9));
  bench.settle();
  ASSERT_EQ(bench.out.size(), 1u);
  EXPECT_EQ(bench.out[0].address(), 0x8000u);
}

// Completions of our reads come out as they came in, with their fields.
TEST_F(PcieTx, CompletionsGoStraightThrough) {
  for (unsigned length : {1u, 2u, 15u, 16u, 17u, 32u}) {
    bench.cpl_beats.clear();
    bench.send(completion(kBdf, 0xA5, kSc, 0x123, 0x44, words(length, 5)));
    bench.settle();
    std::vector<uint32_t> data;
    for (const CplBeat& beat : bench.cpl_beats) data.insert(data.end(), beat.data.begin(), beat.data.end());
    data.resize(length);
    EXPECT_EQ(data, words(length, 5));
    ASSERT_EQ(bench.cpl_beats.size(), (length + kBeatDws - 1) / kBeatDws);
    const CplBeat& first = bench.cpl_beats.front();
    EXPECT_TRUE(first.sop && bench.cpl_beats.back().eop && !first.poisoned);
    EXPECT_EQ(first.tag, 0xA5u);
    EXPECT_EQ(first.status, kSc);
    EXPECT_EQ(first.byte_count, 0x123u);
    EXPECT_EQ(first.lower_address, 0x44u);
    EXPECT_EQ(first.length, length);
  }
  bench.cpl_beats.clear();
  bench.send(completion(kBdf, 1, kUr, 4096, 0, {}));
  bench.send(completion(kBdf ^ 0x100, 1, kSc, 4, 0, {1}));     // for somebody else: dropped, counted
  bench.settle();
  ASSERT_EQ(bench.cpl_beats.size(), 1u);
  EXPECT_EQ(bench.cpl_beats[0].status, kUr);
  EXPECT_EQ(bench.cpl_beats[0].byte_count, 4096u);
  EXPECT_EQ(bench.cpl_beats[0].length, 0u);
  EXPECT_EQ(bench.malformed, 1u);
}

}  // namespace
}  // namespace ringside::testbench::pcie
