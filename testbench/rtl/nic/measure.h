// What ringside_rtl_bench prints and the tests of speed and latency hold bounds on.
#ifndef RINGSIDE_TESTBENCH_RTL_NIC_MEASURE_H_
#define RINGSIDE_TESTBENCH_RTL_NIC_MEASURE_H_

#include <cstdint>
#include <string>

namespace ringside::testbench::nic {

enum class Direction { kTx, kRx, kBoth };
const char* to_string(Direction direction);

struct RateCase {
  unsigned width = 512, queues = 4;
  unsigned size = 64;  // octets of a frame, FCS included
  Direction direction = Direction::kTx;
  unsigned latency_ns = 500;  // of a DMA read
  unsigned rx_gap = 12;       // octets between frames on their way in
};

struct Rate {
  bool ok = false;  // every frame was right, no rule broken
  std::string why;  // when it was not
  uint64_t core_cycles = 0, tx_frames = 0, rx_frames = 0, drops = 0;
  double tx_share = 0, rx_share = 0;    // of what the wire carries
  double tx_cycles = 0, rx_cycles = 0;  // core cycles per frame
  double up_busy = 0, down_busy = 0;    // share of cycles with a TLP beat: NIC to host, host to NIC
  double tags = 0;                      // reads not answered, on average
  unsigned max_tags = 0;
};

// Steady state, after a run-up.
Rate measure_rate(const RateCase& rate_case);
// Where a rate falls short: tags, credits, descriptors, TLP beats, or the engines' own cycles.
std::string what_it_waited_for(const RateCase& rate_case, const Rate& rate);

struct Latency {
  bool ok = false;
  double tx_cycles = 0;  // doorbell at the pins to the first octet at the XGMII, core cycles, without the host's own
  double tx_host = 0;    // what the host took of it: from each read request to the first beat of its answer
  double rx_cycles = 0;  // last octet at the XGMII to the message at the pins
};
Latency measure_latency(unsigned width, unsigned size);

struct SpeedCase {
  unsigned width = 512;
  unsigned size = 64;
  Direction direction = Direction::kTx;
  unsigned latency = 0;    // cycles
  double seconds = 0.3;    // of CPU time to measure
  uint64_t cycles = 0;     // when not 0: so many core cycles instead, the same work in every run
  bool one_clock = false;  // the wire runs on the core's clock, edge for edge: then the NIC is what is measured
};

struct Speed {
  bool ok = false;
  uint64_t frames = 0, cycles = 0;
  double wall_s = 0, cpu_s = 0;
};
Speed measure_speed(const SpeedCase& speed_case);  // one queue set

}  // namespace ringside::testbench::nic

#endif  // RINGSIDE_TESTBENCH_RTL_NIC_MEASURE_H_
