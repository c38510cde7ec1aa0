#include "testbench/program/console/breakpoint.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <numeric>
#include <set>
#include <utility>

#include "sc_model/rule_words.h"
#include "testbench/driver/register_table.h"
#include "testbench/program/console/command.h"
#include "testbench/program/console/map_words.h"
#include "testbench/program/scenario_reader.h"
#include "testbench/program/wave_options.h"
#include "testbench/program/words.h"

namespace ringside::testbench {
namespace {

using Kind = Breakpoint::Kind;

constexpr unsigned kMostQueues = 8;

void need(size_t at_least, size_t at_most, const std::vector<std::string>& words, const char* how) {
  if (words.size() < at_least || words.size() > at_most)
    throw CommandError(fmt::format("break {}: say {}", words[0], how));
}

void parse_rule(Breakpoint& b, const std::vector<std::string>& words) {
  need(1, 2, words, "break rule D13, or break rule any");
  if (words.size() == 2 && upper(words[1]) != "ANY") {
    const sc_model::RuleWords* rule = sc_model::rule_called(upper(words[1]));
    if (rule == nullptr)
      throw CommandError(fmt::format("break rule {}: there is none; rules are P1 to P46, R, D, I, E and C", words[1]));
    b.rule = rule->id;
  }
  b.text = "rule " + (b.rule.empty() ? "any" : b.rule);
}

void parse_register(Breakpoint& b, const std::vector<std::string>& words) {
  need(2, 4, words, "break register NAME, NAME[i] or NAME[i]=VALUE");
  const std::string what =
      std::accumulate(words.begin() + 1, words.end(), std::string());  // blanks round = are welcome
  const size_t equals = what.find('=');
  const std::string name = what.substr(0, equals);
  const std::vector<RegisterPlace> places = registers_named(name, kMostQueues);
  if (places.empty()) {
    const std::string near = register_near(name);
    throw CommandError(fmt::format("break register {}: the map has no such register{}", name,
                                   near.empty() ? "" : fmt::format(" (did you mean {}?)", near)));
  }
  for (const RegisterPlace& place : places) b.addresses.push_back(place.address);
  if (equals != std::string::npos) b.value = parse_number("break register: ", what.substr(equals + 1));
  b.text = "register " + upper(name) + (b.value ? fmt::format("=0x{:x}", *b.value) : "");
}

// T1 to T10, then R1 to R12: those that a journey has.
std::string steps_in_order() {
  std::set<std::pair<unsigned, std::string>> steps;
  for (size_t i = 0; i < kJourneySteps; ++i) {
    const std::string path = name_of(static_cast<JourneyStep>(i)).path;
    const auto number = static_cast<unsigned>(std::strtoul(path.c_str() + 1, nullptr, 10));
    steps.emplace((path[0] == 'R' ? 100 : 0) + number, path);
  }
  std::string text;
  for (const auto& [order, path] : steps) text += (text.empty() ? "" : " ") + path;
  return text;
}

void parse_step(Breakpoint& b, const std::vector<std::string>& words) {
  need(2, 3, words, "break step T8, or break step T8 17");
  for (size_t i = 0; i < kJourneySteps; ++i) {
    const JourneyStepName& name = name_of(static_cast<JourneyStep>(i));
    if (upper(words[1]) == upper(name.column)) b.step = static_cast<JourneyStep>(i);
    if (upper(words[1]) == name.path && !b.step) b.step = static_cast<JourneyStep>(i);
  }
  if (!b.step) throw CommandError(fmt::format("break step {}: packets are followed at {}", words[1], steps_in_order()));
  if (words.size() == 3) b.at = parse_number("break step: packet ", words[2]);
  const JourneyStepName& name = name_of(*b.step);
  b.text = fmt::format("step {} ({}: {})", name.path, name.column, name.text);
  if (b.at != 0) b.text += fmt::format(" of packet {}", b.at);
}

void parse_frame(Breakpoint& b, const std::vector<std::string>& words) {
  need(2, 2, words, "break frame N");
  b.at = parse_number("break frame ", words[1]);
  if (b.at == 0) throw CommandError("break frame 0: the capture counts from 1");
  b.text = fmt::format("frame {}", b.at);
}

}  // namespace

sc_model::TimePs parse_duration(const std::string& what, const std::string& word) {
  try {
    return parse_time(word, what);
  } catch (const UsageError& error) {
    throw CommandError(error.what());
  }
}

std::optional<uint8_t> host_named(const std::string& word, const std::array<std::string, 2>& hosts) {
  for (uint8_t i = 0; i < hosts.size(); ++i) {
    if (word == hosts[i] || word == std::to_string(i)) return i;
  }
  return std::nullopt;
}

Breakpoint parse_breakpoint(const std::vector<std::string>& given, const std::array<std::string, 2>& hosts) {
  std::vector<std::string> words = given;
  static const std::vector<std::string> kKinds = {"rule", "register", "step", "time", "frame"};
  Breakpoint b;
  words.resize(std::max<size_t>(1, words.size()));
  b.kind = static_cast<Kind>(pick("break ", words[0], kKinds));
  words[0] = kKinds[static_cast<size_t>(b.kind)];
  const bool for_host = b.kind == Kind::kRule || b.kind == Kind::kRegister || b.kind == Kind::kStep;
  for (uint8_t i = 0; for_host && words.size() > 2 && i < hosts.size(); ++i) {
    if (words.back() == hosts[i]) b.host = i;
  }
  if (b.host) words.pop_back();
  switch (b.kind) {
    case Kind::kRule:
      parse_rule(b, words);
      break;
    case Kind::kRegister:
      parse_register(b, words);
      break;
    case Kind::kStep:
      parse_step(b, words);
      break;
    case Kind::kFrame:
      parse_frame(b, words);
      break;
    case Kind::kTime:
      need(2, 2, words, "break time 1.2ms");
      b.at = parse_duration("break time", words[1]);
      b.text = "time " + words[1];
  }
  if (b.host) b.text += " " + hosts[*b.host];
  return b;
}

bool Breakpoint::matches(const ConsoleEvent& event) const {
  if (host && event.host != *host) return false;
  switch (kind) {
    case Kind::kRule:
      return event.kind == EventKind::kRule && (rule.empty() || rule == event.rule);
    case Kind::kRegister:
      return event.kind == EventKind::kRegister && event.write && (!value || *value == event.value) &&
             std::find(addresses.begin(), addresses.end(), event.address) != addresses.end();
    case Kind::kStep:
      return event.kind == EventKind::kStep && event.step == *step && (at == 0 || at == event.number);
    case Kind::kFrame:
      return event.kind == EventKind::kFrame && event.number == at;
    case Kind::kTime:
      return false;
  }
  return false;
}

const Breakpoint& Breakpoints::add(Breakpoint breakpoint) {
  breakpoint.number = ++last_number_;
  list_.push_back(std::move(breakpoint));
  return list_.back();
}

void Breakpoints::remove(unsigned number) {
  const auto at =
      std::find_if(list_.begin(), list_.end(), [number](const Breakpoint& b) { return b.number == number; });
  if (at == list_.end()) throw CommandError(fmt::format("delete {}: there is no such breakpoint", number));
  list_.erase(at);
}

Breakpoint* Breakpoints::hit(const ConsoleEvent& event) {
  const auto at = std::find_if(list_.begin(), list_.end(), [&](const Breakpoint& b) { return b.matches(event); });
  return at == list_.end() ? nullptr : &*at;
}

// A time stops the run once.
Breakpoint* Breakpoints::due(sc_model::TimePs now) {
  for (Breakpoint& b : list_) {
    if (b.kind == Kind::kTime && b.hits == 0 && b.at <= now) return &b;
  }
  return nullptr;
}

sc_model::TimePs Breakpoints::next_time(sc_model::TimePs now) const {
  sc_model::TimePs next = sc_model::kNever;
  for (const Breakpoint& b : list_) {
    if (b.kind == Kind::kTime && b.at > now) next = std::min(next, b.at);
  }
  return next;
}

bool Breakpoints::any(Kind kind) const {
  return std::any_of(list_.begin(), list_.end(), [kind](const Breakpoint& b) { return b.kind == kind; });
}

}  // namespace ringside::testbench
