// P34 P35 P41 P42: see check_pcie_function.h.
#include "sc_model/check_pcie_function.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace ringside::sc_model {
namespace {

constexpr unsigned kCommand = 4, kDeviceControl = 8;  // offsets; the latter in the PCI Express capability
constexpr uint32_t kMemorySpace = 1u << 1, kBusMaster = 1u << 2, kFunctionReset = 1u << 15;

bool is_memory(TlpKind kind) { return kind == TlpKind::kMRd || kind == TlpKind::kMWr; }

}  // namespace

FunctionChecker::FunctionChecker(std::string object, const PcieSettings& settings, ViolationLog& log,
                                 const TlpTrail* trail)
    : object_(std::move(object)), settings_(settings), log_(log), trail_(trail) {}

void FunctionChecker::on_tlp(const TlpEvent& event) {
  if (event.direction == TlpDirection::kToDevice) {
    if (event.tlp->tlp_class() == TlpClass::kNonPosted) on_host_request(event);
  } else if (event.tlp->is_completion()) {
    on_completion(event);
  } else if (is_memory(event.tlp->kind())) {
    on_device_request(event);
  }
}

void FunctionChecker::on_host_request(const TlpEvent& event) {
  const Tlp& tlp = *event.tlp;
  waits_[tlp.tag()] = tlp.kind() == TlpKind::kCfgRd0 ? Waits::kRead : Waits::kNothing;
  if (tlp.kind() == TlpKind::kCfgWr0) return on_config_write(tlp);
  if (tlp.kind() != TlpKind::kMRd || settings_.bar0_bytes == 0) return;
  const bool hit = tlp.address() - settings_.bar0 < settings_.bar0_bytes;
  if (!hit || !memory_space_) waits_[tlp.tag()] = Waits::kMiss;
}

void FunctionChecker::on_config_write(const Tlp& tlp) {
  uint32_t value = 0;
  std::memcpy(&value, tlp.payload, sizeof value);
  if (tlp.config_offset() == kCommand && (tlp.first_be() & 1) != 0) {
    memory_space_ = (value & kMemorySpace) != 0;
    if ((value & kBusMaster) == 0) {
      waits_[tlp.tag()] = Waits::kMasterOff;
    } else {
      ever_master_ = true;
      master_until_ps_ = reset_done_ps_ = kNever;
    }
  }
  const bool control = settings_.pcie_capability != 0 && tlp.config_offset() == settings_.pcie_capability + kDeviceControl;
  if (control && (tlp.first_be() & 2) != 0 && (value & kFunctionReset) != 0) waits_[tlp.tag()] = Waits::kReset;
}

void FunctionChecker::on_completion(const TlpEvent& event) {
  const bool success = event.tlp->status() == CplStatus::kSuccess;
  const Waits waits = std::exchange(waits_[event.tlp->tag()], Waits::kNothing);
  if (waits == Waits::kMiss && success)
    report("P35", event, memory_space_ ? "answered, though no BAR is at that address"
                                       : "answered, though memory space is not enabled");
  if (!success) return;
  if (waits == Waits::kMasterOff) master_until_ps_ = std::min(master_until_ps_, event.time_ps + kSettlePs);
  if (waits == Waits::kRead && reset_done_ps_ != kNever)  // it answers again: it is done
    reset_done_ps_ = std::min(reset_done_ps_, event.time_ps);
  if (waits != Waits::kReset) return;
  memory_space_ = false;
  reset_done_ps_ = event.time_ps + kResetPs;
}

void FunctionChecker::on_device_request(const TlpEvent& event) {
  if (!ever_master_) return report("P42", event, "a request before the function was configured");
  if (reset_done_ps_ != kNever) {
    if (event.time_ps > reset_done_ps_) report("P41", event, "a request after the function level reset");
  } else if (event.time_ps > master_until_ps_) {
    report("P34", event, "a request, and bus mastering is off");
  }
}

void FunctionChecker::report(const char* rule, const TlpEvent& event, const std::string& why) {
  log_.report({rule, Side::kDevice, event.time_ps, object_, why + ": " + event.tlp->to_string(),
               trail_ != nullptr ? trail_->text() : std::vector<std::string>{}});
}

}  // namespace ringside::sc_model
