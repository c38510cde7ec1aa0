// Decides where a run stops: takes events as they are told, puts them in the order of time, and holds them against what
// the user asked for and against the breakpoints. No simulation: times come in as arguments.
//
// An event is told some time before it happens (a NIC's clock runs ahead, a CPU's time too) or some time after. It
// passes at its own time, or when it is told, whichever is later; the run stops there, and it is shown with its own.
#ifndef RINGSIDE_TESTBENCH_PROGRAM_CONSOLE_STEPPER_H_
#define RINGSIDE_TESTBENCH_PROGRAM_CONSOLE_STEPPER_H_

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sc_model/sim_time.h"
#include "testbench/program/console/breakpoint.h"
#include "testbench/program/console/event.h"

namespace ringside::testbench {

class Stepper {
 public:
  // How far the user wants to go.
  struct Wish {
    sc_model::TimePs until = sc_model::kNever;
    uint64_t events = 0, frames = 0;  // 0: not by their number
    bool breakpoints = true;
    bool asks = true;  // at the end of the run there is a prompt
  };
  // Why the run stopped, in lines for the user.
  using Stop = std::string;

  void go(const Wish& wish) { wish_ = wish; }
  bool asks() const { return wish_.asks; }
  Breakpoints& breakpoints() { return breakpoints_; }
  const Breakpoints& breakpoints() const { return breakpoints_; }

  // Frames are to be numbered as soon as they can be.
  bool wants_frames() const { return wish_.frames != 0 || breakpoints_.any(Breakpoint::Kind::kFrame); }
  // True: time must not pass on before next_stop() has been asked.
  bool tell(ConsoleEvent event, sc_model::TimePs now);
  // All that has passed by now; the first of it that stops the run. Asked again, it goes on behind that one.
  std::optional<Stop> pass(sc_model::TimePs now);
  // When the run has ended: what a NIC's clock has run ahead to. All that would have stopped the run.
  std::vector<Stop> pass_rest();
  // The next time at which something may stop it, as far as is known; later than now, after pass().
  sc_model::TimePs next_stop(sc_model::TimePs now) const;

  // The last ones that passed, the oldest first.
  const std::deque<ConsoleEvent>& history() const { return history_; }

 private:
  static constexpr size_t kHistory = 1000;

  bool interesting(const ConsoleEvent& event) const;
  std::optional<Stop> pass_one(const ConsoleEvent& event);
  std::string hit_words(Breakpoint& breakpoint, const ConsoleEvent& event);
  void remember(ConsoleEvent event);

  Wish wish_;
  Breakpoints breakpoints_;
  std::multimap<sc_model::TimePs, ConsoleEvent> coming_;
  std::deque<ConsoleEvent> history_;
};

// "170.234 us": to the nanosecond; picoseconds only when there are any.
std::string time_words(sc_model::TimePs at);
std::string event_words(const ConsoleEvent& event);  // "170.234 us  h0  ..."

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_PROGRAM_CONSOLE_STEPPER_H_
