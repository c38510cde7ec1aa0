// What the last word of a line may become, for Tab.
#ifndef RINGSIDE_TESTBENCH_PROGRAM_CONSOLE_COMPLETION_H_
#define RINGSIDE_TESTBENCH_PROGRAM_CONSOLE_COMPLETION_H_

#include <string>
#include <vector>

namespace ringside::testbench {

// Register names are completed in capitals, however they were begun.
std::vector<std::string> completions(const std::string& text);

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_PROGRAM_CONSOLE_COMPLETION_H_
