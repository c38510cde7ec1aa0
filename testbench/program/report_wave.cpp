#include "testbench/program/report_wave.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

namespace ringside::testbench {
namespace {

using Json = nlohmann::ordered_json;
using sc_model::TimePs;

constexpr size_t kMostSpans = 400, kMostChanges = 1500;

// Signals at the edges of the NIC's parts, in the order in which a packet meets them.
constexpr std::array<const char*, 20> kSignals = {
    "csr_valid",  "csr_write",    "csr_addr",     "csr_wdata", "q_tx_prod", "dr_req_valid", "rdreq_valid",
    "rdreq_addr", "rdreq_tag",    "cpl_valid",    "cpl_tag",   "q_tx_cons", "wr_req_valid", "st_req_valid",
    "st_req_len", "tlp_rx_valid", "tlp_tx_valid", "xgmii_txc", "xgmii_rxc", "idle_o"};

std::ifstream open_in(const std::string& folder, const char* name) {
  return std::ifstream((std::filesystem::path(folder) / name).string());
}

TimePs ps_of_us(const Json& us) {
  return static_cast<TimePs>(std::llround(us.get<double>() * 1e6));
}

// The tracks of a trace, by process and thread.
struct Tracks {
  std::map<int, std::string> processes;
  std::map<std::pair<int, int>, std::string> threads;
};

bool shows(const PictureWindow& window, const Tracks& tracks, int process) {
  const auto name = tracks.processes.find(process);
  return name != tracks.processes.end() && (name->second == window.host || name->second.rfind("wire", 0) == 0);
}

void add_span(Json& rows, const std::string& name, TimePs from, TimePs to, const std::string& text) {
  for (Json& row : rows) {
    if (row["name"] != name) continue;
    if (row["spans"].size() < kMostSpans) row["spans"].push_back({from, to, text});
    return;
  }
  rows.push_back({{"name", name}, {"spans", Json::array({Json::array({from, to, text})})}});
}

void read_event(const Json& event, Tracks& tracks, const std::vector<PictureWindow>& windows, std::vector<Json>& rows) {
  const std::string phase = event.at("ph");
  const int process = event.value("pid", 0), thread = event.value("tid", 0);
  if (phase == "M" && event.at("name") == "process_name") tracks.processes[process] = event.at("args").at("name");
  if (phase == "M" && event.at("name") == "thread_name")
    tracks.threads[{process, thread}] = event.at("args").at("name");
  if (phase != "X") return;
  const TimePs from = ps_of_us(event.at("ts")), to = from + ps_of_us(event.at("dur"));
  const std::string& track = tracks.threads[{process, thread}];
  const std::string& where = tracks.processes[process];
  for (size_t i = 0; i < windows.size(); ++i) {
    if (to < windows[i].from_ps || from > windows[i].to_ps || !shows(windows[i], tracks, process)) continue;
    const bool pins = track.rfind("TLPs", 0) == 0 || track.rfind("wire", 0) == 0;
    if (pins) add_span(rows[i], track == "wire" ? where : track, from, to, event.at("name"));
  }
}

// ---------------------------------------------------------------- VCD

struct Signal {
  std::string name;
  unsigned bits = 1;
};

// Names of the scopes are left out: each signal is looked for by its own, the first one found counts.
std::map<std::string, Signal> read_header(std::istream& vcd) {
  std::map<std::string, Signal> wanted;
  std::vector<std::string> taken;
  for (std::string line; std::getline(vcd, line) && line.find("$enddefinitions") == std::string::npos;) {
    std::istringstream words(line);
    std::string keyword, type, code, name;
    unsigned bits = 0;
    if (!(words >> keyword) || keyword != "$var" || !(words >> type >> bits >> code >> name)) continue;
    const bool known = std::find(kSignals.begin(), kSignals.end(), name) != kSignals.end();
    if (!known || std::find(taken.begin(), taken.end(), name) != taken.end()) continue;
    taken.push_back(name);
    wanted[code] = {name, bits};
  }
  return wanted;
}

std::string hex_of(const std::string& binary) {
  std::string hex;
  for (size_t end = binary.size(); end > 0; end -= std::min<size_t>(end, 4)) {
    const std::string digit = binary.substr(end - std::min<size_t>(end, 4), std::min<size_t>(end, 4));
    if (digit.find_first_not_of("01") != std::string::npos)
      hex.insert(hex.begin(), 'x');
    else
      hex.insert(hex.begin(), "0123456789abcdef"[std::stoi(digit, nullptr, 2)]);
  }
  hex.erase(0, std::min(hex.find_first_not_of('0'), hex.size() - 1));
  return hex;
}

// Changes of the wanted signals in each window; the value at its start is a change at its start.
class VcdWindows {
 public:
  VcdWindows(const std::map<std::string, Signal>& signals, const std::vector<PictureWindow>& windows)
      : signals_(signals), windows_(windows), changes_(windows.size()) {}

