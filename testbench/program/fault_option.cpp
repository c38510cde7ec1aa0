#include "testbench/program/fault_option.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <string_view>
#include <vector>

#include "sc_model/flow_control.h"
#include "testbench/program/scenario_check.h"
#include "testbench/program/scenario_reader.h"
#include "testbench/program/time_text.h"

namespace ringside::testbench {
namespace {

using sc_model::FaultInfo;
using sc_model::FaultPlace;
using sc_model::FaultSpec;

constexpr uint64_t kLongestNs = 3'600'000'000'000;
constexpr uint64_t kOvertakenNth = 20, kEarlyCount = 20;
constexpr uint64_t kTimedFromNs = 100'000;  // of kinds that begin at a time, when none is given: traffic runs then

[[noreturn]] void fail(const FaultEntry& entry, const std::string& text) {
  throw UsageError(fmt::format("{}: {}", entry.where.empty() ? "--fault " + entry.kind : entry.where, text));
}

const FaultInfo& info_of(const FaultEntry& entry) {
  const auto kind = sc_model::fault_kind(entry.kind);
  if (!kind) fail(entry, fmt::format("no fault of the kind \"{}\"; all kinds: ringside demo --fault help", entry.kind));
  return sc_model::fault_info(*kind);
}

uint64_t parse_count(const FaultEntry& entry, std::string_view key, std::string_view text) {
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value == 0)
    fail(entry, fmt::format("{}={}: must be a number from 1 on", key, text));
  return value;
}

uint64_t parse_time(const FaultEntry& entry, std::string_view key, std::string_view text) {
  const std::optional<TimeText> time = read_time(text);
  // 0 would read as not given, and mean the usual time.
  if (time && time->has_unit && time->ps >= 1e3 && time->ps <= 1e3 * static_cast<double>(kLongestNs))
    return static_cast<uint64_t>(std::llround(time->ps / 1e3));
  fail(entry, fmt::format("{}={}: must be a time of 1 ns to an hour, like 200us (ps, ns, us, ms, s)", key, text));
}

double parse_chance(const FaultEntry& entry, std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  if (!whole || !(value > 0 && value <= 1)) fail(entry, fmt::format("p={}: must be above 0, and at most 1", text));
  return value;
}

void set(FaultEntry& entry, std::string_view key, std::string_view value) {
  if (key == "k") {
    entry.k = parse_count(entry, key, value);
  } else if (key == "n") {
    entry.n = parse_count(entry, key, value);
  } else if (key == "p") {
    entry.p = parse_chance(entry, value);
  } else if (key == "t") {
    entry.t_ns = parse_time(entry, key, value);
  } else if (key == "for") {
    entry.for_ns = parse_time(entry, key, value);
  } else if (key == "credit") {
    entry.credit = value;
  } else if (key == "dir") {
    entry.dir = value;
  } else {
    fail(entry, fmt::format("\"{}\": known are k=, n=, p=, t=, for=, credit= and dir=", key));
  }
}

// Up to the next of the two, and what is behind it.
std::string_view take(std::string_view& text, std::string_view separators) {
  const size_t end = std::min(text.find_first_of(separators), text.size());
  const std::string_view front = text.substr(0, end);
  text.remove_prefix(end);
  return front;
}

int credit_of(const std::string& name) {
  static constexpr const char* kNames[] = {"ph", "pd", "nph", "npd", "cplh", "cpld"};
  for (int kind = 0; kind < 6; ++kind)
    if (name == kNames[kind]) return kind;
  return -1;
}

void check_fault(const Scenario& scenario, const FaultEntry& entry) {
  const FaultInfo& info = info_of(entry);
  if (!entry.host.empty() && !host_index(scenario, entry.host))
    fail(entry, fmt::format("there is no host \"{}\"", entry.host));
  if (info.timed && (entry.k != 0 || entry.p != 0 || entry.n != 0))
    fail(entry, "happens at a time: t and for are its keys, not k, n or p");
  if (entry.k != 0 && entry.p != 0) fail(entry, "k and p: either the k-th event or each with a chance");
  if (entry.for_ns != 0 && info.lasts_ps == 0) fail(entry, "takes no time: it has no key for");
  const bool starve = info.kind == sc_model::FaultKind::kStarve;
  if (!starve && !(entry.credit.empty() && entry.dir.empty())) fail(entry, "credit and dir are keys of starve");
  if (starve && credit_of(entry.credit) < 0) fail(entry, "credit must be ph, pd, nph, npd, cplh or cpld");
  if (starve && !entry.dir.empty() && entry.dir != "to_host" && entry.dir != "to_nic")
    fail(entry, "dir must be to_host or to_nic");
}

// Which events a fault hits when nobody says. A write is overtaken only if something is close behind it: another write,
// when traffic runs; a message now and then.
void choose_events(const FaultEntry& entry, FaultSpec& spec) {
  if (entry.k != 0 || entry.p != 0 || entry.n != 0 || entry.t_ns != 0) return;
  if (spec.kind == sc_model::FaultKind::kWriteOvertaken) spec.nth = kOvertakenNth;
  if (spec.kind == sc_model::FaultKind::kInterruptEarly) spec.count = kEarlyCount;
}

FaultSpec to_spec(const FaultEntry& entry) {
  const FaultInfo& info = info_of(entry);
  FaultSpec spec;
  spec.kind = info.kind;
  spec.nth = entry.k;
  spec.chance = entry.p;
  spec.count = entry.n;
  spec.from_ps = (entry.t_ns == 0 && info.timed ? kTimedFromNs : entry.t_ns) * sc_model::kPsPerNs;
  spec.for_ps = entry.for_ns * sc_model::kPsPerNs;
  if (info.kind == sc_model::FaultKind::kStarve) spec.credit = static_cast<uint8_t>(credit_of(entry.credit));
  spec.to_device = entry.dir == "to_nic";
  choose_events(entry, spec);
  return spec;
}

std::vector<FaultSpec> specs_of(const Scenario& scenario, size_t host, bool wire) {
  std::vector<FaultSpec> specs;
  for (const FaultEntry& entry : scenario.fault) {
    const bool here = entry.host.empty() ? host == 0 : *host_index(scenario, entry.host) == host;
    if (here && (info_of(entry).place == FaultPlace::kWire) == wire) specs.push_back(to_spec(entry));
  }
  return specs;
}

}  // namespace

