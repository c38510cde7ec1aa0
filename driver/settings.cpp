// Settings at run time, and what the stack is offered.
#include <algorithm>

#include "driver/nic_driver.h"

namespace ringside::driver {
namespace {

constexpr uint64_t kDrainLimitNs = 1'000'000;
constexpr uint32_t kEthernetHeaderBytes = 14, kFcsBytes = 4;
constexpr uint32_t kMaxSegmentedBytes = 65535;  // REFERENCE.md section 9

// CRC-32 of IEEE 802.3 3.2.9 over the address, as zlib's crc32(): the six most significant bits number the filter bit.
unsigned multicast_bit(const stack::MacAddress& group) {
  uint32_t crc = 0xFFFFFFFF;
  for (const uint8_t octet : group) {
    crc ^= octet;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320 : 0);
  }
  return ~crc >> 26;
}

uint64_t mac_bits(const stack::MacAddress& mac) {
  uint64_t bits = 0;
  for (size_t i = 0; i < mac.size(); ++i) bits |= uint64_t{mac[i]} << (8 * i);
  return bits;
}

// A register of four octets, the first one lowest.
template <class Octet>
uint32_t word_of(Octet octet) {
  uint32_t word = 0;
  for (unsigned i = 0; i < 4; ++i) word |= uint32_t{octet(i)} << (8 * i);
  return word;
}

}  // namespace

stack::DeviceFeatures NicDriver::features() const {
  using Feature = regs::Features;
  const Offloads& wanted = config_.offloads;
  stack::DeviceFeatures features;
  features.tx_checksum = wanted.tx_checksum && has(Feature::kTxCsum);
  features.rx_checksum = wanted.rx_checksum && has(Feature::kRxCsum);
  if (wanted.segmentation && features.tx_checksum && has(Feature::kTso))
    features.max_segment_bytes = kMaxSegmentedBytes;
  features.vlan_insert = wanted.vlan_insert && has(Feature::kVlan);
  features.vlan_strip = wanted.vlan_strip && has(Feature::kVlan);
  features.tx_time_stamps = has(Feature::kTxTimestamp);
  features.rx_time_stamps = has(Feature::kRxTimestamp);
  // A fragment of up to a page may lie across a page border and take two descriptors; one entry is the extension's.
  features.max_fragments = std::min(kMaxPacketDescriptors, config_.rings.tx - 1) / 2;
  return features;
}

// ---- MAC ----

Setting NicDriver::set_mac_address(const stack::MacAddress& mac) {
  if (!is_unicast(mac)) return Setting::kInvalid;
  config_.mac = mac;
  if (running()) write_mac_address();
  return Setting::kDone;
}

void NicDriver::write_mac_address() {
  nic_.write<regs::MacAddr>(mac_bits(config_.mac));
}

Setting NicDriver::set_mtu(uint32_t bytes) {
  if (!is_mtu(bytes)) return Setting::kInvalid;
  config_.mtu_bytes = bytes;
  if (running()) write_max_frame();
  return Setting::kDone;
}

void NicDriver::write_max_frame() {
  nic_.write<regs::MaxFrame>(config_.mtu_bytes + kEthernetHeaderBytes + kFcsBytes);
}

Setting NicDriver::set_promiscuous(bool on) {
  config_.promiscuous = on;
  if (running()) write_mac_control();
  return Setting::kDone;
}

Setting NicDriver::set_all_multicast(bool on) {
  config_.all_multicast = on;
  if (running()) write_mac_control();
  return Setting::kDone;
}

Setting NicDriver::set_multicast(const std::vector<stack::MacAddress>& groups) {
  multicast_hash_ = 0;
  for (const stack::MacAddress& group : groups) multicast_hash_ |= uint64_t{1} << multicast_bit(group);
  if (running()) nic_.write<regs::MacHash>(multicast_hash_);
  return Setting::kDone;
}

