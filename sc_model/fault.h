// Faults on purpose: what may go wrong at a host or on the wire, when, and how often. Seeded, so that a run repeats.
//
// Who: an assembly hands specs to FaultInjector, one per host and one per direction of the wire; root complex, link and
//   wire ask it at each event whether it is this one's turn. No spec of a kind, no question: runs without faults are
//   the same runs.
// Event: what is counted, by kind; see the table in fault.cpp. `nth` and `chance` look at the events from `from_ps` on;
//   with neither of them it is the first ones from then on that are hit. At most `count` are hit.
// Kinds that break a rule: the checkers fire and name the host model as the side at fault. The others are what a good
//   driver and NIC must live with.
// Units: picoseconds. Threads: as the caller's.
#ifndef RINGSIDE_SC_MODEL_FAULT_H_
#define RINGSIDE_SC_MODEL_FAULT_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sc_model/random.h"
#include "sc_model/sim_time.h"

namespace ringside::sc_model {

enum class FaultKind : uint8_t {
  // The host's answer to a memory read of the NIC
  kUr, kCa, kPoison, kCompletionLost, kCompletionLate, kCompletionDuplicate, kCompletionShort, kIommuRead,
  // A write of the NIC to memory
  kIommuWrite, kWriteDelayed, kWriteTorn, kWriteTornLine, kWriteOvertaken,
  // A message of the NIC
  kInterruptLost, kInterruptDouble, kInterruptEarly,
  // The link between them and the function, at a time
  kStarve, kSurpriseReset,
  // A frame on the wire
  kFrameLoss, kFrameDuplicate, kFrameReorder, kFrameCorrupt, kFcsError, kRunt, kPreamble,
  // The wire, at a time
  kPauseStorm, kLinkDown,
};
constexpr size_t kFaultKinds = 27;

enum class FaultPlace : uint8_t { kHost, kLink, kWire };

// What there is to know about a kind.
struct FaultInfo {
  FaultKind kind;
  const char* name;      // "completion_lost"
  FaultPlace place;
  const char* breaks;    // the rule that no host may break like this; null: there is none
  bool timed;            // happens at a time, not at an event
  TimePs lasts_ps;       // default of `for_ps`; 0: has none
  const char* text;      // what it does, and what is counted
};
const std::array<FaultInfo, kFaultKinds>& fault_table();
const FaultInfo& fault_info(FaultKind kind);
std::optional<FaultKind> fault_kind(std::string_view name);

struct FaultSpec {
  FaultKind kind = FaultKind::kUr;
  uint64_t nth = 0;       // the nth event, from 1; 0: not by number
  double chance = 0;      // of each event; 0: not by chance
  TimePs from_ps = 0;     // earlier events do not count; when a timed kind begins
  uint64_t count = 0;     // at most so many; 0: one by number or by time, any number by chance
  TimePs for_ps = 0;      // how long it lasts or how late it comes; 0: the kind's default
  uint8_t credit = 0;     // kStarve: CreditKind
  bool to_device = false; // kStarve: TLPs to the NIC lack credits, not those from it

  TimePs lasts_ps() const { return for_ps != 0 ? for_ps : fault_info(kind).lasts_ps; }
};

class FaultInjector {
 public:
  FaultInjector() = default;
  // Specs of one place. The n-th spec of a kind draws from a stream of its own, whatever other kinds there are.
  FaultInjector(std::vector<FaultSpec> specs, uint64_t seed);

  bool armed(FaultKind kind) const { return (armed_ >> static_cast<unsigned>(kind) & 1) != 0; }
  bool armed() const { return armed_ != 0; }
  // One event of this kind: the spec whose turn it is, or null. Counts what it gives out.
  const FaultSpec* hit(FaultKind kind, TimePs now) { return armed(kind) ? look(kind, now) : nullptr; }
  // The specs of a timed kind; whoever carries them out says so.
  std::vector<FaultSpec> timed(FaultKind kind) const;
  void carried_out(FaultKind kind) { ++injected_[static_cast<size_t>(kind)]; }

  // A spec of this kind by number or time whose turn never came; by chance, none may come.
  bool missed(FaultKind kind) const;
  uint64_t injected(FaultKind kind) const { return injected_[static_cast<size_t>(kind)]; }
  uint64_t pick(uint64_t bound) { return picks_.below(bound); }

 private:
  struct Armed {
    FaultSpec spec;
    Random random{0};
    uint64_t seen = 0;
    uint64_t left = 0;
    bool came = false;  // its turn, once at least
  };
  const FaultSpec* look(FaultKind kind, TimePs now);
  static bool turn_of(Armed& armed, TimePs now);

  std::vector<Armed> specs_;
  uint64_t armed_ = 0;
  std::array<uint64_t, kFaultKinds> injected_{};
  Random picks_{0};
};

}  // namespace ringside::sc_model

#endif  // RINGSIDE_SC_MODEL_FAULT_H_
