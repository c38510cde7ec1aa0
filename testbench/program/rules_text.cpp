#include "testbench/program/rules_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "sc_model/rule_words.h"
#include "testbench/program/scenario_reader.h"
#include "testbench/program/words.h"

namespace ringside::testbench {
namespace {

using sc_model::rule_called;
using sc_model::rule_words;
using sc_model::RuleWords;

struct Family {
  char letter;
  const char* words;
};
constexpr std::array<Family, 6> kFamilies{{{'P', "PCI Express, of whoever sends"},
                                           {'R', "rings and registers, of the driver"},
                                           {'D', "rings, DMA and status block, of the NIC"},
                                           {'I', "interrupts"},
                                           {'E', "Ethernet"},
                                           {'C', "checksums and VLAN tags"}}};

std::string line_of(const RuleWords& rule) {
  return fmt::format("  {:<4} {}\n", rule.id, rule.words);
}

std::string text_of(const Family& family) {
  std::string text = fmt::format("{}: {}\n", family.letter, family.words);
  for (const RuleWords& rule : rule_words())
    if (rule.id[0] == family.letter) text += line_of(rule);
  return text;
}

}  // namespace

std::string rule_id(const std::string& word, const std::string& asked) {
  const RuleWords* rule = rule_called(upper(word));
  if (rule == nullptr) throw UsageError(fmt::format("{}{}: there is none; all rules: ringside rules", asked, word));
  return rule->id;
}

std::string rules_text(const std::vector<std::string>& asked) {
  std::string text;
  if (asked.empty())
    for (const Family& family : kFamilies) text += text_of(family);
  for (const std::string& word : asked) {
    const auto family = std::find_if(kFamilies.begin(), kFamilies.end(),
                                     [&](const Family& f) { return upper(word) == std::string(1, f.letter); });
    text += family != kFamilies.end() ? text_of(*family) : line_of(*rule_called(rule_id(word)));
  }
  return text;
}

std::vector<std::string> words_of_broken_rules(const Results& results) {
  std::vector<std::string> lines;
  std::set<std::string> said;
  for (const sc_model::Violation& violation : results.violations) {
    const RuleWords* rule = rule_called(violation.rule);
    if (rule != nullptr && said.insert(rule->id).second)
      lines.push_back(fmt::format("{} asks: {}", rule->id, rule->words));
  }
  return lines;
}

}  // namespace ringside::testbench
