// The command line: sub-commands, options, and how they change a scenario.
#ifndef RINGSIDE_TESTBENCH_PROGRAM_CLI_H_
#define RINGSIDE_TESTBENCH_PROGRAM_CLI_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "testbench/program/exit_codes.h"
#include "testbench/program/scenario.h"
#include "testbench/program/wave_options.h"

namespace ringside::testbench {

class BugShelf;
class SwitchedBug;

// Values of a scenario that the command line changes; what is not given stays.
struct Overrides {
  std::optional<std::string> file;
  std::optional<uint64_t> seed;
  std::optional<uint32_t> width;
  std::optional<double> loss, duplicate, reorder, corrupt;
  std::vector<FaultEntry> faults;  // beside those of the scenario
  std::optional<uint32_t> duration_ms;
  bool no_sleep = false;
  bool no_check = false;
  bool keep_going = false;  // violations do not end the run, they fail it at its end
};

struct RunOptions {
  std::string out;   // directory for the run's files
  std::string json;  // empty: result.json in `out`
  bool capture = true;
  bool tlp_log = false;
  bool tlp_capture = false;
  bool journeys = false;
  bool quiet = false;        // no progress
  bool console = false;      // stop and ask (console/)
  std::string console_file;  // commands to begin with; empty: none
  WaveOptions waves;
  std::shared_ptr<SwitchedBug> bug;  // null: none
  std::string command;               // repeats the run
};

// Sub-commands that look at the files of a finished run, or at the rules.
enum class Look : uint8_t { kNothing, kJourney, kExplain, kReport, kRules };
struct LookOptions {
  Look what = Look::kNothing;
  std::string out = "out/demo";    // of that run
  uint64_t packet = 0;             // journey: its id
  std::vector<std::string> asked;  // rules: which; empty: all
};

struct CommandLine {
  LookOptions look;  // if it is nothing: a run
  Scenario scenario;
  RunOptions options;
  bool print = false;  // the scenario instead of a run
  std::string bug;     // ... which knows nothing of bugs: as given, empty: none
};

// Either a command line to execute, or the exit code of one that is done (--help, --version, a wrong option).
struct ParsedCommandLine {
  std::optional<CommandLine> command_line;
  int exit_code = 0;
};

// Prints help to the standard output and what is wrong, in one line, to the standard error output. `bugs`: what --bug
// takes from; null: this program has none.
ParsedCommandLine parse_command_line(int argc, char** argv, const BugShelf* bugs = nullptr);

void apply(const Overrides& overrides, Scenario& scenario);

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_PROGRAM_CLI_H_
