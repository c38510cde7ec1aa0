// Reads that fail: P31 poisoned data, P32 error completions, P33 time-outs. The request is retired, the ring stops in
// front of the entry, and the driver can see it. And for how long the device may wait (D16).
#include <algorithm>

#include "sc_model/check_ring_device.h"

namespace ringside::sc_model {
namespace {

constexpr TimePs kShownPs = 20 * kPsPerUs;              // from a failed read to the error bit
constexpr TimePs kShortestTimeoutPs = 50 * kPsPerUs;    // 2.8, and DMA_TIMEOUT
constexpr TimePs kLongestTimeoutPs = 50 * kPsPerMs;
constexpr TimePs kStandStillPs = 20 * kPsPerMs;

}  // namespace

// While the host gives no credits for what is to come, nothing is late.
void DeviceRingChecker::excuse(TimePs now) {
  const bool writes = credits_.may_write(settings_.mps_bytes);
  if (!writes) interrupts_.excuse(std::min(no_credits_since_ps_, now), now);
  interrupts_.link_was_busy(credits_.busy(now));
  if (writes && credits_.may_read()) return;
  for (DeviceQueue& queue : queues_) {
    queue.tx.moved_ps = std::max(queue.tx.moved_ps, now);
    if (!writes) queue.ret_untold_ps = std::max(queue.ret_untold_ps, now);
  }
}

void DeviceRingChecker::note_credits(TimePs now) {
  if (credits_.may_write(settings_.mps_bytes)) no_credits_since_ps_ = kNever;
  else if (no_credits_since_ps_ == kNever) no_credits_since_ps_ = now;
}

// D16: longer than a full ring of long frames takes, and than a read may go without an answer.
TimePs DeviceRingChecker::stand_still_ps() const {
  return std::max(kStandStillPs, 2 * dma_timeout_us_ * kPsPerUs);
}

void DeviceRingChecker::on_failure(const TlpEvent& event, Read& read) {
  DeviceQueue& queue = queues_[read.queue];
  DeviceRing& ring = read.kind == ReadKind::kRxFetch ? queue.rx : queue.tx;
  const bool poisoned = event.tlp->status() == CplStatus::kSuccess;
  ring.history.add(event.time_ps, poisoned ? "a read of descriptor %llu brings poisoned data"
                                           : "a read of descriptor %llu fails, status %llu",
                   read.index, static_cast<uint64_t>(event.tlp->status()));
  const uint32_t index = read.kind == ReadKind::kTxData ? read.index : read.index + read.done / 16;
  if (ring.failed_rule == nullptr || ahead(index, ring.failed_index) < 0) {
    ring.failed_rule = poisoned ? "P31" : "P32";
    ring.failed_index = index;
    ring.failed_ps = std::min(ring.failed_ps, event.time_ps);
  }
  ring.failed = true;
  if (frames_ != nullptr && &ring == &queue.tx) frames_->excuse(read.asked_ps, event.time_ps);
  if (read.kind == ReadKind::kTxData) queue.tx_copy[read.index & queue.tx.mask()].failed = true;
  read.kind = ReadKind::kNone;
}

// The tag is used again.
void DeviceRingChecker::retire(TimePs now, Read& read) {
  if (read.kind == ReadKind::kNone) return;
  DeviceQueue& queue = queues_[read.queue];
  DeviceRing& ring = read.kind == ReadKind::kRxFetch ? queue.rx : queue.tx;
  ring.given_up_age_ps = std::max(ring.given_up_age_ps, now - read.asked_ps);
  read.kind = ReadKind::kNone;
}

// TX_STATE or RX_STATE as the driver reads it.
void DeviceRingChecker::on_state(TimePs now, unsigned q, DeviceRing& ring, uint32_t value) {
  const bool error = (value & map::TxState::kError.mask()) != 0, tx = &ring == &queues_[q].tx;
  ring.history.add(now, tx ? "TX_STATE reads %llu" : "RX_STATE reads %llu", value);
  ring.failed = ring.failed || (error && tx);
  if (error || !ring.enabled || value == 0xFFFFFFFF) return;
  if (ring.failed_ps != kNever && now > ring.failed_ps + kShownPs) {
    report(ring.failed_rule, now, q, tx ? "TX" : "RX", ring.failed_index, "a read failed, and the state shows no error");
    ring.failed_ps = kNever;
  }
  if (oldest_read(now, q, ring) > kLongestTimeoutPs + kShownPs)
    report("P33", now, q, tx ? "TX" : "RX", ring.cons, "a read has no answer for more than 50 ms, and the state shows no error");
}

void DeviceRingChecker::on_error_reason(TimePs now, unsigned q, DeviceRing& ring, uint32_t reason) {
  if (reason != static_cast<uint32_t>(map::ErrorReason::kTimeout)) return;
  const TimePs age = std::max(oldest_read(now, q, ring), ring.given_up_age_ps);
  if (age < kShortestTimeoutPs)
    report("P33", now, q, &ring == &queues_[q].tx ? "TX" : "RX", ring.cons,
           "a time-out is reported, and the oldest read without an answer is " + std::to_string(age / kPsPerNs) + " ns old");
}

// The ring is turned on: what it had asked for before is forgotten.
void DeviceRingChecker::forget_reads(TimePs now, unsigned q, bool tx) {
  const TimePs age = oldest_read(now, q, tx ? queues_[q].tx : queues_[q].rx);
  if (frames_ != nullptr && tx && age != 0) frames_->excuse(now - age, now);
  for (Read& read : reads_)
    if (read.kind != ReadKind::kNone && read.queue == q && (read.kind != ReadKind::kRxFetch) == tx)
      read.kind = ReadKind::kNone;
}

// Segments may have left of packets that are not read to their end.
void DeviceRingChecker::excuse_segments(TimePs now) {
  constexpr TimePs kSlowPs = 500 * kPsPerUs;
  for (unsigned q = 0; q < kQueueSets; ++q) {
    const TimePs from = std::min(now - oldest_read(now, q, queues_[q].tx), asked_since(now, queues_[q]));
    if (now > from + kSlowPs) frames_->excuse(from, now);
  }
}

// Since when the packet that is being read is asked for; now: none is.
TimePs DeviceRingChecker::asked_since(TimePs now, const DeviceQueue& queue) {
  for (uint32_t i = queue.tx_told; ahead(queue.tx.fetched, i) > 0; ++i) {
    const DeviceTxDescriptor& d = queue.tx_copy[i & queue.tx.mask()];
    if (d.asked != 0) return d.asked_ps;
    if ((d.flags & map::tx_flags::kExtension) == 0) break;
  }
  return now;
}

// D16: a read without an answer holds the ring up, as long as the device may wait for it. Its time starts anew then.
bool DeviceRingChecker::waits_for_host(TimePs now, unsigned q, DeviceRing& ring) const {
  const TimePs age = oldest_read(now, q, ring);
  const bool waits = age != 0 && age < kLongestTimeoutPs;
  if (waits) ring.moved_ps = now;
  return waits;
}

// How old the oldest read of the ring is that has no answer; 0: there is none.
TimePs DeviceRingChecker::oldest_read(TimePs now, unsigned q, const DeviceRing& ring) const {
  const bool tx = &ring == &queues_[q].tx;
  TimePs age = 0;
  for (const Read& read : reads_)
    if (read.kind != ReadKind::kNone && read.queue == q && (read.kind != ReadKind::kRxFetch) == tx)
      age = std::max(age, now - read.asked_ps);
  return age;
}

}  // namespace ringside::sc_model
