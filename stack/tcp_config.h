// TCP's numbers: defaults of a host, and what one connection's owner may change.
#ifndef RINGSIDE_STACK_TCP_CONFIG_H_
#define RINGSIDE_STACK_TCP_CONFIG_H_

#include <cstddef>
#include <cstdint>

#include "stack/context.h"
#include "stack/tcp_congestion.h"
#include "stack/tcp_rtt.h"

namespace ringside::stack {

// What setsockopt reaches. Buffers: 100 Gb/s times 40 us is 500 KB, the starting point; the rest is auto-tuning.
struct TcpSettings {
  uint32_t receive_buffer_bytes = 512 * 1024;
  uint32_t max_receive_buffer_bytes = 4 * 1024 * 1024;  // auto-tuning stops here
  bool auto_tune = true;
  uint32_t send_buffer_bytes = 2 * 1024 * 1024;
  bool no_delay = false;                     // MUST-17: Nagle off
  bool keep_alive = false;                   // MUST-25
  uint64_t keep_alive_idle_ns = 7200 * kSecond;      // MUST-28
  uint64_t keep_alive_interval_ns = 75 * kSecond;
  unsigned keep_alive_probes = 9;
  uint64_t user_timeout_ns = 300 * kSecond;  // R2 for data, kNever: infinite (MUST-20, MUST-21)
  uint8_t ttl = 64;
  uint8_t tos = 0;
};

struct TcpConfig {
  TcpSettings settings;
  RtoConfig rto;
  CongestionAlgorithm congestion = CongestionAlgorithm::kReno;
  uint64_t delayed_ack_ns = 40 * kMillisecond;  // MUST-40: below 0.5 s; below the smallest RTO
  unsigned ack_every_segments = 2;              // full-sized segments per ACK (RFC 5681 section 4.2)
  uint64_t msl_ns = 30 * kSecond;               // RFC 9293 says 2 minutes; 30 s is common practice
  uint64_t syn_timeout_ns = 190 * kSecond;      // R2 for SYN, MUST-23: at least 3 minutes
  unsigned r1_retransmissions = 3;              // SHLD-9: then doubt the next hop
  unsigned challenge_acks = 10;                 // per connection and window (RFC 5961 section 7)
  uint64_t challenge_window_ns = 5 * kSecond;
  bool timestamps = true;
  bool window_scale = true;
  bool sack = true;
  size_t max_connections = 65536;
  uint16_t first_ephemeral_port = 49152;        // RFC 6335
};

}  // namespace ringside::stack

#endif  // RINGSIDE_STACK_TCP_CONFIG_H_
