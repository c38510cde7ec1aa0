// Reassembly of a TCP stream: what arrived beyond a hole, and the SACK blocks that tell the sender so.
//
// Pieces are single fragments, sorted and disjoint; of an overlap the byte that came first stays. Ranges are the pieces
// merged, newest first, as RFC 2018 section 4 wants the blocks. Both follow from the same inserts.
#ifndef RINGSIDE_STACK_TCP_REASSEMBLY_H_
#define RINGSIDE_STACK_TCP_REASSEMBLY_H_

#include <cstdint>
#include <vector>

#include "stack/packet_buffer.h"
#include "stack/sequence.h"
#include "stack/tcp_receive_queue.h"
#include "stack/tcp_wire.h"

namespace ringside::stack {

class TcpReassembly {
 public:
  bool empty() const { return pieces_.empty(); }
  uint32_t bytes() const { return bytes_; }
  size_t piece_count() const { return pieces_.size(); }

  // The payload's first byte has number `seq`; already trimmed to the window.
  void insert(Seq seq, const Packet& payload);
  // Moves what continues `next` to the queue; returns the new next.
  Seq deliver(Seq next, TcpReceiveQueue* queue);
  void clear();

  // RFC 2883: a duplicate is reported once, in front.
  void report_duplicate(SeqRange range) { duplicate_ = range; has_duplicate_ = true; }
  void fill_sack(TcpOptions* options, uint8_t max_blocks);
  bool wants_sack() const { return has_duplicate_ || !ranges_.empty(); }

 private:
  struct Piece {
    Seq first;
    Fragment fragment;
    uint64_t journey = 0;
    Seq end() const { return first + fragment.length; }
  };
  void insert_piece(Piece piece);
  void insert_range(SeqRange range);

  std::vector<Piece> pieces_;
  std::vector<SeqRange> ranges_;
  uint32_t bytes_ = 0;
  SeqRange duplicate_;
  bool has_duplicate_ = false;
};

}  // namespace ringside::stack

#endif  // RINGSIDE_STACK_TCP_REASSEMBLY_H_
