// Whole packets and frames, gathered as they pass the pins, for the frame checker.
#include <algorithm>
#include <cstring>

#include "sc_model/check_ring_device.h"

namespace ringside::sc_model {

void DeviceRingChecker::tx_data_arrived(TimePs now, const Read& read, const uint8_t* from, uint32_t bytes) {
  DeviceQueue& queue = queues_[read.queue];
  DeviceTxDescriptor& d = queue.tx_copy[read.index & queue.tx.mask()];
  d.arrived += bytes;
  if (frames_ == nullptr) return;
  Octets& octets = queue.tx_octets[read.index & queue.tx.mask()];
  if (octets.size() < d.length) octets.resize(d.length);
  const uint32_t at = read.offset + read.done;
  if (at + bytes <= d.length) std::memcpy(octets.data() + at, from, bytes);
  if (d.arrived >= d.length) tell_packets(now, read.queue);
}

// All packets, in order, of which every byte is there.
void DeviceRingChecker::tell_packets(TimePs now, unsigned q) {
  DeviceQueue& queue = queues_[q];
  for (uint32_t end = queue.tx_told; ahead(queue.tx.fetched, end) > 0; ++end) {
    const DeviceTxDescriptor& d = queue.tx_copy[end & queue.tx.mask()];
    if (!d.known || d.bad || d.failed || d.arrived < d.length) return;
    if ((d.flags & map::tx_flags::kEop) == 0) continue;
    tell_packet(now, q, end);
    queue.tx_told = end + 1;
  }
}

void DeviceRingChecker::tell_packet(TimePs now, unsigned q, uint32_t end) {
  DeviceQueue& queue = queues_[q];
  PacketOrder order;
  Octets& packet = packet_;
  packet.clear();
  bool first = true;
  const TimePs asked = asked_since(now, queue);
  for (uint32_t i = queue.tx_told; i != end + 1; ++i) {
    const DeviceTxDescriptor& d = queue.tx_copy[i & queue.tx.mask()];
    if ((d.flags & map::tx_flags::kExtension) != 0) {
      const auto extension = load<map::TxExtension>(&d.raw);
      order.vlan = (d.flags & map::tx_flags::kVlan) != 0;
      order.tso = (d.flags & map::tx_flags::kTso) != 0;
      order.tci = extension.vlan;
      order.mss = extension.mss;
      order.header_length = extension.header_length;
      order.ip_start = extension.ip_start;
      continue;
    }
    if (first) {
      order.csum = (d.flags & map::tx_flags::kCsum) != 0;
      order.csum_start = d.raw.csum_start;
      order.csum_offset = d.raw.csum_offset;
    }
    order.descriptors = first ? 1 : order.descriptors + 1;
    first = false;
    const Octets& octets = queue.tx_octets[i & queue.tx.mask()];
    packet.insert(packet.end(), octets.begin(), octets.begin() + d.length);
  }
  order.octets = static_cast<uint32_t>(packet.size());
  frames_->packet_read(now, asked, q, order, packet);
}

void DeviceRingChecker::tell_frame(TimePs now, unsigned q, const map::ReturnEntry& entry) {
  DeviceQueue& queue = queues_[q];
  const Octets& octets = queue.rx_octets[queue.ret_written & queue.rx.mask()];
  if ((entry.flags & map::return_flags::kSop) != 0) queue.frame.clear();
  if (octets.size() < entry.length) queue.frame_sound = false;
  else queue.frame.insert(queue.frame.end(), octets.begin(), octets.begin() + entry.length);
  if ((entry.flags & map::return_flags::kEop) == 0) return;
  if (queue.frame_sound) frames_->frame_returned(now, q, entry, queue.frame);
  queue.frame_sound = true;
}

}  // namespace ringside::sc_model
