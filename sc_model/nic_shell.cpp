#include "sc_model/nic_shell.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace ringside::sc_model {

TimePs mac_period_of(unsigned width) { return width == 64 ? 6400 : 5120; }

NicShell::NicShell(sc_core::sc_module_name name, std::unique_ptr<NicModel> model, const NicShellConfig& config,
                   TlpPool& pool, PcieLink& link, const ObserverList& observers)
    : sc_core::sc_module(name), model_(std::move(model)), pins_(model_->pins()), config_(config),
      quantum_(std::max<TimePs>(1, link.latency_ps())), tlp_(*model_, pool, link, observers),
      xgmii_(*model_, config.mac_period_ps != 0 ? config.mac_period_ps : mac_period_of(model_->width())),
      sink_(*this) {
  core_.pin = pins_.core_clk;
  core_.reset_n = pins_.core_rst_n;
  core_.period = config.core_period_ps;
  core_.next = core_.phase = config.core_phase_ps;
  mac_.pin = pins_.mac_clk;
  mac_.reset_n = pins_.mac_rst_n;
  mac_.period = config.mac_period_ps != 0 ? config.mac_period_ps : mac_period_of(model_->width());
  mac_.next = mac_.phase = config.mac_phase_ps;
  sc_core::sc_spawn_options options;
  options.spawn_method();
  sc_core::sc_spawn([this] { tick(); }, "tick", &options);
}

// ---------------------------------------------------------------- waves

void NicShell::start_trace(WaveSink& sink, TimePs from_ps, TimePs to_ps) {
  if (!model_->trace_open(sink)) throw std::invalid_argument("this model of the NIC cannot be traced");
  trace_from_ = std::max(from_ps, std::max(last_edge(core_), last_edge(mac_)));
  trace_to_ = to_ps;
}

void NicShell::stop_trace() {
  if (trace_from_ == kNever) return;
  if (!traced_ && trace_from_ <= sim_now_ps()) dump(trace_from_);
  trace_from_ = kNever;
  model_->trace_close();
}

// The first dump is of the whole state, and made before the first edge of the window: nothing has changed since it began.
void NicShell::dump(TimePs now) {
  traced_ = true;
  model_->trace_dump(now);
  model_->trace_flush();  // a crash must find nothing in the model's buffers: there it could not be reached
}

void NicShell::start_recording(size_t limit_bytes) {
  recording_ = std::make_unique<NicRecording>(*model_, limit_bytes);
}

// ---------------------------------------------------------------- clocks

void NicShell::connect_wire(XgmiiSink* transmit, TimePs delay_ps) {
  xgmii_.connect(transmit);
  quantum_ = std::min(quantum_, delay_ps);
}

void NicShell::tick() {
  const TimePs now = sim_now_ps();
  if (asleep_) wake_up(std::max(now, wake_at_));
  const TimePs horizon = quantum_start(now) + quantum_;
  run_until(horizon);
  if (asleep_) return sc_core::next_trigger(wake_);
  sc_core::next_trigger(to_sc_time(std::max(horizon, quantum_start(next_edge())) - now));
}

void NicShell::run_until(TimePs horizon) {
  for (TimePs edge; !asleep_ && (edge = next_edge()) < horizon;) {
    edges(edge);
    if (may_sleep(edge)) fall_asleep();
  }
}

void NicShell::edges(TimePs now) {
  if (!traced_ && in_trace_window(now) && now > trace_from_) dump(trace_from_);
  if (core_.fall <= now || mac_.fall <= now) fall(now);
  const bool core = core_.next <= now;
  const bool mac = mac_.next <= now;
  if (core || mac) rise(core, mac, now);
}

TimePs NicShell::next_edge() const { return std::min({core_.next, mac_.next, core_.fall, mac_.fall}); }

void NicShell::rise(bool core, bool mac, TimePs now) {
  const bool traced = in_trace_window(now);
  if ((core && *core_.pin) || (mac && *mac_.pin)) {  // no eval since its last rise has seen this clock low
    if (core) *core_.pin = 0;
    if (mac) *mac_.pin = 0;
    eval();
  }
  if (!traced) *core_.pin = *mac_.pin = 0;  // the other clock's falling edge rides along
  raise_pins(core, mac, now);
  eval();
  if (traced) dump(now);
  if (core) after_core_edge(now);
  if (mac) after_mac_edge(now);
}

