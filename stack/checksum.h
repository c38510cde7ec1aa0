// The Internet checksum (RFC 1071): ones' complement sum of 16-bit big-endian words.
//
// Sums eight bytes a step in the machine's own order and turns the result at the end (RFC 1071 section 2B, byte order
// independence). Pieces may have any length and alignment; an odd piece makes the next one count byte-swapped.
#ifndef RINGSIDE_STACK_CHECKSUM_H_
#define RINGSIDE_STACK_CHECKSUM_H_

#include <cstddef>
#include <cstdint>

#include "stack/address.h"
#include "stack/packet_buffer.h"

namespace ringside::stack {

class ChecksumSum {
 public:
  void add(const uint8_t* data, size_t bytes);
  void add_be16(uint16_t value);  // one 16-bit field, value in host order
  void add_pseudo_header(Ipv4Address source, Ipv4Address destination, uint8_t protocol, uint16_t l4_bytes);
  void add_packet(const Packet& packet, uint32_t offset);  // everything from `offset` on

  uint16_t folded() const;  // the sum itself, 0xFFFF for a packet whose checksum is right
  uint16_t checksum() const { return static_cast<uint16_t>(~folded()); }  // what goes into the field

 private:
  uint64_t sum_ = 0;  // of native 16-bit words, folded to 32 bits after each piece
  bool odd_ = false;
};

}  // namespace ringside::stack

#endif  // RINGSIDE_STACK_CHECKSUM_H_
