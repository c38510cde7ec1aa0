// The root complex with all that stands behind it, and a hand-driven device end in place of a NIC.
#ifndef RINGSIDE_TESTBENCH_SC_MODEL_SUPPORT_ROOT_RIG_H_
#define RINGSIDE_TESTBENCH_SC_MODEL_SUPPORT_ROOT_RIG_H_

#include <cstring>
#include <deque>
#include <utility>
#include <vector>

#include "sc_model/host_machine.h"
#include "testbench/sc_model/support/run_log.h"

namespace ringside::testbench {

struct HandDevice : sc_model::DeviceEnd {
  void deliver(sc_model::TlpPtr tlp) override { arrived.push_back(std::move(tlp)); }
  void credit_limit(sc_model::TimePs, const sc_model::CreditCounts& l) override { limit = l; }
  std::deque<sc_model::TlpPtr> arrived;
  sc_model::CreditCounts limit;
};

struct RootRig {
  explicit RootRig(const sc_model::HostProfile& profile, bool iommu_on = true)
      : iommu(memory, iommu_on, 1, "a.iommu", &log),
        link(scheduler, sc_model::LinkRate(profile.generation, profile.lanes),
             profile.link_latency_ns * sc_model::kPsPerNs, credits({{64, 512, 64, 64, 64, 512}})),
        root(scheduler, pool, profile, 1, link, iommu, interrupts, observers) {
    link.connect(&root, &device);
    link.device_credits(credits({{32, 128, 32, 32, 0, 0}}), 0);
    root.set_max_payload(profile.mps_bytes);
    observers.add(&events);
  }
  static sc_model::CreditCounts credits(std::array<uint16_t, 6> of) {
    sc_model::CreditCounts counts;
    counts.of = of;
    return counts;
  }
  void run_us(uint64_t us) { sc_core::sc_start(sc_model::to_sc_time(us * sc_model::kPsPerUs)); }
  void from_device(sc_model::TlpPtr tlp) { link.from_device(std::move(tlp), sc_model::sim_now_ps()); }

  static constexpr sc_model::PciId kNic = sc_model::PciId::of(1, 0, 0);
  sc_model::ViolationLog log;
  sc_model::ObserverList observers;
  RunLog events;
  sc_model::TlpPool pool;
  sc_model::Scheduler scheduler{"scheduler"};
  sc_model::HostCpu cpu{"cpu", scheduler, sc_model::CpuCosts::free()};
  sc_model::HostMemory memory{1 << 20, 1};
  sc_model::Iommu iommu;
  sc_model::InterruptController interrupts{cpu, observers};
  HandDevice device;
  sc_model::PcieLink link;
  sc_model::RootComplex root;
};

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_SC_MODEL_SUPPORT_ROOT_RIG_H_
