#include "stack/ipv4.h"

#include <algorithm>
#include <utility>

#include "stack/icmp.h"
#include "stack/packet_tools.h"

namespace ringside::stack {

Ipv4::Ipv4(Context& context, const Ipv4Config& config)
    : context_(context), config_(config),
      reassembly_(context, config.reassembly,
                  [this](const Ipv4Header& header, const Packet& first) {
                    icmp_->send_error(kIcmpTimeExceeded, kReassemblyTimeExceeded, 0, header, first);
                  }),
      next_identification_(static_cast<uint16_t>(context.random.next())) {}

size_t Ipv4::attach(Interface& interface) {
  interfaces_.push_back(&interface);
  const size_t index = interfaces_.size() - 1;
  for (const Ipv4Prefix& prefix : interface.addresses()) routes_.add({prefix, {}, index});
  return index;
}

bool Ipv4::is_local(Ipv4Address address) const {
  if (address.is_loopback()) return true;
  return std::any_of(interfaces_.begin(), interfaces_.end(), [&](const Interface* i) { return i->owns(address); });
}

bool Ipv4::is_broadcast(Ipv4Address address) const {
  return address.is_limited_broadcast() || std::any_of(interfaces_.begin(), interfaces_.end(), [&](const Interface* i) {
    return i->is_broadcast(address);
  });
}

// Path step T5: route lookup, next hop and interface.
RouteChoice Ipv4::route(Ipv4Address destination) const {
  RouteChoice choice;
  if (interfaces_.empty()) return choice;
  if (is_local(destination)) {
    choice = {interfaces_[0], destination, destination, false};
    return choice;
  }
  if (destination.is_limited_broadcast()) {
    Interface* first = interfaces_[std::min<size_t>(1, interfaces_.size() - 1)];
    return {first, destination, first->source_for(destination), true};
  }
  const Route* entry = routes_.lookup(destination);
  if (!entry) return choice;
  choice.interface = interfaces_[entry->interface];
  choice.next_hop = entry->gateway.is_any() ? destination : entry->gateway;
  choice.source = choice.interface->source_for(choice.next_hop);
  choice.broadcast = choice.interface->is_broadcast(destination);
  return choice;
}

void Ipv4::to_link(Packet packet, const RouteChoice& route) {
  if (route.broadcast) route.interface->send_link_broadcast(std::move(packet));
  else route.interface->send(std::move(packet), route.next_hop);
}

// Path step T5: IP header and its checksum; fragments where they are needed and allowed.
IpSendResult Ipv4::send(Packet payload, Ipv4Address source, Ipv4Address destination, uint8_t protocol,
                        const RouteChoice& route, const Ipv4SendOptions& options) {
  const uint32_t bytes = payload.length();
  const PacketMeta& meta = payload.meta;  // of a packet to be segmented each segment must fit
  const uint32_t largest = meta.segment_bytes ? uint32_t{meta.header_bytes} + meta.segment_bytes : bytes;
  const bool fits = largest + Ipv4Header::kMinBytes <= route.interface->mtu();
  if ((!fits && options.dont_fragment) || bytes + Ipv4Header::kMinBytes > Ipv4Header::kMaxPacketBytes) {
    ++counters_.drop_too_big;
    return IpSendResult::kTooBig;
  }
  Ipv4Header header;
  header.tos = options.tos;
  header.ttl = options.ttl;
  header.protocol = protocol;
  header.source = source;
  header.destination = destination;
  header.dont_fragment = options.dont_fragment;
  // RFC 6864: an atomic datagram's identification means nothing.
  header.identification = options.dont_fragment ? uint16_t{0} : next_identification_++;
  if (!fits) return fragment(header, payload, route);
  header.total_bytes = static_cast<uint16_t>(bytes + Ipv4Header::kMinBytes);
  uint8_t* at = payload.push(Ipv4Header::kMinBytes);
  assert(at && "transport layers leave kHeaderHeadroom");
  write_ipv4(at, header);
  if (payload.meta.tx_checksum == TxChecksum::kInsert) payload.meta.csum_start += Ipv4Header::kMinBytes;
  if (payload.meta.segment_bytes) payload.meta.header_bytes += Ipv4Header::kMinBytes;
  ++counters_.sent;
  context_.charge(StackWork::kIpPacketTx);
  context_.mark(payload.meta.journey, PathStep::kT5);
  to_link(std::move(payload), route);
  return IpSendResult::kSent;
}

// Each fragment is a header of its own in front of a shared slice of the payload.
IpSendResult Ipv4::fragment(const Ipv4Header& header, const Packet& payload, const RouteChoice& route) {
  assert(payload.meta.tx_checksum == TxChecksum::kNone && "no NIC can sum over several packets");
  const uint32_t total = payload.length();
  const uint32_t step = (route.interface->mtu() - Ipv4Header::kMinBytes) & ~7u;
  for (uint32_t offset = 0; offset < total; offset += step) {
    const uint32_t part = std::min(step, total - offset);
    Packet packet = Packet::with_headroom(context_.header_pool.allocate(), kHeaderHeadroom);
    if (packet.empty()) { ++counters_.drop_no_buffer; return IpSendResult::kNoBuffer; }
    Ipv4Header piece = header;
    piece.fragment_offset = static_cast<uint16_t>(header.fragment_offset + offset);
    piece.more_fragments = header.more_fragments || offset + part < total;
    piece.total_bytes = static_cast<uint16_t>(part + Ipv4Header::kMinBytes);
    write_ipv4(packet.push(Ipv4Header::kMinBytes), piece);
    append_shared(packet, payload, offset, part);
    packet.meta.journey = payload.meta.journey;
    ++counters_.fragments_sent;
    context_.charge(StackWork::kIpPacketTx);
    to_link(std::move(packet), route);
  }
  ++counters_.sent;
  return IpSendResult::kSent;
}

// RFC 1122 section 3.2.1.3: what can never be a source. Zero is allowed only for hosts without an address.
bool Ipv4::acceptable_source(const Interface& interface, Ipv4Address source) const {
  if (source.is_multicast() || source.is_reserved() || is_broadcast(source)) return false;
  return !source.is_loopback() || &interface == interfaces_[0];
}

// Devices may split a header anywhere.
bool Ipv4::contiguous_header(Packet& packet) {
  if (!make_contiguous(packet, Ipv4Header::kMinBytes, context_.header_pool)) return false;
  const uint32_t bytes = (packet.header(1)[0] & 15u) * 4;  // IHL; what is wrong with it, parse_ipv4 says
  return make_contiguous(packet, std::max(bytes, Ipv4Header::kMinBytes), context_.header_pool);
}

// Path step R9: header checksum; local delivery or forwarding; reassembly; demultiplexing by protocol.
void Ipv4::receive(Interface& interface, Packet packet, bool link_broadcast) {
  ++counters_.received;
  context_.charge(StackWork::kIpPacketRx);
  context_.mark(packet.meta.journey, PathStep::kR9);
  const uint32_t length = packet.length();
  Ipv4Header header;
  if (!contiguous_header(packet)) { ++counters_.drop_header; return; }
  const Fragment& first = packet.fragment(0);
  if (parse_ipv4(first.begin(), first.length, length, &header) != Ipv4ParseError::kNone) {
    ++counters_.drop_header;
    return;
  }
  const RxVerdict verdict = packet.meta.ip_verdict;
  if (verdict == RxVerdict::kBad ||
      (verdict == RxVerdict::kNotChecked && !ipv4_checksum_good(first.begin(), header.header_bytes))) {
    ++counters_.drop_checksum;
    return;
  }
  if (!acceptable_source(interface, header.source)) { ++counters_.drop_source; return; }
  packet.trim(header.total_bytes);  // Ethernet padding
  if (is_local(header.destination) || is_broadcast(header.destination)) {
    deliver(header, std::move(packet), link_broadcast);
  } else {
    forward(header, std::move(packet), link_broadcast);
  }
}

void Ipv4::deliver(Ipv4Header header, Packet packet, bool link_broadcast) {
  packet.pull(header.header_bytes);
  if (header.is_fragment()) {
    packet = reassembly_.add(header, std::move(packet));
    if (packet.empty()) return;
  }
  TransportProtocol* protocol = protocols_[header.protocol];
  if (!protocol) {
    ++counters_.drop_protocol;
    if (!link_broadcast) icmp_->send_error(kIcmpUnreachable, kProtocolUnreachable, 0, header, packet);
    return;
  }
  ++counters_.delivered;
  protocol->receive(header, std::move(packet));
}

// RFC 1812 section 5.2.1 and 5.3.1: a router's part. The packet's header is still in front.
void Ipv4::forward(const Ipv4Header& header, Packet packet, bool link_broadcast) {
  if (!config_.forwarding || link_broadcast || !header.destination.is_unicast() || header.source.is_any()) {
    ++counters_.drop_not_local;
    return;
  }
  const auto refuse = [&](uint64_t& counter, uint8_t type, uint8_t code, uint32_t rest) {
    ++counter;
    packet.pull(header.header_bytes);
    icmp_->send_error(type, code, rest, header, packet);
  };
  if (header.ttl <= 1) return refuse(counters_.drop_ttl, kIcmpTimeExceeded, kTtlExceeded, 0);
  const RouteChoice choice = route(header.destination);
  if (!choice || choice.broadcast) return refuse(counters_.drop_no_route, kIcmpUnreachable, kNetUnreachable, 0);
  const uint32_t mtu = choice.interface->mtu();
  if (header.total_bytes > mtu && header.dont_fragment) {
    return refuse(counters_.drop_too_big, kIcmpUnreachable, kFragmentationNeeded, mtu);
  }
  const uint64_t journey = packet.meta.journey;
  packet.meta = PacketMeta{};
  packet.meta.journey = journey;
  ++counters_.forwarded;
  context_.charge(StackWork::kIpForward);
  if (header.total_bytes <= mtu) {
    decrement_ttl(packet.header(header.header_bytes));
    to_link(std::move(packet), choice);
    return;
  }
  Ipv4Header shorter = header;
  --shorter.ttl;
  packet.pull(header.header_bytes);
  fragment(shorter, packet, choice);
}

void Ipv4::next_hop_unreachable(Packet ip_packet) {
  Ipv4Header header;
  const Fragment& first = ip_packet.fragment(0);
  if (parse_ipv4(first.begin(), first.length, ip_packet.length(), &header) != Ipv4ParseError::kNone) return;
  ip_packet.pull(header.header_bytes);
  icmp_->send_error(kIcmpUnreachable, kHostUnreachable, 0, header, ip_packet);
}

void Ipv4::no_progress(Ipv4Address destination) {
  const RouteChoice choice = route(destination);
  if (choice) choice.interface->arp().forget(choice.next_hop);
}

}  // namespace ringside::stack