Setting NicDriver::set_loopback(bool on) {
  if (!running()) return Setting::kNotSupported;  // no setting to start with
  loopback_ = on;
  write_mac_control();
  return Setting::kDone;
}

void NicDriver::write_mac_control() {
  using Control = regs::MacControl;
  const bool pause = has(regs::Features::kPause), strip = config_.offloads.vlan_strip && has(regs::Features::kVlan);
  nic_.write(regs::Value<Control>{}
                 .with(Control::kAcceptBroadcast, 1)
                 .with(Control::kStripFcs, 1)
                 .with(Control::kPromiscuous, config_.promiscuous ? 1 : 0)
                 .with(Control::kAcceptAllMulticast, config_.all_multicast ? 1 : 0)
                 .with(Control::kLoopback, loopback_ ? 1 : 0)
                 .with(Control::kPauseRx, pause && config_.pause.rx ? 1 : 0)
                 .with(Control::kPauseTx, pause && config_.pause.tx ? 1 : 0)
                 .with(Control::kVlanStrip, strip ? 1 : 0));
}

Setting NicDriver::set_pause(const PauseSettings& pause) {
  if (!is_valid(pause)) return Setting::kInvalid;
  if (running() && (pause.rx || pause.tx) && !has(regs::Features::kPause)) return Setting::kNotSupported;
  config_.pause = pause;
  if (!running()) return Setting::kDone;
  write_pause();
  write_mac_control();
  return Setting::kDone;
}

void NicDriver::write_pause() {
  if (!has(regs::Features::kPause)) return;
  nic_.write<regs::PauseQuanta>(config_.pause.quanta);
  nic_.write(regs::Value<regs::PauseThreshold>{}
                 .with(regs::PauseThreshold::kHigh, config_.pause.high_octets)
                 .with(regs::PauseThreshold::kLow, config_.pause.low_octets));
}

// ---- offloads, RSS, DMA ----

Setting NicDriver::set_offloads(const Offloads& offloads) {
  config_.offloads = offloads;
  if (running()) write_mac_control();
  return Setting::kDone;
}

Setting NicDriver::set_rss(const RssSettings& rss) {
  if (!is_valid(rss, running() ? queues_.size() : config_.queues)) return Setting::kInvalid;
  if (running() && rss.enable && !has(regs::Features::kRss)) return Setting::kNotSupported;
  config_.rss = rss;
  if (running()) write_rss();
  return Setting::kDone;
}

// Off while key and table change, so that no frame meets half of them.
void NicDriver::write_rss() {
  if (!has(regs::Features::kRss)) return;
  const RssSettings& rss = config_.rss;
  nic_.write<regs::RssControl>(0);
  for (unsigned word = 0; word < RssSettings::kKeyBytes / 4; ++word) {
    nic_.write<regs::RssKey>(word_of([&](unsigned i) { return rss.key[4 * word + i]; }), word);
  }
  for (unsigned word = 0; word < RssSettings::kEntries / 4; ++word) {
    const auto queue = [&](unsigned i) {
      const unsigned entry = 4 * word + i;
      return static_cast<uint8_t>((rss.spread_evenly ? entry : rss.table[entry]) % queues_.size());
    };
    nic_.write<regs::RssTable>(word_of(queue), word);
  }
  using Control = regs::RssControl;
  nic_.write(regs::Value<Control>{}
                 .with(Control::kEnable, rss.enable ? 1 : 0)
                 .with(Control::kIpv4, rss.ipv4 ? 1 : 0)
                 .with(Control::kTcpIpv4, rss.tcp_ipv4 ? 1 : 0)
                 .with(Control::kUdpIpv4, rss.udp_ipv4 ? 1 : 0)
                 .with(Control::kIpv6, rss.ipv6 ? 1 : 0)
                 .with(Control::kTcpIpv6, rss.tcp_ipv6 ? 1 : 0)
                 .with(Control::kUdpIpv6, rss.udp_ipv6 ? 1 : 0));
}

