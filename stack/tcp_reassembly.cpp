#include "stack/tcp_reassembly.h"

#include <algorithm>
#include <utility>

namespace ringside::stack {

void TcpReassembly::insert(Seq seq, const Packet& payload) {
  const Seq first = seq;
  for (size_t i = 0; i < payload.fragment_count(); ++i) {
    const Fragment& fragment = payload.fragment(i);
    if (fragment.length == 0) continue;
    insert_piece(Piece{seq, fragment, payload.meta.journey});
    seq += fragment.length;
  }
  if (seq != first) insert_range({first, seq});
}

// Fills the gaps that the piece covers; what is there already stays.
void TcpReassembly::insert_piece(Piece piece) {
  auto at = pieces_.end();  // mostly behind everything else: the segments after a loss arrive in order
  if (!pieces_.empty() && pieces_.back().end() > piece.first) {
    at = std::partition_point(pieces_.begin(), pieces_.end(), [&](const Piece& p) { return p.end() <= piece.first; });
  }
  while (piece.fragment.length > 0) {
    if (at != pieces_.end() && at->first <= piece.first) {
      if (at->end() <= piece.first) { ++at; continue; }
      const uint32_t covered = std::min(distance(piece.first, at->end()), piece.fragment.length);
      piece.first += covered;
      piece.fragment.offset += covered;
      piece.fragment.length -= covered;
      ++at;
      continue;
    }
    Piece part = piece;
    if (at != pieces_.end() && at->first < piece.end()) part.fragment.length = distance(piece.first, at->first);
    const uint32_t taken = part.fragment.length;
    bytes_ += taken;
    piece.first += taken;
    piece.fragment.offset += taken;
    piece.fragment.length -= taken;
    at = pieces_.insert(at, std::move(part)) + 1;
  }
}

void TcpReassembly::insert_range(SeqRange range) {
  size_t kept = 0;
  for (const SeqRange& other : ranges_) {
    if (other.first <= range.end && range.first <= other.end) {
      range.first = min(range.first, other.first);
      range.end = max(range.end, other.end);
    } else {
      ranges_[kept++] = other;
    }
  }
  ranges_.resize(kept);
  ranges_.insert(ranges_.begin(), range);
}

Seq TcpReassembly::deliver(Seq next, TcpReceiveQueue* queue) {
  size_t used = 0;
  for (; used < pieces_.size() && pieces_[used].first <= next; ++used) {
    Piece& piece = pieces_[used];
    bytes_ -= piece.fragment.length;
    if (piece.end() <= next) continue;
    const uint32_t old = distance(piece.first, next);
    piece.fragment.offset += old;
    piece.fragment.length -= old;
    next += piece.fragment.length;
    queue->append(std::move(piece.fragment), piece.journey);
  }
  pieces_.erase(pieces_.begin(), pieces_.begin() + static_cast<std::ptrdiff_t>(used));
  ranges_.erase(std::remove_if(ranges_.begin(), ranges_.end(), [&](const SeqRange& r) { return r.end <= next; }),
                ranges_.end());
  return next;
}

void TcpReassembly::clear() {
  pieces_.clear();
  ranges_.clear();
  bytes_ = 0;
  has_duplicate_ = false;
}

void TcpReassembly::fill_sack(TcpOptions* options, uint8_t max_blocks) {
  uint8_t count = 0;
  if (std::exchange(has_duplicate_, false) && count < max_blocks) options->sack[count++] = duplicate_;
  for (size_t i = 0; i < ranges_.size() && count < max_blocks; ++i) options->sack[count++] = ranges_[i];
  options->sack_count = count;
}

}  // namespace ringside::stack
