#include "sc_model/cpu_costs.h"

#include <cmath>

namespace ringside::sc_model {
namespace {

struct Row {
  std::string_view name;
  TimePs ps;
  std::string_view source;
};

// A server core of about 3 GHz running Linux with the usual mitigations. Orders of magnitude matter here, not digits.
constexpr Row kTable[] = {
    {"system_call", 200'000, "getpid round trip with page table isolation, 150 to 400 ns (lmbench lat_syscall)"},
    {"copy_byte", 100, "copy from L2/L3 at about 10 GB/s (lmbench bw_mem, cp)"},
    {"checksum_byte", 80, "csum_partial at about 12 GB/s when the bytes are in cache"},
    {"tcp_segment_out", 800'000, "TCP and IP output, no driver, about 2,400 cycles (Cai et al., SIGCOMM 2021)"},
    {"tcp_segment_in", 900'000, "IP and TCP input, no driver, about 2,700 cycles (same)"},
    {"timer", 300'000, "expiry of one timer from the wheel with its call"},
    {"context_switch", 1'500'000, "wake-up of a blocked thread on the same core, 1 to 2 us (lmbench lat_ctx)"},
    {"mmio_write", 60'000, "posted write to uncached memory until it leaves the store buffer, 50 to 100 ns"},
    {"mmio_read", 20'000, "CPU's own share; the round trip over the link is simulated"},
    {"config_access", 100'000, "ECAM access through the PCI layer, own share"},
    {"dma_map", 40'000, "map or unmap in deferred mode, about 120 cycles (Peleg et al., ATC 2015)"},
    {"interrupt", 1'000'000, "entry, handler's frame and exit, about 1 us with mitigations"},
    {"poll_entry", 200'000, "scheduling and entry of a NAPI poll"},
    {"tx_packet", 150'000, "driver's share per packet sent, about 450 cycles (ixgbe, mlx5 profiles)"},
    {"tx_descriptor", 15'000, "one 16-byte descriptor written"},
    {"rx_packet", 200'000, "driver's share per packet received, buffer provided again, about 600 cycles"},
    {"reclaim_packet", 60'000, "one sent packet given back"},
};
static_assert(sizeof kTable / sizeof kTable[0] == static_cast<size_t>(CpuWork::kCount));
static_assert(static_cast<int>(CpuWork::kCount) - static_cast<int>(CpuWork::kInterrupt) ==
              static_cast<int>(driver::DriverWork::kCount));

}  // namespace

CpuWork from_driver_work(driver::DriverWork work) {
  return static_cast<CpuWork>(static_cast<int>(CpuWork::kInterrupt) + static_cast<int>(work));
}

CpuCosts::CpuCosts() {
  for (size_t i = 0; i < ps_.size(); ++i) ps_[i] = kTable[i].ps;
}

CpuCosts CpuCosts::free() {
  CpuCosts costs;
  costs.ps_.fill(0);
  return costs;
}

void CpuCosts::scale(double factor) {
  for (TimePs& ps : ps_) ps = static_cast<TimePs>(std::llround(static_cast<double>(ps) * factor));
}

std::string_view CpuCosts::name(CpuWork work) { return kTable[static_cast<size_t>(work)].name; }
std::string_view CpuCosts::source(CpuWork work) { return kTable[static_cast<size_t>(work)].source; }

}  // namespace ringside::sc_model
