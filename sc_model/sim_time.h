// Simulated time as plain integers. Picoseconds inside the model (every clock period used is a whole number of them),
// nanoseconds towards software. 64 bits of picoseconds last 213 days.
#ifndef RINGSIDE_SC_MODEL_SIM_TIME_H_
#define RINGSIDE_SC_MODEL_SIM_TIME_H_

#include <cstdint>

namespace ringside::sc_model {

using TimePs = uint64_t;

constexpr TimePs kPsPerNs = 1000;
constexpr TimePs kPsPerUs = 1000 * kPsPerNs;
constexpr TimePs kPsPerMs = 1000 * kPsPerUs;
constexpr TimePs kNever = ~TimePs{0};

}  // namespace ringside::sc_model

#endif  // RINGSIDE_SC_MODEL_SIM_TIME_H_