void NicShell::raise_pins(bool core, bool mac, TimePs now) {
  if (core) {
    *pins_.time_ns = now / kPsPerNs;
    tlp_.drive_inputs(now);
    *core_.pin = 1;
  }
  if (mac) {
    xgmii_.drive_inputs(now);
    *mac_.pin = 1;
  }
}

void NicShell::fall(TimePs now) {
  for (Clock* clock : {&core_, &mac_}) {
    if (clock->fall > now) continue;
    *clock->pin = 0;
    clock->fall = kNever;
  }
  eval();
  if (in_trace_window(now)) dump(now);
}

void NicShell::after_core_edge(TimePs now) {
  if (*core_.reset_n) tlp_.take_outputs(now);
  finish_edge(core_, now);
  const bool idle = *pins_.idle != 0;
  core_.quiet = idle && tlp_.quiet(now) ? core_.quiet + 1 : 0;
  if (!idle) mac_.quiet = 0;
}

void NicShell::after_mac_edge(TimePs now) {
  if (*mac_.reset_n) xgmii_.take_outputs(now);
  finish_edge(mac_, now);
  mac_.quiet = *pins_.idle != 0 && xgmii_.quiet(now) ? mac_.quiet + 1 : 0;
}

void NicShell::finish_edge(Clock& clock, TimePs now) {
  if (++clock.rises == config_.reset_cycles) *clock.reset_n = 1;
  clock.next += clock.period;
  clock.fall = in_trace_window(now) ? now + clock.period / 2 : kNever;
}

void NicShell::eval() {
  if (recording_) recording_->before_eval();
  model_->eval();
  ++evals_;
}

// ---------------------------------------------------------------- inputs and sleep

void NicShell::deliver(TlpPtr tlp) {
  const TimePs at = tlp->ready_ps;
  tlp_.deliver(std::move(tlp));
  wake_by(at);
}

void NicShell::credit_limit(TimePs when, const CreditCounts& limit) {
  tlp_.credit_limit(when, limit);
  wake_by(when);
}

void NicShell::WireSink::receive(TimePs first, const XgmiiWord* words, unsigned count) {
  shell_.xgmii_.receive(first, words, count);
  shell_.wake_by(first);
}

TimePs NicShell::earliest_input() const { return std::min(tlp_.earliest_input(), xgmii_.earliest_input()); }

bool NicShell::may_sleep(TimePs now) const {
  if (!config_.sleep || core_.quiet < kQuietCycles || mac_.quiet < kQuietCycles) return false;
  return core_.fall == kNever && mac_.fall == kNever && earliest_input() > now + 2 * kWakeEdges * mac_.period;
}

void NicShell::fall_asleep() {
  asleep_ = true;
  wake_at_ = kNever;
  wake_by(earliest_input());
}

void NicShell::wake_by(TimePs input_at) {
  if (!asleep_ || input_at == kNever) return;
  const TimePs now = sim_now_ps();
  const TimePs margin = kWakeEdges * std::max(core_.period, mac_.period);
  const TimePs at = std::max(now, input_at > margin ? input_at - margin : 0);
  if (at >= wake_at_) return;
  wake_at_ = at;
  wake_.notify(to_sc_time(std::max(now, quantum_start(at)) - now));
}

void NicShell::wake_up(TimePs first_edges) {
  asleep_ = false;
  wake_.cancel();
  skip_to(core_, first_edges);
  skip_to(mac_, first_edges);
  core_.quiet = mac_.quiet = 0;
}

// The first edge of the grid that is not before `at`.
void NicShell::skip_to(Clock& clock, TimePs at) {
  if (clock.next >= at) return;
  const uint64_t edges_skipped = (at - clock.next + clock.period - 1) / clock.period;
  clock.skipped += edges_skipped;
  clock.next += edges_skipped * clock.period;
}

// Up to now as simulated time goes, although the clock may have run ahead of it.
ClockCycles NicShell::cycles_of(const Clock& clock) const {
  const TimePs now = sim_now_ps();
  if (now < clock.phase) return {};
  const uint64_t total = (now - clock.phase) / clock.period + 1;
  uint64_t skipped = clock.skipped;
  if (asleep_ && now >= clock.next) skipped += (now - clock.next) / clock.period + 1;
  skipped = std::min(skipped, total);
  return {total - skipped, skipped};
}

}  // namespace ringside::sc_model
