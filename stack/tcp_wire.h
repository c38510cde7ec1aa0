// TCP header and options (RFC 9293 section 3.1, 3.2; RFC 7323; RFC 2018). Multi-byte fields big-endian.
//
//    0 source port    2 destination port   4 sequence number   8 acknowledgment number
//   12 data offset (high 4 bits, in words) 13 flags           14 window
//   16 checksum      18 urgent pointer    20 options, padded with zeros to a multiple of 4
#ifndef RINGSIDE_STACK_TCP_WIRE_H_
#define RINGSIDE_STACK_TCP_WIRE_H_

#include <array>
#include <cstdint>
#include <optional>

#include "stack/sequence.h"

namespace ringside::stack {

enum TcpFlag : uint8_t {
  kTcpFin = 0x01, kTcpSyn = 0x02, kTcpRst = 0x04, kTcpPsh = 0x08, kTcpAck = 0x10, kTcpUrg = 0x20, kTcpEce = 0x40,
  kTcpCwr = 0x80,
};

struct TcpOptions {
  static constexpr size_t kMaxSackBlocks = 4;
  std::optional<uint16_t> mss;           // SYN only
  std::optional<uint8_t> window_scale;   // SYN only
  bool sack_permitted = false;           // SYN only
  bool has_timestamps = false;
  uint32_t ts_value = 0;
  uint32_t ts_echo = 0;
  uint8_t sack_count = 0;
  std::array<SeqRange, kMaxSackBlocks> sack{};
};

struct TcpHeader {
  static constexpr uint32_t kMinBytes = 20;
  static constexpr uint32_t kMaxBytes = 60;
  static constexpr uint32_t kChecksumOffset = 16;

  uint16_t source_port = 0;
  uint16_t destination_port = 0;
  Seq seq;
  Seq ack;
  uint8_t header_bytes = kMinBytes;
  uint8_t flags = 0;
  uint16_t window = 0;  // as on the wire, not scaled
  uint16_t urgent = 0;
  TcpOptions options;
};

// `bytes` is how much is contiguous; empty when the header is short or its data offset is impossible. Options that
// make no sense are left out; an option with an impossible length ends the parse (RFC 9293 MUST-7).
std::optional<TcpHeader> parse_tcp(const uint8_t* data, uint32_t bytes);
uint32_t tcp_data_offset(const uint8_t* data);  // in bytes, unchecked; 13 bytes must be there
uint8_t tcp_header_bytes(const TcpOptions& options);
// Writes header and options with a zero checksum field; header.header_bytes must be tcp_header_bytes(options).
void write_tcp(uint8_t* at, const TcpHeader& header);

}  // namespace ringside::stack

#endif  // RINGSIDE_STACK_TCP_WIRE_H_
