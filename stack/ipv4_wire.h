// IPv4 header (RFC 791) and ICMP header (RFC 792). Multi-byte fields big-endian.
//
//   IPv4  0 version, IHL   1 TOS   2 total length   4 identification   6 flags, fragment offset
//         8 TTL            9 protocol   10 header checksum   12 source   16 destination   20 options
//   ICMP  0 type   1 code   2 checksum   4 rest of header (4)   8 data
#ifndef RINGSIDE_STACK_IPV4_WIRE_H_
#define RINGSIDE_STACK_IPV4_WIRE_H_

#include <cstdint>
#include <optional>

#include "stack/address.h"

namespace ringside::stack {

enum IpProtocol : uint8_t { kProtocolIcmp = 1, kProtocolTcp = 6, kProtocolUdp = 17 };

struct Ipv4Header {
  static constexpr uint32_t kMinBytes = 20;
  static constexpr uint32_t kMaxBytes = 60;
  static constexpr uint32_t kMaxPacketBytes = 65535;

  uint8_t header_bytes = kMinBytes;  // 20..60
  uint8_t tos = 0;
  uint16_t total_bytes = 0;
  uint16_t identification = 0;
  bool dont_fragment = false;
  bool more_fragments = false;
  uint16_t fragment_offset = 0;  // bytes, a multiple of 8
  uint8_t ttl = 64;
  uint8_t protocol = 0;
  Ipv4Address source;
  Ipv4Address destination;

  bool is_fragment() const { return more_fragments || fragment_offset != 0; }
  uint32_t payload_bytes() const { return uint32_t{total_bytes} - header_bytes; }
};

enum class Ipv4ParseError : uint8_t { kNone, kShort, kVersion, kHeaderLength, kTotalLength, kFragmentLength };

// Checks lengths, not the checksum. `bytes` is how much is contiguous, `packet_bytes` how long the packet is.
Ipv4ParseError parse_ipv4(const uint8_t* data, uint32_t bytes, uint32_t packet_bytes, Ipv4Header* header);
// Writes 20 bytes with a right checksum; options are never sent.
void write_ipv4(uint8_t* at, const Ipv4Header& header);
bool ipv4_checksum_good(const uint8_t* data, uint32_t header_bytes);
void decrement_ttl(uint8_t* header);  // with incremental checksum (RFC 1624)

enum IcmpType : uint8_t {
  kIcmpEchoReply = 0, kIcmpUnreachable = 3, kIcmpSourceQuench = 4, kIcmpEchoRequest = 8,
  kIcmpTimeExceeded = 11, kIcmpParameterProblem = 12,
};
enum IcmpUnreachableCode : uint8_t {
  kNetUnreachable = 0, kHostUnreachable = 1, kProtocolUnreachable = 2, kPortUnreachable = 3, kFragmentationNeeded = 4,
  kSourceRouteFailed = 5,
};
enum IcmpTimeExceededCode : uint8_t { kTtlExceeded = 0, kReassemblyTimeExceeded = 1 };

struct IcmpHeader {
  static constexpr uint32_t kBytes = 8;
  uint8_t type = 0;
  uint8_t code = 0;
  uint32_t rest = 0;  // echo: identifier << 16 | sequence; fragmentation needed: next-hop MTU
};
std::optional<IcmpHeader> parse_icmp(const uint8_t* data, uint32_t bytes);
void write_icmp(uint8_t* at, const IcmpHeader& header);  // checksum field zero; the caller stores it at +2
constexpr uint32_t kIcmpChecksumOffset = 2;

}  // namespace ringside::stack

#endif  // RINGSIDE_STACK_IPV4_WIRE_H_
