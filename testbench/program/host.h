// One host of a scenario: the simulated machine, the NIC's driver on it, the TCP/IP stack above, and the door through
// which application threads enter: the system calls.
//
// Memory: packet buffers live in host memory taken from the platform, so that the NIC reaches them (8 MiB or so).
// Threads: everything but construction and reading of counters runs on the host's CPU.
#ifndef RINGSIDE_TESTBENCH_PROGRAM_HOST_H_
#define RINGSIDE_TESTBENCH_PROGRAM_HOST_H_

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "driver/nic_driver.h"
#include "sc_model/host_machine.h"
#include "stack/packet_buffer.h"
#include "stack/stack.h"
#include "testbench/program/bug_shelf.h"
#include "testbench/program/cli.h"
#include "testbench/program/results.h"
#include "testbench/program/scenario.h"
#include "testbench/program/stack_services.h"
#include "testbench/program/stack_timer.h"

namespace ringside::testbench {

class Host {
 public:
  // `traced`: its NIC's signals can be recorded.
  Host(const Scenario& scenario, size_t index, sc_model::ViolationLog& log, bool traced, SwitchedBug* bug);
  // When the run has ended there is no time in which a driver could take its NIC down: one that runs, or has given its NIC up, is left as it is.
  ~Host();

  // Spawns the thread that brings the NIC up; `on_up` is called from it when the link is up as well.
  void start(std::function<void()> on_up);
  bool up() const { return up_; }
  const std::string& failure() const { return failure_; }  // of the bring-up; empty: none

  // A system call of an application thread: enters the kernel, does `call` with the stack's calls, leaves. May block.
  template <typename Call>
  auto call(sc_model::CpuThread& thread, Call&& call_in_kernel) {
    const sc_model::SystemCall in_kernel(thread);
    auto result = call_in_kernel(stack_.calls());
    timer_.rearm();
    return result;
  }

  const std::string& name() const { return parameters_.name; }
  sc_model::HostMachine& machine() { return machine_; }
  stack::Stack& stack() { return stack_; }
  driver::NicDriver& driver() { return *driver_; }

  // Spawns a thread that reads the NIC's counters for collect(), as a user would with ethtool.
  void read_counters();
  bool counters_read() const { return counters_read_; }
  // Frames from the wire that the NIC has accounted for: delivered to memory, or dropped for a reason (rule D17).
  uint64_t accounted_frames() const;
  void collect(Results& results) const;

 private:
  void bring_up(sc_model::CpuThread& thread);
  void attach();
  void collect_nic(Results& results) const;
  void collect_driver(Results& results) const;
  void collect_stack(Results& results) const;
  void collect_machine(Results& results) const;
  void add(Results& results, const std::string& name, uint64_t value, bool is_drop) const;

  const HostParameters parameters_;
  mutable sc_model::HostMachine machine_;  // its getters are not const
  StackServices services_;
  stack::BufferPool rx_pool_;
  stack::BufferPool header_pool_;
  stack::BufferPool data_pool_;
  std::unique_ptr<driver::NicDriver> driver_;
  TimedDevice device_;
  mutable stack::Stack stack_;  // likewise
  StackTimer timer_;
  std::function<void()> on_up_;
  bool up_ = false;
  bool counters_read_ = false;
  std::array<uint64_t, driver::regs::kNumCounters> nic_counters_{};
  std::string failure_;
};

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_PROGRAM_HOST_H_
