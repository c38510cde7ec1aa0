#include "sc_model/shell_tlp_port.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <utility>

namespace ringside::sc_model {

ShellTlpPort::ShellTlpPort(const NicModel& model, TlpPool& pool, PcieLink& link, const ObserverList& observers)
    : pins_(model.pins()), beat_bytes_(model.width() / 8), pool_(pool), link_(link), observers_(observers) {
  *pins_.tx_ready = 1;
}

// ---------------------------------------------------------------- host to NIC

void ShellTlpPort::drive_inputs(TimePs now) {
  drive_tlp(now);
  if (!limits_.empty()) drive_limits(now);
  *pins_.tx_ready = link_.ready_for_device(now);
}

void ShellTlpPort::drive_tlp(TimePs now) {
  if (!to_nic_.empty() && (sending_ || to_nic_.front()->ready_ps < now)) return drive_beat(now);
  *pins_.rx_valid = 0;
}

void ShellTlpPort::put_beat(const Tlp& tlp) {
  const uint32_t bytes = std::min(beat_bytes_, tlp.payload_bytes - sent_bytes_);
  *pins_.rx_valid = 1;
  *pins_.rx_sop = !sending_;
  if (!sending_)
    for (unsigned word = 0; word < 4; ++word) pins_.rx_hdr[word] = tlp.dw[3 - word];
  if (bytes > 0) std::memcpy(pins_.rx_data, tlp.payload + sent_bytes_, bytes);
  if (bytes < beat_bytes_) std::memset(pins_.rx_data + bytes, 0, beat_bytes_ - bytes);
  sent_bytes_ += bytes;
  sending_ = sent_bytes_ < tlp.payload_bytes;
  *pins_.rx_eop = !sending_;
}

bool ShellTlpPort::drive_rest() {
  if (sending_) put_beat(*to_nic_.front());
  return sending_;
}

void ShellTlpPort::drive_beat(TimePs now) {
  const Tlp& tlp = *to_nic_.front();
  put_beat(tlp);
  if (sending_) return;
  observers_.tlp({now, TlpDirection::kToDevice, &tlp});
  to_nic_.pop_front();
  sent_bytes_ = 0;
}

void ShellTlpPort::drive_limits(TimePs now) {
  bool changed = false;
  CreditCounts counts;
  while (!limits_.empty() && limits_.front().when < now) {
    counts = limits_.front().counts;
    limits_.pop_front();
    changed = true;
  }
  if (!changed) return;
  *pins_.tx_fc_ph = static_cast<uint8_t>(counts[CreditKind::kPh]);
  *pins_.tx_fc_pd = counts[CreditKind::kPd];
  *pins_.tx_fc_nph = static_cast<uint8_t>(counts[CreditKind::kNph]);
  *pins_.tx_fc_npd = counts[CreditKind::kNpd];
  *pins_.tx_fc_cplh = static_cast<uint8_t>(counts[CreditKind::kCplh]);
  *pins_.tx_fc_cpld = counts[CreditKind::kCpld];
  observers_.credits({now, TlpDirection::kFromDevice, &counts});
}

// ---------------------------------------------------------------- NIC to host

void ShellTlpPort::take_outputs(TimePs now) {
  if (*pins_.tx_valid) take_beat(now);
  take_credits(now);
}

void ShellTlpPort::take_beat(TimePs now) {
  if (*pins_.tx_sop) {
    if (gathering_) ++framing_errors_;
    gathering_ = pool_.allocate();
    for (unsigned word = 0; word < 4; ++word) gathering_->dw[word] = pins_.tx_hdr[3 - word];
  }
  if (!gathering_) {
    ++framing_errors_;
    return;
  }
  // What the header announces bounds the last beat; a TLP that runs longer than that keeps all its bytes, for the
  // checkers.
  Tlp& tlp = *gathering_;
  const uint32_t announced = tlp.has_data() ? tlp.length_dw() * 4 : 0;
  const uint32_t left = announced > tlp.payload_bytes ? announced - tlp.payload_bytes : 0;
  uint32_t bytes = *pins_.tx_eop ? std::min(beat_bytes_, left) : beat_bytes_;
  bytes = std::min(bytes, kMaxPayloadBytes - tlp.payload_bytes);
  std::memcpy(tlp.payload + tlp.payload_bytes, pins_.tx_data, bytes);
  tlp.payload_bytes += bytes;
  if (*pins_.tx_eop) finish_tlp(now);
}

void ShellTlpPort::finish_tlp(TimePs now) {
  observers_.tlp({now, TlpDirection::kFromDevice, gathering_.get()});
  link_.from_device(std::move(gathering_), now);
}

void ShellTlpPort::take_credits(TimePs now) {
  const CreditCounts& r = reported_;
  const bool same = r.of[0] == *pins_.rx_fc_ph && r.of[1] == *pins_.rx_fc_pd && r.of[2] == *pins_.rx_fc_nph &&
                    r.of[3] == *pins_.rx_fc_npd;
  if (same) return;
  reported_.of = {*pins_.rx_fc_ph, *pins_.rx_fc_pd, *pins_.rx_fc_nph, *pins_.rx_fc_npd, 0, 0};
  observers_.credits({now, TlpDirection::kToDevice, &reported_});
  link_.device_credits(reported_, now);
}

// ---------------------------------------------------------------- sleep

bool ShellTlpPort::quiet(TimePs now) const {
  return *pins_.rx_valid == 0 && !sending_ && !gathering_ && earliest_input() >= now && *pins_.tx_ready != 0;
}

TimePs ShellTlpPort::earliest_input() const {
  const TimePs tlp = to_nic_.empty() ? kNever : to_nic_.front()->ready_ps;
  const TimePs limit = limits_.empty() ? kNever : limits_.front().when;
  return std::min(tlp, limit);
}

}  // namespace ringside::sc_model
