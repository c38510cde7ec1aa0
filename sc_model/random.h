// Seeded randomness. One Random per decision stream (per wire direction, per fault kind, per host), so that one
// stream's use never shifts another's numbers. Algorithm: SplitMix64 (Steele, Lea, Flood 2014), the same on every
// machine.
#ifndef RINGSIDE_SC_MODEL_RANDOM_H_
#define RINGSIDE_SC_MODEL_RANDOM_H_

#include <cstdint>

namespace ringside::sc_model {

class Random {
 public:
  // `stream` separates users of one seed: any constant of the user's own.
  explicit Random(uint64_t seed, uint64_t stream = 0) : state_(seed ^ (stream * 0xD1342543DE82EF95ull)) {
    next();  // so that small seeds do not give related first numbers
  }

  uint64_t next() {
    state_ += 0x9E3779B97F4A7C15ull;
    uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    return z ^ (z >> 31);
  }
  // 0 .. bound - 1; 0 when bound is 0. The bias of the modulo is below bound / 2^64.
  uint64_t below(uint64_t bound) { return bound == 0 ? 0 : next() % bound; }
  // True with probability p; draws one number whatever p is, so that changing p keeps the rest of the stream.
  bool chance(double p) { return static_cast<double>(next() >> 11) * 0x1.0p-53 < p; }

 private:
  uint64_t state_;
};

}  // namespace ringside::sc_model

#endif  // RINGSIDE_SC_MODEL_RANDOM_H_
