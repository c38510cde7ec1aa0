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
#include "sc_model/fault.h"
#include "sc_model/frame_decoder.h"
#include "sc_model/random.h"
#include "sc_model/scheduler.h"
#include "sc_model/xgmii.h"

namespace ringside::sc_model {

class WireDirection : public XgmiiSink, private EventHandler {
 public:
  WireDirection(unsigned sender, const WireConfig& config, FaultInjector& injector, Scheduler& scheduler,
                const ObserverList& observers);
  void connect(XgmiiSink* receiver) { receiver_ = receiver; }
  void receive(TimePs first, const XgmiiWord* words, unsigned count) override;
  const WireDirectionCounters& counters() const { return counters_; }

 private:
  static constexpr FaultKind kNoRewrite = FaultKind::kUr;  // any that is not of the wire
  struct Held {
    TimePs until;     // goes out then at the latest
    unsigned behind;  // frames still to go first
    std::vector<XgmiiWord> words;
    uint64_t number;
  };
  // A fault that lasts from one time to another, as the sender's words bear them, and when its next part is due.
  struct Timed {
    FaultKind kind;
    TimePs from, until, next;
  };

  void fire(uint64_t) override;  // a frame was held back long enough, or something is due by time
  void release_due(TimePs now);
  void pass(TimePs first, const XgmiiWord* words, unsigned count);
  void word(TimePs natural, XgmiiWord word);
  void begin_frame(TimePs natural);
  void decide(TimePs sent);
  void end_frame(TimePs natural);
  TimePs start_time(TimePs natural) const;
  void emit(TimePs at, const XgmiiWord& word);
  void insert(TimePs earliest, const std::vector<XgmiiWord>& words, uint64_t number);
  void release_held(TimePs earliest, bool one_went_by);
  // wire_faults.cpp
  void plan_timed_faults();
  void inject_due(TimePs now);
  void inject(Timed& timed);
  void insert_pauses(TimePs earliest);
  bool is_down(TimePs sent) const;
  void spoil_start(XgmiiWord& word);
  void rewrite_frame();

  FaultInjector& injector_;
  const TimePs word_ps_;
  const TimePs delay_ps_;
  Scheduler& scheduler_;
  XgmiiSink* receiver_ = nullptr;
  FrameDecoder sent_;
  FrameDecoder delivered_;
  const unsigned reorder_by_;
  const bool clean_;
  WireDirectionCounters counters_;

  // The frame on its way through
  bool in_frame_ = false;
  bool passes_ = false;  // words go out as they come
  bool kept_ = false;    // words are kept, to be sent again or later
  bool duplicate_ = false;
  bool hold_ = false;
  bool spoil_start_ = false;
  FaultKind rewrite_ = kNoRewrite;  // kFcsError or kRunt: at its end
  uint64_t word_index_ = 0;
  uint64_t corrupt_word_ = 0;  // 0: none
  uint64_t corrupt_bit_ = 0;
  std::vector<XgmiiWord> words_;

  std::vector<Timed> timed_;
  TimePs next_timed_ = kNever;
  unsigned pauses_due_ = 0;
  std::deque<Held> held_;
  TimePs offset_ = 0;      // how much later than natural the last frame went out
  TimePs grid_ = 0;        // where in a word time the sender's words begin
  TimePs next_start_ = 0;  // earliest start with a full gap behind what went out last
  bool inserted_ = false;  // something went in between since the last frame that passed
};

}  // namespace ringside::sc_model

#endif  // RINGSIDE_SC_MODEL_WIRE_DIRECTION_H_
