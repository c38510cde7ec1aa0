#include "testbench/program/capture.h"

#include <utility>

namespace ringside::testbench {

WireCapture::WireCapture(const std::string& path, const std::array<CaptureInterface, 2>& ports) : writer_(path) {
  for (const CaptureInterface& port : ports) writer_.add_interface(port);
}

void WireCapture::on_frame(const sc_model::FrameEvent& event) {
  if (event.stage != sc_model::FrameStage::kSent) return;
  Frame frame;
  if (!spare_.empty()) {
    frame.bytes = std::move(spare_.back());
    spare_.pop_back();
  }
  frame.time_ns = event.time_ps / sc_model::kPsPerNs;
  frame.fcs_good = event.fcs_good;
  frame.bytes.assign(event.bytes, event.bytes + event.length);
  const uint64_t now_ns = frame.time_ns;
  waiting_[event.sender].push_back(std::move(frame));
  if (now_ns > kHorizonNs) write_until(now_ns - kHorizonNs);
}

void WireCapture::close() {
  write_until(UINT64_MAX);
  writer_.close();
}

void WireCapture::write_until(uint64_t time_ns) {
  for (;;) {
    const uint64_t first0 = waiting_[0].empty() ? UINT64_MAX : waiting_[0].front().time_ns;
    const uint64_t first1 = waiting_[1].empty() ? UINT64_MAX : waiting_[1].front().time_ns;
    const unsigned port = first0 <= first1 ? 0 : 1;
    if (waiting_[port].empty() || waiting_[port].front().time_ns > time_ns) return;
    write_first(port);
  }
}

void WireCapture::write_first(unsigned port) {
  Frame& frame = waiting_[port].front();
  writer_.frame(port, frame.time_ns, frame.bytes.data(), static_cast<uint32_t>(frame.bytes.size()), true,
                frame.fcs_good);
  spare_.push_back(std::move(frame.bytes));
  waiting_[port].pop_front();
}

}  // namespace ringside::testbench
