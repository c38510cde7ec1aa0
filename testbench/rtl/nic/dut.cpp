// Which models there are is decided by the build: RINGSIDE_DUT_<width> (four queue sets), RINGSIDE_DUT_<width>_Q1
// (one), RINGSIDE_DUT_<width>_Q8 (eight). RINGSIDE_DUT_<width>_SYNTHESIS is the one that runs, held against the one that is
// synthesized.
#include "testbench/rtl/nic/dut.h"

#include <stdexcept>
#include <string>

#include "sc_model/nic_model_pins.h"
#include "testbench/rtl/nic/pair_dut.h"
#include "verilated.h"
#ifdef RINGSIDE_DUT_64
#include "Vnic64.h"
#endif
#ifdef RINGSIDE_DUT_128
#include "Vnic128.h"
#endif
#ifdef RINGSIDE_DUT_256
#include "Vnic256.h"
#endif
#ifdef RINGSIDE_DUT_512
#include "Vnic512.h"
#endif
#ifdef RINGSIDE_DUT_64_Q1
#include "Vnic64q1.h"
#endif
#ifdef RINGSIDE_DUT_128_Q1
#include "Vnic128q1.h"
#endif
#ifdef RINGSIDE_DUT_256_Q1
#include "Vnic256q1.h"
#endif
#ifdef RINGSIDE_DUT_512_Q1
#include "Vnic512q1.h"
#endif
#ifdef RINGSIDE_DUT_64_Q8
#include "Vnic64q8.h"
#endif
#ifdef RINGSIDE_DUT_512_Q8
#include "Vnic512q8.h"
#endif
#ifdef RINGSIDE_DUT_64_SYNTHESIS
#include "Vnic64.h"
#include "Vnic64s.h"
#endif
#ifdef RINGSIDE_DUT_512_SYNTHESIS
#include "Vnic512.h"
#include "Vnic512s.h"
#endif

namespace ringside::testbench::nic {
namespace {

template <typename Model, unsigned kWidth>
class VerilatedDut final : public Dut {
 public:
  VerilatedDut() : model_(&context_, "nic") {
    sc_model::bind_pins(model_, pins);
    width = kWidth;
  }
  ~VerilatedDut() override { model_.final(); }
  void eval() override { model_.eval(); }

 private:
  VerilatedContext context_;
  Model model_;
};

struct Row {
  unsigned width, queues;
  std::unique_ptr<Dut> (*make)();
};

template <typename Model, unsigned kWidth, unsigned kQueues>
constexpr Row row() {
  return {kWidth, kQueues,
          []() -> std::unique_ptr<Dut> { return std::make_unique<VerilatedDut<Model, kWidth>>(); }};
}

template <typename First, typename Second, unsigned kWidth>
constexpr Row pair_row() {
  return {kWidth, 4, []() -> std::unique_ptr<Dut> { return std::make_unique<PairDut<First, Second, kWidth>>(); }};
}

const Row kModels[] = {
#ifdef RINGSIDE_DUT_64
    row<Vnic64, 64, 4>(),
#endif
#ifdef RINGSIDE_DUT_128
    row<Vnic128, 128, 4>(),
#endif
#ifdef RINGSIDE_DUT_256
    row<Vnic256, 256, 4>(),
#endif
#ifdef RINGSIDE_DUT_512
    row<Vnic512, 512, 4>(),
#endif
#ifdef RINGSIDE_DUT_64_Q1
    row<Vnic64q1, 64, 1>(),
#endif
#ifdef RINGSIDE_DUT_128_Q1
    row<Vnic128q1, 128, 1>(),
#endif
#ifdef RINGSIDE_DUT_256_Q1
    row<Vnic256q1, 256, 1>(),
#endif
#ifdef RINGSIDE_DUT_512_Q1
    row<Vnic512q1, 512, 1>(),
#endif
#ifdef RINGSIDE_DUT_64_Q8
    row<Vnic64q8, 64, 8>(),
#endif
#ifdef RINGSIDE_DUT_512_Q8
    row<Vnic512q8, 512, 8>(),
#endif
#ifdef RINGSIDE_DUT_64_SYNTHESIS
    pair_row<Vnic64, Vnic64s, 64>(),
#endif
#ifdef RINGSIDE_DUT_512_SYNTHESIS
    pair_row<Vnic512, Vnic512s, 512>(),
#endif
};

}  // namespace

std::unique_ptr<Dut> make_dut(unsigned width, unsigned queues) {
  for (const Row& model : kModels)
    if (model.width == width && model.queues == queues) return model.make();
  throw std::invalid_argument("no model of " + std::to_string(width) + " bits and " + std::to_string(queues) +
                              " queue sets in this executable");
}

std::vector<unsigned> widths_of(unsigned queues) {
  std::vector<unsigned> widths;
  for (const Row& model : kModels)
    if (model.queues == queues) widths.push_back(model.width);
  return widths;
}

}  // namespace ringside::testbench::nic
