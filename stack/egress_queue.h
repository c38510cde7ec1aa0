// Egress queue: the bounded queue in front of a device, with a token-bucket shaper.
//
// A packet passes at once while the device takes it and there are tokens; otherwise it waits in order. A full queue
// drops the newest packet. The shaper counts frame bytes without preamble, FCS and gap.
// Writers: the Ethernet layer. Bytes, bits per second, nanoseconds.
#ifndef RINGSIDE_STACK_EGRESS_QUEUE_H_
#define RINGSIDE_STACK_EGRESS_QUEUE_H_

#include <cstdint>
#include <vector>

#include "stack/packet_buffer.h"

namespace ringside::stack {

// Tokens are bytes, kept in units of 1 / (8 * 10^9) byte so that no rounding accumulates.
class TokenBucket {
 public:
  void configure(uint64_t bits_per_second, uint32_t burst_bytes, uint64_t now_ns);  // rate 0: no shaping
  bool take(uint32_t bytes, uint64_t now_ns);                 // false: not yet
  uint64_t ready_at_ns(uint32_t bytes, uint64_t now_ns);      // when take() will succeed
  bool enabled() const { return rate_ != 0; }

 private:
  void refill(uint64_t now_ns);
  uint64_t need(uint32_t bytes) const;

  uint64_t rate_ = 0;    // bits per second
  uint64_t limit_ = 0;   // in token units (bit-nanoseconds per second)
  uint64_t tokens_ = 0;
  uint64_t last_ns_ = 0;
};

class EgressQueue {
 public:
  explicit EgressQueue(size_t capacity_packets);

  bool full() const { return count_ == ring_.size(); }
  bool empty() const { return count_ == 0; }
  size_t size() const { return count_; }
  Packet& oldest() { return ring_[next_]; }
  void add(Packet packet);  // must not be full
  void remove_oldest();
  void clear();

  TokenBucket shaper;

 private:
  std::vector<Packet> ring_;
  size_t next_ = 0;
  size_t count_ = 0;
};

}  // namespace ringside::stack

#endif  // RINGSIDE_STACK_EGRESS_QUEUE_H_
