// Frame decoder: XGMII words to frames, written from IEEE 802.3 clause 46 alone and independent of the RTL. Accepts
// starts in lane 0 and lane 4. Fault ordered sets between frames are told too, where they are delivered.
#ifndef RINGSIDE_SC_MODEL_FRAME_DECODER_H_
#define RINGSIDE_SC_MODEL_FRAME_DECODER_H_

#include <cstdint>
#include <functional>
#include <vector>

#include "sc_model/observer.h"
#include "sc_model/xgmii.h"

namespace ringside::sc_model {

// CRC-32 of IEEE 802.3 (3.2.9), reflected form, start value and final complement included: crc32("123456789") is
// 0xCBF43926. The FCS is sent low byte first.
uint32_t crc32(const uint8_t* bytes, size_t length, uint32_t previous = 0);

class FrameDecoder {
 public:
  FrameDecoder(TimePs word_ps, FrameStage stage, unsigned sender, const ObserverList& observers);
  // Words in order of time; what lies between two of them is idle.
  void word(TimePs first, const XgmiiWord& word);
  // A clean wire need not be decoded twice: each frame is told a second time, as delivered `delay` later.
  void tell_delivered_after(TimePs delay) { delivered_after_ = delay; }
  // The number of the frame that comes now, when it is not the next one (observer.h).
  void set_number(uint64_t number) { number_ = number; }
  uint64_t frames() const { return frames_; }
  uint64_t octets() const { return octets_; }  // of all frames, FCS included

 private:
  void octet(TimePs when, uint64_t position, uint8_t value, bool control);
  void start(uint64_t position);
  void look_for_fault(TimePs first, const XgmiiWord& word) const;
  void end(bool framed, uint64_t position);

  enum class State : uint8_t { kIdle, kPreamble, kData };
  static constexpr size_t kLongest = 16384;
  TimePs word_ps_;
  FrameEvent event_;
  const ObserverList& observers_;
  TimePs delivered_after_ = 0;  // 0: tell once
  uint64_t number_ = 0;         // 0: the next one
  State state_ = State::kIdle;
  uint64_t next_position_ = 0;
  uint64_t last_end_ = ~uint64_t{0};  // octet position of the last terminate character
  std::vector<uint8_t> bytes_;
  uint64_t frames_ = 0;
  uint64_t octets_ = 0;
};

}  // namespace ringside::sc_model

#endif  // RINGSIDE_SC_MODEL_FRAME_DECODER_H_
