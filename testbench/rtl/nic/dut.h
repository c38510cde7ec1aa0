// The verilated nic_top alone, behind a class: dut.cpp is the only file here that sees generated headers.
// Its pins are those of sc_model/nic_model.h, without the rest of that room: no SystemC, several widths and queue
// counts.
#ifndef RINGSIDE_TESTBENCH_RTL_NIC_DUT_H_
#define RINGSIDE_TESTBENCH_RTL_NIC_DUT_H_

#include <memory>
#include <vector>

#include "sc_model/nic_model.h"

namespace ringside::testbench::nic {

using Pins = sc_model::NicPins;

class Dut {
 public:
  virtual ~Dut() = default;
  virtual void eval() = 0;
  Pins pins;
  unsigned width = 0;  // bits
  unsigned bytes() const { return width / 8; }
};

// Throws std::invalid_argument when the executable was not linked with such a model.
std::unique_ptr<Dut> make_dut(unsigned width, unsigned queues);
std::vector<unsigned> widths_of(unsigned queues);  // what there is, ascending

}  // namespace ringside::testbench::nic

#endif  // RINGSIDE_TESTBENCH_RTL_NIC_DUT_H_
