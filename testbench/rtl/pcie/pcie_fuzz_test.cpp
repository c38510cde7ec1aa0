// P39, P45: whatever the host sends, the function stays alive, answers each defined non-posted request exactly once,
// and carries out no malformed one.
#include <gtest/gtest.h>

#include "testbench/rtl/pcie/pcie_bench.h"

namespace ringside::testbench::pcie {
namespace {
constexpr uint64_t kBar = 0xF000'0000;

void expect_alive(PcieBench& bench) {
  bench.settle(20000);
  bench.csr_memory[0x20] = 0xA11CE;
  const Tlp cpl = bench.request(memory(false, kBar + 0x20, 1, 0xF, 0, 0x77));
  ASSERT_EQ(cpl.data.size(), 1u);
  EXPECT_EQ(cpl.data[0], 0xA11CEu);
}

// Random header bits, well framed: a TLP as long as its Length says. Credits are obeyed where the kind is defined.
TEST(PcieFuzz, RandomHeadersNeverHang) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    std::mt19937 random(seed);
    PcieBench bench;
    bench.configure(kBar);
    for (unsigned i = 0; i < 300; ++i) {
      Tlp tlp;
      for (uint32_t& dw : tlp.dw) dw = random();
      if (tlp.type() == kCfgWr0 || tlp.type() == kCfgRd0) tlp.dw[0] ^= 0x08000000;   // leaves the set-up alone
      if (random() % 2) tlp.dw[0] = (tlp.dw[0] & ~0x3FFu) | random() % 33;
      if (tlp.has_data()) tlp.data.assign(tlp.length(), random());
      Beat beat{true, false, tlp.dw, {}};
      size_t from = 0;
      do {
        beat.sop = from == 0;
        beat.eop = from + kBeatDws >= tlp.data.size();
        beat.data.assign(kBeatDws, random());
        bench.send_beat(beat);
        from += kBeatDws;
      } while (from < tlp.data.size());
      for (unsigned gap = random() % 40; gap > 0; --gap) bench.step();
    }
    // The bench bypassed its own credit counting: only life is asked for here.
    for (unsigned i = 0; i < 20000 && !bench.idle(); ++i) bench.step();
    ASSERT_TRUE(bench.idle());
    for (const CsrAccess& access : bench.csr_log) EXPECT_LT(access.address, 0x10000u);
  }
}

// Broken framing: missing starts, missing ends, early ends.
TEST(PcieFuzz, BrokenFramingNeverHangs) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    std::mt19937 random(100 + seed);
    PcieBench bench;
    bench.configure(kBar);
    for (unsigned i = 0; i < 2000; ++i) {
      Tlp tlp = random() % 2 ? completion(kBdf, random() % 256, kSc, 64, 0, std::vector<uint32_t>(1 + random() % 32, i))
                             : memory(random() % 2, 0x1'0000'0000 + random() % 4096, 1 + random() % 32, 0xF, 0xF, 1);
      bench.send_beat({random() % 2 == 0, random() % 2 == 0, tlp.dw, {i}});
    }
    for (unsigned i = 0; i < 20000 && !bench.idle(); ++i) bench.step();
    ASSERT_TRUE(bench.idle());
    EXPECT_TRUE(bench.csr_log.empty());
    EXPECT_GT(bench.malformed, 0u);
  }
}

// A completion that ends early is marked on its last beat; one that runs on is cut at its Length. Both are counted.
TEST(PcieFuzz, CompletionsOfTheWrongLengthAreMarked) {
  PcieBench bench;
  bench.configure(kBar);
  const unsigned beats = 3;
  Tlp tlp = completion(kBdf, 1, kSc, beats * kBeatDws * 4, 0, std::vector<uint32_t>(beats * kBeatDws, 1));
  if (tlp.data.size() > 32) tlp = completion(kBdf, 1, kSc, 128, 0, std::vector<uint32_t>(32, 1));
  bench.send_beat({true, true, tlp.dw, {1}});
  bench.settle();
  ASSERT_EQ(bench.cpl_beats.size(), 1u);
  EXPECT_TRUE(bench.cpl_beats[0].poisoned && bench.cpl_beats[0].eop);
  EXPECT_EQ(bench.malformed, 1u);
  bench.cpl_beats.clear();
  Tlp one = completion(kBdf, 2, kSc, 8, 0, {1, 2});
  bench.send_beat({true, false, one.dw, {1, 2}});
  bench.send_beat({false, false, one.dw, {3}});
  bench.send_beat({false, true, one.dw, {4}});
  bench.settle();
  EXPECT_TRUE(bench.cpl_beats.empty());     // one beat by its Length and no end there: dropped whole
  EXPECT_EQ(bench.malformed, 2u);
  for (unsigned more : {1u, 2u, 5u}) {      // dma_read counts the beats itself, so it must get all of them
    const unsigned length = 32, whole = length / kBeatDws;
    if (whole < 2) break;
    const Tlp runs_on = completion(kBdf, 3, kSc, length * 4, 0, std::vector<uint32_t>(length, 1));
    for (unsigned i = 0; i < whole + more; ++i)
      bench.send_beat({i == 0, i + 1 == whole + more, runs_on.dw, std::vector<uint32_t>(kBeatDws, i)});
    bench.settle();
    ASSERT_EQ(bench.cpl_beats.size(), whole + more);
    for (unsigned i = 0; i < whole + more; ++i) EXPECT_EQ(bench.cpl_beats[i].eop, i + 1 == whole + more) << i;
    bench.cpl_beats.clear();
  }
  EXPECT_EQ(bench.malformed, 2u + (32 / kBeatDws < 2 ? 0 : 3));
  expect_alive(bench);
}

