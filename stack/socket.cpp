#include "stack/socket.h"

namespace ringside::stack {

Error Socket::listen(int) { return Error::kNotSupported; }

std::shared_ptr<Socket> Socket::accept(Endpoint*, Error* error) {
  *error = Error::kNotSupported;
  return {};
}

Error Socket::set_option(SocketOption option, int64_t value) {
  const uint64_t timeout = value <= 0 ? kNever : static_cast<uint64_t>(value);
  switch (option) {
    case SocketOption::kNonBlocking: non_blocking = value != 0; return Error::kOk;
    case SocketOption::kReceiveTimeoutNs: receive_timeout_ns = timeout; return Error::kOk;
    case SocketOption::kSendTimeoutNs: send_timeout_ns = timeout; return Error::kOk;
    case SocketOption::kReuseAddress: return Error::kOk;
    default: return Error::kNoProtocolOption;
  }
}

Result Socket::get_option(SocketOption option) {
  const auto timeout = [](uint64_t ns) { return Result::of(ns == kNever ? 0 : static_cast<int64_t>(ns)); };
  switch (option) {
    case SocketOption::kNonBlocking: return Result::of(non_blocking);
    case SocketOption::kReceiveTimeoutNs: return timeout(receive_timeout_ns);
    case SocketOption::kSendTimeoutNs: return timeout(send_timeout_ns);
    case SocketOption::kReuseAddress: return Result::of(1);
    default: return Result::fail(Error::kNoProtocolOption);
  }
}

}  // namespace ringside::stack
