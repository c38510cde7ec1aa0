// P29: no TLP without credits, in both directions, by the limits at the NIC's pins. P30: room for what was asked for.
#include <algorithm>
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

CompletionRoomChecker::CompletionRoomChecker(std::string object, const PcieSettings& settings, ViolationLog& log,
                                             const TlpTrail* trail)
    : object_(std::move(object)), settings_(settings), log_(log), trail_(trail) {}

// A tag that is used again has been given up before: nothing more is expected for the old request.
void CompletionRoomChecker::on_tlp(const TlpEvent& event) {
  const Tlp& tlp = *event.tlp;
  const bool asks = event.direction == TlpDirection::kFromDevice && tlp.kind() == TlpKind::kMRd;
  if (!asks && (event.direction == TlpDirection::kFromDevice || !tlp.is_completion())) return;
  uint32_t& expected = expected_[tlp.tag()];
  sum_ -= expected;
  if (asks) expected = (tlp.length_dw() * 4 + 15) / 16 * 16;
  else expected = tlp.status() != CplStatus::kSuccess ? 0 : expected - std::min(expected, tlp.payload_bytes);
  sum_ += expected;
  if (!asks || sum_ <= settings_.completion_buffer_bytes) return;
  log_.report({"P30", Side::kDevice, event.time_ps, object_,
               "reads under way will bring " + std::to_string(sum_) + " bytes, there is room for " +
                   std::to_string(settings_.completion_buffer_bytes) + ": " + tlp.to_string(),
               trail_ != nullptr ? trail_->text() : std::vector<std::string>{}});
}

}  // namespace ringside::sc_model
