#include "sc_model/violation.h"

#include <utility>

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

void ViolationLog::report(Violation violation) {
  ++count_;
  if (on_violation_) on_violation_(violation);
  if (kept_.size() < kKept) kept_.push_back(std::move(violation));
}

}  // namespace ringside::sc_model
