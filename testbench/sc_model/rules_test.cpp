// Every rule that is judged is broken on purpose, in as many ways as there are cases: exactly that rule fires and the
// side at fault is named right. Legal traffic through the same rigs is silent. The table of it all is RULES.md.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "testbench/sc_model/support/rule_case.h"

namespace ringside::testbench {
namespace {

using sc_model::ViolationLog;

RuleCases all_cases() {
  RuleCases all;
  for (const RuleCases& some : {pcie_cases(), device_ring_cases(), interrupt_cases(), driver_ring_cases()})
    all.insert(all.end(), some.begin(), some.end());
  return all;
}

std::string name_of(const RuleCase& c) { return std::string(c.rule) + c.name; }

class Rules : public ::testing::TestWithParam<RuleCase> {};

TEST_P(Rules, FiresAloneAndNamesTheSide) {
  ViolationLog log;
  GetParam().run(log);
  ASSERT_GE(log.count(), 1u) << "nothing fired";
  for (const sc_model::Violation& v : log.kept()) {
    EXPECT_EQ(v.rule, GetParam().rule) << to_text(v);
    EXPECT_EQ(v.side, GetParam().side) << to_text(v);
    EXPECT_FALSE(v.object.empty());
  }
}

class Legal : public ::testing::TestWithParam<RuleCase> {};

TEST_P(Legal, IsSilent) {
  ViolationLog log;
  GetParam().run(log);
  for (const sc_model::Violation& v : log.kept()) ADD_FAILURE() << to_text(v);
}

INSTANTIATE_TEST_SUITE_P(Broken, Rules, ::testing::ValuesIn(all_cases()),
                         [](const auto& test) { return name_of(test.param); });
INSTANTIATE_TEST_SUITE_P(Driver, Legal, ::testing::ValuesIn(legal_driver_cases()),
                         [](const auto& test) { return name_of(test.param); });
INSTANTIATE_TEST_SUITE_P(Bus, Legal, ::testing::ValuesIn(legal_pcie_cases()),
                         [](const auto& test) { return name_of(test.param); });
INSTANTIATE_TEST_SUITE_P(Traffic, Legal, ::testing::ValuesIn(legal_cases()),
                         [](const auto& test) { return name_of(test.param); });

}  // namespace
}  // namespace ringside::testbench
