#include "testbench/rtl/nic/wire.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace ringside::testbench::nic {
namespace {

// Table 46-3 and 81-3.
constexpr uint8_t kIdle = 0x07, kStart = 0xFB, kTerminate = 0xFD, kError = 0xFE, kSequence = 0x9C;
constexpr uint8_t kPreamble = 0x55, kSfd = 0xD5;
constexpr unsigned kPreambleOctets = 7;  // behind /S/: six of 55 and the SFD
constexpr unsigned kMinimumGap = 5;      // 12 less the largest deficit of an 8-octet grid

using Tables = std::array<std::array<uint32_t, 256>, 8>;

constexpr Tables make_tables() {
  Tables t{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t r = i;
    for (int bit = 0; bit < 8; ++bit) r = (r >> 1) ^ (r & 1 ? 0xEDB88320u : 0u);
    t[0][i] = r;
  }
  for (unsigned k = 1; k < 8; ++k)
    for (uint32_t i = 0; i < 256; ++i) t[k][i] = (t[k - 1][i] >> 8) ^ t[0][t[k - 1][i] & 0xFF];
  return t;
}
constexpr Tables kTables = make_tables();

uint64_t ones(unsigned from, unsigned to) {  // bits from..to-1
  const uint64_t below_to = to >= 64 ? ~uint64_t{0} : (uint64_t{1} << to) - 1;
  return from >= 64 ? 0 : below_to & ~((uint64_t{1} << from) - 1);
}

}  // namespace

uint32_t crc32(const uint8_t* data, size_t size) {
  uint32_t crc = ~0u;
  for (; size >= 8; size -= 8, data += 8) {
    uint64_t word;
    std::memcpy(&word, data, 8);
    word ^= crc;
    crc = 0;
    for (unsigned k = 0; k < 8; ++k) crc ^= kTables[7 - k][word >> (8 * k) & 0xFF];
  }
  for (; size > 0; --size) crc = (crc >> 8) ^ kTables[0][(crc ^ *data++) & 0xFF];
  return ~crc;
}

std::vector<uint8_t> with_fcs(std::vector<uint8_t> frame) {
  const uint32_t crc = crc32(frame.data(), frame.size());
  for (unsigned i = 0; i < 4; ++i) frame.push_back(static_cast<uint8_t>(crc >> (8 * i)));
  return frame;
}

bool fcs_good(const uint8_t* frame, size_t size) {
  if (size < 4) return false;
  uint32_t fcs;
  std::memcpy(&fcs, frame + size - 4, 4);
  return fcs == crc32(frame, size - 4);
}

Wire::Wire(Dut& dut, unsigned start_step, Verdicts* verdicts)
    : dut_(dut),
      verdicts_(verdicts),
      bytes_(dut.bytes()),
      step_(start_step),
      column_(dut.bytes() == 8 ? 4 : 8),
      all_control_(ones(0, bytes_)) {
  taken_.reserve(16384);
  put_idle();
}

// ---------------------------------------------------------------- into the NIC
void Wire::drive() {
  ++counts.beats;
  if (state_ == State::kIdle && to_send.empty()) {
    idle_ += bytes_;
    if (!pins_idle_ || fault != idle_fault_) put_idle();
    return;
  }
  pins_idle_ = false;
  uint64_t control = 0;
  for (unsigned at = 0; at < bytes_;) fill(&at, &control);
  put_control(control);
}

void Wire::fill(unsigned* at, uint64_t* control) {
  if (state_ == State::kIdle) return fill_idle(at, control);
  if (state_ == State::kPreamble) return fill_preamble(at, control);
  fill_data(at, control);
}

bool Wire::may_start(unsigned at) const {
  return !to_send.empty() && at % step_ == 0 && deficit_ + to_send.front().gap <= idle_ + step_ - 1;
}

void Wire::fill_idle(unsigned* at, uint64_t* control) {
  if (!may_start(*at)) {
    const unsigned octets = step_ - *at % step_;  // to where a start may be
    std::memset(dut_.pins.xgmii_rxd + *at, kIdle, octets);
    *control |= ones(*at, *at + octets);
    *at += octets;
    idle_ += octets;
    return;
  }
  frame_ = to_send.front();
  to_send.pop_front();
  deficit_ = deficit_ + frame_.gap > idle_ ? deficit_ + frame_.gap - idle_ : 0;
  state_ = State::kPreamble;
  done_ = 0;
}

void Wire::fill_preamble(unsigned* at, uint64_t* control) {
  if (done_ == 0) *control |= uint64_t{1} << *at;
  const bool last = done_ == frame_.preamble + 1;
  dut_.pins.xgmii_rxd[(*at)++] = done_ == 0 ? kStart : last ? kSfd : kPreamble;
  ++done_;
  if (!last) return;
  state_ = State::kData;
  done_ = 0;
}

