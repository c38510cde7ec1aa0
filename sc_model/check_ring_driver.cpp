// Registers, indices and interrupts: R1 R2 R3 R4 R7 R12 R13 R14 R16.
#include "sc_model/check_ring_driver.h"

#include <algorithm>
#include <utility>

namespace ringside::sc_model {
namespace {

constexpr TimePs kLookAgainPs = 5 * kPsPerUs;      // R13: far more than from the re-arm to the look
constexpr TimePs kReturnLimitPs = 20 * kPsPerMs;   // R16: far more than a poll takes

// How far `index` may go on to `limit`; nothing when a broken rule took it past that.
uint32_t room(uint32_t limit, uint32_t index) {
  return static_cast<uint32_t>(std::max(ahead(limit, index), 0));
}

}  // namespace

DriverRingChecker::DriverRingChecker(std::string object, const PcieSettings& settings, const HostMemory& memory,
                                     const Iommu& iommu, Accused& accused, ViolationLog& log)
    : object_(std::move(object)), settings_(settings), iommu_(iommu), owners_(memory, iommu), accused_(accused),
      log_(log) {
  for (DriverQueue& queue : queues_) {
    queue.tx.name = "TX";
    queue.rx.name = "RX";
    queue.ret.name = "return";
  }
}

void DriverRingChecker::on_mmio(const MmioEvent& event) {
  if (event.bar != map::kBar) return;
  for (unsigned at = 0; at < event.bytes; at += 4) {
    const uint32_t value = static_cast<uint32_t>(event.value >> (8 * at));
    if (event.write) on_register(event.time_ps, event.offset + at, value);
    else on_register_read(event.time_ps, event.offset + at, value);
  }
}

void DriverRingChecker::on_register(TimePs now, uint32_t offset, uint32_t value) {
  const QueueRegister at = queue_register(offset);
  if (at.at != 0) return on_queue_register(now, at, value);
  if (offset == map::Reset::address()) resetting_ = resetting_ || (value & map::Reset::kSoft.mask()) != 0;
  const uint32_t table = offset - map::kMsixTableBase;
  if (table >= map::kMsixTableCount * map::kMsixTableStride) return;
  Vector& vector = vectors_[table / map::kMsixTableStride];
  const uint32_t at_word = table % map::kMsixTableStride;
  if (at_word <= 4) vector.address = with_half(vector.address, at_word == 4, value);
  if (at_word == 8) vector.data = value;
}

void DriverRingChecker::on_queue_register(TimePs now, const QueueRegister& at, uint32_t value) {
  armed_ = true;
  const unsigned q = at.queue;
  last_queue_ = std::max(last_queue_, q);
  DriverQueue& queue = queues_[q];
  switch (at.at) {
    case map::TxBase::address(0): return set_base(now, q, queue.tx, false, value);
    case map::TxBase::address(0) + 4: return set_base(now, q, queue.tx, true, value);
    case map::RxBase::address(0): return set_base(now, q, queue.rx, false, value);
    case map::RxBase::address(0) + 4: return set_base(now, q, queue.rx, true, value);
    case map::RetBase::address(0): return set_base(now, q, queue.ret, false, value);
    case map::RetBase::address(0) + 4: return set_base(now, q, queue.ret, true, value);
    case map::TxSize::address(0): return set_size(now, q, queue.tx, value);
    case map::RxSize::address(0): return set_size(now, q, queue.rx, value);
    case map::RetSize::address(0): return set_size(now, q, queue.ret, value);
    case map::StatusBase::address(0): queue.status_base.write(false, value); return;
    case map::StatusBase::address(0) + 4: queue.status_base.write(true, value); return;
    case map::TxControl::address(0): return control(now, q, false, value);
    case map::RxControl::address(0): return control(now, q, true, value);
    case map::TxProdIdx::address(0): return producer_doorbell(now, q, queue.tx, value);
    case map::RxProdIdx::address(0): return producer_doorbell(now, q, queue.rx, value);
    case map::RetConsIdx::address(0): return return_doorbell(now, q, value);
    case map::IntRearm::address(0): return rearm(now, q, value);
    case map::IntControl::address(0):
      queue.drivers_turn = (value & map::IntControl::kMask.mask()) != 0;
      if (queue.drivers_turn) knows(now, queue);
      return;
    default: return;
  }
}

void DriverRingChecker::on_register_read(TimePs now, uint32_t offset, uint32_t value) {
  no_answer_ = value == 0xFFFFFFFF;
  if (no_answer_) return;
  if (offset == map::Reset::address() && resetting_ && (value & map::Reset::kSoft.mask()) == 0) return reset_all();
  const QueueRegister at = queue_register(offset);
  if (at.at == 0) return;
  DriverQueue& queue = queues_[at.queue];
  switch (at.at) {
    case map::TxState::address(0):
      if (!queue.tx.enabled && (value & map::TxState::kRunning.mask()) == 0) went_quiet(queue.tx);
      return;
    case map::RxState::address(0):
      if (queue.rx.enabled || (value & map::RxState::kRunning.mask()) != 0) return;
      went_quiet(queue.rx);
      return went_quiet(queue.ret);
    case map::TxConsIdx::address(0):
      queue.rearmed_ps = kNever;  // that was the look
      for (; ahead(value, queue.tx.cons) > 0; ++queue.tx.cons) give_back(now, queue.tx, queue.tx.cons);
      return;
    case map::RetProdIdx::address(0):
      queue.rearmed_ps = kNever;
      for (; ahead(value, queue.ret.prod) > 0; ++queue.ret.prod) give_back(now, queue.rx, queue.rx.cons++);
      return knows(now, queue);
    case map::StatusTag::address(0): queue.status_tag = value; return;
    default: return;
  }
}

// ---------------------------------------------------------------- set-up: R14

void DriverRingChecker::set_base(TimePs now, unsigned q, DriverRing& ring, bool high, uint32_t value) {
  ring.base = with_half(ring.base, high, value);
  (high ? ring.high_written : ring.low_written) = true;
  if (ring.enabled) report("R14", now, q, ring, 0, "the base is written while the ring is on");
}

void DriverRingChecker::set_size(TimePs now, unsigned q, DriverRing& ring, uint32_t value) {
  if (value < 3 || value > 12) report("R14", now, q, ring, value, "log2 of the size is not 3..12");
  else if (ring.enabled) report("R14", now, q, ring, value, "the size is written while the ring is on");
  ring.size_log2 = std::min(std::max(value, 3u), 12u);
}

void DriverRingChecker::control(TimePs now, unsigned q, bool rx, uint32_t value) {
  DriverQueue& queue = queues_[q];
  DriverRing& ring = rx ? queue.rx : queue.tx;
  const bool enable = (value & map::TxControl::kEnable.mask()) != 0;
  ring.history.add(now, "driver writes control %llu", value);
  if (enable == ring.enabled) return;
  if (enable) {
    turn_on(now, q, ring, true);
    if (rx) turn_on(now, q, queue.ret, false);
    return;
  }
  ring.enabled = false;
  if (rx) queue.ret.enabled = false;
}

void DriverRingChecker::turn_on(TimePs now, unsigned q, DriverRing& ring, bool descriptors) {
  if (!ring.low_written || !ring.high_written) report("R14", now, q, ring, 0, "half of the base was never written");
  else if (ring.base % kPageBytes != 0) report("R14", now, q, ring, 0, "the base is not 4096-byte aligned");
  if (&ring == &queues_[q].tx && queues_[q].status_base.bus % 64 != 0)
    report("R14", now, q, ring, 0, "the status block is not 64-byte aligned");
  went_quiet(ring);
  ring.enabled = true;
  ring.quiet = false;
  ring.size = 1u << ring.size_log2;
  ring.cons = ring.prod = ring.at_barrier = 0;
  if (&ring == &queues_[q].ret) queues_[q].ret_at_barrier = queues_[q].ret_known = 0;
  if (!descriptors) return;
  ring.mapping.assign(ring.size, MemoryOwners::kNone);
  ring.copy.assign(ring.size, {});
  for (uint32_t i = 0; i < ring.size; ++i)
    if (const uint8_t* from = entry(ring, i)) std::memcpy(ring.copy[i].data(), from, 16);
}

// Nothing runs any more: what the device held is the driver's again.
void DriverRingChecker::went_quiet(DriverRing& ring) {
  ring.quiet = true;
  for (uint32_t id : ring.mapping)
    if (id != MemoryOwners::kNone && owners_.at(id).owner == Owner::kDevice) owners_.at(id).owner = Owner::kReturned;
  ring.mapping.assign(ring.mapping.size(), MemoryOwners::kNone);
}

void DriverRingChecker::reset_all() {
  resetting_ = excused_ = false;
  for (DriverQueue& queue : queues_) {
    for (DriverRing* ring : {&queue.tx, &queue.rx, &queue.ret}) {
      ring->enabled = ring->low_written = ring->high_written = false;
      ring->prod = ring->cons = 0;
      ring->base = 0;
      went_quiet(*ring);
    }
    queue.status_base = {};
    queue.status_tag = 0;
    queue.messaged = false;
    queue.drivers_turn = true;
    queue.ret_known = 0;
    queue.rearmed_ps = kNever;
  }
}

// ---------------------------------------------------------------- indices

// `last`: the value before; `free`: how far it may go on. True when the value makes sense.
bool DriverRingChecker::judge_doorbell(TimePs now, unsigned q, DriverRing& ring, uint32_t last, uint32_t value,
                                       uint32_t free) {
  ring.history.add(now, "doorbell %llu, before it %llu, %llu entries free", value, last, free);
  const char* rule = nullptr;
  if (!ring.enabled) {
    if (value == 0) return false;  // where the ring will start
    report("R4", now, q, ring, value, "a doorbell while the ring is off");
    return false;
  }
  if (value == last) rule = "R3";
  else if (ahead(value, last) < 0) rule = "R7";
  else if (value - last > ring.size) rule = "R1";
  else if (value - last > free) rule = "R2";
  if (rule == nullptr) return true;
  report(rule, now, q, ring, value,
         "doorbell " + std::to_string(value) + " after " + std::to_string(last) + " with " + std::to_string(free) +
             " entries free");
  return false;
}

void DriverRingChecker::producer_doorbell(TimePs now, unsigned q, DriverRing& ring, uint32_t value) {
  const uint32_t last = ring.prod;
  if (!judge_doorbell(now, q, ring, last, value, room(ring.cons + ring.size, last))) {
    if (ring.enabled && ahead(value, last) > 0) ring.prod = ring.at_barrier = value;
    return;
  }
  judge_visible(now, q, ring, value);
  PacketLint packet;
  for (uint32_t i = last; i != value; ++i) {
    hand_over(now, q, ring, i);
    if (&ring == &queues_[q].rx) lint_rx(now, q, i, load<map::RxDescriptor>(ring.copy[i & ring.mask()].data()));
    else lint_tx(now, q, i, load<map::TxDescriptor>(ring.copy[i & ring.mask()].data()), packet);
  }
  if (packet.open) report("R10", now, q, ring, value, "the doorbell covers a part of a packet");
  ring.prod = value;
  if (ahead(ring.at_barrier, value) < 0) ring.at_barrier = value;
}

void DriverRingChecker::return_doorbell(TimePs now, unsigned q, uint32_t value) {
  DriverQueue& queue = queues_[q];
  const uint32_t last = queue.ret.cons;
  const bool good = judge_doorbell(now, q, queue.ret, last, value, room(queue.ret.prod, last));
  if (good && ahead(value, queue.ret_at_barrier) > 0)
    report("R12", now, q, queue.ret, value, "entries are given back that no read barrier lies in front of");
  if (queue.ret.enabled && ahead(value, last) > 0) queue.ret.cons = value;
  queue.ret_waits_ps = now;
}

// ---------------------------------------------------------------- interrupts and barriers

void DriverRingChecker::rearm(TimePs now, unsigned q, uint32_t tag) {
  DriverQueue& queue = queues_[q];
  queue.ret.history.add(now, "driver re-arms with tag %llu, visible is %llu", tag, queue.status_tag);
  if (ahead(tag, queue.status_tag) > 0)
    report("R13", now, q, queue.ret, tag, "re-armed with a status tag that was never visible");
  queue.rearmed_ps = queue.messaged && queue.tx.enabled && queue.rx.enabled ? now : kNever;
  queue.messaged = false;
  if (tag == queue.status_tag) knows(now, queue);  // with an older one the device owes a message
  queue.drivers_turn = false;
}

void DriverRingChecker::judge_looked(TimePs now, unsigned q) {
  DriverQueue& queue = queues_[q];
  if (queue.rearmed_ps == kNever || now < queue.rearmed_ps + kLookAgainPs) return;
  const bool on = queue.tx.enabled && queue.rx.enabled;
  if (on) report("R13", now, q, queue.ret, queue.ret.prod, "re-armed, and the status block was not looked at again");
  queue.rearmed_ps = kNever;
}

// A message of no vector of MSI-X is one of MSI, which stands for all queues.
void DriverRingChecker::on_interrupt(const InterruptEvent& event) {
  bool msi = true;
  for (unsigned v = 0; v < vectors_.size(); ++v) {
    if (vectors_[v].address != event.address || vectors_[v].data != event.data) continue;
    msi = false;
    if (v >= 1 && v <= last_queue_ + 1) told(event.time_ps, v - 1);
  }
  for (unsigned q = 0; msi && armed_ && q <= last_queue_; ++q) told(event.time_ps, q);
}

void DriverRingChecker::told(TimePs now, unsigned q) {
  judge_looked(now, q);
  queues_[q].messaged = queues_[q].drivers_turn = true;
  knows(now, queues_[q]);
}

// R16 counts from when the driver could know of an entry: while it has re-armed and waits for a message, which may be
// held back by moderation, or lost, it cannot.
void DriverRingChecker::knows(TimePs now, DriverQueue& queue) {
  if (ahead(queue.ret_known, queue.ret.cons) <= 0) queue.ret_waits_ps = now;
  queue.ret_known = queue.ret.prod;
}

void DriverRingChecker::on_write_barrier(TimePs) {
  for (unsigned q = 0; armed_ && q <= last_queue_; ++q) {
    note_barrier(queues_[q].tx);
    note_barrier(queues_[q].rx);
  }
}

void DriverRingChecker::on_read_barrier(TimePs now) {
  for (unsigned q = 0; armed_ && q <= last_queue_; ++q) {
    queues_[q].ret_at_barrier = queues_[q].ret.prod;
    if (now >= queues_[q].rearmed_ps) queues_[q].rearmed_ps = kNever;
  }
}

// R16: entries that wait for too long starve the device.
void DriverRingChecker::check_time(TimePs now) {
  for (unsigned q = 0; armed_ && !no_answer_ && q <= last_queue_; ++q) {
    DriverQueue& queue = queues_[q];
    const uint32_t waiting = queue.ret.enabled ? room(queue.ret_known, queue.ret.cons) : 0;
    if (waiting == 0 || now < queue.ret_waits_ps + kReturnLimitPs) continue;
    report("R16", queue.ret_waits_ps + kReturnLimitPs, q, queue.ret, queue.ret.cons,
           std::to_string(waiting) + " return entries wait and RET_CONS_IDX does not move");
    queue.ret_waits_ps = now;
  }
}

void DriverRingChecker::report(const char* rule, TimePs now, unsigned q, const DriverRing& ring, uint32_t index,
                               const std::string& why) {
  if (excused_) return;
  log_.report({rule, Side::kDriver, now,
               object_ + " queue " + std::to_string(q) + " " + ring.name + " index " + std::to_string(index), why,
               ring.history.text()});
}

}  // namespace ringside::sc_model
