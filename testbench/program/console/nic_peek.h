// Registers of a NIC as they stand, without disturbing the run: they are read by the NIC's own pins, in a copy of the
// process that ends right after. So the values are what a read would give, side effects and all, and leave no trace.
//
// Each register is read in a copy of its own: the answers stand for a dozen core cycles after now.
#ifndef RINGSIDE_TESTBENCH_PROGRAM_CONSOLE_NIC_PEEK_H_
#define RINGSIDE_TESTBENCH_PROGRAM_CONSOLE_NIC_PEEK_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sc_model/host_machine.h"
#include "testbench/program/console/map_words.h"

namespace ringside::testbench {

// Of one register; of a 64-bit one both halves. Nothing: the NIC does not answer.
using PeekValue = std::optional<uint64_t>;

// Between two sc_start(). Throws CommandError when the NIC has no addresses yet, or no copy can be made.
std::vector<PeekValue> peek(sc_model::HostMachine& machine, const std::vector<RegisterPlace>& places);

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_PROGRAM_CONSOLE_NIC_PEEK_H_
