// P29: no TLP without credits, in both directions, by the limits at the NIC's pins.
#include <utility>

#include "sc_model/check_pcie.h"

namespace ringside::sc_model {

CreditChecker::CreditChecker(std::string object, ViolationLog& log, const TlpTrail* trail)
    : object_(std::move(object)), log_(log), trail_(trail) {
  ledgers_[static_cast<size_t>(TlpDirection::kToDevice)].set_infinite(TlpClass::kCompletion);
}

void CreditChecker::on_credits(const CreditEvent& event) {
  ledgers_[static_cast<size_t>(event.direction)].set_limit(*event.limit);
}

void CreditChecker::on_tlp(const TlpEvent& event) {
  CreditLedger& ledger = ledgers_[static_cast<size_t>(event.direction)];
  if (!ledger.allows(*event.tlp)) {
    const Side side = event.direction == TlpDirection::kFromDevice ? Side::kDevice : Side::kHostModel;
    log_.report({"P29", side, event.time_ps, object_, "sent without credits: " + event.tlp->to_string(),
                 trail_ != nullptr ? trail_->text() : std::vector<std::string>{}});
  }
  ledger.consume(*event.tlp);
}

}  // namespace ringside::sc_model
