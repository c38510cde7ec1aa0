// The closed forms of explain.h. Units: bits of users a second; sizes in octets; times in ns unless they say ps.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "sc_model/cpu_costs.h"
#include "sc_model/host_profile.h"
#include "sc_model/pcie_link.h"
#include "stack/tcp_config.h"
#include "testbench/program/explain.h"
#include "testbench/program/machine_profile.h"

namespace ringside::testbench {
namespace {

using sc_model::CpuCosts;
using sc_model::CpuWork;
using sc_model::HostProfile;

constexpr double kIpTcp = 40, kTimestamps = 12, kEthernet = 14, kVlanTag = 4, kFcs = 4, kPreambleAndGap = 20;
constexpr double kTlpFraming = sc_model::PcieLink::kFramingBytes + sc_model::PcieLink::kDllpBytes;
constexpr double kShortHeader = 12;  // of a completion, and of a request below 4 GiB
constexpr double kDescriptor = 16, kReturnEntry = 32;
constexpr double kDataBuffer = 4096;                        // a send buffer's pieces: a page, a descriptor each
constexpr double kLargestPacket = 16 * kDataBuffer;         // what the stack gives to the NIC at once
constexpr double kTags = 64, kTxBatch = 32, kRxBatch = 64;  // of the NIC: rtl/README.md

struct Sizes {
  double payload = 0;  // users' octets in a full frame
  double frame = 0;    // as it lies in memory: no FCS, the tag stripped
  double on_wire = 0;  // with tag, FCS, preamble and gap
  double packet = 0;   // users' octets that the stack gives to the driver at once
};

Sizes sizes_of(const HostParameters& from, const HostParameters& to) {
  const double options = stack::TcpConfig{}.timestamps ? kTimestamps : 0;
  Sizes s;
  s.payload = std::min(from.nic.mtu_bytes, to.nic.mtu_bytes) - kIpTcp - options;
  s.frame = s.payload + options + kIpTcp + kEthernet;
  s.on_wire = s.frame + (from.vlan != 0 ? kVlanTag : 0) + kFcs + kPreambleAndGap;
  s.packet = from.nic.segmentation && from.nic.tx_checksum ? std::max(kLargestPacket, s.payload) : s.payload;
  return s;
}

double link_mbps(const HostProfile& p) {
  return 1e3 * sc_model::LinkRate(p.generation, p.lanes).gigabits_per_s();
}

// Shortest time from a read at the NIC's pins to its data: both ways over the link, root complex, memory.
double read_ns(const HostProfile& p) {
  return 2.0 * p.link_latency_ns + p.root_latency_ns + p.memory_read_ns;
}

ThroughputLimit wire(const Scenario& scenario, const Sizes& s) {
  const double rate = scenario.width == 512 ? 100e3 : 10e3;
  return {"wire", rate * s.payload / s.on_wire,
          fmt::format("{:.0f} Gb/s x {:.0f} octets of a user / {:.0f} with headers, FCS, preamble and gap", rate / 1e3,
                      s.payload, s.on_wire)};
}

// Every octet comes to the NIC in a completion of at most MPS octets, and for each buffer a descriptor.
ThroughputLimit pcie_out(const HostProfile& p, const Sizes& s, const std::string& host) {
  const double headers = s.frame - s.payload, packet = s.packet + headers;
  const double tlps = std::ceil(packet / p.mps_bytes) * (kShortHeader + kTlpFraming);
  const double descriptors = (1 + std::ceil(s.packet / kDataBuffer)) * kDescriptor;
  return {"PCIe to the NIC of " + host, link_mbps(p) * s.packet / (packet + tlps + descriptors),
          fmt::format("{:.1f} Gb/s x {:.0f} / ({:.0f} + {:.0f} of TLPs at MPS {} + {:.0f} of descriptors)",
                      link_mbps(p) / 1e3, s.packet, packet, tlps, p.mps_bytes, descriptors)};
}

// Every frame goes to memory in writes of at most MPS octets, with a return entry of its own in a shared write.
ThroughputLimit pcie_in(const HostProfile& p, const Sizes& s, const std::string& host) {
  const double tlps = std::ceil(s.frame / p.mps_bytes) * (kShortHeader + kTlpFraming);
  return {"PCIe from the NIC of " + host, link_mbps(p) * s.payload / (s.frame + tlps + kReturnEntry),
          fmt::format("{:.1f} Gb/s x {:.0f} / ({:.0f} + {:.0f} of TLPs at MPS {} + {:.0f} of its return entry)",
                      link_mbps(p) / 1e3, s.payload, s.frame, tlps, p.mps_bytes, kReturnEntry)};
}

ThroughputLimit reads(const HostProfile& p, const std::string& host) {
  return {"read latency x tags, " + host, kTags * p.mrrs_bytes * 8e3 / read_ns(p),
          fmt::format("{:.0f} tags x {} octets (MRRS) / {:.0f} ns", kTags, p.mrrs_bytes, read_ns(p))};
}

std::string queues_in_words(const HostParameters& h) {
  return h.nic.queues == 1 ? "1 queue" : fmt::format("{} queues", h.nic.queues);
}

ThroughputLimit tx_descriptors(const HostParameters& h, const HostProfile& p, const Sizes& s) {
  const double each = s.packet / (1 + std::ceil(s.packet / kDataBuffer)),
               batch = std::min<double>(kTxBatch, h.nic.tx_ring);
  return {"send descriptors, " + h.name, h.nic.queues * batch * each * 8e3 / read_ns(p),
          fmt::format("{} x {:.0f} in a fetch x {:.0f} octets each / {:.0f} ns", queues_in_words(h), batch, each,
                      read_ns(p))};
}

ThroughputLimit rx_descriptors(const HostParameters& h, const HostProfile& p, const Sizes& s) {
  const double batch = std::min<double>(kRxBatch, h.nic.rx_ring);
  return {"receive descriptors, " + h.name, h.nic.queues * batch * s.payload * 8e3 / read_ns(p),
          fmt::format("{} x {:.0f} in a fetch x {:.0f} octets each / {:.0f} ns", queues_in_words(h), batch, s.payload,
                      read_ns(p))};
}

double ns_of(const CpuCosts& costs, CpuWork work) {
  return static_cast<double>(costs.of(work)) * 1e-3;
}

ThroughputLimit cpu(const std::string& name, double ns, double octets) {
  return {
      name, ns > 0 ? octets * 8e3 / ns : 1e12,
      ns > 0 ? fmt::format("{:.0f} octets in {:.0f} ns of work at least", octets, ns) : "software costs nothing here"};
}

ThroughputLimit cpu_out(const HostParameters& h, const Sizes& s) {
  CpuCosts costs;
  costs.scale(h.cpu_cost);
  const double pieces = 1 + std::ceil(s.packet / kDataBuffer);
  double ns = s.packet * ns_of(costs, CpuWork::kCopyByte) + ns_of(costs, CpuWork::kTcpSegmentOut);
  if (!h.nic.tx_checksum) ns += s.packet * ns_of(costs, CpuWork::kChecksumByte);
  ns += ns_of(costs, CpuWork::kTxPacket);
  ns += pieces * (ns_of(costs, CpuWork::kTxDescriptor) + ns_of(costs, CpuWork::kDmaMap));
  return cpu("CPU of " + h.name + ", sending", ns, s.packet);
}

ThroughputLimit cpu_in(const HostParameters& h, const Sizes& s) {
  CpuCosts costs;
  costs.scale(h.cpu_cost);
  double ns = s.payload * ns_of(costs, CpuWork::kCopyByte) + ns_of(costs, CpuWork::kTcpSegmentIn);
  if (!h.nic.rx_checksum) ns += s.payload * ns_of(costs, CpuWork::kChecksumByte);
  ns += ns_of(costs, CpuWork::kRxPacket) + ns_of(costs, CpuWork::kDmaMap);
  return cpu("CPU of " + h.name + ", receiving", ns, s.payload);
}

// A sender stops when the largest receive buffer is under way, or the largest send buffer not yet acknowledged.
ThroughputLimit window(const Scenario& scenario, const std::string& host) {
  const auto connections = std::count_if(scenario.applications.begin(), scenario.applications.end(),
                                         [&](const auto& a) { return a.kind == "send_file" && a.host == host; });
  const stack::TcpSettings settings;
  const double most = std::min(settings.max_receive_buffer_bytes, settings.send_buffer_bytes);
  const double round_trip = 2.0 * scenario.link.latency_ns;
  return {"TCP window", static_cast<double>(std::max<int64_t>(1, connections)) * most * 8e3 / round_trip,
          fmt::format("{} x {:.0f} KiB of buffer / {:.0f} ns there and back on the wire", connections, most / 1024,
                      round_trip)};
}

}  // namespace

std::vector<ThroughputLimit> throughput_limits(const Scenario& scenario, size_t from, size_t to) {
  const HostParameters &sender = scenario.hosts[from], &receiver = scenario.hosts[to];
  const HostProfile out = machine_profile(sender), in = machine_profile(receiver);
  const Sizes s = sizes_of(sender, receiver);
  std::vector<ThroughputLimit> limits = {wire(scenario, s),
                                         pcie_out(out, s, sender.name),
                                         pcie_in(in, s, receiver.name),
                                         reads(out, sender.name),
                                         tx_descriptors(sender, out, s),
                                         rx_descriptors(receiver, in, s),
                                         cpu_out(sender, s),
                                         cpu_in(receiver, s),
                                         window(scenario, sender.name)};
  std::stable_sort(limits.begin(), limits.end(),
                   [](const ThroughputLimit& a, const ThroughputLimit& b) { return a.mbps < b.mbps; });
  return limits;
}

}  // namespace ringside::testbench
