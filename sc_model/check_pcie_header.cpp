// P2 P5 P10 P28 P43 P44 P46: see check_pcie_header.h.
#include "sc_model/check_pcie_header.h"

#include <utility>

#include "sc_model/interrupt_controller.h"

namespace ringside::sc_model {
namespace {

constexpr unsigned kNoSnoop = 1, kRelaxed = 2, kIdOrdered = 4;  // of Tlp::attr()

// Reserved bits of the first word (2.2.1): T9 and T8 where tags have 8 bits, LN, TH and AT where neither hints nor
// address translation are offered.
constexpr uint32_t kReservedBits = 1u << 23 | 1u << 19 | 1u << 17 | 1u << 16 | 3u << 10;

bool is_memory(TlpKind kind) { return kind == TlpKind::kMRd || kind == TlpKind::kMWr; }

// Assert_INTA .. Deassert_INTD (2.2.8.1); the message code is the last byte of the second word.
bool is_intx(const Tlp& tlp) { return tlp.kind() == TlpKind::kMsg && (tlp.dw[1] & 0xF8) == 0x20; }

// What a function of type 0 may send: no configuration and no I/O requests (2.2.1, 7.5.1).
bool endpoint_sends(TlpKind kind) {
  return is_memory(kind) || kind == TlpKind::kCpl || kind == TlpKind::kCplD || kind == TlpKind::kMsg ||
         kind == TlpKind::kMsgD;
}

// The enables of the first DW reach to its end, those of the last from its start.
bool reaches_end(unsigned first_be) { return first_be == 0xF || first_be == 0xE || first_be == 0xC || first_be == 8; }
bool from_start(unsigned last_be) { return last_be == 1 || last_be == 3 || last_be == 7 || last_be == 0xF; }

}  // namespace

HeaderChecker::HeaderChecker(std::string object, const PcieSettings& settings, ViolationLog& log,
                             const TlpTrail* trail)
    : object_(std::move(object)), settings_(settings), log_(log), trail_(trail) {}

void HeaderChecker::on_tlp(const TlpEvent& event) {
  if (!check_kind(event)) return;
  check_reserved(event);
  if (event.tlp->is_completion()) return check_payload(event);
  check_attributes(event);
  if (is_memory(event.tlp->kind())) check_contiguous(event);
}

bool HeaderChecker::check_kind(const TlpEvent& event) {
  const Tlp& tlp = *event.tlp;
  const bool from_device = event.direction == TlpDirection::kFromDevice;
  if (from_device && is_intx(tlp)) {
    report("P46", event, "an INTx message, where MSI or MSI-X is all there is");
    return false;
  }
  if (tlp.kind() != TlpKind::kOther && (!from_device || endpoint_sends(tlp.kind()))) return true;
  report("P2", event, tlp.kind() == TlpKind::kOther ? "Fmt and Type are no defined pair" : "an endpoint does not send this");
  return false;
}

void HeaderChecker::check_payload(const TlpEvent& event) {
  if (event.tlp->payload_bytes > settings_.mps_bytes)
    report("P5", event, std::to_string(event.tlp->payload_bytes) + " bytes, Max_Payload_Size is " +
                            std::to_string(settings_.mps_bytes));
}

// Holes are legal in one DW, and in two that lie in one aligned quadword (2.2.5). First and Last BE of zero are P8 and
// P9.
void HeaderChecker::check_contiguous(const TlpEvent& event) {
  const Tlp& tlp = *event.tlp;
  const unsigned dw = tlp.length_dw();
  if (dw == 1 || (dw == 2 && (tlp.address() & 4) == 0) || tlp.first_be() == 0 || tlp.last_be() == 0) return;
  if (!reaches_end(tlp.first_be()) || !from_start(tlp.last_be())) report("P10", event, "byte enables with a hole");
}

// Completions copy theirs (P23). A message must never pass the writes that it announces, whatever is enabled.
void HeaderChecker::check_attributes(const TlpEvent& event) {
  const unsigned attr = event.tlp->attr();
  if (attr == 0) return;
  const bool message = event.tlp->kind() == TlpKind::kMWr && InterruptController::in_window(event.tlp->address());
  if ((attr & kRelaxed) != 0 && (message || !settings_.relaxed_ordering))
    report("P28", event, message ? "relaxed ordering on a message" : "relaxed ordering is not enabled");
  if ((attr & kNoSnoop) != 0 && !settings_.no_snoop) report("P28", event, "no-snoop is not enabled");
  if ((attr & kIdOrdered) != 0) report("P28", event, "ID-based ordering is not enabled");
}

// P43: nobody has enabled ECRC, so there is no digest behind the payload. P44: reserved is zero.
void HeaderChecker::check_reserved(const TlpEvent& event) {
  const Tlp& tlp = *event.tlp;
  if (tlp.digest()) report("P43", event, "TD is set, and no digest follows");
  const bool low_bits = is_memory(tlp.kind()) && (tlp.dw[tlp.header_dw() - 1] & 3) != 0;
  const bool completion_bit = tlp.is_completion() && (tlp.dw[2] & 0x80) != 0;
  if ((tlp.dw[0] & kReservedBits) != 0 || low_bits || completion_bit) report("P44", event, "reserved bits are not zero");
}

void HeaderChecker::report(const char* rule, const TlpEvent& event, const std::string& why) {
  const Side side = event.direction == TlpDirection::kFromDevice ? Side::kDevice : Side::kHostModel;
  log_.report({rule, side, event.time_ps, object_, why + ": " + event.tlp->to_string(),
               trail_ != nullptr ? trail_->text() : std::vector<std::string>{}});
}

}  // namespace ringside::sc_model