FaultEntry parse_fault(const std::string& text) {
  FaultEntry entry;
  std::string_view rest = text;
  entry.kind = take(rest, "@:");
  if (!rest.empty() && rest.front() == '@') {
    rest.remove_prefix(1);
    entry.host = take(rest, ":");
    if (entry.host.empty()) fail(entry, "no host behind @");
  }
  std::vector<std::string_view> seen;
  while (!rest.empty()) {
    rest.remove_prefix(1);
    std::string_view pair = take(rest, ":");
    const std::string_view key = take(pair, "=");
    if (std::find(seen.begin(), seen.end(), key) != seen.end()) fail(entry, fmt::format("{}= is there twice", key));
    seen.push_back(key);
    set(entry, key, pair.empty() ? pair : pair.substr(1));
  }
  return entry;
}

std::string fault_help() {
  std::string text =
      "--fault KIND[@HOST][:key=value]...   e.g. ur@h0:k=3  frame_loss@h1:p=0.01:n=5  starve:credit=npd:t=150us\n"
      "  @HOST   whose machine, or whose NIC sends the frame (default: the first host)\n"
      "  k=N     the N-th event from t on       p=P   each event with this chance     n=N   at most so many\n"
      "  t=TIME  not before this time           for=TIME  how long it lasts, or how late it comes\n"
      "  Without k and p: the first event from t on. With none of k, p, n and t it is the 20th of write_overtaken and\n"
      "  the first 20 of interrupt_early, so that something is there to overtake it.\n"
      "  A rule behind the kind: no host may do this, the checkers report it with the host model as the side at fault\n"
      "  (see --keep-going); the others are legal.\n\n";
  for (const FaultInfo& info : sc_model::fault_table()) {
    const std::string rule = info.breaks != nullptr ? fmt::format("breaks {}", info.breaks) : "legal";
    std::string what = info.text;
    if (info.lasts_ps != 0) what += fmt::format(" (for={}us)", info.lasts_ps / sc_model::kPsPerUs);
    text += fmt::format("  {:<21} {:<11} {}\n", info.name, rule, what);
  }
  return text;
}

void check_faults(const Scenario& scenario) {
  for (const FaultEntry& entry : scenario.fault) check_fault(scenario, entry);
}

std::vector<FaultSpec> host_faults(const Scenario& scenario, size_t host) {
  return specs_of(scenario, host, false);
}

std::vector<FaultSpec> wire_faults(const Scenario& scenario, size_t sender) {
  return specs_of(scenario, sender, true);
}

void collect_faults(const sc_model::FaultInjector& injector, const std::string& front, Results& results) {
  for (const FaultInfo& info : sc_model::fault_table()) {
    if (!injector.armed(info.kind)) continue;
    const uint64_t injected = injector.injected(info.kind);
    results.faults.push_back({front + info.name, injected});
    if (info.breaks != nullptr && injected != 0) results.illegal_faults.push_back(front + info.name);
    if (injector.missed(info.kind)) results.missed_faults.push_back(front + info.name);
  }
}

}  // namespace ringside::testbench
