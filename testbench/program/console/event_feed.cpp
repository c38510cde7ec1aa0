#include "testbench/program/console/event_feed.h"

#include <fmt/format.h>

#include <algorithm>
#include <systemc>
#include <utility>

#include "driver/nic_regs.h"
#include "testbench/program/packet_head.h"
#include "testbench/program/violation_host.h"

namespace ringside::testbench {
namespace {

using sc_model::TimePs;

// Octets beside the payload of IP: headers, tag, FCS, and what the wire may add.
constexpr uint32_t kAroundMtu = 64;

TimePs longest_frame(const Scenario& scenario) {
  uint32_t mtu = 0;
  for (const HostParameters& host : scenario.hosts) mtu = std::max(mtu, host.nic.mtu_bytes);
  return (mtu + kAroundMtu) * (scenario.width == 512 ? 80u : 800u);
}

}  // namespace

EventFeed::EventFeed(const Scenario& scenario, Stepper& stepper) : stepper_(stepper), frames_(longest_frame(scenario)) {
  for (uint8_t i = 0; i < hosts_.size(); ++i) {
    hosts_[i].feed = this;
    hosts_[i].index = i;
    hosts_[i].name = scenario.hosts[i].name;
  }
  wire_.feed = this;
}

void EventFeed::watch(Machine& machine, JourneyLog& journeys) {
  machine_ = &machine;
  journeys_ = &journeys;
  for (size_t i = 0; i < hosts_.size(); ++i) machine.watch_host(i, hosts_[i]);
  machine.watch_wire(wire_);
  journeys.set_watch(this);
}

void EventFeed::tell(ConsoleEvent event) {
  if (!muted_ && stepper_.tell(std::move(event), sc_model::sim_now_ps())) pause();
}

void EventFeed::pause() {
  if (!muted_ && sc_core::sc_is_running()) sc_core::sc_pause();
}

void EventFeed::settle() {
  tell_rules();
  while (std::optional<FrameOrder::Frame> frame = frames_.next(sc_model::sim_now_ps())) {
    ConsoleEvent event;
    event.kind = EventKind::kFrame;
    event.host = frame->sender;
    event.at = frame->at;
    event.number = frame->number;
    event.text = fmt::format("frame {}: {}", frame->number, frame->text);
    tell(std::move(event));
  }
}

void EventFeed::tell_rules() {
  const std::vector<sc_model::Violation>& kept = machine_->violations().kept();
  for (; rules_told_ < kept.size(); ++rules_told_) {
    ConsoleEvent event;
    event.kind = EventKind::kRule;
    event.at = kept[rules_told_].time_ps;
    event.rule = kept[rules_told_].rule;
    event.text = "rule broken: " + to_string(kept[rules_told_]);
    const auto host = host_of_violation(kept[rules_told_].object, {hosts_[0].name, hosts_[1].name});
    if (host) event.host = static_cast<uint8_t>(*host);
    tell(std::move(event));
  }
}

// ---------------------------------------------------------------- hosts

void EventFeed::tlp(HostWatch& host, const sc_model::TlpEvent& seen) {
  const bool to_nic = seen.direction == sc_model::TlpDirection::kToDevice;
  const sc_model::Tlp& tlp = *seen.tlp;
  if (!to_nic && tlp.kind() == sc_model::TlpKind::kMRd) host.reads.set(tlp.tag());
  if (to_nic && tlp.is_completion() && (tlp.payload_bytes == 0 || tlp.byte_count() <= tlp.payload_bytes))
    host.reads.reset(tlp.tag());
  ConsoleEvent event;
  event.kind = EventKind::kTlp;
  event.host = host.index;
  event.at = seen.time_ps;
  event.text = fmt::format("{} {} nic  {}", host.name, to_nic ? "->" : "<-", host.words.tlp(seen));
  if (!host.words.descriptors().empty()) event.text += "  {" + host.words.descriptors() + "}";
  tell(std::move(event));
}

void EventFeed::mmio(HostWatch& host, const sc_model::MmioEvent& seen) {
  host.words.mmio(seen);
  if (seen.bar != driver::regs::kBar) return;
  if (seen.write) {
    std::deque<Written>& written = host.written[seen.offset];
    while (written.size() > 1 && written[1].at <= sc_model::sim_now_ps()) written.pop_front();
    written.push_back({seen.time_ps, seen.value});
  }
  ConsoleEvent event;
  event.kind = EventKind::kRegister;
  event.host = host.index;
  event.at = seen.time_ps;
  event.write = seen.write;
  event.address = seen.offset;
  event.value = seen.value;
  event.text = fmt::format("{} cpu {} {} = 0x{:x}", host.name, seen.write ? "writes" : "read",
                           register_name(seen.offset), seen.value);
  tell(std::move(event));
}

void EventFeed::interrupt(HostWatch& host, const sc_model::InterruptEvent& seen) {
  ConsoleEvent event;
  event.kind = EventKind::kInterrupt;
  event.host = host.index;
  event.at = seen.time_ps;
  event.text = fmt::format("{} interrupt {}", host.name, seen.irq);
  tell(std::move(event));
}

uint64_t EventFeed::last_write(size_t host, uint32_t address) const {
  const auto found = hosts_[host].written.find(address);
  uint64_t value = 0;
  if (found == hosts_[host].written.end()) return value;
  for (const Written& write : found->second)
    if (write.at <= sc_model::sim_now_ps()) value = write.value;
  return value;
}

// ---------------------------------------------------------------- frames and packets

void EventFeed::frame(const sc_model::FrameEvent& seen) {
  const bool sent = seen.stage == sc_model::FrameStage::kSent;
  HostWatch& host = hosts_[sent ? seen.sender : 1 - seen.sender];
  ++(sent ? host.sent : host.arrived);
  const PacketHead head = read_head(seen.bytes, std::min(seen.length, PacketHead::kLongest));
  const std::string words =
      fmt::format("{} {} octets{}", to_string(head), seen.length, seen.fcs_good ? "" : " bad FCS");
  ConsoleEvent event;
  event.kind = sent ? EventKind::kSent : EventKind::kArrived;
  event.host = host.index;
  event.at = seen.time_ps;
  event.text = fmt::format("{} {}  {}", host.name, sent ? "sends" : "gets", words);
  if (sent) frames_.add({seen.time_ps, host.index, event.text, 0});
  tell(std::move(event));
  if (sent && stepper_.wants_frames()) pause();
}

void EventFeed::on_step(const Journey& journey, JourneyStep step, TimePs at) {
  last_packet_ = std::max(last_packet_, journey.id);
  if (!stepper_.breakpoints().any(Breakpoint::Kind::kStep)) return;
  ConsoleEvent event;
  event.kind = EventKind::kStep;
  event.host = static_cast<uint8_t>(name_of(step).receiver ? 1 - journey.from : journey.from);
  event.at = at;
  event.number = journey.id;
  event.step = step;
  event.text = fmt::format("packet {} at {}: {}  {}", journey.id, hosts_[event.host].name, name_of(step).text,
                           to_string(journey.head));
  tell(std::move(event));
}

void EventFeed::on_write_step(uint64_t write, JourneyStep step, TimePs at) {
  if (!stepper_.breakpoints().any(Breakpoint::Kind::kStep)) return;
  ConsoleEvent event;
  event.kind = EventKind::kStep;
  event.at = at;
  event.number = 0;
  event.step = step;
  event.text = fmt::format("write() number {}: {}", write, name_of(step).text);
  tell(std::move(event));
}

void EventFeed::on_closed(const Journey& journey) {
  closed_[journey.id] = journey;
  if (closed_.size() > kClosed) closed_.erase(closed_.begin());
}

const Journey* EventFeed::packet(uint64_t id) const {
  const auto at = closed_.find(id);
  return at != closed_.end() ? &at->second : journeys_->find(id);
}

}  // namespace ringside::testbench
