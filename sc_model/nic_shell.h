// NIC shell: clocks the verilated NIC, turns its TLP beats into Tlp objects and back, and its XGMII beats into
// stamped words and back. The only SystemC process that evaluates the model.
//
// Clocks: core and MAC, each on its own grid phase + n * period, never off it. Inputs from outside carry a time; the
//   shell gives them to the first edge strictly later, so nothing depends on process order.
// Run-ahead: nothing reaches the shell sooner than the link's latency or the wire's delay after it was sent, so each
//   activation runs all edges up to the end of its quantum, which is the smaller of the two, without going through
//   SystemC.
//   Quanta lie on a fixed grid, so that how far a run has come at its end does not depend on sleeping either.
// Sleep: when idle_o has been high for kQuietCycles of both clocks, nothing is queued and no input changes, the
//   clocks stop. An input wakes them kWakeEdges edges before the one that takes it (inputs are always known earlier),
//   so that a run with sleeping gives the same bytes at the same times as one without. Cycles are counted as run and
//   as skipped.
// Evals: a falling edge is folded into the next eval of the other clock, or done just before the next rise; in the
//   trace variant, while its window is open, falling edges are evaluated and dumped in their place.
#ifndef RINGSIDE_SC_MODEL_NIC_SHELL_H_
#define RINGSIDE_SC_MODEL_NIC_SHELL_H_

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <systemc>

#include "sc_model/nic_model.h"
#include "sc_model/nic_recording.h"
#include "sc_model/observer.h"
#include "sc_model/pcie_link.h"
#include "sc_model/scheduler.h"
#include "sc_model/shell_tlp_port.h"
#include "sc_model/shell_xgmii_port.h"

namespace ringside::sc_model {

struct NicShellConfig {
  TimePs core_period_ps = 4000;   // 250 MHz
  TimePs core_phase_ps = 0;       // first rising edge
  TimePs mac_period_ps = 0;       // 0: from the width: 10G at 64 bits, 100G at 512 (mac_period_of)
  TimePs mac_phase_ps = 1700;
  unsigned reset_cycles = 16;     // of each clock
  bool sleep = true;
};

// MAC clock period at the wire rate of a width: 64 bits 10 Gb/s, 128 25, 256 50, 512 100.
TimePs mac_period_of(unsigned width);

struct ClockCycles {
  uint64_t run = 0;      // evaluated
  uint64_t skipped = 0;  // slept through
  uint64_t total() const { return run + skipped; }
};

class NicShell : public sc_core::sc_module, public DeviceEnd {
 public:
  NicShell(sc_core::sc_module_name name, std::unique_ptr<NicModel> model, const NicShellConfig& config, TlpPool& pool,
           PcieLink& link, const ObserverList& observers);

  // Wire: where this NIC's words go, and where words for it come from; words come no sooner than `delay_ps` after they
  // were sent. Before the simulation starts.
  void connect_wire(XgmiiSink* transmit, TimePs delay_ps);
  XgmiiSink& wire_sink() { return sink_; }

  void deliver(TlpPtr tlp) override;
  void credit_limit(TimePs when, const CreditCounts& limit) override;

  // Up to now, also in the middle of sleep.
  ClockCycles core_cycles() const { return cycles_of(core_); }
  ClockCycles mac_cycles() const { return cycles_of(mac_); }
  uint64_t evals() const { return evals_; }
  bool asleep() const { return asleep_; }
  unsigned width() const { return model_->width(); }
  // Waves of [from_ps, to_ps], written to the sink; once in the life of a shell, at any time between two sc_start().
  // The clocks may have run ahead of now by a quantum: the waves begin where they stand, if that is later. Throws
  // std::invalid_argument when the model is not a traced one.
  void start_trace(WaveSink& sink, TimePs from_ps, TimePs to_ps);
  // Ends the waves; a window in which the NIC was at rest all the time holds its state then.
  void stop_trace();
  // What the NIC, as it stands, answers to a read of four octets at a bus address: drives its pins and clocks its core
  // until the answer is there; nothing if it does not come. Told to nobody. The model is spoilt for the run after that,
  // so this is for a copy of the process that comes to nothing.
  std::optional<uint32_t> read_out(uint64_t address);
  // Where the NIC's clocks stand: they may have run ahead of simulated time by a quantum.
  TimePs clocked_until() const { return std::max(last_edge(core_), last_edge(mac_)); }
  // Starts to record the inputs of every eval (before the simulation starts), and what was recorded.
  void start_recording(size_t limit_bytes);
  const NicRecording* recording() const { return recording_.get(); }

 private:
  static constexpr unsigned kQuietCycles = 24;  // the RTL asks for 16
  static constexpr unsigned kWakeEdges = 4;
  struct Clock {
    uint8_t* pin = nullptr;
    uint8_t* reset_n = nullptr;
    TimePs phase = 0;
    TimePs period = 0;
    TimePs next = 0;       // next rising edge
    TimePs fall = kNever;  // falling edge to come, inside the trace window only
    unsigned quiet = 0;    // edges in a row at which all was quiet
    uint64_t rises = 0;
    uint64_t skipped = 0;
  };
  class WireSink : public XgmiiSink {
   public:
    explicit WireSink(NicShell& shell) : shell_(shell) {}
    void receive(TimePs first, const XgmiiWord* words, unsigned count) override;

   private:
    NicShell& shell_;
  };

  void tick();
  void run_until(TimePs horizon);
  void fall_asleep();
  TimePs quantum_start(TimePs at) const { return at / quantum_ * quantum_; }
  void edges(TimePs now);
  void rise(bool core, bool mac, TimePs now);
  void fall(TimePs now);
  void raise_pins(bool core, bool mac, TimePs now);
  void after_core_edge(TimePs now);
  void after_mac_edge(TimePs now);
  void finish_edge(Clock& clock, TimePs now);
  void eval();
  void core_cycle();
  TimePs next_edge() const;
  TimePs earliest_input() const;
  ClockCycles cycles_of(const Clock& clock) const;
  bool may_sleep(TimePs now) const;
  void wake_by(TimePs input_at);
  void wake_up(TimePs first_edges);
  void skip_to(Clock& clock, TimePs at);
  bool in_trace_window(TimePs now) const { return now >= trace_from_ && now <= trace_to_; }
  static TimePs last_edge(const Clock& clock) { return clock.next > clock.period ? clock.next - clock.period : 0; }
  void dump(TimePs now);

  std::unique_ptr<NicModel> model_;
  const NicPins& pins_;
  NicShellConfig config_;
  TimePs quantum_;
  ShellTlpPort tlp_;
  ShellXgmiiPort xgmii_;
  WireSink sink_;
  std::unique_ptr<NicRecording> recording_;
  Clock core_;
  Clock mac_;
  uint64_t evals_ = 0;
  TimePs trace_from_ = kNever, trace_to_ = 0;  // nothing lies in it
  bool traced_ = false;                        // the first dump has been
  bool asleep_ = false;
  TimePs wake_at_ = kNever;  // first edges to run when awake again
  sc_core::sc_event wake_;
};

}  // namespace ringside::sc_model

#endif  // RINGSIDE_SC_MODEL_NIC_SHELL_H_
