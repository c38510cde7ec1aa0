#include "stack/checksum.h"

#include <cstring>

namespace ringside::stack {
namespace {

uint64_t fold_32(uint64_t sum) {
  sum = (sum & 0xFFFFFFFFu) + (sum >> 32);
  return (sum & 0xFFFFFFFFu) + (sum >> 32);
}

uint16_t fold_16(uint64_t sum) {
  sum = fold_32(sum);
  sum = (sum & 0xFFFF) + (sum >> 16);
  return static_cast<uint16_t>((sum & 0xFFFF) + (sum >> 16));
}

constexpr uint16_t swap_16(uint16_t v) { return static_cast<uint16_t>(v << 8 | v >> 8); }

constexpr bool little_endian() { return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__; }
constexpr uint16_t be_16(uint16_t v) { return little_endian() ? swap_16(v) : v; }

// 64-bit words in two independent chains, so that the carries of one do not wait for the other.
uint64_t sum_words(const uint8_t*& data, size_t& bytes) {
  uint64_t a = 0, b = 0, carries = 0;
  while (bytes >= 16) {
    uint64_t w[2];
    std::memcpy(w, data, 16);
    a += w[0];
    carries += a < w[0];
    b += w[1];
    carries += b < w[1];
    data += 16;
    bytes -= 16;
  }
  return fold_32(a) + fold_32(b) + carries;  // a carry out of 64 bits is worth 1 (2^64 mod 65535)
}

}  // namespace

void ChecksumSum::add(const uint8_t* data, size_t bytes) {
  const bool odd_piece = bytes & 1;
  uint64_t sum = sum_words(data, bytes);
  for (; bytes >= 2; data += 2, bytes -= 2) {
    uint16_t word;
    std::memcpy(&word, data, 2);
    sum += word;
  }
  if (bytes) sum += little_endian() ? data[0] : uint64_t{data[0]} << 8;
  sum_ = fold_32(sum_ + (odd_ ? swap_16(fold_16(sum)) : sum));
  odd_ ^= odd_piece;
}

void ChecksumSum::add_be16(uint16_t value) { sum_ += odd_ ? swap_16(be_16(value)) : be_16(value); }

void ChecksumSum::add_pseudo_header(Ipv4Address source, Ipv4Address destination, uint8_t protocol, uint16_t l4_bytes) {
  add_be16(static_cast<uint16_t>(source.value >> 16));
  add_be16(static_cast<uint16_t>(source.value));
  add_be16(static_cast<uint16_t>(destination.value >> 16));
  add_be16(static_cast<uint16_t>(destination.value));
  add_be16(protocol);
  add_be16(l4_bytes);
}

void ChecksumSum::add_packet(const Packet& packet, uint32_t offset) {
  for (size_t i = 0; i < packet.fragment_count(); ++i) {
    const Fragment& fragment = packet.fragment(i);
    if (offset < fragment.length) add(fragment.begin() + offset, fragment.length - offset);
    offset -= offset < fragment.length ? offset : fragment.length;
  }
}

uint16_t ChecksumSum::folded() const { return be_16(fold_16(sum_)); }

}  // namespace ringside::stack
