// Rules between requests and completions: P11, P13 to P23. One scoreboard per direction of
// requests, by tag: one requester sends in each direction, so the tag alone names a request.
#include <algorithm>
#include <utility>

#include "sc_model/check_pcie.h"

namespace ringside::sc_model {
namespace {

TlpDirection opposite(TlpDirection d) {
  return d == TlpDirection::kToDevice ? TlpDirection::kFromDevice : TlpDirection::kToDevice;
}

uint32_t bytes_asked(const Tlp& request) {
  return request.kind() == TlpKind::kMRd ? enabled_bytes(request).bytes : 4;
}

unsigned copied(const Tlp& tlp) { return tlp.traffic_class() << 3 | tlp.attr(); }

bool wants_data(TlpKind kind) {
  return kind == TlpKind::kMRd || kind == TlpKind::kCfgRd0 || kind == TlpKind::kCfgRd1 || kind == TlpKind::kIoRd;
}

}  // namespace

MatchingChecker::MatchingChecker(std::string object, const PcieSettings& settings, ViolationLog& log)
    : object_(std::move(object)), settings_(settings), log_(log) {}

void MatchingChecker::on_tlp(const TlpEvent& event) {
  if (event.tlp->tlp_class() == TlpClass::kNonPosted) on_request(event);
  if (event.tlp->tlp_class() == TlpClass::kCompletion) on_completion(event);
}

size_t MatchingChecker::outstanding(TlpDirection requests) const {
  const Board& board = boards_[static_cast<size_t>(requests)];
  return static_cast<size_t>(std::count_if(board.begin(), board.end(), [](const Request& r) { return r.live; }));
}

// P13: a tag belongs to one outstanding request; P15 is the same after part of it was answered.
void MatchingChecker::on_request(const TlpEvent& event) {
  const Tlp& tlp = *event.tlp;
  Request& request = boards_[static_cast<size_t>(event.direction)][tlp.tag()];
  const bool begun = request.live && request.bytes_left != request.bytes_asked;
  const Timeout& timeout = timeouts_[static_cast<size_t>(event.direction)];
  const bool timed_out = event.time_ps - request.asked_ps >= timeout.retire_from;
  if (tlp.tag() > 31 && !settings_.extended_tags)
    report("P14", event, "a tag of more than 5 bits, and extended tags are off", request);
  if (request.live && !timed_out)
    report(begun ? "P15" : "P13", event, "tag is in use by an earlier request", request);
  request.live = true;
  request.kind = tlp.kind();
  request.flush = tlp.kind() == TlpKind::kMRd && tlp.first_be() == 0;
  request.bytes_asked = request.bytes_left = bytes_asked(tlp);
  request.requester = tlp.requester_id().value;
  request.next_address = tlp.kind() == TlpKind::kMRd ? enabled_bytes(tlp).address : 0;
  request.copied = copied(tlp);
  request.asked_ps = event.time_ps;
  request.history.add(event.time_ps, "request of %llu bytes at 0x%llx", request.bytes_asked, request.next_address);
}

void MatchingChecker::on_completion(const TlpEvent& event) {
  const Tlp& tlp = *event.tlp;
  Request& request = boards_[static_cast<size_t>(opposite(event.direction))][tlp.tag()];
  if (!request.live || request.requester != tlp.requester_id().value)  // P16
    return report("P16", event, "no request is outstanding with this requester and tag", request);
  request.history.add(event.time_ps, "completion, status %llu, Byte Count %llu, %llu bytes",
                      static_cast<uint64_t>(tlp.status()), tlp.byte_count(), tlp.payload_bytes);
  if (event.time_ps - request.asked_ps >= timeouts_[static_cast<size_t>(opposite(event.direction))].late_from) {
    request.live = false;
    return report("P16", event, "the request has timed out: a late completion", request);
  }
  if (copied(tlp) != request.copied) report("P23", event, "TC or Attr are not the request's", request);
  if (tlp.status() == CplStatus::kSuccess && wants_data(request.kind)) return on_data(event, request);
  request.live = false;  // an error, or the answer to a write
  check_status(event, request);
}

// P17: the four status codes, without data unless it is a success, and a retry for configuration only (2.2.9, 2.3.2).
void MatchingChecker::check_status(const TlpEvent& event, const Request& request) {
  const unsigned code = static_cast<unsigned>(event.tlp->status());
  const bool config = request.kind >= TlpKind::kCfgRd0 && request.kind <= TlpKind::kCfgWr1;
  if (code == 3 || code > 4) report("P17", event, "status " + std::to_string(code) + " is reserved", request);
  else if (code == 2 && !config) report("P17", event, "a retry status, and the request is no configuration request", request);
  else if (event.tlp->has_data()) report("P17", event, "an error completion, or the answer to a write, with data", request);
  else check_place_of_status(event, request);
}

// P18, P19 without data: of a memory read they say what would have come, as if it were a success (2.3.2); of all others
// Byte Count is 4 and Lower Address 0 (2.2.9).
void MatchingChecker::check_place_of_status(const TlpEvent& event, const Request& request) {
  const bool read = request.kind == TlpKind::kMRd;
  const uint32_t bytes = read ? request.bytes_left : 4;
  const uint64_t lower = read ? request.next_address & 0x7F : 0;
  if (event.tlp->byte_count() != bytes)
    report("P18", event, "without data, Byte Count should be " + std::to_string(bytes), request);
  else if (event.tlp->lower_address() != lower)
    report("P19", event, "without data, Lower Address should be " + std::to_string(lower), request);
}

// P21: another piece of the request than the next one, true in itself.
bool MatchingChecker::out_of_order(const Tlp& tlp, const Request& request) const {
  if (tlp.byte_count() == request.bytes_left || tlp.byte_count() > request.bytes_asked) return false;
  const uint64_t end = request.next_address + request.bytes_left;
  return tlp.lower_address() == ((end - tlp.byte_count()) & 0x7F);
}

// P18: Byte Count is what is still to come, this one included. P22: the pieces add up.
void MatchingChecker::on_data(const TlpEvent& event, Request& request) {
  const Tlp& tlp = *event.tlp;
  if (!tlp.has_data()) {
    request.live = false;
    return report("P22", event, "no data, and the read was successful", request);
  }
  if (request.flush) {
    request.live = false;
    if (tlp.length_dw() != 1 || tlp.byte_count() != 1)
      report("P11", event, "a zero-length read is answered by one DW and Byte Count 1", request);
    else if (tlp.lower_address() != (request.next_address & 0x7F))
      report("P19", event, "Lower Address of a zero-length read is its DW's", request);
    return;
  }
  if (out_of_order(tlp, request)) return report("P21", event, "not the next piece in address order", request);
  if (tlp.byte_count() != request.bytes_left)
    report("P18", event, "Byte Count should be " + std::to_string(request.bytes_left), request);
  const uint32_t room = tlp.length_dw() * 4 - (tlp.lower_address() & 3);
  const uint32_t bytes = std::min(room, request.bytes_left);
  const uint32_t padding = room - bytes;
  if (padding > 3) report("P22", event, "more data than the request asked for", request);
  check_place(event, request, bytes);
  request.next_address += bytes;
  request.bytes_left -= bytes;
  request.live = request.bytes_left > 0;
}

// P19: Lower Address is where the next byte lies. P20: a part that is not the last ends at a read completion boundary.
void MatchingChecker::check_place(const TlpEvent& event, const Request& request, uint32_t bytes) {
  if (event.tlp->lower_address() != (request.next_address & 0x7F))
    report("P19", event, "Lower Address should be " + std::to_string(request.next_address & 0x7F), request);
  if (bytes < request.bytes_left && (request.next_address + bytes) % settings_.rcb_bytes != 0)
    report("P20", event, "cut off the read completion boundary", request);
}

void MatchingChecker::report(const char* rule, const TlpEvent& event, const std::string& why, const Request& tag) {
  const Side side = event.direction == TlpDirection::kFromDevice ? Side::kDevice : Side::kHostModel;
  log_.report({rule, side, event.time_ps, object_ + " tag " + std::to_string(event.tlp->tag()),
               why + ": " + event.tlp->to_string(), tag.history.text()});
}

}  // namespace ringside::sc_model
