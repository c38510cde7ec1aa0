#include <algorithm>
#include <cstring>

#include "testbench/rtl/nic/model.h"
#include "testbench/rtl/nic/wire.h"

namespace ringside::testbench::nic {
namespace {

constexpr size_t kShortest = 60, kAddresses = 12;

// Section 9, flag csum.
void insert_checksum(const Packet& packet, Octets* octets) {
  uint8_t* start = octets->data() + packet.csum_start;
  uint16_t sum = static_cast<uint16_t>(~ones_sum(start, octets->size() - packet.csum_start));
  if (sum == 0 && packet.csum_offset == 6) sum = 0xFFFF;
  put_be16(start + packet.csum_offset, sum);
}

Octets on_the_wire(const Packet& packet, Octets octets) {
  if (packet.extension_flags & regs::tx_flags::kVlan) {
    uint8_t tag[4] = {0x81, 0x00};
    put_be16(tag + 2, packet.vlan);
    octets.insert(octets.begin() + kAddresses, tag, tag + 4);
  }
  octets.resize(std::max(octets.size(), kShortest));
  return with_fcs(std::move(octets));
}

void patch_ip(uint8_t* ip, size_t ip_and_more, unsigned number) {
  if (ip[0] >> 4 == 6) return put_be16(ip + 4, static_cast<uint32_t>(ip_and_more - 40));
  put_be16(ip + 2, static_cast<uint32_t>(ip_and_more));
  put_be16(ip + 4, be16(ip + 4) + number);
  put_be16(ip + 10, 0);
  put_be16(ip + 10, static_cast<uint16_t>(~ones_sum(ip, size_t{ip[0] & 0xFu} * 4)));
}

void patch_tcp(uint8_t* tcp, uint32_t sequence_step, bool first, bool last, size_t length) {
  const uint32_t sequence = (uint32_t{be16(tcp + 4)} << 16 | be16(tcp + 6)) + sequence_step;
  put_be16(tcp + 4, sequence >> 16);
  put_be16(tcp + 6, sequence & 0xFFFF);
  constexpr uint8_t kFin = 0x01, kPsh = 0x08, kCwr = 0x80;
  if (!last) tcp[13] &= static_cast<uint8_t>(~(kFin | kPsh));
  if (!first) tcp[13] &= static_cast<uint8_t>(~kCwr);
  uint8_t as_words[2];
  put_be16(as_words, static_cast<uint32_t>(length));
  put_be16(tcp + 16, ones_sum(as_words, 2, be16(tcp + 16)));  // the field lacks the length
}

// Section 9, flag tso.
std::vector<Octets> segments_of(const Packet& packet, const Octets& octets) {
  std::vector<Octets> frames;
  const size_t header = packet.header_length, payload = octets.size() - header;
  unsigned number = 0;
  for (size_t from = 0; from < payload || number == 0; from += packet.mss, ++number) {
    const size_t size = std::min<size_t>(packet.mss, payload - from);
    Octets segment(octets.begin(), octets.begin() + static_cast<std::ptrdiff_t>(header));
    segment.insert(segment.end(), octets.begin() + static_cast<std::ptrdiff_t>(header + from),
                   octets.begin() + static_cast<std::ptrdiff_t>(header + from + size));
    patch_ip(segment.data() + packet.ip_start, segment.size() - packet.ip_start, number);
    patch_tcp(segment.data() + packet.csum_start, static_cast<uint32_t>(from), number == 0, from + size >= payload,
              segment.size() - packet.csum_start);
    insert_checksum(packet, &segment);
    frames.push_back(on_the_wire(packet, std::move(segment)));
  }
  return frames;
}

}  // namespace

Octets gather(const Packet& packet, Host* host) {
  Octets octets;
  for (const Fragment& fragment : packet.fragments) {
    const uint8_t* from = host->memory(fragment.address, fragment.length);
    octets.insert(octets.end(), from, from + fragment.length);
  }
  return octets;
}

std::vector<Octets> frames_of(const Packet& packet, const Octets& octets) {
  if (packet.extension_flags & regs::tx_flags::kTso) return segments_of(packet, octets);
  Octets frame = octets;
  if (packet.csum) insert_checksum(packet, &frame);
  return {on_the_wire(packet, std::move(frame))};
}

void count_sent(const Octets& frame, Counters* counters) {
  using Id = regs::CounterId;
  ++at(counters, Id::kTxFrames);
  at(counters, Id::kTxOctets) += frame.size() - 4;
  count_size(frame.size(), Id::kTxSize64, counters);
  const bool broadcast = std::all_of(frame.begin(), frame.begin() + 6, [](uint8_t o) { return o == 0xFF; });
  if (broadcast) ++at(counters, Id::kTxBroadcast);
  if (!broadcast && (frame[0] & 1)) ++at(counters, Id::kTxMulticast);
}

}  // namespace ringside::testbench::nic
