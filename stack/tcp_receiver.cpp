#include "stack/tcp_receiver.h"

#include <algorithm>

namespace ringside::stack {

void TcpReceiver::configure(uint32_t limit, uint32_t max_limit, bool auto_tune) {
  limit_ = limit;
  max_limit_ = auto_tune ? std::max(limit, max_limit) : limit;
  auto_tune_ = auto_tune;
}

bool TcpReceiver::overlaps_window(Seq seq, uint32_t length) const {
  const uint32_t window = promised();
  if (window == 0) return length == 0 && seq == nxt;
  if (length == 0) return seq >= nxt && seq < adv;
  return (seq >= nxt && seq < adv) || (seq + (length - 1) >= nxt && seq + (length - 1) < adv) ||
         (seq < nxt && seq + length > adv);  // covers all of it
}

// Path step R11: the free receive buffer is the receive window.
// RFC 9293 section 3.8.6.2.2: the right edge stays until min(MSS, buffer / 2) is free beyond it.
uint32_t TcpReceiver::wanted() const {
  const uint32_t most = 65535u << shift;  // what the field can say
  const uint32_t free = std::min(limit_ > queue.size() ? limit_ - queue.size() : 0, most);
  const uint32_t offered = promised();
  return free >= offered + std::min(limit_ / 2, segment_bytes) ? free : offered;
}

uint16_t TcpReceiver::window_field(bool syn) {
  if (syn) {
    const uint32_t window = std::min(limit_, 65535u);
    adv = max(adv, nxt + window);
    return static_cast<uint16_t>(window);
  }
  // Rounded up: rounding down would move the promised edge left as nxt advances (RFC 7323 section 2.4).
  const uint32_t unit = (1u << shift) - 1;
  const uint32_t field = std::min((wanted() + unit) >> shift, 65535u);
  adv = max(adv, nxt + (field << shift));
  return static_cast<uint16_t>(field);
}

// Only when the sender may be short of window: half of it used up. Otherwise the next ACK carries the news.
bool TcpReceiver::update_worth_sending() const {
  const uint32_t offered = promised(), window = wanted();
  return window > offered && window >= 2 * offered;
}

bool TcpReceiver::accept(Seq seq, Packet& payload) {
  if (seq > nxt || !reassembly.empty()) {
    const bool fills = seq <= nxt;
    reassembly.insert(seq, payload);
    if (fills) nxt = reassembly.deliver(nxt, &queue);
    return false;
  }
  const uint32_t bytes = payload.length();
  for (size_t i = 0; i < payload.fragment_count(); ++i) {
    queue.append(std::move(payload.fragment(i)), payload.meta.journey);
  }
  payload.clear();
  nxt += bytes;
  return true;
}

void TcpReceiver::note_arrival(uint64_t now_ns) {
  if (rtt_running_ && nxt < rtt_edge_) return;
  if (rtt_running_) {
    const uint64_t sample = now_ns - rtt_start_ns_;
    rtt_ns_ = rtt_ns_ == 0 || sample < rtt_ns_ ? sample : rtt_ns_ + (sample - rtt_ns_) / 8;
  }
  rtt_running_ = true;
  rtt_edge_ = adv;
  rtt_start_ns_ = now_ns;
}

// Path step R11: the receive buffer tunes itself to the path.
void TcpReceiver::on_read(uint32_t bytes, uint64_t now_ns, uint64_t path_rtt_ns) {
  if (!auto_tune_ || limit_ >= max_limit_) return;
  tune_copied_ += bytes;
  const uint64_t rtt = path_rtt_ns != 0 ? path_rtt_ns : rtt_ns_;
  const uint64_t passed = now_ns - tune_start_ns_;
  if (passed < rtt || passed == 0) return;
  // A reader that comes late takes more at once, not more per round trip.
  const uint64_t per_rtt =
      static_cast<uint64_t>(static_cast<double>(tune_copied_) * static_cast<double>(rtt) / static_cast<double>(passed));
  if (tune_start_ns_ != 0 && 2 * per_rtt > limit_) {
    limit_ = static_cast<uint32_t>(std::min<uint64_t>(max_limit_, 2 * per_rtt + 16 * segment_bytes));
  }
  tune_start_ns_ = now_ns;
  tune_copied_ = 0;
}

}  // namespace ringside::stack
