// Access to ports of verilated models whatever their width: a port is little-endian bytes in memory.
#ifndef RINGSIDE_TESTBENCH_RTL_DMA_READ_PORTS_H_
#define RINGSIDE_TESTBENCH_RTL_DMA_READ_PORTS_H_

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace ringside::testbench {

template <class Port>
void put_bytes(Port& port, const void* from, size_t bytes) {
  auto* raw = reinterpret_cast<uint8_t*>(&port);
  std::memset(raw, 0, sizeof(port));
  std::memcpy(raw, from, std::min(bytes, sizeof(port)));
}

template <class Port>
bool bit_of(const Port& port, uint32_t i) {
  return reinterpret_cast<const uint8_t*>(&port)[i / 8] >> (i % 8) & 1;
}

// Field `index` of `bits` bits in a port that holds several.
template <class Port>
void put_field(Port& port, uint32_t index, uint32_t bits, uint64_t value) {
  auto* raw = reinterpret_cast<uint8_t*>(&port);
  for (uint32_t i = 0; i < bits; ++i) {
    const uint32_t at = index * bits + i;
    const uint8_t mask = static_cast<uint8_t>(1u << (at % 8));
    raw[at / 8] = static_cast<uint8_t>((raw[at / 8] & ~mask) | ((value >> i & 1) ? mask : 0));
  }
}

template <class Port>
uint64_t get_field(const Port& port, uint32_t index, uint32_t bits) {
  uint64_t value = 0;
  for (uint32_t i = 0; i < bits; ++i) value |= uint64_t{bit_of(port, index * bits + i)} << i;
  return value;
}

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_RTL_DMA_READ_PORTS_H_
