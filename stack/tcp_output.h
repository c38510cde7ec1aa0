// Segments out (RFC 9293 sections 3.8.6.2.1 and 3.10.2, RFC 5681, 6675, 7323): decides what may go, builds it, sends
// it.
//
// push() is called after everything that could let something go: a write, an ACK, a time-out, a window. It sends lost
// ranges first, then new data, as long as pipe < cwnd and the window has room.
// Segments are one header buffer in front of references to the send queue: no byte of payload is copied here.
#ifndef RINGSIDE_STACK_TCP_OUTPUT_H_
#define RINGSIDE_STACK_TCP_OUTPUT_H_

#include "stack/tcp_connection.h"

namespace ringside::stack {

class TcpOutput {
 public:
  explicit TcpOutput(TcpConnection& connection) : c_(connection) {}

  void push();
  void send_syn();        // SYN, or SYN-ACK in SYN-RECEIVED
  void send_ack();
  void send_window_probe();
  void send_keep_alive();
  void send_reset();      // <SEQ=SND.NXT><ACK=RCV.NXT><CTL=RST,ACK>

 private:
  bool send_lost();
  bool send_new();
  bool send_range(SeqRange range);
  uint32_t next_send(uint32_t pending, uint32_t usable) const;
  uint32_t largest_send() const;
  bool worth_sending(uint32_t bytes, uint32_t pending, uint32_t window_left, uint32_t cwnd_left) const;
  uint32_t window_left(Seq from) const;
  uint32_t cwnd_left() const;
  void keep_timers();

  // Sends [seq, seq + bytes) with the flags; ACK, window, options come from the connection. False: no buffer.
  bool emit(Seq seq, uint32_t bytes, uint8_t flags);
  TcpHeader make_header(Seq seq, uint8_t flags) const;
  void add_options(TcpHeader* header, uint32_t payload_bytes);
  uint64_t new_journey(Seq seq, uint32_t bytes) const;
  bool hand_to_ip(Packet packet, uint32_t payload_bytes);
  void acknowledged();

  TcpConnection& c_;
};

}  // namespace ringside::stack

#endif  // RINGSIDE_STACK_TCP_OUTPUT_H_