// Payload beyond Max_Payload_Size is malformed in both kinds (2.2.2).
TEST(PcieFuzz, PayloadBeyondMaximumIsMalformed) {
  PcieBench bench;
  bench.configure(kBar);
  bench.send(completion(kBdf, 1, kSc, 132, 0, std::vector<uint32_t>(33, 1)));
  bench.send(memory(true, kBar, 33, 0xF, 0xF, 0, std::vector<uint32_t>(33, 1)));
  bench.settle();
  EXPECT_EQ(bench.malformed, 2u);
  EXPECT_TRUE(bench.cpl_beats.empty());
  bench.cfg_write(0x78, 0x0020, 1);         // 256 octets
  bench.send(completion(kBdf, 1, kSc, 132, 0, std::vector<uint32_t>(33, 1)));
  bench.settle();
  EXPECT_EQ(bench.malformed, 2u);
  EXPECT_FALSE(bench.cpl_beats.empty());
  expect_alive(bench);
}

// What is dropped gives its credits back, of every kind.
TEST(PcieFuzz, DroppedRequestsReturnTheirCredits) {
  PcieBench bench;
  bench.configure(kBar);
  const unsigned before = bench.nonposted_credits();
  const Tlp read = config(false, kBdf, 0, 0xF, 1);
  for (unsigned i = 0; i < 30; ++i) {                      // a request without data that does not end where it begins
    bench.send_beat({true, false, read.dw, {}});
    bench.send_beat({false, true, read.dw, {}});
  }
  bench.settle();
  EXPECT_EQ(bench.nonposted_credits(), before + 30);
  for (unsigned i = 0; i < 300; ++i) bench.send(memory(true, kBar, 33, 0xF, 0xF, 0, std::vector<uint32_t>(33, 1)));
  for (unsigned i = 0; i < 300; ++i) bench.send(memory(true, 0x1000, 1, 0xF, 0, 0, {1}));
  bench.settle(20000);
  EXPECT_EQ(bench.malformed, 630u);
  EXPECT_TRUE(bench.out.empty());
  expect_alive(bench);
}

// Mixed defined requests within the credits: each non-posted one gets one completion with its tag.
TEST(PcieFuzz, EveryDefinedRequestIsAnsweredOnce) {
  for (unsigned seed = 1; seed <= 10; ++seed) {
    std::mt19937 random(seed);
    PcieBench bench;
    bench.configure(kBar);
    std::map<unsigned, unsigned> asked;
    const uint8_t types[] = {kMRd32, kMWr32, kIoRd, kIoWr, kCfgRd0, kCfgRd1, kMRdLk32, kFetchAdd32, kCas32};
    bench.ready = [&] { return random() % 4 != 0; };
    for (unsigned i = 0; i < 250; ++i) {
      const uint8_t type = types[random() % 9];
      const unsigned length = type == kCfgRd0 || random() % 2 ? 1 : 1 + random() % 8;
      const uint64_t address = random() % 3 ? kBar + random() % 0x10000 : random();
      Tlp tlp = memory(false, address, length, random() % 16, random() % 16, i);
      tlp.dw[0] = (tlp.dw[0] & 0x00FFFFFF) | uint32_t{type} << 24;
      if (type == kCfgRd0) tlp.dw[2] = kBdf << 16 | random() % 0x1000;
      if (tlp.has_data()) tlp.data.assign(length, random());
      if (type != kMWr32) ++asked[i];
      bench.send(tlp);
    }
    bench.settle(50000);
    std::map<unsigned, unsigned> answered;
    for (const Tlp& tlp : bench.out)
      if (tlp.is_cpl()) ++answered[tlp.cpl_tag()];
    EXPECT_EQ(answered, asked) << "seed " << seed;
    bench.ready = [] { return true; };
    expect_alive(bench);
  }
}

}  // namespace
}  // namespace ringside::testbench::pcie
