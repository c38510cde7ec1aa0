// Network device: what the stack asks of a driver, and what a driver tells the stack. The stack knows no more of it.
//
// Threads: none; both sides run on their host's one simulated CPU and may call each other directly, but a driver
//   never calls back into the client from inside transmit().
// Units: bytes, nanoseconds.
#ifndef RINGSIDE_STACK_NET_DEVICE_H_
#define RINGSIDE_STACK_NET_DEVICE_H_

#include <array>
#include <cstdint>
#include <string_view>

#include "stack/packet_buffer.h"

namespace ringside::stack {

using MacAddress = std::array<uint8_t, 6>;

enum class TxResult : uint8_t {
  kSent,     // the device owns the packet now
  kBusy,     // no room: the packet is still the caller's; tx_wake() follows when there is room again
  kDropped,  // the device can never send this (too long, too many fragments, removed); counted by the driver
};

struct DeviceFeatures {
  bool tx_checksum = false;      // TxChecksum::kInsert is understood for IPv4/IPv6 TCP and UDP
  bool rx_checksum = false;      // verdicts are filled in
  uint32_t max_fragments = 1;    // fragments per packet
  uint32_t max_segment_bytes = 0;  // TCP segmentation offload: largest packet from its Ethernet header on; 0: none
  bool vlan_insert = false;      // PacketMeta::vlan_insert is understood
  bool vlan_strip = false;       // outer 0x8100 tags come as PacketMeta::vlan_stripped
  bool tx_time_stamps = false;   // PacketMeta::tx_stamp_id is understood
  bool rx_time_stamps = false;   // PacketMeta::rx_time_ns is filled in
};

// Implemented by the stack's Ethernet layer.
class NetDeviceClient {
 public:
  virtual ~NetDeviceClient() = default;
  virtual void receive(Packet packet) = 0;          // starts at the Ethernet header, without FCS
  virtual void receive_done() {}                    // end of one poll: a good moment to send gathered ACKs
  virtual void tx_wake() = 0;                       // after kBusy: there is room
  virtual void link_changed(bool up) = 0;
  // The packet sent with this PacketMeta::tx_stamp_id went to the wire at that time of the NIC. May never come: the
  // device measures a few at a time, and a packet may be given up.
  virtual void tx_departed(uint32_t stamp_id, uint64_t time_ns) {
    static_cast<void>(stamp_id);
    static_cast<void>(time_ns);
  }
};

// Implemented by a driver (and by loopback, and by test doubles).
class NetDevice {
 public:
  virtual ~NetDevice() = default;
  virtual void set_client(NetDeviceClient* client) = 0;
  // Takes the packet only when the answer is kSent or kDropped. `more` = another call follows at once, so the
  // doorbell may wait for it; the last packet of a burst comes with more = false, or flush() is called.
  virtual TxResult transmit(Packet& packet, bool more) = 0;
  virtual void flush() = 0;
  virtual MacAddress mac_address() const = 0;
  virtual uint32_t mtu() const = 0;                 // largest IP packet
  virtual DeviceFeatures features() const = 0;
  virtual bool link_up() const = 0;
  virtual std::string_view name() const = 0;
};

}  // namespace ringside::stack

#endif  // RINGSIDE_STACK_NET_DEVICE_H_
