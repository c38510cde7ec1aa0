// Rules of one TLP by itself: P1, P3, P4, P6, P7, P8, P9, P12.
#include <utility>

#include "sc_model/check_pcie.h"

namespace ringside::sc_model {
namespace {

bool is_memory(const Tlp& tlp) { return tlp.kind() == TlpKind::kMRd || tlp.kind() == TlpKind::kMWr; }

}  // namespace

void TlpTrail::on_tlp(const TlpEvent& event) {
  const Tlp& tlp = *event.tlp;
  const char* what = event.direction == TlpDirection::kToDevice ? "to device %08llx %08llx %08llx"
                                                                : "from device %08llx %08llx %08llx";
  history_.add(event.time_ps, what, tlp.dw[0], tlp.dw[1], tlp.header_dw() == 3 ? tlp.dw[2] : tlp.address());
}

FormatChecker::FormatChecker(std::string object, const PcieSettings& settings, ViolationLog& log,
                             const TlpTrail* trail)
    : object_(std::move(object)), settings_(settings), log_(log), trail_(trail) {}

void FormatChecker::on_tlp(const TlpEvent& event) {
  check_length(event);
  if (event.direction == TlpDirection::kFromDevice) check_requester(event);
  if (!is_memory(*event.tlp)) return;
  check_address_format(event);
  check_boundary(event);
  check_byte_enables(event);
  if (event.direction == TlpDirection::kFromDevice) check_limits(event);
}

// P1: a 4-DW header only when the address needs it.
void FormatChecker::check_address_format(const TlpEvent& event) {
  if (event.tlp->header_dw() == 4 && event.tlp->address() >> 32 == 0)
    report("P1", event, "4-DW header for an address below 4 GiB");
}

// P3: Length is the payload's, and reserved (zero) in TLPs without one that is not a memory read.
void FormatChecker::check_length(const TlpEvent& event) {
  const Tlp& tlp = *event.tlp;
  if (tlp.has_data() && tlp.payload_bytes != tlp.length_dw() * 4)
    report("P3", event, "Length says " + std::to_string(tlp.length_dw()) + " DW, payload has " +
                            std::to_string(tlp.payload_bytes) + " bytes");
  const bool reserved = tlp.kind() == TlpKind::kCpl || tlp.kind() == TlpKind::kMsg;
  if (reserved && tlp.length_field() != 0) report("P3", event, "Length not 0 in a TLP without data");
}

void FormatChecker::check_limits(const TlpEvent& event) {
  const Tlp& tlp = *event.tlp;
  const uint32_t bytes = tlp.length_dw() * 4;
  if (tlp.kind() == TlpKind::kMWr && bytes > settings_.mps_bytes)  // P4
    report("P4", event, std::to_string(bytes) + " bytes, Max_Payload_Size is " + std::to_string(settings_.mps_bytes));
  if (tlp.kind() == TlpKind::kMRd && bytes > settings_.mrrs_bytes)  // P6
    report("P6", event,
           std::to_string(bytes) + " bytes, Max_Read_Request_Size is " + std::to_string(settings_.mrrs_bytes));
}

// P7: no request crosses a 4 KiB boundary.
void FormatChecker::check_boundary(const TlpEvent& event) {
  const Tlp& tlp = *event.tlp;
  if ((tlp.address() & 0xFFF) + tlp.length_dw() * 4 > 0x1000) report("P7", event, "crosses a 4 KiB boundary");
}

// P12: the id that the function has captured from configuration writes, as requester and as completer.
void FormatChecker::check_requester(const TlpEvent& event) {
  const Tlp& tlp = *event.tlp;
  const PciId id = tlp.is_completion() ? tlp.completer_id() : tlp.requester_id();
  if (settings_.function.value == 0 && tlp.is_completion()) return;  // before the first write it may not know (2.2.9)
  if (!(id == settings_.function)) report("P12", event, "sent as " + to_string(id) + ", the function is " +
                                                            to_string(settings_.function));
}

// P8, P9: byte enables that fit the length.
void FormatChecker::check_byte_enables(const TlpEvent& event) {
  const Tlp& tlp = *event.tlp;
  const bool one = tlp.length_dw() == 1;
  if (!one && tlp.first_be() == 0) report("P8", event, "First DW BE is 0 with more than one DW");
  if (one && tlp.last_be() != 0) report("P9", event, "Last DW BE is not 0 with one DW");
  if (!one && tlp.last_be() == 0) report("P9", event, "Last DW BE is 0 with more than one DW");
}

void FormatChecker::report(const char* rule, const TlpEvent& event, const std::string& why) {
  const Side side = event.direction == TlpDirection::kFromDevice ? Side::kDevice : Side::kHostModel;
  log_.report({rule, side, event.time_ps, object_, why + ": " + event.tlp->to_string(),
               trail_ != nullptr ? trail_->text() : std::vector<std::string>{}});
}

}  // namespace ringside::sc_model
