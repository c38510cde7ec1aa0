#include "testbench/program/tlp_capture.h"

#include <utility>
#include <vector>

namespace ringside::testbench {
namespace {

constexpr uint16_t kLinkTypeUser0 = 147;
constexpr uint8_t kLayoutVersion = 1;

std::array<CaptureInterface, 2> interfaces_of(const std::array<std::string, 2>& hosts,
                                              const std::array<uint64_t, 2>& link_bits_per_second) {
  std::array<CaptureInterface, 2> interfaces;
  for (size_t i = 0; i < interfaces.size(); ++i) {
    interfaces[i].name = hosts[i];
    interfaces[i].description = "TLPs at the pins of the NIC of " + hosts[i];
    interfaces[i].bits_per_second = link_bits_per_second[i];
    interfaces[i].link_type = kLinkTypeUser0;
    interfaces[i].fcs_octets = 0;
  }
  return interfaces;
}

void put_big_endian(std::vector<uint8_t>& bytes, uint64_t value, unsigned octets) {
  while (octets-- > 0) bytes.push_back(static_cast<uint8_t>(value >> (8 * octets)));
}

}  // namespace

TlpCapture::TlpCapture(const std::string& path, const std::array<std::string, 2>& hosts,
                       const std::array<uint64_t, 2>& link_bits_per_second)
    : packets_(path, interfaces_of(hosts, link_bits_per_second)) {
  for (uint16_t i = 0; i < hosts_.size(); ++i) {
    hosts_[i].packets = &packets_;
    hosts_[i].index = i;
  }
}

void TlpCapture::set_notes(const PacketNotes* notes) {
  for (HostCapture& host : hosts_) host.notes = notes;
}

void TlpCapture::HostCapture::on_tlp(const sc_model::TlpEvent& event) {
  const bool from_nic = event.direction == sc_model::TlpDirection::kFromDevice;
  PacketMerge::Packet packet = packets->fresh(event.time_ps, from_nic ? kPacketOutbound : kPacketInbound);
  std::vector<uint8_t>& bytes = packet.bytes;
  bytes.push_back(kLayoutVersion);
  bytes.push_back(from_nic ? 1 : 0);
  put_big_endian(bytes, event.time_ps % sc_model::kPsPerNs, 2);
  put_big_endian(bytes, index, 2);
  put_big_endian(bytes, 0, 2);
  for (unsigned dw = 0; dw < event.tlp->header_dw(); ++dw) put_big_endian(bytes, event.tlp->dw[dw], 4);
  bytes.insert(bytes.end(), event.tlp->payload, event.tlp->payload + event.tlp->payload_bytes);
  if (notes) packet.comment = notes->tlp_note(index);
  packets->add(index, std::move(packet));
}

}  // namespace ringside::testbench
