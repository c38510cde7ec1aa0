// Register accesses by memory requests: widths, byte enables, Byte Count and Lower Address, what is unsupported.
#include <gtest/gtest.h>

#include <set>

#include "testbench/rtl/pcie/pcie_bench.h"

namespace ringside::testbench::pcie {
namespace {
constexpr uint64_t kBar = 0x8'F000'0000;

class PcieMmio : public ::testing::Test {
 protected:
  PcieMmio() { bench.configure(kBar); }
  PcieBench bench;
};

// Path step T7: the doorbell write arrives at the register block as it was sent, two cycles after the pin's register.
TEST_F(PcieMmio, WriteOfOneDwReachesTheRegisters) {
  bench.send(memory(true, kBar + 0x4010, 1, 0xF, 0, 0, {0x12345678}));
  const uint64_t start = bench.cycle;
  bench.settle();
  ASSERT_EQ(bench.csr_log.size(), 1u);
  EXPECT_TRUE(bench.csr_log[0].write);
  EXPECT_EQ(bench.csr_log[0].address, 0x4010u);
  EXPECT_EQ(bench.csr_log[0].data, 0x12345678u);
  EXPECT_EQ(bench.csr_log[0].be, 0xFu);
  EXPECT_EQ(bench.csr_log[0].cycle - start, 2u);   // the latency in the header of pcie.v
}

TEST_F(PcieMmio, WriteOfTwoDwsIsTwoAccessesLowFirst) {
  for (unsigned first = 1; first < 16; ++first)
    for (unsigned last = 1; last < 16; ++last) {
      bench.csr_log.clear();
      bench.send(memory(true, kBar + 0x1234, 2, first, last, 0, {0xAAAA0001, 0xBBBB0002}));
      bench.settle();
      ASSERT_EQ(bench.csr_log.size(), 2u);
      EXPECT_EQ(bench.csr_log[0].address, 0x1234u);
      EXPECT_EQ(bench.csr_log[0].be, first);
      EXPECT_EQ(bench.csr_log[0].data, 0xAAAA0001u);
      EXPECT_EQ(bench.csr_log[1].address, 0x1238u);
      EXPECT_EQ(bench.csr_log[1].be, last);
      EXPECT_EQ(bench.csr_log[1].data, 0xBBBB0002u);
    }
}

// P11, P18, P19, P23: every pair of byte enables, one and two DWs, every DW of a 128-byte line.
TEST_F(PcieMmio, ReadCompletionsAreExact) {
  unsigned tag = 0;
  for (unsigned length = 1; length <= 2; ++length)
    for (unsigned first = length == 1 ? 0 : 1; first < 16; ++first)
      for (unsigned last = length == 1 ? 0 : 1; last < (length == 1 ? 1u : 16u); ++last) {
        const uint32_t offset = 0x1000 + (tag * 4) % 128;
        bench.csr_memory[offset] = 0xC0DE0000 + tag;
        bench.csr_memory[offset + 4] = 0xFACE0000 + tag;
        bench.csr_delay = 1 + tag % 3;
        const unsigned tc = tag % 8, attr = tag / 3 % 8, requester = 0x0100 + tag;
        const Tlp cpl =
            bench.request(memory(false, kBar + offset, length, first, last, tag & 0xFF, {}, requester, tc, attr));
        EXPECT_EQ(cpl.type(), kCplD);
        EXPECT_EQ(cpl.status(), kSc);
        EXPECT_EQ(cpl.length(), length);
        EXPECT_EQ(cpl.byte_count(), bytes_asked(length, first, last)) << first << " " << last;
        EXPECT_EQ(cpl.lower_address(), (offset & 0x7C) + first_byte(first));
        EXPECT_EQ(cpl.cpl_requester(), requester);
        EXPECT_EQ(cpl.completer(), kBdf);
        EXPECT_EQ(cpl.tc(), tc);
        EXPECT_EQ(cpl.attr(), attr);
        ASSERT_EQ(cpl.data.size(), length);
        EXPECT_EQ(cpl.data[0], 0xC0DE0000 + tag);
        if (length == 2) { EXPECT_EQ(cpl.data[1], 0xFACE0000 + tag); }
        ++tag;
      }
}

TEST_F(PcieMmio, ReadTakesWhatTheHeaderPromises) {
  const uint64_t start = bench.cycle;
  const Tlp cpl = bench.request(memory(false, kBar, 1, 0xF, 0, 1));
  EXPECT_EQ(cpl.cycle - start, 6u);
}

// Long reads are answered UR with the byte count of the whole request; long writes are dropped and counted.
TEST_F(PcieMmio, LongAccessesAreUnsupported) {
  for (unsigned length : {3u, 4u, 16u, 31u, 32u, 64u, 256u, 1024u}) {
    const Tlp cpl = bench.request(memory(false, kBar, length, 0xE, 0x3, length & 0xFF));
    EXPECT_EQ(cpl.type(), kCpl);
    EXPECT_EQ(cpl.status(), kUr);
    EXPECT_EQ(cpl.byte_count(), bytes_asked(length, 0xE, 0x3));
    EXPECT_EQ(cpl.lower_address(), 1u);
  }
  EXPECT_EQ(bench.malformed, 0u);
  for (unsigned length : {3u, 4u, 16u, 31u, 32u})
    bench.send(memory(true, kBar, length, 0xF, 0xF, 0, std::vector<uint32_t>(length, 0x55)));
  bench.send(memory(true, kBar + 8, 1, 0xF, 0, 0, {9}));
  bench.settle();
  EXPECT_EQ(bench.malformed, 5u);
  ASSERT_EQ(bench.csr_log.size(), 1u);
  EXPECT_EQ(bench.csr_log[0].address, 8u);
}

// P7: two DWs over a 4 KB boundary are no legal request; the last two before it are.
TEST_F(PcieMmio, NothingCrosses4Kilobytes) {
  EXPECT_EQ(bench.request(memory(false, kBar + 0xFFC, 2, 0xF, 0xF, 1)).status(), kUr);
  EXPECT_EQ(bench.request(memory(false, kBar + 0xFFFC, 2, 0xF, 0xF, 2)).status(), kUr);
  EXPECT_EQ(bench.request(memory(false, kBar + 0xFF8, 2, 0xF, 0xF, 3)).status(), kSc);
  bench.csr_log.clear();
  bench.send(memory(true, kBar + 0xFFC, 2, 0xF, 0xF, 0, {1, 2}));
  bench.settle();
  EXPECT_TRUE(bench.csr_log.empty());
  EXPECT_EQ(bench.malformed, 1u);
}

TEST_F(PcieMmio, OtherRequestsAreAnswered) {
  struct { uint8_t type; unsigned length, data, byte_count; } const cases[] = {
      {kIoRd, 1, 0, 4}, {kIoWr, 1, 1, 4}, {kMRdLk32, 2, 0, 8}, {kFetchAdd32, 1, 1, 4}, {kSwap32, 2, 2, 8},
      {kCas32, 2, 2, 4}, {kCas32, 4, 4, 8}};
  unsigned tag = 1;
  for (const auto& c : cases) {
    Tlp tlp = memory(false, 0xF0000000, c.length, 0xF, c.length > 1 ? 0xF : 0, tag, std::vector<uint32_t>(c.data, 7));
    tlp.dw[0] = (tlp.dw[0] & 0x00FFFFFF) | uint32_t{c.type} << 24;
    const Tlp cpl = bench.request(tlp);
    EXPECT_EQ(cpl.status(), kUr) << int{c.type};
    EXPECT_EQ(cpl.byte_count(), c.byte_count) << int{c.type};
    EXPECT_EQ(cpl.type(), c.type == kMRdLk32 ? kCplLk : kCpl);
    ++tag;
  }
  EXPECT_TRUE(bench.csr_log.empty());
}

TEST_F(PcieMmio, PoisonedWritesAreDropped) {
  Tlp tlp = memory(true, kBar, 1, 0xF, 0, 0, {1});
  tlp.dw[0] |= 1u << 14;
  bench.send(tlp);
  bench.settle();
  EXPECT_TRUE(bench.csr_log.empty());
  EXPECT_EQ(bench.malformed, 1u);
}

TEST_F(PcieMmio, ReservedBitsAreIgnored) {          // P44
  Tlp tlp = memory(true, kBar + 0x20, 1, 0xF, 0, 0, {5});
  tlp.dw[0] |= 0x00898C00;                          // T9, T8, TH, TD (no digest here), AT
  tlp.dw[3] |= 3;                                   // PH
  bench.send(tlp);
  bench.settle();
  ASSERT_EQ(bench.csr_log.size(), 1u);
  EXPECT_EQ(bench.csr_log[0].data, 5u);
}

// 2.2.8: what an endpoint has to take, or to ignore, leaves no trace; any other code is an Unsupported Request, type 0 of
// the vendor-defined ones too (2.2.8.6).
TEST_F(PcieMmio, MessagesAreIgnoredOrUnsupported) {
  const std::set<unsigned> known = {0x00,                                      // Unlock
                                    0x14, 0x19,                                // PM_Active_State_Nak, PME_Turn_Off
                                    0x40, 0x41, 0x43, 0x44, 0x45, 0x47, 0x48,  // Ignored Messages
                                    0x50,                                      // Set_Slot_Power_Limit
                                    0x7F};                                     // vendor-defined type 1
  unsigned dropped = 0;
  for (const bool data : {false, true})
    for (unsigned code = 0; code < 256; ++code) {
      Tlp tlp;
      tlp.dw = {data ? 0x74000001u : 0x34000000u, code, 0, 0};
      if (data) tlp.data = {0x1234};
      bench.cfg_write(0x78, 0x000F0000, 0xC);
      bench.send(tlp);
      bench.settle();
      dropped += known.count(code) == 0;
      EXPECT_EQ(bench.malformed, dropped) << code;
      EXPECT_EQ(bench.cfg_read(0x78) >> 16, known.count(code) == 0 ? 0xAu : 0u) << code;
    }
  EXPECT_TRUE(bench.csr_log.empty());
}

// The host may send as fast as the credits it is given let it; nothing is lost, the order is kept.
TEST_F(PcieMmio, FloodWithinCreditsKeepsOrder) {
  std::mt19937 random(7);
  bench.csr_delay = 3;
  std::vector<std::pair<bool, uint32_t>> expected;
  for (unsigned i = 0; i < 600; ++i) {
    const bool write = random() % 2;
    const uint32_t offset = (i * 4) & 0xFFFC;
    std::vector<uint32_t> data;
    if (write) data.push_back(i);
    bench.send(memory(write, kBar + offset, 1, 0xF, 0, i & 0xFF, data));
    expected.push_back({write, offset});
  }
  bench.settle(20000);
  ASSERT_EQ(bench.csr_log.size(), expected.size());
  for (size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(bench.csr_log[i].write, expected[i].first);
    EXPECT_EQ(bench.csr_log[i].address, expected[i].second);
  }
}

// Writes behind reads go on although no completion may be sent (2.4.1: a posted request must pass).
TEST_F(PcieMmio, WritesPassReadsThatWaitForCompletionCredits) {
  bench.infinite_credits = false;
  bench.credits = {0, 0, 0, 3, 1};    // what configure() has used: no more completions
  for (unsigned i = 0; i < 8; ++i) bench.send(memory(false, kBar + 4 * i, 1, 0xF, 0, i));
  for (unsigned i = 0; i < 40; ++i) bench.send(memory(true, kBar + 0x100 + 4 * i, 1, 0xF, 0, 0, {i}));
  bench.run(2000);
  EXPECT_EQ(bench.csr_log.size(), 48u);
  EXPECT_TRUE(bench.out.empty());
  bench.credits = {0, 0, 0, 11, 9};
  bench.settle();
  EXPECT_EQ(bench.out.size(), 8u);
}

}  // namespace
}  // namespace ringside::testbench::pcie
