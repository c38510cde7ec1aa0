#include "testbench/program/run_watch.h"

#include <fmt/format.h>

#include <algorithm>

#include "testbench/program/scenario_check.h"

namespace ringside::testbench {

using sc_model::TimePs;

RunWatch::RunWatch(const Scenario& scenario, Machine& machine, bool with_series)
    : scenario_(scenario),
      machine_(machine),
      ps_per_octet_(scenario.width == 512 ? 80 : 800),
      delay_ps_(scenario.link.latency_ns * sc_model::kPsPerNs),
      with_series_(with_series) {
  for (size_t i = 0; i < hosts_.size(); ++i) {
    sc_model::HostMachine& host = machine.host(i).machine();
    hosts_[i].run = this;
    hosts_[i].index = i;
    hosts_[i].link = &host.link();
    machine.watch_host(i, hosts_[i]);
    host.cpu().set_busy_watch([this, i](TimePs from, TimePs to) {
      timeline_.busy(resource(kCpu, i), from, to);
      if (with_series_) series_.add_time(RunSeries::kCpuBusyPs, i, from, to);
    });
  }
  machine.watch_wire(*this);
}

RunWatch::~RunWatch() {
  for (size_t i = 0; i < hosts_.size(); ++i) machine_.host(i).machine().cpu().set_busy_watch(nullptr);
}

void RunWatch::on_frame(const sc_model::FrameEvent& event) {
  const TimePs end = event.time_ps + static_cast<TimePs>(event.length * ps_per_octet_);
  if (event.stage == sc_model::FrameStage::kSent) {
    timeline_.busy(resource(kWire, event.sender), event.time_ps, end);
    add(RunSeries::kWireBytes, event.sender, event.time_ps, event.length);
    timeline_.busy(resource(kFlight, event.sender), event.time_ps, end + delay_ps_);
    return;
  }
  HostWatch& receiver = hosts_[1 - event.sender];
  if (receiver.frame_since_ps == 0) receiver.frame_since_ps = end;
}

void RunWatch::HostWatch::on_tlp(const sc_model::TlpEvent& event) {
  const bool to_nic = event.direction == sc_model::TlpDirection::kToDevice;
  const sc_model::Tlp& tlp = *event.tlp;
  const uint64_t bytes = sc_model::PcieLink::bytes_of(tlp);
  const TimePs took = link->rate().serialize_ps(bytes);
  run->add(to_nic ? RunSeries::kPcieToBytes : RunSeries::kPcieFromBytes, index, event.time_ps, bytes);
  run->timeline_.busy(resource(to_nic ? kPcieToNic : kPcieFromNic, index),
                      event.time_ps - std::min(took, event.time_ps), event.time_ps);
  TimePs& since = read_since_ps_[tlp.tag()];
  if (!to_nic && tlp.kind() == sc_model::TlpKind::kMRd) since = event.time_ps;
  if (!to_nic || !tlp.is_completion() || since == 0) return;
  run->timeline_.busy(resource(kReads, index), since, event.time_ps);
  since = tlp.byte_count() <= tlp.payload_bytes ? 0 : event.time_ps;
}

// Frames are there, and until now nobody was told.
void RunWatch::HostWatch::on_interrupt(const sc_model::InterruptEvent& event) {
  run->add(RunSeries::kInterrupts, index, event.time_ps, 1);
  if (frame_since_ps != 0 && frame_since_ps < event.time_ps)
    run->timeline_.busy(resource(kHeld, index), frame_since_ps, event.time_ps);
  frame_since_ps = 0;
}

std::string RunWatch::name_of(unsigned r) const {
  const size_t host = r % 2;
  const std::string &here = scenario_.hosts[host].name, &there = scenario_.hosts[1 - host].name;
  switch (static_cast<Kind>(r / 2)) {
    case kCpu:
      return "CPU of " + here;
    case kWire:
      return fmt::format("wire, {} to {}", here, there);
    case kPcieToNic:
      return "PCIe to the NIC of " + here;
    case kPcieFromNic:
      return "PCIe from the NIC of " + here;
    case kReads:
      return "read latency, " + here;
    case kHeld:
      return "interrupt moderation, " + here;
    case kFlight:
      return fmt::format("latency of the wire, {} to {}", here, there);
    case kKinds:
      break;
  }
  return kNothingUnderWay;
}

std::vector<Wait> RunWatch::waits(uint64_t from_ns, uint64_t to_ns) const {
  const std::vector<double> shares = timeline_.blame(from_ns * sc_model::kPsPerNs, to_ns * sc_model::kPsPerNs);
  std::vector<Wait> waits;
  for (unsigned r = 0; r < shares.size(); ++r)
    if (shares[r] > 0) waits.push_back({name_of(r), shares[r]});
  std::stable_sort(waits.begin(), waits.end(), [](const Wait& a, const Wait& b) { return a.share > b.share; });
  return waits;
}

Explanation RunWatch::explain(const Results& results) const {
  Explanation explanation;
  uint64_t from_ns = ~uint64_t{0}, to_ns = 0;
  for (size_t from = 0; from < 2; ++from) {
    DirectionExplanation d;
    d.from = scenario_.hosts[from].name;
    d.to = scenario_.hosts[1 - from].name;
    d.from_ns = ~uint64_t{0};
    for (const TransferResult& t : results.transfers) {
      if (t.from != d.from || t.start_ns == 0) continue;
      d.bytes += t.bytes_received;
      d.from_ns = std::min(d.from_ns, t.start_ns);
      d.to_ns = std::max(d.to_ns, t.end_ns != 0 ? t.end_ns : results.sim_time_ns);
    }
    if (d.to_ns <= d.from_ns) continue;
    d.measured_mbps = static_cast<double>(d.bytes) * 8e3 / static_cast<double>(d.to_ns - d.from_ns);
    d.limits = throughput_limits(scenario_, from, 1 - from);
    from_ns = std::min(from_ns, d.from_ns);
    to_ns = std::max(to_ns, d.to_ns);
    explanation.directions.push_back(std::move(d));
  }
  if (to_ns > from_ns) explanation.waits = waits(from_ns, to_ns);
  return explanation;
}

}  // namespace ringside::testbench
