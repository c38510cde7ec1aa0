#include "stack/tcp_input.h"

#include <algorithm>
#include <utility>

#include "stack/tcp_layer.h"
#include "stack/tcp_output.h"

namespace ringside::stack {

void TcpInput::run() {
  c_.last_receive_ns = c_.context.now_ns;
  c_.keep_alive_sent = 0;
  if (c_.state == TcpState::kSynSent) {
    if (!syn_sent_first_ack() || !syn_sent_second_reset() || !syn_sent_fourth_syn()) return;
  } else if (!timestamps_paws() || !first_sequence() || !second_reset() || !fourth_syn() || !fifth_ack()) {
    return;
  }
  if (sixth_urgent() && seventh_text()) eighth_fin();
  if (c_.state == TcpState::kClosed) return;
  // Path step T11: an ACK that opened the window sends what waits, with no call from the application.
  TcpOutput output(c_);
  output.push();
  if (c_.rcv.ack_now) output.send_ack();
}

// 3.10.7.3 SYN-SENT --------------------------------------------------------------------------------------------------

bool TcpInput::syn_sent_first_ack() {
  if (!s_.has(kTcpAck)) return true;
  if (ack_ > c_.snd.iss && ack_ <= c_.snd.nxt) return true;
  ++c_.layer.counters().drop_ack;
  if (!s_.has(kTcpRst)) c_.layer.send_reset_for(s_);
  return false;
}

bool TcpInput::syn_sent_second_reset() {
  if (!s_.has(kTcpRst)) return true;
  if (s_.has(kTcpAck)) reset_ended(Error::kRefused);
  return false;
}

// The third step, security, is obsolete (RFC 9293 appendix A.2).
bool TcpInput::syn_sent_fourth_syn() {
  if (!s_.has(kTcpSyn)) return false;  // the fifth step: neither SYN nor RST
  c_.rcv.start(seq_);
  if (s_.has(kTcpAck)) c_.snd.una = ack_;
  c_.adopt_peer_options(s_.header.options);
  c_.adopt_window(segment_window(), seq_, s_.has(kTcpAck) ? ack_ : c_.snd.iss);
  seq_ += 1;
  if (c_.snd.una > c_.snd.iss) {
    syn_sent_connected();
    return true;
  }
  c_.state = TcpState::kSynReceived;  // MUST-10: simultaneous open
  c_.retransmit_timer.cancel();
  TcpOutput(c_).send_syn();
  return false;
}

void TcpInput::syn_sent_connected() {
  take_rtt_sample();
  c_.enter_established();
  c_.rcv.ack_now = true;
  c_.notify();
}

// 3.10.7.4 other states ----------------------------------------------------------------------------------------------

// RFC 7323 section 5.3: old duplicates are told by their time stamps, unless ours is older than 24 days (5.5).
bool TcpInput::timestamps_paws() {
  if (!c_.timestamps || s_.has(kTcpRst)) return true;
  constexpr uint64_t kOutdated = 24 * 86400 * kSecond;
  const TcpOptions& options = s_.header.options;
  const bool old = options.has_timestamps && static_cast<int32_t>(options.ts_value - c_.ts_recent) < 0 &&
                   c_.context.now_ns - c_.ts_recent_at_ns < kOutdated;
  if (options.has_timestamps && !old) return true;
  ++c_.layer.counters().drop_paws;
  if (old) TcpOutput(c_).send_ack();
  return false;
}

bool TcpInput::first_sequence() {
  TcpReceiver& rcv = c_.rcv;
  if (c_.state == TcpState::kSynReceived && syn_ && seq_ == rcv.irs) return again_syn();
  if (rcv.overlaps_window(seq_, s_.length())) {
    const TcpOptions& options = s_.header.options;
    if (c_.timestamps && options.has_timestamps && seq_ <= c_.last_ack_sent) {  // RFC 7323 section 4.3
      c_.ts_recent = options.ts_value;
      c_.ts_recent_at_ns = c_.context.now_ns;
    }
    return true;
  }
  if (s_.has(kTcpRst)) { ++c_.layer.counters().drop_sequence; return false; }
  ++c_.layer.counters().drop_sequence;
  if (s_.bytes > 0 && seq_ < rcv.nxt) rcv.reassembly.report_duplicate({seq_, min(seq_ + s_.bytes, rcv.nxt)});
  if (c_.state == TcpState::kTimeWait && s_.has(kTcpFin)) c_.enter_time_wait();  // starts 2 MSL again
  rcv.ack_now = true;
  // A zero window accepts nothing, but valid ACKs count (and URG and RST do, MUST-66).
  const bool only_ack = rcv.promised() == 0 && seq_ == rcv.nxt && !s_.has(kTcpSyn) && s_.has(kTcpAck);
  if (only_ack && fifth_ack()) TcpOutput(c_).push();
  if (c_.state != TcpState::kClosed && rcv.ack_now) TcpOutput(c_).send_ack();
  return false;
}

// The SYN that brought us to SYN-RECEIVED once more: our SYN-ACK was lost, or (with ACK) it is the other half of a
// simultaneous open, whose ACK counts.
bool TcpInput::again_syn() {
  if (!s_.has(kTcpAck)) {
    TcpOutput(c_).send_syn();
    return false;
  }
  seq_ += 1;
  s_.header.flags &= static_cast<uint8_t>(~kTcpSyn);
  c_.rcv.ack_now = true;
  return true;
}

// RFC 5961 section 3: only the exact number resets; anything else in the window has to prove itself.
bool TcpInput::second_reset() {
  if (!s_.has(kTcpRst)) return true;
  if (seq_ != c_.rcv.nxt) {
    challenge_ack();
    return false;
  }
  const bool done = c_.state == TcpState::kClosing || c_.state == TcpState::kLastAck || c_.state == TcpState::kTimeWait;
  if (c_.state == TcpState::kSynReceived) reset_ended(c_.passive ? Error::kReset : Error::kRefused);
  else reset_ended(done ? Error::kOk : Error::kReset);
  return false;
}

// RFC 5961 section 4. A passive open goes back to LISTEN, which here means: this half-open connection goes away.
bool TcpInput::fourth_syn() {
  if (!s_.has(kTcpSyn)) return true;
  if (c_.state == TcpState::kSynReceived && c_.passive) c_.finish(Error::kReset);
  else challenge_ack();
  return false;
}

bool TcpInput::fifth_ack() {
  if (!s_.has(kTcpAck)) { ++c_.layer.counters().drop_no_ack_flag; return false; }
  if (c_.state == TcpState::kSynReceived && !ack_syn_received()) return false;
  if (!ack_acceptable()) return false;
  const bool news = c_.recovery.update_scoreboard(s_.header.options, max(ack_, c_.snd.una), c_.snd.max);
  if (ack_ > c_.snd.una) ack_new_data();
  else if (ack_ == c_.snd.una) ack_duplicate(news);
  update_window();
  return ack_fin();
}

bool TcpInput::ack_syn_received() {
  if (ack_ <= c_.snd.una || ack_ > c_.snd.nxt) {
    ++c_.layer.counters().drop_ack;
    c_.layer.send_reset_for(s_);
    return false;
  }
  c_.snd.una = c_.snd.iss + 1;
  take_rtt_sample();
  c_.adopt_window(segment_window(), seq_, ack_);
  c_.enter_established();
  c_.notify();
  return true;
}

// RFC 5961 section 5: SND.UNA - MAX.SND.WND <= SEG.ACK <= SND.NXT.
bool TcpInput::ack_acceptable() {
  if (ack_ <= c_.snd.max && ack_ >= c_.snd.una - c_.snd.max_wnd) return true;
  ++c_.layer.counters().drop_ack;
  challenge_ack();
  return false;
}

void TcpInput::ack_new_data() {
  take_rtt_sample();
  const uint32_t flight = c_.snd.flight(), acked = distance(c_.snd.una, ack_);
  c_.acknowledge_data(ack_);
  c_.rtt.progress();
  c_.retransmissions = 0;
  c_.persist_shift = 0;
  c_.soft_error = Error::kOk;
  c_.retransmit_timer.cancel();  // RFC 6298 (5.2), (5.3): push() starts it again when something is in flight
  const auto progress = c_.recovery.advance(c_.snd.una);
  if (progress == TcpRecovery::Progress::kRecovered) {
    c_.congestion->on_recovered(c_.snd.flight(), c_.context.now_ns);
  } else if (progress != TcpRecovery::Progress::kPartial) {
    c_.congestion->on_ack({acked, flight, c_.rtt.srtt_ns(), c_.context.now_ns});
  }
  if (c_.write_blocked && c_.writable()) c_.notify();
}

// Duplicate as RFC 5681 section 2 defines it; with SACK, RFC 6675: it must tell something new.
void TcpInput::ack_duplicate(bool scoreboard_news) {
  if (segment_window() == 0) c_.retransmissions = 0;  // alive, only closed: MUST-37
  if (s_.length() > 0 || c_.snd.flight() == 0) return;
  if (c_.recovery.sack() ? !scoreboard_news : segment_window() != c_.snd.wnd) return;
  ++c_.layer.counters().duplicate_acks_received;
  if (!c_.recovery.duplicate_ack(c_.snd.nxt)) return;
  ++c_.layer.counters().fast_recoveries;
  c_.congestion->on_loss(c_.snd.flight(), c_.context.now_ns);
  c_.recovery.enter_fast(c_.snd.nxt);
}

// One timed segment per flight; for what was sent twice the time stamps tell which was answered (RFC 7323 section 4.1).
// An echo from before the last time-out is no answer to it: the peer had all that and repeats what it saw last.
void TcpInput::take_rtt_sample() {
  const uint64_t now = c_.context.now_ns;
  if (c_.timing && ack_ >= c_.timed_end) {
    c_.timing = false;
    c_.rtt.sample(now - c_.timed_at_ns);
  } else if (c_.timestamps && c_.retransmissions > 0 && s_.header.options.has_timestamps) {
    const uint32_t echo = s_.header.options.ts_echo, ticks = c_.timestamp_now() - echo;
    if (static_cast<int32_t>(echo - c_.timeout_timestamp) >= 0 && static_cast<int32_t>(ticks) >= 0)
      c_.rtt.sample(std::max<uint64_t>(ticks, 1) * kMillisecond);
  }
}

void TcpInput::update_window() {
  const TcpSender& snd = c_.snd;
  if (ack_ < snd.una) return;
  if (snd.wl1 < seq_ || (snd.wl1 == seq_ && snd.wl2 <= ack_)) c_.adopt_window(segment_window(), seq_, ack_);
}

bool TcpInput::ack_fin() {
  if (!c_.snd.fin_acked) return true;
  if (c_.state == TcpState::kFinWait1) {
    c_.state = TcpState::kFinWait2;
    if (c_.user_closed) c_.time_wait_timer.arm(c_.context.now_ns + 2 * c_.layer.config().msl_ns);
    c_.notify();
  } else if (c_.state == TcpState::kClosing) {
    c_.enter_time_wait();
  } else if (c_.state == TcpState::kLastAck) {
    c_.finish(Error::kOk);
    return false;
  }
  return true;
}

bool TcpInput::sixth_urgent() { return true; }  // urgent data is delivered in line (RFC 6093)

// Path step R10: new data to the receive socket buffer; an ACK may go out.
bool TcpInput::seventh_text() {
  const bool open =
      c_.state == TcpState::kEstablished || c_.state == TcpState::kFinWait1 || c_.state == TcpState::kFinWait2;
  if (!open) return true;
  if (s_.bytes == 0) return true;
  if (c_.user_closed) {  // nobody will ever read it (RFC 9293 section 3.6.1)
    c_.abort();
    return false;
  }
  const uint32_t original = s_.bytes;
  trim_to_window();
  c_.rcv.note_segment(original);
  if (s_.bytes == 0) { c_.rcv.ack_now = true; return true; }
  const bool holes = !c_.rcv.reassembly.empty();
  const Seq before = c_.rcv.nxt;
  const bool in_order = c_.rcv.accept(seq_, s_.payload);
  c_.layer.counters().bytes_received += s_.bytes;
  if (seq_ > before) ++c_.layer.counters().out_of_order_received;
  c_.rcv.note_arrival(c_.context.now_ns);
  schedule_ack(in_order, holes);
  if (c_.read_shutdown) c_.rcv.queue.clear();
  if (c_.rcv.nxt != before) {
    c_.context.mark(s_.payload.meta.journey, PathStep::kR11);
    c_.notify();
  }
  return true;
}

// What was received before goes from the front, what nobody asked for from the end.
void TcpInput::trim_to_window() {
  TcpReceiver& rcv = c_.rcv;
  if (seq_ < rcv.nxt) {
    const uint32_t old = std::min(distance(seq_, rcv.nxt), s_.bytes);
    rcv.reassembly.report_duplicate({seq_, seq_ + old});
    ++c_.layer.counters().duplicate_received;
    s_.payload.pull(old);
    seq_ += old;
    s_.bytes -= old;
  }
  if (seq_ + s_.bytes > rcv.adv) {
    s_.bytes = seq_ < rcv.adv ? distance(seq_, rcv.adv) : 0;
    s_.payload.trim(s_.bytes);
    s_.header.flags &= static_cast<uint8_t>(~kTcpFin);
  }
}

// RFC 5681 section 4.2: at once when out of order or filling a hole, every second full-sized segment, else delayed.
void TcpInput::schedule_ack(bool in_order, bool holes) {
  TcpReceiver& rcv = c_.rcv;
  rcv.unacked_bytes += s_.bytes;
  const TcpConfig& config = c_.layer.config();
  if (!in_order || holes || rcv.unacked_bytes >= config.ack_every_segments * rcv.segment_bytes) {
    rcv.ack_now = true;
  } else if (!c_.delayed_ack_timer.armed()) {
    c_.delayed_ack_timer.arm(c_.context.now_ns + config.delayed_ack_ns);
  }
}

bool TcpInput::eighth_fin() {
  TcpReceiver& rcv = c_.rcv;
  if (s_.has(kTcpFin) && !rcv.fin) rcv.fin = seq_ + s_.bytes;
  if (!rcv.fin || rcv.nxt != *rcv.fin) return true;  // none, or data before it is still missing
  rcv.nxt += 1;
  rcv.adv = max(rcv.adv, rcv.nxt);
  rcv.ack_now = true;
  if (c_.state == TcpState::kEstablished) c_.state = TcpState::kCloseWait;
  else if (c_.state == TcpState::kFinWait1) c_.state = TcpState::kClosing;  // our FIN is not acknowledged yet
  else if (c_.state == TcpState::kFinWait2) c_.enter_time_wait();
  c_.notify();
  return true;
}

void TcpInput::challenge_ack() {
  if (!c_.allow_challenge_ack()) return;
  ++c_.layer.counters().challenge_acks_sent;
  TcpOutput(c_).send_ack();
}

void TcpInput::reset_ended(Error why) {
  ++c_.layer.counters().resets_received;
  if (c_.state == TcpState::kSynSent || c_.state == TcpState::kSynReceived) ++c_.layer.counters().failed_attempts;
  c_.finish(why);
}

}  // namespace ringside::stack
