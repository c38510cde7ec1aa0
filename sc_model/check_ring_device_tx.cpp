// The TX ring: which descriptors are fetched, which bytes are read, how far the consumer index may go.
#include <algorithm>

#include "sc_model/check_ring_device.h"

namespace ringside::sc_model {
// D1: only what lies between fetched and producer index. D2: nothing twice.
bool DeviceRingChecker::fetch_in_order(const TlpEvent& event, unsigned q, DeviceRing& ring, const char* name,
                                       uint64_t bus, uint32_t bytes) {
  const uint32_t slot = static_cast<uint32_t>((bus - ring.base) / 16), count = (bytes + 15) / 16;
  ring.history.add(event.time_ps, "fetch of %llu entries from slot %llu, producer index %llu", count, slot, ring.prod);
  const uint32_t index = ring.fetched + ((slot - ring.fetched) & ring.mask());
  const uint32_t back = (ring.fetched - slot) & ring.mask();  // how far behind the next one
  const char* rule = nullptr;
  if (index != ring.fetched && back != 0 && back <= ring.fetched - ring.cons) rule = "D2";
  else if (index != ring.fetched || ahead(ring.prod, index + count) < 0) rule = "D1";
  if (rule != nullptr) {
    report_access(rule, event, q, name,
                  rule[1] == '2' ? "entry fetched again" : "entry outside what the producer index covers");
    return false;
  }
  ring.fetched = index + count;
  ring.moved_ps = event.time_ps;
  return true;
}

bool DeviceRingChecker::tx_fetch(const TlpEvent& event, unsigned q, uint64_t bus, uint32_t bytes) {
  DeviceQueue& queue = queues_[q];
  if (judge_after_stop(event, q, queue.tx, "TX ring")) return true;
  const uint32_t index = queue.tx.fetched;
  if (!fetch_in_order(event, q, queue.tx, "TX ring", bus, bytes)) return true;
  for (uint32_t i = index; i != queue.tx.fetched; ++i) queue.tx_copy[i & queue.tx.mask()] = {};
  reads_[event.tlp->tag()] = {ReadKind::kTxFetch, q, index, 0, bytes, event.time_ps, 0};
  return true;
}

void DeviceRingChecker::tx_copy_arrived(DeviceQueue& queue, uint32_t index, const uint8_t* bytes) {
  const auto d = load<map::TxDescriptor>(bytes);
  DeviceTxDescriptor& copy = queue.tx_copy[index & queue.tx.mask()];
  const bool extension = (d.flags & map::tx_flags::kExtension) != 0;
  copy = {d.address, extension ? 0u : d.length, d.flags, d, true, false, false, 0, 0};
  copy.bad = (d.flags & ~kKnownTxFlags) != 0 || (!extension && d.length == 0);
}

// The descriptor that these bytes belong to, as an offset from the consumer index; -1: none. `next`: the bytes are the
// first of it that were not asked for yet.
int32_t DeviceRingChecker::find_tx(const DeviceQueue& queue, uint64_t bus, uint32_t bytes, bool next) const {
  const DeviceRing& tx = queue.tx;
  const uint32_t count = tx.fetched - tx.cons;
  const uint32_t start = std::min(queue.reading - tx.cons, count);
  for (uint32_t i = 0; i < count; ++i) {
    const uint32_t offset = start + i < count ? start + i : start + i - count;
    const DeviceTxDescriptor& d = queue.tx_copy[(tx.cons + offset) & tx.mask()];
    const uint64_t at = bus - d.address;
    if (!d.known || at >= d.length || at + bytes > d.length) continue;
    if (!next || at == d.asked) return static_cast<int32_t>(offset);
  }
  return -1;
}

bool DeviceRingChecker::tx_data(const TlpEvent& event, unsigned q, uint64_t bus, uint32_t bytes) {
  DeviceQueue& queue = queues_[q];
  int32_t found = find_tx(queue, bus, bytes, true);
  const bool in_turn = found >= 0;
  if (!in_turn) found = find_tx(queue, bus, bytes, false);
  if (found < 0) return false;
  const uint32_t index = queue.tx.cons + static_cast<uint32_t>(found);
  DeviceTxDescriptor& d = queue.tx_copy[index & queue.tx.mask()];
  if (judge_after_stop(event, q, queue.tx, "TX buffer")) return true;
  queue.tx.history.add(event.time_ps, "read of %llu bytes for descriptor %llu at 0x%llx", bytes, index, bus);
  queue.tx.moved_ps = event.time_ps;
  if (d.bad) {
    report_access("D14", event, q, "TX buffer", "of a bad descriptor, index " + std::to_string(index));
    return true;
  }
  if (!in_turn && bus - d.address < d.asked) {
    report_access("D3", event, q, "TX buffer", "read twice, descriptor " + std::to_string(index));
    return true;
  }
  if (d.asked == 0) d.asked_ps = event.time_ps;
  d.asked = static_cast<uint32_t>(bus - d.address) + bytes;
  queue.reading = index;
  const uint32_t offset = static_cast<uint32_t>(bus - d.address);
  reads_[event.tlp->tag()] = {ReadKind::kTxData, q, index, 0, bytes, event.time_ps, offset};
  return true;
}

// D6: all bytes of what the index has passed are in the device. D7: it moves over whole packets. D14: it stops in
// front of a bad descriptor.
void DeviceRingChecker::tx_passed(TimePs now, unsigned q, uint32_t cons) {
  DeviceQueue& queue = queues_[q];
  if (queue.tx.failed_rule != nullptr && ahead(cons, queue.tx.failed_index) > 0)
    return report(queue.tx.failed_rule, now, q, "TX", queue.tx.failed_index,
                  "the consumer index moves over a packet whose read failed");
  for (uint32_t i = queue.tx.cons; i != cons && !queue.tx.failed; ++i) {
    const DeviceTxDescriptor& d = queue.tx_copy[i & queue.tx.mask()];
    if (d.bad) return report("D14", now, q, "TX", i, "the consumer index moves over a bad descriptor");
    if (d.known && d.arrived >= d.length) continue;
    return report("D6", now, q, "TX", i, "the consumer index moves to " + std::to_string(cons) + " with " +
                  std::to_string(d.arrived) + " of " + std::to_string(d.length) + " bytes there");
  }
  if (cons == queue.tx.cons || queue.tx.failed) return;
  const DeviceTxDescriptor& last = queue.tx_copy[(cons - 1) & queue.tx.mask()];
  if ((last.flags & map::tx_flags::kEop) == 0)
    report("D7", now, q, "TX", cons, "the consumer index stops inside a packet");
}

}  // namespace ringside::sc_model
