// Interrupt controller: message address and data -> interrupt number -> handler on the CPU.
//
// Messages are memory writes of one DW to the window kWindowStart..kWindowEnd, as on x86 (Intel SDM volume 3, 11.11);
// the number is in the data, the address must be the one handed out with it. A message that fits no requested
// interrupt is counted as spurious and told to observers with irq -1.
#ifndef RINGSIDE_SC_MODEL_INTERRUPT_CONTROLLER_H_
#define RINGSIDE_SC_MODEL_INTERRUPT_CONTROLLER_H_

#include <cstdint>
#include <functional>
#include <vector>

#include "driver/platform.h"
#include "sc_model/host_cpu.h"
#include "sc_model/observer.h"

namespace ringside::sc_model {

class InterruptController {
 public:
  static constexpr uint64_t kWindowStart = 0xFEE0'0000;
  static constexpr uint64_t kWindowEnd = 0xFEF0'0000;
  static constexpr int kInterrupts = 128;

  InterruptController(HostCpu& cpu, const ObserverList& observers);

  // irq is -1 when none is left.
  driver::MsiMessage request(std::function<void()> handler);
  void release(int irq);

  static bool in_window(uint64_t address) { return address >= kWindowStart && address < kWindowEnd; }
  // `serial`: of the TLP that brought it, for observers.
  void message(uint64_t address, uint32_t data, TimePs now, uint64_t serial = 0);

  uint64_t messages() const { return messages_; }
  uint64_t spurious() const { return spurious_; }

 private:
  static uint64_t address_of(int irq) { return kWindowStart | static_cast<uint64_t>(irq) << 12; }
  static uint32_t data_of(int irq) { return 0x4000u | static_cast<uint32_t>(0x20 + irq); }
  void handle(int irq);

  HostCpu& cpu_;
  const ObserverList& observers_;
  std::vector<std::function<void()>> handlers_;
  uint64_t messages_ = 0;
  uint64_t spurious_ = 0;
};

}  // namespace ringside::sc_model

#endif  // RINGSIDE_SC_MODEL_INTERRUPT_CONTROLLER_H_
