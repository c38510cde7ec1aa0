#include "testbench/program/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace ringside::testbench {

Progress::Progress(bool quiet)
    : start_(std::chrono::steady_clock::now()), quiet_(quiet), terminal_(::isatty(STDERR_FILENO) == 1) {}

Progress::~Progress() {
  finish();
}

double Progress::wall_s() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
}

void Progress::update(const ProgressState& state) {
  const double wall = wall_s();
  const int tenth = state.bytes_total == 0 ? 0 : static_cast<int>(10 * state.bytes_done / state.bytes_total);
  const bool due = terminal_ ? wall - last_wall_ >= 0.1 : wall - last_wall_ >= 2 && tenth > last_tenth_;
  if (quiet_ || !due) return;
  last_wall_ = wall;
  last_tenth_ = tenth;
  draw(state, wall);
}

void Progress::draw(const ProgressState& state, double wall) {
  const double share = state.bytes_total == 0
                           ? 0
                           : 100.0 * static_cast<double>(state.bytes_done) / static_cast<double>(state.bytes_total);
  const std::string line =
      fmt::format("{:3.0f}%  {:<9} {:>10} of {:<10} simulated {:<10} {:6.2f} Mb/s  {:4.0f} kcycles/s", share,
                  state.phase, human_bytes(state.bytes_done), human_bytes(state.bytes_total), human_time(state.sim_ns),
                  static_cast<double>(state.bytes_done) * 8e-6 / std::max(wall, 1e-3),
                  static_cast<double>(state.cycles) * 1e-3 / std::max(wall, 1e-3));
  std::fprintf(stderr, terminal_ ? "\r\033[K%s" : "%s\n", line.c_str());
  std::fflush(stderr);
  drawn_ = true;
}

void Progress::finish() {
  if (drawn_ && terminal_) std::fputs("\r\033[K", stderr);
  drawn_ = false;
}

std::string human_time(uint64_t ns) {
  const double t = static_cast<double>(ns);
  if (ns < 1'000) return fmt::format("{} ns", ns);
  if (ns < 1'000'000) return fmt::format("{:.3f} us", t * 1e-3);
  if (ns < 1'000'000'000) return fmt::format("{:.3f} ms", t * 1e-6);
  return fmt::format("{:.3f} s", t * 1e-9);
}

std::string human_bytes(uint64_t bytes) {
  if (bytes < 10'000) return fmt::format("{} bytes", bytes);
  if (bytes < 10'000'000) return fmt::format("{:.1f} kB", static_cast<double>(bytes) * 1e-3);
  return fmt::format("{:.1f} MB", static_cast<double>(bytes) * 1e-6);
}

std::string with_commas(uint64_t value) {
  std::string digits = fmt::format("{}", value);
  for (size_t i = digits.size(); i > 3; i -= 3) digits.insert(i - 3, ",");
  return digits;
}

}  // namespace ringside::testbench
