// Whether the device could send a posted write, or a read, now: its credits as they stand at its pins. A device that
// has none is not late, whatever it owes. For the checkers that know deadlines.
#ifndef RINGSIDE_SC_MODEL_SEND_CREDITS_H_
#define RINGSIDE_SC_MODEL_SEND_CREDITS_H_

#include "sc_model/observer.h"

namespace ringside::sc_model {

class SendCredits {
 public:
  void on_tlp(const TlpEvent& event) {
    if (event.direction == TlpDirection::kFromDevice) ledger_.consume(*event.tlp);
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
  CreditLedger ledger_;
  bool known_ = false;
};

}  // namespace ringside::sc_model

#endif  // RINGSIDE_SC_MODEL_SEND_CREDITS_H_
