// Flow control credits of a PCIe link (2.6.1): six kinds, cumulative counters, modulo arithmetic.
//
// A sender may send when limit - (consumed + needed), taken modulo 2^bits, is at most half the range. Headers count
// modulo 2^8, data modulo 2^12 in units of 16 bytes. No limit is said by set_infinite(), not by zero.
#ifndef RINGSIDE_SC_MODEL_FLOW_CONTROL_H_
#define RINGSIDE_SC_MODEL_FLOW_CONTROL_H_

#include <array>
#include <cstdint>

#include "sc_model/tlp.h"

namespace ringside::sc_model {

enum class CreditKind : uint8_t { kPh, kPd, kNph, kNpd, kCplh, kCpld };
constexpr unsigned kCreditKinds = 6;
const char* to_string(CreditKind kind);

// One cumulative number per kind; header kinds use 8 bits, data kinds 12.
struct CreditCounts {
  std::array<uint16_t, kCreditKinds> of{};
  static constexpr uint16_t mask(unsigned kind) { return kind % 2 == 0 ? 0xFF : 0xFFF; }
  uint16_t operator[](CreditKind kind) const { return of[static_cast<unsigned>(kind)]; }
  void set(CreditKind kind, unsigned value) {
    const unsigned k = static_cast<unsigned>(kind);
    of[k] = static_cast<uint16_t>(value & mask(k));
  }
  void add(const Tlp& tlp);  // what this TLP costs
  bool operator==(const CreditCounts& o) const { return of == o.of; }
};

constexpr CreditKind header_kind(TlpClass c) { return static_cast<CreditKind>(2 * static_cast<unsigned>(c)); }
constexpr CreditKind data_kind(TlpClass c) { return static_cast<CreditKind>(2 * static_cast<unsigned>(c) + 1); }

// The sender's ledger.
class CreditLedger {
 public:
  void set_infinite(TlpClass c) { infinite_[static_cast<unsigned>(c)] = true; }
  void set_limit(const CreditCounts& limit) { limit_ = limit; }
  bool allows(const Tlp& tlp) const;
  void consume(const Tlp& tlp) { consumed_.add(tlp); }
  const CreditCounts& consumed() const { return consumed_; }
  const CreditCounts& limit() const { return limit_; }
  // What is left of a kind that has a limit; counts wrap.
  unsigned left(CreditKind kind) const {
    const unsigned mask = CreditCounts::mask(static_cast<unsigned>(kind));
    return (static_cast<unsigned>(limit_[kind]) - consumed_[kind]) & mask;
  }

 private:
  bool enough(CreditKind kind, unsigned needed) const;
  CreditCounts limit_;
  CreditCounts consumed_;
  std::array<bool, 3> infinite_{};
};

}  // namespace ringside::sc_model

#endif  // RINGSIDE_SC_MODEL_FLOW_CONTROL_H_
