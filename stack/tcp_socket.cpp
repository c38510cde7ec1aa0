#include "stack/tcp_socket.h"

#include <algorithm>
#include <utility>

namespace ringside::stack {

TcpSocket::TcpSocket(Context& context, TcpLayer& tcp)
    : Socket(context, kReadWrite), tcp_(tcp), settings_(tcp.config().settings) {}

TcpSocket::TcpSocket(Context& context, TcpLayer& tcp, std::shared_ptr<TcpConnection> connection)
    : Socket(context, kReadWrite), tcp_(tcp), settings_(connection->settings), bound_(connection->tuple.local),
      connection_(std::move(connection)) {
  connection_->observer = this;
}

TcpSocket::~TcpSocket() {
  if (connection_ && connection_->observer == this) connection_->observer = nullptr;
  if (listener_) listener_->observer = nullptr;
}

Error TcpSocket::bind(const Endpoint& local) {
  if (connection_ || listener_ || bound_.port != 0) return Error::kInvalid;
  if (!local.address.is_any() && !tcp_.ip().is_local(local.address)) return Error::kAddressNotAvailable;
  if (local.port != 0 && tcp_.port_in_use(local)) return Error::kAddressInUse;
  bound_ = local;
  return Error::kOk;
}

// Reports the failure of a connection once, as errno does.
Error TcpSocket::take_error() {
  if (!connection_ || error_told_ || connection_->error == Error::kOk) return Error::kOk;
  error_told_ = true;
  return connection_->error;
}

Error TcpSocket::connect(const Endpoint& remote) {
  if (listener_) return Error::kInvalid;
  if (connection_ && connecting_) {
    if (connection_->state == TcpState::kSynSent || connection_->state == TcpState::kSynReceived)
      return Error::kAlready;
    connecting_ = false;
    const Error error = take_error();
    if (error != Error::kOk) connection_.reset();
    return error;
  }
  if (connection_) return Error::kIsConnected;
  Error error = Error::kOk;
  connection_ = tcp_.connect(bound_, remote, settings_, &error);
  if (!connection_) return error;
  connection_->observer = this;
  connecting_ = true;
  error_told_ = false;
  return Error::kInProgress;
}

Error TcpSocket::listen(int backlog) {
  if (connection_ || bound_.port == 0) return Error::kInvalid;
  const size_t room = static_cast<size_t>(std::max(backlog, 1));
  if (listener_) {
    listener_->backlog = room;
    return Error::kOk;
  }
  Error error = Error::kOk;
  listener_ = tcp_.listen(bound_, room, settings_, &error);
  if (listener_) listener_->observer = this;
  return error;
}

std::shared_ptr<Socket> TcpSocket::accept(Endpoint* peer, Error* error) {
  *error = Error::kInvalid;
  if (!listener_) return {};
  auto connection = tcp_.accept(*listener_);
  *error = connection ? Error::kOk : Error::kAgain;
  if (!connection) return {};
  if (peer) *peer = connection->tuple.remote;
  return std::make_shared<TcpSocket>(context_, tcp_, std::move(connection));
}

// Path step R12: read and recv. Bytes first, then how the connection ended.
Result TcpSocket::receive(uint8_t* out, size_t bytes, uint8_t flags, Endpoint* from) {
  if (!connection_) return Result::fail(Error::kNotConnected);
  if (from) *from = connection_->tuple.remote;
  const uint32_t wanted = static_cast<uint32_t>(std::min<size_t>(bytes, UINT32_MAX));
  const uint32_t taken = connection_->read(out, wanted, flags & kMessagePeek);
  if (taken > 0 || bytes == 0) return Result::of(taken);
  if (connection_->at_end_of_stream() || connection_->read_shutdown) return Result::of(0);
  const Error error = take_error();
  if (error != Error::kOk) return Result::fail(error);
  if (connection_->state == TcpState::kClosed) return Result::of(0);
  if (connection_->state < TcpState::kEstablished && !connecting_) return Result::fail(Error::kNotConnected);
  return Result::fail(Error::kAgain);
}

// Path step T3: as many bytes as the send buffer has room for; none: the caller blocks or gets kAgain.
Result TcpSocket::send_to(const uint8_t* data, size_t bytes, const Endpoint* to) {
  if (!connection_) return Result::fail(Error::kNotConnected);
  if (to) return Result::fail(Error::kIsConnected);
  const Error error = take_error();
  if (error != Error::kOk) return Result::fail(error);
  if (!connection_->may_write()) return Result::fail(Error::kBrokenPipe);
  if (bytes == 0) return Result::of(0);
  if (connection_->state < TcpState::kEstablished) return Result::fail(Error::kAgain);
  const uint32_t wanted = static_cast<uint32_t>(std::min<size_t>(bytes, UINT32_MAX));
  const uint32_t taken = connection_->write(data, wanted, std::exchange(context_.write_journey, 0));
  return taken > 0 ? Result::of(taken) : Result::fail(Error::kAgain);
}

Error TcpSocket::shutdown(ShutdownHow how) {
  if (!connection_ || !connection_->synchronized()) return Error::kNotConnected;
  if (how != ShutdownHow::kWrite) connection_->read_shutdown = true;
  if (how != ShutdownHow::kRead) connection_->shutdown_write();
  wake();
  return Error::kOk;
}

uint16_t TcpSocket::poll_events() const {
  if (listener_) return listener_->established.empty() ? 0 : kPollIn;
  if (!connection_) return kPollOut | kPollHangUp;
  const TcpConnection& c = *connection_;
  uint16_t events = 0;
  const bool closed = c.state == TcpState::kClosed;
  if (c.readable_bytes() > 0 || c.at_end_of_stream() || c.read_shutdown || closed) events |= kPollIn;
  if (closed || (c.synchronized() && (c.writable() || !c.may_write()))) events |= kPollOut;
  if (closed && c.error != Error::kOk && !error_told_) events |= kPollError;
  if (closed || (c.at_end_of_stream() && !c.may_write())) events |= kPollHangUp;
  return events;
}

void TcpSocket::close() {
  if (listener_) {
    listener_->observer = nullptr;
    tcp_.close_listener(listener_);
    listener_.reset();
  }
  if (connection_) {
    connection_->close();
    connection_.reset();
  }
  wake();
}

Endpoint TcpSocket::local() const { return connection_ ? connection_->tuple.local : bound_; }
Endpoint TcpSocket::peer() const { return connection_ ? connection_->tuple.remote : Endpoint{}; }

bool TcpSocket::change(SocketOption option, uint64_t value, Error* error) {
  *error = Error::kOk;
  switch (option) {
    case SocketOption::kReceiveBuffer:
      settings_.receive_buffer_bytes = settings_.max_receive_buffer_bytes =
          static_cast<uint32_t>(std::clamp<uint64_t>(value, 2048, 1u << 30));
      settings_.auto_tune = false;
      return true;
    case SocketOption::kSendBuffer:
      settings_.send_buffer_bytes = static_cast<uint32_t>(std::clamp<uint64_t>(value, 2048, 1u << 30));
      return true;
    case SocketOption::kNoDelay: settings_.no_delay = value != 0; return true;
    case SocketOption::kKeepAlive: settings_.keep_alive = value != 0; return true;
    case SocketOption::kKeepAliveIdleNs: settings_.keep_alive_idle_ns = std::max<uint64_t>(value, 1); return true;
    case SocketOption::kKeepAliveIntervalNs:
      settings_.keep_alive_interval_ns = std::max<uint64_t>(value, 1);
      return true;
    case SocketOption::kKeepAliveProbes: settings_.keep_alive_probes = static_cast<unsigned>(value); return true;
    case SocketOption::kUserTimeoutNs: settings_.user_timeout_ns = value == 0 ? kNever : value; return true;
    case SocketOption::kTtl:
      if (value == 0 || value > 255) *error = Error::kInvalid;
      else settings_.ttl = static_cast<uint8_t>(value);
      return true;
    case SocketOption::kTos: settings_.tos = static_cast<uint8_t>(value); return true;
    default: return false;
  }
}

Error TcpSocket::set_option(SocketOption option, int64_t value) {
  if (value < 0) return Error::kInvalid;
  Error error = Error::kOk;
  if (!change(option, static_cast<uint64_t>(value), &error)) return Socket::set_option(option, value);
  if (error == Error::kOk && connection_) connection_->apply_settings(settings_);
  if (error == Error::kOk && listener_) listener_->settings = settings_;
  return error;
}

Result TcpSocket::get_option(SocketOption option) {
  const TcpSettings& s = settings_;
  switch (option) {
    case SocketOption::kError: return Result::of(static_cast<int64_t>(take_error()));
    case SocketOption::kReceiveBuffer:
      return Result::of(connection_ ? connection_->rcv.limit() : s.receive_buffer_bytes);
    case SocketOption::kSendBuffer: return Result::of(s.send_buffer_bytes);
    case SocketOption::kNoDelay: return Result::of(s.no_delay);
    case SocketOption::kKeepAlive: return Result::of(s.keep_alive);
    case SocketOption::kKeepAliveIdleNs: return Result::of(static_cast<int64_t>(s.keep_alive_idle_ns));
    case SocketOption::kKeepAliveIntervalNs: return Result::of(static_cast<int64_t>(s.keep_alive_interval_ns));
    case SocketOption::kKeepAliveProbes: return Result::of(s.keep_alive_probes);
    case SocketOption::kUserTimeoutNs:
      return Result::of(s.user_timeout_ns == kNever ? 0 : static_cast<int64_t>(s.user_timeout_ns));
    case SocketOption::kTtl: return Result::of(s.ttl);
    case SocketOption::kTos: return Result::of(s.tos);
    case SocketOption::kTcpState:
      return Result::of(static_cast<int64_t>(connection_ ? connection_->state
                                                         : listener_ ? TcpState::kListen : TcpState::kClosed));
    default: return Socket::get_option(option);
  }
}

}  // namespace ringside::stack
