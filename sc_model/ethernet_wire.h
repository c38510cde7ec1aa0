// Ethernet wire: full duplex between two XGMII ports. Cut-through: a word that is sent at t arrives at t + delay, with
// preamble and gap as they were sent. Faults, per direction and seeded, work on whole frames.
//
// Faults and time: a duplicate or a frame that was held back comes after the frame before it with a gap of 12 octets or
//   more; frames behind it move back until idle time has made up for it. Order of decisions per frame: loss,
//   corruption, duplication, hold back; each draws from its own stream, so turning one on does not change the others.
// Receivers: same MAC period as the sender, own phase; see ShellXgmiiPort for how words meet edges.
// Units: picoseconds; probabilities 0..1; frames of a direction counted from 1.
#ifndef RINGSIDE_SC_MODEL_ETHERNET_WIRE_H_
#define RINGSIDE_SC_MODEL_ETHERNET_WIRE_H_

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sc_model/fault.h"
#include "sc_model/frame_decoder.h"
#include "sc_model/observer.h"
#include "sc_model/random.h"
#include "sc_model/scheduler.h"
#include "sc_model/xgmii.h"

namespace ringside::sc_model {

// A frame held back goes out after this time even when no other comes. The odd 3 ps keep it off every MAC clock grid,
// so that it never shares an instant with a word.
constexpr TimePs kHoldLimitPs = 20 * kPsPerUs + 3;

struct WireConfig {
  unsigned gigabits_per_s = 10;   // 10, 25, 50, 100
  TimePs delay_ps = 50 * kPsPerNs;  // at least two MAC cycles of either end (50 ns: 10 m of fibre)
  std::array<std::vector<FaultSpec>, 2> faults;  // [p]: frames sent by port p
  unsigned reorder_by = 1;          // kFrameReorder: so many frames go first, or kHoldLimitPs goes by
  uint64_t seed = 1;
};

struct WireDirectionCounters {
  uint64_t frames = 0;  // that entered
  uint64_t lost = 0, corrupted = 0, duplicated = 0, reordered = 0;
};

class WireDirection;

class EthernetWire {
 public:
  // `name` names the wire's own scheduler. Throws std::invalid_argument for a rate or delay that cannot be.
  EthernetWire(const std::string& name, const WireConfig& config, const ObserverList& observers);
  ~EthernetWire();

  // Port p: words sent by its NIC go into sender(p); words for it come out at the sink given here.
  XgmiiSink& sender(unsigned port);
  void connect(unsigned port, XgmiiSink* receiver);

  TimePs delay_ps() const { return config_.delay_ps; }
  const WireDirectionCounters& counters(unsigned sending_port) const;
  const FaultInjector& injected(unsigned sending_port) const { return injectors_.at(sending_port); }
  static TimePs word_ps(unsigned gigabits_per_s) { return 64000 / gigabits_per_s; }

 private:
  WireConfig config_;
  Scheduler scheduler_;
  std::array<FaultInjector, 2> injectors_;
  std::array<std::unique_ptr<WireDirection>, 2> directions_;
};

}  // namespace ringside::sc_model

#endif  // RINGSIDE_SC_MODEL_ETHERNET_WIRE_H_
