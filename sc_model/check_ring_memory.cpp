// Who owns memory: R11 R15 R6 of the driver, D3 D4 of the device, each with both sides' history.
#include <algorithm>
#include <cstdio>
#include <utility>

#include "sc_model/check_ring_driver.h"

namespace ringside::sc_model {

void DriverRingChecker::on_map(TimePs now, const uint8_t* cpu, uint64_t bus, size_t bytes, DmaAccess access) {
  owners_.map(now, cpu, bus, bytes, access);
}

void DriverRingChecker::on_unmap(TimePs now, uint64_t bus, size_t bytes, DmaAccess) {
  const uint32_t id = owners_.find(bus, bytes);
  if (id == MemoryOwners::kNone) return;  // the IOMMU says so
  Mapping& m = owners_.at(id);
  DriverQueue& queue = queues_[m.queue];
  const bool can_run = settings_.bus_master;
  if (m.owner == Owner::kDevice && can_run) {
    const DriverRing& ring = m.ring[0] == 'T' ? queue.tx : queue.rx;
    m.stopping = !ring.enabled;
    m.premature = ring.active();
    if (m.premature)
      report_memory(m.stopping ? "R15" : "R11", Side::kDriver, now, m,
                    m.stopping ? "unmapped before its ring was seen to be quiet" : "unmapped before its completion");
  } else if (m.access == DmaAccess::kDeviceWrites && m.owner == Owner::kReturned && queue.rx.enabled &&
             ahead(m.index, queue.ret_at_barrier) >= 0) {
    report_memory("R12", Side::kDriver, now, m, "taken without a read barrier between the index and its entry");
  }
  for (unsigned q = 0; m.owner == Owner::kShared && can_run && q <= last_queue_; ++q) {
    for (const DriverRing* ring : {&queues_[q].tx, &queues_[q].rx, &queues_[q].ret}) {
      const bool inside = m.covers(ring->base, 1) || (m.covers(queues_[q].status_base.bus, 1) && ring->active());
      if (!inside || !ring->active()) continue;
      m.premature = m.stopping = true;
      report_memory("R15", Side::kDriver, now, m, "freed before the ring was off and seen to be quiet");
      break;
    }
  }
  owners_.unmap(now, id);
}

// The device's accesses as they take effect.
void DriverRingChecker::on_dma(const DmaEvent& event) {
  if (!armed_ || event.refused) return;
  for (unsigned q = 0; q <= last_queue_; ++q) {
    DriverQueue& queue = queues_[q];
    if (event.write && queue.status_base.bus != 0 && event.bus_address - queue.status_base.bus < sizeof(map::StatusBlock))
      return take_status(event.time_ps, q);
    if (event.write) continue;
    for (DriverRing* ring : {&queue.tx, &queue.rx})
      if (ring->enabled && ring->holds(event.bus_address))
        return judge_unchanged(event.time_ps, q, *ring, event.bus_address, event.bytes);
  }
  judge_access(event);
}

void DriverRingChecker::judge_access(const DmaEvent& event) {
  const uint32_t id = owners_.find(event.bus_address, event.bytes);
  if (id == MemoryOwners::kNone) return;
  Mapping& m = owners_.at(id);
  (event.write ? m.written_ps : m.read_ps) = event.time_ps;
  if (m.owner == Owner::kShared) return;
  if (m.owner != Owner::kDevice) {
    if (accused_.has(event.bus_address, event.bytes)) return;
    return report_memory(event.write ? "D4" : "D3", Side::kDevice, event.time_ps, m,
                         m.owner == Owner::kDriver ? "no descriptor has given it to the device"
                                                   : "the device has given it back already");
  }
  if (!m.hashed) return;
  m.hashed = false;
  if (m.contents() != m.hash)
    report_memory("R6", Side::kDriver, event.time_ps, m, "changed after the doorbell that gave it away");
}

void DriverRingChecker::take_status(TimePs now, unsigned q) {
  DriverQueue& queue = queues_[q];
  const uint8_t* at = iommu_.peek(queue.status_base.bus);
  if (at == nullptr) return;
  const auto block = load<map::StatusBlock>(at);
  queue.status_tag = block.tag;
  const auto sane = [](uint32_t value, uint32_t old, uint32_t limit) {
    return ahead(value, old) > 0 && ahead(limit, value) >= 0;
  };
  if (queue.tx.enabled && sane(block.tx_cons_idx, queue.tx.cons, queue.tx.prod))
    for (; queue.tx.cons != block.tx_cons_idx; ++queue.tx.cons) give_back(now, queue.tx, queue.tx.cons);
  if (queue.ret.enabled && sane(block.ret_prod_idx, queue.ret.prod, queue.rx.prod)) {
    for (; queue.ret.prod != block.ret_prod_idx; ++queue.ret.prod) give_back(now, queue.rx, queue.rx.cons++);
    if (queue.drivers_turn) knows(now, queue);
  }
  judge_looked(now, q);
  check_time(now);
}

void DriverRingChecker::give_back(TimePs now, DriverRing& ring, uint32_t index) {
  if (ring.mapping.empty()) return;
  const uint32_t id = std::exchange(ring.mapping[index & ring.mask()], MemoryOwners::kNone);
  if (id == MemoryOwners::kNone) return;
  Mapping& m = owners_.at(id);
  if (!m.live || m.owner != Owner::kDevice) return;
  m.owner = Owner::kReturned;
  m.returned_ps = now;
}

// An access that the IOMMU refused: reported at the pins already, or to a mapping that is gone. Then the driver is at
// fault when the memory was the device's as it was unmapped, and the device when it had given it back.
bool DriverRingChecker::judge_refused(uint64_t bus, uint32_t bytes, bool write, TimePs now) {
  if (!armed_) return false;
  if (accused_.has(bus, bytes)) return true;
  if (owners_.find(bus, bytes) != MemoryOwners::kNone) return false;  // against its direction
  const uint32_t id = owners_.find_dead(bus, bytes);
  if (id == MemoryOwners::kNone) return false;
  const Mapping& m = owners_.at(id);
  if (m.premature)
    report_memory(m.stopping ? "R15" : "R11", Side::kDriver, now, m, "the device uses what the driver took away from it");
  else
    report_memory(write ? "D4" : "D3", Side::kDevice, now, m, "the device uses what it has given back, unmapped since");
  return true;
}

void DriverRingChecker::report_memory(const char* rule, Side side, TimePs now, const Mapping& m,
                                      const std::string& why) {
  if (excused_ && side == Side::kDriver) return;
  char object[96];
  std::snprintf(object, sizeof object, " memory 0x%llx + %llu, %s descriptor %u of queue %u",
                static_cast<unsigned long long>(m.bus), static_cast<unsigned long long>(m.bytes), m.ring, m.index,
                m.queue);
  log_.report({rule, side, now, object_ + object, why, m.events()});
}

}  // namespace ringside::sc_model
