// Application threads of a host's CPU: entering, leaving, blocking, sleeping, being woken.
#include <algorithm>
#include <cassert>
#include <utility>

#include "sc_model/host_cpu.h"

namespace ringside::sc_model {

CpuThread::CpuThread(HostCpu& cpu, std::string name, std::function<void(CpuThread&)> body, size_t index)
    : cpu_(cpu), name_(std::move(name)), body_(std::move(body)), index_(index) {}

CpuThread& HostCpu::spawn(const std::string& thread_name, std::function<void(CpuThread&)> body) {
  threads_.emplace_back(new CpuThread(*this, thread_name, std::move(body), threads_.size()));
  CpuThread& thread = *threads_.back();
  sc_core::sc_spawn_options options;
  options.set_stack_size(kThreadStackBytes);
  const std::string process = std::string(basename()) + "_thread_" + std::to_string(thread.index_);
  sc_core::sc_spawn([this, &thread] { thread_main(thread); }, process.c_str(), &options);
  sleep_timer(thread, sim_now_ps());
  return thread;
}

// Threads start, wake and go on in the CPU's order, never in that of SystemC's event queue, which differs between its
// versions: whoever starts or wakes first passes through the CPU's ready queue.
void HostCpu::thread_main(CpuThread& thread) {
  sc_core::wait(thread.granted_);
  release();
  thread.body_(thread);
  assert(holder_thread_ != &thread);  // a body leaves the CPU before it ends
  thread.finished_ = true;
}

bool HostCpu::all_threads_finished() const {
  return std::all_of(threads_.begin(), threads_.end(), [](const auto& thread) { return thread->finished(); });
}

void HostCpu::make_ready(CpuThread& thread) {
  ready_threads_.push_back(&thread);
  request_dispatch();
}

void HostCpu::wake_one(WaitChannel& channel) {
  if (channel.waiters_.empty()) return;
  CpuThread& thread = *channel.waiters_.front();
  channel.waiters_.pop_front();
  thread.channel_ = nullptr;
  ++thread.sleep_generation_;  // its deadline is void
  make_ready(thread);
}

void HostCpu::sleep_over(CpuThread& thread) {
  thread.timed_out_ = true;
  if (thread.channel_ != nullptr) {
    auto& waiters = thread.channel_->waiters_;
    waiters.erase(std::find(waiters.begin(), waiters.end(), &thread));
    thread.channel_ = nullptr;
  }
  make_ready(thread);
}

void HostCpu::wake_all(WaitChannel& channel) {
  while (!channel.waiters_.empty()) wake_one(channel);
}

void CpuThread::enter() {
  assert(cpu_.holder_thread_ != this);
  cpu_.make_ready(*this);
  sc_core::wait(granted_);
}

void CpuThread::leave() {
  assert(cpu_.holder_thread_ == this);
  cpu_.release();
}

void CpuThread::block(WaitChannel& channel) { block_until(channel, kNever); }

// Enlists before the CPU is given up, so a wake-up in between is not lost.
bool CpuThread::block_until(WaitChannel& channel, TimePs deadline_ps) {
  assert(cpu_.holder_thread_ == this);
  channel.waiters_.push_back(this);
  channel_ = &channel;
  timed_out_ = false;
  ++sleep_generation_;
  if (deadline_ps != kNever) cpu_.sleep_timer(*this, std::max(deadline_ps, cpu_.now_ps()));
  cpu_.release();
  sc_core::wait(granted_);
  if (!timed_out_) cpu_.charge(CpuWork::kContextSwitch);
  return !timed_out_;
}

void CpuThread::sleep_until(TimePs when_ps) {
  assert(cpu_.holder_thread_ != this);
  ++sleep_generation_;
  cpu_.sleep_timer(*this, std::max(when_ps, sim_now_ps()));
  sc_core::wait(granted_);
  cpu_.release();
}

void CpuThread::sleep_ns(uint64_t ns) { sleep_until(sim_now_ps() + ns * kPsPerNs); }

// Path step T1: user mode to kernel mode, charged by the cost table.
SystemCall::SystemCall(CpuThread& thread) : thread_(thread) {
  thread_.enter();
  thread_.cpu().charge(CpuWork::kSystemCall);
}

SystemCall::~SystemCall() { thread_.leave(); }

}  // namespace ringside::sc_model
