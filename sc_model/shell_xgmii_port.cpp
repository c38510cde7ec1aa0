#include "sc_model/shell_xgmii_port.h"

#include <cassert>
#include <cstring>

namespace ringside::sc_model {

ShellXgmiiPort::ShellXgmiiPort(const NicModel& model, TimePs mac_period_ps)
    : pins_(model.pins()), words_per_beat_(model.width() / 64), period_ps_(mac_period_ps),
      word_ps_(mac_period_ps / words_per_beat_) {
  drive_idle();
}

void ShellXgmiiPort::receive(TimePs first, const XgmiiWord* words, unsigned count) {
  for (unsigned i = 0; i < count; ++i)
    if (!words[i].idle()) words_.push_back({first + i * word_ps_, words[i]});
}

void ShellXgmiiPort::drive_idle() {
  std::memset(pins_.xgmii_rxd, kXgmiiIdle, words_per_beat_ * 8);
  std::memset(pins_.xgmii_rxc, 0xFF, words_per_beat_);
  input_idle_ = true;
}

void ShellXgmiiPort::drive_inputs(TimePs now) {
  if (!input_idle_) drive_idle();
  while (!words_.empty() && words_.front().first < now) {
    const Stamped& stamped = words_.front();
    const TimePs age = now - stamped.first;  // 1 .. period: the older, the earlier in the beat
    assert(age <= period_ps_);
    const unsigned slot = static_cast<unsigned>((period_ps_ - age) / word_ps_);
    std::memcpy(pins_.xgmii_rxd + slot * 8, &stamped.word.data, 8);
    pins_.xgmii_rxc[slot] = stamped.word.control;
    input_idle_ = false;
    words_.pop_front();
  }
}

bool ShellXgmiiPort::output_idle() const {
  for (unsigned i = 0; i < words_per_beat_; ++i) {
    uint64_t data;
    std::memcpy(&data, pins_.xgmii_txd + i * 8, 8);
    if (pins_.xgmii_txc[i] != 0xFF || data != XgmiiWord{}.data) return false;
  }
  return true;
}

void ShellXgmiiPort::take_outputs(TimePs now) {
  if (output_idle() || transmit_ == nullptr) return;
  XgmiiWord words[kMostWords];
  for (unsigned i = 0; i < words_per_beat_; ++i) {
    std::memcpy(&words[i].data, pins_.xgmii_txd + i * 8, 8);
    words[i].control = pins_.xgmii_txc[i];
  }
  transmit_->receive(now, words, words_per_beat_);
}

bool ShellXgmiiPort::quiet(TimePs now) const { return input_idle_ && earliest_input() >= now && output_idle(); }

}  // namespace ringside::sc_model
