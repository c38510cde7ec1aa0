// The rules of the checkers in words, for people: `ringside rules`, and what a failed run says of the rules it broke.
#ifndef RINGSIDE_TESTBENCH_PROGRAM_RULES_TEXT_H_
#define RINGSIDE_TESTBENCH_PROGRAM_RULES_TEXT_H_

#include <string>
#include <vector>

#include "testbench/program/results.h"

namespace ringside::testbench {

// "D13" for "d13". Throws UsageError when there is no such rule; `asked` is what stood before the word.
std::string rule_id(const std::string& word, const std::string& asked = "rule ");

// One line a rule: those asked for, by id or by the letter of a family ("I": all of interrupts); none asked for: all,
// under a head for each family. Throws UsageError when there is no such rule.
std::string rules_text(const std::vector<std::string>& asked);

// "D13 asks: ..." for each rule that a run broke, once, in the order in which they were broken first.
std::vector<std::string> words_of_broken_rules(const Results& results);

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_PROGRAM_RULES_TEXT_H_
