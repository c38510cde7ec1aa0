// nic_top with a host on one side and a wire on the other, and two clocks of any ratio and phase.
//
// step() goes to the next rising edge. A falling edge is put off to the next eval that is needed anyhow: clock_gate
// samples there, for which any time between two rises will do, and an eval is what the time goes into.
#ifndef RINGSIDE_TESTBENCH_RTL_NIC_CARD_H_
#define RINGSIDE_TESTBENCH_RTL_NIC_CARD_H_

#include <cstdint>
#include <memory>

#include "testbench/rtl/nic/dut.h"
#include "testbench/rtl/nic/host.h"
#include "testbench/rtl/nic/verdicts.h"
#include "testbench/rtl/nic/wire.h"

namespace ringside::testbench::nic {

struct Clocks {
  uint64_t core_ps = 4000;  // 250 MHz
  uint64_t mac_ps = 0;      // 0: the rate of the width, see mac_period_ps
  uint64_t core_phase_ps = 0;
  uint64_t mac_phase_ps = 0;
};

// 64 bits: 10 Gb/s; 128: 25; 256: 50; 512: 100.
uint64_t mac_period_ps(unsigned width);
double wire_gbps(unsigned width, uint64_t mac_ps);

struct CardSettings {
  unsigned width = 64, queues = 4;
  unsigned start_step = 8;  // lanes on which the wire starts frames: 4 is for 64 bits only
  Clocks clocks;
  unsigned more_reset = 0;  // rises of either clock by which the reset is longer: where between two rises it ends
  HostSettings host;
};

class Card {
 public:
  explicit Card(const CardSettings& settings);

  void step();
  void run(uint64_t core_cycles);
  // Steps until it is true, asking after each core cycle; false when `cycles` have gone by without.
  template <typename Condition>
  bool until(Condition condition, uint64_t cycles) {
    const uint64_t end = host.cycle() + cycles;
    while (!condition()) {
      if (host.cycle() >= end) return false;
      run(1);
    }
    return true;
  }
  bool idle() const { return *dut_->pins.idle != 0; }
  uint64_t time_ps() const { return time_ps_; }
  uint64_t evals() const { return evals_; }
  unsigned width() const { return dut_->width; }
  const Clocks& clocks() const { return clocks_; }

 private:
  void rise(bool core, bool mac);
  void reset(unsigned more_steps);

  std::unique_ptr<Dut> dut_;
  Clocks clocks_;
  uint64_t next_core_, next_mac_, time_ps_ = 0, evals_ = 0;

 public:
  Verdicts verdicts;
  Host host;
  Wire wire;
};

}  // namespace ringside::testbench::nic

#endif  // RINGSIDE_TESTBENCH_RTL_NIC_CARD_H_
