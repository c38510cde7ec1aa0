// The status block: one consistent write, true indices, and what the interrupt checker is to know of it.
#include "sc_model/check_ring_device.h"

namespace ringside::sc_model {

// D12: the whole block in one TLP, so that no reader can see half of it.
bool DeviceRingChecker::status_write(const TlpEvent& event, unsigned q, uint64_t bus, uint32_t bytes) {
  DeviceQueue& queue = queues_[q];
  if (!resetting_ && queue.tx.quiet && queue.rx.quiet && !queue.tx.resetting && !queue.rx.resetting) {
    report_access("D13", event, q, "status block", "after both rings were reported to be quiet");
    return true;
  }
  ++sent_status_;
  if (bus != queue.status_base.bus || bytes != sizeof(map::StatusBlock)) {
    report_access("D12", event, q, "status block", "not the whole block in one write");
    return true;
  }
  judge_status(event.time_ps, q, load<map::StatusBlock>(event.tlp->payload + (bus - event.tlp->address())));
  return true;
}

namespace {

// An index that has lost its upper bits where it wraps: at the ring's size, at 2^16 or at 2^24.
bool lost_bits(uint32_t value, uint32_t old, uint32_t limit, uint32_t size) {
  for (const uint64_t wrap : {uint64_t{size}, uint64_t{1} << 16, uint64_t{1} << 24}) {
    const uint32_t mask = static_cast<uint32_t>(wrap - 1);
    const uint32_t meant = ((old & ~mask) | (value & mask)) + (ahead((old & ~mask) | (value & mask), old) < 0 ? mask + 1 : 0);
    if (value <= mask && meant != value && ahead(meant, old) >= 0 && ahead(limit, meant) >= 0) return true;
  }
  return false;
}

}  // namespace

// D10: an index moves forward only, and not past what was told. D15: also where it wraps.
bool DeviceRingChecker::judge_index(TimePs now, unsigned q, const char* name, uint32_t old, uint32_t value,
                                    uint32_t limit) {
  if (ahead(value, old) >= 0 && ahead(limit, value) >= 0) return true;
  const DeviceQueue& queue = queues_[q];
  const uint32_t size = (name[0] == 'T' ? queue.tx : name[0] == 'R' ? queue.rx : queue.ret).size;
  report(lost_bits(value, old, limit, size) ? "D15" : "D10", now, q, name, value,
         "not between " + std::to_string(old) + " and " + std::to_string(limit));
  return false;
}

void DeviceRingChecker::judge_status(TimePs now, unsigned q, const map::StatusBlock& block) {
  DeviceQueue& queue = queues_[q];
  queue.status_history.add(now, "status block: tag %llu, TX consumer %llu, return producer %llu", block.tag,
                           block.tx_cons_idx, block.ret_prod_idx);
  if (block.tag != queue.status_tag + 1)
    report(__builtin_bswap32(block.tag) == queue.status_tag + 1 ? "D19" : "D12", now, q, "status", block.tag, "the tag before was " + std::to_string(queue.status_tag));
  queue.status_tag = block.tag;
  uint32_t packets = 0, frames = 0;
  if (queue.tx.enabled && judge_index(now, q, "TX", queue.tx.cons, block.tx_cons_idx, queue.tx.fetched)) {
    tx_passed(now, q, block.tx_cons_idx);
    for (uint32_t i = queue.tx.cons; i != block.tx_cons_idx; ++i)
      packets += (queue.tx_copy[i & queue.tx.mask()].flags & map::tx_flags::kEop) != 0;
    if (block.tx_cons_idx != queue.tx.cons) queue.tx.moved_ps = now;
    if (ahead(queue.reading, block.tx_cons_idx) < 0) queue.reading = block.tx_cons_idx;
    queue.tx.cons = block.tx_cons_idx;
  }
  if (queue.rx.enabled && judge_index(now, q, "RX", queue.rx.cons, block.rx_cons_idx, queue.rx.fetched))
    queue.rx.cons = block.rx_cons_idx;
  if (queue.ret.enabled) {
    if (ahead(block.ret_prod_idx, queue.ret_written) > 0 &&
        ahead(block.ret_prod_idx, queue.rx.fetched) <= 0) {
      report("D5", now, q, "return", block.ret_prod_idx,
             "the producer index comes before its entries, " + std::to_string(queue.ret_written) + " are written");
    } else if (judge_index(now, q, "return", queue.ret.prod, block.ret_prod_idx, queue.ret_written)) {
      for (uint32_t i = queue.ret.prod; i != block.ret_prod_idx; ++i) frames += queue.ret_eop[i & queue.ret.mask()];
      queue.ret.prod = block.ret_prod_idx;
      // One entry for each buffer used up: the two differ only when they are of different moments.
      if (queue.rx.cons == block.rx_cons_idx && block.rx_cons_idx != block.ret_prod_idx)
        report("D12", now, q, "status", block.tag, "RX consumer index " + std::to_string(block.rx_cons_idx) +
               " and return producer index " + std::to_string(block.ret_prod_idx) + " are not of one moment");
    }
  }
  const bool stamp = queue.stamp != block.tx_stamp;
  queue.stamp = block.tx_stamp;
  interrupts_.on_status(now, q, block.tag, {frames, packets, stamp});
}

}  // namespace ringside::sc_model
