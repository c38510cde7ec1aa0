#include "stack/udp.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "stack/checksum.h"
#include "stack/packet_tools.h"
#include "stack/wire_bytes.h"

namespace ringside::stack {

std::optional<UdpHeader> parse_udp(const uint8_t* data, uint32_t bytes) {
  if (bytes < UdpHeader::kBytes) return std::nullopt;
  const UdpHeader header{load_be16(data), load_be16(data + 2), load_be16(data + 4), load_be16(data + 6)};
  if (header.length < UdpHeader::kBytes) return std::nullopt;
  return header;
}

void write_udp(uint8_t* at, const UdpHeader& header) {
  store_be16(at, header.source_port);
  store_be16(at + 2, header.destination_port);
  store_be16(at + 4, header.length);
  store_be16(at + 6, header.checksum);
}

Udp::Udp(Context& context, Ipv4& ip, Icmp& icmp, uint16_t first_ephemeral_port)
    : context_(context), ip_(ip), icmp_(icmp), first_port_(first_ephemeral_port),
      next_port_(static_cast<uint16_t>(first_ephemeral_port + context.random.below(65536u - first_ephemeral_port))) {}

bool Udp::in_use(const Endpoint& local) const {
  return std::any_of(ports_.begin(), ports_.end(), [&](const UdpPort* port) {
    return port->local.port == local.port &&
           (port->local.address == local.address || port->local.address.is_any() || local.address.is_any());
  });
}

Error Udp::bind(UdpPort& port, Endpoint local) {
  for (uint32_t i = first_port_; local.port == 0 && i < 65536; ++i) {
    const Endpoint candidate{local.address, next_port_};
    next_port_ = next_port_ == 65535 ? first_port_ : static_cast<uint16_t>(next_port_ + 1);
    if (!in_use(candidate)) local = candidate;
  }
  if (local.port == 0 || in_use(local)) return Error::kAddressInUse;
  port.local = local;
  ports_.push_back(&port);
  return Error::kOk;
}

void Udp::unbind(UdpPort& port) { ports_.erase(std::remove(ports_.begin(), ports_.end(), &port), ports_.end()); }

// The most specific match: connected before bound to the address before bound to any.
UdpPort* Udp::find(const Endpoint& local, const Endpoint& remote) const {
  UdpPort* best = nullptr;
  int best_score = -1;
  for (UdpPort* port : ports_) {
    if (port->local.port != local.port) continue;
    if (!port->local.address.is_any() && port->local.address != local.address) continue;
    if (port->remote.port != 0 && port->remote != remote) continue;
    const int score = (port->remote.port != 0 ? 2 : 0) + (port->local.address.is_any() ? 0 : 1);
    if (score > best_score) best = port, best_score = score;
  }
  return best;
}

Packet Udp::make_datagram(const UdpPort& port, const Endpoint& to, const uint8_t* data, uint32_t bytes) {
  Packet packet = Packet::with_headroom(context_.header_pool.allocate(), kHeaderHeadroom);
  if (packet.empty()) return packet;
  const UdpHeader header{port.local.port, to.port, static_cast<uint16_t>(bytes + UdpHeader::kBytes), 0};
  write_udp(packet.push(UdpHeader::kBytes), header);
  for (uint32_t done = 0; done < bytes;) {
    BufferRef buffer = context_.data_pool.allocate();
    if (!buffer) return {};
    const uint32_t part = std::min(buffer.capacity(), bytes - done);
    std::memcpy(buffer.data(), data + done, part);
    if (!packet.add_fragment(std::move(buffer), 0, part)) return {};
    done += part;
  }
  context_.charge(StackWork::kCopyBytes, bytes);
  return packet;
}

Error Udp::send(UdpPort& port, const Endpoint& to, const uint8_t* data, uint32_t bytes) {
  if (bytes > Ipv4Header::kMaxPacketBytes - Ipv4Header::kMinBytes - UdpHeader::kBytes) return Error::kMessageTooBig;
  const RouteChoice route = ip_.route(to.address);
  if (!route) return Error::kNetUnreachable;
  if ((route.broadcast && !port.settings.broadcast) || to.port == 0 || to.address.is_any()) return Error::kInvalid;
  const Ipv4Address source = port.local.address.is_any() ? route.source : port.local.address;
  Packet packet = make_datagram(port, to, data, bytes);
  if (packet.empty()) { ++counters_.drop_no_buffer; return Error::kNoBuffers; }
  store_checksum(packet, source, to.address, route);
  ++counters_.sent;
  context_.charge(StackWork::kUdpDatagramTx);
  if (context_.journeys) begin_journey(packet);
  Ipv4SendOptions options;
  options.ttl = port.settings.ttl;
  options.tos = port.settings.tos;
  const IpSendResult result = ip_.send(std::move(packet), source, to.address, kProtocolUdp, route, options);
  return result == IpSendResult::kSent     ? Error::kOk
         : result == IpSendResult::kTooBig ? Error::kMessageTooBig
                                           : Error::kNoBuffers;
}

void Udp::begin_journey(Packet& packet) {
  const uint64_t write = std::exchange(context_.write_journey, 0);
  context_.mark(write, PathStep::kT3);
  packet.meta.journey = context_.journeys->packet(write, 1);
  context_.mark(packet.meta.journey, PathStep::kT4);
}

// The NIC can insert it only into a datagram that travels in one piece. A computed zero is sent as all ones.
void Udp::store_checksum(Packet& packet, Ipv4Address source, Ipv4Address destination, const RouteChoice& route) {
  const uint32_t length = packet.length();
  uint8_t* field = packet.fragment(0).begin() + UdpHeader::kChecksumOffset;
  ChecksumSum sum;
  sum.add_pseudo_header(source, destination, kProtocolUdp, static_cast<uint16_t>(length));
  if (route.interface->features().tx_checksum && length + Ipv4Header::kMinBytes <= route.interface->mtu()) {
    store_be16(field, sum.folded());
    packet.meta.tx_checksum = TxChecksum::kInsert;
    packet.meta.csum_start = 0;
    packet.meta.csum_offset = UdpHeader::kChecksumOffset;
    return;
  }
  sum.add_packet(packet, 0);
  context_.charge(StackWork::kChecksumBytes, length);
  store_be16(field, sum.checksum() == 0 ? uint16_t{0xFFFF} : sum.checksum());
}

bool Udp::checksum_good(const Ipv4Header& ip_header, const UdpHeader& header, const Packet& packet) {
  if (header.checksum == 0) return true;  // the sender made none
  if (packet.meta.l4_verdict != RxVerdict::kNotChecked) return packet.meta.l4_verdict == RxVerdict::kGood;
  ChecksumSum sum;
  sum.add_pseudo_header(ip_header.source, ip_header.destination, kProtocolUdp, header.length);
  sum.add_packet(packet, 0);
  context_.charge(StackWork::kChecksumBytes, header.length);
  return sum.folded() == 0xFFFF;
}

void Udp::receive(const Ipv4Header& ip_header, Packet payload) {
  ++counters_.received;
  context_.charge(StackWork::kUdpDatagramRx);
  if (!make_contiguous(payload, UdpHeader::kBytes, context_.header_pool)) { ++counters_.drop_short; return; }
  const auto header = parse_udp(payload.header(UdpHeader::kBytes), UdpHeader::kBytes);
  if (!header || !payload.trim(header->length)) { ++counters_.drop_short; return; }
  if (!checksum_good(ip_header, *header, payload)) { ++counters_.drop_checksum; return; }
  const Endpoint from{ip_header.source, header->source_port};
  UdpPort* port = find({ip_header.destination, header->destination_port}, from);
  if (!port) {
    ++counters_.drop_no_port;
    icmp_.send_error(kIcmpUnreachable, kPortUnreachable, 0, ip_header, payload);
    return;
  }
  const uint32_t bytes = header->length;
  if (port->queued_bytes + bytes > port->settings.receive_buffer_bytes) { ++counters_.drop_queue_full; return; }
  payload.pull(UdpHeader::kBytes);
  port->queued_bytes += bytes;
  port->queue.push_back({from, std::move(payload)});
  if (port->observer) port->observer->on_udp_event();
}

void Udp::icmp_error(const IcmpErrorInfo& error) {
  const Endpoint local{error.original.source, load_be16(error.transport)};
  const Endpoint remote{error.original.destination, load_be16(error.transport + 2)};
  UdpPort* port = find(local, remote);
  if (!port || port->remote != remote) return;  // only a connected socket can know which send failed
  if (error.type != kIcmpUnreachable) return;
  port->pending_error = error.code == kPortUnreachable ? Error::kRefused : Error::kHostUnreachable;
  if (port->observer) port->observer->on_udp_event();
}

}  // namespace ringside::stack
