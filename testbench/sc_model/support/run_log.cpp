#include "testbench/sc_model/support/run_log.h"

#include <cstdio>

#include "sc_model/frame_decoder.h"

namespace ringside::testbench {
namespace {

std::string line(sc_model::TimePs time, const std::string& text) { return std::to_string(time) + " " + text; }

}  // namespace

void RunLog::on_tlp(const sc_model::TlpEvent& e) {
  const uint32_t sum = sc_model::crc32(e.tlp->payload, e.tlp->payload_bytes);
  auto& list = e.direction == sc_model::TlpDirection::kToDevice ? to_device : from_device;
  list.push_back(line(e.time_ps, e.tlp->to_string() + " data " + std::to_string(sum)));
}

void RunLog::on_frame(const sc_model::FrameEvent& e) {
  const uint32_t sum = sc_model::crc32(e.bytes, e.length);
  const char* stage = e.stage == sc_model::FrameStage::kSent ? "sent " : "delivered ";
  frames.push_back(line(e.time_ps, stage + std::to_string(e.length) + " " + std::to_string(sum) +
                                       (e.fcs_good ? " good" : " bad") + (e.framed ? "" : " unframed")));
  if (e.stage != sc_model::FrameStage::kDelivered) return;
  delivered.emplace_back(e.bytes, e.bytes + e.length);
  delivered_at.push_back(e.time_ps);
  delivered_gaps.push_back(e.gap_octets);
  delivered_numbers.push_back(e.number);
}

void RunLog::on_interrupt(const sc_model::InterruptEvent& e) {
  interrupts.push_back(line(e.time_ps, std::to_string(e.irq)));
}

void RunLog::on_mmio(const sc_model::MmioEvent& e) {
  mmio.push_back(line(e.time_ps, std::string(e.write ? "w " : "r ") + std::to_string(e.offset) + " " +
                                     std::to_string(e.bytes) + " " + std::to_string(e.value)));
}

void RunLog::on_dma(const sc_model::DmaEvent& e) {
  dma.push_back(line(e.time_ps, std::string(e.write ? "w " : "r ") + std::to_string(e.bus_address) + " " +
                                    std::to_string(e.bytes) + (e.refused ? " refused" : "")));
}

}  // namespace ringside::testbench
