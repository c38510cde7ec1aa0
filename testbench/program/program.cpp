// The program: reads the command line, runs the scenario, prints the table. Exit codes: exit_codes.h.
#include "testbench/program/program.h"

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>

#include "testbench/program/cli.h"
#include "testbench/program/console/console.h"
#include "testbench/program/crash_guard.h"
#include "testbench/program/look_commands.h"
#include "testbench/program/progress.h"
#include "testbench/program/report.h"
#include "testbench/program/rules_text.h"
#include "testbench/program/run.h"
#include "testbench/program/scenario_writer.h"
#include "testbench/program/signals.h"

namespace ringside::testbench {
namespace {

int exit_code(const Results& results) {
  switch (results.outcome) {
    case Outcome::kOk:
      return kExitOk;
    case Outcome::kFailed:
      return kExitFailed;
    case Outcome::kInterrupted:
      return results.signal == 0 ? kExitOk : kExitSignal + results.signal;
  }
  return kExitFailed;
}

// Without a word of when, --vcd and --fst say what the console's `wave` writes.
WaveOptions of_the_run(WaveOptions waves) {
  if (waves.window.empty() && waves.trigger.empty() && waves.last.empty()) waves.vcd = waves.fst = false;
  return waves;
}

int run(const CommandLine& command_line) {
  if (command_line.look.what != Look::kNothing) return look(command_line.look);
  if (command_line.print) {
    std::fputs(to_toml(command_line.scenario, command_line.bug).c_str(), stdout);
    return std::fflush(stdout) == 0 ? kExitOk : kExitFailed;
  }
  std::unique_ptr<Console> console;
  if (command_line.options.console) console = std::make_unique<Console>(command_line.scenario, command_line.options);
  RunOptions options = command_line.options;
  if (console) options.waves = of_the_run(options.waves);
  RunHooks hooks;
  hooks.pilot = console.get();
  const Results results = run_scenario(command_line.scenario, options, hooks);
  if (console && console->failed()) return kExitUsage;
  if (console && results.outcome == Outcome::kInterrupted && results.signal == 0) {
    std::printf("ended at %s; %s holds what was recorded\n", human_time(results.sim_time_ns).c_str(),
                options.out.c_str());
    return kExitOk;
  }
  std::fputs(to_table(results).c_str(), stdout);
  for (const std::string& line : words_of_broken_rules(results)) std::printf("%s\n", line.c_str());
  if (options.bug && results.outcome == Outcome::kOk)
    std::printf("bug %s did no harm here: the demo without --file brings it out\n", command_line.bug.c_str());
  std::fflush(stdout);
  for (const std::string& failure : results.failures) std::fprintf(stderr, "ringside: %s\n", failure.c_str());
  return exit_code(results);
}

}  // namespace

int run_program(int argc, char** argv, const BugShelf* bugs) {
  ::setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 0);
  const ParsedCommandLine parsed = parse_command_line(argc, argv, bugs);
  if (!parsed.command_line) return parsed.exit_code;
  catch_signals();
  catch_crashes();
  try {
    return run(*parsed.command_line);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "ringside: %s\n", error.what());
    return kExitFailed;
  }
}

}  // namespace ringside::testbench
