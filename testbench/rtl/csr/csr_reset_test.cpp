// Soft reset and FLR: quiesce, wait, reset, release; everything at its reset value; bounded (rule D13, P41).
#include <gtest/gtest.h>

#include "testbench/rtl/csr/csr_bench.h"
#include "testbench/rtl/csr/register_map.h"

namespace ringside::testbench::csr {
namespace {

void scramble(CsrBench& bench) {
  for (const auto& [address, reg] : load_register_map(RINGSIDE_MAP, kQueues, 1 + kQueues))
    if (reg.access == "rw" && reg.name.find("_control") == std::string::npos)
      bench.write(address, 0xA5A5A5A5 & reg.writable);
}

void expect_reset_values(CsrBench& bench) {
  for (const auto& [address, reg] : load_register_map(RINGSIDE_MAP, kQueues, 1 + kQueues))
    if (reg.access == "rw") { EXPECT_EQ(bench.read(address), reg.reset) << reg.name; }
}

void wait_released(CsrBench& bench, unsigned limit) {
  for (unsigned i = 0; i < limit && bench.quiesce(); ++i) bench.step();
  ASSERT_FALSE(bench.quiesce());
}

TEST(CsrReset, SoftResetRestoresEveryRegister) {
  CsrBench bench;
  scramble(bench);
  bench.in.events = 1;
  bench.step();
  bench.write(kReset, 1);
  EXPECT_EQ(bench.read(kReset), 1u);
  wait_released(bench, 100);
  EXPECT_EQ(bench.read(kReset), 0u);
  expect_reset_values(bench);
  EXPECT_EQ(bench.read(kCounters), 0u);
  EXPECT_TRUE(bench.idle() && bench.irq_idle());
}

TEST(CsrReset, FunctionLevelResetDoesTheSame) {
  CsrBench bench;
  scramble(bench);
  bench.in.flr = true;
  bench.step();
  EXPECT_TRUE(bench.quiesce());
  wait_released(bench, 100);
  expect_reset_values(bench);
}

// The engines are reset only when they and the transmitter have come to rest, and are quiet before.
TEST(CsrReset, WaitsForWhatIsInFlight) {
  CsrBench bench;
  bench.write(kTxControl, 1);
  bench.in.engines_idle = false;
  bench.in.mac_tx_busy = true;
  bench.write(kReset, 1);
  for (unsigned i = 0; i < 1000; ++i) {
    bench.step();
    ASSERT_TRUE(bench.quiesce());
    ASSERT_FALSE(bench.engine_reset());
  }
  EXPECT_TRUE(bench.tx_enable(0));                       // settings hold until then
  bench.in.engines_idle = true;
  bench.run(50);
  EXPECT_FALSE(bench.engine_reset());
  bench.in.mac_tx_busy = false;
  unsigned low = 0;
  for (unsigned i = 0; i < 50; ++i) {
    bench.step();
    low += bench.engine_reset();
  }
  EXPECT_EQ(low, 8u);
  EXPECT_FALSE(bench.quiesce());
  EXPECT_FALSE(bench.tx_enable(0));
}

TEST(CsrReset, DoesNotWaitForEver) {
  CsrBench bench;
  bench.write(0x030, 50);                                // completion time-out 50 us
  bench.in.engines_idle = false;
  bench.write(kReset, 1);
  const uint64_t start = bench.now_ns();
  wait_released(bench, 400000);
  const uint64_t took = bench.now_ns() - start;
  EXPECT_GT(took, 1'050'000u);
  EXPECT_LT(took, 1'060'000u);
}

// A write that the host does not take is given up with the engines, in whatever step it was; afterwards writes and
// messages work as ever.
TEST(CsrReset, AWriteGivenUpIsForgotten) {
  for (unsigned cycles = 0; cycles < 12; cycles += 3) {        // before the host stalls
    CsrBench bench;
    bench.open();
    bench.write(0x030, 50);
    unsigned left = cycles;
    bench.st_stall = [&left, &bench] { return bench.quiesce() || left == 0 || (--left, false); };
    bench.st_delay = [] { return 1'000'000u; };
    bench.rx_frame(0);
    bench.run(20);
    bench.write(kReset, 1);
    wait_released(bench, 400'000);
    EXPECT_TRUE(bench.irq_idle()) << cycles;
    EXPECT_EQ(bench.writes.size(), 0u) << cycles;
    bench.st_stall = [] { return false; };
    bench.st_delay = [] { return 3u; };
    bench.in.ret_prod = bench.in.rx_cons = bench.in.tx_cons = {};
    bench.open();
    bench.rx_frame(0);
    bench.run(200);
    EXPECT_NE(bench.last_status(0), nullptr) << cycles;
    EXPECT_EQ(bench.messages(1), 1u) << cycles;
  }
}

// D13: a status write under way is finished before, none starts after, nothing is pending afterwards (I11).
TEST(CsrReset, LeavesNoWriteBehind) {
  for (unsigned delay = 0; delay < 40; ++delay) {
    CsrBench bench;
    bench.open();
    bench.st_delay = [] { return 20u; };
    bench.rx_frame(0);
    bench.run(delay);
    bench.write_now(kReset, 1);
    bench.run(3);
    wait_released(bench, 200);
    const size_t at_release = bench.writes.size();
    bench.in.ret_prod = bench.in.rx_cons = bench.in.tx_cons = {};
    bench.run(300);
    EXPECT_EQ(bench.writes.size(), at_release) << "delay " << delay;
    EXPECT_EQ(bench.read(kPending), 0u);
    EXPECT_TRUE(bench.irq_idle());
  }
}

// What a read waits for may not come while the host takes no writes: the read is answered all the same, so that the reset
// behind it gets through (Base Specification 2.4.1: taking a posted request must not depend on sending one).
TEST(CsrReset, AReadDoesNotWaitForEver) {
  for (const bool message : {false, true}) {
    CsrBench bench;
    bench.open(0, message ? 0 : kMask);
    bench.rx_frame(0);
    unsigned left = message ? 400 : 0;                   // cycles: a message follows the status block
    bench.st_stall = [&] { return left == 0 || (--left, bench.writes.size() == 1); };
    bench.run(500);
    bench.read_now(message ? kScratch : kStatusTag);
    const uint64_t start = bench.now_ns();
    for (unsigned i = 0; i < 400'000 && (i == 0 || !bench.acked()); ++i) bench.step();
    EXPECT_TRUE(bench.acked()) << message;
    EXPECT_GT(bench.now_ns() - start, 520'000u) << message;
    EXPECT_LT(bench.now_ns() - start, 1'050'000u) << message;
    EXPECT_EQ(bench.writes.size(), message ? 1u : 0u);
    bench.write(0x030, 50);
    bench.write(kReset, 1);
    wait_released(bench, 400'000);
  }
}

// To the cycle: a read round the reset of the registers never sees them in it, and RESET reads one until all is done. A
// partial write is done as a whole or not at all.
TEST(CsrReset, ReadsAreNotMadeInTheReset) {
  for (unsigned shift = 0; shift <= 30; ++shift)
    for (uint32_t address : {0x000u, 0x004u, 0x008u, 0x100u, 0x118u, uint32_t{kReset}, 0x4008u, 0x4118u, 0x801Cu}) {
      CsrBench bench;
      const uint32_t expected = bench.read(address);
      bench.in.flr = true;
      bench.step();
      bench.run(shift);
      const uint32_t value = bench.read(address);
      if (address == kReset) { EXPECT_TRUE(value == 1 || !bench.quiesce()) << shift; }
      else { EXPECT_EQ(value, expected) << std::hex << address << std::dec << " " << shift; }
    }
  for (unsigned shift = 0; shift <= 30; ++shift) {
    CsrBench bench;
    bench.in.flr = true;
    bench.step();
    bench.run(shift);
    const bool under_way = bench.quiesce();
    bench.write(0x118, 0x12, 0b0001);                    // MAX_FRAME, reset 0x5EE
    wait_released(bench, 100);
    const uint32_t value = bench.read(0x118);
    EXPECT_TRUE(value == 0x512 || (value == 0x5EE && under_way)) << shift;
  }
}

TEST(CsrReset, WritesDuringResetAreIgnored) {
  CsrBench bench;
  bench.in.engines_idle = false;
  bench.write(kReset, 1);
  bench.write(kScratch, 0x1234);
  bench.in.engines_idle = true;
  wait_released(bench, 100);
  EXPECT_EQ(bench.read(kScratch), 0u);
}

}  // namespace
}  // namespace ringside::testbench::csr
