#include "testbench/program/stack_timer.h"

#include <algorithm>

namespace ringside::testbench {

StackTimer::StackTimer(sc_model::HostCpu& cpu, stack::Stack& stack)
    : cpu_(cpu), stack_(stack), timer_(cpu.timer_register([this] { expired(); })) {}

void StackTimer::rearm() {
  const uint64_t deadline_ns = stack_.next_deadline_ns();
  if (deadline_ns >= armed_ns_) return;
  armed_ns_ = deadline_ns;
  cpu_.timer_start(timer_, std::max(deadline_ns, cpu_.now_ns()) * sc_model::kPsPerNs);
}

void StackTimer::expired() {
  armed_ns_ = stack::kNever;
  stack_.poll();
  rearm();
}

}  // namespace ringside::testbench
