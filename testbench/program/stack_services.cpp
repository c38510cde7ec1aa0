#include "testbench/program/stack_services.h"

#include <cassert>

namespace ringside::testbench {
namespace {

using sc_model::CpuWork;
using stack::StackWork;

// The CPU's queue of waiters behind one of the stack's channels; made when the first caller waits there.
struct Queue : stack::WaitChannel::Attachment {
  sc_model::WaitChannel waiters;
};

// The cost table knows segments and bytes. What a segment costs there includes its share of IP and Ethernet; a datagram
// is charged like a segment. Waking is charged when the woken thread goes on (kContextSwitch), timers by the CPU.
CpuWork to_cpu_work(StackWork work) {
  switch (work) {
    case StackWork::kSystemCall:
      return CpuWork::kSystemCall;
    case StackWork::kCopyBytes:
      return CpuWork::kCopyByte;
    case StackWork::kChecksumBytes:
      return CpuWork::kChecksumByte;
    case StackWork::kTcpSegmentTx:
    case StackWork::kUdpDatagramTx:
      return CpuWork::kTcpSegmentOut;
    case StackWork::kTcpSegmentRx:
    case StackWork::kUdpDatagramRx:
      return CpuWork::kTcpSegmentIn;
    default:
      return CpuWork::kCount;
  }
}

}  // namespace

void StackServices::charge(StackWork work, uint64_t count) {
  const CpuWork cpu_work = to_cpu_work(work);
  if (cpu_work != CpuWork::kCount) cpu_.charge(cpu_work, count);
}

void StackServices::wait(stack::WaitChannel& channel, uint64_t deadline_ns) {
  sc_model::CpuThread* thread = cpu_.current_thread();
  assert(thread);  // handlers, polls and timers never block
  if (before_wait_) before_wait_();
  if (!channel.attachment()) channel.attach(new Queue);
  sc_model::WaitChannel& waiters = static_cast<Queue*>(channel.attachment())->waiters;
  if (deadline_ns == stack::kNever) {
    thread->block(waiters);
  } else {
    thread->block_until(waiters, deadline_ns * sc_model::kPsPerNs);
  }
}

void StackServices::wake(stack::WaitChannel& channel) {
  if (channel.attachment()) cpu_.wake_all(static_cast<Queue*>(channel.attachment())->waiters);
}

}  // namespace ringside::testbench
