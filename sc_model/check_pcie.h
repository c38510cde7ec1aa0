// Always-on PCIe rules at the NIC's TLP interface, both directions. Passive. Files by kind of rule:
//   check_pcie_format.cpp    P1 P3 P4 P6 P7 P8 P9 P12           header and length rules of one TLP
//   check_pcie_matching.cpp  P11, P13 to P23                    requests, tags and completions
//                            A tag retires with its last byte, an error completion or a completion time-out (2.8).
//   check_pcie_credits.cpp   P29, P30                           flow control ledger; room for completions asked for
// The side at fault is the one that sent the TLP: the device, or the host model (the driver when its MMIO made it).
#ifndef RINGSIDE_SC_MODEL_CHECK_PCIE_H_
#define RINGSIDE_SC_MODEL_CHECK_PCIE_H_

#include <array>
#include <cstdint>
#include <string>

#include "sc_model/event_history.h"
#include "sc_model/flow_control.h"
#include "sc_model/observer.h"
#include "sc_model/pcie_settings.h"
#include "sc_model/violation.h"

namespace ringside::sc_model {

// The last TLPs at the NIC, both directions: the history of violations that are about no tag. Join it first.
class TlpTrail : public Observer {
 public:
  void on_tlp(const TlpEvent& event) override;
  std::vector<std::string> text() const { return history_.text(); }

 private:
  EventHistory<12> history_;
};

// `trail` may be null.
class FormatChecker : public Observer {
 public:
  FormatChecker(std::string object, const PcieSettings& settings, ViolationLog& log, const TlpTrail* trail = nullptr);
  void on_tlp(const TlpEvent& event) override;

 private:
  void check_address_format(const TlpEvent& event);  // P1
  void check_length(const TlpEvent& event);          // P3
  void check_limits(const TlpEvent& event);          // P4, P6
  void check_boundary(const TlpEvent& event);        // P7
  void check_requester(const TlpEvent& event);       // P12
  void check_byte_enables(const TlpEvent& event);    // P8, P9
  void report(const char* rule, const TlpEvent& event, const std::string& why);

  std::string object_;
  const PcieSettings& settings_;
  ViolationLog& log_;
  const TlpTrail* trail_;
};

// One scoreboard per direction of requests.
class MatchingChecker : public Observer {
 public:
  MatchingChecker(std::string object, const PcieSettings& settings, ViolationLog& log);
  void on_tlp(const TlpEvent& event) override;
  // Completion time-out of the requester, by direction of requests: from the age `retire_from` on the tag may be used
  // again, from `late_from` on a completion comes too late (P16). kNever: never.
  struct Timeout { TimePs retire_from = kNever, late_from = kNever; };
  void set_timeout(TlpDirection requests, const Timeout& t) { timeouts_[static_cast<size_t>(requests)] = t; }
  // Requests not answered yet; at the end of a quiet run this must be 0.
  size_t outstanding(TlpDirection requests) const;

 private:
  struct Request {
    bool live = false;
    TlpKind kind = TlpKind::kOther;
    bool flush = false;  // a zero-length read
    uint32_t bytes_asked = 0;
    uint32_t bytes_left = 0;
    uint16_t requester = 0;
    uint64_t next_address = 0;  // of the next byte to come
    unsigned copied = 0;        // TC and Attr
    TimePs asked_ps = 0;
    EventHistory<6> history;    // of the tag, this request's and the ones before
  };
  using Board = std::array<Request, 256>;
  void on_request(const TlpEvent& event);     // P13, P14, P15
  void on_completion(const TlpEvent& event);  // P16, P23
  void on_data(const TlpEvent& event, Request& request);                                // P11, P18, P19, P22
  bool out_of_order(const Tlp& tlp, const Request& request) const;                      // P21
  void check_status(const TlpEvent& event, const Request& request);                     // P17
  void check_place_of_status(const TlpEvent& event, const Request& request);            // P18, P19
  void check_place(const TlpEvent& event, const Request& request, uint32_t bytes);  // P19, P20
  void report(const char* rule, const TlpEvent& event, const std::string& why, const Request& tag);

  std::string object_;
  const PcieSettings& settings_;
  ViolationLog& log_;
  std::array<Board, 2> boards_;
  std::array<Timeout, 2> timeouts_;
};

// Both directions, against the limits as they stand at the pins.
class CreditChecker : public Observer {
 public:
  CreditChecker(std::string object, ViolationLog& log, const TlpTrail* trail = nullptr);
  void on_tlp(const TlpEvent& event) override;
  void on_credits(const CreditEvent& event) override;
  const CreditLedger& ledger(TlpDirection direction) const { return ledgers_[static_cast<size_t>(direction)]; }

 private:
  std::string object_;
  ViolationLog& log_;
  const TlpTrail* trail_;
  std::array<CreditLedger, 2> ledgers_;
};

// P30: what the device's reads will bring, in units of 16 bytes as they are buffered, fits into its completion buffer.
class CompletionRoomChecker : public Observer {
 public:
  CompletionRoomChecker(std::string object, const PcieSettings& settings, ViolationLog& log,
                        const TlpTrail* trail = nullptr);
  void on_tlp(const TlpEvent& event) override;

 private:
  std::string object_;
  const PcieSettings& settings_;
  ViolationLog& log_;
  const TlpTrail* trail_;
  std::array<uint32_t, 256> expected_{};  // by tag
  uint32_t sum_ = 0;
};

}  // namespace ringside::sc_model

#endif  // RINGSIDE_SC_MODEL_CHECK_PCIE_H_
