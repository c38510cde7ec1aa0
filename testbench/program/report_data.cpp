#include "testbench/program/report_data.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <vector>

#include "sc_model/violation.h"
#include "testbench/program/report_journeys.h"
#include "testbench/program/report_wave.h"
#include "testbench/program/scenario_reader.h"
#include "testbench/program/violation_host.h"

namespace ringside::testbench {
namespace {

using Json = nlohmann::ordered_json;
using sc_model::TimePs;

constexpr size_t kMostViolations = 20;  // with a picture

Json read_json(const std::string& folder, const char* name, const char* advice) {
  const std::string path = (std::filesystem::path(folder) / name).string();
  std::ifstream file(path);
  if (!file) throw UsageError(fmt::format("cannot read {}: {}", path, advice));
  Json json = Json::parse(file, nullptr, false);
  if (json.is_discarded())
    throw UsageError(fmt::format("{} is not whole: the run was ended before it could write it", path));
  return json;
}

// Counts of a slot, as a rate or a share of the slot.
Json scaled(const Json& counts, double factor) {
  Json rows = Json::array();
  for (const Json& host : counts) {
    Json values = Json::array();
    for (const Json& count : host) values.push_back(count.get<double>() * factor);
    rows.push_back(std::move(values));
  }
  return rows;
}

Json series_of(const Json& recorded) {
  const double slot_ps = recorded.at("slot_ps").get<double>();
  const double mbps_of_bytes = 8e6 / slot_ps;
  return {{"slot_ns", slot_ps / 1e3},
          {"wire_mbps", scaled(recorded.at("wire_bytes"), mbps_of_bytes)},
          {"pcie_to_mbps", scaled(recorded.at("pcie_to_bytes"), mbps_of_bytes)},
          {"pcie_from_mbps", scaled(recorded.at("pcie_from_bytes"), mbps_of_bytes)},
          {"interrupts", recorded.at("interrupts")},
          {"cpu", scaled(recorded.at("cpu_busy_ps"), 1 / slot_ps)}};
}

// Counters by host and whole of the run; what never happened is left out.
Json numbers_of(const Json& result, const char* key) {
  Json numbers = Json::object();
  for (const auto& [name, value] : result.at(key).items())
    if (value != 0) numbers[name] = value;
  return numbers;
}

std::array<std::string, 2> hosts_of(const Json& result) {
  std::array<std::string, 2> hosts = {"h0", "h1"};
  const Json& names = result.at("hosts");
  for (size_t i = 0; i < hosts.size() && i < names.size(); ++i) hosts[i] = names[i];
  return hosts;
}

Json violations_of(const std::string& folder, const Json& result) {
  const std::array<std::string, 2> hosts = hosts_of(result);
  Json violations = Json::array();
  std::vector<PictureWindow> windows;
  for (const Json& v : result.at("violations")) {
    if (violations.size() == kMostViolations) break;
    const auto host = host_of_violation(v.at("object"), hosts);
    windows.push_back({host ? hosts[*host] : "", v.at("wave_from_ns").get<TimePs>() * sc_model::kPsPerNs,
                       v.at("wave_to_ns").get<TimePs>() * sc_model::kPsPerNs});
    violations.push_back(v);
  }
  if (violations.empty()) return violations;
  const std::vector<Json> pins = pin_rows(folder, windows), signals = signal_rows(folder, windows);
  for (size_t i = 0; i < violations.size(); ++i) {
    violations[i]["pins"] = pins[i];
    const bool of_this_nic = windows[i].host == result.value("wave_host", "");
    violations[i]["signals"] = of_this_nic ? signals[i] : Json::array();
  }
  return violations;
}

}  // namespace

Json report_data(const std::string& folder) {
  constexpr const char* kAdvice = "run with --journeys first";
  const Json result = read_json(folder, "result.json", kAdvice);
  if (result.value("outcome", "") == "crashed")
    throw UsageError(
        fmt::format("{}: the run crashed before it had results; `ringside journey` and the captures show how "
                    "far it came",
                    folder));
  const Json recorded = read_json(folder, "series.json", kAdvice);
  JourneyFile file(folder);
  Json data;
  Json& run = data["run"];
  for (const char* key : {"scenario",        "command",          "outcome", "failures",        "seed",
                          "width",           "sim_time_ns",      "wall_s",  "bytes",           "goodput_mbps",
                          "frames",          "frames_delivered", "tlps",    "interrupts",      "packets",
                          "retransmissions", "pcie_efficiency",  "digest",  "violation_count", "transfers"})
    run[key] = result.at(key);
  data["hosts"] = hosts_of(result);
  data["explain"] = result.at("explain");
  data["series"] = series_of(recorded);
  ReportJourneys journeys(hosts_of(result), recorded.at("slot_ps").get<TimePs>(), recorded.at("cpu_busy_ps")[0].size());
  journeys.read(file);
  journeys.put_into(&data["series"], &data);
  data["violations"] = violations_of(folder, result);
  data["drops"] = numbers_of(result, "drops");
  data["counters"] = numbers_of(result, "counters");
  data["versions"] = result.at("versions");
  return data;
}

}  // namespace ringside::testbench
