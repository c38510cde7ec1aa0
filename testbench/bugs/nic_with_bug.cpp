// The only file here that sees verilated headers.
#include "testbench/bugs/nic_with_bug.h"

#include "Vnic64b.h"
#include "sc_model/nic_model_pins.h"
#include "verilated.h"

namespace ringside::testbench {
namespace {

class NicWithBug final : public sc_model::NicModel {
 public:
  explicit NicWithBug(uint8_t number) : NicModel(kBugWidth), model_(&context_, "nic") {
    sc_model::bind_pins(model_, pins_);
    model_.bug_i = number;
  }
  ~NicWithBug() override { model_.final(); }
  void eval() override { model_.eval(); }

 private:
  VerilatedContext context_;
  Vnic64b model_;
};

}  // namespace

std::unique_ptr<sc_model::NicModel> make_nic_with_bug(uint8_t number) {
  return std::make_unique<NicWithBug>(number);
}

}  // namespace ringside::testbench
