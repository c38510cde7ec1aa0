// Watches a run for its explanation (explain.h) and the report's charts (run_series.h): who worked when, and what was
// under way. Always on: a few operations for each TLP, frame, interrupt and stretch of CPU time.
#ifndef RINGSIDE_TESTBENCH_PROGRAM_RUN_WATCH_H_
#define RINGSIDE_TESTBENCH_PROGRAM_RUN_WATCH_H_

#include <array>
#include <string>

#include "sc_model/observer.h"
#include "testbench/program/busy_timeline.h"
#include "testbench/program/explain.h"
#include "testbench/program/machine.h"
#include "testbench/program/results.h"
#include "testbench/program/run_series.h"

namespace ringside::testbench {

class RunWatch : public sc_model::Observer {
 public:
  // Before the simulation starts. The machine must outlive it. `with_series`: for the report, too.
  RunWatch(const Scenario& scenario, Machine& machine, bool with_series);
  ~RunWatch() override;
  void on_frame(const sc_model::FrameEvent& event) override;

  Explanation explain(const Results& results) const;
  const RunSeries& series() const { return series_; }

 private:
  // Kinds of resources; of each there is one per host, or per sender.
  enum Kind : unsigned { kCpu, kWire, kPcieToNic, kPcieFromNic, kWorkers, kReads = kWorkers, kHeld, kFlight, kKinds };
  static unsigned resource(Kind kind, size_t host) { return 2 * kind + static_cast<unsigned>(host); }
  static_assert(2 * kKinds <= BusyTimeline::kMostResources);

  class HostWatch : public sc_model::Observer {
   public:
    void on_tlp(const sc_model::TlpEvent& event) override;
    void on_interrupt(const sc_model::InterruptEvent& event) override;
    RunWatch* run = nullptr;
    size_t index = 0;
    const sc_model::PcieLink* link = nullptr;
    sc_model::TimePs frame_since_ps = 0;  // a frame came, and no interrupt since; 0: none

   private:
    std::array<sc_model::TimePs, 256> read_since_ps_{};  // by tag; 0: not under way
  };

  void add(RunSeries::Metric metric, size_t host, sc_model::TimePs at, uint64_t amount) {
    if (with_series_) series_.add(metric, host, at, amount);
  }
  std::string name_of(unsigned resource) const;
  std::vector<Wait> waits(uint64_t from_ns, uint64_t to_ns) const;

  const Scenario& scenario_;
  Machine& machine_;
  double ps_per_octet_;
  sc_model::TimePs delay_ps_;
  BusyTimeline timeline_{2 * kWorkers};
  const bool with_series_;
  RunSeries series_;
  std::array<HostWatch, 2> hosts_;
};

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_PROGRAM_RUN_WATCH_H_
