// The table at the end of a run, for people.
#ifndef RINGSIDE_TESTBENCH_PROGRAM_REPORT_H_
#define RINGSIDE_TESTBENCH_PROGRAM_REPORT_H_

#include <string>

#include "testbench/program/results.h"

namespace ringside::testbench {

std::string to_table(const Results& results);

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_PROGRAM_REPORT_H_
