#include "sc_model/frame_decoder.h"

#include <array>
#include <cstring>

namespace ringside::sc_model {
namespace {

// Slicing by eight: table n is the effect of a byte that n more bytes follow.
using CrcTables = std::array<std::array<uint32_t, 256>, 8>;
constexpr CrcTables make_crc_tables() {
  CrcTables t{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t r = i;
    for (int bit = 0; bit < 8; ++bit) r = (r >> 1) ^ ((r & 1) != 0 ? 0xEDB88320u : 0);
    t[0][i] = r;
  }
  for (uint32_t n = 1; n < 8; ++n)
    for (uint32_t i = 0; i < 256; ++i) t[n][i] = t[0][t[n - 1][i] & 0xFF] ^ (t[n - 1][i] >> 8);
  return t;
}
constexpr CrcTables kCrc = make_crc_tables();
constexpr uint32_t kGoodResidue = 0x2144DF1C;  // crc32 over a frame with its FCS (the residue DEBB20E3, complemented)
constexpr uint8_t kPreamble = 0x55;
constexpr uint8_t kSfd = 0xD5;
constexpr uint64_t kNone = ~uint64_t{0};

}  // namespace

uint32_t crc32(const uint8_t* bytes, size_t length, uint32_t previous) {
  uint32_t r = ~previous;
  for (; length >= 8; length -= 8, bytes += 8) {
    uint64_t v;
    std::memcpy(&v, bytes, 8);
    v ^= r;
    r = 0;
    for (unsigned i = 0; i < 8; ++i) r ^= kCrc[7 - i][(v >> (8 * i)) & 0xFF];
  }
  for (; length > 0; --length) r = kCrc[0][(r ^ *bytes++) & 0xFF] ^ (r >> 8);
  return ~r;
}

FrameDecoder::FrameDecoder(TimePs word_ps, FrameStage stage, unsigned sender, const ObserverList& observers)
    : word_ps_(word_ps), observers_(observers) {
  event_.stage = stage;
  event_.sender = sender;
  bytes_.reserve(kLongest);
}

// Octet positions count line time: 8 to a word, from time zero on.
void FrameDecoder::word(TimePs first, const XgmiiWord& word) {
  const uint64_t position = first / word_ps_ * 8;
  if (state_ != State::kIdle && position != next_position_) end(false, next_position_);  // idle cut the frame off
  next_position_ = position + 8;
  if (state_ == State::kData && word.control == 0 && bytes_.size() + 8 <= kLongest) {  // the middle of a frame
    const size_t at = bytes_.size();
    bytes_.resize(at + 8);
    std::memcpy(&bytes_[at], &word.data, 8);
    return;
  }
  if (state_ == State::kIdle && word.control != 0) look_for_fault(first, word);
  for (unsigned lane = 0; lane < 8; ++lane)
    octet(first + lane * word_ps_ / 8, position + lane, word.octet(lane), word.is_control(lane));
}

// Local and remote fault, 46.3.4: /Q/ in the first lane of a column, 0, 0, and 1 or 2.
void FrameDecoder::look_for_fault(TimePs first, const XgmiiWord& word) const {
  if (event_.stage == FrameStage::kSent && delivered_after_ == 0) return;
  for (unsigned lane = 0; lane < 8; lane += 4) {
    const bool set = word.is_control(lane) && word.octet(lane) == kXgmiiSequence;
    const unsigned code = word.octet(lane + 3);
    if (!set || word.octet(lane + 1) != 0 || word.octet(lane + 2) != 0 || (code != 1 && code != 2)) continue;
    return observers_.link_fault({first + delivered_after_, event_.sender});
  }
}

void FrameDecoder::octet(TimePs when, uint64_t position, uint8_t value, bool control) {
  if (control && value == kXgmiiStart && position % 4 == 0) {
    if (state_ != State::kIdle) end(false, position);
    return start(position);
  }
  if (state_ == State::kIdle) return;
  if (control && value == kXgmiiTerminate) return end(state_ == State::kData, position);
  if (control && value == kXgmiiIdle) return end(false, position);
  if (control) event_.error_character = true;
  if (state_ == State::kData) {
    if (bytes_.size() < kLongest) bytes_.push_back(value);
    return;
  }
  if (value == kSfd && !control) {
    state_ = State::kData;
    event_.time_ps = when + word_ps_ / 8;
  } else {
    event_.framed = event_.framed && value == kPreamble;
    ++event_.preamble_octets;
  }
}

void FrameDecoder::start(uint64_t position) {
  state_ = State::kPreamble;
  bytes_.clear();
  event_.framed = true;
  event_.error_character = false;
  event_.preamble_octets = 0;
  event_.gap_octets = last_end_ == kNone ? kNone : position - last_end_;
}

void FrameDecoder::end(bool framed, uint64_t position) {
  state_ = State::kIdle;
  last_end_ = position;
  event_.framed = event_.framed && framed;
  event_.bytes = bytes_.data();
  event_.length = static_cast<uint32_t>(bytes_.size());
  event_.fcs_good = event_.length >= 4 && crc32(event_.bytes, event_.length) == kGoodResidue;
  ++frames_;
  event_.number = number_ != 0 ? number_ : frames_;
  octets_ += event_.length;
  observers_.frame(event_);
  if (delivered_after_ == 0) return;
  FrameEvent delivered = event_;
  delivered.stage = FrameStage::kDelivered;
  delivered.time_ps += delivered_after_;
  observers_.frame(delivered);
}

}  // namespace ringside::sc_model
