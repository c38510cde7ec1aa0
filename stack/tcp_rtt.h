// Retransmission time-out (RFC 6298). Samples follow Karn's rule: the caller times only what was sent once, or has
// time stamps. Nanoseconds.
#ifndef RINGSIDE_STACK_TCP_RTT_H_
#define RINGSIDE_STACK_TCP_RTT_H_

#include <cstdint>

namespace ringside::stack {

struct RtoConfig {
  uint64_t initial_ns = 1'000'000'000;       // (2.1)
  uint64_t minimum_ns = 200'000'000;         // (2.4) says 1 s SHOULD; 200 ms is what today's stacks use
  uint64_t maximum_ns = 60'000'000'000;      // (2.5) at least 60 s
  uint64_t granularity_ns = 1'000;           // G: we time by simulated nanoseconds, the wire by microseconds
};

class RttEstimator {
 public:
  explicit RttEstimator(const RtoConfig& config) : config_(config), rto_ns_(config.initial_ns) {}

  void sample(uint64_t rtt_ns);
  void back_off();                                  // (5.5)
  void progress() { shift_ = 0; }                   // new data acknowledged: the backed-off value is dropped
  void restart(uint64_t rto_ns) { rto_ns_ = rto_ns; shift_ = 0; }  // (5.7)

  uint64_t rto_ns() const;
  uint64_t srtt_ns() const { return srtt_ns_; }     // 0 before the first sample
  uint64_t rttvar_ns() const { return rttvar_ns_; }
  uint64_t min_rtt_ns() const { return min_rtt_ns_; }
  unsigned backoff_shift() const { return shift_; }

 private:
  RtoConfig config_;
  uint64_t srtt_ns_ = 0;
  uint64_t rttvar_ns_ = 0;
  uint64_t min_rtt_ns_ = 0;
  uint64_t rto_ns_;
  unsigned shift_ = 0;
};

}  // namespace ringside::stack

#endif  // RINGSIDE_STACK_TCP_RTT_H_
