#include "testbench/program/run_files.h"

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <vector>

#include "sc_model/pcie_link.h"
#include "testbench/program/machine_profile.h"
#include "testbench/program/result_json.h"
#include "testbench/program/scenario_check.h"

namespace ringside::testbench {
namespace {

constexpr size_t kResultBytes = 64 * 1024;  // set aside, so that a full disk still has room for the results

std::array<CaptureInterface, 2> ports_of(const Scenario& scenario) {
  std::array<CaptureInterface, 2> ports;
  for (size_t i = 0; i < ports.size(); ++i) {
    const HostParameters& host = scenario.hosts[i];
    ports[i] = {host.name, "frames sent by the NIC of " + host.name, *parse_mac(host.mac),
                scenario.width == 512 ? uint64_t{100'000'000'000} : uint64_t{10'000'000'000}};
  }
  return ports;
}

std::unique_ptr<TlpCapture> make_tlp_capture(const Scenario& scenario, const std::string& path) {
  std::array<std::string, 2> names;
  std::array<uint64_t, 2> rates;
  for (size_t i = 0; i < names.size(); ++i) {
    const sc_model::HostProfile profile = machine_profile(scenario.hosts[i]);
    names[i] = scenario.hosts[i].name;
    rates[i] = static_cast<uint64_t>(sc_model::LinkRate(profile.generation, profile.lanes).gigabits_per_s() * 1e9);
  }
  return std::make_unique<TlpCapture>(path, names, rates);
}

// What an older run left there, and this one does not write anew, would be taken for this one's. A folder without the
// files that every run has is somebody else's.
void remove_older(const std::filesystem::path& folder, const RunOptions& options) {
  std::vector<const char*> names = {"report.html", "waves.fst"};
  if (!options.json.empty()) names.push_back("result.json");
  if (!options.journeys) names.insert(names.end(), {"journeys.tsv", "trace.json", "series.json"});
  if (!options.capture) names.push_back("capture.pcapng");
  if (!options.tlp_capture) names.push_back("tlps.pcapng");
  if (!options.tlp_log) names.push_back("tlps.txt");
  if (!options.waves.on()) names.push_back("waves.vcd");
  const auto is_there = [&](const char* name) { return std::filesystem::exists(folder / name); };
  if (!is_there("result.json") && !is_there("capture.pcapng")) return;
  for (const char* name : names) {
    std::error_code error;
    std::filesystem::remove(folder / name, error);
    if (error)
      throw OutputError(fmt::format("cannot remove {} of an older run: {}", (folder / name).string(), error.message()));
  }
}

}  // namespace

std::string of_waves(const std::string& name) {
  const char* root = std::getenv("RINGSIDE_ROOT");
  return std::filesystem::proximate(std::filesystem::path(root ? root : ".") / "waves" / name).string();
}

void make_folder(const RunOptions& options) {
  std::error_code error;
  std::filesystem::create_directories(options.out, error);
  if (error) throw OutputError(fmt::format("cannot make directory {}: {}", options.out, error.message()));
}

RunFiles::RunFiles(const Scenario& scenario, const RunOptions& options) {
  const std::filesystem::path folder = options.out;
  remove_older(folder, options);
  json_ = std::make_unique<OutputFile>(options.json.empty() ? (folder / "result.json").string() : options.json);
  json_->reserve(kResultBytes);
  json_->set_crash_text("{\"outcome\": \"crashed\"}\n");
  if (options.capture)
    capture_ = std::make_unique<WireCapture>((folder / "capture.pcapng").string(), ports_of(scenario));
  if (options.tlp_capture) tlp_capture_ = make_tlp_capture(scenario, (folder / "tlps.pcapng").string());
  if (options.tlp_log) tlp_log_ = std::make_unique<TlpLog>((folder / "tlps.txt").string());
  if (options.journeys) series_ = std::make_unique<OutputFile>((folder / "series.json").string());
}

void RunFiles::watch(const Scenario& scenario, const RunOptions& options, Machine& machine) {
  if (options.journeys || options.console)
    journeys_ = std::make_unique<JourneyRecorder>(scenario, options.journeys ? options.out : "", machine);
  PacketNotes* const notes = options.journeys ? journeys_.get() : nullptr;
  if (capture_) {
    capture_->set_notes(notes);
    machine.watch_wire(*capture_);
  }
  if (tlp_capture_) tlp_capture_->set_notes(notes);
  for (size_t i = 0; i < 2; ++i) {
    if (tlp_log_) machine.watch_host(i, tlp_log_->host(i, scenario.hosts[i].name));
    if (tlp_capture_) machine.watch_host(i, tlp_capture_->host(i));
  }
}

std::string RunFiles::error() const {
  if (journeys_ && !journeys_->error().empty()) return journeys_->error();
  if (capture_ && capture_->file().failed()) return capture_->file().error();
  if (series_ && series_->failed()) return series_->error();
  if (tlp_log_ && tlp_log_->file().failed()) return tlp_log_->file().error();
  if (tlp_capture_ && tlp_capture_->file().failed()) return tlp_capture_->file().error();
  return json_->error();
}

void RunFiles::close_captures() {
  if (journeys_) journeys_->close();
  if (tlp_log_) tlp_log_->close();
  if (tlp_capture_) tlp_capture_->close();
  if (capture_) capture_->close();
}

void RunFiles::write_series(const RunSeries& series) {
  if (!series_) return;
  const std::string text = series.to_json();
  series_->append(text.data(), text.size());
  series_->end_record();
  series_->close();
}

void RunFiles::name_files(Results& results) const {
  if (capture_) results.files.emplace_back("capture", capture_->file().path());
  if (tlp_log_) results.files.emplace_back("TLPs", tlp_log_->file().path());
  if (tlp_capture_) {
    const std::string& path = tlp_capture_->file().path();
    results.files.emplace_back("TLP capture", path);
    results.files.emplace_back("in words", fmt::format("tshark -X lua_script:{} -r {}", of_waves("tlp.lua"), path));
  }
  if (journeys_ && series_) {
    results.files.emplace_back("journeys", journeys_->log().file().path());
    results.files.emplace_back("trace", journeys_->log().trace_file().path() + " (open it in ui.perfetto.dev)");
  }
  results.files.emplace_back("results", json_->path());
}

bool RunFiles::write_results(const Results& results) {
  const std::string text = to_json(results);
  json_->append(text.data(), text.size());
  json_->end_record();
  json_->close();
  return !json_->failed();
}

}  // namespace ringside::testbench
