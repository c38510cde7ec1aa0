#include "testbench/program/journey_recorder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace ringside::testbench {
namespace {

using sc_model::TimePs;
using Step = JourneyStep;

std::array<std::string, 2> names_of(const Scenario& scenario) {
  return {scenario.hosts[0].name, scenario.hosts[1].name};
}

}  // namespace

JourneyRecorder::JourneyRecorder(const Scenario& scenario, const std::string& folder, Machine& machine)
    : log_(folder, names_of(scenario), scenario.width == 512 ? 100 : 10), machine_(machine) {
  for (unsigned i = 0; i < hosts_.size(); ++i) {
    Host& host = machine.host(i);
    hosts_[i] = std::make_unique<JourneyHost>(log_, i, host.machine(), scenario.width,
                                              static_cast<TimePs>(std::llround(1e6 / scenario.core_mhz)));
    host.stack().context().journeys = hosts_[i].get();
    host.driver().set_observer(hosts_[i].get());
    machine.watch_host(i, *hosts_[i]);
  }
  machine.watch_wire(*this);
}

JourneyRecorder::~JourneyRecorder() {
  for (size_t i = 0; i < hosts_.size(); ++i) {
    machine_.host(i).stack().context().journeys = nullptr;
    machine_.host(i).driver().set_observer(nullptr);
  }
}

std::string JourneyRecorder::error() const {
  return log_.file().failed() ? log_.file().error() : log_.trace_file().error();
}

void JourneyRecorder::on_frame(const sc_model::FrameEvent& event) {
  if (event.stage == sc_model::FrameStage::kSent)
    left(event);
  else
    arrived(event);
}

void JourneyRecorder::left(const sc_model::FrameEvent& event) {
  const PacketHead head = read_head(event.bytes, std::min(event.length, PacketHead::kLongest));
  uint64_t id = hosts_[event.sender]->sent(head);
  if (id == 0) id = unknown(event, head);
  if (Journey* journey = log_.find(id)) {
    journey->bytes = event.length;
    log_.set(*journey, Step::kSent, event.time_ps);
  }
  std::deque<OnWire>& on_wire = on_wire_[event.sender];
  on_wire.push_back({event.number, id});
  give_up_old(event.sender, event.number);
  frame_note_ = fmt::format("packet {}", id);
}

void JourneyRecorder::give_up_old(unsigned sender, uint64_t number) {
  std::deque<OnWire>& on_wire = on_wire_[sender];
  for (; !on_wire.empty() && on_wire.front().number + kFarBehind < number; on_wire.pop_front()) {
    Journey* journey = log_.find(on_wire.front().id);
    if (journey != nullptr && (*journey)[Step::kArrived] == 0) journey->fate = Fate::kLostOnWire;
  }
}

// The MAC made it (a pause frame), or a packet that nobody told us of.
uint64_t JourneyRecorder::unknown(const sc_model::FrameEvent& event, const PacketHead& head) {
  const uint64_t id = log_.add(event.sender, 0, 1);
  Journey* journey = log_.find(id);
  journey->head = head;
  journey->fate = Fate::kUnderWay;
  journey->no_buffer = true;
  return id;
}

// The wire delivers a frame a second time: a packet of its own from here on, in the group of the first, without a buffer.
uint64_t JourneyRecorder::copy_of(const Journey& journey) {
  const Journey original = journey;
  const uint64_t id = log_.add(original.from, original.write, 1);
  Journey& copy = *log_.find(id);
  copy = original;
  copy.id = id;
  copy.group_size = 1;
  copy.no_buffer = true;
  std::fill(copy.at.begin() + static_cast<size_t>(Step::kArrived), copy.at.end(), TimePs{0});
  copy.fate = Fate::kUnderWay;
  return id;
}

void JourneyRecorder::arrived(const sc_model::FrameEvent& event) {
  const std::deque<OnWire>& on_wire = on_wire_[event.sender];
  const auto at = std::lower_bound(on_wire.begin(), on_wire.end(), event.number,
                                   [](const OnWire& frame, uint64_t number) { return frame.number < number; });
  if (at == on_wire.end() || at->number != event.number) return;
  Journey* journey = log_.find(at->id);
  if (journey != nullptr && (*journey)[Step::kArrived] != 0) journey = log_.find(copy_of(*journey));
  if (journey == nullptr) return;
  if (!event.framed) {  // without a start frame delimiter there is no first octet
    journey->fate = Fate::kDamaged;
    return;
  }
  log_.set(*journey, Step::kArrived, event.time_ps);
  log_.set(*journey, Step::kWhole, event.time_ps + static_cast<TimePs>(event.length * log_.ps_per_octet()));
  if (!event.fcs_good)
    journey->fate = Fate::kDamaged;
  else
    hosts_[1 - event.sender]->arrived(journey->id, journey->head.key, event.time_ps);
}

}  // namespace ringside::testbench
