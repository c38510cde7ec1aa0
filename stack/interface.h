// Network interface: the Ethernet layer above one device. Egress queue with shaper, capture tap, ARP, demultiplexing.
//
// Send: IP gives packet and next hop -> ARP -> Ethernet header -> egress queue -> capture tap -> device.
// Receive: device -> capture tap -> checks -> header off -> ARP or IP.
// Doorbells: packets go to the device with more = true; flush() closes the burst, and Stack calls it at the end of each
//   entry. A burst longer than kMaxBurst closes itself.
// Loopback and point-to-point devices have no ARP: `resolve` false sends everything to the device's own MAC.
#ifndef RINGSIDE_STACK_INTERFACE_H_
#define RINGSIDE_STACK_INTERFACE_H_

#include <cstdint>
#include <vector>

#include "stack/arp.h"
#include "stack/capture.h"
#include "stack/context.h"
#include "stack/egress_queue.h"
#include "stack/net_device.h"

namespace ringside::stack {

struct InterfaceConfig {
  std::vector<Ipv4Prefix> addresses;  // own address and the network's length
  size_t egress_packets = 4096;
  uint64_t shaper_bits_per_second = 0;  // 0: off
  uint32_t shaper_burst_bytes = 64 * 1024;
  ArpConfig arp;
  bool resolve = true;
  uint32_t mtu = 0;  // 0: the device's
  uint16_t vlan = 0;  // 1..4094: everything is sent with this tag and only what has it is received; 0: untagged
};

struct InterfaceCounters {
  uint64_t tx_packets = 0, tx_bytes = 0, rx_packets = 0, rx_bytes = 0;
  uint64_t tx_busy = 0;              // device had no room; the packet waits
  uint64_t tx_linearized = 0;        // gathered into fewer fragments for the device
  uint64_t drop_egress_full = 0, drop_device = 0, drop_link_down = 0, drop_no_buffer = 0;
  uint64_t drop_runt = 0, drop_wrong_mac = 0, drop_wrong_vlan = 0, drop_unknown_type = 0;
};

class Interface;

// Implemented by the stack: what comes up from an interface.
class InterfaceClient {
 public:
  virtual ~InterfaceClient() = default;
  virtual void enter() = 0;  // brackets every call from the device: sets the time
  virtual void leave() = 0;
  virtual void receive_ipv4(Interface& interface, Packet packet, bool link_broadcast) = 0;
  virtual void receive_done() = 0;
  virtual void next_hop_unreachable(Packet ip_packet) = 0;
  virtual void transmit_ready() = 0;
};

class Interface : public NetDeviceClient, private ArpCache::Owner {
 public:
  Interface(Context& context, InterfaceClient& client, NetDevice& device, const InterfaceConfig& config);
  ~Interface() override;

  void send(Packet ip_packet, Ipv4Address next_hop);
  void send_link_broadcast(Packet ip_packet);
  void flush();  // closes a burst

  uint32_t mtu() const { return mtu_; }
  const DeviceFeatures& features() const { return features_; }
  void refresh_features() { features_ = device_.features(); }
  const std::vector<Ipv4Prefix>& addresses() const { return addresses_; }
  bool owns(Ipv4Address address) const { return is_own_address(address); }
  bool is_broadcast(Ipv4Address address) const;
  Ipv4Address source_for(Ipv4Address target) const override;

  void set_capture(CaptureTap* tap) { tap_ = tap; }
  void set_shaper(uint64_t bits_per_second, uint32_t burst_bytes);
  ArpCache& arp() { return arp_; }
  NetDevice& device() { return device_; }
  const InterfaceCounters& counters() const { return counters_; }
  size_t egress_waiting() const { return queue_.size(); }

  // NetDeviceClient
  void receive(Packet packet) override;
  void receive_done() override;
  void tx_wake() override;
  void link_changed(bool up) override;

 private:
  static constexpr unsigned kMaxBurst = 16;

  void send_arp(const ArpPacket& packet, const MacAddress& destination) override;
  void send_resolved(Packet packet, const MacAddress& destination) override;
  void resolve_failed(Packet packet) override;
  bool is_own_address(Ipv4Address address) const override;

  void send_frame(Packet packet, const MacAddress& destination, uint16_t ether_type);
  uint32_t write_header(Packet& packet, const MacAddress& destination, uint16_t ether_type);
  bool take_tag(Packet& packet, EthernetHeader* header);
  void enqueue(Packet packet);
  void drain();
  TxResult to_device(Packet& packet);
  bool linearize(Packet& packet);
  void demultiplex(Packet packet);

  Context& context_;
  InterfaceClient& client_;
  NetDevice& device_;
  MacAddress mac_;
  DeviceFeatures features_;
  uint32_t mtu_;
  bool resolve_;
  uint16_t vlan_;
  std::vector<Ipv4Prefix> addresses_;
  EgressQueue queue_;
  Timer shaper_timer_;
  ArpCache arp_;
  CaptureTap* tap_ = nullptr;
  InterfaceCounters counters_;
  bool device_busy_ = false;
  bool link_up_;
  unsigned burst_ = 0;  // packets since the last doorbell
};

}  // namespace ringside::stack

#endif  // RINGSIDE_STACK_INTERFACE_H_
