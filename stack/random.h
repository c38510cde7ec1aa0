// Seeded randomness, handed in by whoever builds a host, and the keyed hash for initial sequence numbers.
#ifndef RINGSIDE_STACK_RANDOM_H_
#define RINGSIDE_STACK_RANDOM_H_

#include <array>
#include <cstddef>
#include <cstdint>

namespace ringside::stack {

// xoshiro256** (Blackman, Vigna), seeded by splitmix64. The same sequence on every platform.
class Random {
 public:
  explicit Random(uint64_t seed);
  uint64_t next();
  uint32_t below(uint32_t bound);  // uniform enough: bias < 2^-32; bound > 0
  double unit();                   // [0, 1)

 private:
  std::array<uint64_t, 4> state_;
};

using SipKey = std::array<uint64_t, 2>;
uint64_t siphash_2_4(const SipKey& key, const uint8_t* data, size_t bytes);  // Aumasson, Bernstein

}  // namespace ringside::stack

#endif  // RINGSIDE_STACK_RANDOM_H_
