// Flight recorder: snapshots of the whole process that sleep, and that play the last stretch of the run again with
// waves when something has happened. While all is well it costs a fork() now and then, and the pages written after it.
//
// A snapshot is a forked child that waits on a socket. It is taken between two sc_start(), when no software thread is
// running (SystemC's are coroutines, so a fork takes them along). When it is woken by an order it forks again: the copy
// replays, which is the same run to the picosecond, with the signals recorded; the snapshot itself stays sound, waits
// for the copy, whatever becomes of it, and finishes the files. Everything is in the caller's two functions.
//
// How many: those that are needed to begin `last` before any moment to come, at most four. How often: no sooner than
// `last`, and never so often that it takes more than some per cent of the time.
// A snapshot shares nothing that moves: descriptors open for writing go to /dev/null when it wakes, files are read by
// position, terminal signals are for the parent, and it dies with the parent.
// Errors: without room for a process there is no snapshot; write() then answers why.
#ifndef RINGSIDE_TESTBENCH_PROGRAM_FLIGHT_RECORDER_H_
#define RINGSIDE_TESTBENCH_PROGRAM_FLIGHT_RECORDER_H_

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <functional>
#include <string>

#include "sc_model/sim_time.h"

namespace ringside::testbench {

// What to play again. Plain: it goes through a socket, also out of the handler of a crash.
struct FlightOrder {
  sc_model::TimePs from_ps = 0, to_ps = 0;
  uint32_t host = 0;
};

class FlightRecorder {
 public:
  // In the copy: replays the order; what it answers is what went wrong (empty: nothing).
  using Replay = std::function<std::string(const FlightOrder&)>;
  // In the snapshot, when the copy has ended: finishes the files. `died`: the copy did not end by itself.
  using Finish = std::function<std::string(bool died)>;

  FlightRecorder(sc_model::TimePs last_ps, Replay replay, Finish finish);
  ~FlightRecorder();  // ends the snapshots
  FlightRecorder(const FlightRecorder&) = delete;
  FlightRecorder& operator=(const FlightRecorder&) = delete;

  // Between two sc_start(): takes a snapshot when one is due.
  void between_slices(sc_model::TimePs now);
  // Wakes the youngest snapshot that lies before the order's begin (or the oldest: then the waves begin there), and
  // waits until it is done. Empty, or what went wrong: the order's end may lie before the oldest, too.
  std::string write(FlightOrder order);
  // The same in the handler of a signal: uses only what is allowed there, does not tell how it went.
  void write_in_a_crash(FlightOrder order);

 private:
  static constexpr size_t kMost = 4;
  // Things are told up to so much later than they happened: a lost message up to a millisecond after its own, at the
  // next look of the checkers.
  static constexpr sc_model::TimePs kLatePs = 2 * sc_model::kPsPerMs + 50 * sc_model::kPsPerUs;
  // CPU time from one to the next, in times of what taking the last one took: as much again goes into the pages that
  // are written for the first time after it, and into its end. And at least so much, in s.
  static constexpr double kApart = 100, kLeastApart = 0.25;
  struct Snapshot {
    pid_t process = 0;
    int socket = -1;
    sc_model::TimePs at = 0;
  };
  struct Answer {
    char error[500];
  };

  bool due(sc_model::TimePs now) const;
  void take(sc_model::TimePs now);
  void drop_oldest();
  void forget_old(sc_model::TimePs now);
  [[noreturn]] void sleep_as_snapshot(int socket);
  [[noreturn]] void replay_and_exit(const FlightOrder& order);
  const Snapshot* before(sc_model::TimePs begin) const;
  bool wake(const Snapshot& snapshot, const FlightOrder& order);  // false: it is dead
  void say(const std::string& error);

  const sc_model::TimePs last_ps_;
  const Replay replay_;
  const Finish finish_;
  std::array<Snapshot, kMost> snapshots_{};  // the oldest first
  size_t count_ = 0;
  Answer* answer_;  // shared with the snapshots
  double fork_s_ = 0, taken_at_s_ = 0;  // of the last one: how long it took, and when; CPU time
};

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_PROGRAM_FLIGHT_RECORDER_H_
