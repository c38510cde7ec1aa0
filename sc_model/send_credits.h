// Whether the device could send a posted write, or a read, now: its credits as they stand at its pins, and how long the
// link was busy with what it sent before. A device that has no credits, or waits for the link, is not late, whatever it
// owes. For the checkers that know deadlines.
#ifndef RINGSIDE_SC_MODEL_SEND_CREDITS_H_
#define RINGSIDE_SC_MODEL_SEND_CREDITS_H_

#include <algorithm>

#include "sc_model/observer.h"
#include "sc_model/pcie_link.h"

namespace ringside::sc_model {

class SendCredits {
 public:
  void on_tlp(const TlpEvent& event) {
    if (event.direction != TlpDirection::kFromDevice) return;
    ledger_.consume(*event.tlp);
    if (rate_ != nullptr) occupy(event.time_ps, rate_->serialize_ps(PcieLink::bytes_of(*event.tlp)));
  }
  // Of the link's direction from the device; without one it is never busy.
  void set_link(const LinkRate* rate) { rate_ = rate; }
  // A stretch of time in which one TLP waited for the other, and how much of such time there was by `now`.
  struct Busy {
    TimePs since = 0, until = 0, total = 0;
  };
  Busy busy(TimePs now) const {
    const TimePs to_come = busy_.until > now ? busy_.until - now : 0;
    return {busy_.since, busy_.until - to_come, busy_.total - to_come};
  }
  void on_credits(const CreditEvent& event) {
    if (event.direction != TlpDirection::kFromDevice) return;
    ledger_.set_limit(*event.limit);
    known_ = true;
  }
  // Of the longest payload. True as long as no limit was told, as all here.
  bool may_write(uint32_t max_payload_bytes) const {
    return !known_ || (ledger_.left(CreditKind::kPh) != 0 && ledger_.left(CreditKind::kPd) >= max_payload_bytes / 16);
  }
  bool may_read() const { return !known_ || ledger_.left(CreditKind::kNph) != 0; }

 private:
  // The first TLP of a stretch waits for nothing.
  void occupy(TimePs now, TimePs took) {
    const bool waited = free_ps_ > now;
    free_ps_ = std::max(free_ps_, now) + took;
    if (!waited) return;
    if (now > busy_.until) busy_.since = busy_.until = now;
    busy_.total += free_ps_ - busy_.until;
    busy_.until = free_ps_;
  }
  CreditLedger ledger_;
  bool known_ = false;
  const LinkRate* rate_ = nullptr;
  TimePs free_ps_ = 0;
  Busy busy_;
};

}  // namespace ringside::sc_model

#endif  // RINGSIDE_SC_MODEL_SEND_CREDITS_H_
