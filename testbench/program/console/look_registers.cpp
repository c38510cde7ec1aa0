// Registers and counters.
#include <fmt/format.h>

#include <algorithm>

#include "driver/nic_regs.h"
#include "testbench/program/console/command.h"
#include "testbench/program/console/looker.h"
#include "testbench/program/console/nic_peek.h"
#include "testbench/program/progress.h"
#include "testbench/program/results.h"

namespace ringside::testbench {
namespace {

namespace regs = driver::regs;

constexpr uint64_t kReadable = 100'000'000;  // larger numbers are addresses and patterns

std::string register_line(const RegisterPlace& place, const PeekValue& value) {
  if (place.write_only) return fmt::format("{:<20} write only\n", place.name);
  if (!value) return fmt::format("{:<20} does not answer\n", place.name);
  std::string fields = field_words(place.word, static_cast<uint32_t>(*value));
  if (fields.empty() && *value > 9 && *value < kReadable) fields = fmt::format("{}", *value);
  const std::string digits = place.high != 0 ? fmt::format("0x{:016x}", *value) : fmt::format("0x{:08x}", *value);
  std::string line = fmt::format("{:<20} {:<18} {}", place.name, digits, fields);
  line.erase(line.find_last_not_of(' ') + 1);
  return line + "\n";
}

bool fits(const std::string& name, const std::string& pattern) {
  return name.find(pattern) != std::string::npos;
}

std::vector<RegisterPlace> counter_places() {
  std::vector<RegisterPlace> places;
  for (size_t i = 0; i < regs::kNumCounters; ++i) {
    RegisterPlace place;
    place.name = regs::kCounters[i].name;
    place.address = regs::counter_address(i);
    place.high = place.address + 4;
    places.push_back(place);
  }
  return places;
}

}  // namespace

// As many as were set up; the first one is always there.
unsigned Looker::queues() {
  unsigned queues = 1;
  for (unsigned q = 0; q < NicWords::kQueues; ++q) {
    if (feed_.words(host_).ring(NicWords::Ring::kTx, q).entries != 0) queues = q + 1;
  }
  return queues;
}

std::string Looker::registers(const Words& words) {
  const std::string pattern = words.empty() ? "" : words[0];
  std::vector<RegisterPlace> places = registers_named(pattern, queues());
  if (places.empty()) places = registers_like(pattern, queues());
  if (places.empty()) {
    const std::string near = register_near(pattern);
    throw CommandError(fmt::format("registers {}: the map has none like it{}", pattern,
                                   near.empty() ? "" : fmt::format(" (did you mean {}?)", near)));
  }
  const std::vector<PeekValue> values = peek(nic_host(), places);
  std::string text = fmt::format("{}'s NIC, {}\n", machine_.host(host_).name(), clock_words(host_));
  for (size_t i = 0; i < places.size(); ++i) text += register_line(places[i], values[i]);
  return text;
}

std::string Looker::counters(const Words& words) {
  std::string pattern;
  bool all = false;
  for (const std::string& word : words) word == "all" ? void(all = true) : void(pattern = word);
  Results results;
  machine_.collect(results);
  const std::string front = machine_.host(host_).name() + ".";
  std::vector<Count> counts;
  const std::vector<RegisterPlace> places = counter_places();
  const std::vector<PeekValue> values = peek(nic_host(), places);
  for (size_t i = 0; i < places.size(); ++i) counts.push_back({front + "nic." + places[i].name, values[i].value_or(0)});
  for (const Count& count : results.counters) {
    const bool of_host = count.name.find(front) != std::string::npos;
    if (of_host && count.name.compare(0, front.size() + 4, front + "nic.") != 0) counts.push_back(count);
  }
  std::string text;
  for (const Count& count : counts) {
    if ((all || count.value != 0) && fits(count.name, pattern))
      text += fmt::format("{:<36} {:>16}\n", count.name, with_commas(count.value));
  }
  return text.empty() ? "all of them are zero (counters all shows them)\n" : text;
}

}  // namespace ringside::testbench
