// What the function may do in the state that configuration writes have brought it to, judged at its pins: P34 (bus
// mastering off), P35 (memory space off, or no BAR hit), P41 (after a function level reset), P42 (before it was ever
// configured). Passive; the side at fault is the device.
//
// A configuration write that allows something counts from its arrival, one that forbids it from kSettlePs after its
// completion: requests may be on their way to the pins until then.
#ifndef RINGSIDE_SC_MODEL_CHECK_PCIE_FUNCTION_H_
#define RINGSIDE_SC_MODEL_CHECK_PCIE_FUNCTION_H_

#include <array>
#include <string>

#include "sc_model/check_pcie.h"

namespace ringside::sc_model {

class FunctionChecker : public Observer {
 public:
  static constexpr TimePs kSettlePs = 2 * kPsPerUs;
  static constexpr TimePs kResetPs = 100 * kPsPerMs;  // a function level reset is done after it (6.6.2)

  FunctionChecker(std::string object, const PcieSettings& settings, ViolationLog& log, const TlpTrail* trail = nullptr);
  void on_tlp(const TlpEvent& event) override;

 private:
  enum class Waits : uint8_t { kNothing, kMasterOff, kReset, kRead, kMiss };  // what the answer to a tag will mean
  void on_host_request(const TlpEvent& event);
  void on_config_write(const Tlp& tlp);
  void on_completion(const TlpEvent& event);
  void on_device_request(const TlpEvent& event);
  void report(const char* rule, const TlpEvent& event, const std::string& why);

  std::string object_;
  const PcieSettings& settings_;
  ViolationLog& log_;
  const TlpTrail* trail_;
  std::array<Waits, 256> waits_{};
  bool memory_space_ = false;
  bool ever_master_ = false;
  TimePs master_until_ps_ = 0;            // bus mastering: kNever while it is on
  TimePs reset_done_ps_ = kNever;         // of a function level reset; kNever: none since bus mastering went on
};

}  // namespace ringside::sc_model

#endif  // RINGSIDE_SC_MODEL_CHECK_PCIE_FUNCTION_H_
