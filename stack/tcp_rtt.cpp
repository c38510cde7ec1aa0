#include "stack/tcp_rtt.h"

#include <algorithm>

namespace ringside::stack {

void RttEstimator::sample(uint64_t rtt_ns) {
  rtt_ns = std::max<uint64_t>(rtt_ns, 1);
  if (srtt_ns_ == 0) {  // (2.2)
    srtt_ns_ = rtt_ns;
    rttvar_ns_ = rtt_ns / 2;
    min_rtt_ns_ = rtt_ns;
  } else {  // (2.3): alpha 1/8, beta 1/4, rttvar before srtt
    const uint64_t error = srtt_ns_ > rtt_ns ? srtt_ns_ - rtt_ns : rtt_ns - srtt_ns_;
    rttvar_ns_ = (3 * rttvar_ns_ + error) / 4;
    srtt_ns_ = std::max<uint64_t>((7 * srtt_ns_ + rtt_ns) / 8, 1);
    min_rtt_ns_ = std::min(min_rtt_ns_, rtt_ns);
  }
  const uint64_t rto = srtt_ns_ + std::max(config_.granularity_ns, 4 * rttvar_ns_);
  rto_ns_ = std::clamp(rto, config_.minimum_ns, config_.maximum_ns);
}

void RttEstimator::back_off() {
  if (rto_ns() < config_.maximum_ns) ++shift_;
}

uint64_t RttEstimator::rto_ns() const { return std::min(rto_ns_ << shift_, config_.maximum_ns); }

}  // namespace ringside::stack
