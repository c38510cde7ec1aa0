// Exit codes of all programs here.
#ifndef RINGSIDE_TESTBENCH_PROGRAM_EXIT_CODES_H_
#define RINGSIDE_TESTBENCH_PROGRAM_EXIT_CODES_H_

namespace ringside::testbench {

inline constexpr int kExitOk = 0;
inline constexpr int kExitFailed = 1;    // a rule broken, an expectation not held, a file that cannot be written
inline constexpr int kExitUsage = 2;     // a wrong command line or scenario; nothing was run
inline constexpr int kExitSignal = 128;  // plus the signal's number: interrupted, what was recorded is saved

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_PROGRAM_EXIT_CODES_H_
