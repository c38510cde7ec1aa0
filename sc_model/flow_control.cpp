#include "sc_model/flow_control.h"

namespace ringside::sc_model {

const char* to_string(CreditKind kind) {
  static const char* const kNames[] = {"PH", "PD", "NPH", "NPD", "CPLH", "CPLD"};
  return kNames[static_cast<unsigned>(kind)];
}

void CreditCounts::add(const Tlp& tlp) {
  const CreditKind header = header_kind(tlp.tlp_class());
  const CreditKind data = data_kind(tlp.tlp_class());
  set(header, (*this)[header] + 1u);
  set(data, (*this)[data] + tlp.data_credits());
}

bool CreditLedger::enough(CreditKind kind, unsigned needed) const {
  const unsigned mask = CreditCounts::mask(static_cast<unsigned>(kind));
  return ((limit_[kind] - (consumed_[kind] + needed)) & mask) <= (mask + 1) / 2;
}

bool CreditLedger::allows(const Tlp& tlp) const {
  const TlpClass c = tlp.tlp_class();
  if (infinite_[static_cast<unsigned>(c)]) return true;
  return enough(header_kind(c), 1) && (tlp.data_credits() == 0 || enough(data_kind(c), tlp.data_credits()));
}

}  // namespace ringside::sc_model
