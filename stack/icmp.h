// ICMP (RFC 792, 1122 section 3.2.2): echo, and error messages in both directions.
//
// Errors are sent under RFC 1122's rules (never about ICMP errors, fragments but the first, broadcasts, or to what is
// no single host) and at a bounded rate. Errors that arrive go to the transport whose packet they quote.
#ifndef RINGSIDE_STACK_ICMP_H_
#define RINGSIDE_STACK_ICMP_H_

#include <cstdint>
#include <functional>

#include "stack/ipv4.h"

namespace ringside::stack {

struct IcmpCounters {
  uint64_t echo_requests_received = 0, echo_replies_sent = 0, echo_requests_sent = 0, echo_replies_received = 0;
  uint64_t errors_sent = 0, errors_received = 0;
  uint64_t drop_short = 0, drop_checksum = 0, drop_unknown_type = 0, drop_no_buffer = 0, drop_rate_limited = 0;
};

struct EchoReply {
  Ipv4Address from;
  uint16_t identifier = 0;
  uint16_t sequence = 0;
  uint32_t bytes = 0;
  uint8_t ttl = 0;
};

class Icmp : public TransportProtocol {
 public:
  Icmp(Context& context, Ipv4& ip);

  void send_error(uint8_t type, uint8_t code, uint32_t rest, const Ipv4Header& about, const Packet& payload);
  bool send_echo(Ipv4Address destination, uint16_t identifier, uint16_t sequence, uint32_t payload_bytes);
  void on_echo_reply(std::function<void(const EchoReply&)> callback) { on_echo_reply_ = std::move(callback); }
  void set_transport(uint8_t protocol, TransportProtocol* transport) { transports_[protocol] = transport; }

  void receive(const Ipv4Header& header, Packet payload) override;
  const IcmpCounters& counters() const { return counters_; }

 private:
  void answer_echo(const Ipv4Header& header, const IcmpHeader& icmp, Packet payload);
  void receive_error(const IcmpHeader& icmp, Packet payload);
  bool may_report(uint8_t type, const Ipv4Header& about, const Packet& payload) const;
  void send(Packet packet, Ipv4Address source, Ipv4Address destination);

  Context& context_;
  Ipv4& ip_;
  IcmpCounters counters_;
  TokenBucket rate_;
  std::function<void(const EchoReply&)> on_echo_reply_;
  std::array<TransportProtocol*, 256> transports_{};
};

}  // namespace ringside::stack

#endif  // RINGSIDE_STACK_ICMP_H_
