// All state of a verilated model, as octets, to see whether anything in it moved: two equal ones are the same flops, memories
// and ports. Not portable between builds and not for restoring; the model may hold pointers, which stay the same in a run.
#ifndef RINGSIDE_TESTBENCH_RTL_MODEL_STATE_H_
#define RINGSIDE_TESTBENCH_RTL_MODEL_STATE_H_

#include <cstdint>
#include <type_traits>
#include <vector>

namespace ringside::testbench {

template <typename Model>
std::vector<uint8_t> model_state(const Model& model) {
  using Root = std::remove_pointer_t<decltype(model.rootp)>;
  const auto* raw = reinterpret_cast<const uint8_t*>(model.rootp);
  return {raw, raw + sizeof(Root)};
}

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_RTL_MODEL_STATE_H_
