#include "stack/tcp_recovery.h"

#include <algorithm>

namespace ringside::stack {

bool TcpRecovery::update_scoreboard(const TcpOptions& options, Seq una, Seq snd_max) {
  if (!sack_) return false;
  bool news = false;
  for (uint8_t i = 0; i < options.sack_count; ++i) {
    SeqRange block = options.sack[i];
    if (block.first >= block.end || block.end > snd_max || block.end <= una) continue;  // nonsense, or a D-SACK
    block.first = max(block.first, una);
    news |= insert(block);
  }
  return news;
}

bool TcpRecovery::insert(SeqRange block) {
  auto first = std::find_if(sacked_.begin(), sacked_.end(), [&](const SeqRange& r) { return r.end >= block.first; });
  if (first != sacked_.end() && first->first <= block.first && first->end >= block.end) return false;
  auto last = first;
  for (; last != sacked_.end() && last->first <= block.end; ++last) {
    block.first = min(block.first, last->first);
    block.end = max(block.end, last->end);
    sacked_bytes_ -= distance(last->first, last->end);
  }
  sacked_bytes_ += distance(block.first, block.end);
  sacked_.insert(sacked_.erase(first, last), block);
  return true;
}

void TcpRecovery::forget_before(Seq una) {
  size_t gone = 0;
  for (; gone < sacked_.size() && sacked_[gone].first < una; ++gone) {
    const Seq cut = min(sacked_[gone].end, una);
    sacked_bytes_ -= distance(sacked_[gone].first, cut);
    sacked_[gone].first = cut;
    if (cut != sacked_[gone].end) break;
  }
  sacked_.erase(sacked_.begin(), sacked_.begin() + static_cast<std::ptrdiff_t>(gone));
}

bool TcpRecovery::duplicate_ack(Seq snd_nxt) {
  ++duplicate_acks_;
  if (phase_ != Phase::kOpen || una_ >= snd_nxt) return false;
  return duplicate_acks_ >= kDupThresh || (sack_ && lost_edge() > una_);
}

void TcpRecovery::enter_fast(Seq snd_nxt) {
  phase_ = Phase::kFast;
  recover_ = snd_nxt;
  high_rxt_ = una_;
  first_sent_ = false;
}

// RFC 2018 section 5.1: after a time-out the receiver may have thrown away what it reported.
void TcpRecovery::enter_timeout(Seq snd_nxt) {
  phase_ = Phase::kTimeout;
  recover_ = snd_nxt;
  high_rxt_ = una_;
  duplicate_acks_ = 0;
  sacked_.clear();
  sacked_bytes_ = 0;
}

TcpRecovery::Progress TcpRecovery::advance(Seq una) {
  const uint32_t acked = distance(una_, una);
  una_ = una;
  high_rxt_ = max(high_rxt_, una);
  forget_before(una);
  if (phase_ == Phase::kOpen || una >= recover_) {
    const Progress progress = phase_ == Phase::kFast ? Progress::kRecovered : Progress::kOpen;
    phase_ = Phase::kOpen;
    duplicate_acks_ = 0;
    return progress;
  }
  if (phase_ == Phase::kTimeout) return Progress::kTimeout;
  if (!sack_) {  // a partial ACK: the next segment is lost too (RFC 6582 section 3.2 step 3)
    first_sent_ = false;
    const unsigned segments = acked / std::max(mss_, 1u);
    duplicate_acks_ -= std::min(duplicate_acks_, segments > 0 ? segments - 1 : 0);
  }
  return Progress::kPartial;
}

// RFC 6675 IsLost: three ranges, or more than two segments' bytes, selectively acknowledged above.
Seq TcpRecovery::lost_edge() const {
  uint32_t bytes = 0;
  unsigned ranges = 0;
  for (auto range = sacked_.rbegin(); range != sacked_.rend(); ++range) {
    bytes += distance(range->first, range->end);
    if (++ranges >= kDupThresh || bytes > (kDupThresh - 1) * mss_) return range->first;
  }
  return una_;
}

uint32_t TcpRecovery::pipe(Seq snd_nxt) const {
  const uint32_t flight = distance(una_, snd_nxt);
  if (phase_ == Phase::kTimeout) {
    uint32_t in_network = distance(una_, high_rxt_) + (snd_nxt > recover_ ? distance(recover_, snd_nxt) : 0);
    for (const SeqRange& range : sacked_) {
      if (range.first < high_rxt_) in_network -= distance(range.first, min(range.end, high_rxt_));
    }
    return in_network;
  }
  if (!sack_) return flight - std::min(flight, duplicate_acks_ * mss_);
  if (phase_ == Phase::kOpen) return flight - sacked_bytes_;
  const Seq edge = lost_edge();
  uint32_t in_network = 0;
  Seq at = una_;
  const auto count_hole = [&](Seq first, Seq end) {
    if (end > edge) in_network += distance(max(first, edge), end);                       // not lost
    if (first < high_rxt_) in_network += distance(first, min(end, high_rxt_));           // sent again
  };
  for (const SeqRange& range : sacked_) {
    count_hole(at, range.first);
    at = range.end;
  }
  count_hole(at, snd_nxt);
  return in_network;
}

std::optional<SeqRange> TcpRecovery::hole_from(Seq from, Seq limit) const {
  Seq end = limit;
  for (const SeqRange& range : sacked_) {
    if (range.end <= from) continue;
    if (range.first > from) {
      end = min(limit, range.first);
      break;
    }
    from = range.end;
  }
  if (from >= limit) return std::nullopt;
  return SeqRange{from, min(end, from + mss_)};
}

std::optional<SeqRange> TcpRecovery::next_lost(Seq snd_nxt) const {
  if (phase_ == Phase::kOpen) return std::nullopt;
  if (phase_ == Phase::kTimeout) return hole_from(max(una_, high_rxt_), recover_);
  if (!first_sent_) return hole_from(una_, min(una_ + mss_, snd_nxt));
  if (!sack_) return std::nullopt;
  return hole_from(max(una_, high_rxt_), lost_edge());
}

}  // namespace ringside::stack
