// Registers, requests and completions told apart; D13, D18, and D3/D4 of what fits nothing.
#include "sc_model/check_ring_device.h"

#include <algorithm>
#include <utility>

#include "sc_model/interrupt_controller.h"

namespace ringside::sc_model {
namespace {

constexpr TimePs kLookEveryPs = kPsPerMs;
constexpr TimePs kCountersSettlePs = 5 * kPsPerUs;
constexpr uint32_t kFlr = 1u << 15;

}  // namespace

DeviceRingChecker::DeviceRingChecker(std::string object, const PcieSettings& settings, Accused& accused,
                                     ViolationLog& log)
    : object_(std::move(object)), settings_(settings), accused_(accused), log_(log), interrupts_(object_, log) {}

void DeviceRingChecker::on_credits(const CreditEvent& event) {
  excuse(event.time_ps);
  credits_.on_credits(event);
  note_credits(event.time_ps);
}

void DeviceRingChecker::on_tlp(const TlpEvent& event) {
  // What was due before this event is judged by the state before it: the event may be the answer that comes too late.
  excuse(event.time_ps);
  interrupts_.check_time(event.time_ps);
  if (event.time_ps >= next_look_ps_) check_time(event.time_ps);
  credits_.on_tlp(event);
  note_credits(event.time_ps);
  if (event.direction == TlpDirection::kToDevice) on_host_tlp(event);
  else on_device_tlp(event);
}

void DeviceRingChecker::check_time(TimePs now) {
  next_look_ps_ = now + kLookEveryPs;
  excuse(now);
  interrupts_.check_time(now);
  if (frames_ != nullptr) excuse_segments(now);
  const TimePs still = stand_still_ps();
  for (unsigned q = 0; q < kQueueSets; ++q) {
    DeviceRing& tx = queues_[q].tx;
    const bool work = tx.enabled && tx_enabled_ && !tx.failed && !tx.timed_out && !may_wait_ && tx.prod != tx.cons;
    if (!work || now < tx.moved_ps + still || waits_for_host(now, q, tx)) continue;
    report("D16", tx.moved_ps + still, q, "TX", tx.cons, "packets wait and nothing happens");
    tx.moved_ps = now;
  }
  for (unsigned q = 0; q < kQueueSets && !resetting_; ++q) {
    DeviceQueue& queue = queues_[q];
    const bool to_be_told = queue.status_base.whole && queue.status_base.bus != 0;
    const bool untold = to_be_told && queue.ret.enabled && queue.ret_written != queue.ret.prod;
    if (!untold || now < queue.ret_untold_ps + still) continue;
    report("D16", queue.ret_untold_ps + still, q, "return", queue.ret.prod, "no status block tells of its entries");
    queue.ret_untold_ps = now;
  }
}

// ---------------------------------------------------------------- from the host

void DeviceRingChecker::on_host_tlp(const TlpEvent& event) {
  const Tlp& tlp = *event.tlp;
  if (tlp.is_completion()) return on_data(event);
  if (tlp.tlp_class() == TlpClass::kNonPosted) register_reads_[tlp.tag()].live = false;  // that one was not answered
  if (tlp.kind() == TlpKind::kCfgWr0) {
    const uint32_t value = load<uint32_t>(tlp.payload);
    if (tlp.config_offset() == settings_.msix_capability && (tlp.first_be() & 8) != 0)
      interrupts_.on_msix_control(event.time_ps, value >> 31 != 0, (value >> 30 & 1) != 0);
    const unsigned msi = tlp.config_offset() - settings_.msi_capability;
    if (settings_.msi_capability != 0 && msi <= 12 && (msi != 0 || (tlp.first_be() & 4) != 0))
      interrupts_.on_msi_write(msi, value);
    const bool flr = tlp.config_offset() == settings_.pcie_capability + 8u && (tlp.first_be() & 2) != 0 &&
                     (value & kFlr) != 0;
    if (flr && settings_.pcie_capability != 0) reset_all(event.time_ps);
    return;
  }
  const uint64_t offset = tlp.address() - settings_.bar0;
  if (settings_.bar0 == 0 || offset >= map::kBarBytes) return;
  if (tlp.kind() == TlpKind::kMRd) {
    register_reads_[tlp.tag()] = {true, static_cast<uint32_t>(offset), event.time_ps};
    return;
  }
  if (tlp.kind() != TlpKind::kMWr) return;
  for (uint32_t at = 0; at + 4 <= tlp.payload_bytes; at += 4)
    on_register_write(event.time_ps, static_cast<uint32_t>(offset) + at, load<uint32_t>(tlp.payload + at));
}

void DeviceRingChecker::on_register_write(TimePs now, uint32_t offset, uint32_t value) {
  interrupts_.on_register_write(now, offset, value);
  const QueueRegister at = queue_register(offset);
  if (at.at != 0) return on_queue_write(now, at, value);
  switch (offset) {
    case map::Control::address(): tx_enabled_ = (value & map::Control::kTxEnable.mask()) != 0; break;
    case map::Reset::address(): resetting_ = resetting_ || (value & map::Reset::kSoft.mask()) != 0; break;
    case map::DmaTimeout::address(): dma_timeout_us_ = value & map::DmaTimeout::kUs.mask(); break;
    case map::MacControl::address(): may_wait_ = (value & map::MacControl::kPauseRx.mask()) != 0; break;
    default: break;
  }
  if (frames_ != nullptr) frames_->on_register(now, offset, value);
}

void DeviceRingChecker::on_queue_write(TimePs now, const QueueRegister& at, uint32_t value) {
  armed_ = true;
  DeviceQueue& queue = queues_[at.queue];
  const auto base = [&](DeviceRing& ring, bool high) { ring.base = with_half(ring.base, high, value); };
  const auto size = [&](DeviceRing& ring) { ring.size_log2 = std::min(value & 15, 12u); };
  switch (at.at) {
    case map::TxBase::address(0): return base(queue.tx, false);
    case map::TxBase::address(0) + 4: return base(queue.tx, true);
    case map::RxBase::address(0): return base(queue.rx, false);
    case map::RxBase::address(0) + 4: return base(queue.rx, true);
    case map::RetBase::address(0): return base(queue.ret, false);
    case map::RetBase::address(0) + 4: return base(queue.ret, true);
    case map::TxSize::address(0): return size(queue.tx);
    case map::RxSize::address(0): return size(queue.rx);
    case map::RetSize::address(0): return size(queue.ret);
    case map::StatusBase::address(0): queue.status_base.write(false, value); return;
    case map::StatusBase::address(0) + 4: queue.status_base.write(true, value); return;
    case map::TxProdIdx::address(0):
      if (queue.tx.prod == queue.tx.cons) queue.tx.moved_ps = now;
      queue.tx.prod = value;
      return queue.tx.history.add(now, "doorbell arrives: producer index %llu", value);
    case map::RxProdIdx::address(0):
      queue.rx.prod = value;
      return queue.rx.history.add(now, "doorbell arrives: producer index %llu", value);
    case map::RetConsIdx::address(0):
      queue.ret.cons = value;
      return queue.ret.history.add(now, "doorbell arrives: consumer index %llu", value);
    case map::TxControl::address(0):
      if ((value & map::TxControl::kEnable.mask()) != 0) return turn_on_tx(queue, now);
      queue.tx.enabled = false;
      queue.tx.resetting = queue.tx.resetting || (value & map::TxControl::kReset.mask()) != 0;
      return queue.tx.history.add(now, "TX_CONTROL %llu arrives", value);
    case map::RxControl::address(0):
      if ((value & map::RxControl::kEnable.mask()) != 0) return turn_on_rx(queue, now);
      queue.rx.enabled = queue.ret.enabled = false;
      queue.rx.resetting = queue.rx.resetting || (value & map::RxControl::kReset.mask()) != 0;
      return queue.rx.history.add(now, "RX_CONTROL %llu arrives", value);
    default: return;
  }
}

void DeviceRingChecker::turn_on_tx(DeviceQueue& queue, TimePs now) {
  DeviceRing& tx = queue.tx;
  if (tx.enabled) return;
  tx.enabled = true;
  tx.quiet = tx.failed = tx.timed_out = tx.resetting = false;
  tx.failed_rule = nullptr;
  tx.failed_ps = kNever;
  tx.given_up_age_ps = 0;
  tx.size = 1u << tx.size_log2;
  tx.fetched = tx.cons = queue.reading = 0;
  tx.moved_ps = now;
  forget_reads(now, static_cast<unsigned>(&queue - queues_.data()), true);
  queue.tx_copy.assign(tx.size, {});
  queue.tx_octets.resize(tx.size);
  queue.tx_told = 0;
  if (frames_ != nullptr) frames_->forget(now, static_cast<unsigned>(&queue - queues_.data()));
  tx.history.add(now, "ring turned on, %llu entries at 0x%llx", tx.size, tx.base);
}

void DeviceRingChecker::turn_on_rx(DeviceQueue& queue, TimePs now) {
  if (queue.rx.enabled) return;
  for (DeviceRing* ring : {&queue.rx, &queue.ret}) {
    ring->enabled = true;
    ring->quiet = ring->failed = ring->resetting = false;
    ring->failed_rule = nullptr;
    ring->failed_ps = kNever;
    ring->given_up_age_ps = 0;
    ring->size = 1u << ring->size_log2;
    ring->history.add(now, "ring turned on, %llu entries at 0x%llx", ring->size, ring->base);
  }
  queue.rx.fetched = queue.rx.cons = queue.writing = queue.ret_written = queue.ret.prod = queue.frame_bytes = 0;
  queue.in_frame = queue.early = false;
  forget_reads(now, static_cast<unsigned>(&queue - queues_.data()), false);
  queue.rx_copy.assign(queue.rx.size, {});
  queue.rx_octets.resize(queue.rx.size);
  queue.ret_eop.assign(queue.ret.size, 0);
}

void DeviceRingChecker::reset_all(TimePs now) {
  resetting_ = tx_enabled_ = may_wait_ = false;
  dma_timeout_us_ = map::DmaTimeout::kResetValue;
  for (DeviceQueue& queue : queues_) {
    for (DeviceRing* ring : {&queue.tx, &queue.rx, &queue.ret}) {
      ring->enabled = ring->resetting = false;
      ring->quiet = true;
      ring->prod = ring->cons = 0;
    }
    queue.status_tag = 0;
    queue.stamp = 0;
  }
  for (Read& read : reads_) read.kind = ReadKind::kNone;
  counter_value_ = {};
  sent_reads_ = sent_writes_ = sent_messages_ = sent_status_ = 0;
  interrupts_.reset();
  if (frames_ != nullptr) frames_->reset(now);
}

// ---------------------------------------------------------------- values that the device reports

void DeviceRingChecker::on_register_value(TimePs now, uint32_t offset, uint32_t value) {
  const QueueRegister at = queue_register(offset);
  DeviceQueue& queue = queues_[at.queue];
  if (offset == map::Reset::address()) {
    if (resetting_ && (value & map::Reset::kSoft.mask()) == 0) reset_all(now);
  } else if (offset == map::Status::address()) {
    may_wait_ = may_wait_ || (value & map::Status::kLinkUp.mask()) == 0;
  } else if (at.at == map::TxState::address(0)) {
    if (!queue.tx.enabled && (value & map::TxState::kRunning.mask()) == 0) queue.tx.quiet = true;
    on_state(now, at.queue, queue.tx, value);
  } else if (at.at == map::RxState::address(0)) {
    if (!queue.rx.enabled && (value & map::RxState::kRunning.mask()) == 0) queue.rx.quiet = queue.ret.quiet = true;
    on_state(now, at.queue, queue.rx, value);
  } else if (at.at == map::TxControl::address(0)) {
    queue.tx.resetting = queue.tx.resetting && (value & map::TxControl::kReset.mask()) != 0;
  } else if (at.at == map::RxControl::address(0)) {
    queue.rx.resetting = queue.rx.resetting && (value & map::RxControl::kReset.mask()) != 0;
  } else if (at.at == map::TxError::address(0) || at.at == map::RxError::address(0)) {
    on_error_reason(now, at.queue, at.at == map::TxError::address(0) ? queue.tx : queue.rx, value);
  }
}

// D18: no counter goes backwards, and those that count what passes here agree with what passed.
void DeviceRingChecker::on_counter(TimePs now, uint32_t offset, uint32_t value, const RegisterRead& read) {
  const uint32_t i = (offset - map::kCountersBase) / 8;
  uint64_t& last = counter_value_[i];
  const bool high = (offset & 4) != 0;
  if (high) {
    if (value < last >> 32) report("D18", now, 0, map::kCounters[i].name, i, "the counter went backwards");
    last = with_half(last, true, value);
    return;
  }
  if (value < (last & 0xFFFFFFFF) && last >> 32 == 0 && (last & 0xFFFFFFFF) < 0x80000000)
    report("D18", now, 0, map::kCounters[i].name, i, "the counter went backwards");
  last = with_half(last, false, value);
  if (read.time_ps < last_dma_ps_ + kCountersSettlePs) return;
  const auto agrees = [&](map::CounterId id, uint64_t seen) {
    if (static_cast<uint32_t>(id) != i || value == (seen & 0xFFFFFFFF)) return;
    report("D18", now, 0, map::kCounters[i].name, i,
           "reads " + std::to_string(value) + ", at the pins were " + std::to_string(seen));
  };
  agrees(map::CounterId::kDmaReadTlps, sent_reads_);
  agrees(map::CounterId::kDmaWriteTlps, sent_writes_);
  agrees(map::CounterId::kMsixMessages, sent_messages_);
  agrees(map::CounterId::kStatusWrites, sent_status_);
}

// ---------------------------------------------------------------- from the device

void DeviceRingChecker::on_device_tlp(const TlpEvent& event) {
  const Tlp& tlp = *event.tlp;
  if (tlp.kind() == TlpKind::kMRd) return on_read(event);
  if (tlp.kind() == TlpKind::kMWr) return on_write(event);
  if (tlp.kind() != TlpKind::kCplD || tlp.status() != CplStatus::kSuccess) return;
  RegisterRead& read = register_reads_[tlp.tag()];
  if (!std::exchange(read.live, false)) return;
  for (uint32_t at = 0; at + 4 <= tlp.payload_bytes; at += 4) {
    const uint32_t offset = read.offset + at, value = load<uint32_t>(tlp.payload + at);
    const bool counter = offset >= map::kCountersBase && offset < map::kCountersBase + 8 * map::kNumCounters;
    if (counter) on_counter(event.time_ps, offset, value, read);
    else on_register_value(event.time_ps, offset, value);
  }
}

void DeviceRingChecker::on_read(const TlpEvent& event) {
  ++sent_reads_;
  last_dma_ps_ = event.time_ps;
  retire(event.time_ps, reads_[event.tlp->tag()]);
  if (!armed_ || event.tlp->first_be() == 0) return;
  const EnabledBytes enabled = enabled_bytes(*event.tlp);
  for (unsigned q = 0; q < kQueueSets; ++q) {
    DeviceQueue& queue = queues_[q];
    if (!queue.tx_copy.empty() && queue.tx.holds(enabled.address, sizeof(map::TxDescriptor)) &&
        tx_fetch(event, q, enabled.address, enabled.bytes))
      return;
    if (!queue.rx_copy.empty() && queue.rx.holds(enabled.address, sizeof(map::RxDescriptor)) &&
        rx_fetch(event, q, enabled.address, enabled.bytes))
      return;
  }
  for (unsigned q = 0; q < kQueueSets; ++q)
    if (!queues_[q].tx_copy.empty() && tx_data(event, q, enabled.address, enabled.bytes)) return;
  stray(event, false);
}

void DeviceRingChecker::on_write(const TlpEvent& event) {
  ++sent_writes_;
  last_dma_ps_ = event.time_ps;
  if (event.tlp->first_be() == 0) return;
  const EnabledBytes enabled = enabled_bytes(*event.tlp);
  const bool message = InterruptController::in_window(enabled.address);
  sent_messages_ += message;  // also before a queue is set up: that of a change of the link
  if (!armed_) return;
  if (message) {
    const int v = message_vector(event);
    if (!interrupts_.judge_form(event, v)) return;
    const bool queued = v > 0 && v <= static_cast<int>(kQueueSets);
    const DeviceQueue* queue = queued ? &queues_[static_cast<unsigned>(v - 1)] : nullptr;
    return interrupts_.on_message(event.time_ps, v, queue != nullptr && queue->ret_written != queue->ret.prod);
  }
  for (unsigned q = 0; q < kQueueSets; ++q) {
    DeviceQueue& queue = queues_[q];
    if (queue.status_base.bus != 0 && enabled.address - queue.status_base.bus < sizeof(map::StatusBlock) &&
        status_write(event, q, enabled.address, enabled.bytes))
      return;
    if (!queue.rx_copy.empty() && queue.ret.holds(enabled.address, sizeof(map::ReturnEntry)) &&
        return_entries(event, q, enabled.address, enabled.bytes))
      return;
  }
  for (unsigned q = 0; q < kQueueSets; ++q)
    if (!queues_[q].rx_copy.empty() && rx_data(event, q, enabled.address, enabled.bytes)) return;
  stray(event, true);
}

int DeviceRingChecker::message_vector(const TlpEvent& event) const {
  return interrupts_.vector_of(event.tlp->address(), load<uint32_t>(event.tlp->payload));
}

// Completions for the device: descriptors that it gets to know, data that has come.
void DeviceRingChecker::on_data(const TlpEvent& event) {
  const Tlp& tlp = *event.tlp;
  Read& read = reads_[tlp.tag()];
  if (read.kind == ReadKind::kNone) return;
  DeviceQueue& queue = queues_[read.queue];
  const bool late = event.time_ps >= read.asked_ps + dma_timeout_us_ * kPsPerUs;
  if (late && read.kind != ReadKind::kRxFetch) queue.tx.timed_out = true;
  if (tlp.status() != CplStatus::kSuccess || tlp.poisoned()) return on_failure(event, read);
  const uint32_t skip = tlp.lower_address() & 3;
  const uint32_t bytes = std::min(tlp.payload_bytes - skip, read.bytes - read.done);
  if (read.kind == ReadKind::kTxData) {
    tx_data_arrived(event.time_ps, read, tlp.payload + skip, bytes);
  } else {
    for (uint32_t at = 0; at + 16 <= bytes; at += 16) {
      const uint32_t index = read.index + (read.done + at) / 16;
      const uint8_t* from = tlp.payload + skip + at;
      if (read.kind == ReadKind::kTxFetch) {
        tx_copy_arrived(queue, index, from);
      } else {
        const auto d = load<map::RxDescriptor>(from);
        DeviceRxDescriptor& copy = queue.rx_copy[index & queue.rx.mask()];
        copy = {d.address, d.length, d.opaque, true, 0, 0, false, {}};
      }
    }
  }
  read.done += bytes;
  if (read.done >= read.bytes) read.kind = ReadKind::kNone;
}

// ---------------------------------------------------------------- verdicts

bool DeviceRingChecker::all_quiet() const {
  return std::all_of(queues_.begin(), queues_.end(), [](const DeviceQueue& q) { return q.tx.quiet && q.rx.quiet; });
}

// D13: nothing moves after the device has said that it is done.
bool DeviceRingChecker::judge_after_stop(const TlpEvent& event, unsigned q, const DeviceRing& ring, const char* what) {
  if (!ring.quiet || resetting_) return false;
  report_access("D13", event, q, what, "after the ring was reported to be quiet");
  return true;
}

// An access that fits no ring, no buffer, no status block and no vector.
void DeviceRingChecker::stray(const TlpEvent& event, bool write) {
  if (resetting_) return;
  if (all_quiet()) return report_access("D13", event, 0, "all", "after everything was reported to be off");
  report_access(write ? "D4" : "D3", event, 0, "elsewhere", "");
}

void DeviceRingChecker::report(const char* rule, TimePs now, unsigned q, const char* ring, uint32_t index,
                               const std::string& why) {
  const DeviceQueue& queue = queues_[q];
  Violation v{rule, Side::kDevice, now, object_ + " queue " + std::to_string(q) + " " + ring + " index " +
              std::to_string(index), why};
  (ring[0] == 'T' ? queue.tx : ring[1] == 'X' ? queue.rx : queue.ret).history.append_to(v.events);
  queue.status_history.append_to(v.events);
  log_.report(std::move(v));
}

void DeviceRingChecker::report_access(const char* rule, const TlpEvent& event, unsigned q, const char* ring,
                                      const std::string& why) {
  accused_.add(enabled_bytes(*event.tlp).address);
  const DeviceQueue& queue = queues_[q];
  Violation v{rule, Side::kDevice, event.time_ps, object_ + " queue " + std::to_string(q) + " " + ring,
              (why.empty() ? "" : why + ": ") + event.tlp->to_string()};
  queue.tx.history.append_to(v.events);
  queue.rx.history.append_to(v.events);
  log_.report(std::move(v));
}

}  // namespace ringside::sc_model
