// Recovery of the whole NIC, when a ring cannot be recovered alone: REFERENCE.md section 12. Rings, buffers, messages
// and settings are kept; packets on their way are given up. First the soft reset; when that does not end, or has not
// helped, the function level reset; then the NIC is given up.
#include "driver/nic_driver.h"

namespace ringside::driver {
namespace {

constexpr unsigned kMaxResets = 2;  // in a row: one soft reset, one through configuration space
constexpr uint32_t kGone = 0xFFFFFFFF;

}  // namespace

void NicDriver::reset_nic() {
  if (nic_.read<regs::Id>().bits == kGone || ++resets_in_a_row_ > kMaxResets) return fail();
  reset_now(resets_in_a_row_ == kMaxResets);
}

Setting NicDriver::reset(bool through_configuration_space) {
  if (!running()) return Setting::kNotSupported;  // nothing to reset
  return reset_now(through_configuration_space) ? Setting::kDone : Setting::kFailed;
}

bool NicDriver::reset_now(bool through_configuration_space) {
  save_what_is_done();
  if (!running() || !reset_hardware(through_configuration_space)) {
    fail();
    return false;
  }
  start_again();
  return true;
}

void NicDriver::start_again() {
  ++statistics_.nic_resets;
  for (auto& queue : queues_) {  // the NIC knows nothing of its memory any more
    statistics_.tx_given_up += queue->tx->abandon();
    statistics_.rx_given_up += queue->rx->abandon();
  }
  interrupts_.enable();
  set_up_mac();
  set_up_queues();
  let_traffic_in();
  for (auto& queue : queues_) wake(*queue);
}

// What was reported before is good, but of a ring that cannot be believed. No ring is used from here on: the client is
// told kBusy.
void NicDriver::save_what_is_done() {
  for (auto& queue : queues_) {
    queue->tx_broken = false;
    reclaim(*queue);
    queue->tx_broken = true;
  }
  const unsigned resets = resets_in_a_row_;
  for (auto& queue : queues_) {
    queue->rx_broken = queue->ret_broken;
    receive_all(*queue);
    queue->rx_broken = true;
  }
  resets_in_a_row_ = resets;
}

bool NicDriver::reset_hardware(bool through_configuration_space) {
  nic_.write<regs::Control>(0);
  const bool ended = soft_reset();
  if (!ended) ++statistics_.reset_timeouts;
  if (ended && !through_configuration_space) return true;
  ++statistics_.function_resets;
  return function_level_reset(platform_, *function_) && identify() == BringUp::kUp && soft_reset();
}

}  // namespace ringside::driver
