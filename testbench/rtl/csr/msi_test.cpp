// MSI: messages granted, its masks and pending bits (PCI Local Bus 3.0 section 6.8.1, rules P36, P37).
#include <gtest/gtest.h>

#include "testbench/rtl/csr/csr_bench.h"

namespace ringside::testbench::csr {
namespace {

unsigned msi_messages(const CsrBench& bench, unsigned message) {
  unsigned count = 0;
  for (const HostWrite& w : bench.writes)
    count += w.is_message() && w.address == 0xFEE00ABC && w.words[0] == 0x4100 + message;
  return count;
}

void open_msi(CsrBench& bench, unsigned count) {
  for (unsigned q = 0; q < kQueues; ++q) bench.open(q);
  bench.in.msix_enable = false;
  bench.in.msi_enable = true;
  bench.in.msi_count = count;
}

// P36: one write of one DW, the message number in the low bits of the data; vector v is message v mod granted.
TEST(Msi, VectorIsMessageModuloGranted) {
  for (unsigned count = 0; count <= 3; ++count) {
    CsrBench bench;
    open_msi(bench, count);
    for (unsigned q = 0; q < kQueues; ++q) {
      const unsigned message = (1 + q) & ((1u << count) - 1), before = msi_messages(bench, message);
      const size_t from = bench.writes.size();
      bench.rx_frame(q);
      bench.run(140);
      EXPECT_EQ(bench.writes.size(), from + 2);
      EXPECT_EQ(msi_messages(bench, message), before + 1) << "granted " << (1 << count) << " queue " << q;
    }
    const unsigned before = msi_messages(bench, 0);
    bench.in.link_up = true;
    bench.run(60);
    EXPECT_EQ(msi_messages(bench, 0), before + 1);
  }
}

// P37: a masked message is pending and silent; unmasking sends exactly one, also for several vectors that share it.
TEST(Msi, MaskedIsPending) {
  for (unsigned count : {0u, 3u}) {
    CsrBench bench;
    open_msi(bench, count);
    const unsigned message = count == 0 ? 0 : 1;
    bench.in.msi_mask = 1u << message;
    for (unsigned i = 0; i < 3; ++i) bench.rx_frame(0), bench.run(140);
    if (count == 0) bench.in.link_up = true, bench.run(60);
    EXPECT_EQ(msi_messages(bench, message), 0u);
    EXPECT_EQ(bench.msi_pending(), 1u << message);
    bench.in.msi_mask = 0;
    bench.run(200);
    EXPECT_EQ(msi_messages(bench, message), 1u);
    EXPECT_EQ(bench.msi_pending(), 0u);
    EXPECT_TRUE(bench.irq_idle());
  }
}

// A message for two vectors that bus mastering took away is pending again for both, as MSI-X tells, turned on meanwhile.
TEST(Msi, BothVectorsOfALostMessageArePendingAgain) {
  CsrBench bench;
  open_msi(bench, 0);
  bench.in.msi_mask = 1;
  bench.rx_frame(0);
  bench.in.link_up = true;
  bench.run(140);
  bench.st_delay = [] { return 50u; };
  bench.in.msi_mask = 0;
  bench.run(20);
  bench.in.bus_master = false;
  bench.run(5);
  bench.in.bus_master = true;
  bench.in.msix_enable = true;
  bench.run(400);
  EXPECT_EQ(msi_messages(bench, 0), 0u);
  for (const unsigned vector : {0u, 1u}) EXPECT_EQ(bench.messages(vector), 1u) << vector;
}

// P37 as a sweep: event and mask, event and unmask, to the cycle.
TEST(Msi, RaceOfEventAndMask) {
  for (int shift = -24; shift <= 24; ++shift)
    for (bool masked_first : {false, true}) {
      CsrBench bench;
      open_msi(bench, 2);
      bench.in.msi_mask = masked_first ? 2 : 0;
      for (int t = 0; t < 100; ++t) {
        if (t == 40) bench.in.msi_mask = masked_first ? 0 : 2;
        if (t == 40 + shift) bench.rx_frame(0);
        bench.step();
      }
      bench.in.msi_mask = 0;
      bench.run(300);
      EXPECT_EQ(msi_messages(bench, 1), 1u) << shift << " " << masked_first;
      EXPECT_EQ(bench.msi_pending(), 0u);
    }
}

TEST(Msi, MsixWinsAndBusMasterOffIsSilent) {
  CsrBench bench;
  open_msi(bench, 3);
  bench.in.msix_enable = true;
  bench.rx_frame(0);
  bench.run(140);
  EXPECT_EQ(bench.messages(1), 1u);
  EXPECT_EQ(msi_messages(bench, 1), 0u);
  bench.in.msix_enable = false;
  bench.in.bus_master = false;                           // P34
  bench.rx_frame(0);
  bench.run(200);
  EXPECT_EQ(msi_messages(bench, 1), 0u);
  bench.in.bus_master = true;
  bench.run(200);
  EXPECT_EQ(msi_messages(bench, 1), 1u);
}

}  // namespace
}  // namespace ringside::testbench::csr
