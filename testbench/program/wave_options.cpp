#include "testbench/program/wave_options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cmath>
#include <optional>

#include "testbench/program/scenario_check.h"
#include "testbench/program/scenario_reader.h"
#include "testbench/program/time_text.h"
#include "testbench/program/wave_fst.h"
#include "testbench/program/wave_scopes.h"
#include "testbench/program/wave_trigger.h"

namespace ringside::testbench {
namespace {

using sc_model::TimePs;

// Shows packets of the demo on their whole way out at either width, from doorbell to MSI-X message: early in the
// transfer, while bursts are short and apart from each other.
constexpr TimePs kDemoFromPs = 188 * sc_model::kPsPerUs, kDemoPs = 20 * sc_model::kPsPerUs;

constexpr TimePs kRoundPs = 10 * sc_model::kPsPerUs;  // before and after a trigger

bool ends_with_path(const std::string& path, const std::string& end) {
  if (path.size() < end.size() || path.compare(path.size() - end.size(), end.size(), end) != 0) return false;
  return path.size() == end.size() || path[path.size() - end.size() - 1] == '.';
}

WaveWindow parse_window(const std::string& text) {
  const size_t dots = text.find("..");
  if (dots == std::string::npos) throw UsageError(fmt::format("--wave-window {}: must be like 188us..208us", text));
  WaveWindow window;
  window.from_ps = parse_time(text.substr(0, dots), "--wave-window");
  window.to_ps = parse_time(text.substr(dots + 2), "--wave-window");
  if (window.from_ps >= window.to_ps) throw UsageError(fmt::format("--wave-window {}: begins after its end", text));
  return window;
}

}  // namespace

void add_wave_options(CLI::App& app, WaveOptions& waves) {
  app.add_flag("--vcd", waves.vcd, "Record the signals of a NIC as waves.vcd")->group("Waves");
  app.add_flag("--fst", waves.fst, "... as waves.fst, which is smaller (default of the options below)")->group("Waves");
  app.add_option("--wave-window", waves.window, "When, in simulated time (default: 188us..208us)")
      ->type_name("FROM..TO")
      ->group("Waves");
  app.add_option("--wave-on", waves.trigger,
                 "... or round a moment: rule, rule=P4, frame=N of the capture, descriptor=I, register=NAME, time=T")
      ->type_name("WHAT")
      ->group("Waves");
  app.add_option("--wave-before", waves.before, "How much before that moment (default: 10us)")
      ->type_name("T")
      ->group("Waves");
  app.add_option("--wave-after", waves.after, "... and after it (default: 10us)")->type_name("T")->group("Waves");
  app.add_option("--wave-last", waves.last,
                 "Flight recorder: the last T before a broken rule, a failed run, a crash or Ctrl-C")
      ->type_name("T")
      ->group("Waves");
  app.add_option("--wave-scope", waves.scopes, "Only these modules or instances, and what is in them: rx_engine,u_irq")
      ->type_name("NAME")
      ->delimiter(',')
      ->group("Waves");
  app.add_option("--wave-host", waves.host, "Whose NIC (default: the sender's)")->type_name("HOST")->group("Waves");
}

void check_wave_options(const WaveOptions& waves, const Scenario& scenario) {
  if (!waves.host.empty() && !host_index(scenario, waves.host)) {
    throw UsageError(fmt::format("--wave-host {}: there is no such host", waves.host));
  }
  if (waves.fst && !have_fst()) throw UsageError("--fst: this build has no FST writer (it comes with zlib); use --vcd");
  if (!waves.window.empty()) parse_window(waves.window);
  if (!waves.trigger.empty()) WaveTrigger checked(waves.trigger);
  if (!waves.last.empty() && parse_time(waves.last, "--wave-last") == 0) throw UsageError("--wave-last 0: of nothing");
  wave_before_ps(waves);
  wave_after_ps(waves);
  if (!waves.window.empty() + !waves.trigger.empty() + !waves.last.empty() > 1)
    throw UsageError("--wave-window, --wave-on, --wave-last: one of them");
  if (waves.trigger.empty() && !(waves.before.empty() && waves.after.empty()))
    throw UsageError("--wave-before, --wave-after: round what? They go with --wave-on");
  for (const std::string& scope : waves.scopes) {
    if (scope_paths(scope).empty()) throw UsageError(fmt::format("--wave-scope {}: no module or instance", scope));
  }
}

TimePs wave_before_ps(const WaveOptions& waves) {
  if (!waves.last.empty()) return parse_time(waves.last, "--wave-last");
  return waves.before.empty() ? kRoundPs : parse_time(waves.before, "--wave-before");
}

TimePs wave_after_ps(const WaveOptions& waves) {
  if (!waves.last.empty()) return sc_model::kWaveAfterPs;
  return waves.after.empty() ? kRoundPs : parse_time(waves.after, "--wave-after");
}

WaveWindow wave_window(const WaveOptions& waves) {
  if (!waves.trigger.empty()) {
    const TimePs at = WaveTrigger(waves.trigger).time_ps(), before = wave_before_ps(waves);
    return {at > before ? at - before : 0, at + wave_after_ps(waves)};
  }
  return waves.window.empty() ? WaveWindow{kDemoFromPs, kDemoFromPs + kDemoPs} : parse_window(waves.window);
}

TimePs parse_time(const std::string& text, const std::string& option) {
  const std::optional<TimeText> time = read_time(text);
  if (!time || time->ps >= 1e18)
    throw UsageError(fmt::format("{} {}: not a time like 50us, 0.5ms, 1200 (ns; ps, ns, us, ms, s)", option, text));
  return static_cast<TimePs>(std::llround(time->ps));
}

std::vector<std::string> scope_paths(const std::string& scope) {
  std::vector<std::string> paths;
  for (const WaveScope& row : kWaveScopes) {
    if (scope == row.module || ends_with_path(row.path, scope)) paths.push_back(row.path);
  }
  return paths;
}

size_t wave_host(const WaveOptions& waves, const Scenario& scenario) {
  if (!waves.host.empty()) return *host_index(scenario, waves.host);
  for (const ApplicationParameters& application : scenario.applications) {
    if (application.kind == "send_file") return *host_index(scenario, application.host);
  }
  return 0;
}

}  // namespace ringside::testbench
