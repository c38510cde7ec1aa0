// Interrupts: the NIC's vectors, as MSI-X with a message each, or, where that is missing or too small, as one MSI that
// stands for all of them.
//
// Vector 0 is errors and link, vector 1 + q is queue q (REFERENCE.md section 11). Messages are asked of the machine
// once and kept, so that a NIC that was reset can be told them again. Errors: Open. Threads: none; handlers run in
// interrupt context and only schedule.
#ifndef RINGSIDE_DRIVER_INTERRUPTS_H_
#define RINGSIDE_DRIVER_INTERRUPTS_H_

#include <functional>
#include <vector>

#include "driver/config.h"
#include "driver/pci.h"
#include "driver/platform.h"

namespace ringside::driver {

class Interrupts {
 public:
  using Handler = std::function<void()>;
  enum class Open : uint8_t { kDone, kNoCapability, kNoneLeft };

  explicit Interrupts(Platform& platform) : platform_(platform) {}
  ~Interrupts() { close(); }
  Interrupts(const Interrupts&) = delete;
  Interrupts& operator=(const Interrupts&) = delete;

  // One handler for each vector, or `shared` for the one message that stands for all. Nothing is sent before enable().
  Open open(PciFunction* function, InterruptMode mode, const std::vector<Handler>& handlers, const Handler& shared);
  void enable() const;   // writes the messages to the NIC; again after each reset of it
  void disable() const;  // ... and none is sent any more
  void close();          // gives the messages back

  bool shared() const { return msi_.present(); }
  const std::vector<MsiMessage>& messages() const { return messages_; }  // by vector; one when shared

 private:
  bool take(const Handler& handler);

  Platform& platform_;
  Msix msix_;
  Msi msi_;
  std::vector<MsiMessage> messages_;
};

}  // namespace ringside::driver

#endif  // RINGSIDE_DRIVER_INTERRUPTS_H_
