// The part of the root complex that misbehaves on purpose. Nothing here runs without a FaultInjector.
#include <algorithm>
#include <utility>

#include "sc_model/root_complex.h"

namespace ringside::sc_model {
namespace {

constexpr uint64_t kLineBytes = 64;  // what a host's memory system writes at once

bool within_a_line(const EnabledBytes& e) {
  return e.address / kLineBytes == (e.address + e.bytes - 1) / kLineBytes;
}

}  // namespace

// ---------------------------------------------------------------- reads

bool RootComplex::read_is_refused(const Tlp& request) {
  CplStatus status = CplStatus::kSuccess;
  if (fault(FaultKind::kUr)) status = CplStatus::kUnsupportedRequest;
  if (fault(FaultKind::kIommuRead)) status = CplStatus::kUnsupportedRequest;
  if (fault(FaultKind::kCa)) status = CplStatus::kCompleterAbort;
  const bool lost = fault(FaultKind::kCompletionLost) != nullptr;
  if (status == CplStatus::kSuccess && !lost) return false;
  const EnabledBytes enabled = enabled_bytes(request);
  observers_.dma({sim_now_ps(), false, enabled.address, enabled.bytes, true, request.serial, false});
  ++counters_.unsupported;
  if (!lost) link_.send(make_completion(pool_, kRequesterId, request, status));
  return true;
}

// One DW less shows when it does not end at a boundary, where a first part might.
bool RootComplex::can_be_short(const Tlp& request) const {
  return request.length_dw() > 1 && (request.address() + request.length_dw() * 4 - 4) % profile_.rcb_bytes != 0;
}

RootComplex::ReadFault RootComplex::read_fault(const Tlp& request) {
  ReadFault wrong;
  wrong.poisoned = fault(FaultKind::kPoison) != nullptr;
  wrong.duplicate = fault(FaultKind::kCompletionDuplicate) != nullptr;
  wrong.cut_short = can_be_short(request) && fault(FaultKind::kCompletionShort) != nullptr;
  if (const FaultSpec* spec = fault(FaultKind::kCompletionLate)) wrong.late_ps = spec->lasts_ps();
  return wrong;
}

// The last completion of a read.
void RootComplex::spoil(Tlp& completion, const ReadFault& fault) {
  if (fault.poisoned) completion.set_poisoned();
  if (!fault.cut_short) return;
  completion.payload_bytes -= 4;
  completion.dw[0] = (completion.dw[0] & ~0x3FFu) | completion.payload_bytes / 4;
}

// ---------------------------------------------------------------- posted writes and messages

// True when the TLP was put on its way here. Else `visible` is when it takes effect, which may be later than it was.
bool RootComplex::posted_fault(TlpPtr& tlp, TimePs& visible) {
  if (tlp->kind() != TlpKind::kMWr || tlp->first_be() == 0) return false;
  if (InterruptController::in_window(tlp->address())) {
    interrupt_fault(tlp, visible);
    return !tlp;
  }
  if (fault(FaultKind::kIommuWrite)) tlp->note = kDrop;
  if (const FaultSpec* spec = fault(FaultKind::kWriteDelayed)) visible += spec->lasts_ps();
  if (const FaultSpec* spec = fault(FaultKind::kInterruptEarly)) messages_early_until_ps_ = visible += spec->lasts_ps();
  const bool line = within_a_line(enabled_bytes(*tlp));
  const FaultKind torn = line ? FaultKind::kWriteTornLine : FaultKind::kWriteTorn;
  if (tlp->length_dw() > 1 && faults_->armed(torn)) {
    if (const FaultSpec* spec = fault(torn)) {
      schedule(visible, EventClass::kRootComplex, kPostedVisible, head_of(*tlp));
      visible += spec->lasts_ps();
    }
  }
  const FaultSpec* overtaken = fault(FaultKind::kWriteOvertaken);
  if (overtaken == nullptr) return false;
  posted_visible_ps_ = visible;
  schedule(visible + overtaken->lasts_ps(), EventClass::kRootComplex, kPostedVisible, std::move(tlp));
  return true;
}

// What of a torn write takes effect first: up to the end of its first line, or its first half when it has but one. The
// whole write comes later; it has the bytes of the head once more, gives the credits back, and keeps the order for all
// that follow.
TlpPtr RootComplex::head_of(const Tlp& write) {
  const EnabledBytes enabled = enabled_bytes(write);
  const uint64_t middle = enabled.address + enabled.bytes / 2;
  const uint64_t line_end = (enabled.address / kLineBytes + 1) * kLineBytes;
  const uint64_t cut = std::max(write.address() + 4, (within_a_line(enabled) ? middle : line_end) & ~uint64_t{3});
  const uint8_t* data = write.payload + (enabled.address - write.address());
  TlpPtr head = make_memory_write(pool_, write.requester_id(), enabled.address, data,
                                  static_cast<uint32_t>(cut - enabled.address));
  head->note = kTornHead;
  head->serial = write.serial;
  return head;
}

void RootComplex::interrupt_fault(TlpPtr& tlp, TimePs& visible) {
  if (fault(FaultKind::kInterruptLost)) tlp->note = kDrop;
  if (const FaultSpec* spec = fault(FaultKind::kInterruptDouble)) {
    TlpPtr again = pool_.clone(*tlp);
    again->note = kAgain;
    again->serial = tlp->serial;
    schedule(visible + spec->lasts_ps(), EventClass::kRootComplex, kPostedVisible, std::move(again));
  }
  if (sim_now_ps() >= messages_early_until_ps_) return;
  const TimePs arrival = sim_now_ps() + profile_.root_latency_ns * kPsPerNs;
  schedule(arrival, EventClass::kRootComplex, kPostedVisible, std::move(tlp));
}

}  // namespace ringside::sc_model
