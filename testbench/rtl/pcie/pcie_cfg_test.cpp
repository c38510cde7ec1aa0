// Configuration space as a host walks it: identification, capability list, BAR sizing, command register, FLR.
#include <gtest/gtest.h>

#include "testbench/rtl/pcie/pcie_bench.h"

namespace ringside::testbench::pcie {
namespace {

TEST(PcieCfg, IdentifiesItself) {
  PcieBench bench;
  EXPECT_EQ(bench.cfg_read(0x00), 0x01001D9Bu);
  EXPECT_EQ(bench.cfg_read(0x08), 0x02000001u);   // Ethernet controller, revision 1
  EXPECT_EQ(bench.cfg_read(0x0C) >> 16 & 0xFF, 0u);
  EXPECT_EQ(bench.cfg_read(0x2C), 0x01001D9Bu);
  EXPECT_EQ(bench.cfg_read(0x3C) >> 8 & 0xFF, 0u);  // no INTx pin
  EXPECT_EQ(bench.cfg_read(0x100), 0u);             // no extended capabilities
  EXPECT_EQ(bench.cfg_read(0xFFC), 0u);
}

// The list has PM, MSI, PCI Express and MSI-X, each once, and ends.
TEST(PcieCfg, WalksTheCapabilityList) {
  PcieBench bench;
  ASSERT_TRUE(bench.cfg_read(0x04) >> 20 & 1);
  std::map<unsigned, unsigned> found;
  unsigned at = bench.cfg_read(0x34) & 0xFF;
  for (int i = 0; at != 0 && i < 48; ++i) {
    EXPECT_GE(at, 0x40u);
    const uint32_t header = bench.cfg_read(at);
    found[header & 0xFF] = at;
    at = header >> 8 & 0xFF;
  }
  EXPECT_EQ(at, 0u);
  ASSERT_EQ(found.size(), 4u);
  EXPECT_EQ(found[0x05], 0x50u);
  EXPECT_EQ(bench.cfg_read(0x50) >> 16, 0x0186u);               // 64 bits, masks, eight messages for five vectors
  EXPECT_EQ(bench.cfg_read(found[0x01]) >> 16 & 7, 3u);
  const unsigned pcie = found[0x10];
  EXPECT_EQ(bench.cfg_read(pcie) >> 16 & 0xFF, 0x02u);          // version 2, endpoint
  const uint32_t device = bench.cfg_read(pcie + 4);
  EXPECT_EQ(device & 7, 3u);                                    // 1024 octets
  EXPECT_TRUE(device >> 5 & 1);                                 // extended tags
  EXPECT_TRUE(device >> 15 & 1);                                // role-based errors
  EXPECT_TRUE(device >> 28 & 1);                                // FLR
  EXPECT_EQ(bench.cfg_read(pcie + 0x24), 0x10u);                // Completion Timeout Disable, no ranges
  EXPECT_EQ(bench.cfg_read(pcie + 0xC) >> 4 & 0x3F, kWidth / 32);
  const unsigned msix = found[0x11];
  EXPECT_EQ(bench.cfg_read(msix) >> 16 & 0x7FF, 4u);            // five vectors
  EXPECT_EQ(bench.cfg_read(msix + 4), 0x8000u);
  EXPECT_EQ(bench.cfg_read(msix + 8), 0xC000u);
}

TEST(PcieCfg, SizesTheBarByWritingOnes) {
  PcieBench bench;
  EXPECT_EQ(bench.cfg_read(0x10), 0x4u);
  bench.cfg_write(0x10, 0xFFFFFFFF);
  bench.cfg_write(0x14, 0xFFFFFFFF);
  const uint64_t mask = uint64_t{bench.cfg_read(0x14)} << 32 | bench.cfg_read(0x10);
  EXPECT_EQ(~(mask & ~0xFull) + 1, 0x10000u);
  EXPECT_EQ(mask & 0xF, 0x4u);
  for (unsigned bar = 0x18; bar < 0x28; bar += 4) {
    bench.cfg_write(bar, 0xFFFFFFFF);
    EXPECT_EQ(bench.cfg_read(bar), 0u);
  }
  bench.cfg_write(0x30, 0xFFFFFFFF);
  EXPECT_EQ(bench.cfg_read(0x30), 0u);   // no expansion ROM
}

TEST(PcieCfg, HonoursByteEnables) {
  PcieBench bench;
  for (unsigned be = 0; be < 16; ++be) {
    bench.cfg_write(0x14, 0x11223344);
    bench.cfg_write(0x14, 0xAABBCCDD, be);
    uint32_t expected = 0x11223344;
    for (unsigned i = 0; i < 4; ++i)
      if (be >> i & 1) expected = (expected & ~(0xFFu << 8 * i)) | (0xAABBCCDD & 0xFFu << 8 * i);
    EXPECT_EQ(bench.cfg_read(0x14), expected) << "byte enables " << be;
  }
}

// Every bit of every register: read-only ones keep their value, the others take what is written, none has a side effect
// on another register.
TEST(PcieCfg, EveryBitIsReadOnlyOrWritable) {
  const std::map<unsigned, uint32_t> writable = {
      {0x04, 0x0546}, {0x0C, 0xFF}, {0x10, 0xFFFF0000}, {0x14, 0xFFFFFFFF}, {0x3C, 0xFF}, {0x44, 0x3},
      {0x50, 0x00710000}, {0x54, 0xFFFFFFFC}, {0x58, 0xFFFFFFFF}, {0x5C, 0xFFFF}, {0x60, 0xFF},
      {0x78, 0x71EF}, {0x80, 0xCB}, {0x98, 0x10}, {0xA0, 0xF}, {0xB0, 0xC0000000}};
  PcieBench bench;
  std::map<unsigned, uint32_t> reset;
  for (unsigned reg = 0; reg < 0x100; reg += 4) reset[reg] = bench.cfg_read(reg);
  for (unsigned reg = 0; reg < 0x100; reg += 4) {
    const uint32_t mask = writable.count(reg) ? writable.at(reg) : 0;
    for (uint32_t value : {0xFFFFFFFFu, 0x00000000u, 0xA5A5A5A5u, 0x5A5A5A5Au}) {
      if (reg == 0x78) value &= ~0x8000u;                     // not FLR
      if (reg == 0x44) value = value & 1 ? 3 : 0;             // only D0 and D3hot exist
      bench.cfg_write(reg, value);
      EXPECT_EQ(bench.cfg_read(reg), (reset[reg] & ~mask) | (value & mask)) << std::hex << "register " << reg;
    }
    bench.cfg_write(reg, reset[reg] & mask);
  }
  for (unsigned reg = 0; reg < 0x100; reg += 4) EXPECT_EQ(bench.cfg_read(reg), reset[reg]) << std::hex << reg;
}

TEST(PcieCfg, MemorySpaceOffOrMissIsUnsupported) {
  PcieBench bench;
  bench.configure(0x12'F000'0000, 0);
  EXPECT_EQ(bench.request(memory(false, 0x12'F000'0000, 1, 0xF, 0, 1)).status(), kUr);    // P35
  bench.cfg_write(0x04, 2, 1);
  EXPECT_EQ(bench.request(memory(false, 0x12'F000'0000, 1, 0xF, 0, 2)).status(), kSc);
  EXPECT_EQ(bench.request(memory(false, 0x12'F001'0000, 1, 0xF, 0, 3)).status(), kUr);
  EXPECT_EQ(bench.request(memory(false, 0xF000'0000, 1, 0xF, 0, 4)).status(), kUr);
  bench.cfg_write(0x44, 3);                                                                // D3hot
  EXPECT_EQ(bench.request(memory(false, 0x12'F000'0000, 1, 0xF, 0, 5)).status(), kUr);
}

// Another function, another type, a wrong length: the host must get its answer.
TEST(PcieCfg, OtherFunctionsAreUnsupported) {
  PcieBench bench;
  for (unsigned function = 1; function < 8; ++function) {
    const Tlp cpl = bench.request(config(false, kBdf | function, 0, 0xF, function));
    EXPECT_EQ(cpl.type(), kCpl);
    EXPECT_EQ(cpl.status(), kUr);
    EXPECT_EQ(cpl.byte_count(), 4u);
  }
  Tlp type1 = config(false, kBdf, 0, 0xF, 9);
  type1.dw[0] |= 0x01000000;
  EXPECT_EQ(bench.request(type1).status(), kUr);
  Tlp poisoned = config(true, kBdf, 0x14, 0xF, 10, 0x77777777);
  poisoned.dw[0] |= 1u << 14;
  bench.cfg_write(0x78, 0x000F0000, 0xC);
  EXPECT_EQ(bench.request(poisoned).status(), kUr);
  EXPECT_EQ(bench.cfg_read(0x14), 0u);                             // P31
  EXPECT_EQ(bench.cfg_read(0x78) >> 16, 0x2u);                     // poisoned, and not advisory (2.7.2.2)
  EXPECT_TRUE(bench.cfg_read(0x04) >> 31);
  bench.cfg_write(0x78, 0x000F0000, 0xC);
  poisoned.dw[2] |= 1u << 16;                                      // and to another function: unsupported besides
  EXPECT_EQ(bench.request(poisoned).status(), kUr);
  EXPECT_EQ(bench.cfg_read(0x78) >> 16, 0xBu);
}

// P12: the numbers come from configuration writes, each anew.
TEST(PcieCfg, CapturesItsNumbersFromWrites) {
  PcieBench bench;
  EXPECT_EQ(bench.request(config(false, 0x0700, 0, 0xF, 1)).completer(), 0u);
  EXPECT_EQ(bench.request(config(true, 0x0700, 0x0C, 0xF, 2)).completer(), 0x0700u);
  EXPECT_EQ(bench.request(config(true, 0x09A8, 0x0C, 0xF, 3)).completer(), 0x09A8u);
  EXPECT_EQ(bench.request(config(false, 0x0700, 0, 0xF, 4)).completer(), 0x09A8u);
}

TEST(PcieCfg, FunctionLevelResetRestoresAllButWhatItMustKeep) {
  PcieBench bench;
  bench.configure();
  bench.cfg_write(0x78, 0x5160 | 0xF);      // MRRS 4096, extended tags, MPS 1024, reporting
  bench.cfg_write(0xB0, 0xC0000000);
  bench.cfg_write(0x80, 0x40);
  bench.cfg_write(0x98, 0x10);
  EXPECT_EQ(bench.flr, 0u);
  bench.cfg_write(0x78, 0xD160 | 0xF);
  EXPECT_EQ(bench.flr, 1u);
  EXPECT_EQ(bench.cfg_read(0x04) & 0x7FF, 0u);
  EXPECT_EQ(bench.cfg_read(0x10), 4u);
  EXPECT_EQ(bench.cfg_read(0xB0) >> 30, 0u);
  EXPECT_EQ(bench.cfg_read(0x78) & 0xFFFF, 0x2060u);  // MRRS 512; MPS stays (6.6.2)
  EXPECT_EQ(bench.cfg_read(0x80) & 0xFF, 0x40u);
  EXPECT_EQ(bench.cfg_read(0x98), 0u);
  EXPECT_EQ(bench.request(config(false, kBdf, 0, 0xF, 1)).completer(), kBdf);
}

// MSI: settings come out as written, a grant above what was asked for counts as all; pending bits are shown; FLR clears.
TEST(PcieCfg, Msi) {
  PcieBench bench;
  bench.configure();
  bench.cfg_write(0x54, 0xFEE01234);
  bench.cfg_write(0x58, 0x89ABCDEF);
  bench.cfg_write(0x5C, 0xFFFF4321);
  bench.cfg_write(0x60, 0xA5);
  bench.cfg_write(0x50, 0x00210000);
  EXPECT_EQ(bench.msi().address, 0x89ABCDEF'FEE01234u);
  EXPECT_EQ(bench.msi().data, 0x4321u);
  EXPECT_EQ(bench.msi().mask, 0xA5u);
  EXPECT_TRUE(bench.msi().enable);
  EXPECT_EQ(bench.msi().count, 2u);
  bench.cfg_write(0x50, 0x00700000);
  EXPECT_EQ(bench.msi().count, 3u);
  EXPECT_FALSE(bench.msi().enable);
  bench.msi_pending = 0x5A;
  EXPECT_EQ(bench.cfg_read(0x64), 0x5Au);
  bench.cfg_write(0x64, 0xFF);
  EXPECT_EQ(bench.cfg_read(0x64), 0x5Au);      // read only
  bench.cfg_write(0x78, 0x8000);
  EXPECT_EQ(bench.cfg_read(0x50), 0x01867005u);
  EXPECT_EQ(bench.msi().mask, 0u);
  EXPECT_EQ(bench.msi().address, 0u);
}

// The answer to a configuration write, which may have set a mask, waits for the message that was on its way: all others do
// not, and it does not wait for ever.
TEST(PcieCfg, WritesAreAnsweredBehindMessages) {
  PcieBench bench;
  bench.configure();
  for (const bool leaves : {true, false}) {
    bench.out.clear();
    bench.message = true;
    bench.request(config(false, kBdf, 0xB0, 0xF, 1));
    bench.request(memory(false, 0xF000'0000, 1, 0xF, 0, 2));
    ASSERT_EQ(bench.out.size(), 2u);
    bench.send(config(true, kBdf, 0xB0, 0xF, 3, 0xC0000000));
    bench.send(memory(true, 0xF000'0000, 1, 0xF, 0, 0, {7}));
    bench.run(300);
    EXPECT_EQ(bench.out.size(), 2u);
    bench.mark = !bench.mark;
    bench.run(300);
    EXPECT_EQ(bench.out.size(), 2u);
    if (leaves) bench.message = false;
    else bench.mark = !bench.mark;
    bench.settle();
    ASSERT_EQ(bench.out.size(), 3u);
    EXPECT_EQ(bench.out[2].cpl_tag(), 3u);
    EXPECT_EQ(bench.out[2].status(), kSc);
  }
  EXPECT_EQ(bench.csr_log.size(), 4u);
}

// Transactions Pending follows the DMA engine.
TEST(PcieCfg, TransactionsPending) {
  PcieBench bench;
  EXPECT_EQ(bench.cfg_read(0x78) >> 21 & 1, 0u);
  bench.dma_pending = true;
  EXPECT_EQ(bench.cfg_read(0x78) >> 21 & 1, 1u);
}

// Status bits rise with their event and are cleared by writing one.
TEST(PcieCfg, ReportsErrorsInItsStatusRegisters) {
  PcieBench bench;
  bench.configure();
  bench.request(memory(false, 0xA000'0000, 1, 0xF, 0, 1));                       // UR sent
  EXPECT_EQ(bench.cfg_read(0x78) >> 16, 0x9u);                                   // advisory: correctable
  bench.cfg_write(0x78, 0x000F0000, 0xC);
  EXPECT_EQ(bench.cfg_read(0x78) >> 16, 0u);
  bench.send(memory(true, 0xA000'0000, 1, 0xF, 0, 1, {7}));                      // a posted request that nobody wants
  bench.settle();
  EXPECT_EQ(bench.cfg_read(0x78) >> 16, 0xAu);
  bench.cfg_write(0x78, 0x000F0000, 0xC);
  bench.send(completion(kBdf ^ 8, 3, kSc, 4, 0, {1}));                           // unexpected: another requester
  bench.settle();
  EXPECT_EQ(bench.cfg_read(0x78) >> 16, 0x1u);
  bench.cfg_write(0x78, 0x000F0000, 0xC);
  bench.dma_timeout = true;
  bench.step();
  bench.dma_timeout = false;
  EXPECT_EQ(bench.cfg_read(0x78) >> 16, 0x2u);
  bench.cfg_write(0x78, 0x000F0000, 0xC);
  Tlp undefined = memory(true, kBdf, 1, 0xF, 0, 1, {7});
  undefined.dw[0] |= 0x1F000000;
  bench.send(undefined);
  bench.settle();
  EXPECT_EQ(bench.cfg_read(0x78) >> 16, 0x4u);                                   // malformed: fatal
  bench.cfg_write(0x78, 0x000F0000, 0xC);
  bench.dma_refused = true;
  bench.step();
  bench.dma_refused = false;
  EXPECT_EQ(bench.cfg_read(0x04) >> 16, 0x2010u);
  bench.dma_aborted = true;
  bench.step();
  bench.dma_aborted = false;
  EXPECT_EQ(bench.cfg_read(0x04) >> 16, 0x3010u);
  Tlp poisoned = completion(kBdf, 3, kSc, 4, 0, {1});
  poisoned.dw[0] |= 1u << 14;
  bench.send(poisoned);
  bench.settle();
  EXPECT_EQ(bench.cfg_read(0x04) >> 16, 0xB010u);
  bench.cfg_write(0x04, 0xFFFF0000, 0xC);
  EXPECT_EQ(bench.cfg_read(0x04) >> 16, 0x0010u);
  for (const unsigned status : {1u, 4u, 7u}) bench.send(completion(kBdf, 3, status, 64, 0, {}));   // nobody has asked
  bench.settle();
  EXPECT_EQ(bench.cfg_read(0x04) >> 16, 0x0010u);
}

// Poisoned data that the host wrote is an error of its own, not advisory, and no parity error of the master; poisoned data
// that was read is both (2.7.2.2, 6.2.3.2.4.3, 7.5.1.2).
TEST(PcieCfg, PoisonIsTold) {
  PcieBench bench;
  bench.configure(0xD0000000);
  const uint32_t command = bench.cfg_read(0x04) & 0xFFFF;
  bench.cfg_write(0x04, command | 0x40, 0x3);                                    // parity error response
  bench.cfg_write(0x04, 0xFFFF0000, 0xC);
  bench.cfg_write(0x78, 0x000F0000, 0xC);
  Tlp written = memory(true, 0xD0000000, 1, 0xF, 0, 0, {1});
  written.dw[0] |= 1u << 14;
  bench.send(written);
  bench.settle();
  EXPECT_EQ(bench.cfg_read(0x78) >> 16, 0x2u);
  EXPECT_EQ(bench.cfg_read(0x04) >> 16, 0x8010u);
  bench.cfg_write(0x04, 0xFFFF0000, 0xC);
  bench.cfg_write(0x78, 0x000F0000, 0xC);
  Tlp got = completion(kBdf, 3, kSc, 4, 0, {1});
  got.dw[0] |= 1u << 14;
  bench.send(got);
  bench.settle();
  EXPECT_EQ(bench.cfg_read(0x78) >> 16, 0x1u);
  EXPECT_EQ(bench.cfg_read(0x04) >> 16, 0x8110u);
}

}  // namespace
}  // namespace ringside::testbench::pcie
