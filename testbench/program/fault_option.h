// Faults on purpose, as a user asks for them: --fault on the command line, [[fault]] in a scenario file.
//
//   KIND[@HOST][:key=value]...     ur@h0:k=3   frame_loss@h1:p=0.01:t=200us   starve:credit=npd:dir=to_host:for=400us
//
// Keys: k (the k-th event), p (chance of each), n (at most so many), t (not before), for (how long, or how late),
//   credit and dir (of starve). Times have a unit: ns, us, ms, s.
// What there is and what each kind does: sc_model/fault.h; fault_help() prints it.
// Errors: UsageError.
#ifndef RINGSIDE_TESTBENCH_PROGRAM_FAULT_OPTION_H_
#define RINGSIDE_TESTBENCH_PROGRAM_FAULT_OPTION_H_

#include <string>
#include <vector>

#include "sc_model/fault.h"
#include "testbench/program/results.h"
#include "testbench/program/scenario.h"

namespace ringside::testbench {

FaultEntry parse_fault(const std::string& text);
std::string fault_help();

// Throws when an entry is wrong or names a host that is not there.
void check_faults(const Scenario& scenario);

// What goes wrong at one host and its PCI Express link, and on the wire to frames of that host's NIC. Checked entries.
std::vector<sc_model::FaultSpec> host_faults(const Scenario& scenario, size_t host);
std::vector<sc_model::FaultSpec> wire_faults(const Scenario& scenario, size_t sender);
// What came of them; names are `front` and the kind's.
void collect_faults(const sc_model::FaultInjector& injector, const std::string& front, Results& results);

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_PROGRAM_FAULT_OPTION_H_
