// P40: registers that are plainly read and write hold what was written, byte by byte as the byte enables say, in reads
// of one DW and of more. Judged at the pins, for the registers of the map that the device itself never changes; a reset
// forgets. Passive; the side at fault is the device.
#ifndef RINGSIDE_SC_MODEL_CHECK_RING_REGISTERS_H_
#define RINGSIDE_SC_MODEL_CHECK_RING_REGISTERS_H_

#include <array>
#include <string>
#include <vector>

#include "sc_model/check_ring.h"
#include "sc_model/observer.h"
#include "sc_model/pcie_settings.h"

namespace ringside::sc_model {

class RegisterChecker : public Observer {
 public:
  RegisterChecker(std::string object, const PcieSettings& settings, ViolationLog& log);
  void on_tlp(const TlpEvent& event) override;

 private:
  struct Register { uint32_t judged = 0, known = 0, value = 0; };  // bits
  void judge(uint32_t offset, uint64_t bits) { registers_[offset / 4].judged = static_cast<uint32_t>(bits); }
  void on_write(const TlpEvent& event, uint32_t offset);
  void on_value(const TlpEvent& event, uint32_t offset, uint32_t value);
  void forget();

  std::string object_;
  const PcieSettings& settings_;
  ViolationLog& log_;
  std::vector<Register> registers_;
  std::array<uint32_t, 256> asked_{};  // offset + 1 of a register read, by tag; 0: none
  EventHistory<8> history_;
};

}  // namespace ringside::sc_model

#endif  // RINGSIDE_SC_MODEL_CHECK_RING_REGISTERS_H_
