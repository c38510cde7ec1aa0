// Datagram socket.
#ifndef RINGSIDE_STACK_UDP_SOCKET_H_
#define RINGSIDE_STACK_UDP_SOCKET_H_

#include <utility>

#include "stack/socket.h"
#include "stack/udp.h"

namespace ringside::stack {

class UdpSocket : public Socket, private UdpObserver {
 public:
  UdpSocket(Context& context, Udp& udp, Ipv4& ip);
  ~UdpSocket() override;

  SocketType type() const override { return SocketType::kDatagram; }
  Error bind(const Endpoint& local) override;
  Error connect(const Endpoint& remote) override;
  Result receive(uint8_t* out, size_t bytes, uint8_t flags, Endpoint* from) override;
  Result send_to(const uint8_t* data, size_t bytes, const Endpoint* to) override;
  Error shutdown(ShutdownHow how) override;
  uint16_t poll_events() const override;
  void close() override;
  Endpoint local() const override { return port_.local; }
  Endpoint peer() const override { return port_.remote; }
  Error set_option(SocketOption option, int64_t value) override;
  Result get_option(SocketOption option) override;

 private:
  void on_udp_event() override { wake(); }
  Error ensure_bound();
  Error take_error() { return std::exchange(port_.pending_error, Error::kOk); }

  Udp& udp_;
  Ipv4& ip_;
  UdpPort port_;
  bool bound_ = false;
  bool read_shutdown_ = false;
  bool write_shutdown_ = false;
};

}  // namespace ringside::stack

#endif  // RINGSIDE_STACK_UDP_SOCKET_H_
