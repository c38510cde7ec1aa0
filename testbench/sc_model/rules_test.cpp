// Every rule that is judged is broken on purpose, in as many ways as there are cases: exactly that rule fires and the
// side at fault is named right. Legal traffic through the same rigs is silent. And the table of all rules, made from
// what happened: it is printed and written to rule_table.md in the build directory.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <set>
#include <sstream>

#include "sc_model/rule_words.h"
#include "testbench/sc_model/support/driver_rig.h"
#include "testbench/sc_model/support/rule_case.h"

namespace ringside::testbench {
namespace {

using sc_model::RuleWords;
using sc_model::Violation;
using sc_model::ViolationLog;

RuleCases joined(std::initializer_list<RuleCases> lists) {
  RuleCases all;
  for (const RuleCases& some : lists) all.insert(all.end(), some.begin(), some.end());
  return all;
}

RuleCases all_cases() {
  return joined({pcie_cases(), device_ring_cases(), interrupt_cases(), driver_ring_cases(), ordering_cases(),
                 ethernet_cases(), frame_cases()});
}

RuleCases all_legal_cases() {
  return joined({legal_pcie_cases(), legal_cases(), legal_interrupt_cases(), legal_driver_cases(),
                 legal_ethernet_cases(), legal_frame_cases()});
}

std::string name_of(const RuleCase& c) { return std::string(c.rule) + c.name; }

class Rules : public ::testing::TestWithParam<RuleCase> {};

TEST_P(Rules, FiresAloneAndNamesTheSide) {
  ViolationLog log;
  GetParam().run(log);
  ASSERT_GE(log.count(), 1u) << "nothing fired";
  for (const Violation& v : log.kept()) {
    EXPECT_EQ(v.rule, GetParam().rule) << to_text(v);
    EXPECT_EQ(v.side, GetParam().side) << to_text(v);
    EXPECT_FALSE(v.object.empty());
    EXPECT_FALSE(v.text.empty());
  }
}

class Legal : public ::testing::TestWithParam<RuleCase> {};

TEST_P(Legal, IsSilent) {
  ViolationLog log;
  GetParam().run(log);
  for (const Violation& v : log.kept()) ADD_FAILURE() << to_text(v);
}

INSTANTIATE_TEST_SUITE_P(Broken, Rules, ::testing::ValuesIn(all_cases()),
                         [](const auto& test) { return name_of(test.param); });
INSTANTIATE_TEST_SUITE_P(Traffic, Legal, ::testing::ValuesIn(all_legal_cases()),
                         [](const auto& test) { return name_of(test.param); });

// A ring that was overrun once has nothing free until the device catches up.
TEST(OverrunRing, EveryFurtherDoorbellIsOneTooMany) {
  ViolationLog log;
  DriverRig driver(log);
  for (unsigned i = 0; i < 8; ++i) driver.post();
  driver.doorbell();
  for (uint32_t index : {9u, 10u}) driver.write<regs::TxProdIdx>(index, 0u);
  for (uint32_t index : {1u, 2u}) driver.write<regs::RetConsIdx>(index, 0u);
  driver.wait_us(21'000);  // no entry is waiting where more were given back than there were
  ASSERT_EQ(log.kept().size(), 4u);
  for (const Violation& v : log.kept()) {
    EXPECT_EQ(v.rule, "R2") << to_text(v);
    EXPECT_NE(v.text.find("with 0 entries free"), std::string::npos) << v.text;
  }
}

// R16: a driver that waits for a message cannot know of entries: moderation may hold it back, or the host lose it. From
// the message on it has its time, whether it is one of MSI-X or of MSI.
void expect_r16_after_message(uint64_t address) {
  ViolationLog log;
  DriverRig driver(log);
  driver.arm();
  driver.device_receives(2);
  driver.wait_us(50'000);
  EXPECT_TRUE(log.kept().empty());
  driver.message(address);
  driver.wait_us(19'000);
  EXPECT_TRUE(log.kept().empty());
  driver.wait_us(2'000);
  ASSERT_EQ(log.kept().size(), 1u);
  EXPECT_EQ(log.kept().front().rule, "R16");
}
TEST(UntoldDriver, HasItsTimeFromTheMessageOn) {
  expect_r16_after_message(DriverRig::kMessage);
}
TEST(UntoldDriver, HasItsTimeFromTheMessageOfMsiOn) {
  expect_r16_after_message(DriverRig::kMessage + 0x1000);
}

// What it has left lying before it re-armed with the newest tag, it knows of.
TEST(UntoldDriver, KnowsOfWhatItHasSeen) {
  ViolationLog log;
  DriverRig driver(log);
  driver.device_receives(2);
  driver.arm();
  driver.wait_us(21'000);
  ASSERT_EQ(log.kept().size(), 1u);
  EXPECT_EQ(log.kept().front().rule, "R16");
  EXPECT_EQ(log.kept().front().text.rfind("2 return entries", 0), 0u) << log.kept().front().text;
}

// ---------------------------------------------------------------- the table

std::string yes(bool right) { return right ? "yes" : "**NO**"; }

// One line of the table: a case, or a rule with its reason.
std::string line_of(const RuleCase& c, bool& right) {
  ViolationLog log;
  c.run(log);
  const auto& kept = log.kept();
  const bool fired = std::any_of(kept.begin(), kept.end(), [&](const Violation& v) { return v.rule == c.rule; });
  const bool alone = std::all_of(kept.begin(), kept.end(), [&](const Violation& v) { return v.rule == c.rule; });
  const bool side = std::all_of(kept.begin(), kept.end(), [&](const Violation& v) { return v.side == c.side; });
  right = right && fired && alone && side;
  return "| " + name_of(c) + " | " + yes(fired) + " | " + yes(alone) + " | " + to_string(c.side) + " | " + yes(side) +
         " |\n";
}

// Why there is no case of a rule; empty: there must be one.
std::string reason_of(const std::string& id) {
  if (id == "P45")
    return "The host model makes no malformed TLP, and one that is injected is that rule of the host's (P3 to P10). "
           "That the NIC drops and counts them: PcieFuzz in testbench/rtl/pcie.";
  if (id == "E10")
    return "A stimulus: what goes wrong in line-rate trains shows as E4, E8, E12 or D17. Driven by testbench/rtl/mac "
           "and ringside bench --rtl.";
  return "";
}

// Rules without a case or a reason, and cases of rules that nobody knows.
std::vector<std::string> holes(const RuleCases& cases) {
  std::set<std::string> known, broken;
  std::vector<std::string> found;
  for (const RuleCase& c : cases) broken.insert(c.rule);
  for (const RuleWords& rule : sc_model::rule_words()) {
    known.insert(rule.id);
    const bool reason = !reason_of(rule.id).empty();
    if (broken.count(rule.id) == 0 && !reason)
      found.push_back(std::string(rule.id) + " has neither a case nor a reason");
    if (broken.count(rule.id) != 0 && reason) found.push_back(std::string(rule.id) + " has both a case and a reason");
  }
  for (const std::string& id : broken)
    if (known.count(id) == 0) found.push_back(id + " is no rule");
  return found;
}

TEST(RuleTable, EveryRuleFiresAloneOnTheRightSideOrSaysWhyNot) {
  const RuleCases cases = all_cases();
  std::ostringstream table;
  bool right = true;
  size_t with_cases = 0, with_reason = 0;
  for (const RuleWords& rule : sc_model::rule_words()) {
    table << "\n**" << rule.id << "** " << rule.words << "\n\n";
    if (const std::string reason = reason_of(rule.id); !reason.empty()) {
      table << "Not broken here: " << reason << "\n";
      ++with_reason;
      continue;
    }
    ++with_cases;
    table << "| broken by | fired | alone | side at fault | named right |\n|---|---|---|---|---|\n";
    for (const RuleCase& c : cases)
      if (std::string(c.rule) == rule.id) table << line_of(c, right);
  }
  std::ostringstream head;
  head << "# Rules and the tests that break them\n\n"
       << sc_model::rule_words().size() << " rules: " << with_cases << " broken on purpose in " << cases.size()
       << " ways, " << with_reason
       << " that cannot be broken here. Tests: sc_model.Broken/Rules.FiresAloneAndNamesTheSide/NAME.\n";
  std::cout << head.str() << table.str();
  std::ofstream(RINGSIDE_RULE_TABLE) << head.str() << table.str();
  EXPECT_TRUE(right) << "a case did not fire, not alone, or on the wrong side: see **NO** above";
  for (const std::string& hole : holes(cases)) ADD_FAILURE() << hole;
}

// The table test itself: it sees a rule without a case, and a case without a rule.
TEST(RuleTable, SeesADeadRule) {
  RuleCases cases = all_cases();
  EXPECT_TRUE(holes(cases).empty());
  cases.erase(
      std::remove_if(cases.begin(), cases.end(), [](const RuleCase& c) { return std::string(c.rule) == "P29"; }),
      cases.end());
  cases.push_back({"X1", sc_model::Side::kDevice, "NoSuchRule", {}});
  const std::vector<std::string> expected = {"P29 has neither a case nor a reason", "X1 is no rule"};
  EXPECT_EQ(holes(cases), expected);
}

}  // namespace
}  // namespace ringside::testbench
