// What the stack asks of its host, answered by the simulated CPU: the time, the cost of its work, and callers that
// wait.
//
// Threads: all calls come with the host's CPU held (sc_model/host_cpu.h).
#ifndef RINGSIDE_TESTBENCH_PROGRAM_STACK_SERVICES_H_
#define RINGSIDE_TESTBENCH_PROGRAM_STACK_SERVICES_H_

#include <cstdint>
#include <functional>
#include <utility>

#include "sc_model/host_cpu.h"
#include "stack/context.h"

namespace ringside::testbench {

class StackServices : public stack::Clock, public stack::CostSink, public stack::Blocker {
 public:
  explicit StackServices(sc_model::HostCpu& cpu) : cpu_(cpu) {}

  // Called before a caller goes to sleep: the stack's deadlines may have changed.
  void set_before_wait(std::function<void()> before_wait) { before_wait_ = std::move(before_wait); }

  uint64_t now_ns() const override { return cpu_.now_ns(); }
  void charge(stack::StackWork work, uint64_t count) override;
  void wait(stack::WaitChannel& channel, uint64_t deadline_ns) override;
  void wake(stack::WaitChannel& channel) override;

 private:
  sc_model::HostCpu& cpu_;
  std::function<void()> before_wait_;
};

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_PROGRAM_STACK_SERVICES_H_
