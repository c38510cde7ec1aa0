// One direction of the wire: decoder at the entry, faults, decoder at the exit. Internal to ethernet_wire.cpp.
//
// Time: senders run ahead of SystemC's time, so everything here goes by the times of the words. What was due before a
//   word is done before it, whether the scheduler came first or the word.
#ifndef RINGSIDE_SC_MODEL_WIRE_DIRECTION_H_
#define RINGSIDE_SC_MODEL_WIRE_DIRECTION_H_

#include <cstdint>
#include <deque>
#include <vector>

#include "sc_model/ethernet_wire.h"
#include "sc_model/frame_decoder.h"
#include "sc_model/random.h"
#include "sc_model/scheduler.h"
#include "sc_model/xgmii.h"

namespace ringside::sc_model {

// Draws one decision per frame from its own stream.
class FaultDecision {
 public:
  FaultDecision(const FaultRule& rule, uint64_t seed, uint64_t stream) : rule_(rule), random_(seed, stream) {}
  bool hits(uint64_t frame);
  uint64_t pick(uint64_t bound) { return random_.below(bound); }

 private:
  const FaultRule& rule_;
  Random random_;
};

class WireDirection : public XgmiiSink, private EventHandler {
 public:
  WireDirection(unsigned sender, const WireConfig& config, Scheduler& scheduler, const ObserverList& observers);
  void connect(XgmiiSink* receiver) { receiver_ = receiver; }
  void receive(TimePs first, const XgmiiWord* words, unsigned count) override;
  const WireDirectionCounters& counters() const { return counters_; }

 private:
  struct Held {
    TimePs until;     // goes out then at the latest
    unsigned behind;  // frames still to go first
    std::vector<XgmiiWord> words;
  };

  void fire(uint64_t) override;  // a frame was held back long enough
  void release_due(TimePs now);
  void pass(TimePs first, const XgmiiWord* words, unsigned count);
  void word(TimePs natural, XgmiiWord word);
  void begin_frame(TimePs natural);
  void end_frame(TimePs natural);
  TimePs start_time(TimePs natural) const;
  void emit(TimePs at, const XgmiiWord& word);
  void insert(TimePs earliest, const std::vector<XgmiiWord>& words);
  void release_held(TimePs earliest, bool one_went_by);

  const WireFaults& faults_;
  const TimePs word_ps_;
  const TimePs delay_ps_;
  Scheduler& scheduler_;
  XgmiiSink* receiver_ = nullptr;
  FrameDecoder sent_;
  FrameDecoder delivered_;
  FaultDecision loss_, corruption_, duplication_, reordering_;
  const bool clean_;
  WireDirectionCounters counters_;

  // The frame on its way through
  bool in_frame_ = false;
  bool passes_ = false;       // words go out as they come
  bool kept_ = false;         // words are kept, to be sent again or later
  bool duplicate_ = false;
  bool hold_ = false;
  uint64_t word_index_ = 0;
  uint64_t corrupt_word_ = 0;  // 0: none
  uint64_t corrupt_bit_ = 0;
  std::vector<XgmiiWord> words_;

  std::deque<Held> held_;
  TimePs offset_ = 0;         // how much later than natural the last frame went out
  TimePs grid_ = 0;           // where in a word time the sender's words begin
  TimePs next_start_ = 0;     // earliest start with a full gap behind what went out last
  bool inserted_ = false;     // something went in between since the last frame that passed
};

}  // namespace ringside::sc_model

#endif  // RINGSIDE_SC_MODEL_WIRE_DIRECTION_H_
