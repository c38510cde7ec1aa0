#include "testbench/program/run_series.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace ringside::testbench {

using sc_model::TimePs;

void RunSeries::reach(TimePs at) {
  for (; at / slot_ps_ >= kMost; slot_ps_ *= 2) {
    for (size_t i = 0; i < slots_.size(); i += 2) {
      Slot both = slots_[i];
      for (unsigned m = 0; m < kMetrics && i + 1 < slots_.size(); ++m)
        for (size_t host = 0; host < 2; ++host) both[m][host] += slots_[i + 1][m][host];
      slots_[i / 2] = both;
    }
    slots_.resize((slots_.size() + 1) / 2);
  }
  if (slots_.size() <= at / slot_ps_) slots_.resize(at / slot_ps_ + 1, Slot{});
}

void RunSeries::add(Metric metric, size_t host, TimePs at, uint64_t amount) {
  reach(at);
  slots_[at / slot_ps_][metric][host] += amount;
}

void RunSeries::add_time(Metric metric, size_t host, TimePs from, TimePs to) {
  if (to <= from) return;
  reach(to - 1);
  for (TimePs at = from; at < to;) {
    const TimePs end = std::min(to, (at / slot_ps_ + 1) * slot_ps_);
    slots_[at / slot_ps_][metric][host] += end - at;
    at = end;
  }
}

std::string RunSeries::to_json() const {
  static constexpr const char* kNames[] = {"wire_bytes",      "pcie_to_bytes",
                                           "pcie_from_bytes", "interrupts",  "cpu_busy_ps"};
  nlohmann::ordered_json json;
  json["slot_ps"] = slot_ps_;
  for (unsigned m = 0; m < kMetrics; ++m) {
    for (size_t host = 0; host < 2; ++host) {
      auto values = nlohmann::ordered_json::array();
      for (const Slot& slot : slots_) values.push_back(slot[m][host]);
      json[kNames[m]].push_back(std::move(values));
    }
  }
  return json.dump() + "\n";
}

}  // namespace ringside::testbench
