#include "testbench/rtl/nic/card.h"

#include <algorithm>

namespace ringside::testbench::nic {

uint64_t mac_period_ps(unsigned width) {
  return width == 64 ? 6400 : 5120;
}  // 156.25 and 195.3125 MHz

double wire_gbps(unsigned width, uint64_t mac_ps) {
  return width * 1000.0 / static_cast<double>(mac_ps);
}

Card::Card(const CardSettings& s)
    : dut_(make_dut(s.width, s.queues)),
      clocks_(s.clocks),
      host(*dut_, s.host, &verdicts),
      wire(*dut_, s.start_step, &verdicts) {
  if (clocks_.mac_ps == 0) clocks_.mac_ps = mac_period_ps(s.width);
  next_core_ = clocks_.core_ps + clocks_.core_phase_ps;
  next_mac_ = clocks_.mac_ps + clocks_.mac_phase_ps;
  reset(s.more_reset);
}

void Card::reset(unsigned more_steps) {
  const Pins& p = dut_->pins;
  *p.core_clk = *p.mac_clk = *p.core_rst_n = *p.mac_rst_n = 0;
  *p.rx_valid = 0;
  constexpr uint64_t kCycles = 8;  // of the slower clock
  const uint64_t end = time_ps_ + kCycles * std::max(clocks_.core_ps, clocks_.mac_ps) + clocks_.core_phase_ps;
  while (time_ps_ < end) step();
  for (unsigned i = 0; i < more_steps; ++i) step();
  *p.core_rst_n = *p.mac_rst_n = 1;
  host.reset();
  run(16);
}

void Card::step() {
  time_ps_ = std::min(next_core_, next_mac_);
  const bool core = next_core_ == time_ps_, mac = next_mac_ == time_ps_;
  if (core) {
    host.sample();
    *dut_->pins.time_ns = time_ps_ / 1000;
    next_core_ += clocks_.core_ps;
  }
  if (mac) {
    wire.sample();
    next_mac_ += clocks_.mac_ps;
  }
  rise(core, mac);
  if (core) host.drive();
  if (mac) wire.drive();
}

void Card::rise(bool core, bool mac) {
  const Pins& p = dut_->pins;
  if ((core && *p.core_clk) || (mac && *p.mac_clk)) {
    *p.core_clk = *p.mac_clk = 0;
    dut_->eval();
    ++evals_;
  }
  *p.core_clk = core;
  *p.mac_clk = mac;
  dut_->eval();
  ++evals_;
}

void Card::run(uint64_t core_cycles) {
  for (const uint64_t end = host.cycle() + core_cycles; host.cycle() < end;) step();
}

}  // namespace ringside::testbench::nic
