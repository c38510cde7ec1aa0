// UDP (RFC 768, 1122 section 4.1). A UdpPort is one bound end point with a bounded queue of datagrams.
//
// Header: 0 source port  2 destination port  4 length  6 checksum (0: none). User bytes are copied once in each
// direction.
#ifndef RINGSIDE_STACK_UDP_H_
#define RINGSIDE_STACK_UDP_H_

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "stack/error.h"
#include "stack/icmp.h"
#include "stack/ipv4.h"

namespace ringside::stack {

struct UdpHeader {
  static constexpr uint32_t kBytes = 8;
  static constexpr uint32_t kChecksumOffset = 6;
  uint16_t source_port = 0;
  uint16_t destination_port = 0;
  uint16_t length = 0;
  uint16_t checksum = 0;
};
std::optional<UdpHeader> parse_udp(const uint8_t* data, uint32_t bytes);
void write_udp(uint8_t* at, const UdpHeader& header);

struct UdpCounters {
  uint64_t received = 0, sent = 0;
  uint64_t drop_short = 0, drop_checksum = 0, drop_no_port = 0, drop_queue_full = 0, drop_no_buffer = 0;
};

struct UdpSettings {
  uint32_t receive_buffer_bytes = 256 * 1024;
  uint8_t ttl = 64;
  uint8_t tos = 0;
  bool broadcast = false;
};

class UdpObserver {
 public:
  virtual ~UdpObserver() = default;
  virtual void on_udp_event() = 0;
};

struct UdpDatagram {
  Endpoint from;
  Packet payload;
};

// Lives in its socket; the layer knows it while it is bound.
struct UdpPort {
  Endpoint local;
  Endpoint remote;  // port 0: not connected
  UdpSettings settings;
  std::deque<UdpDatagram> queue;
  uint32_t queued_bytes = 0;
  Error pending_error = Error::kOk;  // from ICMP, told once
  UdpObserver* observer = nullptr;
};

class Udp : public TransportProtocol {
 public:
  Udp(Context& context, Ipv4& ip, Icmp& icmp, uint16_t first_ephemeral_port);

  Error bind(UdpPort& port, Endpoint local);  // port 0: choose one
  void unbind(UdpPort& port);
  Error send(UdpPort& port, const Endpoint& to, const uint8_t* data, uint32_t bytes);

  void receive(const Ipv4Header& header, Packet payload) override;
  void icmp_error(const IcmpErrorInfo& error) override;
  const UdpCounters& counters() const { return counters_; }

 private:
  UdpPort* find(const Endpoint& local, const Endpoint& remote) const;
  bool in_use(const Endpoint& local) const;
  bool checksum_good(const Ipv4Header& ip_header, const UdpHeader& header, const Packet& packet);
  Packet make_datagram(const UdpPort& port, const Endpoint& to, const uint8_t* data, uint32_t bytes);
  void begin_journey(Packet& packet);
  void store_checksum(Packet& packet, Ipv4Address source, Ipv4Address destination, const RouteChoice& route);

  Context& context_;
  Ipv4& ip_;
  Icmp& icmp_;
  uint16_t first_port_;
  uint16_t next_port_;
  std::vector<UdpPort*> ports_;  // in order of binding
  UdpCounters counters_;
};

}  // namespace ringside::stack

#endif  // RINGSIDE_STACK_UDP_H_
