// Makers of frames with flows in them, for tests of the driver. Checksums are left zero: nobody here looks.
#ifndef RINGSIDE_TESTBENCH_DRIVER_FRAMES_H_
#define RINGSIDE_TESTBENCH_DRIVER_FRAMES_H_

#include <algorithm>
#include <cstdint>
#include <vector>

#include "stack/packet_buffer.h"

namespace ringside::testbench {

inline void put_be(std::vector<uint8_t>& f, size_t at, uint64_t value, size_t bytes) {
  for (size_t i = 0; i < bytes; ++i) f[at + i] = static_cast<uint8_t>(value >> 8 * (bytes - 1 - i));
}
inline uint32_t get_be(const std::vector<uint8_t>& f, size_t at, size_t bytes) {
  uint32_t value = 0;
  for (size_t i = 0; i < bytes; ++i) value = value << 8 | f[at + i];
  return value;
}

inline std::vector<uint8_t> tcp_frame(uint32_t source, uint32_t destination, uint16_t from, uint16_t to,
                                      size_t payload = 10) {
  std::vector<uint8_t> f(54 + payload);
  put_be(f, 0, 0x021122334455, 6);
  put_be(f, 6, 0x020000000009, 6);
  put_be(f, 12, 0x0800, 2);
  f[14] = 0x45;
  put_be(f, 16, f.size() - 14, 2);
  f[22] = 64;
  f[23] = 6;
  put_be(f, 26, source, 4);
  put_be(f, 30, destination, 4);
  put_be(f, 34, from, 2);
  put_be(f, 36, to, 2);
  put_be(f, 38, 1000, 4);  // sequence number
  f[46] = 0x50;
  for (size_t i = 0; i < payload; ++i) f[54 + i] = static_cast<uint8_t>(i * 7);
  return f;
}

inline std::vector<uint8_t> tcp6_frame(uint8_t source, uint8_t destination, uint16_t from, uint16_t to,
                                       size_t payload = 10) {
  const std::vector<uint8_t> v4 = tcp_frame(0, 0, from, to, payload);
  std::vector<uint8_t> f(v4.begin(), v4.begin() + 14);
  f.resize(54);
  f.insert(f.end(), v4.begin() + 34, v4.end());
  put_be(f, 12, 0x86DD, 2);
  f[14] = 0x60;
  put_be(f, 18, f.size() - 54, 2);
  f[20] = 6;
  f[21] = 64;
  f[37] = source;
  f[53] = destination;
  return f;
}

inline std::vector<uint8_t> tagged(std::vector<uint8_t> frame, uint16_t tci) {
  const uint8_t tag[4] = {0x81, 0, static_cast<uint8_t>(tci >> 8), static_cast<uint8_t>(tci)};
  frame.insert(frame.begin() + 12, tag, tag + 4);
  return frame;
}

// In as many buffers as it takes.
inline stack::Packet packet_in(stack::BufferPool& pool, const std::vector<uint8_t>& frame) {
  stack::Packet packet;
  for (size_t done = 0; done < frame.size();) {
    stack::BufferRef buffer = pool.allocate();
    const size_t part = std::min<size_t>(frame.size() - done, buffer.capacity());
    std::copy_n(frame.begin() + static_cast<long>(done), part, buffer.data());
    packet.add_fragment(std::move(buffer), 0, static_cast<uint32_t>(part));
    done += part;
  }
  return packet;
}

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_DRIVER_FRAMES_H_
