// Registers: typed access to the NIC's BAR, and the bounded wait.
//
// A register of the map (nic_regs.h) is named by its type: read<regs::Status>(), write<regs::TxProdIdx>(index, queue).
// Wide ones go as two 32-bit accesses, LO first, which is what freezes a counter's HI half.
// Ordering: writes are posted; a read returns after all earlier writes have arrived (platform.h, ordering 4).
// Errors: a function that is gone reads as all ones. Threads: none.
#ifndef RINGSIDE_DRIVER_REGISTERS_H_
#define RINGSIDE_DRIVER_REGISTERS_H_

#include <algorithm>
#include <cstdint>

#include "driver/nic_regs.h"
#include "driver/platform.h"

namespace ringside::driver {

class Registers {
 public:
  Registers() = default;
  explicit Registers(PciFunction* function) : function_(function) {}

  // `at` is the queue, vector or element number of registers that have one.
  template <class Reg, class... At>
  regs::Value<Reg> read(At... at) const {
    static_assert(sizeof(typename Reg::Bits) == 4, "use read_wide()");
    return {function_->mmio_read32(regs::kBar, Reg::address(at...))};
  }
  template <class Reg, class... At>
  void write(regs::Value<Reg> value, At... at) const {
    if constexpr (sizeof(typename Reg::Bits) == 8) {
      write_wide(Reg::address(at...), value.bits);
    } else {
      function_->mmio_write32(regs::kBar, Reg::address(at...), value.bits);
    }
  }
  template <class Reg, class... At>
  void write(typename Reg::Bits bits, At... at) const {
    write(regs::Value<Reg>{bits}, at...);
  }
  uint64_t read_wide(uint32_t address) const {
    const uint64_t low = function_->mmio_read32(regs::kBar, address);
    return low | uint64_t{function_->mmio_read32(regs::kBar, address + 4)} << 32;
  }
  uint64_t read_counter(size_t ordinal) const { return read_wide(regs::counter_address(ordinal)); }

 private:
  void write_wide(uint32_t address, uint64_t bits) const {
    function_->mmio_write32(regs::kBar, address, static_cast<uint32_t>(bits));
    function_->mmio_write32(regs::kBar, address + 4, static_cast<uint32_t>(bits >> 32));
  }

  PciFunction* function_ = nullptr;
};

// Asks `done` until it says yes or `limit_ns` have been waited; at intervals of 1 us that double up to 1 ms.
template <class Done>
bool wait_until(Platform& platform, uint64_t limit_ns, Done done) {
  uint64_t step_ns = 1'000;
  for (uint64_t waited_ns = 0; waited_ns <= limit_ns; waited_ns += step_ns) {
    if (done()) return true;
    if (waited_ns) step_ns = std::min<uint64_t>(2 * step_ns, 1'000'000);
    platform.delay_ns(step_ns);
  }
  return false;
}

}  // namespace ringside::driver

#endif  // RINGSIDE_DRIVER_REGISTERS_H_
