// What of the NICs' signals is recorded, and when: the options --vcd, --fst and --wave-* as plain data.
#ifndef RINGSIDE_TESTBENCH_PROGRAM_WAVE_OPTIONS_H_
#define RINGSIDE_TESTBENCH_PROGRAM_WAVE_OPTIONS_H_

#include <optional>
#include <string>
#include <vector>

#include "sc_model/sim_time.h"
#include "testbench/program/scenario.h"

namespace CLI {
class App;
}

namespace ringside::testbench {

struct WaveWindow {
  sc_model::TimePs from_ps = 0, to_ps = 0;
};

// As given. Empty strings: not given.
struct WaveOptions {
  bool vcd = false, fst = false;
  std::string host;    // whose NIC; empty: the first sender's
  std::string window;  // "FROM..TO"
  std::vector<std::string> scopes;
  std::string trigger, before, after;  // --wave-on and the stretch round it
  std::string last;                    // --wave-last

  bool on() const { return vcd || fst || !window.empty() || !trigger.empty() || !last.empty(); }
  // By snapshots and replay (flight_recorder.h); else the window is known before the run.
  bool flight() const { return !last.empty() || (!trigger.empty() && trigger.compare(0, 5, "time=") != 0); }
};

void add_wave_options(CLI::App& app, WaveOptions& waves);
// Throws UsageError.
void check_wave_options(const WaveOptions& waves, const Scenario& scenario);

// How much is recorded before and after the moment that --wave-on or --wave-last is about.
sc_model::TimePs wave_before_ps(const WaveOptions& waves);
sc_model::TimePs wave_after_ps(const WaveOptions& waves);
// The window that is known before the run: --wave-window, --wave-on time=T, or else a stretch early in the demo's
// transfer.
WaveWindow wave_window(const WaveOptions& waves);
// "170us", "0.5ms", "3000" (ns), "12ps" in ps. Throws UsageError, which names the option.
sc_model::TimePs parse_time(const std::string& text, const std::string& option);
// The paths of the instances that a scope means: an instance's path or the end of it ("u_rx", "u_csr.u_irq"), or the
// name of a module ("rx_engine"). Empty: there is none.
std::vector<std::string> scope_paths(const std::string& scope);
// Whose NIC is recorded when nobody says: the first sender's.
size_t wave_host(const WaveOptions& waves, const Scenario& scenario);

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_PROGRAM_WAVE_OPTIONS_H_
