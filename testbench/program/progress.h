// Progress of a long run on the standard error output: on a terminal one line that is redrawn, elsewhere a line for
// each tenth of the work, at most one every two seconds.
#ifndef RINGSIDE_TESTBENCH_PROGRAM_PROGRESS_H_
#define RINGSIDE_TESTBENCH_PROGRAM_PROGRESS_H_

#include <chrono>
#include <cstdint>
#include <string>

namespace ringside::testbench {

struct ProgressState {
  uint64_t bytes_done = 0;
  uint64_t bytes_total = 0;
  uint64_t sim_ns = 0;
  uint64_t cycles = 0;  // of the core clock
  std::string phase;    // "starting", "sending", ...
};

class Progress {
 public:
  explicit Progress(bool quiet);
  ~Progress();
  void update(const ProgressState& state);
  void finish();          // clears the line
  double wall_s() const;  // since construction

 private:
  void draw(const ProgressState& state, double wall);

  std::chrono::steady_clock::time_point start_;
  bool quiet_;
  bool terminal_;
  bool drawn_ = false;
  double last_wall_ = -1;
  int last_tenth_ = -1;
};

// "1.234 ms", "3.2 us": simulated times for people.
std::string human_time(uint64_t ns);
// "12.3 MB", "1,460 bytes".
std::string human_bytes(uint64_t bytes);
std::string with_commas(uint64_t value);

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_PROGRAM_PROGRESS_H_