Setting NicDriver::set_dma_timeout(uint16_t us) {
  if (!is_dma_timeout(us)) return Setting::kInvalid;
  config_.dma_timeout_us = us;
  if (running()) nic_.write<regs::DmaTimeout>(us);
  return Setting::kDone;
}

// ---- polls and interrupts ----

Setting NicDriver::set_poll_budget(uint32_t frames) {
  if (frames == 0) return Setting::kInvalid;
  config_.poll_budget = frames;
  return Setting::kDone;
}

Setting NicDriver::set_index_source(IndexSource source) {
  config_.index_source = source;
  return Setting::kDone;
}

Setting NicDriver::set_coalescing(const Coalescing& coalescing) {
  if (!is_valid(coalescing)) return Setting::kInvalid;
  config_.coalescing = coalescing;
  if (!running()) return Setting::kDone;
  for (auto& queue : queues_) write_coalescing(*queue);
  return Setting::kDone;
}

void NicDriver::write_coalescing(Queue& queue) {
  const Coalescing& c = config_.coalescing;
  nic_.write<regs::IntRxFrames>(c.rx_frames, queue.number);
  nic_.write<regs::IntRxUsecs>(c.rx_usecs, queue.number);
  nic_.write<regs::IntTxFrames>(c.tx_frames, queue.number);
  nic_.write<regs::IntTxUsecs>(c.tx_usecs, queue.number);
  nic_.write<regs::IntMaxUsecs>(c.max_usecs, queue.number);
  nic_.write<regs::IntGapUsecs>(c.gap_usecs, queue.number);
}

// The mask is set by the write; the poll that follows lifts it when it has seen everything.
Setting NicDriver::set_auto_mask(bool on) {
  config_.auto_mask = on;
  if (!running()) return Setting::kDone;
  for (auto& queue : queues_) {
    write_int_control(*queue);
    platform_.poll_schedule(queue->poll);
  }
  return Setting::kDone;
}

void NicDriver::write_int_control(Queue& queue) {
  const auto control = regs::Value<regs::IntControl>{}.with(regs::IntControl::kMask, 1);
  nic_.write(control.with(regs::IntControl::kAutoMask, config_.auto_mask ? 1 : 0), queue.number);
}

// ---- rings ----

Setting NicDriver::set_ring_sizes(const RingSizes& sizes) {
  if (!is_valid(sizes)) return Setting::kInvalid;
  if (running()) {
    const Setting result = swap_rings(sizes);
    if (result != Setting::kDone) return result;
  }
  config_.rings = sizes;
  return Setting::kDone;
}

// All new rings first: a machine without memory keeps the old ones.
Setting NicDriver::swap_rings(const RingSizes& sizes) {
  std::vector<std::unique_ptr<TxRing>> tx;
  std::vector<std::unique_ptr<RxRing>> rx;
  for (size_t q = 0; q < queues_.size(); ++q) {
    tx.push_back(new_tx_ring(sizes));
    rx.push_back(new_rx_ring(sizes));
    if (!tx.back() || !rx.back()) return Setting::kNoMemory;
  }
  for (size_t q = 0; q < queues_.size(); ++q) {
    if (!replace_rings(*queues_[q], std::move(tx[q]), std::move(rx[q]))) return Setting::kFailed;
  }
  return Setting::kDone;
}

bool NicDriver::replace_rings(Queue& queue, std::unique_ptr<TxRing> tx, std::unique_ptr<RxRing> rx) {
  drain(queue);
  bool off = stop_tx(queue) && stop_rx(queue);
  queue.tx_broken = true;  // what the client answers now waits for the new ring: kBusy, then wake()
  if (off) receive_all(queue);
  off = off && clear_tx(queue) && clear_rx(queue);
  if (!off) {
    reset_nic();
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

}  // namespace ringside::driver
