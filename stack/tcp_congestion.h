// Congestion control: how much may be in flight. Loss detection is not its business (tcp_recovery.h).
//
// Writers: TcpInput (acknowledgments), TcpTimers (time-outs). Reader: TcpOutput. Bytes.
#ifndef RINGSIDE_STACK_TCP_CONGESTION_H_
#define RINGSIDE_STACK_TCP_CONGESTION_H_

#include <cstdint>
#include <memory>

namespace ringside::stack {

enum class CongestionAlgorithm : uint8_t { kReno };

struct AckSample {
  uint32_t acked_bytes = 0;
  uint32_t flight_bytes = 0;  // before this ACK
  uint64_t srtt_ns = 0;
  uint64_t now_ns = 0;
};

class CongestionControl {
 public:
  virtual ~CongestionControl() = default;
  virtual void start(uint32_t mss, uint32_t initial_window) = 0;
  virtual void on_ack(const AckSample& sample) = 0;          // new data acknowledged outside fast recovery
  virtual void on_loss(uint32_t flight_bytes, uint64_t now_ns) = 0;     // enters fast recovery
  virtual void on_recovered(uint32_t flight_bytes, uint64_t now_ns) = 0;  // leaves it
  virtual void on_timeout(uint32_t flight_bytes, uint64_t now_ns) = 0;
  virtual void on_idle(uint32_t restart_window) = 0;         // RFC 5681 section 4.1
  virtual void set_mss(uint32_t mss) = 0;

  uint32_t cwnd() const { return cwnd_; }
  uint32_t ssthresh() const { return ssthresh_; }

 protected:
  static constexpr uint32_t kMaxWindow = 1u << 30;  // RFC 7323: the largest window there is
  uint32_t cwnd_ = 0;
  uint32_t ssthresh_ = kMaxWindow;
};

std::unique_ptr<CongestionControl> make_congestion_control(CongestionAlgorithm algorithm);

// RFC 6928 section 2: min(10 * MSS, max(2 * MSS, 14600)).
uint32_t initial_window(uint32_t mss);

}  // namespace ringside::stack

#endif  // RINGSIDE_STACK_TCP_CONGESTION_H_
