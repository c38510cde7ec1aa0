// Settings at run time, the NIC's counters, self test.
#include <algorithm>

#include "driver/nic_driver.h"

namespace ringside::driver {
namespace {

constexpr uint64_t kDrainLimitNs = 1'000'000;
constexpr uint64_t kStatusLimitNs = 10'000;

// CRC-32 of IEEE 802.3 3.2.9 over the address, as zlib's crc32(): the six most significant bits number the filter bit.
unsigned multicast_bit(const stack::MacAddress& group) {
  uint32_t crc = 0xFFFFFFFF;
  for (const uint8_t octet : group) {
    crc ^= octet;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320 : 0);
  }
  return ~crc >> 26;
}

}  // namespace

stack::DeviceFeatures NicDriver::features() const {
  stack::DeviceFeatures features;
  features.tx_checksum = config_.offloads.tx_checksum && nic_features_.test(regs::Features::kTxCsum);
  features.rx_checksum = config_.offloads.rx_checksum && nic_features_.test(regs::Features::kRxCsum);
  // A fragment of up to a page may lie across a page border and take two descriptors.
  features.max_fragments = std::min(kMaxPacketDescriptors, config_.rings.tx) / 2;
  return features;
}

void NicDriver::set_coalescing(const Coalescing& coalescing) {
  config_.coalescing = coalescing;
  if (!running()) return;
  for (auto& queue : queues_) write_coalescing(*queue);
}

void NicDriver::write_coalescing(Queue& queue) {
  const Coalescing& c = config_.coalescing;
  nic_.write<regs::IntRxFrames>(c.rx_frames, queue.number);
  nic_.write<regs::IntRxUsecs>(c.rx_usecs, queue.number);
  nic_.write<regs::IntTxFrames>(c.tx_frames, queue.number);
  nic_.write<regs::IntTxUsecs>(c.tx_usecs, queue.number);
  nic_.write<regs::IntMaxUsecs>(c.max_usecs, queue.number);
}

void NicDriver::set_promiscuous(bool on) {
  config_.promiscuous = on;
  if (running()) write_mac_control();
}

void NicDriver::set_all_multicast(bool on) {
  config_.all_multicast = on;
  if (running()) write_mac_control();
}

void NicDriver::write_mac_control() {
  using Control = regs::MacControl;
  nic_.write(regs::Value<Control>{}
                 .with(Control::kAcceptBroadcast, 1)
                 .with(Control::kStripFcs, 1)
                 .with(Control::kPromiscuous, config_.promiscuous ? 1 : 0)
                 .with(Control::kAcceptAllMulticast, config_.all_multicast ? 1 : 0));
}

void NicDriver::set_multicast(const std::vector<stack::MacAddress>& groups) {
  multicast_hash_ = 0;
  for (const stack::MacAddress& group : groups) multicast_hash_ |= uint64_t{1} << multicast_bit(group);
  if (running()) nic_.write<regs::MacHash>(multicast_hash_);
}

bool NicDriver::set_ring_sizes(const RingSizes& sizes) {
  validate(sizes);
  if (running() && !swap_rings(sizes)) return false;
  config_.rings = sizes;
  return true;
}

// All new rings first: a machine without memory keeps the old ones.
bool NicDriver::swap_rings(const RingSizes& sizes) {
  std::vector<std::unique_ptr<TxRing>> tx;
  std::vector<std::unique_ptr<RxRing>> rx;
  for (size_t q = 0; q < queues_.size(); ++q) {
    tx.push_back(new_tx_ring(sizes));
    rx.push_back(new_rx_ring(sizes));
    if (!tx.back() || !rx.back()) return false;
  }
  for (size_t q = 0; q < queues_.size(); ++q) {
    if (!replace_rings(*queues_[q], std::move(tx[q]), std::move(rx[q]))) return false;
  }
  return true;
}

bool NicDriver::replace_rings(Queue& queue, std::unique_ptr<TxRing> tx, std::unique_ptr<RxRing> rx) {
  drain(queue);
  bool off = stop_tx(queue) && stop_rx(queue);
  queue.tx_broken = true;  // what the client answers now waits for the new ring: kBusy, then wake()
  if (off) receive_all(queue);
  off = off && clear_tx(queue) && clear_rx(queue);
  if (!off) {
    fail();
    return false;
  }
  statistics_.tx_given_up += queue.tx->abandon();
  statistics_.rx_given_up += queue.rx->abandon();
  queue.tx = std::move(tx);
  queue.rx = std::move(rx);
  turn_on_tx(queue);
  turn_on_rx(queue);
  provide(queue);
  wake(queue);
  return true;
}

void NicDriver::drain(Queue& queue) {
  ring_tx_doorbell(queue);
  wait_until(platform_, kDrainLimitNs, [&] {
    reclaim(queue);
    return queue.tx->outstanding() == 0;
  });
}

std::array<uint64_t, regs::kNumCounters> NicDriver::nic_counters() const {
  std::array<uint64_t, regs::kNumCounters> counters{};
  if (!running()) return counters;
  for (size_t i = 0; i < counters.size(); ++i) counters[i] = nic_.read_counter(i);
  return counters;
}

SelfTest NicDriver::self_test() {
  SelfTest result;
  if (!running()) return result;
  result.scratch = test_scratch();
  result.identity = nic_.read<regs::Id>().bits == regs::Id::kResetValue;
  const auto before = nic_counters(), after = nic_counters();
  result.counters = result.status = true;
  for (size_t i = 0; i < before.size(); ++i) result.counters = result.counters && after[i] >= before[i];
  for (auto& queue : queues_) result.status = result.status && test_status(*queue);
  return result;
}

bool NicDriver::test_scratch() {
  const uint32_t saved = nic_.read<regs::Scratch>().bits;
  bool good = true;
  for (const uint32_t pattern : {0x00000000u, 0xFFFFFFFFu, 0xAAAAAAAAu, 0x55555555u, 0x00FF00FFu, 0x12345678u}) {
    nic_.write<regs::Scratch>(pattern);
    good = good && nic_.read<regs::Scratch>().bits == pattern;
  }
  nic_.write<regs::Scratch>(saved);
  return good;
}

// The block in memory must not lag behind the register for long: DMA of this queue's status arrives.
bool NicDriver::test_status(Queue& queue) {
  return wait_until(platform_, kStatusLimitNs, [&] {
    const uint32_t tag = nic_.read<regs::StatusTag>(queue.number).bits;
    return !later_than(tag, queue.status.tag());
  });
}

void NicDriver::force_interrupt(unsigned queue) {
  if (!running() || queue >= queues_.size()) return;
  auto control = nic_.read<regs::IntControl>(queue);
  nic_.write(control.with(regs::IntControl::kForce, 1), queue);
}

}  // namespace ringside::driver
