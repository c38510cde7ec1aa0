// The NIC with one bug switched on: the verilated copy of rtl/ that mutate.py makes, 64 bits wide.
#ifndef RINGSIDE_TESTBENCH_BUGS_NIC_WITH_BUG_H_
#define RINGSIDE_TESTBENCH_BUGS_NIC_WITH_BUG_H_

#include <cstdint>
#include <memory>

#include "sc_model/nic_model.h"

namespace ringside::testbench {

inline constexpr unsigned kBugWidth = 64;
std::unique_ptr<sc_model::NicModel> make_nic_with_bug(uint8_t number);

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_BUGS_NIC_WITH_BUG_H_
