// Violations: what the checkers have to say. One log per run, shared by all checkers of both hosts and the wire.
//
// `rule` is the id of the rule (P4, D4, E3, ...). `side` is the side at fault, not the side that noticed.
// `events` are the last things that happened to the object, oldest first, each with its time: both sides' history.
// The log keeps the first kKept records and counts all; `on_violation` lets the run stop at the first one.
#ifndef RINGSIDE_SC_MODEL_VIOLATION_H_
#define RINGSIDE_SC_MODEL_VIOLATION_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "sc_model/sim_time.h"

namespace ringside::sc_model {

enum class Side : uint8_t { kDevice, kDriver, kHostModel, kWire };
const char* to_string(Side side);

struct Violation {
  std::string rule;    // "P4"
  Side side = Side::kDevice;
  TimePs time_ps = 0;
  std::string object;  // whose: host or wire name, and what: "host_a.nic tag 3"
  std::string text;    // one sentence with the values that broke it
  std::vector<std::string> events = {};
};
// The waves to look at: what led to the violation and what came right after it.
constexpr TimePs kWaveBeforePs = 2 * kPsPerUs, kWaveAfterPs = kPsPerUs;
inline TimePs wave_from_ps(const Violation& v) { return v.time_ps > kWaveBeforePs ? v.time_ps - kWaveBeforePs : 0; }
inline TimePs wave_to_ps(const Violation& v) { return v.time_ps + kWaveAfterPs; }

std::string to_string(const Violation& violation);  // one line
std::string to_text(const Violation& violation);    // the line, and the events, a line each

class ViolationLog {
 public:
  static constexpr size_t kKept = 1000;
  void report(Violation violation);
  const std::vector<Violation>& kept() const { return kept_; }
  uint64_t count() const { return count_; }
  void set_on_violation(std::function<void(const Violation&)> f) { on_violation_ = std::move(f); }

 private:
  std::vector<Violation> kept_;
  uint64_t count_ = 0;
  std::function<void(const Violation&)> on_violation_;
};

}  // namespace ringside::sc_model

#endif  // RINGSIDE_SC_MODEL_VIOLATION_H_
