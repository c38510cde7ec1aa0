// Timers: a binary heap of deadlines that knows each timer's place, so arming again is O(log n) and asking is O(1).
//
// Order: by deadline, equal deadlines in the order they were armed. Deadlines are absolute, in simulated nanoseconds.
// Ownership: a Timer belongs to its user and leaves the queue with it. A callback may arm or cancel any timer; it may
//   not destroy the timer it is called for.
#ifndef RINGSIDE_STACK_TIMER_H_
#define RINGSIDE_STACK_TIMER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

namespace ringside::stack {

constexpr uint64_t kNever = UINT64_MAX;

class TimerQueue;

class Timer {
 public:
  Timer(TimerQueue& queue, std::function<void()> callback) : queue_(queue), callback_(std::move(callback)) {}
  ~Timer() { cancel(); }
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  void arm(uint64_t deadline_ns);  // also moves an armed timer
  void cancel();
  bool armed() const { return place_ != kOut; }
  uint64_t deadline_ns() const { return armed() ? deadline_ns_ : kNever; }

 private:
  friend class TimerQueue;
  static constexpr size_t kOut = SIZE_MAX;

  TimerQueue& queue_;
  std::function<void()> callback_;
  uint64_t deadline_ns_ = kNever;
  uint64_t order_ = 0;
  size_t place_ = kOut;
};

class TimerQueue {
 public:
  uint64_t next_deadline_ns() const { return heap_.empty() ? kNever : heap_.front()->deadline_ns_; }
  size_t run(uint64_t now_ns);  // calls everything that is due; returns how many

 private:
  friend class Timer;
  static bool before(const Timer& a, const Timer& b);
  void place(Timer* timer, size_t at);
  void settle(size_t at);
  void remove(Timer& timer);

  std::vector<Timer*> heap_;
  uint64_t armed_so_far_ = 0;
};

}  // namespace ringside::stack

#endif  // RINGSIDE_STACK_TIMER_H_
