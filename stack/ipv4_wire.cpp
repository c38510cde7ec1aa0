#include "stack/ipv4_wire.h"

#include "stack/checksum.h"
#include "stack/wire_bytes.h"

namespace ringside::stack {
namespace {

enum Ipv4Offset : uint32_t {
  kVersionIhl = 0, kTos = 1, kTotalLength = 2, kIdentification = 4, kFlagsOffset = 6, kTtl = 8, kProtocol = 9,
  kHeaderChecksum = 10, kSource = 12, kDestination = 16,
};
static_assert(kDestination + 4 == Ipv4Header::kMinBytes, "RFC 791 layout");
constexpr uint16_t kFlagDontFragment = 0x4000;
constexpr uint16_t kFlagMoreFragments = 0x2000;
constexpr uint16_t kOffsetMask = 0x1FFF;  // in units of 8 bytes

}  // namespace

Ipv4ParseError parse_ipv4(const uint8_t* data, uint32_t bytes, uint32_t packet_bytes, Ipv4Header* header) {
  if (bytes < Ipv4Header::kMinBytes) return Ipv4ParseError::kShort;
  if (data[kVersionIhl] >> 4 != 4) return Ipv4ParseError::kVersion;
  header->header_bytes = static_cast<uint8_t>((data[kVersionIhl] & 15) * 4);
  if (header->header_bytes < Ipv4Header::kMinBytes || header->header_bytes > bytes)
    return Ipv4ParseError::kHeaderLength;
  header->total_bytes = load_be16(data + kTotalLength);
  if (header->total_bytes < header->header_bytes || header->total_bytes > packet_bytes)
    return Ipv4ParseError::kTotalLength;
  header->tos = data[kTos];
  header->identification = load_be16(data + kIdentification);
  const uint16_t flags = load_be16(data + kFlagsOffset);
  header->dont_fragment = flags & kFlagDontFragment;
  header->more_fragments = flags & kFlagMoreFragments;
  header->fragment_offset = static_cast<uint16_t>((flags & kOffsetMask) * 8);
  header->ttl = data[kTtl];
  header->protocol = data[kProtocol];
  header->source.value = load_be32(data + kSource);
  header->destination.value = load_be32(data + kDestination);
  const uint32_t payload = header->payload_bytes();
  const bool bad_middle = header->more_fragments && (payload == 0 || payload % 8 != 0);
  if (bad_middle || header->fragment_offset + payload > Ipv4Header::kMaxPacketBytes - Ipv4Header::kMinBytes) {
    return Ipv4ParseError::kFragmentLength;
  }
  return Ipv4ParseError::kNone;
}

void write_ipv4(uint8_t* at, const Ipv4Header& header) {
  at[kVersionIhl] = 0x45;
  at[kTos] = header.tos;
  store_be16(at + kTotalLength, header.total_bytes);
  store_be16(at + kIdentification, header.identification);
  store_be16(at + kFlagsOffset, static_cast<uint16_t>((header.dont_fragment ? kFlagDontFragment : 0) |
                                                      (header.more_fragments ? kFlagMoreFragments : 0) |
                                                      header.fragment_offset / 8));
  at[kTtl] = header.ttl;
  at[kProtocol] = header.protocol;
  store_be16(at + kHeaderChecksum, 0);
  store_be32(at + kSource, header.source.value);
  store_be32(at + kDestination, header.destination.value);
  ChecksumSum sum;
  sum.add(at, Ipv4Header::kMinBytes);
  store_be16(at + kHeaderChecksum, sum.checksum());
}

bool ipv4_checksum_good(const uint8_t* data, uint32_t header_bytes) {
  ChecksumSum sum;
  sum.add(data, header_bytes);
  return sum.folded() == 0xFFFF;
}

void decrement_ttl(uint8_t* header) {
  --header[kTtl];
  // RFC 1624 equation 3: HC' = ~(~HC + ~m + m'), and m' - m is -0x0100 here.
  uint32_t sum = uint32_t{load_be16(header + kHeaderChecksum)} + 0x0100;
  store_be16(header + kHeaderChecksum, static_cast<uint16_t>(sum + (sum >> 16)));
}

std::optional<IcmpHeader> parse_icmp(const uint8_t* data, uint32_t bytes) {
  if (bytes < IcmpHeader::kBytes) return std::nullopt;
  return IcmpHeader{data[0], data[1], load_be32(data + 4)};
}

void write_icmp(uint8_t* at, const IcmpHeader& header) {
  at[0] = header.type;
  at[1] = header.code;
  store_be16(at + kIcmpChecksumOffset, 0);
  store_be32(at + 4, header.rest);
}

}  // namespace ringside::stack
