#include "testbench/program/host.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>
#include <utility>

#include "testbench/program/fault_option.h"
#include "testbench/program/machine_profile.h"
#include "testbench/program/scenario_check.h"
#include "testbench/program/stack_counts.h"

namespace ringside::testbench {
namespace {

constexpr uint64_t kAskAgainNs = 1'000'000;
constexpr uint32_t kRxBufferBytes = 2048, kHeaderBytes = 256, kDataBytes = 4096;
// Receive buffers beyond those in the ring wait in sockets' queues: 4 MiB of full segments.
constexpr size_t kRxBuffersAboveRing = 3072, kHeaderBuffers = 8192, kDataBuffers = 1536;

constexpr uint64_t kLinkPollNs = 1'000;

size_t rx_buffers(const HostParameters& host) {
  return size_t{host.nic.queues} * host.nic.rx_ring + kRxBuffersAboveRing;
}

sc_model::HostMachineConfig machine_config(const Scenario& scenario, size_t index, bool traced) {
  const HostParameters& host = scenario.hosts[index];
  sc_model::HostMachineConfig config;
  config.seed = sc_model::Random(scenario.seed, index + 1).next();
  config.profile = machine_profile(host);
  config.costs.scale(host.cpu_cost);
  config.memory_bytes = size_t{host.memory_mib} << 20;
  config.iommu = host.iommu;
  config.check = scenario.check;
  config.width = scenario.width;
  config.faults = host_faults(scenario, index);
  config.trace = traced;
  config.shell.core_period_ps = static_cast<sc_model::TimePs>(std::llround(1e6 / scenario.core_mhz));
  config.shell.sleep = scenario.sleep;
  return config;
}

driver::NicConfig driver_config(const HostParameters& host) {
  const NicParameters& nic = host.nic;
  driver::NicConfig config;
  config.name = host.name + ".nic";
  config.mac = *parse_mac(host.mac);
  config.queues = nic.queues;
  config.rings = {nic.tx_ring, nic.rx_ring, nic.return_ring};
  config.mtu_bytes = nic.mtu_bytes;
  config.poll_budget = nic.poll_budget;
  const CoalescingParameters& c = nic.coalescing;
  config.coalescing = {static_cast<uint16_t>(c.rx_frames), static_cast<uint16_t>(c.rx_us),
                       static_cast<uint16_t>(c.tx_frames), static_cast<uint16_t>(c.tx_us),
                       static_cast<uint16_t>(c.max_us),    static_cast<uint16_t>(c.gap_us)};
  config.offloads.tx_checksum = nic.tx_checksum;
  config.offloads.rx_checksum = nic.rx_checksum;
  config.offloads.segmentation = nic.segmentation;
  config.pause.rx = config.pause.tx = nic.pause;
  if (nic.msi) config.interrupts = driver::InterruptMode::kMsi;
  config.auto_mask = nic.auto_mask;
  config.dma_timeout_us = static_cast<uint16_t>(nic.dma_timeout_us);
  return config;
}

uint8_t* pool_memory(sc_model::SimPlatform& platform, size_t count, uint32_t buffer_bytes) {
  uint8_t* memory = platform.allocate_memory(count * buffer_bytes);
  if (!memory) throw std::runtime_error("host memory too small for the packet buffers: raise memory_mib");
  return memory;
}

stack::StackConfig stack_config(const Scenario& scenario, size_t index) {
  stack::StackConfig config;
  config.seed = sc_model::Random(scenario.seed, 0x1000 + index).next();
  return config;
}

stack::StackEnvironment environment_of(StackServices& services, stack::BufferPool& headers, stack::BufferPool& data) {
  stack::StackEnvironment environment;
  environment.clock = &services;
  environment.header_pool = &headers;
  environment.data_pool = &data;
  environment.blocker = &services;
  environment.cost = &services;
  return environment;
}

}  // namespace

Host::Host(const Scenario& scenario, size_t index, sc_model::ViolationLog& log, bool traced, SwitchedBug* bug)
    : parameters_(scenario.hosts[index]),
      machine_(parameters_.name, machine_config(scenario, index, traced), log, bug ? bug->nic_model(index) : nullptr),
      services_(machine_.cpu()),
      rx_pool_(pool_memory(machine_.platform(), rx_buffers(parameters_), kRxBufferBytes), rx_buffers(parameters_),
               kRxBufferBytes),
      header_pool_(pool_memory(machine_.platform(), kHeaderBuffers, kHeaderBytes), kHeaderBuffers, kHeaderBytes),
      data_pool_(pool_memory(machine_.platform(), kDataBuffers, kDataBytes), kDataBuffers, kDataBytes),
      driver_(std::make_unique<driver::NicDriver>(bug ? bug->platform(index, machine_) : machine_.platform(), rx_pool_,
                                                  driver_config(parameters_))),
      device_(*driver_),
      stack_(stack_config(scenario, index), environment_of(services_, header_pool_, data_pool_)),
      timer_(machine_.cpu(), stack_) {
  services_.set_before_wait([this] { timer_.rearm(); });
  device_.set_timer(&timer_);
}

Host::~Host() {
  if (driver_->running() || driver_->failed()) static_cast<void>(driver_.release());
}

// ---------------------------------------------------------------- bring-up

void Host::start(std::function<void()> on_up) {
  on_up_ = std::move(on_up);
  machine_.cpu().spawn("bring_up", [this](sc_model::CpuThread& thread) { bring_up(thread); });
}

void Host::bring_up(sc_model::CpuThread& thread) {
  thread.enter();
  const driver::BringUp result = driver_->bring_up();
  if (result == driver::BringUp::kUp) attach();
  thread.leave();
  if (result != driver::BringUp::kUp) {
    failure_ = fmt::format("{}: the driver cannot bring the NIC up: {}", name(), to_string(result));
    return;
  }
  while (!driver_->link_up()) thread.sleep_ns(kLinkPollNs);
  up_ = true;
  on_up_();
}

void Host::attach() {
  const AddressAndLength own = *parse_prefix(parameters_.address);
  stack::InterfaceConfig config;
  config.addresses = {{stack::Ipv4Address{own.address}, static_cast<uint8_t>(own.length)}};
  config.vlan = static_cast<uint16_t>(parameters_.vlan);
  stack_.attach(device_, config);
}

// ---------------------------------------------------------------- results

void Host::read_counters() {
  machine_.cpu().spawn("read_counters", [this](sc_model::CpuThread& thread) {
    const auto answered = [](uint64_t value) { return value != UINT64_MAX; };  // all ones: nobody
    for (bool whole = false; !whole;) {
      thread.enter();
      const auto counters = driver_->nic_counters();
      thread.leave();
      whole = std::all_of(counters.begin(), counters.end(), answered);
      if (whole) nic_counters_ = counters;
      else thread.sleep_ns(kAskAgainNs);
    }
    counters_read_ = true;
  });
}

uint64_t Host::accounted_frames() const {
  const auto counter_of = [this](driver::regs::CounterId id) { return nic_counters_[static_cast<size_t>(id)]; };
  uint64_t frames = counter_of(driver::regs::CounterId::kRxFrames);
  frames += counter_of(driver::regs::CounterId::kRxPause);  // taken out by the MAC: nothing is lost
  for (size_t i = 0; i < nic_counters_.size(); ++i) {
    const driver::regs::Counter& counter = driver::regs::kCounters[i];
    if (counter.is_drop && std::string_view(counter.name).rfind("rx_", 0) == 0) frames += nic_counters_[i];
  }
  return frames;
}

void Host::collect(Results& results) const {
  collect_machine(results);
  collect_nic(results);
  collect_driver(results);
  collect_stack(results);
}

void Host::add(Results& results, const std::string& counter, uint64_t value, bool is_drop) const {
  (is_drop ? results.drops : results.counters).push_back({name() + "." + counter, value});
}

void Host::collect_machine(Results& results) const {
  for (const sc_model::LinkDirectionCounters* c : {&machine_.link().to_device(), &machine_.link().to_root()}) {
    results.tlps += c->tlps;
    results.tlp_payload_bytes += c->payload_bytes;
    results.pcie_bytes += c->wire_bytes;
    const std::string front = c == &machine_.link().to_device() ? "pcie.to_device." : "pcie.to_root.";
    add(results, front + "tlps", c->tlps, false);
    add(results, front + "payload_bytes", c->payload_bytes, false);
    add(results, front + "bytes", c->wire_bytes, false);
  }
  const sc_model::ClockCycles& core = machine_.shell().core_cycles();
  results.core_cycles_run += core.run;
  results.core_cycles_all += core.total();
  results.interrupts += machine_.interrupts().messages();
  results.cpu_busy_ns.push_back({name(), machine_.cpu().busy_ps() / sc_model::kPsPerNs});
  add(results, "interrupts", machine_.interrupts().messages(), false);
  add(results, "interrupts_spurious", machine_.interrupts().spurious(), false);
  add(results, "cpu_busy_ns", machine_.cpu().busy_ps() / sc_model::kPsPerNs, false);
  collect_faults(machine_.faults(), name() + ".", results);
  add(results, "evals", machine_.shell().evals(), false);
}

void Host::collect_nic(Results& results) const {
  for (size_t i = 0; i < nic_counters_.size(); ++i) {
    const driver::regs::Counter& counter = driver::regs::kCounters[i];
    add(results, fmt::format("nic.{}", counter.name), nic_counters_[i], counter.is_drop);
  }
}

void Host::collect_driver(Results& results) const {
  const driver::DriverStatistics& statistics = driver_->statistics();
  results.tx_descriptors += statistics.tx_descriptors;
  results.rx_descriptors += statistics.rx_buffers;
  results.packets += statistics.tx_packets + statistics.rx_packets;
  for (const driver::StatisticName& s : driver::kStatisticNames)
    add(results, fmt::format("driver.{}", s.name), statistics.*s.value, s.is_drop);
  if (driver_->queue_count() < 2) return;  // the sums say it all
  for (size_t q = 0; q < driver_->queue_count(); ++q) {
    for (const driver::QueueStatisticName& s : driver::kQueueStatisticNames)
      add(results, fmt::format("driver.queue{}.{}", q, s.name), driver_->queue_statistics(q).*s.value, false);
  }
}

// The stack's counters, by layer. Retransmissions are TCP's; every drop has its reason in its name.
void Host::collect_stack(Results& results) const {
  results.retransmissions += stack_.tcp().counters().retransmitted_segments;
  for (const StackCount& c : stack_counts(stack_)) add(results, "stack." + c.name, c.value, c.is_drop);
}

}  // namespace ringside::testbench
