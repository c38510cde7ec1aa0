#include "sc_model/root_complex.h"

#include <algorithm>
#include <utility>

namespace ringside::sc_model {

namespace {
constexpr TimePs kTagRestPs = 100 * kPsPerMs;  // of a tag whose request was given up
constexpr uint64_t kEventMask = 7;  // Tlps are 8-byte aligned, so the low bits of an argument can name the event
static_assert(alignof(Tlp) >= 8);
}  // namespace

RootComplex::RootComplex(Scheduler& scheduler, TlpPool& pool, const HostProfile& profile, uint64_t seed,
                         PcieLink& link, Iommu& iommu, InterruptController& interrupts, const ObserverList& observers)
    : scheduler_(scheduler), pool_(pool), profile_(profile), link_(link), iommu_(iommu), interrupts_(interrupts),
      observers_(observers), write_random_(seed, 1), read_random_(seed, 2), split_random_(seed, 3) {}

void RootComplex::schedule(TimePs when, EventClass event_class, Event event, TlpPtr tlp) {
  ++in_flight_;
  scheduler_.at(when, event_class, *this, reinterpret_cast<uint64_t>(tlp.release()) | event);
}

void RootComplex::fire(uint64_t argument) {
  const Event event = static_cast<Event>(argument & kEventMask);
  if (event == kTimeout) return time_out(argument);
  const bool from_device = event == kPostedVisible || event == kNonPosted || event == kCompletion;
  if (from_device && foreign_write_) return behind_foreign_.push_back(argument);
  TlpPtr tlp(reinterpret_cast<Tlp*>(argument & ~kEventMask));
  --in_flight_;
  if (from_device && is_foreign(*tlp)) return event == kPostedVisible ? write_foreign(std::move(tlp)) : read_foreign(std::move(tlp));
  if (event == kDepart || event == kPiece) return link_.send(std::move(tlp));
  if (event == kPostedVisible) serve_posted(*tlp);
  if (event == kNonPosted) serve_non_posted(*tlp);
  if (event == kCompletion) finish(*tlp);
  if (tlp->note != kTornHead && tlp->note != kAgain) link_.consumed(*tlp);
}

bool RootComplex::quiet() const {
  const bool asked = std::any_of(outstanding_.begin(), outstanding_.end(), [](const auto& o) { return o.live; });
  return in_flight_ == 0 && !asked && link_.queued_to_device() == 0;
}

// ---------------------------------------------------------------- from the CPU

// Accesses leave in program order; the scheduler keeps the order of calls at one instant.
void RootComplex::depart(TimePs when, TlpPtr tlp) {
  last_departure_ps_ = std::max(last_departure_ps_, when + profile_.root_latency_ns * kPsPerNs);
  schedule(last_departure_ps_, EventClass::kCpu, kDepart, std::move(tlp));
}

uint64_t RootComplex::post_write(TimePs when, uint64_t address, const void* data, unsigned bytes) {
  TlpPtr tlp = make_memory_write(pool_, kRequesterId, address, data, bytes);
  const uint64_t serial = tlp->serial;
  depart(when, std::move(tlp));
  return serial;
}

void RootComplex::read(TimePs when, uint64_t address, unsigned bytes, Answer answer) {
  request(when, make_memory_read(pool_, kRequesterId, 0, address, bytes), bytes, std::move(answer));
}

void RootComplex::config_read(TimePs when, PciId target, uint16_t offset, unsigned bytes, Answer answer) {
  request(when, make_config_read(pool_, kRequesterId, 0, target, offset, bytes), bytes, std::move(answer));
}

void RootComplex::config_write(TimePs when, PciId target, uint16_t offset, unsigned bytes, uint32_t value,
                               Answer answer) {
  request(when, make_config_write(pool_, kRequesterId, 0, target, offset, bytes, value), bytes, std::move(answer));
}

void RootComplex::request(TimePs when, TlpPtr tlp, unsigned bytes, Answer answer) {
  if (waiting_.empty()) return issue(when, std::move(tlp), bytes, std::move(answer));
  waiting_.push_back({std::move(tlp), bytes, std::move(answer)});
}

// The next free tag, kTags when there is none. One that rests after a time-out serves only when all others are taken.
unsigned RootComplex::free_tag() const {
  unsigned resting = kTags;
  for (unsigned i = 0; i < kTags; ++i) {
    const unsigned tag = (next_tag_ + i) % kTags;
    if (outstanding_[tag].live) continue;
    if (outstanding_[tag].rests_until_ps <= sim_now_ps()) return tag;
    if (resting == kTags) resting = tag;
  }
  return resting;
}

// With no tag free the request waits for one.
void RootComplex::issue(TimePs when, TlpPtr tlp, unsigned bytes, Answer answer) {
  const unsigned tag = free_tag();
  if (tag == kTags) return waiting_.push_back({std::move(tlp), bytes, std::move(answer)});
  Outstanding& o = outstanding_[tag];
  next_tag_ = (tag + 1) % kTags;
  tlp->set_tag(tag);
  o = {true, bytes, static_cast<unsigned>(__builtin_ctz(tlp->first_be() | 8)), o.generation + 1, 0, std::move(answer)};
  scheduler_.at(when + kTimeoutPs, EventClass::kCpu, *this, (o.generation << 8 | tag) << 3 | kTimeout);
  depart(when, std::move(tlp));
}

void RootComplex::answer(unsigned tag, const RequestResult& result) {
  Outstanding& o = outstanding_[tag];
  Answer callback = std::move(o.answer);
  o.live = false;
  if (!waiting_.empty()) {
    Waiting next = std::move(waiting_.front());
    waiting_.pop_front();
    issue(sim_now_ps(), std::move(next.tlp), next.bytes, std::move(next.answer));
  }
  callback(result);
}

void RootComplex::time_out(uint64_t argument) {
  const uint64_t generation = argument >> 11;
  const unsigned tag = (argument >> 3) & 0xFF;
  if (!outstanding_[tag].live || outstanding_[tag].generation != generation) return;
  ++counters_.timeouts;
  outstanding_[tag].rests_until_ps = sim_now_ps() + kTagRestPs;
  answer(tag, {CplStatus::kCompleterAbort, ~uint64_t{0}});
}

void RootComplex::finish(const Tlp& completion) {
  const unsigned tag = completion.tag();
  if (tag >= kTags || !outstanding_[tag].live || !(completion.requester_id() == kRequesterId)) {
    ++counters_.unexpected_completions;
    return;
  }
  const Outstanding& o = outstanding_[tag];
  RequestResult result{completion.status(), 0};
  for (unsigned i = 0; i < o.bytes && o.shift + i < completion.payload_bytes; ++i)
    result.value |= static_cast<uint64_t>(completion.payload[o.shift + i]) << (8 * i);
  if (result.status != CplStatus::kSuccess) result.value = ~uint64_t{0};
  answer(tag, result);
}

// ---------------------------------------------------------------- from the device

void RootComplex::receive(TlpPtr tlp) {
  const TimePs arrival = sim_now_ps() + profile_.root_latency_ns * kPsPerNs;
  switch (tlp->tlp_class()) {
    case TlpClass::kPosted: {
      const TimePs jitter = write_random_.below(profile_.write_jitter_ns * kPsPerNs + 1);
      const TimePs own = arrival + profile_.memory_write_ns * kPsPerNs + jitter;
      const TimePs visible = tlp->relaxed() ? own : not_before_posted(own);
      return receive_posted(std::move(tlp), visible);
    }
    case TlpClass::kNonPosted: {
      const TimePs jitter = read_random_.below(profile_.read_jitter_ns * kPsPerNs + 1);
      const TimePs when = not_before_posted(arrival + profile_.memory_read_ns * kPsPerNs + jitter);
      return schedule(when, EventClass::kRootComplex, kNonPosted, std::move(tlp));
    }
    case TlpClass::kCompletion:
      return schedule(not_before_posted(arrival), EventClass::kRootComplex, kCompletion, std::move(tlp));
  }
}

// What is scheduled at one instant keeps the order of the calls: writes become visible as they came.
void RootComplex::receive_posted(TlpPtr tlp, TimePs visible) {
  if (faults_ != nullptr && posted_fault(tlp, visible)) return;
  posted_visible_ps_ = not_before_posted(visible);  // a relaxed one may come before others
  schedule(visible, EventClass::kRootComplex, kPostedVisible, std::move(tlp));
}

void RootComplex::serve_posted(const Tlp& tlp) {
  if (tlp.kind() != TlpKind::kMWr) return;  // messages: nothing here listens to them
  if (InterruptController::in_window(tlp.address())) return interrupt(tlp);
  write_memory(tlp);
}

void RootComplex::interrupt(const Tlp& message) {
  if (message.note == kDrop) return;
  ++counters_.messages;
  const uint8_t* p = message.payload;
  const uint32_t data = static_cast<uint32_t>(p[0]) | static_cast<uint32_t>(p[1]) << 8 |
                        static_cast<uint32_t>(p[2]) << 16 | static_cast<uint32_t>(p[3]) << 24;
  interrupts_.message(message.address(), data, sim_now_ps(), message.serial);
}

void RootComplex::serve_non_posted(const Tlp& tlp) {
  if (tlp.kind() == TlpKind::kMRd) return serve_read(tlp);
  ++counters_.unsupported;
  link_.send(make_completion(pool_, kRequesterId, tlp, CplStatus::kUnsupportedRequest));
}

}  // namespace ringside::sc_model
