#include "sc_model/violation.h"

#include <cstdio>
#include <utility>

#include "sc_model/event_history.h"

namespace ringside::sc_model {

const char* to_string(Side side) {
  switch (side) {
    case Side::kDevice: return "device";
    case Side::kDriver: return "driver";
    case Side::kHostModel: return "host model";
    case Side::kWire: return "wire";
  }
  return "?";
}

std::string to_string(const Violation& v) {
  const std::string ns = std::to_string(v.time_ps / kPsPerNs);
  return v.rule + " (" + to_string(v.side) + ") at " + ns + " ns, " + v.object + ": " + v.text;
}

std::string to_text(const Violation& v) {
  std::string text = to_string(v) + "\n";
  for (const std::string& event : v.events) text += "  " + event + "\n";
  return text;
}

std::string to_string(const HistoryEvent& event) {
  char text[256];
  const auto v = [&event](unsigned i) { return static_cast<unsigned long long>(event.values[i]); };
  const int n = std::snprintf(text, sizeof text, "%llu.%03llu ns ",
                              static_cast<unsigned long long>(event.time_ps / kPsPerNs),
                              static_cast<unsigned long long>(event.time_ps % kPsPerNs));
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  std::snprintf(text + n, sizeof text - static_cast<size_t>(n), event.what, v(0), v(1), v(2));
#pragma GCC diagnostic pop
  return text;
}

void ViolationLog::report(Violation violation) {
  ++count_;
  if (on_violation_) on_violation_(violation);
  if (kept_.size() < kKept) kept_.push_back(std::move(violation));
}

}  // namespace ringside::sc_model
