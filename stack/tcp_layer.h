// TCP of one host: the table of connections, listeners, initial sequence numbers, ports, and what belongs to no
// connection (RFC 9293 sections 3.10.7.1 and 3.10.7.2).
//
// Life times: a connection leaves the table in CLOSED; the object stays until the current entry into the stack ends
// (reap()), so that the code that closed it can still finish, and as long as a socket holds it.
#ifndef RINGSIDE_STACK_TCP_LAYER_H_
#define RINGSIDE_STACK_TCP_LAYER_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <unordered_map>
#include <vector>

#include "stack/icmp.h"
#include "stack/ipv4.h"
#include "stack/tcp_connection.h"
#include "stack/tcp_input.h"

namespace ringside::stack {

struct TcpCounters {
  uint64_t segments_received = 0, segments_sent = 0, bytes_received = 0, bytes_sent = 0;
  uint64_t packets_segmented = 0;  // handed to a device that cuts them into segments; those are in segments_sent
  uint64_t active_opens = 0, passive_opens = 0, failed_attempts = 0, resets_received = 0, resets_sent = 0;
  uint64_t retransmitted_segments = 0, retransmitted_bytes = 0, timeouts = 0, fast_recoveries = 0;
  uint64_t duplicate_acks_received = 0, challenge_acks_sent = 0, window_probes_sent = 0, keep_alives_sent = 0;
  uint64_t delayed_acks_sent = 0, out_of_order_received = 0, duplicate_received = 0;
  uint64_t drop_short = 0, drop_checksum = 0, drop_address = 0, drop_no_connection = 0, drop_backlog = 0;
  uint64_t drop_sequence = 0, drop_paws = 0, drop_ack = 0, drop_no_ack_flag = 0, drop_no_buffer = 0, drop_no_route = 0;
};

class TcpListener {
 public:
  TcpListener(const Endpoint& local_in, size_t backlog_in, const TcpSettings& settings_in)
      : local(local_in), backlog(backlog_in), settings(settings_in) {}

  const Endpoint local;
  size_t backlog;
  TcpSettings settings;
  TcpObserver* observer = nullptr;
  std::vector<TcpConnection*> half_open;                    // SYN-RECEIVED
  std::deque<std::shared_ptr<TcpConnection>> established;   // waits for accept()

  bool full() const { return half_open.size() + established.size() >= backlog; }
};

class TcpLayer : public TransportProtocol {
 public:
  TcpLayer(Context& context, Ipv4& ip, const TcpConfig& config);
  ~TcpLayer() override;

  // User calls. On error the pointer is empty.
  std::shared_ptr<TcpConnection> connect(Endpoint local, const Endpoint& remote, const TcpSettings& settings,
                                         Error* error);
  std::shared_ptr<TcpListener> listen(const Endpoint& local, size_t backlog, const TcpSettings& settings, Error* error);
  void close_listener(const std::shared_ptr<TcpListener>& listener);
  std::shared_ptr<TcpConnection> accept(TcpListener& listener);
  bool port_in_use(const Endpoint& local) const;

  // From IP
  void receive(const Ipv4Header& header, Packet payload) override;
  void icmp_error(const IcmpErrorInfo& error) override;

  // For the connections
  void send_reset_for(const TcpSegment& segment);  // <SEQ=SEG.ACK> or <SEQ=0><ACK=SEG.SEQ+SEG.LEN>
  void remove(TcpConnection& connection);
  void established(TcpConnection& connection);  // SYN-RECEIVED to ESTABLISHED
  void wake_writers();  // buffers are there again
  void reap() { closed_.clear(); }
  bool idle() const { return connections_.empty(); }
  size_t connection_count() const { return connections_.size(); }
  std::vector<const TcpConnection*> snapshot() const;  // in order of addresses and ports

  Context& context() { return context_; }
  Ipv4& ip() { return ip_; }
  const TcpConfig& config() const { return config_; }
  TcpCounters& counters() { return counters_; }
  uint32_t timestamp_offset(const FourTuple& tuple) const;

 private:
  bool checksum_good(const Ipv4Header& header, const Packet& payload);
  uint32_t contiguous_header(Packet& payload);
  void dispatch(TcpSegment& segment);
  void no_connection(const TcpSegment& segment);                       // 3.10.7.1
  void in_listen(TcpListener& listener, TcpSegment& segment);          // 3.10.7.2

  TcpListener* find_listener(const Endpoint& local) const;
  std::shared_ptr<TcpConnection> create(const FourTuple& tuple, const TcpSettings& settings);
  bool choose_port(Endpoint* local, const Endpoint& remote);
  Seq initial_sequence(const FourTuple& tuple) const;  // RFC 6528
  bool reopen_time_wait(TcpConnection& connection, TcpSegment& segment);

  Context& context_;
  Ipv4& ip_;
  TcpConfig config_;
  TcpCounters counters_;
  SipKey isn_key_;
  SipKey timestamp_key_;
  uint16_t next_port_;
  // Never iterated for results: its order is the library's.
  std::unordered_map<FourTuple, std::shared_ptr<TcpConnection>, FourTupleHash> connections_;
  std::vector<std::shared_ptr<TcpListener>> listeners_;
  std::vector<std::shared_ptr<TcpConnection>> closed_;
  TcpConnection* last_ = nullptr;  // of the last segment: mostly the next one's too
};

}  // namespace ringside::stack

#endif  // RINGSIDE_STACK_TCP_LAYER_H_
