// Faults on purpose, each by itself: when an injector hits, and what the root complex and the checkers make of it.
#include "sc_model/fault.h"

#include <gtest/gtest.h>

#include <numeric>

#include "sc_model/check_pcie_order.h"
#include "testbench/sc_model/support/root_rig.h"

namespace ringside::testbench {
namespace {

using namespace sc_model;

FaultSpec spec_of(FaultKind kind, uint64_t nth = 0, uint64_t count = 0) {
  FaultSpec spec;
  spec.kind = kind;
  spec.nth = nth;
  spec.count = count;
  return spec;
}

std::vector<uint64_t> hits(FaultInjector injector, uint64_t events) {
  std::vector<uint64_t> numbers;
  for (uint64_t i = 1; i <= events; ++i)
    if (injector.hit(FaultKind::kUr, i * kPsPerUs) != nullptr) numbers.push_back(i);
  return numbers;
}

TEST(FaultInjector, HitsTheKthEventTheFirstOnesFromATimeOrByChance) {
  using Numbers = std::vector<uint64_t>;
  EXPECT_EQ(hits(FaultInjector({spec_of(FaultKind::kUr)}, 1), 20), Numbers{1});
  EXPECT_EQ(hits(FaultInjector({spec_of(FaultKind::kUr, 7)}, 1), 20), Numbers{7});
  EXPECT_EQ(hits(FaultInjector({spec_of(FaultKind::kUr, 7, 3)}, 1), 20), (Numbers{7, 8, 9}));
  FaultSpec later = spec_of(FaultKind::kUr, 2);
  later.from_ps = 10 * kPsPerUs;
  EXPECT_EQ(hits(FaultInjector({later}, 1), 20), Numbers{11});
  EXPECT_EQ(hits(FaultInjector({spec_of(FaultKind::kCa)}, 1), 20), Numbers{});
  FaultSpec chance = spec_of(FaultKind::kUr);
  chance.chance = 0.1;
  const Numbers drawn = hits(FaultInjector({chance}, 1), 1000);
  EXPECT_GT(drawn.size(), 70u);
  EXPECT_LT(drawn.size(), 130u);
  EXPECT_EQ(drawn, hits(FaultInjector({chance}, 1), 1000));
  EXPECT_NE(drawn, hits(FaultInjector({chance}, 2), 1000));
  chance.count = 5;
  EXPECT_EQ(hits(FaultInjector({chance}, 1), 1000), Numbers(drawn.begin(), drawn.begin() + 5));
}

TEST(FaultInjector, TheTableIsInTheOrderOfTheKindsAndNamesAreUnique) {
  for (size_t i = 0; i < kFaultKinds; ++i) {
    EXPECT_EQ(static_cast<size_t>(fault_table()[i].kind), i);
    EXPECT_EQ(fault_kind(fault_table()[i].name), fault_table()[i].kind);
  }
  EXPECT_FALSE(fault_kind("nothing").has_value());
}

// A root complex with one fault, a page of memory, and the checker of the host's own order.
struct FaultRig : RootRig {
  explicit FaultRig(FaultKind kind, const HostProfile& profile = host_profile("server"))
      : RootRig(profile), injector({spec_of(kind)}, 1) {
    root.set_faults(&injector);
    observers.add(&order);
    page = memory.allocate(kPageBytes);
    std::iota(page, page + kPageBytes, uint8_t{0});
    bus = iommu.map(page, kPageBytes, DmaAccess::kCoherent);
  }
  void send(TlpPtr tlp) {
    observers.tlp({sim_now_ps(), TlpDirection::kFromDevice, tlp.get()});
    from_device(std::move(tlp));
  }
  void run_ns(uint64_t ns) { sc_core::sc_start(to_sc_time(ns * kPsPerNs)); }
  void write(uint64_t offset, uint32_t bytes, uint8_t value) {
    const std::vector<uint8_t> data(bytes, value);
    send(make_memory_write(pool, kNic, bus + offset, data.data(), bytes));
  }
  void message(uint32_t data) { send(make_memory_write(pool, kNic, kMessage, &data, 4)); }
  void read(unsigned tag, uint64_t offset, uint32_t bytes) {
    send(make_memory_read(pool, kNic, tag, bus + offset, bytes));
  }
  void expect_verdicts(const std::vector<std::string>& rules) {
    std::vector<std::string> found;
    for (const Violation& v : log.kept()) {
      found.push_back(v.rule);
      EXPECT_EQ(v.side, Side::kHostModel) << to_text(v);
    }
    EXPECT_EQ(found, rules);
  }
  static constexpr uint64_t kMessage = InterruptController::kWindowStart;
  FaultInjector injector;
  PcieSettings settings;
  OrderChecker order{"root", settings, log};
  uint8_t* page;
  uint64_t bus;
};

CplStatus status_with(FaultKind kind) {
  FaultRig rig(kind);
  rig.read(1, 0, 256);
  rig.read(2, 0, 256);
  rig.run_us(5);
  EXPECT_EQ(rig.device.arrived.size(), 2u);
  EXPECT_EQ(rig.device.arrived.back()->status(), CplStatus::kSuccess);  // one alone is hit
  EXPECT_EQ(rig.injector.injected(kind), 1u);
  rig.expect_verdicts({});
  EXPECT_TRUE(rig.root.quiet());
  const TlpPtr& first = rig.device.arrived.front();
  EXPECT_EQ(first->tag(), 1u);
  return first->status();
}

TEST(HostFault, UnsupportedRequest) {
  EXPECT_EQ(status_with(FaultKind::kUr), CplStatus::kUnsupportedRequest);
}
TEST(HostFault, CompleterAbort) {
  EXPECT_EQ(status_with(FaultKind::kCa), CplStatus::kCompleterAbort);
}
TEST(HostFault, IommuRead) {
  EXPECT_EQ(status_with(FaultKind::kIommuRead), CplStatus::kUnsupportedRequest);
}

TEST(HostFault, PoisonAlone) {
  FaultRig rig(FaultKind::kPoison);
  rig.read(1, 0, 256);
  rig.run_us(5);
  ASSERT_EQ(rig.device.arrived.size(), 1u);
  EXPECT_TRUE(rig.device.arrived[0]->poisoned());
}

TEST(HostFault, CompletionLostLateTwiceOrShort) {
  const std::vector<std::pair<FaultKind, std::vector<uint32_t>>> cases = {{FaultKind::kCompletionLost, {}},
                                                                          {FaultKind::kCompletionLate, {256}},
                                                                          {FaultKind::kCompletionDuplicate, {256, 256}},
                                                                          {FaultKind::kCompletionShort, {252}}};
  FaultRig rig(FaultKind::kCompletionLost);  // SystemC elaborates once: the faults come one after the other
  for (const auto& [kind, lengths] : cases) {
    FaultInjector injector({spec_of(kind)}, 1);
    rig.root.set_faults(&injector);
    rig.device.arrived.clear();
    const TimePs asked = sim_now_ps();
    rig.read(1, 0, 256);
    rig.run_us(30);
    std::vector<uint32_t> got;
    for (const TlpPtr& tlp : rig.device.arrived) got.push_back(tlp->payload_bytes);
    EXPECT_EQ(got, lengths) << fault_info(kind).name;
    EXPECT_EQ(injector.injected(kind), 1u);
    if (kind == FaultKind::kCompletionLate) {
      EXPECT_GT(rig.device.arrived[0]->ready_ps, asked + 20 * kPsPerUs);
    }
    rig.root.set_faults(nullptr);
  }
}

TEST(HostFault, IommuDropsAWriteThatIsMapped) {
  FaultRig rig(FaultKind::kIommuWrite);
  rig.write(0, 8, 0xEE);
  rig.run_us(5);
  EXPECT_EQ(rig.page[0], 0);
  rig.expect_verdicts({"D4"});
}

TEST(HostFault, ADelayedWriteHoldsUpAllBehindIt) {
  FaultRig rig(FaultKind::kWriteDelayed);
  rig.write(0, 8, 0xEE);
  rig.write(64, 8, 0xEF);
  rig.run_us(15);
  EXPECT_EQ(rig.page[64], 64);
  rig.run_us(15);
  EXPECT_EQ(rig.page[0], 0xEE);
  EXPECT_EQ(rig.page[64], 0xEF);
  rig.expect_verdicts({});
}

TEST(HostFault, AWriteMayBeTornBetweenLines) {
  FaultRig rig(FaultKind::kWriteTorn);
  rig.write(32, 64, 0xEE);
  rig.run_ns(600);
  EXPECT_EQ(rig.page[32], 0xEE);
  EXPECT_EQ(rig.page[64], 64);
  rig.run_us(2);
  EXPECT_EQ(rig.page[64], 0xEE);
  rig.expect_verdicts({});
}

TEST(HostFault, AWriteTornWithinALineIsTheHostsFault) {
  FaultRig rig(FaultKind::kWriteTornLine);
  rig.write(64, 32, 0xEE);
  rig.run_ns(600);
  EXPECT_EQ(rig.page[64], 0xEE);
  EXPECT_EQ(rig.page[80], 80);
  rig.run_us(2);
  EXPECT_EQ(rig.page[80], 0xEE);
  rig.expect_verdicts({"D12"});
}

TEST(HostFault, AWriteOvertakenByAWriteByAReadAndByAMessage) {
  FaultRig rig(FaultKind::kWriteOvertaken);
  rig.write(0, 8, 0xEE);
  rig.write(64, 8, 0xEF);
  rig.read(1, 64, 8);
  rig.message(7);
  rig.run_us(2);
  EXPECT_EQ(rig.page[0], 0);
  EXPECT_EQ(rig.page[64], 0xEF);
  rig.run_us(10);
  EXPECT_EQ(rig.page[0], 0xEE);
  rig.expect_verdicts({"P24", "P38", "P25"});
}

TEST(HostFault, AMessageLostShowsWhenSomethingLaterTakesEffect) {
  FaultRig rig(FaultKind::kInterruptLost);
  rig.message(7);
  rig.run_us(5);
  EXPECT_TRUE(rig.events.interrupts.empty());
  rig.expect_verdicts({});
  rig.read(1, 0, 8);
  rig.run_us(5);
  rig.expect_verdicts({"I1"});
}

// On an idle link nothing later comes; a message behind a write that waits is not lost.
TEST(HostFault, AMessageLostShowsWithTime) {
  FaultRig rig(FaultKind::kInterruptLost);
  rig.write(0, 8, 0xEE);
  rig.message(7);
  rig.order.check_time(sim_now_ps() + 50 * kPsPerMs);
  rig.expect_verdicts({});
  rig.run_us(900);
  rig.order.check_time(sim_now_ps());
  rig.expect_verdicts({});
  rig.run_us(200);
  rig.order.check_time(sim_now_ps());
  rig.expect_verdicts({"I1"});
  rig.order.check_time(sim_now_ps() + kPsPerMs);
  rig.expect_verdicts({"I1"});
}

// The next message, whose own time is not over, does not inherit the age of the one before it.
TEST(HostFault, AMessageBehindALostOneHasItsOwnTime) {
  FaultRig rig(FaultKind::kInterruptLost);
  rig.message(7);
  rig.run_us(1'500);
  rig.message(8);
  rig.order.check_time(sim_now_ps());
  rig.expect_verdicts({"I1"});
  rig.run_us(5);
  EXPECT_EQ(rig.events.interrupts.size(), 1u);
  rig.expect_verdicts({"I1"});
}

TEST(HostFault, AMessageTwice) {
  FaultRig rig(FaultKind::kInterruptDouble);
  rig.message(7);
  rig.run_us(5);
  EXPECT_EQ(rig.events.interrupts.size(), 2u);
  rig.expect_verdicts({"I4"});
}

TEST(HostFault, AMessageBeforeTheWriteItTellsOf) {
  FaultRig rig(FaultKind::kInterruptEarly);
  rig.write(0, 8, 0xEE);
  rig.run_us(5);
  rig.message(7);
  rig.run_us(5);
  EXPECT_EQ(rig.events.interrupts.size(), 1u);
  EXPECT_EQ(rig.page[0], 0);
  rig.expect_verdicts({"P38"});
  rig.run_us(20);
  EXPECT_EQ(rig.page[0], 0xEE);
}

// What the order checker must not say of a host that keeps all rules, at its nastiest.
TEST(HostFault, NastyButLegalOrderIsSilent) {
  FaultRig rig(FaultKind::kFrameLoss, make_nasty(host_profile("slow_and_far")));
  for (unsigned i = 0; i < 200; ++i) {
    rig.write(i % 64 * 60, 32 + i % 60, static_cast<uint8_t>(i));
    if (i % 3 == 0) rig.read(i % 32, 0, 64);
    if (i % 7 == 0) rig.message(i);
    rig.run_us(3);
  }
  rig.expect_verdicts({});
}

}  // namespace
}  // namespace ringside::testbench
