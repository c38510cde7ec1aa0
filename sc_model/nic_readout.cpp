// Reading a register of the NIC as it stands, for debuggers: NicShell::read_out(). Knows TLPs and pins, no register.
#include <cstring>

#include "sc_model/nic_shell.h"

namespace ringside::sc_model {
namespace {

// Nobody on the bus has this id, so no answer to anybody else is taken for ours.
constexpr PciId kDebugger = PciId::of(0xFF, 31, 7);
constexpr unsigned kDebuggerTag = 0xDB;
constexpr unsigned kMostCycles = 1000;

void put(const Tlp& tlp, const NicPins& pins) {
  *pins.rx_valid = *pins.rx_sop = *pins.rx_eop = 1;
  for (unsigned word = 0; word < 4; ++word) pins.rx_hdr[word] = tlp.dw[3 - word];
}

// The answer, if it begins on the pins.
bool take(const NicPins& pins, Tlp* answer) {
  if (!*pins.tx_valid || !*pins.tx_sop) return false;
  for (unsigned word = 0; word < 4; ++word) answer->dw[word] = pins.tx_hdr[3 - word];
  return answer->is_completion() && answer->requester_id() == kDebugger && answer->tag() == kDebuggerTag;
}

}  // namespace

// The MAC's clock stands still, and what the NIC sends meanwhile goes nowhere.
void NicShell::core_cycle() {
  *core_.pin = 0;
  model_->eval();
  *core_.pin = 1;
  model_->eval();
}

std::optional<uint32_t> NicShell::read_out(uint64_t address) {
  if (!*core_.reset_n) return std::nullopt;
  *pins_.tx_ready = 1;
  for (bool more = tlp_.drive_rest(); more; more = tlp_.drive_rest()) core_cycle();
  if (*pins_.rx_valid) core_cycle();
  TlpPool pool;
  put(*make_memory_read(pool, kDebugger, kDebuggerTag, address, 4), pins_);
  const TlpPtr answer = pool.allocate();
  for (unsigned cycle = 0; cycle < kMostCycles; ++cycle) {
    core_cycle();
    *pins_.rx_valid = 0;
    if (!take(pins_, answer.get())) continue;
    if (answer->kind() != TlpKind::kCplD || answer->status() != CplStatus::kSuccess) return std::nullopt;
    uint32_t value;
    std::memcpy(&value, pins_.tx_data, sizeof value);
    return value;
  }
  return std::nullopt;
}

}  // namespace ringside::sc_model