void Wire::fill_data(unsigned* at, uint64_t* control) {
  const unsigned octets = std::min<unsigned>(frame_.size - done_, bytes_ - *at);
  std::memcpy(dut_.pins.xgmii_rxd + *at, frame_.data + done_, octets);
  if (frame_.error_at >= static_cast<int32_t>(done_) && frame_.error_at < static_cast<int32_t>(done_ + octets)) {
    const unsigned lane = *at + static_cast<unsigned>(frame_.error_at) - done_;
    dut_.pins.xgmii_rxd[lane] = kError;
    *control |= uint64_t{1} << lane;
  }
  *at += octets;
  done_ += octets;
  if (*at == bytes_) return;  // frame or beat has ended; /T/ wants a place
  dut_.pins.xgmii_rxd[*at] = kTerminate;
  *control |= uint64_t{1} << *at;
  ++*at;
  idle_ = 1;
  state_ = State::kIdle;
  ++counts.frames_in;
  counts.octets_in += frame_.size;
  last_sent_beat = counts.beats;
}

void Wire::put_idle() {
  std::memset(dut_.pins.xgmii_rxd, kIdle, bytes_);
  for (unsigned at = 0; fault != 0 && at < bytes_; at += column_) {
    const uint8_t set[8] = {kSequence, 0, 0, fault};
    std::memcpy(dut_.pins.xgmii_rxd + at, set, column_);
  }
  put_control(fault == 0 ? all_control_
                         : all_control_ & (column_ == 4 ? 0x1111'1111'1111'1111u : 0x0101'0101'0101'0101u));
  pins_idle_ = true;
  idle_fault_ = fault;
}

void Wire::put_control(uint64_t control) {
  std::memcpy(dut_.pins.xgmii_rxc, &control, bytes_ / 8);
}

// ---------------------------------------------------------------- out of the NIC
uint64_t Wire::control_out() const {
  uint64_t control = 0;
  std::memcpy(&control, dut_.pins.xgmii_txc, bytes_ / 8);
  return control;
}

void Wire::sample() {
  if (!*dut_.pins.mac_rst_n) return;
  const uint64_t control = control_out();
  const uint8_t* data = dut_.pins.xgmii_txd;
  if (control == 0 && in_frame_ && preamble_left_ == 0) {
    taken_.insert(taken_.end(), data, data + bytes_);
    return;
  }
  static const std::vector<uint8_t> idle(64, kIdle);
  if (control == all_control_ && !in_frame_ && std::memcmp(data, idle.data(), bytes_) == 0) {
    gap_ += bytes_;
    return;
  }
  take(data, control);
}

// In runs: the octets of a frame up to the next control octet, idle up to what is not.
void Wire::take(const uint8_t* data, uint64_t control) {
  for (unsigned lane = 0; lane < bytes_;) {
    const uint64_t rest = control >> lane;
    if (in_frame_ && preamble_left_ == 0 && !(rest & 1)) {
      const unsigned run =
          std::min<unsigned>(rest == 0 ? 64 : static_cast<unsigned>(__builtin_ctzll(rest)), bytes_ - lane);
      taken_.insert(taken_.end(), data + lane, data + lane + run);
      lane += run;
    } else if (!in_frame_ && (rest & 1) && data[lane] == kIdle) {
      ++gap_;
      ++lane;
    } else {
      const unsigned in_column = lane % column_;  // an ordered set is the only data between frames
      const bool in_ordered_set = in_column != 0 && data[lane - in_column] == kSequence;
      if (!in_frame_ && !(rest & 1) && !in_ordered_set) verdicts_->say("E12", "data between frames", data[lane]);
      if (in_frame_ || (rest & 1)) take_octet(data[lane], rest & 1, lane);
      ++lane;
    }
  }
}

void Wire::take_octet(uint8_t octet, bool control, unsigned lane) {
  if (in_frame_ && preamble_left_ > 0) return take_preamble(octet, control);
  if (in_frame_ && !control) return taken_.push_back(octet);
  if (in_frame_) return end_frame(octet);
  if (octet == kStart) return begin_frame(lane);
  if (octet == kSequence)
    ++counts.ordered_sets;
  else if (octet != kIdle)
    verdicts_->say("E12", "control octet between frames", octet, lane);
  ++gap_;
}

void Wire::begin_frame(unsigned lane) {
  if (lane % 8 != 0) verdicts_->say("E12", "/S/ off the 8-octet grid", lane);
  if (after_frame_ && gap_ < kMinimumGap) verdicts_->say("E4", "gap", gap_);
  if (after_frame_) counts.gap_out += gap_;
  in_frame_ = true;
  preamble_left_ = kPreambleOctets;
  start_beat_ = counts.beats;
  taken_.clear();
}

void Wire::take_preamble(uint8_t octet, bool control) {
  --preamble_left_;
  if (control || octet != (preamble_left_ == 0 ? kSfd : kPreamble)) verdicts_->say("E1", "preamble", octet);
}

void Wire::end_frame(uint8_t octet) {
  if (octet != kTerminate) verdicts_->say("E13", "frame ended by a control octet that is not /T/", octet);
  in_frame_ = false;
  after_frame_ = true;
  gap_ = 1;
  ++counts.frames_out;
  counts.octets_out += taken_.size();
  if (on_frame) on_frame(taken_.data(), taken_.size(), start_beat_, counts.beats);
}

}  // namespace ringside::testbench::nic
