#include "sc_model/interrupt_controller.h"

#include <utility>

namespace ringside::sc_model {

InterruptController::InterruptController(HostCpu& cpu, const ObserverList& observers)
    : cpu_(cpu), observers_(observers), handlers_(kInterrupts) {
  cpu_.set_interrupt_dispatch([this](int irq) { handle(irq); });
}

driver::MsiMessage InterruptController::request(std::function<void()> handler) {
  for (int irq = 0; irq < kInterrupts; ++irq) {
    std::function<void()>& slot = handlers_[static_cast<size_t>(irq)];
    if (slot) continue;
    slot = std::move(handler);
    return {address_of(irq), data_of(irq), irq};
  }
  return {};
}

void InterruptController::release(int irq) { handlers_.at(static_cast<size_t>(irq)) = nullptr; }

void InterruptController::message(uint64_t address, uint32_t data, TimePs now, uint64_t serial) {
  ++messages_;
  const int irq = static_cast<int>(data & 0xFF) - 0x20;
  const bool known = irq >= 0 && irq < kInterrupts && data == data_of(irq) && address == address_of(irq) &&
                     handlers_[static_cast<size_t>(irq)];
  observers_.interrupt({now, known ? irq : -1, address, data, serial});
  if (!known) {
    ++spurious_;
    return;
  }
  cpu_.raise(irq);
}

// Path step T10: the handler is found by the interrupt's number.
// Path step R6: the same for received frames. A handler that was released meanwhile makes it a spurious one.
void InterruptController::handle(int irq) {
  const std::function<void()>& handler = handlers_[static_cast<size_t>(irq)];
  if (!handler) {
    ++spurious_;
    return;
  }
  handler();
}

}  // namespace ringside::sc_model
