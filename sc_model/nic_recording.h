// Input recording of a NIC model, for the bare-loop benchmark: what goes into each eval() is kept as changes of input
// pins, and replayed on a fresh model as fast as it can go. Replay time is the denominator-free part of co-simulation:
// efficiency = (time of replay) / (wall time of the run without recording).
//
// Memory: some 10 to 100 bytes per eval under load. `limit_bytes` bounds it; recording stops there and says so.
#ifndef RINGSIDE_SC_MODEL_NIC_RECORDING_H_
#define RINGSIDE_SC_MODEL_NIC_RECORDING_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sc_model/nic_model.h"

namespace ringside::sc_model {

class NicRecording {
 public:
  NicRecording(const NicModel& model, size_t limit_bytes);
  // Call right before each eval() of the model.
  void before_eval();
  uint64_t evals() const { return evals_; }
  bool full() const { return full_; }
  // Runs the recorded evals on `model` (a fresh one of the same width); returns a checksum of its outputs, so that
  // the work cannot be optimised away and can be compared.
  uint64_t replay(NicModel& model) const;

 private:
  struct Pin { uint8_t* bytes; uint8_t size; };
  static std::vector<Pin> input_pins(const NicModel& model);

  std::vector<Pin> pins_;
  std::vector<uint8_t> shadow_;
  std::vector<uint8_t> log_;  // per eval: number of changed pins, then (pin, bytes) each
  size_t limit_bytes_;
  uint64_t evals_ = 0;
  bool full_ = false;
};

}  // namespace ringside::sc_model

#endif  // RINGSIDE_SC_MODEL_NIC_RECORDING_H_
