#include "testbench/program/report.h"

#include <fmt/format.h>

#include <algorithm>

#include "testbench/program/progress.h"
#include "testbench/program/violation_host.h"

namespace ringside::testbench {
namespace {

class Table {
 public:
  void row(const std::string& name, const std::string& value) { text_ += fmt::format("  {:<18}{}\n", name, value); }
  void blank() { text_ += '\n'; }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

void add_transfer(Table& table, const TransferResult& t) {
  // Sums of different lengths say nothing about each other.
  const char* verdict = !t.complete ? "(incomplete)" : t.sha256_sent == t.sha256_received ? "equal" : "DIFFERENT";
  table.row("file", t.file);
  table.row("way", fmt::format("{} -> {}", t.from, t.to));
  table.row("bytes", t.complete
                         ? with_commas(t.bytes_received)
                         : fmt::format("{} of {} arrived", with_commas(t.bytes_received), with_commas(t.file_bytes)));
  const std::string written = t.bytes_sent < t.file_bytes ? "  of the " + with_commas(t.bytes_sent) + " written" : "";
  table.row("SHA-256 sent", t.sha256_sent + written);
  table.row("SHA-256 received", fmt::format("{}  {}", t.sha256_received, verdict));
}

void add_time(Table& table, const Results& r) {
  table.row("simulated time", fmt::format("{}, goodput {:.1f} Mb/s", human_time(r.sim_time_ns), r.goodput_mbps()));
  table.row("wall time", fmt::format("{:.2f} s, {:.2f} Mb/s", r.wall_s,
                                     share(static_cast<double>(r.bytes_received()) * 8e-6, r.wall_s)));
  table.row(
      "cycles",
      fmt::format("{} of the core clock, {:.0f} k simulated a second, {:.1f} % slept through",
                  with_commas(r.core_cycles), share(static_cast<double>(r.core_cycles) * 1e-3, r.wall_s),
                  100 - 100 * share(static_cast<double>(r.core_cycles_run), static_cast<double>(r.core_cycles_all))));
}

void add_work(Table& table, const Results& r) {
  table.row("frames", fmt::format("{} sent, {} delivered, {} bytes", with_commas(r.frames),
                                  with_commas(r.frames_delivered), with_commas(r.frame_bytes)));
  table.row("descriptors",
            fmt::format("{} to send, {} received into", with_commas(r.tx_descriptors), with_commas(r.rx_descriptors)));
  table.row("TLPs",
            fmt::format("{}, PCIe efficiency {:.1f} % ({} payload bytes of {} on the links)", with_commas(r.tlps),
                        100 * share(static_cast<double>(r.tlp_payload_bytes), static_cast<double>(r.pcie_bytes)),
                        with_commas(r.tlp_payload_bytes), with_commas(r.pcie_bytes)));
  table.row("interrupts", fmt::format("{}, {:.3f} per packet", with_commas(r.interrupts),
                                      share(static_cast<double>(r.interrupts), static_cast<double>(r.packets))));
  std::string busy;
  for (const Count& cpu : r.cpu_busy_ns) {
    busy += fmt::format("{}{} {:.0f} %", busy.empty() ? "" : ", ", cpu.name,
                        100 * share(static_cast<double>(cpu.value), static_cast<double>(r.sim_time_ns)));
  }
  table.row("CPU busy", busy);
  table.row("bound by", explain_line(r.explanation));
  table.row("retransmissions", with_commas(r.retransmissions));
}

void add_drops(Table& table, const Results& r) {
  std::string line;
  for (const Count& drop : r.drops) {
    if (drop.value != 0) line += fmt::format("{}{} {}", line.empty() ? "" : ", ", drop.name, with_commas(drop.value));
  }
  table.row("drops", line.empty() ? "none" : line);
  std::string faults;
  for (const Count& fault : r.faults)
    faults += fmt::format("{}{} {}", faults.empty() ? "" : ", ", fault.name, with_commas(fault.value));
  if (!faults.empty()) table.row("faults injected", faults);
  for (const std::string& fault : r.illegal_faults)
    if (r.violation_count == 0) table.row("without effect", fault + ": nothing was there that it could harm");
  table.row("rules broken", with_commas(r.violation_count));
}

// The options that record what led to the first violation, when nothing was recorded.
std::string waves_of_first(const Results& r) {
  const sc_model::Violation& v = r.violations.front();
  const auto host = host_of_violation(v.object, r.hosts);
  const bool others =
      std::any_of(r.files.begin(), r.files.end(), [](const auto& file) { return file.first == "waves"; });
  return fmt::format("  its waves: the same line with --wave-window {}ns..{}ns{}{}\n",
                     wave_from_ps(v) / sc_model::kPsPerNs, wave_to_ps(v) / sc_model::kPsPerNs,
                     host ? " --wave-host " + r.hosts[*host] : "", others ? " in place of its wave options" : "");
}

// What led to the first violation is shown, of the others their sentence; the rest stands in result.json.
std::string violations_text(const Results& r) {
  constexpr size_t kShown = 10;
  if (r.violations.empty()) return {};
  std::string text = "\n" + to_text(r.violations.front());
  if (r.wave_host.empty()) text += waves_of_first(r);
  for (size_t i = 1; i < std::min(r.violations.size(), kShown); ++i) text += to_string(r.violations[i]) + "\n";
  if (r.violation_count > kShown) text += fmt::format("and {} more\n", r.violation_count - kShown);
  return text;
}

}  // namespace

std::string to_table(const Results& results) {
  Table table;
  for (const TransferResult& transfer : results.transfers) {
    add_transfer(table, transfer);
    table.blank();
  }
  add_time(table, results);
  add_work(table, results);
  add_drops(table, results);
  table.row("seed", fmt::format("{}", results.seed));
  table.row("digest", results.digest);
  for (const auto& [what, path] : results.files) table.row(what, path);
  table.row("again", results.command);
  return table.take() + violations_text(results);
}

}  // namespace ringside::testbench
