#include "stack/tcp_timers.h"

#include <algorithm>

#include "stack/tcp_layer.h"
#include "stack/tcp_output.h"

namespace ringside::stack::tcp_timers {
namespace {

bool opening(const TcpConnection& c) { return c.state == TcpState::kSynSent || c.state == TcpState::kSynReceived; }

// R1 and R2 of RFC 9293 section 3.8.3: true when it is time to give up.
bool out_of_patience(TcpConnection& c) {
  const uint64_t now = c.context.now_ns;
  if (c.retransmissions == 0) c.stalled_since_ns = now - std::min(now, c.rtt.rto_ns());
  if (c.retransmissions == c.layer.config().r1_retransmissions) c.layer.ip().no_progress(c.tuple.remote.address);
  const uint64_t limit_ns = opening(c) ? c.layer.config().syn_timeout_ns : c.settings.user_timeout_ns;
  return now - c.stalled_since_ns >= limit_ns;
}

}  // namespace

// Path step T11: retransmission with no call from the application. RFC 6298 (5.4) to (5.6).
void on_retransmit(TcpConnection& c) {
  c.context.charge(StackWork::kTimer);
  ++c.layer.counters().timeouts;
  if (out_of_patience(c)) {
    if (c.state != TcpState::kSynSent) TcpOutput(c).send_reset();
    if (opening(c)) ++c.layer.counters().failed_attempts;
    return c.finish(c.soft_error == Error::kOk ? Error::kTimedOut : c.soft_error);
  }
  c.rtt.back_off();
  c.timeout_timestamp = c.timestamp_now();
  c.timing = false;
  const bool first = c.retransmissions++ == 0;
  c.retransmit_timer.arm(c.context.now_ns + c.rtt.rto_ns());
  if (opening(c)) {
    c.syn_retransmitted = true;
    ++c.layer.counters().retransmitted_segments;
    return TcpOutput(c).send_syn();
  }
  // RFC 5681 equation (4): ssthresh only for the first time-out of a segment.
  if (first) c.congestion->on_timeout(c.snd.flight(), c.context.now_ns);
  c.recovery.enter_timeout(c.snd.nxt);
  TcpOutput(c).push();
}

// Path step T11: the peer's window is closed (or too small to be worth while) and nothing is in flight.
void on_persist(TcpConnection& c) {
  c.context.charge(StackWork::kTimer);
  constexpr unsigned kMaxShift = 20;
  c.persist_shift = std::min(c.persist_shift + 1, kMaxShift);
  TcpOutput(c).send_window_probe();
  TcpOutput(c).push();  // arms again
}

void on_delayed_ack(TcpConnection& c) {
  c.context.charge(StackWork::kTimer);
  ++c.layer.counters().delayed_acks_sent;
  TcpOutput(c).send_ack();
}

// RFC 9293 section 3.8.4. One lost answer must not end a connection (MUST-29): only a run of them does.
void on_keep_alive(TcpConnection& c) {
  c.context.charge(StackWork::kTimer);
  const uint64_t now = c.context.now_ns;
  const TcpSettings& settings = c.settings;
  if (now - c.last_receive_ns < settings.keep_alive_idle_ns && c.keep_alive_sent == 0) {
    return c.keep_alive_timer.arm(c.last_receive_ns + settings.keep_alive_idle_ns);  // MUST-26: only when idle
  }
  if (c.keep_alive_sent >= settings.keep_alive_probes) {
    TcpOutput(c).send_reset();
    return c.finish(Error::kTimedOut);
  }
  ++c.keep_alive_sent;
  TcpOutput(c).send_keep_alive();
  c.keep_alive_timer.arm(now + settings.keep_alive_interval_ns);
}

// 2 MSL are over, or a FIN-WAIT-2 that nobody reads any more has waited long enough.
void on_time_wait(TcpConnection& c) {
  c.context.charge(StackWork::kTimer);
  c.finish(Error::kOk);
}

}  // namespace ringside::stack::tcp_timers
