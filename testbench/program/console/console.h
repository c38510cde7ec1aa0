// The console: stands between the run loop and a user. Each time the run is about to go on, it is asked how far; it
// reads commands until one of them lets time pass.
//
//   ConsoleOptions -> Console -> LineSource (lines), Command (words), Stepper (where to stop), EventFeed (what
//   happens),
//                                Looker (what is shown), ConsoleWaves
//
// Passive: a run through it is the same run, whatever is looked at and wherever it stops; same digest, same files.
#ifndef RINGSIDE_TESTBENCH_PROGRAM_CONSOLE_CONSOLE_H_
#define RINGSIDE_TESTBENCH_PROGRAM_CONSOLE_CONSOLE_H_

#include <array>
#include <memory>
#include <optional>
#include <string>

#include "testbench/program/cli.h"
#include "testbench/program/console/command.h"
#include "testbench/program/console/console_waves.h"
#include "testbench/program/console/event_feed.h"
#include "testbench/program/console/line_source.h"
#include "testbench/program/console/looker.h"
#include "testbench/program/console/stepper.h"
#include "testbench/program/run.h"

namespace ringside::testbench {

class Console : public RunPilot {
 public:
  // Throws UsageError: the file of commands cannot be read.
  Console(const Scenario& scenario, const RunOptions& options);

  // RunPilot
  void begin(Machine& machine, JourneyLog& journeys) override;
  std::optional<sc_model::TimePs> go_until() override;
  void end(const Results& results) override;

  // A line of the file of commands was wrong, or could not be done: the run was ended there.
  bool failed() const { return failed_; }
  // `quit`, or the end of the lines.
  bool left() const { return left_; }

 private:
  using Words = std::vector<std::string>;

  sc_model::TimePs next_look() const;
  std::string prompt() const;
  // Reads and does commands until one lets time pass (or is to end it).
  void ask();
  void take_line(const LineSource::Line& line);
  void obey(const Command& command);
  void move(const Command& command);
  void step(const Words& words);
  void go(const Stepper::Wish& wish);
  void leave();
  std::string look(const Command& command);
  std::string answer(const Command& command);
  std::string add_breakpoint(const Words& words);
  std::string list_breakpoints(const Words& words) const;
  std::string remove_breakpoint(const Words& words);
  std::string set_host(const Words& words);
  std::string waves(const Words& words);
  std::string history(const Words& words, bool tlps) const;
  size_t host_word(const Words& words, size_t at) const;

  const Scenario& scenario_;
  const std::array<std::string, 2> hosts_;
  LineSource lines_;
  Stepper stepper_;
  EventFeed feed_;
  ConsoleWaves waves_;
  std::unique_ptr<Looker> looker_;
  Command last_step_;    // what an empty line repeats
  bool moving_ = false;  // time may pass
  bool ended_ = false;   // it has passed
  bool left_ = false, failed_ = false;
};

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_PROGRAM_CONSOLE_CONSOLE_H_
