#include "stack/udp_socket.h"

#include <algorithm>
#include <utility>

namespace ringside::stack {

UdpSocket::UdpSocket(Context& context, Udp& udp, Ipv4& ip) : Socket(context, kReadWrite), udp_(udp), ip_(ip) {
  port_.observer = this;
  port_.settings.ttl = ip.config().default_ttl;
}

UdpSocket::~UdpSocket() {
  if (bound_) udp_.unbind(port_);
}

Error UdpSocket::bind(const Endpoint& local) {
  if (bound_) return Error::kInvalid;
  const bool usable = local.address.is_any() || ip_.is_local(local.address) || ip_.is_broadcast(local.address);
  if (!usable) return Error::kAddressNotAvailable;
  const Error error = udp_.bind(port_, local);
  bound_ = error == Error::kOk;
  return error;
}

Error UdpSocket::ensure_bound() { return bound_ ? Error::kOk : bind({}); }

Error UdpSocket::connect(const Endpoint& remote) {
  const Error error = ensure_bound();
  if (error == Error::kOk) port_.remote = remote;  // port 0 dissolves it
  return error;
}

// One datagram per call; what does not fit the caller's memory is lost, as with recvfrom.
Result UdpSocket::receive(uint8_t* out, size_t bytes, uint8_t flags, Endpoint* from) {
  const Error error = take_error();
  if (error != Error::kOk) return Result::fail(error);
  if (port_.queue.empty()) return read_shutdown_ ? Result::of(0) : Result::fail(Error::kAgain);
  UdpDatagram& datagram = port_.queue.front();
  if (from) *from = datagram.from;
  const uint32_t length = datagram.payload.length();
  const uint32_t taken = datagram.payload.copy_out(0, out, static_cast<uint32_t>(std::min<size_t>(bytes, length)));
  context_.charge(StackWork::kCopyBytes, taken);
  context_.mark(datagram.payload.meta.journey, PathStep::kR12);
  if (flags & kMessagePeek) return Result::of(taken);
  port_.queued_bytes -= length + UdpHeader::kBytes;
  port_.queue.pop_front();
  return Result::of(taken);
}

Result UdpSocket::send_to(const uint8_t* data, size_t bytes, const Endpoint* to) {
  Error error = take_error();
  if (error != Error::kOk) return Result::fail(error);
  if (write_shutdown_) return Result::fail(Error::kBrokenPipe);
  if (!to && port_.remote.port == 0) return Result::fail(Error::kDestinationRequired);
  error = ensure_bound();
  const uint32_t length = static_cast<uint32_t>(std::min<size_t>(bytes, UINT32_MAX));
  if (error == Error::kOk) error = udp_.send(port_, to ? *to : port_.remote, data, length);
  return error == Error::kOk ? Result::of(length) : Result::fail(error);
}

Error UdpSocket::shutdown(ShutdownHow how) {
  if (port_.remote.port == 0) return Error::kNotConnected;
  read_shutdown_ |= how != ShutdownHow::kWrite;
  write_shutdown_ |= how != ShutdownHow::kRead;
  wake();
  return Error::kOk;
}

uint16_t UdpSocket::poll_events() const {
  uint16_t events = kPollOut;
  if (!port_.queue.empty() || read_shutdown_) events |= kPollIn;
  if (port_.pending_error != Error::kOk) events |= kPollError;
  return events;
}

void UdpSocket::close() {
  if (std::exchange(bound_, false)) udp_.unbind(port_);
  port_.queue.clear();
  port_.queued_bytes = 0;
  wake();
}

Error UdpSocket::set_option(SocketOption option, int64_t value) {
  if (value < 0) return Error::kInvalid;
  switch (option) {
    case SocketOption::kReceiveBuffer:
      port_.settings.receive_buffer_bytes = static_cast<uint32_t>(std::clamp<int64_t>(value, 2048, 1 << 30));
      return Error::kOk;
    case SocketOption::kTtl:
      if (value == 0 || value > 255) return Error::kInvalid;
      port_.settings.ttl = static_cast<uint8_t>(value);
      return Error::kOk;
    case SocketOption::kTos: port_.settings.tos = static_cast<uint8_t>(value); return Error::kOk;
    case SocketOption::kBroadcast: port_.settings.broadcast = value != 0; return Error::kOk;
    default: return Socket::set_option(option, value);
  }
}

Result UdpSocket::get_option(SocketOption option) {
  switch (option) {
    case SocketOption::kError: return Result::of(static_cast<int64_t>(take_error()));
    case SocketOption::kReceiveBuffer: return Result::of(port_.settings.receive_buffer_bytes);
    case SocketOption::kTtl: return Result::of(port_.settings.ttl);
    case SocketOption::kTos: return Result::of(port_.settings.tos);
    case SocketOption::kBroadcast: return Result::of(port_.settings.broadcast);
    default: return Socket::get_option(option);
  }
}

}  // namespace ringside::stack
