// Frames of the fake NIC: from descriptors to the wire (segmentation, tags, checksums, time stamps) and from the wire
// into buffers (stripping, RSS), as sections 9 and 10 of the reference say.
#include <algorithm>
#include <cstring>
#include <utility>

#include "testbench/driver/fake_nic.h"

namespace ringside::testbench {

namespace regs = driver::regs;
namespace flag = driver::regs::tx_flags;

namespace {

using Frame = std::vector<uint8_t>;
constexpr uint32_t kMaxFrame = 9014, kMaxPacket = 65535;
constexpr uint8_t kTcp = 6, kUdp = 17, kFin = 1, kPsh = 8, kCwr = 0x80;

uint32_t be16(const Frame& f, size_t at) {
  return f[at] * 256u + f[at + 1];
}
uint32_t be32(const Frame& f, size_t at) {
  return be16(f, at) << 16 | be16(f, at + 2);
}
void put16(Frame& f, size_t at, uint32_t value) {
  f[at] = static_cast<uint8_t>(value >> 8);
  f[at + 1] = static_cast<uint8_t>(value);
}

uint32_t sum_of(const Frame& f, size_t from, size_t to) {
  uint64_t sum = 0;
  for (size_t i = from; i < to; ++i) sum += uint64_t{f[i]} << ((i - from) % 2 ? 0 : 8);
  while (sum >> 16) sum = (sum & 0xFFFF) + (sum >> 16);
  return static_cast<uint32_t>(sum);
}

void insert_checksum(Frame& f, uint32_t start, uint32_t offset) {
  const uint32_t sum = ~sum_of(f, start, f.size()) & 0xFFFF;
  put16(f, start + offset, sum == 0 && offset == 6 ? 0xFFFF : sum);
}

// One segment: `number` of them went before, payload [from, to) of the packet.
Frame segment_of(const SentPacket& packet, uint32_t number, uint32_t from, uint32_t to) {
  const regs::TxExtension& e = packet.extension;
  const uint32_t ip = e.ip_start, tcp = packet.descriptors[0].csum_start;
  Frame f(packet.bytes.begin(), packet.bytes.begin() + e.header_length);
  f.insert(f.end(), packet.bytes.begin() + from, packet.bytes.begin() + to);
  const auto bytes = static_cast<uint32_t>(f.size());
  if (f[ip] >> 4 == 4) {
    put16(f, ip + 2, bytes - ip);
    put16(f, ip + 4, be16(packet.bytes, ip + 4) + number);
    put16(f, ip + 10, 0);
    put16(f, ip + 10, ~sum_of(f, ip, ip + (f[ip] & 15u) * 4));
  } else {
    put16(f, ip + 4, bytes - ip - 40);
  }
  const uint32_t seq = be32(packet.bytes, tcp + 4) + from - e.header_length;
  put16(f, tcp + 4, seq >> 16);
  put16(f, tcp + 6, seq);
  if (to != packet.bytes.size()) f[tcp + 13] &= static_cast<uint8_t>(~(kFin | kPsh));
  if (number) f[tcp + 13] &= static_cast<uint8_t>(~kCwr);
  const uint32_t pseudo = be16(f, tcp + 16) + bytes - tcp;  // without the length in memory: it differs by segment
  put16(f, tcp + 16, (pseudo & 0xFFFF) + (pseudo >> 16));
  insert_checksum(f, tcp, 16);
  return f;
}

}  // namespace

// ---- sending ----

void FakeNic::process_tx(size_t packets, unsigned q) {
  QueueSet& queue = queues_[q];
  if (!(reg(regs::Control::address()) & 1) || queue.tx_error) return;
  const uint32_t before = queue.tx_cons;
  const size_t first = sent.size();
  for (size_t i = 0; i < packets && queue.tx_on && queue.tx_cons != queue.tx_prod; ++i) {
    if (!send_one(q)) return fail_tx(regs::ErrorReason::kBadDescriptor, q);
  }
  if (queue.tx_cons != before) write_status(q);
  for (size_t i = first; i < sent.size(); ++i) emit(sent[i]);
}

bool FakeNic::send_one(unsigned q) {
  QueueSet& queue = queues_[q];
  if (!(command() & 4)) violation("DMA without bus master");
  SentPacket packet;
  packet.queue = q;
  for (uint32_t index = queue.tx_cons; index != queue.tx_prod; ++index) {
    const uint32_t slot = index & (entries(regs::TxSize::address(q)) - 1);
    regs::TxDescriptor descriptor{};
    const uint8_t* from =
        platform_.device_read(wide(regs::TxBase::address(q)) + slot * sizeof descriptor, sizeof descriptor);
    if (!from) return false;
    std::memcpy(&descriptor, from, sizeof descriptor);
    if (descriptor.flags & flag::kExtension) {
      if (index != queue.tx_cons) return false;
      packet.extended = true;
      std::memcpy(&packet.extension, from, sizeof packet.extension);
      continue;
    }
    const uint8_t* bytes = descriptor.length ? platform_.device_read(descriptor.address, descriptor.length) : nullptr;
    if (!bytes || packet.descriptors.size() == 32) return false;
    packet.bytes.insert(packet.bytes.end(), bytes, bytes + descriptor.length);
    packet.descriptors.push_back(descriptor);
    if (!(descriptor.flags & flag::kEop)) continue;
    if (!is_good(packet)) return false;
    if (packet.extension.flags & flag::kTimestamp) stamp(q, queue.tx_cons);
    queue.tx_cons = index + 1;
    sent.push_back(std::move(packet));
    return true;
  }
  violation("doorbell covers part of a packet");
  return false;
}

bool FakeNic::is_good(const SentPacket& packet) {
  const regs::TxExtension& e = packet.extension;
  const regs::TxDescriptor& first = packet.descriptors[0];
  const bool tso = (e.flags & flag::kTso) != 0, sums = (first.flags & flag::kCsum) != 0;
  bool good = packet.bytes.size() <= (tso ? kMaxPacket : kMaxFrame);
  for (const regs::TxDescriptor& d : packet.descriptors) {
    good = good && !(d.flags & ~(flag::kEop | (&d == &first ? flag::kCsum : 0)));
  }
  good = good && !(e.flags & ~(flag::kExtension | flag::kVlan | flag::kTso | flag::kTimestamp));
  if (sums)
    good = good && first.csum_start % 2 == 0 && first.csum_start + first.csum_offset + 2u <= packet.bytes.size();
  if (packet.extended) good = good && e.length == 0 && e.reserved == 0;
  if (tso) {
    good = good && sums && first.csum_offset == 16 && e.mss > 0 && e.ip_start >= 14 && first.csum_start > e.ip_start &&
           e.header_length < packet.bytes.size() && e.header_length + e.mss <= kMaxFrame &&
           e.header_length == first.csum_start + (packet.bytes[first.csum_start + 12u] >> 4) * 4u;
  }
  if (!good) violation("a packet against section 9 of the reference");
  return good;
}

void FakeNic::stamp(unsigned q, uint32_t index) {
  queues_[q].stamp_idx = index;
  queues_[q].stamp_ns = platform_.now_ns() + 1;
  queues_[q].stamp_held = hold_stamps;
  if (hold_stamps) queues_[q].stamp_idx = ~index;
}

void FakeNic::depart() {
  for (unsigned q = 0; q < queues; ++q) {
    if (!std::exchange(queues_[q].stamp_held, false)) continue;
    queues_[q].stamp_idx = ~queues_[q].stamp_idx;
    write_status(q);
  }
}

void FakeNic::emit(const SentPacket& packet) {
  const regs::TxDescriptor& first = packet.descriptors[0];
  const regs::TxExtension e = packet.extension;
  const SentPacket copy = packet;  // `sent` may grow under loopback
  if (e.flags & flag::kTso) {
    uint32_t number = 0;
    const auto end = static_cast<uint32_t>(copy.bytes.size());
    for (uint32_t from = e.header_length; from < end; from += e.mss) {
      put_on_wire(segment_of(copy, number++, from, std::min<uint32_t>(from + e.mss, end)), copy);
    }
    return;
  }
  Frame frame = copy.bytes;
  if (first.flags & flag::kCsum) insert_checksum(frame, first.csum_start, first.csum_offset);
  put_on_wire(std::move(frame), copy);
}

void FakeNic::put_on_wire(Frame frame, const SentPacket& packet) {
  if (packet.extension.flags & flag::kVlan) {
    const uint8_t tag[4] = {0x81, 0x00, static_cast<uint8_t>(packet.extension.vlan >> 8),
                            static_cast<uint8_t>(packet.extension.vlan)};
    frame.insert(frame.begin() + 12, tag, tag + 4);
  }
  wire.push_back(frame);
  if (!(reg(regs::MacControl::address()) & regs::MacControl::kLoopback.mask())) return;
  if (damage_loopback) frame.back() ^= 1;
  receive(frame);
}

// ---- receiving ----

regs::RxDescriptor FakeNic::rx_descriptor(unsigned q, uint32_t index) {
  const uint32_t slot = index & (entries(regs::RxSize::address(q)) - 1);
  regs::RxDescriptor descriptor{};
  const uint8_t* from =
      platform_.device_read(wide(regs::RxBase::address(q)) + slot * sizeof descriptor, sizeof descriptor);
  if (from) std::memcpy(&descriptor, from, sizeof descriptor);
  return descriptor;
}

bool FakeNic::strip_vlan(Frame& frame, regs::ReturnEntry& entry) const {
  if (!(reg(regs::MacControl::address()) & regs::MacControl::kVlanStrip.mask())) return false;
  if (frame.size() < 18 || be16(frame, 12) != 0x8100) return false;
  entry.vlan = static_cast<uint16_t>(be16(frame, 14));
  frame.erase(frame.begin() + 12, frame.begin() + 16);
  return true;
}

// Toeplitz: the key, shifted by one bit for each bit of the input, added up where that bit is one.
bool FakeNic::hash(const Frame& frame, uint32_t& value) const {
  using Control = regs::RssControl;
  const regs::Value<Control> control{reg(Control::address())};
  if (!control.test(Control::kEnable) || frame.size() < 34) return false;
  const bool v4 = be16(frame, 12) == 0x0800, v6 = be16(frame, 12) == 0x86DD && frame.size() >= 54;
  if (!v4 && !v6) return false;
  const size_t addresses = v4 ? 26 : 22, ports = v4 ? 14 + (frame[14] & 15u) * 4 : 54;
  const uint8_t protocol = v4 ? frame[23] : frame[20];
  const bool fragment = v4 && (be16(frame, 20) & 0x3FFF) != 0, l4 = !fragment && frame.size() >= ports + 4;
  const bool with_ports = l4 && ((protocol == kTcp && control.test(v4 ? Control::kTcpIpv4 : Control::kTcpIpv6)) ||
                                 (protocol == kUdp && control.test(v4 ? Control::kUdpIpv4 : Control::kUdpIpv6)));
  if (!with_ports && !control.test(v4 ? Control::kIpv4 : Control::kIpv6)) return false;
  Frame input(frame.begin() + static_cast<long>(addresses),
              frame.begin() + static_cast<long>(addresses + (v4 ? 8 : 32)));
  if (with_ports)
    input.insert(input.end(), frame.begin() + static_cast<long>(ports), frame.begin() + static_cast<long>(ports + 4));
  const auto key_bit = [&](size_t bit) {
    return reg(regs::RssKey::address(static_cast<unsigned>(bit / 32))) >> (bit / 8 % 4 * 8 + 7 - bit % 8) & 1;
  };
  value = 0;
  for (size_t bit = 0; bit < 8 * input.size(); ++bit) {
    if (!(input[bit / 8] >> (7 - bit % 8) & 1)) continue;
    for (size_t i = 0; i < 32; ++i) value ^= key_bit(bit + i) << (31 - i);
  }
  return true;
}

bool FakeNic::receive(const Frame& from_wire, uint16_t flags) {
  if (gone || !(reg(regs::Control::address()) & 2)) return false;
  Frame frame = from_wire;
  regs::ReturnEntry entry{};
  if (strip_vlan(frame, entry)) flags |= regs::return_flags::kVlan;
  unsigned q = 0;
  if (hash(frame, entry.hash)) {
    flags |= regs::return_flags::kHash;
    q = reg(regs::RssTable::address(entry.hash % 128 / 4)) >> entry.hash % 4 * 8 & 0xFF;
  }
  if (q >= queues || !queues_[q].rx_on) return false;
  QueueSet& queue = queues_[q];
  uint32_t room = 0, pieces = 0;
  for (; room < frame.size() && pieces < buffers(q); ++pieces) room += rx_descriptor(q, queue.rx_cons + pieces).length;
  if (room < frame.size() || pieces > entries(regs::RetSize::address(q)) - (queue.ret_prod - queue.ret_cons)) {
    ++no_buffer;
    return false;
  }
  size_t done = 0;
  for (uint32_t i = 0; i < pieces; ++i) {
    const auto bytes =
        static_cast<uint32_t>(std::min<size_t>(rx_descriptor(q, queue.rx_cons).length, frame.size() - done));
    unsigned piece = i == 0 ? regs::return_flags::kSop : 0u;
    if (i + 1 == pieces) piece |= flags | regs::return_flags::kEop;
    entry.flags = static_cast<uint16_t>(piece);
    put_piece(q, frame, done, bytes, entry);
    done += bytes;
  }
  write_status(q);
  return true;
}

void FakeNic::report_late(const Frame& frame) {
  const bool was_on = queues_[0].rx_on;
  queues_[0].rx_on = true;
  if (!receive(frame)) violation("no room for the late frame");
  queues_[0].rx_on = was_on;
}

void FakeNic::put_piece(unsigned q, const Frame& frame, size_t offset, uint32_t bytes, regs::ReturnEntry entry) {
  QueueSet& queue = queues_[q];
  const regs::RxDescriptor descriptor = rx_descriptor(q, queue.rx_cons++);
  uint8_t* to = platform_.device_write(descriptor.address, bytes);
  if (to) std::memcpy(to, frame.data() + offset, bytes);
  entry.opaque = descriptor.opaque;
  entry.length = static_cast<uint16_t>(bytes);
  entry.raw_csum = 0x1234;
  entry.timestamp = platform_.now_ns();
  entry.frame_length = static_cast<uint16_t>(frame.size());
  entry.index = queue.ret_prod;
  if (corrupt_entry) corrupt_entry(entry);
  const uint64_t bus =
      wide(regs::RetBase::address(q)) + (queue.ret_prod & (entries(regs::RetSize::address(q)) - 1)) * sizeof entry;
  ++queue.ret_prod;
  if (stage_entries) return platform_.stage(bus, &entry, sizeof entry);
  if (uint8_t* ring = platform_.device_write(bus, sizeof entry)) std::memcpy(ring, &entry, sizeof entry);
}

}  // namespace ringside::testbench
