#include "stack/interface.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "stack/packet_tools.h"
#include "stack/wire_bytes.h"

namespace ringside::stack {

Interface::Interface(Context& context, InterfaceClient& client, NetDevice& device, const InterfaceConfig& config)
    : context_(context), client_(client), device_(device), mac_(device.mac_address()), features_(device.features()),
      mtu_(config.mtu ? std::min(config.mtu, device.mtu()) : device.mtu()), resolve_(config.resolve),
      vlan_(config.vlan), addresses_(config.addresses), queue_(config.egress_packets), shaper_timer_(context.timers, [this] { drain(); }),
      arp_(context, *this, mac_, config.arp), link_up_(device.link_up()) {
  if (vlan_ > 4094) throw std::invalid_argument("InterfaceConfig::vlan: must be 0 to 4094");
  if (config.shaper_bits_per_second) set_shaper(config.shaper_bits_per_second, config.shaper_burst_bytes);
  device_.set_client(this);
}

Interface::~Interface() { device_.set_client(nullptr); }

void Interface::set_shaper(uint64_t bits_per_second, uint32_t burst_bytes) {
  queue_.shaper.configure(bits_per_second, burst_bytes, context_.now_ns);
}

bool Interface::is_own_address(Ipv4Address address) const {
  return std::any_of(addresses_.begin(), addresses_.end(), [&](const Ipv4Prefix& p) { return p.address == address; });
}

bool Interface::is_broadcast(Ipv4Address address) const {
  return address.is_limited_broadcast() || std::any_of(addresses_.begin(), addresses_.end(), [&](const Ipv4Prefix& p) {
    return p.length < 31 && p.broadcast() == address;
  });
}

Ipv4Address Interface::source_for(Ipv4Address target) const {
  for (const Ipv4Prefix& prefix : addresses_) {
    if (prefix.contains(target)) return prefix.address;
  }
  return addresses_.empty() ? Ipv4Address{} : addresses_.front().address;
}

void Interface::send(Packet ip_packet, Ipv4Address next_hop) {
  if (!resolve_) {
    send_frame(std::move(ip_packet), mac_, kEtherTypeIpv4);
  } else {
    arp_.send(std::move(ip_packet), next_hop);
  }
}

void Interface::send_link_broadcast(Packet ip_packet) {
  send_frame(std::move(ip_packet), kBroadcastMac, kEtherTypeIpv4);
}

void Interface::send_resolved(Packet packet, const MacAddress& destination) {
  send_frame(std::move(packet), destination, kEtherTypeIpv4);
}

void Interface::resolve_failed(Packet packet) { client_.next_hop_unreachable(std::move(packet)); }

void Interface::send_arp(const ArpPacket& arp_packet, const MacAddress& destination) {
  constexpr uint32_t kRoom = 64;
  Packet packet = Packet::with_headroom(context_.header_pool.allocate(), kRoom);
  if (packet.empty()) { ++counters_.drop_no_buffer; return; }
  write_arp(packet.append(ArpPacket::kBytes), arp_packet);
  send_frame(std::move(packet), destination, kEtherTypeArp);
}

// Path step T6: Ethernet header, egress queue with its shaper, capture tap.
void Interface::send_frame(Packet packet, const MacAddress& destination, uint16_t ether_type) {
  const uint32_t bytes = write_header(packet, destination, ether_type);
  if (bytes == 0) { ++counters_.drop_no_buffer; return; }
  PacketMeta& meta = packet.meta;
  if (meta.tx_checksum == TxChecksum::kInsert) meta.csum_start += static_cast<uint16_t>(bytes);
  if (meta.segment_bytes) {
    meta.header_bytes += static_cast<uint16_t>(bytes);
    meta.ip_start = static_cast<uint16_t>(bytes);
  }
  context_.charge(StackWork::kEthernetFrameTx);
  context_.mark(meta.journey, PathStep::kT6);
  enqueue(std::move(packet));
}

// Returns its length; 0: no headroom, of a forwarded packet whose tag the device does not insert.
uint32_t Interface::write_header(Packet& packet, const MacAddress& destination, uint16_t ether_type) {
  const bool tag_here = vlan_ && !features_.vlan_insert;
  const uint32_t bytes = tag_here ? EthernetHeader::kVlanBytes : EthernetHeader::kBytes;
  uint8_t* at = packet.push(bytes);
  assert((at || tag_here) && "every layer leaves headroom for those below");
  if (!at) return 0;
  write_ethernet(at, {destination, mac_, tag_here ? uint16_t{kEtherTypeVlan} : ether_type});
  if (tag_here) {
    store_be16(at + 14, vlan_);
    store_be16(at + 16, ether_type);
  } else if (vlan_) {
    packet.meta.vlan_insert = true;
    packet.meta.vlan = vlan_;
  }
  return bytes;
}

void Interface::enqueue(Packet packet) {
  if (!link_up_) { ++counters_.drop_link_down; return; }
  if (packet.fragment_count() > features_.max_fragments && !linearize(packet)) { ++counters_.drop_no_buffer; return; }
  if (queue_.full()) { ++counters_.drop_egress_full; return; }
  if (queue_.empty() && !device_busy_ && !queue_.shaper.enabled() && to_device(packet) != TxResult::kBusy) return;
  queue_.add(std::move(packet));
  drain();
}

void Interface::drain() {
  while (!queue_.empty() && !device_busy_) {
    Packet& packet = queue_.oldest();
    const uint32_t bytes = packet.length();
    const uint64_t ready_ns = queue_.shaper.ready_at_ns(bytes, context_.now_ns);
    if (ready_ns > context_.now_ns) {
      shaper_timer_.arm(ready_ns);
      return;
    }
    if (to_device(packet) == TxResult::kBusy) return;
    queue_.shaper.take(bytes, context_.now_ns);  // after the device took it: a busy device costs no tokens
    queue_.remove_oldest();
  }
}

TxResult Interface::to_device(Packet& packet) {
  const uint32_t bytes = packet.length();
  Packet seen;
  if (tap_) seen = packet.share();
  const TxResult result = device_.transmit(packet, burst_ + 1 < kMaxBurst);
  if (result == TxResult::kBusy) {
    ++counters_.tx_busy;
    device_busy_ = true;
    return result;
  }
  if (result == TxResult::kDropped) {
    ++counters_.drop_device;
    packet.clear();
    return result;
  }
  burst_ = burst_ + 1 < kMaxBurst ? burst_ + 1 : 0;
  ++counters_.tx_packets;
  counters_.tx_bytes += bytes;
  if (tap_) tap_->capture(CaptureDirection::kOut, seen, context_.now_ns);
  return result;
}

// For devices that take fewer fragments than the packet has: copies it into as few data buffers as it needs.
bool Interface::linearize(Packet& packet) {
  const uint32_t total = packet.length();
  Packet flat;
  for (uint32_t done = 0; done < total;) {
    BufferRef buffer = context_.data_pool.allocate();
    if (!buffer || flat.fragment_count() == features_.max_fragments) return false;
    const uint32_t part = packet.copy_out(done, buffer.data(), std::min(buffer.capacity(), total - done));
    flat.add_fragment(std::move(buffer), 0, part);
    done += part;
  }
  context_.charge(StackWork::kCopyBytes, total);
  ++counters_.tx_linearized;
  flat.meta = packet.meta;
  packet = std::move(flat);
  return true;
}

void Interface::flush() {
  if (burst_ == 0) return;
  burst_ = 0;
  device_.flush();
}

void Interface::receive(Packet packet) {
  client_.enter();
  demultiplex(std::move(packet));
  client_.leave();
}

// Path step R8: checks, demultiplexing by EtherType, header off.
void Interface::demultiplex(Packet packet) {
  ++counters_.rx_packets;
  const uint32_t bytes = packet.length();
  counters_.rx_bytes += bytes;
  context_.charge(StackWork::kEthernetFrameRx);
  context_.mark(packet.meta.journey, PathStep::kR8);
  if (tap_) tap_->capture(CaptureDirection::kIn, packet, context_.now_ns);
  const uint8_t* data = packet.header(EthernetHeader::kBytes);
  if (!data) { ++counters_.drop_runt; return; }
  EthernetHeader header = *parse_ethernet(data, EthernetHeader::kBytes);
  if (!header.group() && header.destination != mac_) { ++counters_.drop_wrong_mac; return; }
  packet.pull(EthernetHeader::kBytes);
  if (!take_tag(packet, &header)) { ++counters_.drop_wrong_vlan; return; }
  if (header.ether_type == kEtherTypeIpv4) {
    client_.receive_ipv4(*this, std::move(packet), header.group());
  } else if (header.ether_type == kEtherTypeArp && resolve_) {
    const uint8_t* arp = packet.header(ArpPacket::kBytes);
    arp_.receive(arp, arp ? ArpPacket::kBytes : 0);
  } else {
    ++counters_.drop_unknown_type;
  }
}

// Stripped by the device or still there; a tag of VLAN 0 says a priority and no more. False: not of this VLAN.
bool Interface::take_tag(Packet& packet, EthernetHeader* header) {
  uint16_t tag = packet.meta.vlan_stripped ? packet.meta.vlan : uint16_t{0};
  if (header->ether_type == kEtherTypeVlan && !packet.meta.vlan_stripped) {
    constexpr uint32_t kTagBytes = EthernetHeader::kVlanBytes - EthernetHeader::kBytes;
    if (!make_contiguous(packet, kTagBytes, context_.header_pool)) return false;
    const uint8_t* at = packet.header(kTagBytes);
    tag = load_be16(at);
    header->ether_type = load_be16(at + 2);
    packet.pull(kTagBytes);
  }
  return vlan_of(tag) == vlan_;
}

void Interface::receive_done() {
  client_.enter();
  client_.receive_done();
  client_.leave();
}

void Interface::tx_wake() {
  client_.enter();
  device_busy_ = false;
  drain();
  if (!device_busy_) client_.transmit_ready();
  client_.leave();
}

void Interface::link_changed(bool up) {
  client_.enter();
  link_up_ = up;
  device_busy_ = false;
  if (!up) {
    counters_.drop_link_down += queue_.size();
    queue_.clear();
  } else if (resolve_) {
    for (const Ipv4Prefix& prefix : addresses_) arp_.announce(prefix.address);
  }
  client_.leave();
}

}  // namespace ringside::stack
