// Progress across the link: P39, every request of the host is answered within a bound; P27, also while the device has
// no credits for its own non-posted requests. Passive; the side at fault is the device. Time during which the host
// gives no credits for the answer, or for the posted writes in front of it, does not count.
#ifndef RINGSIDE_SC_MODEL_CHECK_PCIE_PROGRESS_H_
#define RINGSIDE_SC_MODEL_CHECK_PCIE_PROGRESS_H_

#include <array>
#include <string>

#include "sc_model/check_pcie.h"

namespace ringside::sc_model {

class ProgressChecker : public Observer {
 public:
  static constexpr TimePs kAnswerPs = kPsPerMs;  // far more than the longest write that stands in front of it

  ProgressChecker(std::string object, ViolationLog& log, const TlpTrail* trail = nullptr);
  void on_tlp(const TlpEvent& event) override;
  void on_credits(const CreditEvent& event) override;
  void check_time(TimePs now);

 private:
  struct Request { bool live = false; TimePs since_ps = 0; };
  bool can_answer() const;
  void look(TimePs now);

  std::string object_;
  ViolationLog& log_;
  const TlpTrail* trail_;
  CreditLedger ledger_;             // of the device
  std::array<Request, 256> requests_;
  unsigned live_ = 0;
  TimePs blocked_until_ps_ = 0;     // no credits for an answer until then
  TimePs next_look_ps_ = 0;
};

}  // namespace ringside::sc_model

#endif  // RINGSIDE_SC_MODEL_CHECK_PCIE_PROGRESS_H_
