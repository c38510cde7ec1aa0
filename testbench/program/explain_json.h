// The explanation in result.json, written and read back.
#ifndef RINGSIDE_TESTBENCH_PROGRAM_EXPLAIN_JSON_H_
#define RINGSIDE_TESTBENCH_PROGRAM_EXPLAIN_JSON_H_

#include <nlohmann/json.hpp>

#include "testbench/program/explain.h"

namespace ringside::testbench {

nlohmann::ordered_json explain_json(const Explanation& explanation);
// Throws nlohmann::json::exception.
Explanation explanation_of(const nlohmann::ordered_json& json);

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_PROGRAM_EXPLAIN_JSON_H_
