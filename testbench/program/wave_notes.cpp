#include "testbench/program/wave_notes.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "testbench/program/packet_head.h"

namespace ringside::testbench {
namespace {

using sc_model::TimePs;

constexpr std::array<const char*, 7> kNames = {"tlp_to_nic", "tlp_from_nic", "descriptors",   "register",
                                               "interrupt",  "frame_sent",   "frame_received"};
constexpr TimePs kMomentPs = 100 * sc_model::kPsPerNs;  // how long a thing without length is shown

}  // namespace

WaveNotes::WaveNotes(const Scenario& scenario)
    : core_period_ps_(static_cast<TimePs>(std::llround(1e6 / scenario.core_mhz))),
      beat_bytes_(scenario.width / 8),
      ps_per_octet_(scenario.width == 512 ? 80 : 800) {
  for (size_t i = 0; i < hosts_.size(); ++i) {
    hosts_[i].notes = this;
    hosts_[i].index = i;
  }
  wire_.notes = this;
}

void WaveNotes::attach(WaveFile& file, size_t host) {
  file_ = &file;
  host_ = host;
  for (size_t i = 0; i < tracks_.size(); ++i) tracks_[i] = file.add_track(kNames[i]);
}

void WaveNotes::note(Track track, TimePs from, TimePs to, const std::string& words) {
  file_->note(tracks_[track], from, to, words);
}

void WaveNotes::HostWatch::on_tlp(const sc_model::TlpEvent& event) {
  if (!notes->wanted(index)) return words.follow(event);
  const std::string text = words.tlp(event);
  const uint32_t beats = std::max(1u, (event.tlp->payload_bytes + notes->beat_bytes_ - 1) / notes->beat_bytes_);
  const TimePs from = event.time_ps - std::min<TimePs>(event.time_ps, (beats - 1) * notes->core_period_ps_);
  const TimePs to = event.time_ps + notes->core_period_ps_;
  const bool to_nic = event.direction == sc_model::TlpDirection::kToDevice;
  notes->note(to_nic ? kToNic : kFromNic, from, to, text);
  if (!words.descriptors().empty()) notes->note(kDescriptors, from, from + kMomentPs, words.descriptors());
}

void WaveNotes::HostWatch::on_mmio(const sc_model::MmioEvent& event) {
  words.mmio(event);
  if (!notes->wanted(index)) return;
  notes->note(kRegisters, event.time_ps, event.time_ps + kMomentPs,
              fmt::format("{} {} {:#x}", event.write ? "write" : "read", register_name(event.offset), event.value));
}

void WaveNotes::HostWatch::on_interrupt(const sc_model::InterruptEvent& event) {
  if (!notes->wanted(index)) return;
  notes->note(kInterrupt, event.time_ps, event.time_ps + kMomentPs, fmt::format("interrupt {}", event.irq));
}

void WaveNotes::WireWatch::on_frame(const sc_model::FrameEvent& event) {
  const bool sent = event.stage == sc_model::FrameStage::kSent;
  if (!notes->wanted(sent ? event.sender : 1 - event.sender)) return;
  const auto long_ps = static_cast<TimePs>(event.length * notes->ps_per_octet_);
  const PacketHead head = read_head(event.bytes, std::min(event.length, PacketHead::kLongest));
  std::string text = fmt::format("{} {} octets", to_string(head), event.length);
  if (!event.fcs_good) text += " bad FCS";
  notes->note(sent ? kSent : kReceived, event.time_ps, event.time_ps + long_ps, text);
}

}  // namespace ringside::testbench
