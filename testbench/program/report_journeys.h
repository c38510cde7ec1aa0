// The report's charts that come from journeys: bytes read, latencies, ring occupancy and drops over time, and the
// packets that can be chosen for the ladder diagram.
#ifndef RINGSIDE_TESTBENCH_PROGRAM_REPORT_JOURNEYS_H_
#define RINGSIDE_TESTBENCH_PROGRAM_REPORT_JOURNEYS_H_

#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "testbench/program/journey_file.h"

namespace ringside::testbench {

class ReportJourneys {
 public:
  using Json = nlohmann::ordered_json;

  ReportJourneys(std::array<std::string, 2> hosts, sc_model::TimePs slot_ps, size_t slots);
  void read(JourneyFile& file);
  void put_into(Json* series, Json* data);

 private:
  static constexpr size_t kMostPackets = 3000;  // in the page
  using Values = std::vector<double>;
  struct Occupancy {
    std::vector<std::pair<sc_model::TimePs, int>> changes;
    Values most(sc_model::TimePs slot_ps, size_t slots);
  };
  struct Span {
    const char* name;
    JourneyStep from, to;
  };
  static const std::array<Span, 3> kSpans;

  void count(const JourneyLine& line);
  void count_latency(const Journey& journey);
  void count_rings(const JourneyLine& line, size_t from);
  void keep(const JourneyLine& line);
  Json packet(const JourneyLine& line) const;
  Json latencies();
  size_t slot_of(sc_model::TimePs at) const { return std::min(static_cast<size_t>(at / slot_ps_), slots_ - 1); }

  std::array<std::string, 2> hosts_;
  sc_model::TimePs slot_ps_;
  size_t slots_;
  std::array<Values, 2> read_bytes_;                         // by sender
  std::array<std::vector<std::vector<double>>, 3> latency_;  // by span and slot, ns
  std::array<Occupancy, 2> tx_ring_, return_ring_;
  std::map<std::string, Values> drops_;  // by fate
  std::vector<JourneyLine> kept_;
  uint64_t seen_ = 0, keep_every_ = 1;
};

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_PROGRAM_REPORT_JOURNEYS_H_
