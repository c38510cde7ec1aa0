#include "sc_model/host_cpu.h"

#include <cassert>
#include <utility>

namespace ringside::sc_model {
namespace {

// What a scheduler event means, in the low bits of its argument; then which thread or timer; then its generation.
enum Event : uint64_t { kDispatch, kTimePassed, kTimerExpired, kSleepOver };
constexpr unsigned kEventBits = 2;
constexpr unsigned kGenerationShift = 24;
constexpr uint64_t kGenerationMask = ~uint64_t{0} >> kGenerationShift;
constexpr uint64_t pack(Event event, uint64_t index = 0, uint64_t generation = 0) {
  return generation << kGenerationShift | index << kEventBits | event;
}

}  // namespace

HostCpu::HostCpu(sc_core::sc_module_name name, Scheduler& scheduler, const CpuCosts& costs)
    : sc_core::sc_module(name), scheduler_(scheduler), costs_(costs) {
  sc_core::sc_spawn_options options;
  options.set_stack_size(kThreadStackBytes);
  sc_core::sc_spawn([this] { kernel(); }, "kernel", &options);
}

void HostCpu::fire(uint64_t argument) {
  const uint64_t index = (argument & ((1u << kGenerationShift) - 1)) >> kEventBits;
  const uint64_t generation = argument >> kGenerationShift;
  switch (static_cast<Event>(argument & 3)) {
    case kDispatch:
      dispatch_requested_ = false;
      return dispatch();
    case kTimePassed:
      return time_passed_.notify(sc_core::SC_ZERO_TIME);
    case kTimerExpired: {
      Timer& timer = *timers_[index];
      if (!timer.armed || (timer.generation & kGenerationMask) != generation) return;
      timer.armed = false;
      timer.pending = true;
      pending_timers_.push_back(static_cast<int>(index));
      return request_dispatch();
    }
    case kSleepOver: {
      CpuThread& thread = *threads_[index];
      if ((thread.sleep_generation_ & kGenerationMask) != generation) return;
      return sleep_over(thread);
    }
  }
}

// ---------------------------------------------------------------- who holds the CPU

// The decision falls in the scheduler, after everything else of this instant.
void HostCpu::request_dispatch() {
  if (held() || dispatch_requested_) return;
  dispatch_requested_ = true;
  scheduler_.at(sim_now_ps(), EventClass::kCpu, *this, pack(kDispatch));
}

bool HostCpu::start_kernel_job(Job job, std::deque<int>& queue) {
  if (queue.empty()) return false;
  holder_ = Holder::kKernel;
  job_ = job;
  job_number_ = queue.front();
  queue.pop_front();
  held_since_ = sim_now_ps();
  kernel_granted_.notify(sc_core::SC_ZERO_TIME);
  return true;
}

void HostCpu::dispatch() {
  if (held()) return;
  if (start_kernel_job(Job::kIrq, pending_irqs_) || start_kernel_job(Job::kTimer, pending_timers_)) return;
  const bool thread_first = thread_turn_ && !ready_threads_.empty();
  thread_turn_ = !thread_turn_;
  if (!thread_first && start_kernel_job(Job::kPoll, pending_polls_)) return;
  if (ready_threads_.empty()) return;
  holder_ = Holder::kThread;
  holder_thread_ = ready_threads_.front();
  ready_threads_.pop_front();
  held_since_ = sim_now_ps();
  holder_thread_->granted_.notify(sc_core::SC_ZERO_TIME);
}

void HostCpu::release() {
  settle();
  busy_ += sim_now_ps() - held_since_;
  if (busy_watch_) busy_watch_(held_since_, sim_now_ps());
  holder_ = Holder::kNobody;
  holder_thread_ = nullptr;
  request_dispatch();
}

void HostCpu::kernel() {
  for (;;) {
    sc_core::wait(kernel_granted_);
    run_job();
    release();
  }
}

void HostCpu::run_job() {
  const size_t n = static_cast<size_t>(job_number_);
  if (job_ == Job::kIrq) {
    irq_pending_[n] = false;
    ++interrupts_handled_;
    dispatch_irq_(job_number_);
  } else if (job_ == Job::kTimer) {
    if (!timers_[n]->pending) return;  // stopped while it waited for the CPU
    timers_[n]->pending = false;
    charge(CpuWork::kTimer);
    timers_[n]->expired();
  } else {
    run_poll(job_number_);
  }
}

void HostCpu::run_poll(int number) {
  Poll& poll = *polls_[static_cast<size_t>(number)];
  if (!poll.live) return;
  poll.pending = false;
  const bool again = poll.run();
  if (again) poll_schedule(number);
}

// ---------------------------------------------------------------- time

void HostCpu::charge(CpuWork work, uint64_t count) {
  assert(held());
  const TimePs ps = costs_.of(work) * count;
  charge_ += ps;
  charged_[static_cast<size_t>(work)] += ps;
}

void HostCpu::sleep_timer(CpuThread& thread, TimePs when) {
  scheduler_.at(when, EventClass::kCpu, *this, pack(kSleepOver, thread.index_, thread.sleep_generation_));
}

void HostCpu::wait_until(TimePs when) {
  scheduler_.at(when, EventClass::kCpu, *this, pack(kTimePassed));
  sc_core::wait(time_passed_);
}

void HostCpu::settle() {
  if (charge_ == 0) return;
  const TimePs when = now_ps();
  charge_ = 0;
  wait_until(when);
}

void HostCpu::stall(sc_core::sc_event& event) {
  assert(charge_ == 0);  // settle before the request leaves
  sc_core::wait(event);
}

void HostCpu::busy_wait(TimePs ps) {
  charge_ps(ps);
  settle();
}

// ---------------------------------------------------------------- interrupts, polls, timers

void HostCpu::raise(int irq) {
  const size_t n = static_cast<size_t>(irq);
  if (n >= irq_pending_.size()) irq_pending_.resize(n + 1);
  if (irq_pending_[n]) return;
  irq_pending_[n] = true;
  pending_irqs_.push_back(irq);
  request_dispatch();
}

int HostCpu::poll_register(std::function<bool()> poll) {
  polls_.push_back(std::make_unique<Poll>());
  polls_.back()->run = std::move(poll);
  polls_.back()->live = true;
  return static_cast<int>(polls_.size()) - 1;
}

void HostCpu::poll_schedule(int number) {
  Poll& poll = *polls_.at(static_cast<size_t>(number));
  if (!poll.live || poll.pending) return;
  poll.pending = true;
  pending_polls_.push_back(number);
  request_dispatch();
}

void HostCpu::poll_unregister(int number) { polls_.at(static_cast<size_t>(number))->live = false; }

int HostCpu::timer_register(std::function<void()> expired) {
  timers_.push_back(std::make_unique<Timer>());
  timers_.back()->expired = std::move(expired);
  timers_.back()->live = true;
  return static_cast<int>(timers_.size()) - 1;
}

void HostCpu::timer_start(int number, TimePs when_ps) {
  Timer& timer = *timers_.at(static_cast<size_t>(number));
  assert(timer.live);
  timer_stop(number);
  timer.armed = true;
  const TimePs when = when_ps > sim_now_ps() ? when_ps : sim_now_ps();
  scheduler_.at(when, EventClass::kTimer, *this,
                pack(kTimerExpired, static_cast<uint64_t>(number), timer.generation));
}

void HostCpu::timer_stop(int number) {
  Timer& timer = *timers_.at(static_cast<size_t>(number));
  timer.armed = timer.pending = false;
  ++timer.generation;
}

void HostCpu::timer_unregister(int number) {
  timer_stop(number);
  timers_.at(static_cast<size_t>(number))->live = false;
}

}  // namespace ringside::sc_model
