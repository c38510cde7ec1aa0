// What main() does, for the program and for the one with bugs.
#ifndef RINGSIDE_TESTBENCH_PROGRAM_PROGRAM_H_
#define RINGSIDE_TESTBENCH_PROGRAM_PROGRAM_H_

namespace ringside::testbench {

class BugShelf;

// Returns the exit code. `bugs`: what --bug takes from; null: none.
int run_program(int argc, char** argv, const BugShelf* bugs);

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_PROGRAM_PROGRAM_H_
