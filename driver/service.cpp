// Errors, link, watchdog, recovery: REFERENCE.md section 12. Runs as a poll of its own, never in interrupt context.
#include <utility>

#include "driver/nic_driver.h"

namespace ringside::driver {
namespace {

constexpr unsigned kMaxStuckResets = 3;  // of a ring in a row; then the whole NIC is reset
constexpr uint32_t kGone = 0xFFFFFFFF;   // what a read of an absent function gives

}  // namespace

void NicDriver::on_service_interrupt() {
  ++statistics_.interrupts;
  platform_.charge(DriverWork::kInterrupt, 1);
  if (state_ == State::kRunning) platform_.poll_schedule(service_poll_);
}

// One pass is enough: a cause that is set after it was cleared sends a message of its own.
bool NicDriver::service() {
  if (state_ != State::kRunning) return false;
  const auto cause = nic_.read<regs::ErrorCause>();
  if (cause.bits == kGone) {
    fail();
    return false;
  }
  if (cause.bits) handle_causes(cause);
  const bool expired = std::exchange(watchdog_expired_, false);
  for (auto& queue : queues_) {
    if (state_ == State::kRunning && expired) watch(*queue);
    if (state_ == State::kRunning) recover(*queue);
  }
  return false;
}

void NicDriver::handle_causes(regs::Value<regs::ErrorCause> cause) {
  nic_.write(cause);  // clear, then act: what happens from here on is told again
  const uint32_t in_error = cause.get(regs::ErrorCause::kQueue);
  for (auto& queue : queues_) {
    if (in_error >> queue->number & 1) look_at_errors(*queue);
  }
  if (cause.test(regs::ErrorCause::kLink)) update_link();
}

void NicDriver::look_at_errors(Queue& queue) {
  if (nic_.read<regs::TxState>(queue.number).test(regs::TxState::kError)) {
    ++statistics_.tx_errors;
    reclaim(queue);
    queue.tx_broken = true;
  }
  if (nic_.read<regs::RxState>(queue.number).test(regs::RxState::kError)) {
    ++statistics_.rx_errors;
    receive_all(queue);  // what was reported before the error is good
    queue.rx_broken = true;
  }
}

void NicDriver::recover(Queue& queue) {
  if (queue.tx_broken) reset_tx(queue);
  if (queue.rx_broken && state_ == State::kRunning) reset_rx(queue);
}

void NicDriver::reset_tx(Queue& queue) {
  if (!stop_tx(queue)) return reset_nic();
  queue.tx_broken = false;
  reclaim(queue);  // what was sent while the ring was stopping is not given up
  queue.tx_broken = true;
  if (!clear_tx(queue)) return reset_nic();
  statistics_.tx_given_up += queue.tx->abandon();
  ++statistics_.tx_resets;
  ++queue.statistics.tx_resets;
  turn_on_tx(queue);
  wake(queue);
}

void NicDriver::reset_rx(Queue& queue) {
  if (!stop_rx(queue)) return reset_nic();
  queue.rx_broken = queue.ret_broken;
  receive_all(queue);  // what was reported while the ring was stopping is good; nothing of a ring not to be believed
  queue.rx_broken = true;
  if (!clear_rx(queue)) return reset_nic();
  statistics_.rx_given_up += queue.rx->abandon();
  ++statistics_.rx_resets;
  ++queue.statistics.rx_resets;
  turn_on_rx(queue);
  provide(queue);
}

void NicDriver::update_link() {
  const bool up = nic_.read<regs::Status>().test(regs::Status::kLinkUp);
  if (up == link_up_) return;
  link_up_ = up;
  ++statistics_.link_changes;
  if (client_) client_->link_changed(up);
}

// ---- watchdog ----

// Runs while the NIC has packets to send, or buffers are missing; at rest no timer is pending.
void NicDriver::start_watchdog(uint64_t delay_ns) {
  const uint64_t at_ns = platform_.now_ns() + delay_ns;
  if (watchdog_running_ && watchdog_at_ns_ <= at_ns) return;
  watchdog_running_ = true;
  watchdog_at_ns_ = at_ns;
  platform_.timer_start(watchdog_, delay_ns);
}

void NicDriver::watch(Queue& queue) {
  provide(queue);
  if (queue.tx->outstanding() == 0 || queue.tx_broken) return;
  const uint64_t still_ns = platform_.now_ns() - queue.tx_moved_ns;
  if (still_ns < config_.watchdog_ns) return start_watchdog(config_.watchdog_ns - still_ns);
  if (more_work(queue)) {  // the NIC is done with packets, only nobody said so
    ++statistics_.lost_interrupts;
    platform_.poll_schedule(queue.poll);
  } else if (link_up_) {  // without a link nothing is sent, and that is nobody's fault
    ++statistics_.watchdog_fired;
    if (++queue.stuck > kMaxStuckResets) return reset_nic();
    queue.tx_broken = true;
  }
  start_watchdog(config_.watchdog_ns);
}

// The NIC is gone or does not obey: no register is touched any more, nothing is sent, nothing received. Memory stays
// until remove(), because nobody knows what the NIC still does.
void NicDriver::fail() {
  state_ = State::kFailed;
  ++statistics_.failures;
  platform_.timer_stop(watchdog_);
  if (!client_) return;
  if (std::exchange(link_up_, false)) client_->link_changed(false);
  for (auto& queue : queues_) {
    if (std::exchange(queue->tx_wanted, 0)) client_->tx_wake();  // what waits would wait for ever: it is dropped now
  }
}

}  // namespace ringside::driver
