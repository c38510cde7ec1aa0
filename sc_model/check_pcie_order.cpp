// P24 P25 P26 P38: see check_pcie_order.h.
#include "sc_model/check_pcie_order.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "sc_model/interrupt_controller.h"

namespace ringside::sc_model {
namespace {

std::string hex(uint64_t value) {
  char text[24];
  std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(value));
  return text;
}

}  // namespace

OrderChecker::OrderChecker(std::string object, const PcieSettings& settings, ViolationLog& log)
    : object_(std::move(object)), settings_(settings), log_(log) {}

void OrderChecker::on_tlp(const TlpEvent& event) {
  if (event.direction == TlpDirection::kFromDevice) from_device(event);
  else to_device(event);
}

// ---------------------------------------------------------------- the device's writes and reads, and its answers

void OrderChecker::from_device(const TlpEvent& event) {
  const Tlp& tlp = *event.tlp;
  if (tlp.kind() == TlpKind::kMWr) {
    if (tlp.first_be() == 0) return;  // a zero-length write has no effect
    const bool message = InterruptController::in_window(tlp.address());
    posted_.push_back({message ? tlp.address() : enabled_bytes(tlp).address, message});
    ++sent_;
  } else if (tlp.kind() == TlpKind::kMRd) {
    if (tlp.first_be() != 0) reads_[tlp.tag()] = {true, enabled_bytes(tlp).address, sent_};
  } else if (tlp.is_completion()) {
    answers_[tlp.tag()].after = sent_;
  }
}

void OrderChecker::on_dma(const DmaEvent& event) {
  if (event.write) return take_effect(event.time_ps, event.bus_address, false);
  Read* read = find_read(event.bus_address);
  if (read == nullptr) return;
  read->live = false;
  if (done_ < read->after)
    report("P25", event.time_ps, "a read of " + hex(event.bus_address) + " passes " + std::to_string(read->after - done_) +
                                     " posted writes, the first to " + hex(posted_.front().address));
}

void OrderChecker::on_interrupt(const InterruptEvent& event) { take_effect(event.time_ps, event.address, true); }

void OrderChecker::take_effect(TimePs now, uint64_t address, bool message) {
  history_.add(now, message ? "message to 0x%llx in effect" : "write to 0x%llx in effect", address);
  const auto it = std::find_if(posted_.begin(), posted_.end(),
                               [&](const Posted& p) { return p.address == address && p.message == message; });
  if (it == posted_.end()) return report(message ? "P38" : "P24", now, hex(address) + " was not sent by the device");
  if (it != posted_.begin())
    report(message ? "P38" : "P24", now, std::string(message ? "the message to " : "the write to ") + hex(address) +
                                             " passes the one to " + hex(posted_.front().address));
  done_ += static_cast<uint64_t>(it - posted_.begin()) + 1;
  posted_.erase(posted_.begin(), it + 1);
}

// The oldest requests are nearly always the next ones: the search goes on from the last one found.
OrderChecker::Read* OrderChecker::find_read(uint64_t address) {
  for (unsigned i = 0; i < reads_.size(); ++i) {
    const unsigned at = (next_read_ + i) % reads_.size();
    if (!reads_[at].live || reads_[at].address != address) continue;
    next_read_ = at + 1;
    return &reads_[at];
  }
  return nullptr;
}

// ---------------------------------------------------------------- the CPU's register accesses

void OrderChecker::to_device(const TlpEvent& event) {
  const Tlp& tlp = *event.tlp;
  if (tlp.kind() == TlpKind::kMWr && tlp.first_be() != 0) {
    const uint64_t address = enabled_bytes(tlp).address;
    const auto it = std::find(written_.begin(), written_.end(), address);
    if (it == written_.end()) return;
    if (it != written_.begin())
      report("P24", event.time_ps, "the write to " + hex(address) + " passes the one to " + hex(written_.front()));
    written_.erase(it);
  } else if (tlp.kind() == TlpKind::kMRd) {
    answers_[tlp.tag()] = {true, enabled_bytes(tlp).address, 0};
    if (!written_.empty())
      report("P25", event.time_ps, "a register read passes the write to " + hex(written_.front()));
  }
}

void OrderChecker::on_mmio(const MmioEvent& event) {
  if (event.bar != 0 || settings_.bar0 == 0) return;
  const uint64_t address = settings_.bar0 + event.offset;
  if (event.write) return written_.push_back(address);
  for (Read& answer : answers_) {
    if (!answer.live || answer.address != address) continue;
    answer.live = false;
    if (done_ < answer.after)
      report("P26", event.time_ps, "the answer from " + hex(address) + " passes " +
                                       std::to_string(answer.after - done_) + " posted writes, the first to " +
                                       hex(posted_.front().address));
    return;
  }
}

void OrderChecker::report(const char* rule, TimePs now, const std::string& why) {
  log_.report({rule, Side::kHostModel, now, object_, why, history_.text()});
}

}  // namespace ringside::sc_model
