#include "stack/file.h"

#include <algorithm>

namespace ringside::stack {

Result File::read(uint8_t*, size_t) { return Result::fail(Error::kNotSupported); }
Result File::write(const uint8_t*, size_t) { return Result::fail(Error::kNotSupported); }

void File::remove_poller(WaitChannel* channel) {
  pollers_.erase(std::remove(pollers_.begin(), pollers_.end(), channel), pollers_.end());
}

void File::wake() {
  if (!context_.blocker) return;
  context_.charge(StackWork::kWakeUp);
  context_.blocker->wake(channel_);
  for (WaitChannel* poller : pollers_) context_.blocker->wake(*poller);
}

}  // namespace ringside::stack
