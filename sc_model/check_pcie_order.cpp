// P24 P25 P26 P38 D12 I1 I4: see check_pcie_order.h.
#include "sc_model/check_pcie_order.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "sc_model/interrupt_controller.h"

namespace ringside::sc_model {
namespace {

constexpr uint64_t kLineBytes = 64;
constexpr TimePs kMessageLimitPs = kPsPerMs;  // I1: far more than a message takes from the pins to the CPU

std::string hex(uint64_t value) {
  char text[24];
  std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(value));
  return text;
}

}  // namespace

OrderChecker::OrderChecker(std::string object, const PcieSettings& settings, ViolationLog& log, Accused* accused)
    : object_(std::move(object)), settings_(settings), log_(log), accused_(accused) {}

void OrderChecker::on_tlp(const TlpEvent& event) {
  if (event.direction == TlpDirection::kFromDevice)
    from_device(event);
  else
    to_device(event);
}

// ---------------------------------------------------------------- the device's writes and reads, and its answers

void OrderChecker::from_device(const TlpEvent& event) {
  const Tlp& tlp = *event.tlp;
  if (tlp.kind() == TlpKind::kMWr) {
    if (tlp.first_be() == 0) return;  // a zero-length write has no effect
    const bool message = InterruptController::in_window(tlp.address());
    const EnabledBytes enabled = enabled_bytes(tlp);
    if (message) history_.add(event.time_ps, "message to 0x%llx leaves the device", tlp.address());
    posted_.push_back({tlp.serial, ++sent_, message ? tlp.address() : enabled.address, event.time_ps,
                       enabled.bytes, message, tlp.relaxed()});
  } else if (tlp.kind() == TlpKind::kMRd) {
    if (tlp.first_be() != 0) reads_[tlp.tag()] = {true, enabled_bytes(tlp).address, sent_};
  } else if (tlp.is_completion()) {
    answers_[tlp.tag()].after = sent_;
  }
}

void OrderChecker::on_dma(const DmaEvent& event) {
  if (event.torn) return torn(event);
  if (event.write) return take_effect(event.time_ps, event.serial, event.bus_address, false);
  Read* read = find_read(event.bus_address);
  if (read == nullptr) return;
  read->live = false;
  forget_lost_messages(event.time_ps, read->after);
  if (const size_t passed = sent_before(read->after))
    report("P25", event.time_ps,
           "a read of " + hex(event.bus_address) + " passes " + std::to_string(passed) +
               " posted writes, the first to " + hex(posted_.front().address));
}

// D12: memory takes a line at once, however many writes it needs for several.
void OrderChecker::torn(const DmaEvent& event) {
  history_.add(event.time_ps, "%llu bytes at 0x%llx of a write in effect", event.bytes, event.bus_address);
  const auto it = find_posted(event.serial, event.bus_address, false);
  if (it == posted_.end() || it->address / kLineBytes != (it->address + it->bytes - 1) / kLineBytes) return;
  report("D12", event.time_ps,
         "of " + std::to_string(it->bytes) + " bytes written to " + hex(it->address) + ", within a line, " +
             std::to_string(event.bytes) + " alone take effect");
}

void OrderChecker::on_interrupt(const InterruptEvent& event) {
  take_effect(event.time_ps, event.serial, event.address, true);
}

void OrderChecker::take_effect(TimePs now, uint64_t serial, uint64_t address, bool message) {
  history_.add(now, message ? "message to 0x%llx in effect" : "write to 0x%llx in effect", address);
  auto it = find_posted(serial, address, message);
  if (it == posted_.end())
    return report(message ? "I4" : "P24", now, hex(address) + " was not sent by the device, or has been here before");
  forget_lost_messages(now, it->number - 1);
  it = find_posted(serial, address, message);
  if (it != posted_.begin() && accused_ != nullptr) accused_->add(posted_.front().address);
  if (it != posted_.begin() && !it->relaxed)
    report(message ? "P38" : "P24", now,
           std::string(message ? "the message to " : "the write to ") + hex(address) + " passes the one to " +
               hex(posted_.front().address));
  if (it == posted_.begin()) oldest_since_ps_ = now;
  posted_.erase(it);
}

// I1: a message that is the oldest when something later takes effect has been lost; messages wait for nothing.
void OrderChecker::forget_lost_messages(TimePs now, uint64_t number) {
  while (!posted_.empty() && posted_.front().message && posted_.front().number <= number) forget_message(now, "");
}

// ... and so has one that has long been the oldest: on an idle link nothing later may ever come. The time told is the
// one to look at, at which nothing held it up any more.
void OrderChecker::check_time(TimePs now) {
  while (!posted_.empty() && posted_.front().message) {
    const TimePs free_ps = std::max(oldest_since_ps_, posted_.front().sent_ps);  // nothing was before it any more
    if (now < free_ps + kMessageLimitPs) return;
    forget_message(free_ps, " within " + std::to_string(kMessageLimitPs / kPsPerUs) + " us from then");
  }
}

void OrderChecker::forget_message(TimePs at, const std::string& bound) {
  report("I1", at, "the message to " + hex(posted_.front().address) + " has not reached the CPU" + bound);
  posted_.pop_front();
}

// By the number of the TLP; without one, the oldest to that address.
std::deque<OrderChecker::Posted>::iterator OrderChecker::find_posted(uint64_t serial, uint64_t address, bool message) {
  return std::find_if(posted_.begin(), posted_.end(), [&](const Posted& p) {
    return serial != 0 ? p.serial == serial : p.address == address && p.message == message;
  });
}

size_t OrderChecker::sent_before(uint64_t number) const {
  size_t n = 0;
  while (n < posted_.size() && posted_[n].number <= number) ++n;
  return n;
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
    const auto it = std::find_if(written_.begin(), written_.end(), [&](const Written& w) {
      return w.serial != 0 ? w.serial == tlp.serial : w.address == address;
    });
    if (it == written_.end()) return;
    if (it != written_.begin())
      report("P24", event.time_ps, "the write to " + hex(address) + " passes the one to " + hex(written_.front().address));
    written_.erase(it);
  } else if (tlp.kind() == TlpKind::kMRd) {
    answers_[tlp.tag()] = {true, enabled_bytes(tlp).address, 0};
    // TLPs are numbered as they are made: a write with a higher number was made later than the read, and may pass it.
    if (!written_.empty() && written_.front().serial < tlp.serial)
      report("P25", event.time_ps, "a register read passes the write to " + hex(written_.front().address));
  }
}

void OrderChecker::on_mmio(const MmioEvent& event) {
  if (event.bar != 0 || settings_.bar0 == 0) return;
  const uint64_t address = settings_.bar0 + event.offset;
  if (event.write) return written_.push_back({event.serial, address});
  for (Read& answer : answers_) {
    if (!answer.live || answer.address != address) continue;
    answer.live = false;
    forget_lost_messages(event.time_ps, answer.after);
    if (const size_t passed = sent_before(answer.after))
      report("P26", event.time_ps,
             "the answer from " + hex(address) + " passes " + std::to_string(passed) + " posted writes, the first to " +
                 hex(posted_.front().address));
    return;
  }
}

void OrderChecker::report(const char* rule, TimePs now, const std::string& why) {
  log_.report({rule, Side::kHostModel, now, object_, why, history_.text()});
}

}  // namespace ringside::sc_model
