#include "stack/tcp_connection.h"

#include <algorithm>
#include <array>

#include "stack/ipv4_wire.h"
#include "stack/tcp_layer.h"
#include "stack/tcp_output.h"
#include "stack/tcp_timers.h"

namespace ringside::stack {

std::string_view to_string(TcpState state) {
  static constexpr std::array<std::string_view, 11> kNames = {
      "CLOSED", "LISTEN", "SYN-SENT", "SYN-RECEIVED", "ESTABLISHED", "FIN-WAIT-1", "FIN-WAIT-2", "CLOSE-WAIT",
      "CLOSING", "LAST-ACK", "TIME-WAIT"};
  return kNames[static_cast<size_t>(state)];
}

TcpConnection::TcpConnection(TcpLayer& tcp, const FourTuple& addresses, const TcpSettings& chosen)
    : layer(tcp), context(tcp.context()), tuple(addresses), settings(chosen), snd(context.data_pool),
      rtt(tcp.config().rto), congestion(make_congestion_control(tcp.config().congestion)),
      retransmit_timer(context.timers, [this] { tcp_timers::on_retransmit(*this); }),
      persist_timer(context.timers, [this] { tcp_timers::on_persist(*this); }),
      delayed_ack_timer(context.timers, [this] { tcp_timers::on_delayed_ack(*this); }),
      keep_alive_timer(context.timers, [this] { tcp_timers::on_keep_alive(*this); }),
      time_wait_timer(context.timers, [this] { tcp_timers::on_time_wait(*this); }) {
  rcv.configure(chosen.receive_buffer_bytes, chosen.max_receive_buffer_bytes, chosen.auto_tune);
  ts_offset = tcp.timestamp_offset(tuple);
  last_receive_ns = context.now_ns;
}

TcpConnection::~TcpConnection() = default;

// User calls ---------------------------------------------------------------------------------------------------------

bool TcpConnection::may_write() const {
  const bool open = state == TcpState::kSynSent || state == TcpState::kSynReceived || state == TcpState::kEstablished ||
                    state == TcpState::kCloseWait;
  return open && !snd.fin_wanted;
}

uint32_t TcpConnection::send_space() const {
  return settings.send_buffer_bytes > snd.queue.size() ? settings.send_buffer_bytes - snd.queue.size() : 0;
}

uint32_t TcpConnection::write(const uint8_t* data, uint32_t bytes, uint64_t journey) {
  const uint32_t wanted = std::min(bytes, send_space());
  const uint32_t taken = snd.queue.append(data, wanted);
  if (taken < wanted) context.buffers_wanted = true;
  write_blocked = taken < bytes;
  if (taken == 0) return 0;
  if (journey) writes.push_back({snd.queue.end(), journey});
  context.charge(StackWork::kCopyBytes, taken);
  context.mark(journey, PathStep::kT3);
  TcpOutput(*this).push();
  return taken;
}

uint64_t TcpConnection::write_of(uint64_t position) const {
  for (const TracedWrite& write : writes)
    if (write.end > position) return write.id;
  return 0;
}

uint32_t TcpConnection::read(uint8_t* out, uint32_t bytes, bool peek) {
  const uint32_t taken = std::min(bytes, rcv.queue.size());
  if (taken == 0) return 0;
  context.charge(StackWork::kCopyBytes, taken);
  if (context.journeys && !peek)
    rcv.queue.for_each_journey(taken, [this](uint64_t journey) { context.mark(journey, PathStep::kR12); });
  rcv.queue.read(out, bytes, peek);
  if (peek || state == TcpState::kClosed) return taken;
  rcv.on_read(taken, context.now_ns, rtt.min_rtt_ns());
  // Path step R12: TCP is told and may send a window update.
  const bool more_may_come =
      state == TcpState::kEstablished || state == TcpState::kFinWait1 || state == TcpState::kFinWait2;
  if (more_may_come && rcv.update_worth_sending()) TcpOutput(*this).send_ack();
  return taken;
}

bool TcpConnection::at_end_of_stream() const { return rcv.queue.size() == 0 && rcv.fin && rcv.nxt > *rcv.fin; }

void TcpConnection::shutdown_write() {
  if (snd.fin_wanted || snd.fin_acked) return;
  if (!may_write()) return;
  snd.fin_wanted = true;
  if (state == TcpState::kEstablished) state = TcpState::kFinWait1;
  if (state == TcpState::kCloseWait) state = TcpState::kLastAck;
  TcpOutput(*this).push();
}

// RFC 9293 section 3.10.4, and RFC 2525 section 2.17: closing with unread data tells the peer by a reset.
void TcpConnection::close() {
  user_closed = true;
  observer = nullptr;
  if (state == TcpState::kClosed) return;
  if (state == TcpState::kSynSent) return finish(Error::kOk);
  if (rcv.queue.size() > 0) return abort();
  if (state == TcpState::kFinWait2) time_wait_timer.arm(context.now_ns + 2 * layer.config().msl_ns);
  shutdown_write();
}

void TcpConnection::abort() {
  const bool peer_knows = state >= TcpState::kSynReceived && state != TcpState::kTimeWait;
  if (peer_knows) TcpOutput(*this).send_reset();
  finish(Error::kAborted);
}

void TcpConnection::apply_settings(const TcpSettings& changed) {
  const bool push = changed.no_delay && !settings.no_delay;
  settings = changed;
  rcv.configure(
      changed.receive_buffer_bytes > rcv.limit() || !changed.auto_tune ? changed.receive_buffer_bytes : rcv.limit(),
      changed.max_receive_buffer_bytes, changed.auto_tune);
  if (!settings.keep_alive) keep_alive_timer.cancel();
  else if (synchronized()) keep_alive_timer.arm(context.now_ns + settings.keep_alive_idle_ns);
  if (push) TcpOutput(*this).push();
}

// For the parts ------------------------------------------------------------------------------------------------------

void TcpConnection::enter_established() {
  state = snd.fin_wanted ? TcpState::kFinWait1 : TcpState::kEstablished;
  retransmit_timer.cancel();
  retransmissions = 0;
  recovery.start(snd.una, effective_mss(), recovery.sack());
  // RFC 5681 section 3.1: one segment when the SYN was lost. RFC 6298 (5.7): 3 s then.
  const uint32_t mss = effective_mss();
  congestion->start(mss, syn_retransmitted ? mss : initial_window(mss));
  if (syn_retransmitted && rtt.srtt_ns() == 0) rtt.restart(3 * kSecond);
  if (settings.keep_alive) keep_alive_timer.arm(context.now_ns + settings.keep_alive_idle_ns);
  layer.established(*this);
}

void TcpConnection::enter_time_wait() {
  state = TcpState::kTimeWait;
  retransmit_timer.cancel();
  persist_timer.cancel();
  keep_alive_timer.cancel();
  time_wait_timer.arm(context.now_ns + 2 * layer.config().msl_ns);  // MUST-13
}

void TcpConnection::finish(Error why) {
  if (state == TcpState::kClosed) return;
  state = TcpState::kClosed;
  error = why;
  for (Timer* timer : {&retransmit_timer, &persist_timer, &delayed_ack_timer, &keep_alive_timer, &time_wait_timer}) {
    timer->cancel();
  }
  snd.queue.release(snd.queue.end());
  rcv.reassembly.clear();
  if (why != Error::kOk) rcv.queue.clear();
  TcpObserver* told = observer;
  layer.remove(*this);
  if (told) told->on_tcp_event();
}

// RFC 9293 sections 3.7.1, RFC 7323 section 2.2 and 3.2, RFC 2018 section 2: each option holds when both sides sent it.
void TcpConnection::adopt_peer_options(const TcpOptions& options) {
  constexpr uint32_t kHeaders = Ipv4Header::kMinBytes + TcpHeader::kMinBytes;
  constexpr uint32_t kDefaultMss = 536, kSmallestMss = 48;
  snd.mss =
      std::min<uint32_t>(std::max<uint32_t>(options.mss.value_or(kDefaultMss), kSmallestMss), path_mtu - kHeaders);
  // A segment is one header fragment and references to data buffers, and may start in the middle of one.
  snd.mss = std::min<uint32_t>(snd.mss, (Packet::kMaxFragments - 2) * context.data_pool.buffer_bytes());
  const TcpConfig& config = layer.config();
  if (config.window_scale && options.window_scale) {
    snd.shift = std::min<uint8_t>(*options.window_scale, 14);
    rcv.shift = offered_shift();
  }
  timestamps = config.timestamps && options.has_timestamps;
  if (timestamps) {
    ts_recent = options.ts_value;
    ts_recent_at_ns = context.now_ns;
  }
  recovery.start(snd.una, effective_mss(), config.sack && options.sack_permitted);
}

uint8_t TcpConnection::offered_shift() const {
  const uint32_t largest = std::max(settings.max_receive_buffer_bytes, settings.receive_buffer_bytes);
  uint8_t shift = 0;
  while (shift < 14 && largest >> shift > 65535) ++shift;
  return shift;
}

void TcpConnection::acknowledge_data(Seq ack) {
  const uint32_t numbers = distance(snd.una, ack);
  const uint32_t bytes = std::min(numbers, snd.queue.size());
  snd.queue.release(snd.queue.begin() + bytes);
  while (!writes.empty() && writes.front().end <= snd.queue.begin()) writes.pop_front();
  snd.una = ack;
  snd.nxt = max(snd.nxt, ack);  // a window probe's byte was taken
  if (numbers > bytes && snd.fin_wanted) {
    snd.fin_wanted = false;
    snd.fin_acked = true;
  }
}

void TcpConnection::adopt_window(uint32_t window, Seq seq, Seq ack) {
  snd.wnd = window;
  snd.wl1 = seq;
  snd.wl2 = ack;
  snd.max_wnd = std::max(snd.max_wnd, window);
}

uint32_t TcpConnection::effective_mss() const {
  constexpr uint32_t kTimestampOptionBytes = 12;
  return snd.mss - (timestamps ? kTimestampOptionBytes : 0);
}

uint32_t TcpConnection::timestamp_now() const {
  return static_cast<uint32_t>(context.now_ns / kMillisecond) + ts_offset;
}

bool TcpConnection::allow_challenge_ack() {
  const TcpConfig& config = layer.config();
  if (challenge_acks == 0 || context.now_ns - challenge_window_ns >= config.challenge_window_ns) {
    challenge_window_ns = context.now_ns;
    challenge_acks = 0;
  }
  return challenge_acks++ < config.challenge_acks;
}

// RFC 1191: smaller only, and never below what any path must carry.
void TcpConnection::set_path_mtu(uint32_t mtu) {
  constexpr uint32_t kSmallest = 552;
  mtu = std::max(mtu, kSmallest);
  if (mtu >= path_mtu) return;
  path_mtu = mtu;
  snd.mss = std::min(snd.mss, mtu - Ipv4Header::kMinBytes - TcpHeader::kMinBytes);
  recovery.set_mss(effective_mss());
  congestion->set_mss(effective_mss());
}

}  // namespace ringside::stack
