// Prints a scenario as a complete, commented TOML file: every key with its value. Reading it back gives the same
// scenario, and so the same run.
#ifndef RINGSIDE_TESTBENCH_PROGRAM_SCENARIO_WRITER_H_
#define RINGSIDE_TESTBENCH_PROGRAM_SCENARIO_WRITER_H_

#include <string>

#include "testbench/program/scenario.h"

namespace ringside::testbench {

// `bug`: what --bug said of it, empty: nothing. A bug is no part of a scenario; the head of the file tells how to have
// it.
std::string to_toml(const Scenario& scenario, const std::string& bug = "");

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_PROGRAM_SCENARIO_WRITER_H_
