// Sub-commands that look at the files of a finished run: journey, explain, report; and rules, which looks at none.
#ifndef RINGSIDE_TESTBENCH_PROGRAM_LOOK_COMMANDS_H_
#define RINGSIDE_TESTBENCH_PROGRAM_LOOK_COMMANDS_H_

#include "testbench/program/cli.h"

namespace ringside::testbench {

// Does it and prints what it found; the exit code. Throws UsageError and OutputError.
int look(const LookOptions& options);

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_PROGRAM_LOOK_COMMANDS_H_
