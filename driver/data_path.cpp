// Sending, interrupts and polling: REFERENCE.md sections 9 to 11.
#include <algorithm>
#include <utility>

#include "driver/flow.h"
#include "driver/nic_driver.h"

namespace ringside::driver {
namespace {

constexpr uint32_t kEthernetHeaderBytes = 14, kVlanTagBytes = 4;
constexpr uint32_t kMaxPacketBytes = 9014;  // REFERENCE.md section 9
constexpr uint32_t kMaxSegmentedBytes = 65535, kSmallestTcpHeaders = 14 + 20 + 20;
constexpr uint32_t kProvideBatch = 64;         // buffers per doorbell: the NIC need not wait for a whole ring
constexpr uint64_t kProvideRetryNs = 100'000;  // look again whether the pool has buffers

}  // namespace

// ---- sending ----

stack::TxResult NicDriver::transmit(stack::Packet& packet, bool more) {
  if (state_ != State::kRunning) return drop(packet, statistics_.tx_down);
  if (!sendable(packet)) return drop(packet, statistics_.tx_bad_packets);
  Queue& queue = tx_queue(packet);
  TxRing::Need need = TxRing::need(packet);
  if (need.pieces > kMaxPacketDescriptors || need.entries() > queue.tx->entries()) {
    return drop(packet, statistics_.tx_too_scattered);
  }
  if (!make_room(queue, need.entries())) return busy(queue, need.entries());
  queue.tx_wanted = 0;
  if (queue.tx->outstanding() == 0) queue.tx_moved_ns = platform_.now_ns();
  if (packet.meta.tx_stamp_id && (queue.stamp_id || !has(regs::Features::kTxTimestamp))) {
    packet.meta.tx_stamp_id = 0;
    need = TxRing::need(packet);
    ++statistics_.tx_stamps_skipped;
  }
  count_sent(queue, packet, need);
  if (observer_) observer_->on_posted(queue.number, queue.tx->posted_idx(), need.entries(), packet);
  const uint32_t stamp_id = packet.meta.tx_stamp_id;
  const uint32_t first_idx = queue.tx->post(std::move(packet), need);
  packet = stack::Packet{};
  if (stamp_id) {
    queue.stamp_id = stamp_id;
    queue.stamp_idx = first_idx;
  }
  if (!more) ring_tx_doorbell(queue);
  return stack::TxResult::kSent;
}

stack::TxResult NicDriver::busy(Queue& queue, uint32_t entries) {
  ring_tx_doorbell(queue);  // nobody else would tell the NIC of what waits for its last packet
  queue.tx_wanted = entries;
  ++statistics_.tx_busy;
  ++queue.statistics.tx_busy;
  return stack::TxResult::kBusy;
}

void NicDriver::count_sent(Queue& queue, const stack::Packet& packet, const TxRing::Need& need) {
  const uint32_t bytes = packet.length();
  ++statistics_.tx_packets;
  ++queue.statistics.tx_packets;
  statistics_.tx_bytes += bytes;
  queue.statistics.tx_bytes += bytes;
  statistics_.tx_descriptors += need.entries();
  if (packet.meta.segment_bytes) ++statistics_.tx_segmented;
  if (packet.meta.vlan_insert) ++statistics_.tx_vlan_inserted;
  platform_.charge(DriverWork::kTxPacket, 1);
  platform_.charge(DriverWork::kTxDescriptor, need.entries());
}

void NicDriver::flush() {
  if (state_ != State::kRunning) return;
  for (auto& queue : queues_) ring_tx_doorbell(*queue);
}

// A flow keeps to its queue, or its packets would overtake each other.
NicDriver::Queue& NicDriver::tx_queue(const stack::Packet& packet) {
  if (queues_.size() == 1) return *queues_.front();
  return *queues_[flow_hash(packet) % queues_.size()];
}

bool NicDriver::sendable(const stack::Packet& packet) const {
  const stack::PacketMeta& meta = packet.meta;
  const uint32_t bytes = packet.length();
  const uint32_t longest = std::min(config_.mtu_bytes + kEthernetHeaderBytes + kVlanTagBytes, kMaxPacketBytes);
  if (meta.vlan_insert && !has(regs::Features::kVlan)) return false;
  if (meta.segment_bytes ? !segmentable(packet, longest) : bytes < kEthernetHeaderBytes || bytes > longest)
    return false;
  if (meta.tx_checksum == stack::TxChecksum::kNone) return true;
  const uint32_t end = uint32_t{meta.csum_start} + meta.csum_offset + 2;
  return has(regs::Features::kTxCsum) && meta.csum_start % 2 == 0 && end <= bytes;
}

// REFERENCE.md section 9: a TCP packet with its headers in front, of which each segment fits a frame.
bool NicDriver::segmentable(const stack::Packet& packet, uint32_t longest) const {
  const stack::PacketMeta& meta = packet.meta;
  if (!has(regs::Features::kTso) || meta.tx_checksum != stack::TxChecksum::kInsert) return false;
  const uint32_t bytes = packet.length();
  if (bytes > kMaxSegmentedBytes || meta.header_bytes >= bytes || meta.header_bytes < kSmallestTcpHeaders) return false;
  if (meta.ip_start < kEthernetHeaderBytes || meta.csum_start <= meta.ip_start) return false;
  return meta.csum_start < meta.header_bytes && uint32_t{meta.header_bytes} + meta.segment_bytes <= longest;
}

stack::TxResult NicDriver::drop(stack::Packet& packet, uint64_t& counter) {
  ++counter;
  packet = stack::Packet{};
  return stack::TxResult::kDropped;
}

bool NicDriver::make_room(Queue& queue, uint32_t entries) {
  if (queue.tx_broken) return false;  // kBusy until recovery wakes the client
  if (queue.tx->free_entries() < entries) reclaim(queue);
  return queue.tx->free_entries() >= entries;
}

void NicDriver::ring_tx_doorbell(Queue& queue) {
  if (!queue.tx->doorbell_due() || queue.tx_broken) return;
  platform_.write_barrier();  // Ordering 1: descriptors and payload before the doorbell
  // Path step T7: the doorbell, one posted write for all packets since the last one.
  const uint32_t prod_idx = queue.tx->take_doorbell();
  nic_.write<regs::TxProdIdx>(prod_idx, queue.number);
  if (observer_) observer_->on_tx_doorbell(queue.number, prod_idx);
  ++statistics_.tx_doorbells;
  start_watchdog(config_.watchdog_ns);
}

// ---- interrupt and poll ----

void NicDriver::on_interrupt(Queue& queue) {
  ++statistics_.interrupts;
  ++queue.statistics.interrupts;
  if (observer_) observer_->on_interrupt(queue.number);
  platform_.charge(DriverWork::kInterrupt, 1);
  if (state_ != State::kRunning) return;
  if (!config_.auto_mask) nic_.write<regs::IntControl>(regs::IntControl::kMask.mask(), queue.number);
  platform_.poll_schedule(queue.poll);
}

// One message for every vector: whoever sent it, all are looked at.
void NicDriver::on_shared_interrupt() {
  ++statistics_.interrupts;
  platform_.charge(DriverWork::kInterrupt, 1);
  if (state_ != State::kRunning) return;
  platform_.poll_schedule(service_poll_);
  for (auto& queue : queues_) {
    if (observer_) observer_->on_interrupt(queue->number);
    if (!config_.auto_mask) nic_.write<regs::IntControl>(regs::IntControl::kMask.mask(), queue->number);
    platform_.poll_schedule(queue->poll);
  }
}

// Path step R7: take what came with a budget, post new buffers, re-arm the interrupt and look again.
bool NicDriver::poll(Queue& queue) {
  if (state_ != State::kRunning) return false;
  ++statistics_.polls;
  ++queue.statistics.polls;
  platform_.charge(DriverWork::kPollEntry, 1);
  const uint32_t tag = queue.status.tag();  // before the indices, so that it is never newer than they are
  platform_.read_barrier();                 // Ordering 3: tag, then indices
  const uint32_t reclaimed = reclaim(queue);
  report_stamp(queue);
  const uint32_t taken = receive(queue);
  provide(queue);
  wake(queue);
  // Also without frames: whoever waits in the stack for a buffer can have one that was given back.
  if ((taken || reclaimed) && client_) client_->receive_done();
  flush();
  if (state_ != State::kRunning) return false;
  if (taken >= config_.poll_budget) {
    ++statistics_.budget_exhausted;
    return true;
  }
  rearm(queue, tag);
  if (!more_work(queue)) return false;  // Ordering 4: re-arm, then look again
  ++statistics_.found_again;
  return true;
}

// The NIC's index as far as it makes sense: our own when the block is from before a reset or the value cannot be.
uint32_t NicDriver::read_index(Queue& queue, Index which) {
  const bool tx = which == Index::kTx;
  const uint32_t own = tx ? queue.tx->cons_idx() : queue.rx->ret_cons_idx();
  uint32_t index = own;
  if (config_.index_source == IndexSource::kMmio) {
    index = tx ? nic_.read<regs::TxConsIdx>(queue.number).bits : nic_.read<regs::RetProdIdx>(queue.number).bits;
  } else {
    const bool newer = later_than(queue.status.tag(), tx ? queue.tx_floor_tag : queue.rx_floor_tag);
    platform_.read_barrier();  // Ordering 3: tag, then indices
    // Path step T10: how far the NIC has come is read from host memory, never by MMIO.
    if (newer) index = tx ? queue.status.tx_cons_idx() : queue.status.ret_prod_idx();
  }
  if (tx ? queue.tx->plausible(index) : queue.rx->plausible(index)) return index;
  ++statistics_.bad_indices;
  return own;
}

// Path step T10: the packets that the NIC is done with are given back.
uint32_t NicDriver::reclaim(Queue& queue) {
  if (queue.tx_broken) return 0;
  const uint32_t packets = queue.tx->reclaim(read_index(queue, Index::kTx));
  if (!packets) return 0;
  if (observer_) observer_->on_given_back(queue.number, queue.tx->cons_idx());
  queue.tx_moved_ns = platform_.now_ns();
  queue.stuck = 0;
  resets_in_a_row_ = 0;
  statistics_.tx_reclaimed += packets;
  queue.statistics.tx_reclaimed += packets;
  platform_.charge(DriverWork::kReclaimPacket, packets);
  return packets;
}

// A packet's time of departure comes later than its memory is given back. Only one is awaited per queue, so that the
// pair in the block cannot change while it is read; the time is compared because indices come again after a reset.
void NicDriver::report_stamp(Queue& queue) {
  if (!queue.stamp_id || queue.tx_broken || !later_than(queue.status.tag(), queue.tx_floor_tag)) return;
  platform_.read_barrier();  // Ordering 3: tag, then index
  if (queue.status.tx_stamp_idx() != queue.stamp_idx) return;
  platform_.read_barrier();  // ... then its time
  const uint64_t time_ns = queue.status.tx_stamp();
  if (time_ns == queue.last_stamp_ns) return;
  queue.last_stamp_ns = time_ns;
  ++statistics_.tx_stamps;
  const uint32_t id = std::exchange(queue.stamp_id, 0);
  if (client_) client_->tx_departed(id, time_ns);
}

uint32_t NicDriver::receive(Queue& queue) {
  if (queue.rx_broken) return 0;
  const uint32_t ret_prod_idx = read_index(queue, Index::kReturn);
  platform_.read_barrier();  // Ordering 3: index, then entries
  uint32_t taken = 0;
  while (taken < config_.poll_budget) {
    stack::Packet packet;
    const uint32_t before = queue.rx->ret_cons_idx();
    const RxRing::Taken result = queue.rx->take(ret_prod_idx, config_.offloads.rx_checksum, packet);
    statistics_.rx_buffers += queue.rx->ret_cons_idx() - before;
    if (result == RxRing::Taken::kNone) break;
    if (result == RxRing::Taken::kBroken) {
      ++statistics_.bad_return_entries;
      queue.rx_broken = queue.ret_broken = true;
      platform_.poll_schedule(service_poll_);
      break;
    }
    ++taken;
    resets_in_a_row_ = 0;
    if (result == RxRing::Taken::kScattered) {
      ++statistics_.rx_too_scattered;
    } else {
      if (observer_) observer_->on_taken(queue.number, queue.rx->ret_cons_idx() - 1, packet);
      deliver(std::move(packet), queue);
    }
    // A long poll must not starve the NIC.
    if (queue.rx->outstanding() * 2 < queue.rx->rx_entries() && rx_pool_.free_count()) provide(queue);
  }
  return taken;
}

// Outside poll(): everything there, and the client is told of the end, or its timers are not set again.
void NicDriver::receive_all(Queue& queue) {
  while (receive(queue) > 0) {
  }
  if (client_) client_->receive_done();
  flush();
}

void NicDriver::deliver(stack::Packet&& packet, Queue& queue) {
  if (testing_loopback_ && is_test_frame(packet)) {
    looped_frame_.resize(packet.length());
    packet.copy_out(0, looped_frame_.data(), packet.length());
    return;
  }
  const uint32_t bytes = packet.length();
  platform_.charge(DriverWork::kRxPacket, 1);
  ++statistics_.rx_packets;
  ++queue.statistics.rx_packets;
  statistics_.rx_bytes += bytes;
  queue.statistics.rx_bytes += bytes;
  if (packet.meta.vlan_stripped) ++statistics_.rx_vlan_stripped;
  packet.meta.queue = static_cast<uint16_t>(queue.number);
  if (!client_) {
    ++statistics_.rx_no_client;
    return;
  }
  client_->receive(std::move(packet));
}

void NicDriver::provide(Queue& queue) {
  if (queue.rx_broken) return;
  while (queue.rx->outstanding() < queue.rx->rx_entries()) {
    const uint32_t provided = queue.rx->provide(kProvideBatch);
    ring_rx_doorbells(queue);
    if (provided == kProvideBatch) continue;
    if (queue.rx->outstanding() == queue.rx->rx_entries()) break;
    ++statistics_.rx_pool_empty;
    // The next frame's poll tries again; with few buffers left there may be no next frame.
    if (queue.rx->outstanding() * 4 < queue.rx->rx_entries()) start_watchdog(kProvideRetryNs);
    break;
  }
  ring_rx_doorbells(queue);
}

void NicDriver::ring_rx_doorbells(Queue& queue) {
  RxRing& rx = *queue.rx;
  if (!rx.prod_doorbell_due() && !rx.cons_doorbell_due()) return;
  platform_.write_barrier();  // Ordering 1: descriptors before the doorbell
  // Path step R1: the doorbells, buffers provided and return entries given back.
  // Entries first: more buffers must not meet a return ring without room for them.
  if (rx.cons_doorbell_due()) nic_.write<regs::RetConsIdx>(rx.take_cons_doorbell(), queue.number);
  if (rx.prod_doorbell_due()) {
    const uint32_t prod_idx = rx.take_prod_doorbell();
    nic_.write<regs::RxProdIdx>(prod_idx, queue.number);
    if (observer_) observer_->on_rx_doorbell(queue.number, prod_idx);
  }
  ++statistics_.rx_doorbells;
}

// Hysteresis: a stopped queue is woken when a quarter of the ring is free, not for each single entry.
void NicDriver::wake(Queue& queue) {
  if (!queue.tx_wanted || queue.tx_broken) return;
  if (queue.tx->free_entries() < std::max(queue.tx_wanted, queue.tx->entries() / 4)) return;
  queue.tx_wanted = 0;
  ++statistics_.tx_wakes;
  if (client_) client_->tx_wake();
}

void NicDriver::rearm(Queue& queue, uint32_t tag) {
  ++statistics_.rearms;
  nic_.write<regs::IntRearm>(tag, queue.number);
}

bool NicDriver::more_work(Queue& queue) {
  const bool tx = !queue.tx_broken && read_index(queue, Index::kTx) != queue.tx->cons_idx();
  return tx || (!queue.rx_broken && read_index(queue, Index::kReturn) != queue.rx->ret_cons_idx());
}

}  // namespace ringside::driver
