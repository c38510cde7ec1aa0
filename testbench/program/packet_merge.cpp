#include "testbench/program/packet_merge.h"

#include <utility>

namespace ringside::testbench {

PacketMerge::PacketMerge(const std::string& path, const std::array<CaptureInterface, kStreams>& interfaces)
    : writer_(path) {
  for (const CaptureInterface& interface : interfaces) writer_.add_interface(interface);
}

PacketMerge::Packet PacketMerge::fresh(sc_model::TimePs time_ps, uint32_t flags) {
  Packet packet;
  if (!spare_.empty()) {
    packet.bytes = std::move(spare_.back());
    spare_.pop_back();
  }
  packet.bytes.clear();
  packet.time_ps = time_ps;
  packet.flags = flags;
  return packet;
}

void PacketMerge::add(unsigned stream, Packet packet) {
  const sc_model::TimePs now = packet.time_ps;
  waiting_[stream].push_back(std::move(packet));
  if (now > kHorizonPs) write_until(now - kHorizonPs);
}

void PacketMerge::close() {
  write_until(sc_model::kNever);
  writer_.close();
}

void PacketMerge::write_until(sc_model::TimePs time_ps) {
  for (;;) {
    const sc_model::TimePs first0 = waiting_[0].empty() ? sc_model::kNever : waiting_[0].front().time_ps;
    const sc_model::TimePs first1 = waiting_[1].empty() ? sc_model::kNever : waiting_[1].front().time_ps;
    const unsigned stream = first0 <= first1 ? 0 : 1;
    if (waiting_[stream].empty() || waiting_[stream].front().time_ps > time_ps) return;
    write_first(stream);
  }
}

void PacketMerge::write_first(unsigned stream) {
  Packet& packet = waiting_[stream].front();
  writer_.packet(stream, packet.time_ps / sc_model::kPsPerNs, packet.bytes.data(),
                 static_cast<uint32_t>(packet.bytes.size()), packet.flags, packet.comment);
  spare_.push_back(std::move(packet.bytes));
  waiting_[stream].pop_front();
}

}  // namespace ringside::testbench
