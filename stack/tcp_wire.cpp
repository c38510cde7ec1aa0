#include "stack/tcp_wire.h"

#include <cassert>
#include <cstring>

#include "stack/wire_bytes.h"

namespace ringside::stack {
namespace {

enum TcpOffset : uint32_t {
  kSourcePort = 0,
  kDestinationPort = 2,
  kSequence = 4,
  kAcknowledgment = 8,
  kDataOffset = 12,
  kFlags = 13,
  kWindow = 14,
  kChecksum = 16,
  kUrgent = 18,
};
static_assert(kUrgent + 2 == TcpHeader::kMinBytes && kChecksum == TcpHeader::kChecksumOffset, "RFC 9293 layout");

// Kinds and the lengths they must have.
enum TcpOptionKind : uint8_t {
  kEnd = 0,
  kNop = 1,
  kMss = 2,
  kWindowScale = 3,
  kSackPermitted = 4,
  kSack = 5,
  kTimestamps = 8
};
constexpr uint8_t kMssBytes = 4, kWindowScaleBytes = 3, kSackPermittedBytes = 2, kTimestampsBytes = 10;

void parse_sack(const uint8_t* at, uint8_t length, TcpOptions* options) {
  if (length < 10 || (length - 2) % 8 != 0) return;
  for (uint8_t offset = 2; offset < length && options->sack_count < TcpOptions::kMaxSackBlocks; offset += 8) {
    options->sack[options->sack_count++] = {Seq{load_be32(at + offset)}, Seq{load_be32(at + offset + 4)}};
  }
}

void parse_option(const uint8_t* at, uint8_t length, bool syn, TcpOptions* options) {
  switch (at[0]) {
    case kMss:
      if (syn && length == kMssBytes) options->mss = load_be16(at + 2);  // MUST-65: ignored elsewhere
      break;
    case kWindowScale:
      if (syn && length == kWindowScaleBytes) options->window_scale = at[2];
      break;
    case kSackPermitted:
      if (syn && length == kSackPermittedBytes) options->sack_permitted = true;
      break;
    case kSack:
      parse_sack(at, length, options);
      break;
    case kTimestamps:
      if (length != kTimestampsBytes) break;
      options->has_timestamps = true;
      options->ts_value = load_be32(at + 2);
      options->ts_echo = load_be32(at + 6);
      break;
    default:
      break;  // MUST-6
  }
}

void parse_options(const uint8_t* at, uint32_t bytes, bool syn, TcpOptions* options) {
  while (bytes > 0 && at[0] != kEnd) {
    if (at[0] == kNop) {
      ++at;
      --bytes;
      continue;
    }
    if (bytes < 2 || at[1] < 2 || at[1] > bytes) return;
    parse_option(at, at[1], syn, options);
    bytes -= at[1];
    at += at[1];
  }
}

// What goes out, in this order; NOPs keep the 32-bit fields aligned as most stacks do.
uint8_t* write_options(uint8_t* at, const TcpOptions& options) {
  if (options.mss) {
    at[0] = kMss, at[1] = kMssBytes;
    store_be16(at + 2, *options.mss);
    at += kMssBytes;
  }
  if (options.window_scale) {
    at[0] = kNop, at[1] = kWindowScale, at[2] = kWindowScaleBytes, at[3] = *options.window_scale;
    at += 4;
  }
  if (options.sack_permitted) {
    at[0] = at[1] = kNop, at[2] = kSackPermitted, at[3] = kSackPermittedBytes;
    at += 4;
  }
  if (options.has_timestamps) {
    at[0] = at[1] = kNop, at[2] = kTimestamps, at[3] = kTimestampsBytes;
    store_be32(at + 4, options.ts_value);
    store_be32(at + 8, options.ts_echo);
    at += 12;
  }
  if (options.sack_count) {
    at[0] = at[1] = kNop, at[2] = kSack, at[3] = static_cast<uint8_t>(2 + 8 * options.sack_count);
    at += 4;
    for (uint8_t i = 0; i < options.sack_count; ++i, at += 8) {
      store_be32(at, options.sack[i].first.value);
      store_be32(at + 4, options.sack[i].end.value);
    }
  }
  return at;
}

}  // namespace

std::optional<TcpHeader> parse_tcp(const uint8_t* data, uint32_t bytes) {
  if (bytes < TcpHeader::kMinBytes) return std::nullopt;
  TcpHeader header;
  header.header_bytes = static_cast<uint8_t>((data[kDataOffset] >> 4) * 4);
  if (header.header_bytes < TcpHeader::kMinBytes || header.header_bytes > bytes) return std::nullopt;
  header.source_port = load_be16(data + kSourcePort);
  header.destination_port = load_be16(data + kDestinationPort);
  header.seq.value = load_be32(data + kSequence);
  header.ack.value = load_be32(data + kAcknowledgment);
  header.flags = data[kFlags];
  header.window = load_be16(data + kWindow);
  header.urgent = load_be16(data + kUrgent);
  parse_options(data + TcpHeader::kMinBytes, header.header_bytes - TcpHeader::kMinBytes, header.flags & kTcpSyn,
                &header.options);
  return header;
}

uint32_t tcp_data_offset(const uint8_t* data) { return uint32_t{data[kDataOffset]} / 16 * 4; }

uint8_t tcp_header_bytes(const TcpOptions& options) {
  uint32_t bytes = TcpHeader::kMinBytes;
  if (options.mss) bytes += 4;
  if (options.window_scale) bytes += 4;
  if (options.sack_permitted) bytes += 4;
  if (options.has_timestamps) bytes += 12;
  if (options.sack_count) bytes += 4 + 8 * options.sack_count;
  assert(bytes <= TcpHeader::kMaxBytes);
  return static_cast<uint8_t>(bytes);
}

void write_tcp(uint8_t* at, const TcpHeader& header) {
  store_be16(at + kSourcePort, header.source_port);
  store_be16(at + kDestinationPort, header.destination_port);
  store_be32(at + kSequence, header.seq.value);
  store_be32(at + kAcknowledgment, header.ack.value);
  at[kDataOffset] = static_cast<uint8_t>(header.header_bytes / 4 << 4);
  at[kFlags] = header.flags;
  store_be16(at + kWindow, header.window);
  store_be16(at + kChecksum, 0);
  store_be16(at + kUrgent, header.urgent);
  const uint8_t* end = write_options(at + TcpHeader::kMinBytes, header.options);
  assert(end == at + header.header_bytes);
  (void)end;
}

}  // namespace ringside::stack
