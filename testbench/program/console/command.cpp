#include "testbench/program/console/command.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <sstream>
#include <utility>

namespace ringside::testbench {
namespace {

const std::vector<CommandInfo> kTable = {
    {Verb::kHelp, "help", "[COMMAND]", "This list, or more about one command", ""},
    {Verb::kStep, "step", "TIME | frame [N] | event [N]", "Run on for a while",
     "step 10us       so much simulated time (ps, ns, us, ms)\n"
     "step frame 5    until five more frames have left a NIC; frames are numbered as in capture.pcapng\n"
     "step event      until the next event: a TLP at a NIC's pins, an access of a CPU to a register, an interrupt at\n"
     "                its host, a frame that left a NIC or reached one, a broken rule\n"
     "Breakpoints stop it sooner. An empty line repeats it. What is known only afterwards (a frame: when it has "
     "ended,\n"
     "a read: when the value is back) stops the run as soon as it is known, and is shown with its own time."},
    {Verb::kContinue, "continue", "", "Run on until a breakpoint, Ctrl-C or the end", ""},
    {Verb::kFinish, "finish", "", "Run to the end without stopping, print the results, leave", ""},
    {Verb::kQuit, "quit", "", "End the run here; what was recorded so far is saved", ""},
    {Verb::kBreak, "break", "rule|register|step|time|frame ... [HOST]", "Stop there from now on",
     "break rule D13 | any          when this rule is broken (without --keep-going the run ends there)\n"
     "break register NAME[=VALUE]   when a CPU writes it: TX_PROD_IDX, TX_PROD_IDX[0]=0x24, CONTROL h1\n"
     "break step T8 [PACKET]        when a packet takes this step of the path: T1, T2, ... R12, or one of its parts "
     "by\n"
     "                              the name in journeys.tsv (fetch, in_nic, handler, ...); `T8` is its first part;\n"
     "                              in_nic comes with each completion\n"
     "break time 1.2ms              at that simulated time\n"
     "break frame 9                 when frame 9 of capture.pcapng has left its NIC"},
    {Verb::kInfo, "info", "breakpoints", "The breakpoints, and how often each stopped the run", ""},
    {Verb::kDelete, "delete", "N | all", "Forget a breakpoint", ""},
    {Verb::kHost, "host", "[0 | 1 | NAME]", "Whose NIC the commands below are about", ""},
    {Verb::kWhere, "where", "", "The time, and what each place is doing", ""},
    {Verb::kRegisters, "registers", "[PATTERN]", "Registers of the NIC as they stand, in the map's words",
     "The pattern is a part of a name: `registers tx_`, `registers irq_status[1]`; without one: all but counters, the\n"
     "RSS key and table, and the MSI-X table. They are read in a copy of the process, so the run is not disturbed:\n"
     "each is what a read that reached the NIC now would give (a dozen core cycles later)."},
    {Verb::kCounters, "counters", "[all] [PATTERN]", "Counters of NIC, driver, stack and host that are not zero", ""},
    {Verb::kRings, "rings", "", "Where the rings lie and how full they are", ""},
    {Verb::kRing, "ring", "tx|rx|ret QUEUE [FIRST[..LAST]]", "Entries of a ring as they lie in memory",
     "Indices run freely, as in the registers. Without a range: those that the NIC has (tx, rx), or that the driver "
     "has\n"
     "not taken yet (ret)."},
    {Verb::kDescriptor, "descriptor", "tx|rx|ret|status QUEUE INDEX", "One entry, field by field", ""},
    {Verb::kPacket, "packet", "[N]", "The last packets, or a packet's way so far, step by step", ""},
    {Verb::kJourney, "journey", "[N]", "The same", ""},
    {Verb::kTlps, "tlps", "[N]", "The last N TLPs at the pins of either NIC (default 20)", ""},
    {Verb::kEvents, "events", "[N]", "The last N events of all kinds (default 20)", ""},
    {Verb::kRules, "rules", "", "Rules broken so far", ""},
    {Verb::kWave, "wave", "on [HOST] | off | dump TIME [HOST]", "Record signals of a NIC",
     "wave on ... wave off    what happens between the two\n"
     "wave dump 20us          the next 20 us; the run itself stays where it is (a copy of it runs ahead)\n"
     "Files: console_1.fst, console_2.fst, ... in the run's folder (with --vcd: .vcd); views in waves/."},
};

const std::vector<std::pair<std::string, Verb>> kShort = {
    {"b", Verb::kBreak},       {"c", Verb::kContinue},   {"d", Verb::kDelete},  {"h", Verb::kHelp},
    {"?", Verb::kHelp},        {"i", Verb::kInfo},       {"p", Verb::kPacket},  {"q", Verb::kQuit},
    {"r", Verb::kRegisters},   {"s", Verb::kStep},       {"exit", Verb::kQuit}, {"w", Verb::kWhere},
    {"bt", Verb::kWhere},      {"run", Verb::kContinue}, {"next", Verb::kStep}, {"n", Verb::kStep},
    {"regs", Verb::kRegisters}};

bool begins(const std::string& name, const std::string& word) {
  return name.compare(0, word.size(), word) == 0;
}

// Edits (a letter more, less or another one) that make one word of the other.
size_t distance(const std::string& a, const std::string& b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t corner = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1, corner + (a[i - 1] != b[j - 1])});
      corner = above;
    }
  }
  return row[b.size()];
}

