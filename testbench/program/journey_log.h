// The journeys of a run: those under way in memory, the others in two files: journeys.tsv (one line a packet, in the
// order of ids: the times of all steps in picoseconds) and trace.json (journey_trace.h).
//
// Memory is bounded: a journey is written when nothing more can happen to it and all before it are written, or when
// kMost are under way; what happens to it later is not recorded.
#ifndef RINGSIDE_TESTBENCH_PROGRAM_JOURNEY_LOG_H_
#define RINGSIDE_TESTBENCH_PROGRAM_JOURNEY_LOG_H_

#include <array>
#include <cstdint>
#include <deque>
#include <string>

#include "testbench/program/journey.h"
#include "testbench/program/journey_trace.h"
#include "testbench/program/output_file.h"

namespace ringside::testbench {

// First line of journeys.tsv, names separated by tabs: what the reader looks for.
std::string journey_columns();

// Who wants to know of steps as they are taken. Some are known only afterwards: those come late, with their time.
class JourneyWatch {
 public:
  virtual ~JourneyWatch() = default;
  virtual void on_step(const Journey& journey, JourneyStep step, sc_model::TimePs at) = 0;
  virtual void on_write_step(uint64_t write, JourneyStep step, sc_model::TimePs at) = 0;  // T1 to T3
  virtual void on_closed(const Journey& journey) = 0;  // nothing more of it is recorded
};

class JourneyLog {
 public:
  // An empty folder: no files. Throws OutputError.
  JourneyLog(const std::string& folder, const std::array<std::string, 2>& hosts, double gigabits_per_s);

  uint64_t begin_write();                                                   // its number, from 1
  void mark_write(uint64_t write, JourneyStep step, sc_model::TimePs now);  // kCall, kFile, kCopied
  uint64_t add(unsigned from, uint64_t write, uint32_t frames);             // id of the first
  Journey* find(uint64_t id);                                               // null: 0, or written already
  void set(Journey& journey, JourneyStep step, sc_model::TimePs at);
  void mark(uint64_t id, JourneyStep step, sc_model::TimePs now);        // if it is under way
  void mark_first(uint64_t id, JourneyStep step, sc_model::TimePs now);  // ... and has no such time yet

  void settle();  // writes what is complete
  void close();   // writes everything
  void set_watch(JourneyWatch* watch) { watch_ = watch; }
  double ps_per_octet() const { return ps_per_octet_; }
  JourneyTrace& trace() { return trace_; }
  const OutputFile& file() const { return file_; }
  const OutputFile& trace_file() const { return trace_.file(); }

 private:
  static constexpr size_t kMost = 32768;
  struct Write {
    std::array<sc_model::TimePs, 3> at{};
  };

  void write_front();

  OutputFile file_;
  JourneyTrace trace_;
  std::array<std::string, 2> hosts_;
  double ps_per_octet_;
  std::deque<Journey> under_way_;
  uint64_t first_id_ = 1;  // of under_way_
  std::deque<Write> writes_;
  uint64_t first_write_ = 1;
  JourneyWatch* watch_ = nullptr;
};

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_PROGRAM_JOURNEY_LOG_H_
