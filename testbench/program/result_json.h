// result.json: the same as the table, and every counter, for programs.
#ifndef RINGSIDE_TESTBENCH_PROGRAM_RESULT_JSON_H_
#define RINGSIDE_TESTBENCH_PROGRAM_RESULT_JSON_H_

#include <string>

#include "testbench/program/results.h"

namespace ringside::testbench {

std::string to_json(const Results& results);

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_PROGRAM_RESULT_JSON_H_
