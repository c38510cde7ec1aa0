// Loads and stores in network byte order at any address. The field-offset tables of the *_wire.h headers go with it.
#ifndef RINGSIDE_STACK_WIRE_BYTES_H_
#define RINGSIDE_STACK_WIRE_BYTES_H_

#include <cstdint>

namespace ringside::stack {

inline uint16_t load_be16(const uint8_t* at) { return static_cast<uint16_t>(at[0] << 8 | at[1]); }
inline uint32_t load_be32(const uint8_t* at) {
  return uint32_t{at[0]} << 24 | uint32_t{at[1]} << 16 | uint32_t{at[2]} << 8 | at[3];
}
inline void store_be16(uint8_t* at, uint16_t value) {
  at[0] = static_cast<uint8_t>(value >> 8);
  at[1] = static_cast<uint8_t>(value);
}
inline void store_be32(uint8_t* at, uint32_t value) {
  store_be16(at, static_cast<uint16_t>(value >> 16));
  store_be16(at + 2, static_cast<uint16_t>(value));
}

}  // namespace ringside::stack

#endif  // RINGSIDE_STACK_WIRE_BYTES_H_
