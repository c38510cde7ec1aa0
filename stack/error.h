// Results of socket calls, named after errno's values, and the little result type that carries them.
#ifndef RINGSIDE_STACK_ERROR_H_
#define RINGSIDE_STACK_ERROR_H_

#include <cstdint>
#include <string_view>

namespace ringside::stack {

enum class Error : uint8_t {
  kOk,
  kAgain,                // EAGAIN: would block
  kInProgress,           // EINPROGRESS: non-blocking connect has begun
  kAlready,              // EALREADY: and is still under way
  kBadDescriptor,        // EBADF: not open, or not open for this
  kNotSocket,            // ENOTSOCK
  kInvalid,              // EINVAL
  kNotSupported,         // EOPNOTSUPP
  kNoProtocolOption,     // ENOPROTOOPT
  kAddressInUse,         // EADDRINUSE
  kAddressNotAvailable,  // EADDRNOTAVAIL
  kIsConnected,          // EISCONN
  kNotConnected,         // ENOTCONN
  kDestinationRequired,  // EDESTADDRREQ
  kBrokenPipe,           // EPIPE: writing after shutdown
  kRefused,              // ECONNREFUSED
  kReset,                // ECONNRESET
  kAborted,              // ECONNABORTED
  kTimedOut,             // ETIMEDOUT
  kHostUnreachable,      // EHOSTUNREACH
  kNetUnreachable,       // ENETUNREACH
  kMessageTooBig,        // EMSGSIZE
  kNoBuffers,            // ENOBUFS
  kTooManyFiles,         // EMFILE
};

std::string_view to_string(Error error);

// value: bytes, or a descriptor; 0 unless ok.
struct Result {
  Error error = Error::kOk;
  int64_t value = 0;

  bool ok() const { return error == Error::kOk; }
  static Result of(int64_t value) { return {Error::kOk, value}; }
  static Result fail(Error error) { return {error, 0}; }
};

}  // namespace ringside::stack

#endif  // RINGSIDE_STACK_ERROR_H_
