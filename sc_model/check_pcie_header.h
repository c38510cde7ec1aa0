// Rules of a TLP's header that need no memory of other TLPs, both directions: P2 P5 P10 P28 P43 P44 P46. Passive; the
// side at fault is the one that sent the TLP. P1 and the rules of length and address are in check_pcie.h.
#ifndef RINGSIDE_SC_MODEL_CHECK_PCIE_HEADER_H_
#define RINGSIDE_SC_MODEL_CHECK_PCIE_HEADER_H_

#include <string>

#include "sc_model/check_pcie.h"

namespace ringside::sc_model {

class HeaderChecker : public Observer {
 public:
  HeaderChecker(std::string object, const PcieSettings& settings, ViolationLog& log, const TlpTrail* trail = nullptr);
  void on_tlp(const TlpEvent& event) override;

 private:
  bool check_kind(const TlpEvent& event);             // P2, P46
  void check_payload(const TlpEvent& event);          // P5
  void check_contiguous(const TlpEvent& event);       // P10
  void check_attributes(const TlpEvent& event);       // P28
  void check_reserved(const TlpEvent& event);         // P43, P44
  void report(const char* rule, const TlpEvent& event, const std::string& why);

  std::string object_;
  const PcieSettings& settings_;
  ViolationLog& log_;
  const TlpTrail* trail_;
};

}  // namespace ringside::sc_model

#endif  // RINGSIDE_SC_MODEL_CHECK_PCIE_HEADER_H_
