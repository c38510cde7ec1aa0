// One host, whole: CPU, memory, IOMMU, interrupt controller, root complex, PCIe link, NIC shell, platform and checkers,
// wired up. What an assembly needs; each part is also usable alone.
//
//   HostMachine a("a", config_a, log), b("b", config_b, log);
//   EthernetWire wire("wire", wire_config, observers);
//   connect(wire, 0, a); connect(wire, 1, b);
//   a.cpu().spawn("init", [&](CpuThread& t) { t.enter(); driver.probe(a.platform()); t.leave(); });
//   sc_core::sc_start();
//
// One machine set per process (SystemC elaborates once). The ViolationLog and observers must outlive the machine.
#ifndef RINGSIDE_SC_MODEL_HOST_MACHINE_H_
#define RINGSIDE_SC_MODEL_HOST_MACHINE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sc_model/check_pcie.h"
#include "sc_model/ethernet_wire.h"
#include "sc_model/fault.h"
#include "sc_model/host_cpu.h"
#include "sc_model/host_memory.h"
#include "sc_model/host_profile.h"
#include "sc_model/interrupt_controller.h"
#include "sc_model/iommu.h"
#include "sc_model/nic_shell.h"
#include "sc_model/observer.h"
#include "sc_model/pcie_link.h"
#include "sc_model/root_complex.h"
#include "sc_model/scheduler.h"
#include "sc_model/sim_platform.h"
#include "sc_model/violation.h"

namespace ringside::sc_model {

struct HostMachineConfig {
  uint64_t seed = 1;
  HostProfile profile = host_profile("server");
  CpuCosts costs;
  size_t memory_bytes = size_t{64} << 20;
  bool iommu = true;
  bool check = true;              // false: no checkers (speed runs)
  unsigned width = 64;            // of the NIC's data path
  bool trace = false;             // the trace variant of the model: shell().start_trace()
  NicShellConfig shell;
  std::vector<FaultSpec> faults;  // of the host and its link
};

class HostMachine {
 public:
  // `model`: a stand-in for the verilated NIC (tests of this room); null makes the verilated one of config.width.
  HostMachine(const std::string& name, const HostMachineConfig& config, ViolationLog& log,
              std::unique_ptr<NicModel> model = nullptr);
  ~HostMachine();

  const std::string& name() const { return name_; }
  // Rules with a bound in time, when nothing happens that would make the checkers look. Between two sc_start() calls.
  void check_time();
  // The frame checker of this host's NIC joins the wire's observers; the NIC is on `port` of it.
  void watch_wire(ObserverList& wire_observers, unsigned port, unsigned gigabits_per_s);
  // D17: the driver has read the NIC's counters from `counted_from_ps` on; they make up `counted` frames from the wire.
  void audit(TimePs counted_from_ps, uint64_t counted);
  ObserverList& observers() { return observers_; }
  Scheduler& scheduler() { return scheduler_; }
  HostCpu& cpu() { return cpu_; }
  HostMemory& memory() { return memory_; }
  Iommu& iommu() { return iommu_; }
  InterruptController& interrupts() { return interrupts_; }
  PcieLink& link() { return link_; }
  RootComplex& root() { return root_; }
  SimPlatform& platform() { return platform_; }
  NicShell& shell() { return shell_; }
  const FaultInjector& faults() const { return faults_; }

 private:
  class Checkers;
  class LinkFaults;
  std::string name_;
  ObserverList observers_;
  TlpPool pool_;
  Scheduler scheduler_;
  HostCpu cpu_;
  HostMemory memory_;
  Iommu iommu_;
  InterruptController interrupts_;
  PcieLink link_;
  RootComplex root_;
  SimPlatform platform_;
  NicShell shell_;
  FaultInjector faults_;
  std::unique_ptr<LinkFaults> link_faults_;
  std::unique_ptr<Checkers> checkers_;
};

// Port p of the wire to this host's NIC, both directions.
void connect(EthernetWire& wire, unsigned port, HostMachine& host);

}  // namespace ringside::sc_model

#endif  // RINGSIDE_SC_MODEL_HOST_MACHINE_H_
