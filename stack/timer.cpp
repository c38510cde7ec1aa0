#include "stack/timer.h"

namespace ringside::stack {

void Timer::arm(uint64_t deadline_ns) {
  if (armed() && deadline_ns_ == deadline_ns) return;
  deadline_ns_ = deadline_ns;
  order_ = queue_.armed_so_far_++;
  if (!armed()) {
    place_ = queue_.heap_.size();
    queue_.heap_.push_back(this);
  }
  queue_.settle(place_);
}

void Timer::cancel() {
  if (armed()) queue_.remove(*this);
}

bool TimerQueue::before(const Timer& a, const Timer& b) {
  return a.deadline_ns_ != b.deadline_ns_ ? a.deadline_ns_ < b.deadline_ns_ : a.order_ < b.order_;
}

void TimerQueue::place(Timer* timer, size_t at) {
  heap_[at] = timer;
  timer->place_ = at;
}

// Moves the timer at `at` up or down to where it belongs.
void TimerQueue::settle(size_t at) {
  Timer* timer = heap_[at];
  while (at > 0 && before(*timer, *heap_[(at - 1) / 2])) {
    place(heap_[(at - 1) / 2], at);
    at = (at - 1) / 2;
  }
  for (size_t child; (child = 2 * at + 1) < heap_.size(); at = child) {
    if (child + 1 < heap_.size() && before(*heap_[child + 1], *heap_[child])) ++child;
    if (!before(*heap_[child], *timer)) break;
    place(heap_[child], at);
  }
  place(timer, at);
}

void TimerQueue::remove(Timer& timer) {
  const size_t at = timer.place_;
  timer.place_ = Timer::kOut;
  Timer* last = heap_.back();
  heap_.pop_back();
  if (last == &timer) return;
  place(last, at);
  settle(at);
}

size_t TimerQueue::run(uint64_t now_ns) {
  size_t count = 0;
  for (; next_deadline_ns() <= now_ns; ++count) {
    Timer* timer = heap_.front();
    remove(*timer);
    timer->callback_();
  }
  return count;
}

}  // namespace ringside::stack
