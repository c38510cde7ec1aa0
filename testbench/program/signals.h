// Ctrl-C and termination: the first signal asks the run to stop and save what there is, the second one kills.
#ifndef RINGSIDE_TESTBENCH_PROGRAM_SIGNALS_H_
#define RINGSIDE_TESTBENCH_PROGRAM_SIGNALS_H_

namespace ringside::testbench {

void catch_signals();  // SIGINT, SIGTERM, SIGHUP; SIGPIPE and SIGXFSZ become write errors
int signal_caught();   // its number; 0: none so far
// For a console: Ctrl-C asks it, not the run. One that was caught is forgotten, the next signal is the first again, and
// what waits for input is interrupted by it.
void forget_control_c();

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_PROGRAM_SIGNALS_H_
