// Stream socket: fresh, listening, or with a connection.
#ifndef RINGSIDE_STACK_TCP_SOCKET_H_
#define RINGSIDE_STACK_TCP_SOCKET_H_

#include <memory>

#include "stack/socket.h"
#include "stack/tcp_layer.h"

namespace ringside::stack {

class TcpSocket : public Socket, private TcpObserver {
 public:
  TcpSocket(Context& context, TcpLayer& tcp);
  TcpSocket(Context& context, TcpLayer& tcp, std::shared_ptr<TcpConnection> connection);
  ~TcpSocket() override;

  SocketType type() const override { return SocketType::kStream; }
  Error bind(const Endpoint& local) override;
  Error connect(const Endpoint& remote) override;
  Error listen(int backlog) override;
  std::shared_ptr<Socket> accept(Endpoint* peer, Error* error) override;
  Result receive(uint8_t* out, size_t bytes, uint8_t flags, Endpoint* from) override;
  Result send_to(const uint8_t* data, size_t bytes, const Endpoint* to) override;
  Error shutdown(ShutdownHow how) override;
  uint16_t poll_events() const override;
  void close() override;
  Endpoint local() const override;
  Endpoint peer() const override;
  Error set_option(SocketOption option, int64_t value) override;
  Result get_option(SocketOption option) override;

  const TcpConnection* connection() const { return connection_.get(); }

 private:
  void on_tcp_event() override { wake(); }
  Error take_error();
  bool change(SocketOption option, uint64_t value, Error* error);

  TcpLayer& tcp_;
  TcpSettings settings_;
  Endpoint bound_;
  std::shared_ptr<TcpListener> listener_;
  std::shared_ptr<TcpConnection> connection_;
  bool connecting_ = false;
  bool error_told_ = false;
};

}  // namespace ringside::stack

#endif  // RINGSIDE_STACK_TCP_SOCKET_H_
