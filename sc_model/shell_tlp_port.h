// The TLP side of the NIC shell: beats <-> Tlp objects, credits and ready at the pins.
//
// Host to NIC: TLPs wait with their arrival time; from the first core edge strictly after it they go out beat by beat
//   without gaps. The link has checked the NIC's credits already.
// NIC to host: beats are gathered; at eop the Tlp goes to observers and link. A malformed run of beats (no sop, sop
//   twice) is counted.
#ifndef RINGSIDE_SC_MODEL_SHELL_TLP_PORT_H_
#define RINGSIDE_SC_MODEL_SHELL_TLP_PORT_H_

#include <cstdint>
#include <deque>

#include "sc_model/nic_model.h"
#include "sc_model/observer.h"
#include "sc_model/pcie_link.h"
#include "sc_model/tlp.h"

namespace ringside::sc_model {

class ShellTlpPort {
 public:
  ShellTlpPort(const NicModel& model, TlpPool& pool, PcieLink& link, const ObserverList& observers);

  void deliver(TlpPtr tlp) { to_nic_.push_back(std::move(tlp)); }
  void credit_limit(TimePs when, const CreditCounts& limit) { limits_.push_back({when, limit}); }

  // Before and after each core edge at `now`.
  void drive_inputs(TimePs now);
  void take_outputs(TimePs now);

  // Nothing on the pins and nothing that waits, apart from inputs that come later than now.
  bool quiet(TimePs now) const;
  TimePs earliest_input() const;
  uint64_t framing_errors() const { return framing_errors_; }
  // The beats still to come of a TLP to the NIC that stands on the pins with its first ones, one after the other at
  // the next core edges, told to nobody; false: there are none. For NicShell::read_out().
  bool drive_rest();

 private:
  struct Limit { TimePs when; CreditCounts counts; };
  void drive_tlp(TimePs now);
  void drive_beat(TimePs now);
  void put_beat(const Tlp& tlp);
  void drive_limits(TimePs now);
  void take_beat(TimePs now);
  void finish_tlp(TimePs now);
  void take_credits(TimePs now);

  const NicPins& pins_;
  const unsigned beat_bytes_;
  TlpPool& pool_;
  PcieLink& link_;
  const ObserverList& observers_;
  std::deque<TlpPtr> to_nic_;
  std::deque<Limit> limits_;
  uint32_t sent_bytes_ = 0;   // of to_nic_.front()
  bool sending_ = false;
  TlpPtr gathering_;
  CreditCounts reported_;
  uint64_t framing_errors_ = 0;
};

}  // namespace ringside::sc_model

#endif  // RINGSIDE_SC_MODEL_SHELL_TLP_PORT_H_
