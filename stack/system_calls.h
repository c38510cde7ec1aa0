// System calls: the only way in for applications. Descriptors in, results out; blocking is done here and only here.
//
// A blocking call is a loop: try; on kAgain wait for the file's channel; try again. The wait happens outside the stack,
// so other applications, receives and timers go on. Non-blocking: O_NONBLOCK on the file, kMessageDontWait on the call,
// or no Blocker in the environment.
#ifndef RINGSIDE_STACK_SYSTEM_CALLS_H_
#define RINGSIDE_STACK_SYSTEM_CALLS_H_

#include <cstdint>
#include <functional>
#include <memory>

#include "stack/address.h"
#include "stack/descriptor_table.h"
#include "stack/error.h"
#include "stack/socket.h"

namespace ringside::stack {

class Stack;

struct PollRequest {
  int descriptor = -1;
  uint16_t wanted = 0;    // kPollIn | kPollOut
  uint16_t happened = 0;  // also kPollError, kPollHangUp, kPollInvalid
};

class SystemCalls {
 public:
  SystemCalls(Stack& stack, size_t max_descriptors);
  ~SystemCalls();

  Result socket(SocketType type);
  Error bind(int descriptor, const Endpoint& local);
  Error listen(int descriptor, int backlog);
  Result accept(int descriptor, Endpoint* peer = nullptr);
  Error connect(int descriptor, const Endpoint& remote);

  Result read(int descriptor, uint8_t* out, size_t bytes);           // 0: end of stream
  Result write(int descriptor, const uint8_t* data, size_t bytes);   // blocking: all bytes, or an error
  Result recv(int descriptor, uint8_t* out, size_t bytes, uint8_t flags);
  Result send(int descriptor, const uint8_t* data, size_t bytes, uint8_t flags);
  Result recvfrom(int descriptor, uint8_t* out, size_t bytes, uint8_t flags, Endpoint* from);
  Result sendto(int descriptor, const uint8_t* data, size_t bytes, uint8_t flags, const Endpoint& to);

  Error shutdown(int descriptor, ShutdownHow how);
  Error close(int descriptor);
  Result poll(PollRequest* requests, size_t count, uint64_t timeout_ns);  // how many have something; 0: time-out
  Error setsockopt(int descriptor, SocketOption option, int64_t value);
  Result getsockopt(int descriptor, SocketOption option);
  Result getsockname(int descriptor, Endpoint* local);
  Result getpeername(int descriptor, Endpoint* peer);

  Result open_file(std::shared_ptr<File> file);  // puts another kind of file into the table
  DescriptorTable& table() { return table_; }

 private:
  Result once_socket(int descriptor, const std::function<Result(Socket&)>& attempt);
  // Tries until the answer is not kAgain; waits in between when it may.
  template <typename Try>
  Result repeat(File& file, bool dont_wait, uint64_t timeout_ns, Try&& attempt);
  template <typename Try>
  Result write_all(File& file, bool dont_wait, const uint8_t* data, size_t bytes, Try&& attempt);
  std::shared_ptr<File> enter_with(int descriptor, uint8_t access, Error* error);
  bool may_wait(const File& file, bool dont_wait) const;
  std::shared_ptr<File> enter_to_write(int descriptor, Error* error, uint64_t* journey);
  int64_t check(PollRequest* requests, size_t count);

  Stack& stack_;
  DescriptorTable table_;
};

}  // namespace ringside::stack

#endif  // RINGSIDE_STACK_SYSTEM_CALLS_H_
