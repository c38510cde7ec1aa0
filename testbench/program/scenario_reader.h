// Reads a scenario file (TOML 1.0), strictly: an unknown key, a wrong type or a value outside its limits is an error
// that names file, line and column. Keys that are left out keep their defaults (scenario.h).
#ifndef RINGSIDE_TESTBENCH_PROGRAM_SCENARIO_READER_H_
#define RINGSIDE_TESTBENCH_PROGRAM_SCENARIO_READER_H_

#include <stdexcept>
#include <string>
#include <string_view>

#include "testbench/program/scenario.h"

namespace ringside::testbench {

// What is wrong with the user's input, in one line.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// `name` stands in messages. Throws UsageError. The result is checked (scenario_check.h).
Scenario parse_scenario(std::string_view text, const std::string& name);
// "-" reads the standard input. Relative paths of files to send are taken from the scenario file's folder.
Scenario read_scenario(const std::string& path);

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_PROGRAM_SCENARIO_READER_H_
