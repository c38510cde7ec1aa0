#include "sc_model/nic_recording.h"

#include <cstring>

namespace ringside::sc_model {

std::vector<NicRecording::Pin> NicRecording::input_pins(const NicModel& model) {
  const NicPins& p = model.pins();
  const uint8_t beat = static_cast<uint8_t>(model.width() / 8);
  const auto bytes = [](auto* pin) { return reinterpret_cast<uint8_t*>(pin); };
  return {
      {p.core_clk, 1},          {p.core_rst_n, 1},        {p.mac_clk, 1},           {p.mac_rst_n, 1},
      {bytes(p.time_ns), 8},    {p.rx_valid, 1},          {p.rx_sop, 1},            {p.rx_eop, 1},
      {bytes(p.rx_hdr), 16},    {p.rx_data, beat},        {p.tx_ready, 1},          {p.tx_fc_ph, 1},
      {bytes(p.tx_fc_pd), 2},   {p.tx_fc_nph, 1},         {bytes(p.tx_fc_npd), 2},  {p.tx_fc_cplh, 1},
      {bytes(p.tx_fc_cpld), 2}, {p.xgmii_rxd, beat},      {p.xgmii_rxc, static_cast<uint8_t>(beat / 8)},
  };
}

NicRecording::NicRecording(const NicModel& model, size_t limit_bytes)
    : pins_(input_pins(model)), limit_bytes_(limit_bytes) {
  size_t bytes = 0;
  for (const Pin& pin : pins_) bytes += pin.size;
  shadow_.assign(bytes, 0);
  log_.reserve(limit_bytes);
}

void NicRecording::before_eval() {
  if (full_ || log_.size() + shadow_.size() + pins_.size() + 1 > limit_bytes_) {
    full_ = true;
    return;
  }
  const size_t count_at = log_.size();
  log_.push_back(0);
  size_t at = 0;
  for (size_t i = 0; i < pins_.size(); at += pins_[i].size, ++i) {
    const Pin& pin = pins_[i];
    if (std::memcmp(pin.bytes, &shadow_[at], pin.size) == 0) continue;
    std::memcpy(&shadow_[at], pin.bytes, pin.size);
    log_.push_back(static_cast<uint8_t>(i));
    log_.insert(log_.end(), pin.bytes, pin.bytes + pin.size);
    ++log_[count_at];
  }
  ++evals_;
}

uint64_t NicRecording::replay(NicModel& model) const {
  const std::vector<Pin> pins = input_pins(model);
  for (const Pin& pin : pins) std::memset(pin.bytes, 0, pin.size);
  uint64_t sum = 0;
  for (size_t at = 0; at < log_.size();) {
    for (unsigned changes = log_[at++]; changes > 0; --changes) {
      const Pin& pin = pins[log_[at++]];
      std::memcpy(pin.bytes, &log_[at], pin.size);
      at += pin.size;
    }
    model.eval();
    const NicPins& p = model.pins();
    sum = sum * 31 + *p.tx_valid + p.tx_hdr[3] + p.xgmii_txd[1];
  }
  return sum;
}

}  // namespace ringside::sc_model
