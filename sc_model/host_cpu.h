// The one simulated CPU of a host. It serialises all software: application threads, interrupt handlers, polls, timers.
//
// Time: software runs in zero simulated time while charges add up; now_ps() shows them. When a work item ends the CPU
//   stays busy for what was charged. MMIO writes leave at now_ps(). Reads first let the charges pass (settle), then
//   stall the CPU until the answer is there.
// Order: interrupts first, then expired timers, then polls and threads in turn. Nothing preempts: whoever holds the CPU
//   keeps it until it leaves, blocks or returns, so stack and driver are never re-entered. An interrupt that arrives
//   meanwhile stays pending (once per number, as in hardware).
// Threads: application code runs in SC_THREADs made by spawn(). Everything marked "CPU held" may be called by whoever
//   holds the CPU: a thread between enter() and leave(), a handler, a poll, a timer.
#ifndef RINGSIDE_SC_MODEL_HOST_CPU_H_
#define RINGSIDE_SC_MODEL_HOST_CPU_H_

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <systemc>
#include <vector>

#include "sc_model/cpu_costs.h"
#include "sc_model/scheduler.h"

namespace ringside::sc_model {

class HostCpu;
class CpuThread;

// Where threads sleep until somebody wakes them: one per thing to wait for (a socket, a pipe). FIFO.
// Must outlive its waiters. Wakes are not remembered: check the condition, then block, both with the CPU held.
class WaitChannel {
 public:
  bool empty() const { return waiters_.empty(); }

 private:
  friend class HostCpu;
  friend class CpuThread;
  std::deque<CpuThread*> waiters_;
};

// An application thread, given to its body. Its functions are called from that body only.
class CpuThread {
 public:
  // Waits for the CPU and holds it. Must not be held already.
  void enter();
  // Lets the charges pass, then gives the CPU back.
  void leave();
  // CPU held: gives the CPU up, sleeps until the channel is woken, holds the CPU again.
  void block(WaitChannel& channel);
  // As block(), but no longer than until `deadline_ps`; false when that was the reason.
  bool block_until(WaitChannel& channel, TimePs deadline_ps);
  // CPU not held: sleeps without using the CPU.
  void sleep_until(TimePs when_ps);
  void sleep_ns(uint64_t ns);

  const std::string& name() const { return name_; }
  bool finished() const { return finished_; }
  HostCpu& cpu() const { return cpu_; }

 private:
  friend class HostCpu;
  CpuThread(HostCpu& cpu, std::string name, std::function<void(CpuThread&)> body, size_t index);

  HostCpu& cpu_;
  std::string name_;
  std::function<void(CpuThread&)> body_;
  size_t index_;
  sc_core::sc_event granted_;
  WaitChannel* channel_ = nullptr;
  uint64_t sleep_generation_ = 0;
  bool timed_out_ = false;
  bool finished_ = false;
};

class HostCpu : public sc_core::sc_module, private EventHandler {
 public:
  static constexpr int kThreadStackBytes = 1 << 20;

  HostCpu(sc_core::sc_module_name name, Scheduler& scheduler, const CpuCosts& costs);

  // Application threads; before or during the simulation. The body starts without the CPU.
  CpuThread& spawn(const std::string& name, std::function<void(CpuThread&)> body);
  bool all_threads_finished() const;
  // CPU held: the thread that holds it; null in a handler, poll or timer.
  CpuThread* current_thread() const { return holder_thread_; }
  bool held() const { return holder_ != Holder::kNobody; }  // by anybody

  // CPU held: a thread blocked there becomes ready; the first one, or all.
  void wake_one(WaitChannel& channel);
  void wake_all(WaitChannel& channel);

  // CPU held: time as software sees it, charges included. Without the CPU: simulated time.
  TimePs now_ps() const { return sim_now_ps() + charge_; }
  uint64_t now_ns() const { return now_ps() / kPsPerNs; }
  // CPU held: time spent.
  void charge(CpuWork work, uint64_t count = 1);
  void charge_ps(TimePs ps) { charge_ += ps; }
  // CPU held: lets simulated time catch up with the charges.
  void settle();
  // CPU held and settled: waits for the event with the CPU busy (a read's round trip).
  void stall(sc_core::sc_event& event);
  // CPU held: settles, then keeps the CPU busy for so long.
  void busy_wait(TimePs ps);

