// One TCP connection: the transmission control block of RFC 9293 section 3.3.1, and the calls of section 3.9.1.
//
// The parts that work on it are classes of their own, in the order of a segment's life: TcpOutput (segments out),
// TcpInput (segments in, a function per step of 3.10.7), TcpTimers (what happens by itself). They see everything; users
// (sockets) call only the functions under "User calls". Nothing blocks: a call does what can be done now.
// Sequence variables carry the RFC's names. Ownership: TcpLayer's table until CLOSED, and the socket.
#ifndef RINGSIDE_STACK_TCP_CONNECTION_H_
#define RINGSIDE_STACK_TCP_CONNECTION_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <string_view>

#include "stack/address.h"
#include "stack/error.h"
#include "stack/tcp_config.h"
#include "stack/tcp_receiver.h"
#include "stack/tcp_recovery.h"
#include "stack/tcp_rtt.h"
#include "stack/tcp_send_queue.h"

namespace ringside::stack {

class TcpConnection;
class TcpLayer;
class TcpListener;

enum class TcpState : uint8_t {
  kClosed,
  kListen,
  kSynSent,
  kSynReceived,
  kEstablished,
  kFinWait1,
  kFinWait2,
  kCloseWait,
  kClosing,
  kLastAck,
  kTimeWait,
};
std::string_view to_string(TcpState state);

// Told whenever something that a waiting user could be interested in has changed.
class TcpObserver {
 public:
  virtual ~TcpObserver() = default;
  virtual void on_tcp_event() = 0;
};

// The sending half's sequence state (RFC 9293 figure 3).
struct TcpSender {
  explicit TcpSender(BufferPool& pool) : queue(pool) {}

  Seq iss, una, nxt;
  Seq max;                 // highest number ever sent; beyond nxt only by a window probe
  uint32_t wnd = 0;        // unscaled
  Seq wl1, wl2;
  uint32_t max_wnd = 0;    // largest window the peer ever offered
  uint8_t shift = 0;       // the peer's
  uint32_t mss = 536;      // payload of a segment without options: Eff.snd.MSS before options (MUST-15)
  TcpSendQueue queue;      // its begin() is the byte numbered una (after the SYN)
  bool fin_wanted = false;  // the user closed; the FIN follows the last byte
  bool fin_acked = false;
  Seq small_end;           // behind the last segment below full size (Minshall's form of Nagle)

  Seq data_end() const { return una + queue.size(); }  // number behind the last byte; the FIN's own number
  uint32_t flight() const { return distance(una, nxt); }
};

// A write() whose bytes end before this position of the send queue.
struct TracedWrite {
  uint64_t end = 0;
  uint64_t id = 0;
};

class TcpConnection {
 public:
  TcpConnection(TcpLayer& layer, const FourTuple& tuple, const TcpSettings& settings);
  ~TcpConnection();
  TcpConnection(const TcpConnection&) = delete;

  // User calls -------------------------------------------------------------------------------------------------------
  uint32_t write(const uint8_t* data, uint32_t bytes, uint64_t journey);  // how many bytes were taken
  uint32_t read(uint8_t* out, uint32_t bytes, bool peek);
  void shutdown_write();
  void close();   // both directions; the connection lives on until it is CLOSED
  void abort();   // RST
  void apply_settings(const TcpSettings& changed);

  bool may_write() const;                 // open in this direction
  bool at_end_of_stream() const;          // FIN received and everything read
  uint32_t readable_bytes() const { return rcv.queue.size(); }
  uint32_t send_space() const;
  bool writable() const { return send_space() >= settings.send_buffer_bytes / 3; }
  bool synchronized() const { return state >= TcpState::kEstablished; }

  // For the parts --------------------------------------------------------------------------------------------------
  void enter_established();
  void enter_time_wait();
  void finish(Error why);                 // to CLOSED: timers off, out of the table, user told
  void notify() { if (observer) observer->on_tcp_event(); }
  void adopt_peer_options(const TcpOptions& options);
  void acknowledge_data(Seq ack);         // una forward, bytes released
  void adopt_window(uint32_t window, Seq seq, Seq ack);
  uint8_t offered_shift() const;          // RFC 7323 section 2.3: enough for the largest buffer
  uint32_t effective_mss() const;         // MUST-16: less the options that every segment carries
  uint32_t timestamp_now() const;         // milliseconds and an offset of its own (RFC 7323 section 5.4)
  bool allow_challenge_ack();
  void set_path_mtu(uint32_t mtu);
  uint64_t write_of(uint64_t position) const;  // id of the traced write that brought this byte of the send queue; 0: none

  TcpLayer& layer;
  Context& context;
  const FourTuple tuple;
  TcpSettings settings;
  TcpState state = TcpState::kClosed;
  bool passive = false;                   // MUST-11
  TcpListener* listener = nullptr;        // while it has not been accepted
  TcpObserver* observer = nullptr;
  Error error = Error::kOk;               // why it ended; kOk after an orderly close
  Error soft_error = Error::kOk;          // from ICMP, MUST-47
  bool user_closed = false;
  bool read_shutdown = false;
  bool write_blocked = false;             // a writer was turned away

  TcpSender snd;
  TcpReceiver rcv;
  RttEstimator rtt;
  TcpRecovery recovery;
  std::unique_ptr<CongestionControl> congestion;
  uint32_t path_mtu = 0;

  // RFC 7323
  bool timestamps = false;
  uint32_t ts_recent = 0;
  uint64_t ts_recent_at_ns = 0;
  Seq last_ack_sent;
  uint32_t ts_offset = 0;
  uint32_t timeout_timestamp = 0;         // of the last time-out

  // One segment at a time is timed (RFC 6298 section 3).
  bool timing = false;
  Seq timed_end;
  uint64_t timed_at_ns = 0;

  Timer retransmit_timer;                 // also the SYN's
  Timer persist_timer;
  Timer delayed_ack_timer;
  Timer keep_alive_timer;
  Timer time_wait_timer;
  unsigned retransmissions = 0;           // of the oldest segment, since the last progress
  uint64_t stalled_since_ns = 0;          // when the first of them was due
  unsigned persist_shift = 0;
  unsigned keep_alive_sent = 0;
  bool syn_retransmitted = false;
  uint64_t last_receive_ns = 0;
  uint64_t last_send_ns = 0;
  std::deque<TracedWrite> writes;         // traced ones whose bytes are in the send queue

  unsigned challenge_acks = 0;
  uint64_t challenge_window_ns = 0;
};

}  // namespace ringside::stack

#endif  // RINGSIDE_STACK_TCP_CONNECTION_H_
