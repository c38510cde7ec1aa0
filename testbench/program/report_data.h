// What the report page shows of a run, as one JSON document: made from result.json, series.json, journeys.tsv and, for
// pictures of violations, trace.json and waves.vcd of its folder.
#ifndef RINGSIDE_TESTBENCH_PROGRAM_REPORT_DATA_H_
#define RINGSIDE_TESTBENCH_PROGRAM_REPORT_DATA_H_

#include <nlohmann/json.hpp>
#include <string>

namespace ringside::testbench {

// Throws UsageError when the run left no results or no journeys.
nlohmann::ordered_json report_data(const std::string& folder);

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_PROGRAM_REPORT_DATA_H_
