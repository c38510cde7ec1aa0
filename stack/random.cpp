#include "stack/random.h"

#include <cassert>

namespace ringside::stack {
namespace {

uint64_t rotate_left(uint64_t x, int n) { return x << n | x >> (64 - n); }

uint64_t splitmix_64(uint64_t& state) {
  uint64_t z = state += 0x9E3779B97F4A7C15u;
  z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
  z = (z ^ z >> 27) * 0x94D049BB133111EBu;
  return z ^ z >> 31;
}

void sip_round(uint64_t (&v)[4]) {
  v[0] += v[1]; v[1] = rotate_left(v[1], 13); v[1] ^= v[0]; v[0] = rotate_left(v[0], 32);
  v[2] += v[3]; v[3] = rotate_left(v[3], 16); v[3] ^= v[2];
  v[0] += v[3]; v[3] = rotate_left(v[3], 21); v[3] ^= v[0];
  v[2] += v[1]; v[1] = rotate_left(v[1], 17); v[1] ^= v[2]; v[2] = rotate_left(v[2], 32);
}

uint64_t load_le(const uint8_t* data, size_t bytes) {
  uint64_t word = 0;
  for (size_t i = 0; i < bytes; ++i) word |= uint64_t{data[i]} << 8 * i;
  return word;
}

}  // namespace

Random::Random(uint64_t seed) {
  for (auto& word : state_) word = splitmix_64(seed);
}

uint64_t Random::next() {
  const uint64_t result = rotate_left(state_[1] * 5, 7) * 9;
  const uint64_t t = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= t;
  state_[3] = rotate_left(state_[3], 45);
  return result;
}

uint32_t Random::below(uint32_t bound) {
  assert(bound > 0);
  return static_cast<uint32_t>((next() >> 32) * bound >> 32);
}

double Random::unit() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

uint64_t siphash_2_4(const SipKey& key, const uint8_t* data, size_t bytes) {
  uint64_t v[4] = {key[0] ^ 0x736f6d6570736575u, key[1] ^ 0x646f72616e646f6du, key[0] ^ 0x6c7967656e657261u,
                   key[1] ^ 0x7465646279746573u};
  const auto absorb = [&v](uint64_t word) {
    v[3] ^= word;
    sip_round(v);
    sip_round(v);
    v[0] ^= word;
  };
  size_t at = 0;
  for (; at + 8 <= bytes; at += 8) absorb(load_le(data + at, 8));
  absorb(load_le(data + at, bytes - at) | uint64_t{bytes & 0xFF} << 56);
  v[2] ^= 0xFF;
  for (int i = 0; i < 4; ++i) sip_round(v);
  return v[0] ^ v[1] ^ v[2] ^ v[3];
}

}  // namespace ringside::stack
