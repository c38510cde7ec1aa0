// IPv4 (RFC 791, 1122, 1812): routes, headers, fragments, local delivery and forwarding.
//
// Send: a transport layer asks route() once, writes its header, and calls send(). Packets longer than the route's MTU
//   are fragmented by reference, or refused when they must not be.
// Receive: Interface -> receive() -> reassembly -> the protocol's TransportProtocol, or forward().
// Drops are counted by reason; nothing here blocks.
#ifndef RINGSIDE_STACK_IPV4_H_
#define RINGSIDE_STACK_IPV4_H_

#include <array>
#include <cstdint>
#include <vector>

#include "stack/context.h"
#include "stack/interface.h"
#include "stack/ipv4_reassembly.h"
#include "stack/ipv4_wire.h"
#include "stack/route_table.h"

namespace ringside::stack {

struct Ipv4Config {
  bool forwarding = false;
  uint8_t default_ttl = 64;  // RFC 1700; MUST-49 lets a socket change it
  ReassemblyConfig reassembly;
};

struct Ipv4Counters {
  uint64_t received = 0, delivered = 0, sent = 0, forwarded = 0, fragments_sent = 0;
  uint64_t drop_header = 0, drop_checksum = 0, drop_source = 0, drop_not_local = 0, drop_no_route = 0;
  uint64_t drop_ttl = 0, drop_too_big = 0, drop_protocol = 0, drop_no_buffer = 0;
};

// An error that came back about a packet of ours.
struct IcmpErrorInfo {
  uint8_t type = 0;
  uint8_t code = 0;
  uint32_t rest = 0;                // next-hop MTU for kFragmentationNeeded
  Ipv4Header original;              // header of our packet
  const uint8_t* transport = nullptr;  // its first 8 bytes
};

class TransportProtocol {
 public:
  virtual ~TransportProtocol() = default;
  virtual void receive(const Ipv4Header& header, Packet payload) = 0;
  virtual void icmp_error(const IcmpErrorInfo& error) { (void)error; }
};

struct RouteChoice {
  Interface* interface = nullptr;  // null: no route
  Ipv4Address next_hop;
  Ipv4Address source;       // what an unbound socket sends from
  bool broadcast = false;   // to all on the link
  explicit operator bool() const { return interface != nullptr; }
};

struct Ipv4SendOptions {
  uint8_t ttl = 64;
  uint8_t tos = 0;
  bool dont_fragment = false;
};

enum class IpSendResult : uint8_t { kSent, kTooBig, kNoBuffer };

class Icmp;

class Ipv4 {
 public:
  Ipv4(Context& context, const Ipv4Config& config);

  size_t attach(Interface& interface);  // adds routes to its networks; returns its index
  void set_icmp(Icmp* icmp) { icmp_ = icmp; }
  void set_protocol(uint8_t number, TransportProtocol* protocol) { protocols_[number] = protocol; }
  RouteTable& routes() { return routes_; }
  const Ipv4Config& config() const { return config_; }

  RouteChoice route(Ipv4Address destination) const;
  IpSendResult send(Packet payload, Ipv4Address source, Ipv4Address destination, uint8_t protocol,
                    const RouteChoice& route, const Ipv4SendOptions& options);
  void receive(Interface& interface, Packet packet, bool link_broadcast);
  void next_hop_unreachable(Packet ip_packet);
  void no_progress(Ipv4Address destination);  // R1 of RFC 9293: doubt the next hop

  bool is_local(Ipv4Address address) const;      // unicast address of this host
  bool is_broadcast(Ipv4Address address) const;  // limited, or of one of our networks
  const Ipv4Counters& counters() const { return counters_; }
  const Ipv4Reassembly& reassembly() const { return reassembly_; }
  Interface* interface(size_t index) { return interfaces_[index]; }

 private:
  void deliver(Ipv4Header header, Packet packet, bool link_broadcast);
  void forward(const Ipv4Header& header, Packet packet, bool link_broadcast);
  void to_link(Packet packet, const RouteChoice& route);
  IpSendResult fragment(const Ipv4Header& header, const Packet& payload, const RouteChoice& route);
  bool contiguous_header(Packet& packet);
  bool acceptable_source(const Interface& interface, Ipv4Address source) const;

  Context& context_;
  Ipv4Config config_;
  Icmp* icmp_ = nullptr;
  std::vector<Interface*> interfaces_;
  RouteTable routes_;
  Ipv4Reassembly reassembly_;
  std::array<TransportProtocol*, 256> protocols_{};
  Ipv4Counters counters_;
  uint16_t next_identification_;
};

}  // namespace ringside::stack

#endif  // RINGSIDE_STACK_IPV4_H_
