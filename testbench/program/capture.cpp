#include "testbench/program/capture.h"

#include <utility>

namespace ringside::testbench {

void WireCapture::on_frame(const sc_model::FrameEvent& event) {
  if (event.stage != sc_model::FrameStage::kSent) return;
  const uint32_t flags = kPacketOutbound | kPacketHasFcs | (event.fcs_good ? 0 : kPacketCrcError);
  PacketMerge::Packet packet = packets_.fresh(event.time_ps, flags);
  packet.bytes.assign(event.bytes, event.bytes + event.length);
  if (notes_) packet.comment = notes_->frame_note();
  packets_.add(event.sender, std::move(packet));
}

}  // namespace ringside::testbench
