#include "testbench/program/report_journeys.h"

#include <algorithm>

namespace ringside::testbench {
namespace {

using sc_model::TimePs;
using Json = nlohmann::ordered_json;
using Step = JourneyStep;

double quantile(std::vector<double>& values, double q) {
  const auto at = values.begin() + static_cast<ptrdiff_t>(q * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

constexpr std::array<std::pair<const char*, double>, 4> kQuantiles = {
    {{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"max", 1.0}}};

}  // namespace

const std::array<ReportJourneys::Span, 3> ReportJourneys::kSpans = {{
    {"from TCP's decision to read()", Step::kSegment, Step::kUser},
    {"from write() to read()", Step::kCall, Step::kUser},
    {"from doorbell to the other driver", Step::kDoorbell, Step::kTaken},
}};

ReportJourneys::ReportJourneys(std::array<std::string, 2> hosts, TimePs slot_ps, size_t slots)
    : hosts_(std::move(hosts)), slot_ps_(slot_ps), slots_(std::max<size_t>(slots, 1)) {
  for (Values& values : read_bytes_) values.assign(slots_, 0);
  for (auto& span : latency_) span.resize(slots_);
}

void ReportJourneys::read(JourneyFile& file) {
  for (JourneyLine line; file.next(&line);) {
    count(line);
    keep(line);
  }
}

void ReportJourneys::count(const JourneyLine& line) {
  const Journey& j = line.journey;
  const size_t from = line.from == hosts_[0] ? 0 : 1;
  if (j[Step::kUser] != 0) read_bytes_[from][slot_of(j[Step::kUser])] += j.head.payload;
  count_latency(j);
  count_rings(line, from);
  if (line.fate == "delivered" || line.fate == "under way") return;
  Values& drops = drops_[line.fate];
  drops.resize(slots_);
  drops[slot_of(j[Step::kSent])] += 1;
}

void ReportJourneys::count_latency(const Journey& j) {
  for (size_t i = 0; i < kSpans.size(); ++i) {
    const TimePs from = j[kSpans[i].from], to = j[kSpans[i].to];
    if (from != 0 && to > from && j.head.payload > 0)
      latency_[i][slot_of(to)].push_back(static_cast<double>(to - from) / sc_model::kPsPerNs);
  }
}

void ReportJourneys::count_rings(const JourneyLine& line, size_t from) {
  const Journey& j = line.journey;
  const auto stay = [](Occupancy& ring, TimePs since, TimePs until) {
    if (since == 0) return;
    ring.changes.push_back({since, 1});
    if (until != 0) ring.changes.push_back({until, -1});
  };
  if (j.id == j.group) stay(tx_ring_[from], j[Step::kPosted], j[Step::kGivenBack]);
  stay(return_ring_[1 - from], j[Step::kEntry], j[Step::kTaken]);
}

// Evenly over the run, as many as fit; those that did not arrive are kept before others.
void ReportJourneys::keep(const JourneyLine& line) {
  const bool odd = line.fate != "delivered";
  if (odd || seen_++ % keep_every_ == 0) kept_.push_back(line);
  if (kept_.size() <= kMostPackets) return;
  keep_every_ *= 2;
  size_t n = 0;
  kept_.erase(std::remove_if(kept_.begin(), kept_.end(), [&n](const JourneyLine&) { return n++ % 2 != 0; }),
              kept_.end());
}

ReportJourneys::Values ReportJourneys::Occupancy::most(TimePs slot_ps, size_t slots) {
  std::sort(changes.begin(), changes.end());
  Values most(slots, 0);
  double now = 0;
  size_t at = 0, slot = 0;
  for (; slot < slots; ++slot) {
    most[slot] = now;
    for (; at < changes.size() && changes[at].first < (slot + 1) * slot_ps; ++at) {
      now += changes[at].second;
      most[slot] = std::max(most[slot], now);
    }
  }
  return most;
}

Json ReportJourneys::latencies() {
  Json spans = Json::array();
  for (size_t i = 0; i < kSpans.size(); ++i) {
    Json over_time, whole;
    std::vector<double> all;
    for (auto& values : latency_[i]) all.insert(all.end(), values.begin(), values.end());
    for (const auto& [name, q] : kQuantiles) {
      Json values = Json::array();
      for (auto& slot : latency_[i]) values.push_back(slot.empty() ? Json() : Json(quantile(slot, q)));
      over_time[name] = std::move(values);
      whole[name] = all.empty() ? Json() : Json(quantile(all, q));
    }
    spans.push_back({{"name", kSpans[i].name}, {"count", all.size()}, {"all", whole}, {"over_time", over_time}});
  }
  return spans;
}

Json ReportJourneys::packet(const JourneyLine& line) const {
  const Journey& j = line.journey;
  Json times = Json::array();
  for (const TimePs at : j.at) times.push_back(at);
  return {j.id,      line.from == hosts_[0] ? 0 : 1,
          j.bytes,   line.fate,
          line.head, j.write,
          j.group,   j.group_size,
          j.timer,   j.head.payload,
          times};
}

void ReportJourneys::put_into(Json* series, Json* data) {
  const double us = static_cast<double>(slot_ps_) / sc_model::kPsPerUs;
  Json goodput = Json::array(), tx = Json::array(), rx = Json::array(), packets = Json::array(), drops = Json::object();
  for (size_t host = 0; host < 2; ++host) {
    Json mbps = Json::array();
    for (const double bytes : read_bytes_[host]) mbps.push_back(bytes * 8 / us);
    goodput.push_back(std::move(mbps));
    tx.push_back(tx_ring_[host].most(slot_ps_, slots_));
    rx.push_back(return_ring_[host].most(slot_ps_, slots_));
  }
  for (const auto& [fate, values] : drops_) drops[fate] = values;
  for (const JourneyLine& line : kept_) packets.push_back(packet(line));
  (*series)["goodput_mbps"] = goodput;
  (*series)["tx_ring"] = tx;
  (*series)["return_ring"] = rx;
  (*series)["drops"] = drops;
  (*data)["latency"] = latencies();
  (*data)["packets"] = packets;
  Json steps = Json::array();
  for (size_t i = 0; i < kJourneySteps; ++i) {
    const JourneyStepName& name = name_of(static_cast<JourneyStep>(i));
    steps.push_back({{"path", name.path},
                     {"place", to_string(name.place)},
                     {"receiver", name.receiver},
                     {"text", name.text},
                     {"column", name.column},
                     {"way", i < kWaySteps}});
  }
  (*data)["steps"] = steps;
}

}  // namespace ringside::testbench
