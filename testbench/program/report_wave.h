// The picture of the wave around a violation: what the pins carried (TLPs of trace.json, always there) and, where
// waves.vcd covers the time, the signals of the NIC.
#ifndef RINGSIDE_TESTBENCH_PROGRAM_REPORT_WAVE_H_
#define RINGSIDE_TESTBENCH_PROGRAM_REPORT_WAVE_H_

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "sc_model/sim_time.h"

namespace ringside::testbench {

struct PictureWindow {
  std::string host;  // whose NIC; "wire port N": the wire's
  sc_model::TimePs from_ps = 0, to_ps = 0;
};

// For each window, [{"name", "spans": [[from_ps, to_ps, text], ...]}, ...] of the tracks of trace.json that have
// something in it. Reads the file once.
std::vector<nlohmann::ordered_json> pin_rows(const std::string& folder, const std::vector<PictureWindow>& windows);

// For each window, [{"name", "bits", "changes": [[time_ps, "hex digits"], ...]}, ...] of the signals at the NIC's
// edges. Empty where waves.vcd is not there or was not recorded then.
std::vector<nlohmann::ordered_json> signal_rows(const std::string& folder, const std::vector<PictureWindow>& windows);

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_PROGRAM_REPORT_WAVE_H_
