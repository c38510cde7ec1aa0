// Breakpoints: what a run stops at, as plain data, read from words and held against events. No simulation.
#ifndef RINGSIDE_TESTBENCH_PROGRAM_CONSOLE_BREAKPOINT_H_
#define RINGSIDE_TESTBENCH_PROGRAM_CONSOLE_BREAKPOINT_H_

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "testbench/program/console/event.h"

namespace ringside::testbench {

struct Breakpoint {
  enum class Kind : uint8_t { kRule, kRegister, kStep, kTime, kFrame };
  unsigned number = 0;
  Kind kind = Kind::kRule;
  std::string text;  // as it is listed
  uint64_t hits = 0;
  std::optional<uint8_t> host;      // rule, register, step: only there
  std::string rule;                 // empty: any
  std::vector<uint32_t> addresses;  // register
  std::optional<uint64_t> value;    // register
  std::optional<JourneyStep> step;  // step
  uint64_t at = 0;                  // frame: its number; time: picoseconds; step: the packet, 0: any

  bool matches(const ConsoleEvent& event) const;
};

// The words behind `break`. `hosts`: their names. Throws CommandError.
Breakpoint parse_breakpoint(const std::vector<std::string>& words, const std::array<std::string, 2>& hosts);
// "0", "1" or a name; nothing: no host.
std::optional<uint8_t> host_named(const std::string& word, const std::array<std::string, 2>& hosts);
// "10us" and the like; throws CommandError, which begins with `what`.
sc_model::TimePs parse_duration(const std::string& what, const std::string& word);

class Breakpoints {
 public:
  const Breakpoint& add(Breakpoint breakpoint);
  void remove(unsigned number);  // throws CommandError
  void clear() { list_.clear(); }
  // The first that the event stops at; null: none.
  Breakpoint* hit(const ConsoleEvent& event);
  // The first at a time that has come, and the earliest time to come (kNever: none).
  Breakpoint* due(sc_model::TimePs now);
  sc_model::TimePs next_time(sc_model::TimePs now) const;
  bool any(Breakpoint::Kind kind) const;
  const std::vector<Breakpoint>& list() const { return list_; }

 private:
  std::vector<Breakpoint> list_;
  unsigned last_number_ = 0;
};

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_PROGRAM_CONSOLE_BREAKPOINT_H_
