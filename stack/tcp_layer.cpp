#include "stack/tcp_layer.h"

#include <algorithm>
#include <utility>

#include "stack/checksum.h"
#include "stack/packet_tools.h"
#include "stack/tcp_output.h"
#include "stack/wire_bytes.h"

namespace ringside::stack {

TcpLayer::TcpLayer(Context& context, Ipv4& ip, const TcpConfig& config)
    : context_(context),
      ip_(ip),
      config_(config),
      isn_key_{context.random.next(), context.random.next()},
      timestamp_key_{context.random.next(), context.random.next()},
      next_port_(static_cast<uint16_t>(config.first_ephemeral_port +
                                       context.random.below(65536u - config.first_ephemeral_port))) {}

TcpLayer::~TcpLayer() = default;

// User calls ---------------------------------------------------------------------------------------------------------

std::shared_ptr<TcpConnection> TcpLayer::connect(Endpoint local, const Endpoint& remote, const TcpSettings& settings,
                                                 Error* error) {
  *error = Error::kAddressNotAvailable;
  if (!remote.address.is_unicast() || ip_.is_broadcast(remote.address) || remote.port == 0) return {};  // MUST-46
  const RouteChoice route = ip_.route(remote.address);
  if (!route) { *error = Error::kNetUnreachable; return {}; }
  if (local.address.is_any()) local.address = route.source;  // MUST-44
  *error = Error::kAddressInUse;
  if (local.port == 0 && !choose_port(&local, remote)) return {};
  if (connections_.count({local, remote}) || connections_.size() >= config_.max_connections) return {};
  *error = Error::kOk;
  auto connection = create({local, remote}, settings);
  connection->path_mtu = route.interface->mtu();
  connection->state = TcpState::kSynSent;
  ++counters_.active_opens;
  connection->timing = true;
  connection->timed_at_ns = context_.now_ns;
  connection->timed_end = connection->snd.iss + 1;
  TcpOutput(*connection).send_syn();
  return connection;
}

std::shared_ptr<TcpConnection> TcpLayer::create(const FourTuple& tuple, const TcpSettings& settings) {
  auto connection = std::make_shared<TcpConnection>(*this, tuple, settings);
  TcpSender& snd = connection->snd;
  snd.iss = snd.una = snd.nxt = snd.max = snd.small_end = initial_sequence(tuple);
  connections_.emplace(tuple, connection);
  return connection;
}

std::shared_ptr<TcpListener> TcpLayer::listen(const Endpoint& local, size_t backlog, const TcpSettings& settings,
                                              Error* error) {
  *error = Error::kAddressInUse;
  for (const auto& listener : listeners_) {
    if (listener->local == local) return {};
  }
  *error = Error::kOk;
  listeners_.push_back(std::make_shared<TcpListener>(local, std::max<size_t>(backlog, 1), settings));
  return listeners_.back();
}

void TcpLayer::close_listener(const std::shared_ptr<TcpListener>& listener) {
  listeners_.erase(std::remove(listeners_.begin(), listeners_.end(), listener), listeners_.end());
  while (!listener->half_open.empty()) listener->half_open.back()->abort();
  while (!listener->established.empty()) {
    auto connection = std::move(listener->established.front());
    listener->established.pop_front();
    connection->listener = nullptr;
    connection->abort();
  }
}

std::shared_ptr<TcpConnection> TcpLayer::accept(TcpListener& listener) {
  if (listener.established.empty()) return {};
  auto connection = std::move(listener.established.front());
  listener.established.pop_front();
  connection->listener = nullptr;
  return connection;
}

bool TcpLayer::port_in_use(const Endpoint& local) const {
  const auto clashes = [&](const Endpoint& other) {
    return other.port == local.port &&
           (other.address == local.address || other.address.is_any() || local.address.is_any());
  };
  if (std::any_of(listeners_.begin(), listeners_.end(), [&](const auto& l) { return clashes(l->local); })) return true;
  return std::any_of(connections_.begin(), connections_.end(), [&](const auto& c) { return clashes(c.first.local); });
}

// RFC 6056 section 3.3.1: from a random start, the next that makes the four-tuple new.
bool TcpLayer::choose_port(Endpoint* local, const Endpoint& remote) {
  const uint32_t count = 65536u - config_.first_ephemeral_port;
  for (uint32_t i = 0; i < count; ++i) {
    local->port = next_port_;
    next_port_ = next_port_ == 65535 ? config_.first_ephemeral_port : static_cast<uint16_t>(next_port_ + 1);
    if (!connections_.count({*local, remote}) && !find_listener(*local)) return true;
  }
  return false;
}

// RFC 6528: ISN = M + F(four-tuple, secret); M ticks each 4 us (MUST-8, MUST-9).
Seq TcpLayer::initial_sequence(const FourTuple& tuple) const {
  uint8_t bytes[12];
  store_be32(bytes, tuple.local.address.value);
  store_be32(bytes + 4, tuple.remote.address.value);
  store_be16(bytes + 8, tuple.local.port);
  store_be16(bytes + 10, tuple.remote.port);
  const uint32_t hash = static_cast<uint32_t>(siphash_2_4(isn_key_, bytes, sizeof bytes));
  return Seq{static_cast<uint32_t>(context_.now_ns / 4000) + hash};
}

uint32_t TcpLayer::timestamp_offset(const FourTuple& tuple) const {
  uint8_t bytes[8];
  store_be32(bytes, tuple.local.address.value);
  store_be32(bytes + 4, tuple.remote.address.value);
  return static_cast<uint32_t>(siphash_2_4(timestamp_key_, bytes, sizeof bytes));
}

// From IP ------------------------------------------------------------------------------------------------------------

bool TcpLayer::checksum_good(const Ipv4Header& header, const Packet& payload) {
  if (payload.meta.l4_verdict != RxVerdict::kNotChecked) return payload.meta.l4_verdict == RxVerdict::kGood;
  const uint32_t length = payload.length();
  ChecksumSum sum;
  sum.add_pseudo_header(header.source, header.destination, kProtocolTcp, static_cast<uint16_t>(length));
  sum.add_packet(payload, 0);
  context_.charge(StackWork::kChecksumBytes, length);
  return sum.folded() == 0xFFFF;
}

// How long the header says it is, in one piece; 0 when the packet is shorter than that. Devices may split anywhere.
uint32_t TcpLayer::contiguous_header(Packet& payload) {
  if (!make_contiguous(payload, TcpHeader::kMinBytes, context_.header_pool)) return 0;
  const uint32_t bytes = std::max(tcp_data_offset(payload.header(TcpHeader::kMinBytes)), TcpHeader::kMinBytes);
  return make_contiguous(payload, bytes, context_.header_pool) ? bytes : 0;
}

// Path step R10: checksum (the NIC's verdict when there is one); control block by the four-tuple; the protocol.
void TcpLayer::receive(const Ipv4Header& ip_header, Packet payload) {
  ++counters_.segments_received;
  context_.charge(StackWork::kTcpSegmentRx);
  const uint32_t length = payload.length();
  const uint32_t header_bytes = contiguous_header(payload);
  if (header_bytes == 0) { ++counters_.drop_short; return; }
  if (!checksum_good(ip_header, payload)) { ++counters_.drop_checksum; return; }
  // MUST-57, MUST-63: neither end may be anything but one host.
  if (!ip_.is_local(ip_header.destination) || !ip_header.source.is_unicast()) { ++counters_.drop_address; return; }
  const auto header = parse_tcp(payload.header(header_bytes), header_bytes);
  if (!header) { ++counters_.drop_short; return; }
  TcpSegment segment;
  segment.header = *header;
  segment.tuple = {{ip_header.destination, header->destination_port}, {ip_header.source, header->source_port}};
  payload.pull(header->header_bytes);
  segment.bytes = length - header->header_bytes;
  segment.payload = std::move(payload);
  context_.mark(segment.payload.meta.journey, PathStep::kR10);
  dispatch(segment);
}

void TcpLayer::dispatch(TcpSegment& segment) {
  TcpConnection* connection = last_ && last_->tuple == segment.tuple ? last_ : nullptr;
  if (!connection) {
    const auto found = connections_.find(segment.tuple);
    if (found != connections_.end()) connection = last_ = found->second.get();
  }
  if (connection && !reopen_time_wait(*connection, segment)) return TcpInput(*connection, segment).run();
  if (TcpListener* listener = find_listener(segment.tuple.local)) return in_listen(*listener, segment);
  no_connection(segment);
}

// RFC 9293 section 3.6.1, MAY-2: a SYN with a number beyond the old connection's opens a new one out of TIME-WAIT.
bool TcpLayer::reopen_time_wait(TcpConnection& connection, TcpSegment& segment) {
  const bool fresh = connection.state == TcpState::kTimeWait && segment.header.flags == kTcpSyn &&
                     segment.header.seq > connection.rcv.nxt && find_listener(segment.tuple.local);
  if (fresh) connection.finish(Error::kOk);
  return fresh;
}

TcpListener* TcpLayer::find_listener(const Endpoint& local) const {
  TcpListener* any = nullptr;
  for (const auto& listener : listeners_) {
    if (listener->local.port != local.port) continue;
    if (listener->local.address == local.address) return listener.get();
    if (listener->local.address.is_any()) any = listener.get();
  }
  return any;
}

// 3.10.7.1 CLOSED
void TcpLayer::no_connection(const TcpSegment& segment) {
  ++counters_.drop_no_connection;
  if (!segment.has(kTcpRst)) send_reset_for(segment);
}

// 3.10.7.2 LISTEN: first RST, second ACK, third SYN, fourth anything else. Data on a SYN is left to be sent again.
void TcpLayer::in_listen(TcpListener& listener, TcpSegment& segment) {
  if (segment.has(kTcpRst)) return;
  if (segment.has(kTcpAck)) return send_reset_for(segment);
  if (!segment.has(kTcpSyn)) return;
  if (listener.full() || connections_.size() >= config_.max_connections) { ++counters_.drop_backlog; return; }
  const RouteChoice route = ip_.route(segment.tuple.remote.address);
  if (!route) { ++counters_.drop_no_route; return; }
  auto connection = create(segment.tuple, listener.settings);
  connection->path_mtu = route.interface->mtu();
  connection->passive = true;
  connection->listener = &listener;
  listener.half_open.push_back(connection.get());
  connection->state = TcpState::kSynReceived;
  connection->rcv.start(segment.header.seq);
  connection->adopt_peer_options(segment.header.options);
  connection->adopt_window(segment.header.window, segment.header.seq, connection->snd.iss);
  connection->timing = true;
  connection->timed_at_ns = context_.now_ns;
  connection->timed_end = connection->snd.iss + 1;
  ++counters_.passive_opens;
  TcpOutput(*connection).send_syn();
}

// RFC 9293 section 3.5.2, group 1: a reset that the sender of this segment will believe.
void TcpLayer::send_reset_for(const TcpSegment& segment) {
  const RouteChoice route = ip_.route(segment.tuple.remote.address);
  Packet packet = Packet::with_headroom(context_.header_pool.allocate(), kHeaderHeadroom);
  if (packet.empty() || !route) { ++counters_.drop_no_buffer; return; }
  TcpHeader header;
  header.source_port = segment.tuple.local.port;
  header.destination_port = segment.tuple.remote.port;
  header.flags = kTcpRst;
  if (segment.has(kTcpAck)) {
    header.seq = segment.header.ack;
  } else {
    header.flags |= kTcpAck;
    header.ack = segment.header.seq + segment.length();
  }
  uint8_t* at = packet.push(TcpHeader::kMinBytes);
  write_tcp(at, header);
  ChecksumSum sum;
  sum.add_pseudo_header(segment.tuple.local.address, segment.tuple.remote.address, kProtocolTcp, TcpHeader::kMinBytes);
  sum.add_packet(packet, 0);
  store_be16(at + TcpHeader::kChecksumOffset, sum.checksum());
  ++counters_.resets_sent;
  ++counters_.segments_sent;
  context_.charge(StackWork::kTcpSegmentTx);
  Ipv4SendOptions options;
  options.ttl = ip_.config().default_ttl;
  options.dont_fragment = true;
  ip_.send(std::move(packet), segment.tuple.local.address, segment.tuple.remote.address, kProtocolTcp, route, options);
}

// RFC 9293 section 3.9.2.2 and RFC 5927: only errors whose quoted number is in flight; soft ones never end a
// connection.
void TcpLayer::icmp_error(const IcmpErrorInfo& error) {
  const FourTuple tuple{{error.original.source, load_be16(error.transport)},
                        {error.original.destination, load_be16(error.transport + 2)}};
  const auto found = connections_.find(tuple);
  if (found == connections_.end() || error.type == kIcmpSourceQuench) return;  // MUST-55
  TcpConnection& connection = *found->second;
  const Seq quoted{load_be32(error.transport + 4)};
  if (quoted < connection.snd.una || quoted > connection.snd.max) return;
  if (error.type == kIcmpUnreachable && error.code == kFragmentationNeeded) {
    connection.set_path_mtu(error.rest & 0xFFFF);
    connection.recovery.enter_timeout(connection.snd.nxt);  // what was too long is gone, at no fault of the path
    return TcpOutput(connection).push();
  }
  const bool hard =
      error.type == kIcmpUnreachable && (error.code == kProtocolUnreachable || error.code == kPortUnreachable);
  if (hard && connection.state == TcpState::kSynSent) {
    ++counters_.failed_attempts;
    return connection.finish(Error::kRefused);
  }
  connection.soft_error = error.code == kNetUnreachable ? Error::kNetUnreachable : Error::kHostUnreachable;  // MUST-56
}

// For the connections ------------------------------------------------------------------------------------------------

void TcpLayer::established(TcpConnection& connection) {
  TcpListener* listener = connection.listener;
  if (!listener) return;
  auto& half = listener->half_open;
  half.erase(std::remove(half.begin(), half.end(), &connection), half.end());
  listener->established.push_back(connections_.at(connection.tuple));
  if (listener->observer) listener->observer->on_tcp_event();
}

void TcpLayer::remove(TcpConnection& connection) {
  if (last_ == &connection) last_ = nullptr;
  if (TcpListener* listener = std::exchange(connection.listener, nullptr)) {
    auto& half = listener->half_open;
    half.erase(std::remove(half.begin(), half.end(), &connection), half.end());
    // What is established already stays to be accepted: the user then reads what came and learns how it ended.
    if (listener->observer) listener->observer->on_tcp_event();
  }
  const auto found = connections_.find(connection.tuple);
  if (found == connections_.end() || found->second.get() != &connection) return;
  closed_.push_back(std::move(found->second));
  connections_.erase(found);
}

void TcpLayer::wake_writers() {
  for (const TcpConnection* connection : snapshot()) {
    if (connection->write_blocked && connection->observer) connection->observer->on_tcp_event();
  }
}

std::vector<const TcpConnection*> TcpLayer::snapshot() const {
  std::vector<const TcpConnection*> all;
  for (const auto& entry : connections_) all.push_back(entry.second.get());
  std::sort(all.begin(), all.end(), [](const TcpConnection* a, const TcpConnection* b) {
    const auto key = [](const FourTuple& t) {
      return std::make_pair(uint64_t{t.local.address.value} << 16 | t.local.port,
                            uint64_t{t.remote.address.value} << 16 | t.remote.port);
    };
    return key(a->tuple) < key(b->tuple);
  });
  return all;
}

}  // namespace ringside::stack
