#include "stack/icmp.h"

#include <algorithm>
#include <utility>

#include "stack/checksum.h"
#include "stack/packet_tools.h"
#include "stack/wire_bytes.h"

namespace ringside::stack {
namespace {

// RFC 1812 section 4.3.2.8 asks for a limit: a bucket in which each message costs one byte; 100 at once, then 1000/s.
constexpr uint32_t kErrorBurst = 100;
constexpr uint64_t kErrorRate = 1000 * 8;
// RFC 1812 section 4.3.2.3: quote as much as fits 576 bytes; all of it fits our header buffers at 64.
constexpr uint32_t kQuotedBytes = 64;

bool is_error_type(uint8_t type) {
  return type == kIcmpUnreachable || type == kIcmpSourceQuench || type == 5 || type == kIcmpTimeExceeded ||
         type == kIcmpParameterProblem;
}

}  // namespace

Icmp::Icmp(Context& context, Ipv4& ip) : context_(context), ip_(ip) {
  rate_.configure(kErrorRate, kErrorBurst, context.now_ns);
}

// RFC 1122 section 3.2.2: an ICMP error must not answer any of these.
bool Icmp::may_report(uint8_t type, const Ipv4Header& about, const Packet& payload) const {
  if (about.fragment_offset != 0 || !about.source.is_unicast()) return false;
  if (about.destination.is_multicast() || ip_.is_broadcast(about.destination) || ip_.is_broadcast(about.source))
    return false;
  if (about.protocol != kProtocolIcmp) return true;
  const uint8_t* icmp = payload.header(1);
  return type == kIcmpTimeExceeded ? icmp && !is_error_type(icmp[0]) : icmp && icmp[0] == kIcmpEchoRequest;
}

void Icmp::send_error(uint8_t type, uint8_t code, uint32_t rest, const Ipv4Header& about, const Packet& payload) {
  if (!may_report(type, about, payload)) return;
  if (!rate_.take(1, context_.now_ns)) { ++counters_.drop_rate_limited; return; }
  Packet packet = Packet::with_headroom(context_.header_pool.allocate(), kHeaderHeadroom);
  if (packet.empty()) { ++counters_.drop_no_buffer; return; }
  write_icmp(packet.append(IcmpHeader::kBytes), {type, code, rest});
  Ipv4Header quoted = about;
  quoted.header_bytes = Ipv4Header::kMinBytes;
  quoted.total_bytes = static_cast<uint16_t>(about.total_bytes - about.header_bytes + Ipv4Header::kMinBytes);
  write_ipv4(packet.append(Ipv4Header::kMinBytes), quoted);
  const uint32_t part = std::min(kQuotedBytes, payload.length());
  payload.copy_out(0, packet.append(part), part);
  ++counters_.errors_sent;
  const bool local = ip_.is_local(about.destination);
  send(std::move(packet), local ? about.destination : Ipv4Address{}, about.source);
}

bool Icmp::send_echo(Ipv4Address destination, uint16_t identifier, uint16_t sequence, uint32_t payload_bytes) {
  Packet packet = Packet::with_headroom(context_.header_pool.allocate(), kHeaderHeadroom);
  if (packet.empty()) return false;
  write_icmp(packet.append(IcmpHeader::kBytes), {kIcmpEchoRequest, 0, uint32_t{identifier} << 16 | sequence});
  for (uint32_t done = 0; done < payload_bytes;) {
    BufferRef buffer = context_.data_pool.allocate();
    if (!buffer) return false;
    const uint32_t part = std::min(buffer.capacity(), payload_bytes - done);
    for (uint32_t i = 0; i < part; ++i) buffer.data()[i] = static_cast<uint8_t>(done + i);
    if (!packet.add_fragment(std::move(buffer), 0, part)) return false;
    done += part;
  }
  ++counters_.echo_requests_sent;
  send(std::move(packet), {}, destination);
  return true;
}

// Stores the checksum and sends; an `any` source means: whatever the route has.
void Icmp::send(Packet packet, Ipv4Address source, Ipv4Address destination) {
  ChecksumSum sum;
  sum.add_packet(packet, 0);
  context_.charge(StackWork::kChecksumBytes, packet.length());
  store_be16(packet.header(IcmpHeader::kBytes) + kIcmpChecksumOffset, sum.checksum());
  const RouteChoice route = ip_.route(destination);
  if (!route) return;
  Ipv4SendOptions options;
  options.ttl = ip_.config().default_ttl;
  ip_.send(std::move(packet), source.is_any() ? route.source : source, destination, kProtocolIcmp, route, options);
}

void Icmp::receive(const Ipv4Header& header, Packet payload) {
  if (!make_contiguous(payload, IcmpHeader::kBytes, context_.header_pool)) { ++counters_.drop_short; return; }
  ChecksumSum sum;
  sum.add_packet(payload, 0);
  context_.charge(StackWork::kChecksumBytes, payload.length());
  if (sum.folded() != 0xFFFF) { ++counters_.drop_checksum; return; }
  const IcmpHeader icmp = *parse_icmp(payload.header(IcmpHeader::kBytes), IcmpHeader::kBytes);
  if (icmp.type == kIcmpEchoRequest) {
    answer_echo(header, icmp, std::move(payload));
  } else if (icmp.type == kIcmpEchoReply) {
    ++counters_.echo_replies_received;
    if (!on_echo_reply_) return;
    on_echo_reply_({header.source, static_cast<uint16_t>(icmp.rest >> 16), static_cast<uint16_t>(icmp.rest),
                    payload.length() - IcmpHeader::kBytes, header.ttl});
  } else if (is_error_type(icmp.type)) {
    payload.pull(IcmpHeader::kBytes);
    receive_error(icmp, std::move(payload));
  } else {
    ++counters_.drop_unknown_type;
  }
}

// The payload goes back by reference. Broadcast echoes stay unanswered (RFC 1122 section 3.2.2.6 allows it).
void Icmp::answer_echo(const Ipv4Header& header, const IcmpHeader& icmp, Packet payload) {
  ++counters_.echo_requests_received;
  if (!ip_.is_local(header.destination) || header.source.is_any()) return;
  Packet reply = Packet::with_headroom(context_.header_pool.allocate(), kHeaderHeadroom);
  if (reply.empty()) { ++counters_.drop_no_buffer; return; }
  write_icmp(reply.append(IcmpHeader::kBytes), {kIcmpEchoReply, 0, icmp.rest});
  if (!append_shared(reply, payload, IcmpHeader::kBytes, payload.length() - IcmpHeader::kBytes)) {
    ++counters_.drop_no_buffer;
    return;
  }
  ++counters_.echo_replies_sent;
  send(std::move(reply), header.destination, header.source);
}

void Icmp::receive_error(const IcmpHeader& icmp, Packet payload) {
  const uint32_t quoted = std::min(payload.length(), Ipv4Header::kMaxBytes + 8);
  if (!make_contiguous(payload, quoted, context_.header_pool)) { ++counters_.drop_short; return; }
  const uint8_t* data = payload.header(quoted);
  IcmpErrorInfo error{icmp.type, icmp.code, icmp.rest, {}, nullptr};
  // The quoted packet is cut short, so its own total length bounds nothing here.
  const auto result = parse_ipv4(data, quoted, Ipv4Header::kMaxPacketBytes, &error.original);
  if (result != Ipv4ParseError::kNone || quoted < uint32_t{error.original.header_bytes} + 8) {
    ++counters_.drop_short;
    return;
  }
  ++counters_.errors_received;
  if (!ip_.is_local(error.original.source)) return;
  error.transport = data + error.original.header_bytes;
  if (TransportProtocol* transport = transports_[error.original.protocol]) transport->icmp_error(error);
}

}  // namespace ringside::stack