  // Interrupts, called by the interrupt controller: number `irq` is pending.
  void raise(int irq);
  void set_interrupt_dispatch(std::function<void(int)> dispatch) { dispatch_irq_ = std::move(dispatch); }

  // Deferred work outside interrupt context, and timers: as in driver/platform.h.
  int poll_register(std::function<bool()> poll);
  void poll_schedule(int poll);
  void poll_unregister(int poll);
  int timer_register(std::function<void()> expired);
  void timer_start(int timer, TimePs when_ps);  // absolute
  void timer_stop(int timer);
  void timer_unregister(int timer);

  const CpuCosts& costs() const { return costs_; }
  // Simulated time the CPU was busy so far, and how it was charged.
  TimePs busy_ps() const { return busy_; }
  TimePs charged_ps(CpuWork work) const { return charged_[static_cast<size_t>(work)]; }
  // Told of each stretch of time the CPU was held, when it ends.
  void set_busy_watch(std::function<void(TimePs from, TimePs to)> watch) { busy_watch_ = std::move(watch); }
  uint64_t interrupts_handled() const { return interrupts_handled_; }

 private:
  friend class CpuThread;
  enum class Holder : uint8_t { kNobody, kKernel, kThread };
  enum class Job : uint8_t { kNone, kIrq, kTimer, kPoll };
  struct Poll { std::function<bool()> run; bool live = false, pending = false; };
  struct Timer {
    std::function<void()> expired;
    bool live = false, armed = false, pending = false;
    uint64_t generation = 0;
  };

  void fire(uint64_t argument) override;
  void kernel();               // SC_THREAD: runs handlers, timers, polls
  void run_job();
  void run_poll(int poll);
  void request_dispatch();
  void dispatch();             // gives the free CPU to the next in line
  bool start_kernel_job(Job job, std::deque<int>& queue);
  void release();
  void wait_until(TimePs when);
  void make_ready(CpuThread& thread);
  void sleep_timer(CpuThread& thread, TimePs when);
  void sleep_over(CpuThread& thread);
  void thread_main(CpuThread& thread);

  Scheduler& scheduler_;
  CpuCosts costs_;
  std::vector<std::unique_ptr<CpuThread>> threads_;
  std::deque<CpuThread*> ready_threads_;
  std::deque<int> pending_irqs_, pending_timers_, pending_polls_;
  std::vector<bool> irq_pending_;
  std::vector<std::unique_ptr<Poll>> polls_;
  std::vector<std::unique_ptr<Timer>> timers_;
  std::function<void(int)> dispatch_irq_;
  Holder holder_ = Holder::kNobody;
  CpuThread* holder_thread_ = nullptr;
  Job job_ = Job::kNone;
  int job_number_ = -1;
  bool thread_turn_ = false;
  bool dispatch_requested_ = false;
  TimePs charge_ = 0;
  TimePs busy_ = 0;
  TimePs held_since_ = 0;
  std::function<void(TimePs, TimePs)> busy_watch_;
  uint64_t interrupts_handled_ = 0;
  std::array<TimePs, static_cast<size_t>(CpuWork::kCount)> charged_{};
  sc_core::sc_event kernel_granted_;
  sc_core::sc_event time_passed_;
};

// A system call: user mode to kernel mode with its cost, the CPU held while it lives.
class SystemCall {
 public:
  explicit SystemCall(CpuThread& thread);
  ~SystemCall();
  SystemCall(const SystemCall&) = delete;
  SystemCall& operator=(const SystemCall&) = delete;

 private:
  CpuThread& thread_;
};

}  // namespace ringside::sc_model

#endif  // RINGSIDE_SC_MODEL_HOST_CPU_H_
