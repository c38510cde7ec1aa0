// Ctrl-C and termination: the first signal asks the run to stop and save what there is, the second one kills.
#ifndef RINGSIDE_TESTBENCH_PROGRAM_SIGNALS_H_
#define RINGSIDE_TESTBENCH_PROGRAM_SIGNALS_H_

namespace ringside::testbench {

void catch_signals();  // SIGINT, SIGTERM, SIGHUP; SIGPIPE and SIGXFSZ become write errors
int signal_caught();   // its number; 0: none so far

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_PROGRAM_SIGNALS_H_
