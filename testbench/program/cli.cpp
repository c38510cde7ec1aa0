#include "testbench/program/cli.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "testbench/program/bug_shelf.h"
#include "testbench/program/fault_option.h"
#include "testbench/program/option_words.h"
#include "testbench/program/results.h"
#include "testbench/program/rules_text.h"
#include "testbench/program/scenario_check.h"
#include "testbench/program/scenario_reader.h"

namespace ringside::testbench {
namespace {

// What the options are written into; the rest of the file turns it into a CommandLine.
struct Given {
  Overrides overrides;
  LookOptions look;
  RunOptions options;
  std::string scenario_file;
  std::vector<std::string> faults;
  std::string bug;
  bool no_capture = false;
  bool print = false;
};

void add_scenario_options(CLI::App& app, Given& given) {
  Overrides& o = given.overrides;
  app.add_option("--seed", o.seed, "Of every random choice in the run")
      ->type_name("N")
      ->check(CLI::Range(uint64_t{0}, uint64_t{INT64_MAX}));
  app.add_option("--width", o.width, "Data path of the NICs in bits: 64 (10 Gb/s) or 512 (100 Gb/s)")
      ->type_name("BITS")
      ->check(CLI::IsMember({64u, 512u}));
  const auto chance = [&app](const char* name, std::optional<double>& value, const char* text) {
    app.add_option(name, value, text)->type_name("P")->check(CLI::Range(0.0, 1.0))->check(not_nan());
  };
  chance("--loss", o.loss, "Chance that the wire loses a frame");
  chance("--duplicate", o.duplicate, "... delivers it twice");
  chance("--reorder", o.reorder, "... delivers it behind later ones");
  chance("--corrupt", o.corrupt, "... flips a bit of it");
  app.add_option("--fault", given.faults,
                 "Something goes wrong on purpose; --fault help lists what, and how to say when")
      ->type_name("KIND[@HOST][:k=N|p=P|t=TIME]...")
      ->allow_extra_args(false);
  app.add_option("--duration-ms", o.duration_ms, "Simulated time after which the run fails")
      ->type_name("MS")
      ->check(CLI::Range(1u, 1'000'000'000u));
  app.add_flag("--no-sleep", o.no_sleep, "Clock the NICs while they are at rest too: slower, same results");
  app.add_flag("--no-check", o.no_check, "Without the rule checkers");
  app.add_flag("--keep-going", o.keep_going, "Broken rules do not end the run; it fails at its end");
}

void add_run_options(CLI::App& app, Given& given) {
  RunOptions& r = given.options;
  app.add_option("--out", r.out, "Directory for the run's files (default: out/NAME)")->type_name("DIR");
  app.add_option("--json", r.json, "Where the results go (default: result.json in --out)")->type_name("FILE");
  app.add_flag("--no-capture", given.no_capture, "Without capture.pcapng");
  app.add_flag("--tlp-log", r.tlp_log, "Write tlps.txt: every TLP as a line of text");
  app.add_flag("--tlp-capture", r.tlp_capture, "Write tlps.pcapng: every TLP, on the clock of capture.pcapng");
  app.add_flag("--journeys", r.journeys,
               "Follow each packet: journeys.tsv, trace.json for ui.perfetto.dev, ids in the captures");
  add_wave_options(app, r.waves);
  app.add_option("--bug", given.bug, "Build this bug into a NIC or a driver on purpose; list: print them all")
      ->type_name("ID");
  app.add_flag("--print", given.print, "Print the scenario as a file instead of running it");
}

std::string shell_word(const std::string& word) {
  const bool plain = !word.empty() && word.find_first_not_of(
                                          "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_=+./:,%@") ==
                                          std::string::npos;
  if (plain) return word;
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? "'\\''" : std::string(1, c);
  return quoted + "'";
}

// The words as given, by the name the user called us by, and with the seed if it was left out.
std::string repeating_command(int argc, char** argv, const Given& given, const Scenario& scenario) {
  const char* front = std::getenv("RINGSIDE_COMMAND");
  std::string command = shell_word(front ? front : argv[0]);
  for (int i = 1; i < argc; ++i) command += " " + shell_word(argv[i]);
  if (!given.overrides.seed) command += fmt::format(" --seed {}", scenario.seed);
  return command;
}

// The flight recorder without --wave-host takes the host at fault, whichever that is.
void check_bug_is_seen(const CommandLine& line) {
  const WaveOptions& waves = line.options.waves;
  if (!line.options.bug || !waves.on()) return;
  const bool any = waves.flight() && waves.host.empty();
  for (size_t host = 0; host < line.scenario.hosts.size(); ++host)
    if ((any || host == wave_host(waves, line.scenario)) && line.options.bug->in_nic(host))
      throw UsageError(fmt::format("--bug {}: the NIC of {} with a bug is built without signals; --wave-host of another host",
                                   line.bug, line.scenario.hosts[host].name));
}

CommandLine to_command_line(Given given, bool is_run, int argc, char** argv, const BugShelf* bugs) {
  CommandLine result;
  result.look = given.look;
  if (given.look.what == Look::kRules) rules_text(given.look.asked);  // a rule that is none is a wrong option
  if (given.look.what != Look::kNothing) return result;
  result.scenario = is_run ? read_scenario(given.scenario_file) : demo_scenario();
  if (!given.bug.empty()) {
    if (!bugs) throw UsageError("no bugs are built into this program; the script ringside takes the one with bugs");
    given.options.bug = bugs->take(given.bug);
    if (!is_run) given.options.bug->prepare(result.scenario);
    given.options.bug->install(result.scenario);
  }
  for (const std::string& fault : given.faults) given.overrides.faults.push_back(parse_fault(fault));
  apply(given.overrides, result.scenario);
  check_faults(result.scenario);
  if (given.options.bug) given.options.bug->check(result.scenario);
  if (!given.options.console_file.empty() && !std::ifstream(given.options.console_file))
    throw UsageError(fmt::format("cannot read {}", given.options.console_file));
  result.options = given.options;
  result.options.capture = !given.no_capture;
  if (result.options.out.empty()) {
    result.options.out =
        (std::filesystem::path("out") / (result.scenario.name.empty() ? "run" : result.scenario.name)).string();
  }
  result.options.command = repeating_command(argc, argv, given, result.scenario);
  result.print = given.print;
  result.bug = given.bug;
  check_wave_options(result.options.waves, result.scenario);
  check_bug_is_seen(result);
  return result;
}

void add_look_commands(CLI::App& app, Given& given) {
  const auto add = [&](const char* name, Look what, const char* text) {
    CLI::App* sub = app.add_subcommand(name, text);
    sub->callback([&given, what] { given.look.what = what; });
    return sub;
  };
  const auto add_folder = [&](CLI::App* sub) {  // after the positionals that come before it
    sub->add_option("--out,dir", given.look.out, "Directory of the run's files")
        ->type_name("DIR")
        ->capture_default_str();
  };
  CLI::App* journey = add("journey", Look::kJourney, "Print one packet's way, step by step, of a run with --journeys");
  journey->add_option("packet", given.look.packet, "Its id: as in the comments of the captures")
      ->required()
      ->type_name("N")
      ->check(CLI::Range(uint64_t{1}, uint64_t{INT64_MAX}));
  add_folder(journey);
  add_folder(add("report", Look::kReport,
                 "Make report.html, one page without anything from outside, of a run with --journeys"));
  add_folder(add("explain", Look::kExplain,
                 "Print a run's throughput beside its limits, and what its time was spent waiting for"));
  add("rules", Look::kRules, "Print what the rules of the checkers ask")
      ->add_option("rules", given.look.asked, "Which: D13, or I for all of interrupts (default: all)")
      ->type_name("RULE...");
}

// An empty word, of a variable that is not set, would read as not given: `run ""` as the demo.
void refuse_empty_words(CLI::App& app) {
  const CLI::Validator not_empty([](std::string& word) { return word.empty() ? "is empty" : ""; }, "");
  for (CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; }))
    for (CLI::Option* option : sub->get_options())
      if (option->get_items_expected_max() > 0) option->check(not_empty);
}

bool is_command(const CLI::App& app, const std::string& word) {
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; }))
    if (sub->get_name() == word) return true;
  return false;
}

}  // namespace

