// What a record of the PCIe checkers holds, each kind of credit, and the log. That each rule fires: rules_test.cpp.
#include <gtest/gtest.h>

#include "sc_model/check_pcie.h"

namespace ringside::testbench {
namespace {

using namespace sc_model;

constexpr PciId kRoot = PciId::of(0, 0, 0);
constexpr PciId kNic = PciId::of(1, 0, 0);

class PcieCheckers : public ::testing::Test {
 protected:
  PcieCheckers() {
    settings.mps_bytes = 256;
    settings.mrrs_bytes = 512;
    settings.function = kNic;
    CreditCounts plenty;
    plenty.of = {100, 1000, 100, 1000, 100, 1000};
    give(TlpDirection::kFromDevice, plenty);
    give(TlpDirection::kToDevice, plenty);
  }
  void give(TlpDirection direction, const CreditCounts& limit) { credits.on_credits({0, direction, &limit}); }
  void send(TlpDirection direction, const Tlp& tlp) {
    const TlpEvent event{++now, direction, &tlp};
    format.on_tlp(event);
    matching.on_tlp(event);
    credits.on_tlp(event);
  }
  void from_device(const TlpPtr& tlp) { send(TlpDirection::kFromDevice, *tlp); }
  void to_device(const TlpPtr& tlp) { send(TlpDirection::kToDevice, *tlp); }
  TlpPtr write(uint64_t address, uint32_t bytes) {
    const std::vector<uint8_t> data(bytes, 1);
    return make_memory_write(pool, kNic, address, data.data(), bytes);
  }
  TlpPtr read(unsigned tag, uint64_t address, uint32_t bytes) {
    return make_memory_read(pool, kNic, tag, address, bytes);
  }
  void expect_only(const char* rule, Side side) {
    ASSERT_EQ(log.count(), 1u) << (log.count() > 1 ? to_string(log.kept()[1]) : "");
    EXPECT_EQ(log.kept()[0].rule, rule);
    EXPECT_EQ(log.kept()[0].side, side);
    EXPECT_EQ(log.kept()[0].time_ps, now);
  }

  TlpPool pool;
  ViolationLog log;
  PcieSettings settings;
  FormatChecker format{"a.nic", settings, log};
  MatchingChecker matching{"a.nic", settings, log};
  CreditChecker credits{"a.nic", log};
  TimePs now = 0;
};

TEST_F(PcieCheckers, ARecordHoldsTheTagsHistory) {
  const TlpPtr request = read(7, 0x1000, 128);
  from_device(request);
  to_device(make_completion_data(pool, kRoot, *request, 0x1000, 64, 128));
  from_device(read(7, 0x2000, 64));
  ASSERT_EQ(log.count(), 1u);
  const Violation& v = log.kept()[0];
  ASSERT_EQ(v.events.size(), 2u);
  EXPECT_EQ(v.events[0], "0.001 ns request of 128 bytes at 0x1000");
  EXPECT_EQ(v.events[1], "0.002 ns completion, status 0, Byte Count 128, 64 bytes");
  EXPECT_NE(to_text(v).find("\n  0.002 ns completion"), std::string::npos);
  EXPECT_EQ(wave_from_ps(v), 0u);
  EXPECT_EQ(wave_to_ps(v) / sc_model::kPsPerNs, 1000u);
}

TEST(EventHistory, KeepsTheLastOnes) {
  EventHistory<3> history;
  EXPECT_TRUE(history.text().empty());
  for (uint64_t i = 0; i < 5; ++i) history.add(i * 1500, "event %llu of %llu", i, 5);
  EXPECT_EQ(history.text(), (std::vector<std::string>{"3.000 ns event 2 of 5", "4.500 ns event 3 of 5",
                                                      "6.000 ns event 4 of 5"}));
}

TEST_F(PcieCheckers, P29EachKindOfCreditInTurn) {
  for (unsigned kind = 0; kind < kCreditKinds; ++kind) {
    CreditChecker checker("a.nic", log);
    CreditCounts limit;
    limit.of = {2, 2, 2, 2, 2, 2};
    limit.of[kind] = 0;
    checker.on_credits({0, TlpDirection::kFromDevice, &limit});
    const TlpPtr asked = make_memory_read(pool, kRoot, 3, 0xE000'0000, 4);
    const TlpPtr tlps[] = {write(0x1000, 16), make_config_write(pool, kNic, 1, kRoot, 4, 4, 0),
                           make_completion_data(pool, kNic, *asked, 0xE000'0000, 4, 4)};
    for (unsigned c = 0; c < 3; ++c) {
      const uint64_t before = log.count();
      checker.on_tlp({1, TlpDirection::kFromDevice, tlps[c].get()});
      EXPECT_EQ(log.count() - before, kind / 2 == c ? 1u : 0u) << kind << " " << c;
      if (log.count() > before) {
        EXPECT_EQ(log.kept().back().rule, "P29");
      }
    }
  }
}

TEST_F(PcieCheckers, P29TheHostIsHeldToItToo) {
  CreditChecker checker("a.nic", log);
  CreditCounts none;
  checker.on_credits({0, TlpDirection::kToDevice, &none});
  checker.on_tlp({++now, TlpDirection::kToDevice, write(0xE000'0000, 4).get()});
  expect_only("P29", Side::kHostModel);
}

TEST(ViolationLog, CountsAllKeepsTheFirstAndTells) {
  ViolationLog log;
  int told = 0;
  log.set_on_violation([&](const Violation&) { ++told; });
  for (unsigned i = 0; i < ViolationLog::kKept + 5; ++i) log.report({"P1", Side::kWire, 5'000, "x", "y"});
  EXPECT_EQ(log.count(), ViolationLog::kKept + 5);
  EXPECT_EQ(log.kept().size(), ViolationLog::kKept);
  EXPECT_EQ(told, static_cast<int>(ViolationLog::kKept + 5));
  EXPECT_EQ(to_string(log.kept()[0]), "P1 (wire) at 5 ns, x: y");
}

}  // namespace
}  // namespace ringside::testbench
