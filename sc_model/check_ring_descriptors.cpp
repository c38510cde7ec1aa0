// What a doorbell hands over: R5 R8 R9 R10; and whether it stays as it was: R6.
#include <algorithm>

#include "sc_model/check_ring_driver.h"

namespace ringside::sc_model {
namespace {

namespace flag = map::tx_flags;
constexpr uint32_t kMostDescriptors = 32, kLongestPacket = 9014, kLongestTso = 65535, kSmallestBuffer = 64;
}  // namespace

const uint8_t* DriverRingChecker::entry(const DriverRing& ring, uint32_t index) const {
  return iommu_.peek(ring.base + 16 * (index & ring.mask()));
}

// R5: what stands in the ring at a write barrier is what a doorbell after it may cover. Looks at entries from the
// producer index on, as far as they are new.
void DriverRingChecker::note_barrier(DriverRing& ring) {
  if (!ring.enabled) return;
  const uint32_t end = ring.cons + ring.size;
  uint32_t i = ring.at_barrier;
  for (; i != end; ++i) {
    uint8_t* copy = ring.copy[i & ring.mask()].data();
    const uint8_t* now = entry(ring, i);
    if (now == nullptr || std::memcmp(copy, now, 16) == 0) break;
    std::memcpy(copy, now, 16);
  }
  ring.at_barrier = i;
}

// An entry behind the one at which the last look ended cannot be judged when that one looks old: it may be new and
// equal to the one before it in this slot.
void DriverRingChecker::judge_visible(TimePs now, unsigned q, DriverRing& ring, uint32_t end) {
  bool judged = true;
  for (uint32_t i = ring.prod; i != end; ++i) {
    uint8_t* copy = ring.copy[i & ring.mask()].data();
    const uint8_t* from = entry(ring, i);
    if (from == nullptr) continue;
    const bool equal = std::memcmp(copy, from, 16) == 0;
    if (judged && !equal) {
      report("R5", now, q, ring, i, "the descriptor was stored after the last write barrier");
      judged = false;  // once for a doorbell
    }
    if (equal && ahead(i, ring.at_barrier) >= 0) judged = false;
    std::memcpy(copy, from, 16);
  }
}

// The buffer is the device's from now on.
void DriverRingChecker::hand_over(TimePs now, unsigned q, DriverRing& ring, uint32_t index) {
  ring.mapping[index & ring.mask()] = MemoryOwners::kNone;
  const uint8_t* d = ring.copy[index & ring.mask()].data();
  const uint64_t bus = load<uint64_t>(d);
  const uint32_t bytes = load<uint16_t>(d + 8);
  const bool rx = &ring == &queues_[q].rx;
  if (bytes == 0 || (!rx && (load<uint16_t>(d + 10) & flag::kExtension) != 0)) return;
  const uint32_t id = owners_.find(bus, bytes);
  if (id == MemoryOwners::kNone) return;
  Mapping& m = owners_.at(id);
  ring.mapping[index & ring.mask()] = id;
  m.owner = m.owner == Owner::kShared ? Owner::kShared : Owner::kDevice;
  m.ring = ring.name;
  m.queue = q;
  m.index = index;
  m.given_ps = now;
  m.returned_ps = 0;
  m.hashed = !rx && m.access == DmaAccess::kDeviceReads;
  if (m.hashed) m.hash = m.contents();
}

// R8: the buffer lies in one mapping of the right direction.
void DriverRingChecker::judge_buffer(TimePs now, unsigned q, DriverRing& ring, uint32_t index, uint64_t bus,
                                     uint32_t bytes, bool write) {
  const uint32_t id = ring.mapping[index & ring.mask()];
  if (id == MemoryOwners::kNone)
    return report("R8", now, q, ring, index, "the buffer lies in no mapping, " + std::to_string(bytes) + " bytes");
  const DmaAccess access = owners_.at(id).access;
  const bool fits = access == DmaAccess::kCoherent || write == (access == DmaAccess::kDeviceWrites);
  if (!fits) report("R8", now, q, ring, index, "the buffer is mapped for the other direction");
  ring.history.add(now, "descriptor %llu: buffer 0x%llx, %llu bytes", index, bus, bytes);
}

void DriverRingChecker::lint_rx(TimePs now, unsigned q, uint32_t index, const map::RxDescriptor& d) {
  DriverRing& rx = queues_[q].rx;
  if (d.length < kSmallestBuffer || d.reserved != 0)
    return report("R8", now, q, rx, index, "length " + std::to_string(d.length) + ", or reserved bits are not zero");
  judge_buffer(now, q, rx, index, d.address, d.length, true);
}

void DriverRingChecker::lint_tx(TimePs now, unsigned q, uint32_t index, const map::TxDescriptor& d,
                                PacketLint& packet) {
  DriverRing& tx = queues_[q].tx;
  if ((d.flags & ~kKnownTxFlags) != 0) report("R9", now, q, tx, index, "unknown flags " + std::to_string(d.flags));
  const bool extension = (d.flags & flag::kExtension) != 0;
  const bool first = !packet.open;
  if (first) packet = PacketLint{};
  packet.open = true;
  if (extension) {
    if (!first || (d.flags & flag::kEop) != 0)
      report("R9", now, q, tx, index, "an extension that does not come first, or ends the packet");
    packet.tso = (d.flags & flag::kTso) != 0;
    return;
  }
  if ((d.flags & (flag::kVlan | flag::kTso | flag::kTimestamp)) != 0)
    report("R9", now, q, tx, index, "flags of an extension on a descriptor of data: " + std::to_string(d.flags));
  if (d.length == 0) report("R8", now, q, tx, index, "length zero");
  else judge_buffer(now, q, tx, index, d.address, d.length, false);
  if ((d.flags & flag::kCsum) != 0 && packet.descriptors != 0)
    report("R9", now, q, tx, index, "csum on another descriptor of data than the first");
  if ((d.flags & flag::kCsum) != 0) packet.csum_end = uint32_t{d.csum_start} + d.csum_offset + 2;
  ++packet.descriptors;
  packet.bytes += d.length;
  if ((d.flags & flag::kEop) == 0 && packet.descriptors < kMostDescriptors) return;
  lint_packet(now, q, index, packet);
  packet.open = (d.flags & flag::kEop) == 0;
}

// R9: what a whole packet may be.
void DriverRingChecker::lint_packet(TimePs now, unsigned q, uint32_t index, const PacketLint& packet) {
  DriverRing& tx = queues_[q].tx;
  const auto last = load<map::TxDescriptor>(tx.copy[index & tx.mask()].data());
  if ((last.flags & flag::kEop) == 0)
    report("R9", now, q, tx, index, "no end of the packet on its descriptor " + std::to_string(packet.descriptors));
  else if (packet.bytes > (packet.tso ? kLongestTso : kLongestPacket))
    report("R9", now, q, tx, index, "a packet of " + std::to_string(packet.bytes) + " bytes");
  else if (packet.csum_end > packet.bytes)
    report("R9", now, q, tx, index, "the checksum field ends behind the packet");
}

// R6: the device reads the descriptors that the doorbell covered, and nobody has changed them since.
void DriverRingChecker::judge_unchanged(TimePs now, unsigned q, DriverRing& ring, uint64_t bus, uint32_t bytes) {
  const uint32_t slot = static_cast<uint32_t>((bus - ring.base) / 16);
  for (uint32_t i = 0; i < (bytes + 15) / 16; ++i) {
    const uint32_t index = ring.cons + ((slot + i - ring.cons) & ring.mask());
    const uint8_t* from = entry(ring, index);
    if (from == nullptr || ahead(ring.prod, index) <= 0) continue;
    if (std::memcmp(ring.copy[index & ring.mask()].data(), from, 16) == 0) continue;
    report("R6", now, q, ring, index, "the descriptor was changed after the doorbell that gave it away");
    std::memcpy(ring.copy[index & ring.mask()].data(), from, 16);
  }
}

}  // namespace ringside::sc_model
