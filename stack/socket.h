// Socket: a File with an address. Calls try once; kAgain and kInProgress mean "wait and try again".
#ifndef RINGSIDE_STACK_SOCKET_H_
#define RINGSIDE_STACK_SOCKET_H_

#include <cstdint>
#include <memory>

#include "stack/address.h"
#include "stack/file.h"

namespace ringside::stack {

enum class SocketType : uint8_t { kStream, kDatagram };
enum class ShutdownHow : uint8_t { kRead, kWrite, kBoth };

// Values are integers; times in nanoseconds, sizes in bytes, switches 0 and 1.
enum class SocketOption : uint8_t {
  kError,             // read only, and clears it
  kNonBlocking,
  kReceiveTimeoutNs,  // 0: none
  kSendTimeoutNs,
  kReceiveBuffer,     // setting it ends auto-tuning
  kSendBuffer,
  kNoDelay,
  kKeepAlive,
  kKeepAliveIdleNs,
  kKeepAliveIntervalNs,
  kKeepAliveProbes,
  kUserTimeoutNs,     // R2; 0: infinite
  kTtl,
  kTos,               // DSCP and ECN bits
  kBroadcast,
  kReuseAddress,      // accepted; TIME-WAIT never blocks a listener here
  kTcpState,          // read only, a TcpState
};

enum MessageFlag : uint8_t { kMessagePeek = 1, kMessageDontWait = 2 };

class Socket : public File {
 public:
  using File::File;
  Socket* as_socket() override { return this; }
  virtual SocketType type() const = 0;

  virtual Error bind(const Endpoint& local) = 0;
  virtual Error connect(const Endpoint& remote) = 0;  // kInProgress, then kAlready, then kOk or why not
  virtual Error listen(int backlog);
  virtual std::shared_ptr<Socket> accept(Endpoint* peer, Error* error);
  virtual Result receive(uint8_t* out, size_t bytes, uint8_t flags, Endpoint* from) = 0;
  virtual Result send_to(const uint8_t* data, size_t bytes, const Endpoint* to) = 0;
  virtual Error shutdown(ShutdownHow how) = 0;
  virtual Endpoint local() const = 0;
  virtual Endpoint peer() const = 0;
  virtual Error set_option(SocketOption option, int64_t value);
  virtual Result get_option(SocketOption option);

  Result read(uint8_t* out, size_t bytes) override { return receive(out, bytes, 0, nullptr); }
  Result write(const uint8_t* data, size_t bytes) override { return send_to(data, bytes, nullptr); }
};

}  // namespace ringside::stack

#endif  // RINGSIDE_STACK_SOCKET_H_
