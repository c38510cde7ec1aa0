// Seeded numbers, the same on every machine: SplitMix64 (Steele, Lea, Flood 2014).
#ifndef RINGSIDE_TESTBENCH_RTL_NIC_RANDOM_H_
#define RINGSIDE_TESTBENCH_RTL_NIC_RANDOM_H_

#include <cstdint>

namespace ringside::testbench::nic {

class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}
  uint64_t bits() {
    uint64_t z = state_ += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
  }
  uint64_t below(uint64_t limit) { return bits() % limit; }
  uint64_t between(uint64_t low, uint64_t high) { return low + below(high - low + 1); }
  bool one_in(uint64_t n) { return below(n) == 0; }

 private:
  uint64_t state_;
};

}  // namespace ringside::testbench::nic

#endif  // RINGSIDE_TESTBENCH_RTL_NIC_RANDOM_H_