std::string join(const std::vector<std::string>& words, const char* between) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : between) + word;
  return text;
}

// Which of `names` the word may stand for: the one it is, else all that it begins.
std::vector<size_t> fitting(const std::string& word, const std::vector<std::string>& names) {
  const auto same = std::find(names.begin(), names.end(), word);
  if (same != names.end()) return {static_cast<size_t>(same - names.begin())};
  std::vector<size_t> found;
  for (size_t i = 0; i < names.size() && !word.empty(); ++i)
    if (begins(names[i], word)) found.push_back(i);
  return found;
}

std::string choice(const std::vector<size_t>& which, const std::vector<std::string>& names) {
  std::vector<std::string> words;
  for (const size_t i : which) words.push_back(names[i]);
  return join(words, " or ");
}

const CommandInfo& info_of(Verb verb) {
  return *std::find_if(kTable.begin(), kTable.end(), [verb](const CommandInfo& info) { return info.verb == verb; });
}

}  // namespace

const std::vector<CommandInfo>& command_table() {
  return kTable;
}

std::string nearest(const std::string& word, const std::vector<std::string>& names) {
  const std::vector<size_t> begun = fitting(word, names);
  if (!begun.empty()) return names[begun.front()];
  const auto closer = [&word](const std::string& a, const std::string& b) {
    return distance(word, a) < distance(word, b);
  };
  const auto best = std::min_element(names.begin(), names.end(), closer);
  return distance(word, *best) <= std::max<size_t>(1, word.size() / 2) ? *best : "";
}

size_t pick(const std::string& what, const std::string& word, const std::vector<std::string>& names) {
  const std::vector<size_t> found = fitting(word, names);
  if (found.size() == 1) return found.front();
  if (found.size() > 1) throw CommandError(fmt::format("{}{}: {}?", what, word, choice(found, names)));
  if (word.empty()) throw CommandError(fmt::format("{}what? {}", what, join(names, ", ")));
  const std::string near = nearest(word, names);
  throw CommandError(near.empty() ? fmt::format("{}{}: not one of {}", what, word, join(names, ", "))
                                  : fmt::format("{}{}: did you mean {}?", what, word, near));
}

Command parse_command(const std::string& line) {
  std::istringstream stream(line);
  std::string name;
  Command command;
  if (!(stream >> name) || name[0] == '#') return command;
  for (std::string word; stream >> word && word[0] != '#';) command.words.push_back(word);
  for (const auto& [letters, verb] : kShort) {
    if (name == letters) return command.info = &info_of(verb), command;
  }
  std::vector<std::string> names;
  for (const CommandInfo& info : kTable) names.push_back(info.name);
  const std::vector<size_t> found = fitting(name, names);
  if (found.size() == 1) return command.info = &kTable[found.front()], command;
  if (found.size() > 1) throw CommandError(fmt::format("{}: {}?", name, choice(found, names)));
  const std::string near = nearest(name, names);
  throw CommandError(near.empty() ? fmt::format("no command \"{}\" (help lists them)", name)
                                  : fmt::format("no command \"{}\": did you mean {}?", name, near));
}

uint64_t parse_number(const std::string& what, const std::string& word) {
  const bool hex = word.size() > 2 && word[0] == '0' && (word[1] == 'x' || word[1] == 'X');
  uint64_t number = 0;
  const char *begin = word.data() + (hex ? 2 : 0), *end = word.data() + word.size();
  const auto [stop, error] = std::from_chars(begin, end, number, hex ? 16 : 10);
  if (begin == end || error != std::errc() || stop != end)
    throw CommandError(fmt::format("{}{}: not a number", what, word));
  return number;
}

}  // namespace ringside::testbench
