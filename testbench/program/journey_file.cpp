#include "testbench/program/journey_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <vector>

#include "testbench/program/journey_log.h"
#include "testbench/program/progress.h"
#include "testbench/program/scenario_reader.h"

namespace ringside::testbench {
namespace {

using sc_model::TimePs;

constexpr size_t kTextColumns = 15;  // before the steps

std::vector<std::string> split(const std::string& line) {
  std::vector<std::string> fields;
  for (size_t at = 0;;) {
    const size_t tab = line.find('\t', at);
    fields.push_back(line.substr(at, tab - at));
    if (tab == std::string::npos) return fields;
    at = tab + 1;
  }
}

uint64_t number(const std::string& text) {
  return std::strtoull(text.c_str(), nullptr, 10);
}

std::string nanoseconds(TimePs ps) {
  return fmt::format("{}.{:03}", with_commas(ps / sc_model::kPsPerNs), ps % sc_model::kPsPerNs);
}

std::string heading(const JourneyLine& line) {
  const Journey& j = line.journey;
  std::string text = fmt::format("packet {}: {}\n{} to {}, {}, {} octets on the wire", j.id, line.head, line.from,
                                 line.to, line.fate, with_commas(j.bytes));
  if (j.write != 0) text += fmt::format(", write {}", j.write);
  if (j.timer) text += ", sent by an ACK or a timer (T11)";
  if (j.group_size > 1)
    text += fmt::format("\nnumber {} of {} that the NIC cut from one large packet ({} to {})", j.id - j.group + 1,
                        j.group_size, j.group, j.group + j.group_size - 1);
  return text + fmt::format("\nTX queue {}, entry {}; RX queue {}, return entry {}\n", j.tx_queue, j.tx_idx, j.rx_queue,
                            j.ret_idx);
}

}  // namespace

JourneyFile::JourneyFile(const std::string& folder) {
  const std::string path = (std::filesystem::path(folder) / "journeys.tsv").string();
  file_.open(path);
  std::string columns;
  if (!file_ || !std::getline(file_, columns))
    throw UsageError(fmt::format("cannot read {}: run with --journeys first", path));
  if (columns != journey_columns()) throw UsageError(fmt::format("{} is of another version of this program", path));
}

bool JourneyFile::next(JourneyLine* line) {
  std::string text;
  if (!std::getline(file_, text) || file_.eof()) return false;  // eof: the line has no end
  const std::vector<std::string> f = split(text);
  if (f.size() != kTextColumns + kJourneySteps) return false;
  Journey& j = line->journey;
  j.id = number(f[0]);
  j.write = number(f[1]);
  j.group = number(f[2]);
  j.group_size = static_cast<uint32_t>(number(f[3]));
  line->from = f[4];
  line->to = f[5];
  j.tx_queue = static_cast<uint8_t>(number(f[6]));
  j.tx_idx = static_cast<uint32_t>(number(f[7]));
  j.rx_queue = static_cast<uint8_t>(number(f[8]));
  j.ret_idx = static_cast<uint32_t>(number(f[9]));
  j.bytes = static_cast<uint32_t>(number(f[10]));
  j.head.payload = static_cast<uint32_t>(number(f[11]));
  line->fate = f[12];
  j.timer = f[13] == "1";
  line->head = f[14];
  for (size_t i = 0; i < kJourneySteps; ++i) j.at[i] = number(f[kTextColumns + i]);
  return true;
}

std::optional<JourneyLine> JourneyFile::find(uint64_t id) {
  JourneyLine line;
  while (next(&line)) {
    if (line.journey.id == id) return line;
  }
  return std::nullopt;
}

std::string to_table(const JourneyLine& line) {
  const Journey& j = line.journey;
  std::vector<size_t> way;
  for (size_t i = 0; i < kWaySteps; ++i)
    if (j.at[i] != 0) way.push_back(i);
  std::string text = heading(line) + fmt::format("\n  {:<5}{:<13}{:<42}{:>17}{:>14}{:>9}\n", "step", "place",
                                                 "what has happened", "time, ns", "took, ns", "share");
  const TimePs whole = way.empty() ? 0 : j.at[way.back()] - j.at[way.front()];
  for (size_t n = 0; n < way.size(); ++n) {
    const JourneyStepName& name = name_of(static_cast<JourneyStep>(way[n]));
    text += fmt::format("  {:<5}{:<13}{:<42}{:>17}", name.path, to_string(name.place), name.text,
                        nanoseconds(j.at[way[n]]));
    if (n > 0) {
      const TimePs took = j.at[way[n]] - j.at[way[n - 1]];
      text += fmt::format("{:>14}{:>8.1f}%", nanoseconds(took),
                          whole == 0 ? 0 : 100.0 * static_cast<double>(took) / static_cast<double>(whole));
    }
    text += '\n';
  }
  text += fmt::format("  {:<77}{:>14}{:>8.1f}%\n", "sum", nanoseconds(whole), 100.0);
  bool first = true;
  for (size_t i = kWaySteps; i < kJourneySteps; ++i) {
    if (j.at[i] == 0) continue;
    if (first) text += "\n  beside the way\n";
    first = false;
    const JourneyStepName& name = name_of(static_cast<JourneyStep>(i));
    text +=
        fmt::format("  {:<5}{:<13}{:<42}{:>17}\n", name.path, to_string(name.place), name.text, nanoseconds(j.at[i]));
  }
  return text;
}

}  // namespace ringside::testbench
