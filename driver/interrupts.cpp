#include "driver/interrupts.h"

#include <algorithm>

namespace ringside::driver {

Interrupts::Open Interrupts::open(PciFunction* function, InterruptMode mode, const std::vector<Handler>& handlers,
                                  const Handler& shared) {
  close();
  msix_ = Msix(function);
  if (mode == InterruptMode::kMsi || !msix_.present() || msix_.vectors() < handlers.size()) {
    msix_ = Msix();
    msi_ = Msi(function);
    if (!msi_.present()) return Open::kNoCapability;
    return take(shared) ? Open::kDone : Open::kNoneLeft;
  }
  const bool all =
      std::all_of(handlers.begin(), handlers.end(), [this](const Handler& handler) { return take(handler); });
  return all ? Open::kDone : Open::kNoneLeft;
}

bool Interrupts::take(const Handler& handler) {
  const MsiMessage message = platform_.irq_request(handler);
  if (message.irq >= 0) messages_.push_back(message);
  return message.irq >= 0;
}

void Interrupts::enable() const {
  if (msi_.present()) return msi_.enable(messages_.front());
  for (unsigned vector = 0; vector < messages_.size(); ++vector) msix_.fill(vector, messages_[vector]);
  msix_.enable();
}

void Interrupts::disable() const {
  if (msi_.present()) msi_.disable();
  if (!msix_.present()) return;
  for (unsigned vector = 0; vector < messages_.size(); ++vector) msix_.mask(vector);
  msix_.disable();
}

void Interrupts::close() {
  for (const MsiMessage& message : messages_) platform_.irq_free(message.irq);
  messages_.clear();
  msix_ = Msix();
  msi_ = Msi();
}

}  // namespace ringside::driver
