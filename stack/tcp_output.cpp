#include "stack/tcp_output.h"

#include <algorithm>
#include <utility>

#include "stack/checksum.h"
#include "stack/ethernet_wire.h"
#include "stack/packet_tools.h"
#include "stack/tcp_layer.h"
#include "stack/wire_bytes.h"

namespace ringside::stack {

// Path step T4: the control block says whether a segment may go; one call can send several, and nothing may go as well.
void TcpOutput::push() {
  const TcpState state = c_.state;
  if (state < TcpState::kEstablished || state == TcpState::kFinWait2 || state == TcpState::kTimeWait) return;
  while (send_lost() || send_new()) {
  }
  keep_timers();
}

uint32_t TcpOutput::window_left(Seq from) const {
  const Seq edge = c_.snd.una + c_.snd.wnd;
  return edge > from ? distance(from, edge) : 0;
}

uint32_t TcpOutput::cwnd_left() const {
  const uint32_t pipe = c_.recovery.pipe(c_.snd.nxt), cwnd = c_.congestion->cwnd();
  return cwnd > pipe ? cwnd - pipe : 0;
}

// Lost ranges go first. The first retransmission of a recovery goes whatever the window says (RFC 6675 section 5, 4.3).
bool TcpOutput::send_lost() {
  if (c_.recovery.phase() == TcpRecovery::Phase::kOpen) return false;
  auto range = c_.recovery.next_lost(c_.snd.nxt);
  if (!range) return false;
  const bool first = c_.recovery.first_retransmission_due();
  if (!first && cwnd_left() < std::min(distance(range->first, range->end), c_.effective_mss())) return false;
  const uint32_t left = window_left(range->first);
  if (left == 0 && range->first != c_.snd.una) return false;
  range->end = min(range->end, range->first + std::max(left, 1u));  // a shrunken window still gets one byte
  return send_range(*range);
}

bool TcpOutput::send_range(SeqRange range) {
  const Seq data_end = c_.snd.data_end();
  const uint32_t bytes = range.first < data_end ? distance(range.first, min(range.end, data_end)) : 0;
  uint8_t flags = kTcpAck;
  if (range.end > data_end && c_.snd.fin_wanted) flags |= kTcpFin;
  if (range.first + bytes == data_end) flags |= kTcpPsh;
  if (!emit(range.first, bytes, flags)) return false;
  if (c_.timing && c_.timed_end > range.first) c_.timing = false;  // Karn, MUST-18
  c_.recovery.retransmitted(range.end);
  TcpCounters& counters = c_.layer.counters();
  ++counters.retransmitted_segments;
  counters.retransmitted_bytes += bytes;
  return true;
}

// RFC 9293 section 3.8.6.2.1 (sender SWS avoidance) with section 3.7.4 (Nagle, in Minshall's form: a small segment
// waits for small ones only, so that the end of a bulk write does not wait for a delayed ACK).
bool TcpOutput::worth_sending(uint32_t bytes, uint32_t pending, uint32_t window, uint32_t cwnd) const {
  if (bytes >= c_.effective_mss()) return true;
  if (bytes == pending) return c_.settings.no_delay || c_.snd.small_end <= c_.snd.una || c_.snd.fin_wanted;
  return window <= cwnd && c_.snd.flight() == 0 && bytes >= c_.snd.max_wnd / 2;
}

// How much goes at once: a segment, or as many whole ones as window, congestion window and device allow. What is left
// over is a segment of its own: whether it may go is decided as if there were no offload.
uint32_t TcpOutput::next_send(uint32_t pending, uint32_t usable) const {
  const uint32_t mss = c_.effective_mss(), bytes = std::min(pending, usable);
  if (bytes < 2 * mss) return std::min(bytes, mss);
  const uint32_t whole = std::min(bytes, largest_send());
  return whole - whole % mss;
}

// Payload that the device segments at once, at least one MSS. It may start and end in the middle of a data buffer.
uint32_t TcpOutput::largest_send() const {
  constexpr uint32_t kHeaders = EthernetHeader::kVlanBytes + Ipv4Header::kMinBytes + TcpHeader::kMaxBytes;
  const uint32_t mss = c_.effective_mss();
  const RouteChoice route = c_.layer.ip().route(c_.tuple.remote.address);
  if (!route) return mss;
  const DeviceFeatures& features = route.interface->features();
  if (!features.tx_checksum || features.max_segment_bytes <= kHeaders || features.max_fragments <= 2) return mss;
  const uint32_t fragments = std::min<uint32_t>(features.max_fragments, Packet::kMaxFragments) - 2;
  const uint32_t bytes = features.max_segment_bytes - kHeaders;
  return std::max(mss, std::min(bytes, fragments * c_.context.data_pool.buffer_bytes()));
}

bool TcpOutput::send_new() {
  TcpSender& snd = c_.snd;
  const Seq data_end = snd.data_end();
  const uint32_t pending = snd.nxt < data_end ? distance(snd.nxt, data_end) : 0;
  const bool fin_pending = snd.fin_wanted && snd.nxt <= data_end;
  if (pending == 0 && !fin_pending) return false;
  if (snd.flight() == 0 && c_.context.now_ns - c_.last_send_ns > c_.rtt.rto_ns()) {
    c_.congestion->on_idle(initial_window(c_.effective_mss()));  // RFC 5681 section 4.1
  }
  const uint32_t window = window_left(snd.nxt), cwnd = cwnd_left();
  const uint32_t usable = std::min(window, cwnd);
  const uint32_t bytes = next_send(pending, usable);
  if (usable == 0 || (pending > 0 && !worth_sending(bytes, pending, window, cwnd))) return false;
  const bool with_fin = fin_pending && bytes == pending && bytes < usable;
  if (bytes == 0 && !with_fin) return false;
  const uint8_t flags = static_cast<uint8_t>(kTcpAck | (bytes == pending ? kTcpPsh : 0) | (with_fin ? kTcpFin : 0));
  const Seq first = snd.nxt;
  if (!emit(first, bytes, flags)) return false;
  snd.nxt += bytes + (with_fin ? 1 : 0);
  if (bytes < c_.effective_mss()) snd.small_end = snd.nxt;
  snd.max = max(snd.max, snd.nxt);
  if (!c_.timing) {
    c_.timing = true;
    c_.timed_end = bytes > c_.effective_mss() ? first + c_.effective_mss() : snd.nxt;  // of the first segment
    c_.timed_at_ns = c_.context.now_ns;
  }
  return true;
}

// Something in flight: the retransmission timer runs. Something waits and nothing is in flight: the persist timer does,
// so that a lost window update (or an empty buffer pool) cannot stop the connection for ever.
void TcpOutput::keep_timers() {
  const uint64_t now = c_.context.now_ns;
  if (c_.snd.flight() > 0) {
    c_.persist_timer.cancel();
    if (!c_.retransmit_timer.armed()) c_.retransmit_timer.arm(now + c_.rtt.rto_ns());
    return;
  }
  c_.retransmit_timer.cancel();
  if (c_.snd.queue.size() == 0 && !c_.snd.fin_wanted) {
    c_.persist_timer.cancel();
  } else if (!c_.persist_timer.armed()) {
    c_.persist_timer.arm(now + std::min(c_.rtt.rto_ns() << c_.persist_shift, c_.layer.config().rto.maximum_ns));
  }
}

void TcpOutput::send_syn() {
  const uint8_t flags = c_.state == TcpState::kSynSent ? kTcpSyn : kTcpSyn | kTcpAck;
  emit(c_.snd.iss, 0, flags);
  c_.snd.nxt = max(c_.snd.nxt, c_.snd.iss + 1);
  c_.snd.max = max(c_.snd.max, c_.snd.nxt);
  if (!c_.retransmit_timer.armed()) c_.retransmit_timer.arm(c_.context.now_ns + c_.rtt.rto_ns());
}

void TcpOutput::send_ack() {
  if (c_.state >= TcpState::kSynReceived) emit(c_.snd.nxt, 0, kTcpAck);
}

// One byte beyond the window (MUST-36), or the FIN when that is all there is. snd_nxt stays: the byte may be refused.
void TcpOutput::send_window_probe() {
  const uint32_t bytes = c_.snd.queue.size() > 0 ? 1 : 0;
  emit(c_.snd.una, bytes, static_cast<uint8_t>(kTcpAck | (bytes ? 0 : kTcpFin)));
  c_.snd.max = max(c_.snd.max, c_.snd.una + 1);
  ++c_.layer.counters().window_probes_sent;
}

// An old sequence number makes the peer answer (RFC 9293 section 3.8.4).
void TcpOutput::send_keep_alive() {
  emit(c_.snd.una - 1, 0, kTcpAck);
  ++c_.layer.counters().keep_alives_sent;
}

void TcpOutput::send_reset() {
  emit(c_.snd.nxt, 0, kTcpRst | kTcpAck);
  ++c_.layer.counters().resets_sent;
}

TcpHeader TcpOutput::make_header(Seq seq, uint8_t flags) const {
  TcpHeader header;
  header.source_port = c_.tuple.local.port;
  header.destination_port = c_.tuple.remote.port;
  header.seq = seq;
  header.ack = flags & kTcpAck ? c_.rcv.nxt : Seq{0};
  header.flags = flags;
  header.window = c_.rcv.window_field(flags & kTcpSyn);
  return header;
}

void TcpOutput::add_options(TcpHeader* header, uint32_t payload_bytes) {
  const TcpConfig& config = c_.layer.config();
  TcpOptions& options = header->options;
  const bool answer = header->flags & kTcpAck;  // a SYN-ACK repeats only what the SYN offered
  if (header->flags & kTcpSyn) {
    options.mss = static_cast<uint16_t>(c_.path_mtu - Ipv4Header::kMinBytes - TcpHeader::kMinBytes);  // MUST-67
    if (config.window_scale && (!answer || c_.rcv.shift || c_.snd.shift)) options.window_scale = c_.offered_shift();
    options.sack_permitted = config.sack && (!answer || c_.recovery.sack());
  }
  options.has_timestamps = header->flags & kTcpSyn && !answer ? config.timestamps : c_.timestamps;
  options.ts_value = c_.timestamp_now();
  options.ts_echo = answer ? c_.ts_recent : 0;
  if (header->flags & (kTcpSyn | kTcpRst) || !c_.recovery.sack() || !c_.rcv.reassembly.wants_sack()) return;
  const uint32_t room = std::min(TcpHeader::kMaxBytes - tcp_header_bytes(options),
                                 payload_bytes < c_.effective_mss() ? c_.effective_mss() - payload_bytes : 0);
  if (room >= 12) c_.rcv.reassembly.fill_sack(&options, static_cast<uint8_t>(std::min<uint32_t>((room - 4) / 8, 4)));
}

bool TcpOutput::emit(Seq seq, uint32_t bytes, uint8_t flags) {
  Context& context = c_.context;
  Packet packet = Packet::with_headroom(context.header_pool.allocate(), kHeaderHeadroom);
  if (packet.empty()) {
    ++c_.layer.counters().drop_no_buffer;
    return false;
  }
  TcpHeader header = make_header(seq, flags);
  add_options(&header, bytes);
  header.header_bytes = tcp_header_bytes(header.options);
  write_tcp(packet.push(header.header_bytes), header);
  if (bytes > 0) {
    const uint64_t position = c_.snd.queue.begin() + distance(c_.snd.una, seq);
    const uint32_t added = c_.snd.queue.add_to(packet, position, bytes, Packet::kMaxFragments);
    assert(added == bytes && "Stack's constructor sees to it that a segment fits the fragments");
    (void)added;
  }
  if (context.journeys) packet.meta.journey = new_journey(seq, bytes);
  if (bytes > c_.effective_mss()) {
    packet.meta.segment_bytes = static_cast<uint16_t>(c_.effective_mss());
    packet.meta.header_bytes = static_cast<uint16_t>(header.header_bytes);  // each layer below adds its own
  }
  if (flags & kTcpAck) acknowledged();
  c_.last_send_ns = context.now_ns;
  context.charge(StackWork::kTcpSegmentTx);
  context.mark(packet.meta.journey, PathStep::kT4);
  return hand_to_ip(std::move(packet), bytes);
}

// Path step T11: what goes out by itself, after an ACK or a timer, belongs to the write that brought its first byte.
uint64_t TcpOutput::new_journey(Seq seq, uint32_t bytes) const {
  const uint64_t position = c_.snd.queue.begin() + distance(c_.snd.una, seq);
  const uint32_t mss = c_.effective_mss();
  return c_.context.journeys->packet(bytes > 0 ? c_.write_of(position) : 0, bytes > mss ? (bytes + mss - 1) / mss : 1);
}

void TcpOutput::acknowledged() {
  c_.rcv.unacked_bytes = 0;
  c_.rcv.ack_now = false;
  c_.delayed_ack_timer.cancel();
  c_.last_ack_sent = c_.rcv.nxt;
}

// Path step T4: with offload only the pseudo header's sum is written and the NIC does the rest; without, all of it
// here.
bool TcpOutput::hand_to_ip(Packet packet, uint32_t payload_bytes) {
  TcpCounters& counters = c_.layer.counters();
  const Ipv4Address source = c_.tuple.local.address, destination = c_.tuple.remote.address;
  const RouteChoice route = c_.layer.ip().route(destination);
  if (!route) {
    ++counters.drop_no_route;
    return true;  // as if lost: a route may come back
  }
  const uint32_t length = packet.length(), segment_bytes = packet.meta.segment_bytes;
  ChecksumSum sum;  // of segments to be made the length is not known yet: the device adds it
  const uint16_t summed_length = segment_bytes ? uint16_t{0} : static_cast<uint16_t>(length);
  sum.add_pseudo_header(source, destination, kProtocolTcp, summed_length);
  uint8_t* field = packet.fragment(0).begin() + TcpHeader::kChecksumOffset;
  if (route.interface->features().tx_checksum) {
    store_be16(field, sum.folded());
    packet.meta.tx_checksum = TxChecksum::kInsert;
    packet.meta.csum_start = 0;  // each layer below adds its header
    packet.meta.csum_offset = TcpHeader::kChecksumOffset;
  } else {
    assert(segment_bytes == 0 && "largest_send() asks for checksum offload");
    sum.add_packet(packet, 0);
    c_.context.charge(StackWork::kChecksumBytes, length);
    store_be16(field, sum.checksum());
  }
  counters.segments_sent += segment_bytes ? (payload_bytes + segment_bytes - 1) / segment_bytes : 1;
  counters.packets_segmented += segment_bytes ? 1 : 0;
  counters.bytes_sent += payload_bytes;
  Ipv4SendOptions options;
  options.ttl = c_.settings.ttl;
  options.tos = c_.settings.tos;
  options.dont_fragment = true;
  c_.layer.ip().send(std::move(packet), source, destination, kProtocolTcp, route, options);
  return true;
}

}  // namespace ringside::stack
