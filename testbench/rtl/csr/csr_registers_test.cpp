// Every register of the map: reset value, bit bash, byte enables, holes, read-only; counters; doorbells (rule P40,
// D18).
#include <gtest/gtest.h>

#include <set>

#include "testbench/rtl/csr/csr_bench.h"
#include "testbench/rtl/csr/register_map.h"

namespace ringside::testbench::csr {
namespace {
std::map<uint32_t, RegisterWord> registers() { return load_register_map(RINGSIDE_MAP, kQueues, 1 + kQueues); }

// Values that depend on the build or on inputs.
uint32_t expected_reset(uint32_t address, const RegisterWord& reg) {
  if (reg.name == "features") return (kWidth == 64 ? 3u : 6u) << 4 | kQueues | 0xFF << 8;
  if (reg.name == "status") return 6;               // no link, DMA idle, transmitter idle
  (void)address;
  return reg.reset;
}
bool is_time(const RegisterWord& reg) { return reg.name.rfind("time", 0) == 0; }

TEST(CsrRegisters, ResetValues) {
  CsrBench bench;
  for (const auto& [address, reg] : registers()) {
    if (is_time(reg)) continue;
    EXPECT_EQ(bench.read(address), expected_reset(address, reg)) << reg.name << std::hex << " at " << address;
  }
}

// A written register keeps its writable bits and nothing else; no other register changes with it.
TEST(CsrRegisters, BitBash) {
  CsrBench bench;
  for (const auto& [address, reg] : registers()) {
    if (reg.access != "rw" && reg.access != "ro") continue;
    for (unsigned bit = 0; bit < 32; ++bit) {
      const uint32_t value = 1u << bit;
      if (reg.name.find("_control") != std::string::npos && (value & ~reg.writable)) continue;   // self-clearing bits
      const uint32_t before = is_time(reg) ? 0 : bench.read(address);
      bench.write(address, value);
      const uint32_t expected = reg.access == "ro" ? before : value & reg.writable;
      if (!is_time(reg)) { EXPECT_EQ(bench.read(address), expected) << reg.name << " bit " << bit; }
    }
    if (reg.access == "rw") bench.write(address, reg.reset);
  }
  for (const auto& [address, reg] : registers())
    if (!is_time(reg)) { EXPECT_EQ(bench.read(address), expected_reset(address, reg)) << reg.name; }
}

TEST(CsrRegisters, ByteEnables) {
  CsrBench bench;
  for (const auto& [address, reg] : registers()) {
    if (reg.access != "rw" || reg.writable == 0 || reg.name.find("_control") != std::string::npos) continue;
    for (unsigned be = 0; be < 16; ++be) {
      uint32_t expected = 0x5A5A5A5A;
      bench.write(address, expected);
      bench.write(address, ~expected, be);
      for (unsigned i = 0; i < 4; ++i)
        if (be >> i & 1) expected ^= 0xFFu << 8 * i;
      EXPECT_EQ(bench.read(address), expected & reg.writable) << reg.name << " byte enables " << be;
    }
  }
}

// Where there is no register: zero, and a write changes nothing anywhere.
TEST(CsrRegisters, Holes) {
  CsrBench bench;
  const auto map = registers();
  for (uint32_t address = 0; address < 0x10000; address += 4) {
    if (map.count(address) || (address >= kCounters && address < kCounters + 8 * kNumCounters)) continue;
    bench.write(address, 0xFFFFFFFF);
    EXPECT_EQ(bench.read(address), 0u) << std::hex << address;
  }
  for (const auto& [address, reg] : map)
    if (!is_time(reg)) { EXPECT_EQ(bench.read(address), expected_reset(address, reg)) << reg.name; }
}

// The bin of a frame of so many octets with its FCS, from the first of its seven; -1: none.
int size_bin(unsigned octets) {
  if (octets < 64) return -1;
  const unsigned from[] = {65, 128, 256, 512, 1024, 1519};
  int bin = 0;
  for (unsigned limit : from) bin += octets >= limit;
  return bin;
}

// What the counters must hold after the events of one step.
void expect_events(std::array<uint64_t, kNumCounters>& expected, const CsrBench::Inputs& in) {
  for (unsigned n = 0; n < 31; ++n)
    if (n != 1 && n != 16) expected[n] += in.events >> n & 1;
  if (in.events & 1) expected[1] += in.rx_octets;
  if (in.events >> 15 & 1) {
    expected[16] += in.tx_octets;
    if (const int bin = size_bin(in.tx_octets + 4); bin >= 0) ++expected[39 + static_cast<unsigned>(bin)];
  }
  if (!(in.events >> 30 & 1)) return;
  expected[31] += in.wire_octets;
  if (const int bin = size_bin(in.wire_octets); bin >= 0) ++expected[32 + static_cast<unsigned>(bin)];
}

uint64_t counter(CsrBench& bench, unsigned n) {
  const uint64_t low = bench.read(kCounters + 8 * n);
  return uint64_t{bench.read(kCounters + 8 * n + 4)} << 32 | low;
}

// D18: each event counts once, also when all come in every cycle, and whatever is read meanwhile.
void count_events(uint32_t always, unsigned reads) {
  CsrBench bench;
  std::array<uint64_t, kNumCounters> expected{};
  const uint32_t wired = 0x73FEFFFDu & ~(1u << 1 | 1u << 16);   // 26, 27: messages and status writes
  const unsigned sizes[] = {60, 61, 63, 64, 65, 123, 124, 127, 128, 251, 252, 255, 256, 507, 508, 511, 512, 1019, 1020,
                            1023, 1024, 1514, 1515, 1518, 1519, 9018, 0x3FFF};
  uint32_t seed = 1;
  for (unsigned i = 0; i < 3000; ++i) {
    seed = seed * 1664525 + 1013904223;
    bench.in.rx_octets = seed & 0x3FFF;
    bench.in.tx_octets = sizes[seed >> 7 & 15];
    bench.in.wire_octets = sizes[(seed >> 12) % 27];
    if (reads && bench.cycle % reads == 0) bench.read_now(kCounters + 8 * (seed >> 20 & 63));
    bench.in.events = (seed >> 1 | always) & wired;
    expect_events(expected, bench.in);
    bench.step();
  }
  bench.run(20);
  for (unsigned n = 0; n < kNumCounters; ++n)
    if (n != 26 && n != 27) { EXPECT_EQ(counter(bench, n), expected[n]) << "counter " << n; }
  EXPECT_TRUE(bench.idle());
}
TEST(CsrCounters, CountEachEventOnce) { count_events(0, 0); }
TEST(CsrCounters, CountEveryEventInEveryCycle) { count_events(0xFFFFFFFF, 0); }
TEST(CsrCounters, CountWhileRead) {
  for (unsigned reads : {7u, 8u, 11u}) count_events(0xFFFFFFFF, reads);
}

// A read sees the event of the cycle before it, and time goes on behind it.
TEST(CsrCounters, ReadSeesWhatWasBefore) {
  CsrBench bench;
  for (unsigned i = 1; i <= 300; ++i) {
    bench.in.events = 1;
    bench.step();
    EXPECT_EQ(bench.read(kCounters), i);
  }
}

TEST(CsrCounters, UpperHalfIsFrozenByTheLower) {
  CsrBench bench;
  auto octets = [&](uint64_t count) {
    for (; count > 0x3FFF; count -= 0x3FFF) bench.in.events = 1, bench.in.rx_octets = 0x3FFF, bench.step();
    bench.in.events = 1, bench.in.rx_octets = static_cast<unsigned>(count), bench.step();
  };
  octets(0xFFFFFFFF);
  EXPECT_EQ(bench.read(kCounters + 8), 0xFFFFFFFFu);
  octets(1);                                              // carry between the two reads
  bench.write(kCounters + 8, 0, 1);                       // a partial write reads too, and freezes nothing
  EXPECT_EQ(bench.read(kCounters + 12), 0u);
  EXPECT_EQ(bench.read(kCounters + 12), 1u);              // and then the true value
  EXPECT_EQ(bench.read(kCounters + 8), 0u);
}

// A read of no octets, with which a host flushes its writes, has no side effect (Base Specification 2.2.5): it neither
// freezes nor lets go.
TEST(CsrCounters, AZeroLengthReadFreezesNothing) {
  CsrBench bench;
  bench.cycle = (uint64_t{7} << 32) / kCycleNs - 100;     // shortly before the lower half wraps
  bench.read(kTime, 0);
  bench.run(100);
  EXPECT_EQ(bench.read(kTimeHi), 7u) << "froze";
  bench.cycle = (uint64_t{8} << 32) / kCycleNs - 100;
  EXPECT_GT(bench.read(kTime), 0xFFFFFE00u);
  bench.run(100);
  bench.read(kTimeHi, 0);
  bench.read(kCounters, 0);
  EXPECT_EQ(bench.read(kTimeHi), 7u) << "let go";
}

TEST(CsrCounters, TimeIsReadWhole) {
  CsrBench bench;
  bench.cycle = (uint64_t{7} << 32) / kCycleNs - 8;       // shortly before the lower half wraps
  const uint32_t low = bench.read(kTime);
  bench.run(20);
  const uint32_t high = bench.read(kTimeHi);
  EXPECT_EQ(high, 6u);
  EXPECT_GT(low, 0xFFFFFF00u);
}

// Path steps T7 and R1: a doorbell is the producer index that the engine sees, two cycles after the write.
TEST(CsrQueue, DoorbellsReachTheirEngine) {
  CsrBench bench;
  for (unsigned q = 0; q < kQueues; ++q) {
    const uint32_t base = q * kQueueStride;
    bench.write(kTxControl + base, 1);
    bench.write(kRxControl + base, 1);
    for (uint32_t value : {1u, 7u, 0xFFFFFFFFu, 0u, 0x12345678u}) {
      bench.write_now(kTxProd + base, value + q);
      bench.run(2);
      EXPECT_EQ(bench.tx_prod(q), value + q);
      bench.run(2);
      bench.write(kRxProd + base, value + 2);
      EXPECT_EQ(bench.rx_prod(q), value + 2);
      bench.write(kRetCons + base, value + 3);
      EXPECT_EQ(bench.ret_cons(q), value + 3);
    }
    if (q + 1 < kQueues) { EXPECT_EQ(bench.tx_prod(q + 1), 0u); }
    EXPECT_EQ(bench.tx_prod(0), 0x12345678u);
  }
}

// Settings of the MAC and of receive hashing reach their ports.
TEST(CsrRegisters, SettingsReachTheirPorts) {
  CsrBench bench;
  bench.write(0x100, 0xA0);
  EXPECT_EQ(bench.mac_switches(), 0xAu);
  bench.write(0x100, 0x50);
  EXPECT_EQ(bench.mac_switches(), 0x5u);
  bench.write(0x120, 0x1234);
  bench.write(0x124, 0xC0008000);
  EXPECT_EQ(bench.pause_quanta(), 0x1234u);
  EXPECT_EQ(bench.pause_high(), 0xC000u);
  EXPECT_EQ(bench.pause_low(), 0x8000u);
  bench.write(0x200, 0x55);
  EXPECT_EQ(bench.rss_control(), 0x55u);
  for (unsigned n = 0; n < 10; ++n) bench.write(0x210 + 4 * n, 0x01010101 * (n + 1));
  for (unsigned n = 0; n < 10; ++n) EXPECT_EQ(bench.rss_key(n), 0x01010101 * (n + 1));
}

// Entry i of the table, one cycle after its index; entries that were not written are 0.
TEST(CsrRegisters, RssTableIsLookedUp) {
  CsrBench bench;
  for (unsigned n = 0; n < 31; ++n) bench.write(0x280 + 4 * n, (n & 7) * 0x01010101 ^ 0x04030201);
  for (unsigned i = 0; i < 128; ++i) {
    bench.in.rss_idx = i;
    bench.step();
    const unsigned expected = i >= 124 ? 0 : ((i / 4) & 7) ^ (i % 4 + 1);
    EXPECT_EQ(bench.rss_queue(), expected) << i;
  }
}

TEST(CsrQueue, TurningOnStartsAtZero) {
  CsrBench bench;
  bench.write(kTxProd, 5);
  bench.write(kRxProd, 6);
  bench.write(kRetCons, 7);
  bench.write(kTxControl, 1);
  bench.write(kRxControl, 1);
  EXPECT_TRUE(bench.tx_enable(0) && bench.rx_enable(0));
  EXPECT_EQ(bench.tx_prod(0), 0u);
  EXPECT_EQ(bench.rx_prod(0), 0u);
  EXPECT_EQ(bench.ret_cons(0), 0u);
}

// A ring reset waits for the ring to stop, is one pulse, and does nothing while the ring is on.
TEST(CsrQueue, RingResetWaitsForTheRing) {
  CsrBench bench;
  bench.write(kTxControl, 1);
  bench.in.tx_running[0] = true;
  bench.write(kTxControl, 3);
  bench.run(5);
  EXPECT_EQ(bench.tx_resets, 0u);
  EXPECT_EQ(bench.read(kTxControl), 1u);
  bench.write(kTxProd, 9);
  bench.write(kTxControl, 2);
  EXPECT_FALSE(bench.tx_enable(0));
  EXPECT_EQ(bench.read(kTxControl), 2u);                  // waits
  EXPECT_EQ(bench.read(kTxState), 1u);
  EXPECT_EQ(bench.tx_resets, 0u);
  bench.in.tx_running[0] = false;
  bench.run(20);
  EXPECT_EQ(bench.tx_resets, 1u);
  EXPECT_EQ(bench.read(kTxControl), 0u);
  EXPECT_EQ(bench.tx_prod(0), 0u);
  EXPECT_EQ(bench.rx_resets, 0u);
}

// Off, a reset and on again before the ring has stopped: the doorbells behind that are of the ring that is on.
TEST(CsrQueue, RingResetLeavesDoorbellsOfARingThatIsOnAgain) {
  CsrBench bench;
  bench.write(kTxControl, 1);
  bench.write(kRxControl, 1);
  bench.in.tx_running[0] = bench.in.rx_running[0] = true;
  for (const uint32_t value : {0u, 2u, 1u}) {
    bench.write(kTxControl, value);
    bench.write(kRxControl, value);
  }
  EXPECT_EQ(bench.tx_prod(0), 0u);
  bench.write(kTxProd, 5);
  bench.write(kRxProd, 6);
  bench.write(kRetCons, 7);
  EXPECT_EQ(bench.tx_resets + bench.rx_resets, 0u);
  bench.in.tx_running[0] = bench.in.rx_running[0] = false;
  bench.run(5);
  EXPECT_EQ(bench.tx_resets, 1u);
  EXPECT_EQ(bench.rx_resets, 1u);
  EXPECT_EQ(bench.tx_prod(0), 5u);
  EXPECT_EQ(bench.rx_prod(0), 6u);
  EXPECT_EQ(bench.ret_cons(0), 7u);
}

// .. and reads as one until the status write that tells of index 0 is accepted, whatever the other direction does (D13).
TEST(CsrQueue, RingResetIncludesItsStatusWrite) {
  for (bool tx : {true, false}) {
    CsrBench bench;
    bench.open(0, kMask);
    bench.st_delay = [] { return 30u; };
    bench.tx_packet(0, 3);
    bench.rx_frame(0, 3);
    bench.run(2);
    bench.write_now(tx ? kTxControl : kRxControl, 2);
    for (unsigned t = 0; t < 600; ++t) {                  // the engine's index follows the reset
      if (t == 8) (tx ? bench.in.tx_cons : bench.in.ret_prod)[0] = 0;
      if (t == 8 && !tx) bench.in.rx_cons[0] = 0;
      if (t % 6 == 0 && t > 8) tx ? bench.rx_frame(0) : bench.tx_packet(0);
      if (t > 30 && t % 8 == 0) {
        if ((bench.read(tx ? kTxControl : kRxControl) & 2) == 0) break;
        ASSERT_LT(t, 400u) << "traffic of the other direction keeps the reset from ending";
      }
      bench.step();
    }
    ASSERT_NE(bench.last_status(0), nullptr);
    EXPECT_EQ(bench.last_status(0)->words[tx ? 1 : 3], 0u);
    EXPECT_EQ(bench.read(tx ? kTxState : kRxState) & 1, 0u) << "stopped, while the other direction goes on";
  }
}

}  // namespace
}  // namespace ringside::testbench::csr
