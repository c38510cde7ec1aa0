#include "stack/tcp_congestion.h"

#include <algorithm>

namespace ringside::stack {
namespace {

// RFC 5681, with RFC 3465's byte counting (L = 2) since one ACK stands for two segments.
class Reno : public CongestionControl {
 public:
  void start(uint32_t mss, uint32_t window) override {
    mss_ = mss;
    cwnd_ = window;
    ssthresh_ = kMaxWindow;
    acked_ = 0;
  }

  void on_ack(const AckSample& sample) override {
    // RFC 7661 in its simplest form: a window that is not in use says nothing about the path and does not grow.
    if (sample.flight_bytes < cwnd_ / 2) return;
    if (cwnd_ < ssthresh_) {
      cwnd_ = std::min(cwnd_ + std::min(sample.acked_bytes, 2 * mss_), kMaxWindow);
      return;
    }
    acked_ += sample.acked_bytes;
    if (acked_ < cwnd_) return;
    acked_ -= cwnd_;
    cwnd_ = std::min(cwnd_ + mss_, kMaxWindow);
  }

  void on_loss(uint32_t flight_bytes, uint64_t) override {
    ssthresh_ = std::max(flight_bytes / 2, 2 * mss_);  // equation (4)
    cwnd_ = ssthresh_;
    acked_ = 0;
  }

  // RFC 6582 section 3.2 step 3, option 1: no burst when little is in flight.
  void on_recovered(uint32_t flight_bytes, uint64_t) override {
    cwnd_ = std::min(ssthresh_, std::max(flight_bytes, mss_) + mss_);
  }

  void on_timeout(uint32_t flight_bytes, uint64_t) override {
    ssthresh_ = std::max(flight_bytes / 2, 2 * mss_);
    cwnd_ = mss_;
    acked_ = 0;
  }

  void on_idle(uint32_t restart_window) override { cwnd_ = std::min(cwnd_, restart_window); }
  void set_mss(uint32_t mss) override { mss_ = mss; }

 private:
  uint32_t mss_ = 0;
  uint32_t acked_ = 0;
};

}  // namespace

std::unique_ptr<CongestionControl> make_congestion_control(CongestionAlgorithm) { return std::make_unique<Reno>(); }

uint32_t initial_window(uint32_t mss) { return std::min(10 * mss, std::max(2 * mss, 14600u)); }

}  // namespace ringside::stack
