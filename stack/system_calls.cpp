#include "stack/system_calls.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "stack/stack.h"
#include "stack/tcp_socket.h"
#include "stack/udp_socket.h"

namespace ringside::stack {
namespace {

// Sets the stack's time and finishes its work, whatever way the call ends.
class Entry {
 public:
  explicit Entry(Stack& stack) : stack_(stack) { stack_.enter(); }
  ~Entry() { stack_.leave(); }
  Entry(const Entry&) = delete;
  Entry& operator=(const Entry&) = delete;

 private:
  Stack& stack_;
};

uint64_t after(uint64_t now_ns, uint64_t timeout_ns) {
  return timeout_ns > kNever - now_ns ? kNever : now_ns + timeout_ns;
}

}  // namespace

SystemCalls::SystemCalls(Stack& stack, size_t max_descriptors) : stack_(stack), table_(max_descriptors) {}
SystemCalls::~SystemCalls() = default;

// Path step T1: a system call begins; the cost model charges the way into the kernel.
// Path step T2: the descriptor becomes a file, or the call ends here.
std::shared_ptr<File> SystemCalls::enter_with(int descriptor, uint8_t access, Error* error) {
  stack_.context().charge(StackWork::kSystemCall);
  return table_.find(descriptor, access, error);
}

// The same for a call that sends: its journey begins.
std::shared_ptr<File> SystemCalls::enter_to_write(int descriptor, Error* error, uint64_t* journey) {
  JourneySink* journeys = stack_.context().journeys;
  *journey = journeys ? journeys->begin() : 0;
  if (*journey) journeys->mark(*journey, PathStep::kT1);
  auto file = enter_with(descriptor, kWritable, error);
  if (*journey && file) journeys->mark(*journey, PathStep::kT2);
  return file;
}

bool SystemCalls::may_wait(const File& file, bool dont_wait) const {
  return !dont_wait && !file.non_blocking && stack_.context().blocker;
}

template <typename Try>
Result SystemCalls::repeat(File& file, bool dont_wait, uint64_t timeout_ns, Try&& attempt) {
  const uint64_t deadline_ns = after(stack_.now_ns(), timeout_ns);
  for (;;) {
    Result result;
    {
      Entry entry(stack_);
      result = attempt();
    }
    if (result.error != Error::kAgain || !may_wait(file, dont_wait) || stack_.now_ns() >= deadline_ns) return result;
    stack_.context().blocker->wait(file.channel(), deadline_ns);
  }
}

// A blocking write takes all bytes. What went before an error counts as written; the error comes with the next call.
template <typename Try>
Result SystemCalls::write_all(File& file, bool dont_wait, const uint8_t* data, size_t bytes, Try&& attempt) {
  size_t done = 0;
  do {
    const Result result =
        repeat(file, dont_wait, file.send_timeout_ns, [&] { return attempt(data + done, bytes - done); });
    if (!result.ok()) return done > 0 ? Result::of(static_cast<int64_t>(done)) : result;
    done += static_cast<size_t>(result.value);
  } while (done < bytes && may_wait(file, dont_wait));
  return Result::of(static_cast<int64_t>(done));
}

Result SystemCalls::once_socket(int descriptor, const std::function<Result(Socket&)>& attempt) {
  Error error = Error::kOk;
  const auto file = enter_with(descriptor, 0, &error);
  if (!file) return Result::fail(error);
  Socket* socket = file->as_socket();
  if (!socket) return Result::fail(Error::kNotSocket);
  Entry entry(stack_);
  return attempt(*socket);
}

Result SystemCalls::socket(SocketType type) {
  Entry entry(stack_);
  stack_.context().charge(StackWork::kSystemCall);
  if (type == SocketType::kStream) return table_.add(std::make_shared<TcpSocket>(stack_.context(), stack_.tcp()));
  return table_.add(std::make_shared<UdpSocket>(stack_.context(), stack_.udp(), stack_.ip()));
}

Result SystemCalls::open_file(std::shared_ptr<File> file) { return table_.add(std::move(file)); }

Error SystemCalls::bind(int descriptor, const Endpoint& local) {
  return once_socket(descriptor, [&](Socket& s) { return Result::fail(s.bind(local)); }).error;
}

Error SystemCalls::listen(int descriptor, int backlog) {
  return once_socket(descriptor, [&](Socket& s) { return Result::fail(s.listen(backlog)); }).error;
}

Result SystemCalls::accept(int descriptor, Endpoint* peer) {
  Error error = Error::kOk;
  const auto file = enter_with(descriptor, 0, &error);
  if (!file) return Result::fail(error);
  Socket* socket = file->as_socket();
  if (!socket) return Result::fail(Error::kNotSocket);
  return repeat(*file, false, file->receive_timeout_ns, [&] {
    auto accepted = socket->accept(peer, &error);
    if (!accepted) return Result::fail(error);
    const Result result = table_.add(accepted);
    if (!result.ok()) accepted->close();
    return result;
  });
}

Error SystemCalls::connect(int descriptor, const Endpoint& remote) {
  Error error = Error::kOk;
  const auto file = enter_with(descriptor, 0, &error);
  if (!file) return error;
  Socket* socket = file->as_socket();
  if (!socket) return Error::kNotSocket;
  const bool waits = may_wait(*file, false);
  return repeat(*file, false, file->send_timeout_ns, [&] {
    const Error state = socket->connect(remote);
    const bool pending = state == Error::kInProgress || state == Error::kAlready;
    return Result::fail(pending && waits ? Error::kAgain : state);
  }).error;
}

Result SystemCalls::read(int descriptor, uint8_t* out, size_t bytes) {
  Error error = Error::kOk;
  const auto file = enter_with(descriptor, kReadable, &error);
  if (!file) return Result::fail(error);
  return repeat(*file, false, file->receive_timeout_ns, [&] { return file->read(out, bytes); });
}

Result SystemCalls::write(int descriptor, const uint8_t* data, size_t bytes) {
  Error error = Error::kOk;
  uint64_t journey = 0;
  const auto file = enter_to_write(descriptor, &error, &journey);
  if (!file) return Result::fail(error);
  return write_all(*file, false, data, bytes, [&](const uint8_t* at, size_t n) {
    stack_.context().write_journey = journey;
    return file->write(at, n);
  });
}

Result SystemCalls::recv(int descriptor, uint8_t* out, size_t bytes, uint8_t flags) {
  return recvfrom(descriptor, out, bytes, flags, nullptr);
}

Result SystemCalls::recvfrom(int descriptor, uint8_t* out, size_t bytes, uint8_t flags, Endpoint* from) {
  Error error = Error::kOk;
  const auto file = enter_with(descriptor, kReadable, &error);
  if (!file) return Result::fail(error);
  Socket* socket = file->as_socket();
  if (!socket) return Result::fail(Error::kNotSocket);
  return repeat(*file, flags & kMessageDontWait, file->receive_timeout_ns,
                [&] { return socket->receive(out, bytes, flags, from); });
}

Result SystemCalls::send(int descriptor, const uint8_t* data, size_t bytes, uint8_t flags) {
  Error error = Error::kOk;
  uint64_t journey = 0;
  const auto file = enter_to_write(descriptor, &error, &journey);
  if (!file) return Result::fail(error);
  Socket* socket = file->as_socket();
  if (!socket) return Result::fail(Error::kNotSocket);
  return write_all(*file, flags & kMessageDontWait, data, bytes, [&](const uint8_t* at, size_t n) {
    stack_.context().write_journey = journey;
    return socket->send_to(at, n, nullptr);
  });
}

Result SystemCalls::sendto(int descriptor, const uint8_t* data, size_t bytes, uint8_t flags, const Endpoint& to) {
  Error error = Error::kOk;
  uint64_t journey = 0;
  const auto file = enter_to_write(descriptor, &error, &journey);
  if (!file) return Result::fail(error);
  Socket* socket = file->as_socket();
  if (!socket) return Result::fail(Error::kNotSocket);
  return repeat(*file, flags & kMessageDontWait, file->send_timeout_ns, [&] {
    stack_.context().write_journey = journey;
    return socket->send_to(data, bytes, &to);
  });
}

Error SystemCalls::shutdown(int descriptor, ShutdownHow how) {
  return once_socket(descriptor, [&](Socket& s) { return Result::fail(s.shutdown(how)); }).error;
}

Error SystemCalls::close(int descriptor) {
  Entry entry(stack_);
  stack_.context().charge(StackWork::kSystemCall);
  const auto file = table_.remove(descriptor);
  if (!file) return Error::kBadDescriptor;
  file->close();
  return Error::kOk;
}

int64_t SystemCalls::check(PollRequest* requests, size_t count) {
  int64_t ready = 0;
  for (size_t i = 0; i < count; ++i) {
    Error error = Error::kOk;
    const auto file = table_.find(requests[i].descriptor, 0, &error);
    const uint16_t events = file ? file->poll_events() : uint16_t{kPollInvalid};
    requests[i].happened = events & (requests[i].wanted | kPollError | kPollHangUp | kPollInvalid);
    ready += requests[i].happened != 0;
  }
  return ready;
}

Result SystemCalls::poll(PollRequest* requests, size_t count, uint64_t timeout_ns) {
  stack_.context().charge(StackWork::kSystemCall);
  const uint64_t deadline_ns = after(stack_.now_ns(), timeout_ns);
  WaitChannel channel;
  std::vector<std::shared_ptr<File>> files;
  for (size_t i = 0; i < count; ++i) {
    Error error = Error::kOk;
    if (auto file = table_.find(requests[i].descriptor, 0, &error)) files.push_back(std::move(file));
  }
  for (const auto& file : files) file->add_poller(&channel);
  int64_t ready = 0;
  for (;;) {
    ready = check(requests, count);
    if (ready > 0 || stack_.now_ns() >= deadline_ns || !stack_.context().blocker) break;
    stack_.context().blocker->wait(channel, deadline_ns);
  }
  for (const auto& file : files) file->remove_poller(&channel);
  return Result::of(ready);
}

Error SystemCalls::setsockopt(int descriptor, SocketOption option, int64_t value) {
  return once_socket(descriptor, [&](Socket& s) { return Result::fail(s.set_option(option, value)); }).error;
}

Result SystemCalls::getsockopt(int descriptor, SocketOption option) {
  return once_socket(descriptor, [&](Socket& s) { return s.get_option(option); });
}

Result SystemCalls::getsockname(int descriptor, Endpoint* local) {
  return once_socket(descriptor, [&](Socket& s) { *local = s.local(); return Result::of(0); });
}

Result SystemCalls::getpeername(int descriptor, Endpoint* peer) {
  return once_socket(descriptor, [&](Socket& s) {
    *peer = s.peer();
    return peer->port == 0 ? Result::fail(Error::kNotConnected) : Result::of(0);
  });
}

}  // namespace ringside::stack