  void read(std::istream& vcd) {
    TimePs now = 0;
    for (std::string line; std::getline(vcd, line);) {
      if (line.empty() || line[0] == '$') continue;
      if (line[0] == '#') {
        now = std::stoull(line.substr(1));
        first_ = std::min(first_, now);
        last_ = now;
        continue;
      }
      const size_t space = line.find(' ');
      const bool vector = line[0] == 'b' && space != std::string::npos;
      const std::string code = line.substr(vector ? space + 1 : 1);
      if (signals_.find(code) == signals_.end()) continue;
      change(now, code, vector ? hex_of(line.substr(1, space - 1)) : line.substr(0, 1));
    }
  }

  Json rows(size_t window) const {
    Json rows = Json::array();
    if (first_ > windows_[window].to_ps || last_ < windows_[window].from_ps) return rows;
    for (const char* name : kSignals) {
      for (const auto& [code, signal] : signals_) {
        const auto at = changes_[window].find(code);
        if (signal.name == name && at != changes_[window].end())
          rows.push_back({{"name", signal.name}, {"bits", signal.bits}, {"changes", at->second}});
      }
    }
    return rows;
  }

 private:
  void change(TimePs now, const std::string& code, const std::string& value) {
    for (size_t i = 0; i < windows_.size(); ++i) {
      if (now > windows_[i].to_ps) continue;
      Json& changes = changes_[i][code];
      if (now <= windows_[i].from_ps)
        changes = Json::array({Json::array({windows_[i].from_ps, value})});
      else if (changes.size() < kMostChanges)
        changes.push_back({now, value});
    }
  }

  const std::map<std::string, Signal>& signals_;
  const std::vector<PictureWindow>& windows_;
  std::vector<std::map<std::string, Json>> changes_;
  TimePs first_ = sc_model::kNever, last_ = 0;
};

}  // namespace

std::vector<Json> pin_rows(const std::string& folder, const std::vector<PictureWindow>& windows) {
  std::vector<Json> rows(windows.size(), Json::array());
  std::ifstream file = open_in(folder, "trace.json");
  Tracks tracks;
  for (std::string line; std::getline(file, line);) {  // an event a line, as JourneyTrace writes them
    if (!line.empty() && line.back() == ',') line.pop_back();
    const Json event = Json::parse(line, nullptr, false);
    if (event.is_object()) read_event(event, tracks, windows, rows);
  }
  return rows;
}

std::vector<Json> signal_rows(const std::string& folder, const std::vector<PictureWindow>& windows) {
  std::ifstream file = open_in(folder, "waves.vcd");
  const std::map<std::string, Signal> signals = read_header(file);
  VcdWindows vcd(signals, windows);
  vcd.read(file);
  std::vector<Json> rows;
  for (size_t i = 0; i < windows.size(); ++i) rows.push_back(vcd.rows(i));
  return rows;
}

}  // namespace ringside::testbench
