// One way to break one rule on purpose. Every case runs by itself, on checkers of its own; rules_test.cpp sees that
// exactly its rule fires and names the right side, and makes the table of rules from the same list.
#ifndef RINGSIDE_TESTBENCH_SC_MODEL_SUPPORT_RULE_CASE_H_
#define RINGSIDE_TESTBENCH_SC_MODEL_SUPPORT_RULE_CASE_H_

#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "sc_model/violation.h"

namespace ringside::testbench {

struct RuleCase {
  const char* rule;
  sc_model::Side side;
  const char* name;  // a test name: what is done
  std::function<void(sc_model::ViolationLog&)> run;
};
inline void PrintTo(const RuleCase& c, std::ostream* out) { *out << c.rule << c.name; }  // for test names
using RuleCases = std::vector<RuleCase>;

RuleCases device_ring_cases();
RuleCases device_error_cases();  // among device_ring_cases()
RuleCases interrupt_cases();
RuleCases driver_ring_cases();
RuleCases ordering_cases();  // the four orderings, on both sides
RuleCases ethernet_cases();
RuleCases frame_cases();
RuleCases pcie_cases();
RuleCases pcie_state_cases();  // among pcie_cases()

// Legal ways through the same rigs: nothing may fire.
RuleCases legal_cases();
RuleCases legal_interrupt_cases();
RuleCases legal_driver_cases();
RuleCases legal_pcie_cases();
RuleCases legal_ethernet_cases();
RuleCases legal_frame_cases();

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_SC_MODEL_SUPPORT_RULE_CASE_H_
