// What tells one packet from another: a number made of its headers that neither the NIC nor the wire changes, and the
// same headers in words. Used to know a frame again at the next place it passes.
//
// TCP: addresses, ports, sequence number, acknowledgment, payload length. Other IPv4: addresses, protocol,
// identification, fragment, length. Anything else: its first 42 octets without the MAC addresses. VLAN tags do not
// count.
#ifndef RINGSIDE_TESTBENCH_PROGRAM_PACKET_HEAD_H_
#define RINGSIDE_TESTBENCH_PROGRAM_PACKET_HEAD_H_

#include <cstdint>
#include <string>

namespace ringside::testbench {

struct PacketHead {
  static constexpr uint32_t kLongest = 78;  // octets of a packet that are looked at

  uint64_t key = 0;
  uint16_t ether_type = 0;
  uint8_t protocol = 0;  // IPv4
  uint8_t tcp_flags = 0;
  uint16_t source_port = 0, destination_port = 0;
  uint32_t source = 0, destination = 0;
  uint32_t seq = 0, ack = 0;
  uint32_t payload = 0;  // octets of a user, of TCP and UDP
  uint32_t other = 0;    // what else tells it from others

  // Segment `n` of those the NIC makes of this TCP packet of `bytes` of payload.
  PacketHead segment(uint32_t n, uint32_t segment_bytes, uint32_t bytes) const;
};

// `bytes` octets from the destination address on, as many as there are up to kLongest.
PacketHead read_head(const uint8_t* data, uint32_t bytes);
std::string to_string(const PacketHead& head);  // "TCP 49152 > 5001 [PSH ACK] seq 1 ack 1 len 1448"

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_PROGRAM_PACKET_HEAD_H_
