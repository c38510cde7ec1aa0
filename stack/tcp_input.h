// Segments in: RFC 9293 section 3.10.7, one function per step, in its order.
//
// A step returns false when the RFC says "return" or "drop": nothing after it happens.
#ifndef RINGSIDE_STACK_TCP_INPUT_H_
#define RINGSIDE_STACK_TCP_INPUT_H_

#include "stack/tcp_connection.h"
#include "stack/tcp_wire.h"

namespace ringside::stack {

// A segment that passed the checksum. `payload` starts at its first byte of data.
struct TcpSegment {
  FourTuple tuple;  // as this host sees it: remote sent it
  TcpHeader header;
  uint32_t bytes = 0;  // of payload
  Packet payload;

  bool has(uint8_t flag) const { return header.flags & flag; }
  uint32_t length() const { return bytes + (has(kTcpSyn) ? 1 : 0) + (has(kTcpFin) ? 1 : 0); }  // SEG.LEN
};

class TcpInput {
 public:
  TcpInput(TcpConnection& connection, TcpSegment& segment)
      : c_(connection), s_(segment), seq_(segment.header.seq), ack_(segment.header.ack),
        syn_(segment.has(kTcpSyn)) {}

  void run();

 private:
  // 3.10.7.3 SYN-SENT
  bool syn_sent_first_ack();
  bool syn_sent_second_reset();
  bool syn_sent_fourth_syn();
  void syn_sent_connected();

  // 3.10.7.4 other states
  bool timestamps_paws();       // RFC 7323 section 5.3, R1 to R3
  bool first_sequence();
  bool again_syn();
  bool second_reset();
  bool fourth_syn();
  bool fifth_ack();
  bool sixth_urgent();
  bool seventh_text();
  bool eighth_fin();

  // Parts of the fifth step
  bool ack_syn_received();
  bool ack_acceptable();
  void ack_new_data();
  void ack_duplicate(bool scoreboard_news);
  void take_rtt_sample();
  void update_window();
  bool ack_fin();

  void trim_to_window();
  void schedule_ack(bool in_order, bool filled);
  void challenge_ack();
  void reset_ended(Error why);
  uint32_t segment_window() const { return uint32_t{s_.header.window} << (syn_ ? 0 : c_.snd.shift); }

  TcpConnection& c_;
  TcpSegment& s_;
  Seq seq_;  // SEG.SEQ and SEG.ACK
  Seq ack_;
  const bool syn_;  // came with SYN: its window is not scaled
};

}  // namespace ringside::stack

#endif  // RINGSIDE_STACK_TCP_INPUT_H_
