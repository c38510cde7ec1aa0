// The whole simulated world of a scenario: two hosts, the wire between them, applications, and those who watch.
//
// Order of life: constructed before simulated time starts; start() brings the hosts up; applications begin when both
// NICs run and the link is up; `on_done` is called in the simulation when the last application has ended.
// What the run loop asks (progress, who waits for what) may be asked between two sc_start() calls.
#ifndef RINGSIDE_TESTBENCH_PROGRAM_MACHINE_H_
#define RINGSIDE_TESTBENCH_PROGRAM_MACHINE_H_

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sc_model/check_ethernet.h"
#include "sc_model/ethernet_wire.h"
#include "sc_model/violation.h"
#include "testbench/program/applications.h"
#include "testbench/program/digest.h"
#include "testbench/program/host.h"
#include "testbench/program/results.h"
#include "testbench/program/scenario.h"
#include "testbench/program/tally.h"

namespace ringside::testbench {

class Machine {
 public:
  // Throws UsageError when an application's file cannot be read.
  // `traced`: the NICs' signals can be recorded.
  Machine(const Scenario& scenario, bool traced, SwitchedBug* bug = nullptr);

  // Before start().
  void watch_wire(sc_model::Observer& observer) { wire_observers_.add(&observer); }
  void watch_host(size_t i, sc_model::Observer& observer) { hosts_[i]->machine().observers().add(&observer); }
  void start(std::function<void()> on_done);
  // Pauses SystemC at the violation that is one more than `allowed`, at its own instant, so that nothing else happens.
  void pause_at_violation(uint64_t allowed);

  // After the applications: the hosts read their NICs' counters; counters_read() tells when that is done.
  void read_counters();
  bool counters_read() const { return hosts_[0]->counters_read() && hosts_[1]->counters_read(); }

  void check_time() { for (auto& host : hosts_) host->machine().check_time(); }
  bool done() const { return applications_left_ == 0; }
  uint64_t bytes_total() const;
  uint64_t bytes_done() const;      // read by the receivers
  uint64_t activity() const;        // changes whenever an application or a bring-up gets on
  std::string phase() const;        // one word
  std::string waiting_for() const;  // who waits for what, for a run that does not end
  std::string failure() const;      // the first bring-up or application that failed; empty: none
  uint64_t cycles() const;          // of the core clock of one NIC

  // Every frame that reached a NIC was delivered or dropped for a reason (rule D17), else a violation. After
  // read_counters(), before collect(). Returns why it cannot be judged; empty: it was.
  std::string audit();

  Host& host(size_t i) { return *hosts_[i]; }
  const sc_model::ViolationLog& violations() const { return violations_; }
  void collect(Results& results) const;

 private:
  void make_applications();
  void host_is_up();
  void application_ended();
  void collect_transfers(Results& results) const;
  void collect_wire(Results& results) const;

  const Scenario scenario_;
  sc_model::ViolationLog violations_;
  RunDigest digest_;
  WireTally tally_;
  sc_model::ObserverList wire_observers_;
  std::array<std::unique_ptr<Host>, 2> hosts_;
  std::unique_ptr<sc_model::EthernetWire> wire_;
  std::unique_ptr<sc_model::EthernetChecker> wire_checker_;
  std::vector<std::unique_ptr<Application>> applications_;  // in the order of the scenario
  sc_core::sc_event all_up_;
  unsigned hosts_up_ = 0;
  sc_model::TimePs counters_read_from_ps_ = 0;
  size_t applications_left_ = 0;
  std::function<void()> on_done_;
};

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_PROGRAM_MACHINE_H_