void apply(const Overrides& o, Scenario& scenario) {
  const auto set = [](const auto& from, auto& to) {
    if (from) to = *from;
  };
  set(o.seed, scenario.seed);
  set(o.width, scenario.width);
  set(o.loss, scenario.faults.loss);
  set(o.duplicate, scenario.faults.duplicate);
  set(o.reorder, scenario.faults.reorder);
  set(o.corrupt, scenario.faults.corrupt);
  set(o.duration_ms, scenario.limits.duration_ms);
  scenario.fault.insert(scenario.fault.end(), o.faults.begin(), o.faults.end());
  if (o.no_sleep) scenario.sleep = false;
  if (o.no_check) scenario.check = false;
  if (o.keep_going) scenario.expect.keep_going = true;
  if (!o.file) return;
  for (ApplicationParameters& application : scenario.applications) {
    if (application.kind == "send_file") application.file = std::filesystem::absolute(*o.file).string();
  }
}

ParsedCommandLine parse_command_line(int argc, char** argv, const BugShelf* bugs) {
  Given given;
  CLI::App app("A NIC in Verilog, its driver and a TCP/IP stack, simulated in one process.", "ringside");
  app.require_subcommand(1);
  app.set_version_flag("--version", [] { return package_versions().front().second; });
  CLI::App* demo = app.add_subcommand("demo", "Send a file from one simulated host to another");
  demo->add_option("--file", given.overrides.file, "What to send (default: this program)")->type_name("PATH");
  CLI::App* run = app.add_subcommand("run", "Run a scenario file; start from: ringside demo --print > my.toml");
  run->add_option("scenario", given.scenario_file, "TOML file, - for the standard input")
      ->required()
      ->type_name("FILE");
  run->add_option("--file", given.overrides.file, "What the senders send instead")->type_name("PATH");
  CLI::App* console = app.add_subcommand("console", "Step a run, look into it, stop it at breakpoints");
  console->add_option("scenario", given.scenario_file, "TOML file (default: the demo)")->type_name("FILE");
  console->add_option("--file", given.overrides.file, "What the senders send instead")->type_name("PATH");
  console->add_option("-x,--commands", given.options.console_file, "Commands to begin with, one a line")
      ->type_name("FILE");
  for (CLI::App* sub : {demo, run, console}) {
    add_scenario_options(*sub, given);
    add_run_options(*sub, given);
  }
  add_look_commands(app, given);
  refuse_empty_words(app);
  if (argc > 1 && argv[1][0] != '-' && !is_command(app, argv[1]))
    return {std::nullopt, complain(fmt::format("unknown command \"{}\" (see --help)", argv[1]))};
  if (const auto code = parse_options(app, argc, argv)) return {std::nullopt, *code};
  try {
    if (std::find(given.faults.begin(), given.faults.end(), "help") != given.faults.end()) {
      std::fputs(fault_help().c_str(), stdout);
      return {std::nullopt, kExitOk};
    }
    if (bugs && given.bug == "list") {
      std::fputs(bugs->list().c_str(), stdout);
      return {std::nullopt, kExitOk};
    }
    given.options.console = console->parsed();
    return {to_command_line(given, !given.scenario_file.empty(), argc, argv, bugs), kExitOk};
  } catch (const UsageError& error) {
    return {std::nullopt, complain(error.what())};
  }
}

}  // namespace ringside::testbench
