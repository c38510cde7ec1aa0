#include "testbench/program/console/completion.h"

#include <algorithm>
#include <cctype>
#include <sstream>

#include "sc_model/rule_words.h"
#include "testbench/program/console/command.h"
#include "testbench/program/console/map_words.h"
#include "testbench/program/journey.h"

namespace ringside::testbench {
namespace {

using Words = std::vector<std::string>;

Words command_names() {
  Words names;
  for (const CommandInfo& info : command_table()) names.push_back(info.name);
  return names;
}

Words register_names() {
  Words names;
  for (const RegisterPlace& place : registers_of(1)) {
    if (names.empty() || names.back() != place.word) names.push_back(place.word);
  }
  return names;
}

Words rule_names() {
  Words names = {"any"};
  for (const sc_model::RuleWords& rule : sc_model::rule_words()) names.push_back(rule.id);
  return names;
}

Words step_names() {
  Words names;
  for (size_t i = 0; i < kJourneySteps; ++i) {
    const JourneyStepName& name = name_of(static_cast<JourneyStep>(i));
    if (std::find(names.begin(), names.end(), name.path) == names.end()) names.push_back(name.path);
    names.push_back(name.column);
  }
  return names;
}

// What may follow the words that stand there whole.
Words candidates(const Words& before) {
  if (before.empty()) return command_names();
  const Verb verb = parse_command(before[0]).info->verb;
  const size_t count = before.size();
  if (verb == Verb::kBreak && count == 2) {
    switch (pick("", before[1], {"rule", "register", "step", "time", "frame"})) {
      case 0:
        return rule_names();
      case 1:
        return register_names();
      case 2:
        return step_names();
      default:
        return {};
    }
  }
  if (count > 1) return {};
  switch (verb) {
    case Verb::kHelp:
      return command_names();
    case Verb::kBreak:
      return {"rule", "register", "step", "time", "frame"};
    case Verb::kStep:
      return {"event", "frame"};
    case Verb::kInfo:
      return {"breakpoints"};
    case Verb::kDelete:
      return {"all"};
    case Verb::kRegisters:
      return register_names();
    case Verb::kCounters:
      return {"all"};
    case Verb::kRing:
      return {"tx", "rx", "ret"};
    case Verb::kDescriptor:
      return {"tx", "rx", "ret", "status"};
    case Verb::kWave:
      return {"on", "off", "dump"};
    default:
      return {};
  }
}

bool begins(const std::string& name, const std::string& word) {
  return word.size() <= name.size() && std::equal(word.begin(), word.end(), name.begin(), [](char a, char b) {
           return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b));
         });
}

}  // namespace

std::vector<std::string> completions(const std::string& text) {
  std::istringstream stream(text);
  Words words;
  for (std::string word; stream >> word;) words.push_back(word);
  std::string last;
  if (!text.empty() && text.back() != ' ' && !words.empty()) {
    last = words.back();
    words.pop_back();
  }
  Words fitting;
  try {
    for (const std::string& name : candidates(words))
      if (begins(name, last)) fitting.push_back(name);
  } catch (const CommandError&) {  // what stands before is wrong already
  }
  return fitting;
}

}  // namespace ringside::testbench
