// Where a program that has bugs built in keeps them, and how a run gets one. The plain program has no shelf: nothing of
// testbench/bugs/ is in it.
//
// A bug sits in one host: in its NIC (another model), or between its driver and the machine (another platform).
#ifndef RINGSIDE_TESTBENCH_PROGRAM_BUG_SHELF_H_
#define RINGSIDE_TESTBENCH_PROGRAM_BUG_SHELF_H_

#include <cstddef>
#include <memory>
#include <string>

#include "driver/platform.h"
#include "sc_model/host_machine.h"
#include "testbench/program/scenario.h"

namespace ringside::testbench {

// A bug that is switched on for one run; it lives as long as the run.
class SwitchedBug {
 public:
  virtual ~SwitchedBug() = default;
  // Of the demo: what brings the bug out.
  virtual void prepare(Scenario& demo) const = 0;
  // Of any scenario: the bug itself, when it is one of the host model.
  virtual void install(Scenario& scenario) const = 0;
  // Throws UsageError when the bug cannot be in this scenario.
  virtual void check(const Scenario& scenario) const = 0;
  // The NIC of host `index` (0, 1) has the bug: that model cannot be traced.
  virtual bool in_nic(size_t index) const = 0;
  // The NIC of host `index`; null: the plain one.
  virtual std::unique_ptr<sc_model::NicModel> nic_model(size_t index) = 0;
  // What the driver of host `index` gets for `machine.platform()`, or that itself.
  virtual driver::Platform& platform(size_t index, sc_model::HostMachine& machine) = 0;
};

class BugShelf {
 public:
  virtual ~BugShelf() = default;
  virtual std::string list() const = 0;  // a line for each bug: id, side, rules that find it, what it does
  virtual std::shared_ptr<SwitchedBug> take(const std::string& id) const = 0;  // throws UsageError: no such bug
};

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_PROGRAM_BUG_SHELF_H_
