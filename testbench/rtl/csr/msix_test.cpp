// MSI-X: messages as the table says, masks of vector and function, pending bits, vector 0 (rule P36, P37).
#include <gtest/gtest.h>

#include "testbench/rtl/csr/csr_bench.h"

namespace ringside::testbench::csr {
namespace {
constexpr uint32_t kVector1Control = 0x801C;

// P36: one write of one DW to the address and with the data of the vector's own entry.
TEST(Msix, EachQueueHasItsVector) {
  CsrBench bench;
  for (unsigned q = 0; q < kQueues; ++q) bench.open(q);
  for (unsigned q = 0; q < kQueues; ++q) {
    const size_t from = bench.writes.size();
    bench.rx_frame(q);
    bench.run(60);
    ASSERT_EQ(bench.writes.size(), from + 2);
    EXPECT_EQ(bench.writes[from + 1].address, 0xFEE00010u + 16 * q);
    EXPECT_EQ(bench.writes[from + 1].words, std::vector<uint32_t>{0x41 + q});
  }
}

TEST(Msix, AddressesOf64Bits) {
  CsrBench bench;
  bench.open();
  bench.write64(0x8010, 0x0000'0042'8000'0003);          // the low two bits are not part of it
  bench.rx_frame(0);
  bench.run(60);
  EXPECT_EQ(bench.writes.back().address, 0x0000'0042'8000'0000u);
}

// P37: masked means pending and silent, by vector and by function; unmasking sends exactly one.
TEST(Msix, MaskedIsPending) {
  for (bool function : {false, true}) {
    CsrBench bench;
    bench.open();
    function ? void(bench.in.msix_mask = true) : bench.write(kVector1Control, 1);
    for (unsigned i = 0; i < 3; ++i) bench.rx_frame(0), bench.run(140);
    EXPECT_EQ(bench.messages(1), 0u);
    EXPECT_EQ(bench.read(kPending), 2u);
    EXPECT_TRUE(bench.irq_idle());
    function ? void(bench.in.msix_mask = false) : bench.write(kVector1Control, 0);
    bench.run(500);
    EXPECT_EQ(bench.messages(1), 1u);
    EXPECT_EQ(bench.read(kPending), 0u);
  }
}

// A message that its vector's mask keeps back goes no more once the driver has told that it knows (I6), and not while
// INT_CONTROL.mask is one (I5), but when that is lifted, once; a forced one is not taken back by a tag (I10). Whatever the
// driver wrote meanwhile, the message finds the mask set behind it with auto_mask.
TEST(Msix, PendingGoesWithItsReason) {
  enum class Why { kRearm, kMask, kUnmask, kOldTag, kForcedRearm, kForcedMask };
  for (Why why : {Why::kRearm, Why::kMask, Why::kUnmask, Why::kOldTag, Why::kForcedRearm, Why::kForcedMask})
    for (uint32_t auto_mask : {uint32_t{0}, kAutoMask}) {
      SCOPED_TRACE(::testing::Message() << static_cast<int>(why) << " auto_mask " << auto_mask);
      const bool forced = why == Why::kForcedRearm || why == Why::kForcedMask;
      const bool masked = why == Why::kMask || why == Why::kForcedMask, gone = masked || why == Why::kRearm;
      const uint32_t after = auto_mask | (auto_mask != 0 ? kMask : 0);     // a message
      CsrBench bench;
      bench.open(0, auto_mask);
      bench.write(kVector1Control, 1);
      forced ? bench.write(kIntControl, auto_mask | kForce) : bench.rx_frame(0);
      bench.run(100);
      EXPECT_EQ(bench.read(kPending), 2u);
      if (masked || why == Why::kUnmask) bench.write(kIntControl, auto_mask | (masked ? kMask : 0));
      else bench.write(kRearm, why == Why::kRearm ? bench.last_status(0)->words[0] : 0);
      bench.run(100);
      EXPECT_EQ(bench.read(kPending), gone ? 0u : 2u);
      EXPECT_TRUE(bench.irq_idle());
      bench.write(kVector1Control, 0);
      bench.run(100);
      EXPECT_EQ(bench.messages(1), gone ? 0u : 1u);
      EXPECT_EQ(bench.read(kIntControl), masked ? auto_mask | kMask | (forced ? kForce : 0) : gone ? auto_mask : after);
      if (!masked) continue;
      bench.write(kIntControl, auto_mask);
      bench.run(100);
      EXPECT_EQ(bench.messages(1), 1u);
      EXPECT_EQ(bench.read(kIntControl), after);
    }
}

// The same to the cycle round INT_CONTROL.mask, of a message that could go and is slow, and that bus mastering loses: no event
// without its one message in the end, and none after the answer to a read behind the mask.
TEST(Msix, MaskRoundAMessage) {
  for (bool lost : {false, true})
    for (unsigned shift = 0; shift <= 60; ++shift) {
      CsrBench bench;
      bench.open();
      bench.st_delay = [] { return 12u; };
      bench.rx_frame(0);
      bench.run(shift);
      bench.write(kIntControl, kMask);
      if (lost) bench.in.bus_master = false, bench.run(40);
      bench.read(kIntControl);
      bench.in.bus_master = true;
      const unsigned before = bench.messages(1);
      bench.run(200);
      EXPECT_EQ(bench.messages(1), before) << lost << " " << shift;
      bench.write(kIntControl, 0);
      bench.run(200);
      EXPECT_GE(bench.messages(1), 1u) << lost << " " << shift;
      EXPECT_LE(bench.messages(1), lost ? 2u : 1u) << lost << " " << shift;
      EXPECT_TRUE(bench.irq_idle());
    }
}

// P37 as a sweep: event and unmask, event and mask, to the cycle; each event ends in exactly one message.
TEST(Msix, RaceOfEventAndMask) {
  for (int shift = -16; shift <= 16; ++shift)
    for (bool masked_first : {false, true}) {
      CsrBench bench;
      bench.open();
      bench.write(kVector1Control, masked_first);
      for (int t = 0; t < 100; ++t) {
        if (t == 40) bench.write_now(kVector1Control, !masked_first);
        if (t == 40 + shift) bench.rx_frame(0);
        bench.step();
      }
      bench.write(kVector1Control, 0);
      bench.run(300);
      EXPECT_EQ(bench.messages(1), 1u) << shift << " " << masked_first;
      EXPECT_EQ(bench.read(kPending), 0u);
    }
}

// No message after the answer to a read that followed the mask: what is under way is flushed by the read.
// However long pcie takes for it, by either mask, and with a message of another queue in its way.
TEST(Msix, ReadBehindMaskFlushes) {
  for (uint32_t mask : {kVector1Control, uint32_t{kIntControl}})
    for (unsigned delay : {3u, 12u, 150u})
      for (unsigned shift = 0; shift <= 20 + 2 * delay; ++shift) {
        CsrBench bench;
        for (unsigned q = 0; q < kQueues; ++q) bench.open(q);
        bench.st_delay = [&] { return delay; };
        bench.rx_frame(kQueues - 1);
        if (shift % 2) bench.step();
        bench.rx_frame(0);
        bench.run(shift);
        bench.write(mask, 1);
        bench.read(mask);
        const unsigned before = bench.messages(1);
        bench.run(4 * delay + 100);
        ASSERT_EQ(bench.messages(1), before) << "mask at " << mask << " delay " << delay << " shift " << shift;
      }
}

// A reset does not wait for the messages it holds back, and neither does a read in its time.
TEST(Msix, ReadInResetIsAnswered) {
  for (unsigned shift = 0; shift <= 40; ++shift) {
    CsrBench bench;
    bench.open();
    bench.in.engines_idle = false;                       // the reset lasts
    bench.st_delay = [] { return 10u; };
    bench.rx_frame(0);
    bench.run(shift);
    bench.in.flr = true;
    bench.step();
    bench.read(kVector1Control);
    bench.in.engines_idle = true;
    bench.run(100);
    EXPECT_FALSE(bench.quiesce());
  }
}

// INT_GAP_USECS is between the messages on the bus: one that its vector's mask kept back does not have the next at its heels.
// What comes while it is kept back is told of too, and nothing is busy meanwhile.
TEST(Msix, GapCountsFromTheMessage) {
  constexpr unsigned kGapCycles = 10'000 / kCycleNs;
  for (bool also_masked : {false, true})
    for (unsigned shift = 0; shift <= 40; ++shift) {
      CsrBench bench;
      bench.open();
      bench.write(kGapUsecs, 10);
      bench.write(kVector1Control, 1);
      bench.rx_frame(0);
      bench.run(3000);
      if (also_masked) bench.write(kMaxUsecs, 5), bench.rx_frame(0), bench.run(3000);   // its time too is over
      EXPECT_EQ(bench.messages(1), 0u);
      EXPECT_TRUE(bench.irq_idle());
      bench.write_now(kVector1Control, 0);
      bench.run(1 + shift);
      bench.rx_frame(0);
      bench.run(3 * kGapCycles);
      std::vector<uint64_t> sent;
      for (const HostWrite& w : bench.writes)
        if (w.is_message()) sent.push_back(w.cycle);
      ASSERT_EQ(sent.size(), 2u) << shift;
      EXPECT_GE(sent[1] - sent[0], kGapCycles) << shift;
      EXPECT_LE(sent[1] - sent[0], kGapCycles + 40 + 10 * kQueues) << shift;
      EXPECT_TRUE(bench.irq_idle());
    }
}

TEST(Msix, DisabledIsSilentAndKeepsTheEvent) {
  CsrBench bench;
  bench.open();
  bench.in.msix_enable = false;
  bench.rx_frame(0);
  bench.run(200);
  EXPECT_EQ(bench.messages(1), 0u);
  bench.in.msix_enable = true;
  bench.run(60);
  EXPECT_EQ(bench.messages(1), 1u);
}

#if RINGSIDE_QUEUES > 1
// Vector 0: link changes, queue errors, bad TLPs; each once, by its mask bit, cleared by writing one.
TEST(Msix, VectorZeroReportsErrors) {
  CsrBench bench;
  bench.open();
  unsigned expected = 0;
  auto raised = [&](uint32_t cause) {
    bench.run(40);
    EXPECT_EQ(bench.messages(0), ++expected);
    EXPECT_EQ(bench.read(kErrorCause), cause);
    bench.write(kErrorCause, cause);
    EXPECT_EQ(bench.read(kErrorCause), 0u);
    bench.run(40);
    EXPECT_EQ(bench.messages(0), expected);
  };
  bench.in.link_up = true;
  raised(1 << 8);
  bench.in.link_up = false;
  raised(1 << 8);
  bench.in.tx_error[kQueues - 1] = 4;
  raised(1 << (kQueues - 1));
  bench.in.rx_error[0] = 1;
  raised(1 << 0);
  bench.in.tx_error[0] = 1;  // while the other direction of the queue is still in error, either way round
  raised(1 << 0);
  bench.in.rx_error[kQueues - 1] = 1;
  raised(1 << (kQueues - 1));
  bench.in.tx_error = bench.in.rx_error = {};
  bench.in.events = 1 << 24;
  raised(1 << 9);
  bench.in.events = 1 << 25;
  raised(1 << 10);
  bench.write(kErrorMask, 0x7FF);
  bench.in.link_up = true;
  bench.run(60);
  EXPECT_EQ(bench.messages(0), expected);
  EXPECT_EQ(bench.read(kErrorCause), 1u << 8);
  bench.write(kErrorMask, 0);                            // lifted: now
  raised(1 << 8);
}
#endif

// Vector 0 masked in the table: pending as long as a cause stands that ERROR_MASK does not hide, and no longer.
TEST(Msix, VectorZeroIsPendingForItsCauses) {
  CsrBench bench;
  bench.open();
  bench.write(0x800C, 1);
  bench.in.events = 3 << 24;
  bench.step();
  bench.run(20);
  EXPECT_EQ(bench.read(kPending), 1u);
  bench.write(kErrorCause, 1 << 9);
  EXPECT_EQ(bench.read(kPending), 1u);
  bench.write(kErrorMask, 1 << 10);
  EXPECT_EQ(bench.read(kPending), 0u);
  bench.write(kErrorMask, 0);
  EXPECT_EQ(bench.read(kPending), 1u);
  bench.write(kErrorCause, 1 << 10);
  EXPECT_EQ(bench.read(kPending), 0u);
  bench.write(0x800C, 0);
  bench.run(40);
  EXPECT_EQ(bench.messages(0), 0u);
  EXPECT_TRUE(bench.irq_idle());
}

// An event in the cycle in which its bit is cleared (one after the write) is not lost.
TEST(Msix, ErrorRoundItsClear) {
  for (int shift = -4; shift <= 4; ++shift) {
    CsrBench bench;
    bench.open();
    bench.in.events = 1 << 25;
    bench.step();
    bench.run(40);
    for (int t = 0; t < 20; ++t) {
      if (t == 10) bench.write_now(kErrorCause, 1 << 10);
      if (t == 10 + shift) bench.in.events = 1 << 25;
      bench.step();
    }
    bench.run(40);
    EXPECT_EQ(bench.read(kErrorCause), shift >= 1 ? 1u << 10 : 0u) << shift;
    EXPECT_EQ(bench.messages(0), shift >= 1 ? 2u : 1u);
  }
}

}  // namespace
}  // namespace ringside::testbench::csr
