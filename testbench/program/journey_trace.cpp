#include "testbench/program/journey_trace.h"

#include <fmt/format.h>

#include <algorithm>

namespace ringside::testbench {
namespace {

using sc_model::TimePs;
using Step = JourneyStep;

constexpr const char* kTrackNames[] = {"",
                                       "application",
                                       "TCP, to send",
                                       "TX ring",
                                       "DMA, to send",
                                       "MAC, to send",
                                       "TLPs from the NIC",
                                       "TLPs to the NIC",
                                       "wire",
                                       "MAC, received",
                                       "DMA, received",
                                       "return ring",
                                       "TCP, received",
                                       "application, read"};
// Thread numbers: no two alike in all of the trace, some readers look for nothing else.
constexpr unsigned kLanesPerTrack = 100, kThreadsPerProcess = 10'000;

uint64_t ns(TimePs ps) {
  return ps / sc_model::kPsPerNs;
}
std::string us(uint64_t nanoseconds) {
  return fmt::format("{}.{:03}", nanoseconds / 1000, nanoseconds % 1000);
}

}  // namespace

JourneyTrace::JourneyTrace(const std::string& path, const std::array<std::string, 2>& hosts, double gigabits_per_s)
    : file_(path), ps_per_octet_(8e3 / gigabits_per_s) {
  file_.append("[", 1);
  name_process(1, hosts[0]);
  name_process(2, hosts[1]);
  for (unsigned from = 0; from < 2; ++from)
    name_process(kWireProcess + from, fmt::format("wire, {} to {}", hosts[from], hosts[1 - from]));
}

void JourneyTrace::close() {
  file_.append("\n]\n", 3);
  file_.end_record();
  file_.close();
}

void JourneyTrace::event(std::string_view text) {
  const std::string line = fmt::format("{}\n{}", first_ ? "" : ",", text);
  first_ = false;
  file_.append(line.data(), line.size());
  file_.end_record();
}

void JourneyTrace::name_process(unsigned process, const std::string& name) {
  event(fmt::format(R"({{"ph":"M","name":"process_name","pid":{},"args":{{"name":"{}"}}}})", process, name));
}

unsigned JourneyTrace::lane(const Place& place, uint64_t from_ns, uint64_t to_ns) {
  const auto track = static_cast<unsigned>(place.track);
  std::vector<uint64_t>& lanes = lanes_[{place.process, track}];
  size_t n = 0;
  while (n < lanes.size() && lanes[n] > from_ns) ++n;
  if (n == kMostLanes) return 0;
  const auto thread = place.process * kThreadsPerProcess + track * kLanesPerTrack + static_cast<unsigned>(n);
  if (n == lanes.size()) {
    lanes.push_back(0);
    const std::string name = n == 0 ? kTrackNames[track] : fmt::format("{} {}", kTrackNames[track], n + 1);
    event(fmt::format(R"({{"ph":"M","name":"thread_name","pid":{},"tid":{},"args":{{"name":"{}"}}}})", place.process,
                      thread, name));
    event(fmt::format(R"({{"ph":"M","name":"thread_sort_index","pid":{0},"tid":{1},"args":{{"sort_index":{1}}}}})",
                      place.process, thread));
  }
  lanes[n] = to_ns;
  return thread;
}

unsigned JourneyTrace::slice(const Slice& s, std::string_view name) {
  const uint64_t from = ns(s.from), to = std::max(ns(s.to), from + 1);
  const unsigned thread = lane(s.place, from, to);
  if (thread != 0)
    event(fmt::format(R"({{"ph":"X","pid":{},"tid":{},"ts":{},"dur":{},"name":"{}"}})", s.place.process, thread,
                      us(from), us(to - from), name));
  return thread;
}

// Begun once and then gone on with: how the last one is bound to its slice is not the same for all readers.
void JourneyTrace::flow(const Journey& j, const Place& place, unsigned thread, TimePs at) {
  if (thread == 0) return;
  event(fmt::format(R"({{"ph":"{}","id":{},"pid":{},"tid":{},"ts":{},"cat":"packet","name":"packet"}})",
                    flowing_ ? "t" : "s", j.id, place.process, thread, us(ns(at))));
  flowing_ = true;
}

void JourneyTrace::step(const Journey& j, const Slice& s, std::string_view name) {
  if (s.from == 0 || s.to < s.from) return;
  flow(j, s.place, slice(s, name), s.from);
}

// Drawn with the first packet that has it; the others' flows pass through the same slice.
void JourneyTrace::shared(const Journey& j, const Slice& s, const std::string& name) {
  if (s.from == 0 || s.to < s.from) return;
  Drawn& drawn = drawn_[{s.place.process, static_cast<unsigned>(s.place.track)}];
  if (drawn.from != s.from || drawn.to != s.to) drawn = {s.from, s.to, slice(s, name)};
  flow(j, s.place, drawn.thread, s.from);
}

// Through the slice of the TLP that ended then; TLPs of one direction never overlap, so it is in the first lane.
void JourneyTrace::pins(const Journey& j, const Place& place, TimePs at) {
  if (at < sc_model::kPsPerNs) return;
  flow(j, place, place.process * kThreadsPerProcess + static_cast<unsigned>(place.track) * kLanesPerTrack,
       at - sc_model::kPsPerNs);
}

void JourneyTrace::outgoing(const Journey& j, const std::string& name) {
  const unsigned host = j.from + 1u;
  const std::string group =
      j.group_size > 1 ? fmt::format("#{}-{}", j.group, j.group + j.group_size - 1) : fmt::format("#{}", j.group);
  shared(j, {{host, Track::kWrite}, j[Step::kCall], j[Step::kCopied]}, fmt::format("write {}", j.write));
  shared(j, {{host, Track::kTcpOut}, j[Step::kSegment], j[Step::kPosted]}, group);
  shared(j, {{host, Track::kRingOut}, j[Step::kPosted], j[Step::kFetched]}, group);
  pins(j, {host, Track::kTlpTo}, j[Step::kTold]);
  pins(j, {host, Track::kTlpFrom}, j[Step::kRead]);
  step(j, {{host, Track::kDmaOut}, j[Step::kRead], j[Step::kInNic]}, name);
  step(j, {{host, Track::kMacOut}, j[Step::kInNic], j[Step::kSent]}, name);
}

void JourneyTrace::incoming(const Journey& j, const std::string& name) {
  const unsigned host = 2u - j.from;
  step(j, {{host, Track::kMacIn}, j[Step::kArrived], j[Step::kStored]}, name);
  pins(j, {host, Track::kTlpFrom}, j[Step::kStored]);
  step(j, {{host, Track::kDmaIn}, j[Step::kStored], j[Step::kEntry]}, name);
  step(j, {{host, Track::kRingIn}, j[Step::kEntry], j[Step::kTaken]}, name);
  const TimePs user = j[Step::kUser], end = std::max(j[Step::kQueued], j[Step::kTcp]);
  step(j, {{host, Track::kTcpIn}, j[Step::kTaken], std::max(end, j[Step::kEthernet])}, name);
  if (user == 0) return;
  constexpr TimePs kShown = 100 * sc_model::kPsPerNs;  // all packets of a read() have one time, its end
  shared(j, {{host, Track::kRead}, user - std::min(user, kShown), user}, "read");
}

void JourneyTrace::journey(const Journey& j) {
  const std::string name = fmt::format("#{}", j.id);
  flowing_ = false;
  outgoing(j, name);
  const TimePs sent = j[Step::kSent];
  const auto on_medium = static_cast<TimePs>(j.bytes * ps_per_octet_);
  step(j, {{kWireProcess + j.from, Track::kWire}, sent, sent + on_medium}, name);
  incoming(j, name);
}

void JourneyTrace::tlp(unsigned host, bool to_nic, TimePs end, TimePs ps, std::string_view what) {
  slice({{host + 1, to_nic ? Track::kTlpTo : Track::kTlpFrom}, end - std::min(end, ps), end}, what);
}

}  // namespace ringside::testbench
