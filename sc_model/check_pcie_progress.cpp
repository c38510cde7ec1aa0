// P27 P39: see check_pcie_progress.h.
#include "sc_model/check_pcie_progress.h"

#include <utility>

namespace ringside::sc_model {
namespace {

constexpr TimePs kLookEveryPs = 100 * kPsPerUs;
constexpr unsigned kWriteCredits = 512 / 16;  // of the posted write that must go on before an answer can

}  // namespace

ProgressChecker::ProgressChecker(std::string object, ViolationLog& log, const TlpTrail* trail)
    : object_(std::move(object)), log_(log), trail_(trail) {}

bool ProgressChecker::can_answer() const {
  const unsigned pd = ledger_.left(CreditKind::kPd);
  return ledger_.left(CreditKind::kPh) != 0 && pd >= kWriteCredits && ledger_.left(CreditKind::kCplh) != 0 &&
         ledger_.left(CreditKind::kCpld) != 0;
}

void ProgressChecker::on_credits(const CreditEvent& event) {
  if (event.direction != TlpDirection::kFromDevice) return;
  if (!can_answer()) blocked_until_ps_ = event.time_ps;
  ledger_.set_limit(*event.limit);
}

void ProgressChecker::on_tlp(const TlpEvent& event) {
  if (event.time_ps >= next_look_ps_) check_time(event.time_ps);  // before the event: it may be an answer too late
  const Tlp& tlp = *event.tlp;
  if (event.direction == TlpDirection::kToDevice) {
    if (tlp.tlp_class() != TlpClass::kNonPosted) return;
    Request& request = requests_[tlp.tag()];
    live_ += !request.live;
    request = {true, event.time_ps};
  } else {
    ledger_.consume(tlp);
    if (tlp.is_completion()) live_ -= std::exchange(requests_[tlp.tag()].live, false);
  }
}

void ProgressChecker::check_time(TimePs now) {
  next_look_ps_ = now + kLookEveryPs;
  if (live_ != 0 && can_answer()) look(now);
}

void ProgressChecker::look(TimePs now) {
  for (unsigned tag = 0; tag < requests_.size(); ++tag) {
    Request& request = requests_[tag];
    const TimePs since = request.since_ps > blocked_until_ps_ ? request.since_ps : blocked_until_ps_;
    if (!request.live || now <= since + kAnswerPs) continue;
    request.live = false;
    --live_;
    const bool starved = ledger_.left(CreditKind::kNph) == 0 || ledger_.left(CreditKind::kNpd) == 0;
    log_.report({starved ? "P27" : "P39", Side::kDevice, since + kAnswerPs, object_ + " tag " + std::to_string(tag),
                 std::string("no answer within ") + std::to_string(kAnswerPs / kPsPerUs) + " us" +
                     (starved ? ", while its own non-posted requests wait for credits" : ""),
                 trail_ != nullptr ? trail_->text() : std::vector<std::string>{}});
  }
}

}  // namespace ringside::sc_model
