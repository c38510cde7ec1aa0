// Observer that keeps everything as text, one list per stream, so that two runs can be compared line by line.
#ifndef RINGSIDE_TESTBENCH_SC_MODEL_SUPPORT_RUN_LOG_H_
#define RINGSIDE_TESTBENCH_SC_MODEL_SUPPORT_RUN_LOG_H_

#include <string>
#include <vector>

#include "sc_model/observer.h"

namespace ringside::testbench {

class RunLog : public sc_model::Observer {
 public:
  void on_tlp(const sc_model::TlpEvent& e) override;
  void on_frame(const sc_model::FrameEvent& e) override;
  void on_interrupt(const sc_model::InterruptEvent& e) override;
  void on_mmio(const sc_model::MmioEvent& e) override;
  void on_dma(const sc_model::DmaEvent& e) override;

  std::vector<std::string> to_device, from_device, frames, interrupts, mmio, dma;
  std::vector<std::vector<uint8_t>> delivered;  // bytes of frames at the exit of the wire
  std::vector<sc_model::TimePs> delivered_at;
  std::vector<uint64_t> delivered_gaps;
  std::vector<uint64_t> delivered_numbers;  // FrameEvent::number
};

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_SC_MODEL_SUPPORT_RUN_LOG_H_
