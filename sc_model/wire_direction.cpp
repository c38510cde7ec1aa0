#include "sc_model/wire_direction.h"

#include <algorithm>
#include <utility>

namespace ringside::sc_model {
namespace {

bool starts_frame(const XgmiiWord& word) {
  return word.is_control(0) && word.octet(0) == kXgmiiStart;
}

// Lane of the terminate character, 8 when there is none.
unsigned terminate_lane(const XgmiiWord& word) {
  unsigned lane = 0;
  while (lane < 8 && !(word.is_control(lane) && word.octet(lane) == kXgmiiTerminate)) ++lane;
  return lane;
}

}  // namespace

WireDirection::WireDirection(unsigned sender, const WireConfig& config, FaultInjector& injector, Scheduler& scheduler,
                             const ObserverList& observers)
    : injector_(injector),
      word_ps_(EthernetWire::word_ps(config.gigabits_per_s)),
      delay_ps_(config.delay_ps),
      scheduler_(scheduler),
      sent_(word_ps_, FrameStage::kSent, sender, observers),
      delivered_(word_ps_, FrameStage::kDelivered, sender, observers),
      reorder_by_(config.reorder_by),
      clean_(!injector.armed()) {
  plan_timed_faults();
  if (clean_) sent_.tell_delivered_after(delay_ps_);
}

void WireDirection::receive(TimePs first, const XgmiiWord* words, unsigned count) {
  if (clean_) return pass(first, words, count);
  for (unsigned i = 0; i < count; ++i) {
    if (words[i].idle()) continue;
    const TimePs at = first + i * word_ps_;
    if (!held_.empty()) release_due(at);
    if (next_timed_ <= at) inject_due(at);
    sent_.word(at, words[i]);
    word(at + delay_ps_, words[i]);
  }
}

// No faults: everything as it comes.
void WireDirection::pass(TimePs first, const XgmiiWord* words, unsigned count) {
  for (unsigned i = 0; i < count; ++i) {
    if (words[i].idle()) continue;
    counters_.frames += starts_frame(words[i]);
    sent_.word(first + i * word_ps_, words[i]);
  }
  if (receiver_ != nullptr) receiver_->receive(first + delay_ps_, words, count);
}

void WireDirection::word(TimePs natural, XgmiiWord word) {
  if (starts_frame(word)) begin_frame(natural);
  if (!in_frame_) {  // ordered sets between frames: a frame that was put in between is in their place
    const bool covered = inserted_ && natural + offset_ < next_start_;
    if (!covered && !is_down(natural - delay_ps_)) emit(natural + offset_, word);
    return;
  }
  if (word_index_ == 0 && spoil_start_) spoil_start(word);
  if (word_index_ == corrupt_word_ && word_index_ != 0) word.data ^= uint64_t{1} << corrupt_bit_;
  ++word_index_;
  if (passes_) emit(natural + offset_, word);
  if (kept_) words_.push_back(word);
  if (terminate_lane(word) < 8) end_frame(natural);
}

void WireDirection::begin_frame(TimePs natural) {
  grid_ = natural % word_ps_;
  in_frame_ = true;
  word_index_ = 0;
  words_.clear();
  ++counters_.frames;
  decide(natural - delay_ps_);
  if (!passes_) return;
  offset_ = start_time(natural) - natural;
  delivered_.set_number(counters_.frames);
  inserted_ = false;
}

// What becomes of the frame. Every kind draws for every frame, whatever the others say.
void WireDirection::decide(TimePs sent) {
  const auto hit = [&](FaultKind kind) { return injector_.hit(kind, sent) != nullptr; };
  const bool lost = hit(FaultKind::kFrameLoss) || is_down(sent);
  const bool corrupt = hit(FaultKind::kFrameCorrupt);
  duplicate_ = hit(FaultKind::kFrameDuplicate) && !lost;
  hold_ = hit(FaultKind::kFrameReorder) && !lost;
  spoil_start_ = hit(FaultKind::kPreamble);
  const bool fcs = hit(FaultKind::kFcsError), runt = hit(FaultKind::kRunt);
  rewrite_ = fcs ? FaultKind::kFcsError : runt ? FaultKind::kRunt : kNoRewrite;
  // Words 1 to 7 are full of data in every frame, and a cut-through wire cannot know how long this one is.
  corrupt_word_ = corrupt && !lost ? 1 + injector_.pick(7) : 0;
  corrupt_bit_ = corrupt && !lost ? injector_.pick(64) : 0;
  const bool whole = rewrite_ != kNoRewrite && !lost;
  passes_ = !lost && !hold_ && !whole;
  kept_ = duplicate_ || hold_ || whole;
  counters_.lost += lost;
  counters_.corrupted += corrupt && !lost;
  counters_.duplicated += duplicate_;
  counters_.reordered += hold_;
}

// As sent, or as far behind it as the frame before, or right behind what was put in between.
TimePs WireDirection::start_time(TimePs natural) const {
  if (inserted_) return std::max(natural, next_start_);
  return std::max(natural, std::min(natural + offset_, next_start_));
}

void WireDirection::end_frame(TimePs natural) {
  in_frame_ = false;
  const bool rewritten = rewrite_ != kNoRewrite && kept_;
  if (rewritten) rewrite_frame();
  if (hold_) {
    const TimePs until = natural - delay_ps_ + kHoldLimitPs;
    held_.push_back({until, reorder_by_, words_, counters_.frames});
    if (duplicate_) held_.push_back(held_.back());
    return scheduler_.at(until, EventClass::kLink, *this);
  }
  if (rewritten) insert(natural, words_, counters_.frames);
  if (duplicate_) insert(natural, words_, counters_.frames);
  release_held(natural, passes_ || rewritten);
  insert_pauses(natural);
}

void WireDirection::fire(uint64_t) {
  release_due(sim_now_ps());
  if (next_timed_ <= sim_now_ps()) inject_due(sim_now_ps());
}

// Frames held back until `now` or before: out with them, or behind the frame that is just going through.
void WireDirection::release_due(TimePs now) {
  for (Held& held : held_)
    if (held.until <= now) held.behind = 0;
  while (!in_frame_ && !held_.empty() && held_.front().until <= now) {
    insert(held_.front().until + delay_ps_, held_.front().words, held_.front().number);
    held_.pop_front();
  }
}

void WireDirection::release_held(TimePs earliest, bool one_went_by) {
  for (Held& held : held_)
    if (one_went_by && held.behind > 0) --held.behind;
  while (!held_.empty() && held_.front().behind == 0) {
    insert(earliest, held_.front().words, held_.front().number);
    held_.pop_front();
  }
}

// A whole frame on the medium's word grid, after everything that is out already.
void WireDirection::insert(TimePs earliest, const std::vector<XgmiiWord>& words, uint64_t number) {
  delivered_.set_number(number);
  TimePs at = std::max(next_start_, earliest);
  at += (word_ps_ + grid_ - at % word_ps_) % word_ps_;
  for (const XgmiiWord& w : words) {
    emit(at, w);
    at += word_ps_;
  }
  inserted_ = true;
}

void WireDirection::emit(TimePs at, const XgmiiWord& word) {
  const unsigned lane = terminate_lane(word);
  if (lane < 8) next_start_ = at + word_ps_ * (lane <= 4 ? 2 : 3);  // 12 octets or more from /T/ to /S/
  if (lane == 8) next_start_ = std::max(next_start_, at + word_ps_);
  delivered_.word(at, word);
  if (receiver_ != nullptr) receiver_->receive(at, &word, 1);
}

}  // namespace ringside::sc_model
