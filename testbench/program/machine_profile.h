// The machine that a scenario asks for: a named profile, its slot changed by [host.pcie], legal nastiness on top.
#ifndef RINGSIDE_TESTBENCH_PROGRAM_MACHINE_PROFILE_H_
#define RINGSIDE_TESTBENCH_PROGRAM_MACHINE_PROFILE_H_

#include <string>

#include "sc_model/host_profile.h"
#include "testbench/program/scenario.h"

namespace ringside::testbench {

// What is wrong with it, as "lanes = 3: must be ..."; empty: nothing.
std::string wrong_with(const PcieParameters& pcie);
// Of a host that scenario_check has passed.
sc_model::HostProfile machine_profile(const HostParameters& host);

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_PROGRAM_MACHINE_PROFILE_H_
