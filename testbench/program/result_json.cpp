#include "testbench/program/result_json.h"

#include <nlohmann/json.hpp>

#include "testbench/program/explain_json.h"

namespace ringside::testbench {
namespace {

using Json = nlohmann::ordered_json;

const char* to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::kOk:
      return "ok";
    case Outcome::kFailed:
      return "failed";
    case Outcome::kInterrupted:
      return "interrupted";
  }
  return "";
}

Json transfer_json(const TransferResult& t) {
  return {{"from", t.from},
          {"to", t.to},
          {"file", t.file},
          {"file_bytes", t.file_bytes},
          {"bytes_sent", t.bytes_sent},
          {"bytes_received", t.bytes_received},
          {"sha256_sent", t.sha256_sent},
          {"sha256_received", t.sha256_received},
          {"start_ns", t.start_ns},
          {"end_ns", t.end_ns},
          {"complete", t.complete}};
}

Json violation_json(const sc_model::Violation& v) {
  return {{"rule", v.rule},
          {"side", to_string(v.side)},
          {"time_ps", v.time_ps},
          {"object", v.object},
          {"text", v.text},
          {"events", v.events},
          {"wave_from_ns", wave_from_ps(v) / sc_model::kPsPerNs},
          {"wave_to_ns", wave_to_ps(v) / sc_model::kPsPerNs}};
}

template <typename Pairs>
Json object_of(const Pairs& pairs) {
  Json object = Json::object();
  for (const auto& [key, value] : pairs) object[key] = value;
  return object;
}

// The keys at the top are those of the first transfer: most runs have one.
void add_first_transfer(Json& json, const Results& r) {
  const TransferResult first = r.transfers.empty() ? TransferResult{} : r.transfers.front();
  json["bytes"] = first.bytes_received;
  json["sha256_sent"] = first.sha256_sent;
  json["sha256_received"] = first.sha256_received;
}

void add_counts(Json& json, const Results& r) {
  json["sim_time_ns"] = r.sim_time_ns;
  json["wall_s"] = r.wall_s;
  json["goodput_mbps"] = r.goodput_mbps();
  json["core_cycles"] = r.core_cycles;
  json["core_cycles_evaluated_share"] =
      share(static_cast<double>(r.core_cycles_run), static_cast<double>(r.core_cycles_all));
  json["frames"] = r.frames;
  json["frames_delivered"] = r.frames_delivered;
  json["frame_bytes"] = r.frame_bytes;
  json["tx_descriptors"] = r.tx_descriptors;
  json["rx_descriptors"] = r.rx_descriptors;
  json["packets"] = r.packets;
  json["interrupts"] = r.interrupts;
  json["tlps"] = r.tlps;
  json["tlp_payload_bytes"] = r.tlp_payload_bytes;
  json["pcie_bytes"] = r.pcie_bytes;
  json["pcie_efficiency"] = share(static_cast<double>(r.tlp_payload_bytes), static_cast<double>(r.pcie_bytes));
  json["retransmissions"] = r.retransmissions;
}

}  // namespace

std::string to_json(const Results& results) {
  Json json;
  json["outcome"] = to_string(results.outcome);
  json["failures"] = results.failures;
  json["scenario"] = results.scenario;
  json["command"] = results.command;
  json["hosts"] = results.hosts;
  json["width"] = results.width;
  json["seed"] = results.seed;
  json["digest"] = results.digest;
  add_first_transfer(json, results);
  add_counts(json, results);
  Json violations = Json::array();
  for (const sc_model::Violation& violation : results.violations) violations.push_back(violation_json(violation));
  json["violations"] = violations;
  json["violation_count"] = results.violation_count;
  Json transfers = Json::array();
  for (const TransferResult& transfer : results.transfers) transfers.push_back(transfer_json(transfer));
  json["transfers"] = transfers;
  json["faults"] = object_of(results.faults);
  json["explain"] = explain_json(results.explanation);
  json["drops"] = object_of(results.drops);
  json["counters"] = object_of(results.counters);
  json["files"] = object_of(results.files);
  if (!results.wave_host.empty()) json["wave_host"] = results.wave_host;
  json["versions"] = object_of(results.versions);
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace ringside::testbench
