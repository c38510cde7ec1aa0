#include "testbench/program/explain_json.h"

namespace ringside::testbench {

using Json = nlohmann::ordered_json;

Json explain_json(const Explanation& explanation) {
  Json directions = Json::array(), waits = Json::array();
  for (const DirectionExplanation& d : explanation.directions) {
    Json limits = Json::array();
    for (const ThroughputLimit& limit : d.limits)
      limits.push_back({{"name", limit.name}, {"mbps", limit.mbps}, {"how", limit.how}});
    directions.push_back({{"from", d.from},
                          {"to", d.to},
                          {"bytes", d.bytes},
                          {"from_ns", d.from_ns},
                          {"to_ns", d.to_ns},
                          {"measured_mbps", d.measured_mbps},
                          {"limits", limits}});
  }
  for (const Wait& wait : explanation.waits) waits.push_back({{"what", wait.what}, {"share", wait.share}});
  return {{"directions", directions}, {"waits", waits}};
}

Explanation explanation_of(const Json& json) {
  Explanation explanation;
  for (const Json& from : json.at("directions")) {
    DirectionExplanation d;
    from.at("from").get_to(d.from);
    from.at("to").get_to(d.to);
    from.at("bytes").get_to(d.bytes);
    from.at("from_ns").get_to(d.from_ns);
    from.at("to_ns").get_to(d.to_ns);
    from.at("measured_mbps").get_to(d.measured_mbps);
    for (const Json& limit : from.at("limits"))
      d.limits.push_back({limit.at("name"), limit.at("mbps"), limit.at("how")});
    explanation.directions.push_back(std::move(d));
  }
  for (const Json& wait : json.at("waits")) explanation.waits.push_back({wait.at("what"), wait.at("share")});
  return explanation;
}

}  // namespace ringside::testbench
