// The receiving half of a connection: sequence state, window, when an ACK is due, auto-tuning of the buffer.
//
//          irs              nxt                        adv
//           |   acknowledged  |  promised to the sender  |
//           +-----------------+--------------------------+--->
//             queue: unread     reassembly: beyond a hole
//
// The right edge `adv` never moves left (RFC 9293 section 3.8.6). Bytes; windows are unscaled here.
#ifndef RINGSIDE_STACK_TCP_RECEIVER_H_
#define RINGSIDE_STACK_TCP_RECEIVER_H_

#include <cstdint>
#include <optional>

#include "stack/sequence.h"
#include "stack/tcp_reassembly.h"
#include "stack/tcp_receive_queue.h"

namespace ringside::stack {

class TcpReceiver {
 public:
  void configure(uint32_t limit, uint32_t max_limit, bool auto_tune);
  void start(Seq irs_in) { irs = irs_in; nxt = adv = irs_in + 1; }

  uint32_t promised() const { return adv > nxt ? distance(nxt, adv) : 0; }  // RCV.WND
  bool overlaps_window(Seq seq, uint32_t length) const;  // RFC 9293 section 3.4, the four cases

  // The window field for a segment that goes out now; moves the right edge. SYNs are never scaled.
  uint16_t window_field(bool syn);
  bool update_worth_sending() const;  // after a read: receiver SWS avoidance

  // Takes payload at `seq`, trimmed to the window; true when it was the next in order.
  bool accept(Seq seq, Packet& payload);

  void on_read(uint32_t bytes, uint64_t now_ns, uint64_t path_rtt_ns);
  void note_segment(uint32_t bytes) { if (bytes > segment_bytes) segment_bytes = bytes; }
  void note_arrival(uint64_t now_ns);

  Seq irs, nxt, adv;
  uint8_t shift = 0;             // ours, RFC 7323
  uint32_t segment_bytes = 536;  // largest seen: what counts as full-sized
  TcpReceiveQueue queue;
  TcpReassembly reassembly;
  std::optional<Seq> fin;        // sequence number of the peer's FIN, once seen
  uint32_t unacked_bytes = 0;    // since the last ACK went out
  bool ack_now = false;

  uint32_t limit() const { return limit_; }

 private:
  uint32_t wanted() const;

  uint32_t limit_ = 0;
  uint32_t max_limit_ = 0;
  bool auto_tune_ = false;
  // Dynamic right-sizing (Fisk and Feng): what the user takes in one round trip, doubled, is the buffer. The round trip
  // is the shortest seen, so that a queue of our own making does not count as distance.
  uint64_t tune_start_ns_ = 0;
  uint32_t tune_copied_ = 0;
  uint64_t rtt_ns_ = 0;          // where no sample exists: how long a promised window takes to fill
  uint64_t rtt_start_ns_ = 0;
  Seq rtt_edge_;
  bool rtt_running_ = false;
};

}  // namespace ringside::stack

#endif  // RINGSIDE_STACK_TCP_RECEIVER_H_
