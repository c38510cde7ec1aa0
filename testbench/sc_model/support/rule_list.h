// Every rule of PCI Express (P), rings (R of the driver, D of the device), interrupts (I), Ethernet (E) and checksums (C)
// that this project holds, and why one of them cannot be broken here. The table of rules is made from it.
#ifndef RINGSIDE_TESTBENCH_SC_MODEL_SUPPORT_RULE_LIST_H_
#define RINGSIDE_TESTBENCH_SC_MODEL_SUPPORT_RULE_LIST_H_

#include <vector>

namespace ringside::testbench {

struct RuleWords {
  const char* id;
  const char* words;
  const char* reason;  // why there is no case; empty: there must be one
};
const std::vector<RuleWords>& rule_list();

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_SC_MODEL_SUPPORT_RULE_LIST_H_
