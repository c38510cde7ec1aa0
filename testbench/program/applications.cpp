#include "testbench/program/applications.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "testbench/program/scenario_check.h"
#include "testbench/program/scenario_reader.h"

namespace ringside::testbench {
namespace {

using sc_model::CpuThread;
using stack::Error;
using stack::Result;
using stack::SystemCalls;

constexpr unsigned kTries = 100;
constexpr uint64_t kAskAgainNs = 100'000;

Result as_result(Error error) {
  return {error, 0};
}

// The program itself, by its real name: what the demo sends when it is told nothing else.
std::string own_executable() {
  char path[4096];
  const ssize_t length = ::readlink("/proc/self/exe", path, sizeof path);
  return length > 0 ? std::string(path, static_cast<size_t>(length)) : program_invocation_name;  // no /proc
}

[[noreturn]] void cannot_read(const std::string& path, const char* why) {
  throw UsageError(fmt::format("cannot read {}: {}", path, why));
}

}  // namespace

bool Application::check(const char* call, const Result& result) {
  if (result.ok()) return true;
  error_ = fmt::format("{}: {}", call, to_string(result.error));
  return false;
}

void Application::count(const void* data, size_t bytes) {
  sha_.add(data, bytes);
  bytes_ += bytes;
}

// ---------------------------------------------------------------- sender

FileSender::FileSender(Host& host, const ApplicationParameters& parameters) : Application(host, parameters) {
  path_ = parameters.file.empty() ? own_executable() : parameters.file;
  file_ = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);  // a pipe must not hold us up here
  if (file_ < 0) cannot_read(path_, std::strerror(errno));
  struct stat status;
  if (::fstat(file_, &status) != 0) cannot_read(path_, std::strerror(errno));
  if (S_ISDIR(status.st_mode)) cannot_read(path_, "is a directory");
  if (!S_ISREG(status.st_mode)) cannot_read(path_, "not a regular file");
  file_bytes_ = static_cast<uint64_t>(status.st_size);
}

FileSender::~FileSender() {
  if (file_ >= 0) ::close(file_);
}

void FileSender::run(CpuThread& thread) {
  start_ns_ = now_ns();
  if (!connect(thread) || !write_file(thread) || !wait_for_close(thread)) return;
  end_ns_ = now_ns();
}

// Both sides start at once: the other one may not listen yet, when its CPU is slow or has to recover from a fault.
bool FileSender::connect(CpuThread& thread) {
  for (unsigned left = kTries;; --left) {
    enter_step("in socket()");
    const Result socket =
        host_.call(thread, [](SystemCalls& calls) { return calls.socket(stack::SocketType::kStream); });
    if (!check("socket", socket)) return false;
    socket_ = static_cast<int>(socket.value);
    enter_step("in connect()");
    const Result connected = host_.call(thread, [&](SystemCalls& calls) { return connect_once(calls); });
    if (connected.error != Error::kRefused || left == 0) return check("connect", connected);
    host_.call(thread, [&](SystemCalls& calls) { return calls.close(socket_); });
    thread.sleep_ns(kAskAgainNs);
  }
}

Result FileSender::connect_once(SystemCalls& calls) {
  const AddressAndPort to = *parse_endpoint(parameters_.to);
  return as_result(calls.connect(socket_, {stack::Ipv4Address{to.address}, to.port}));
}

bool FileSender::write_file(CpuThread& thread) {
  std::vector<uint8_t> buffer(parameters_.write_bytes);
  for (;;) {
    // By position: a snapshot of the process (flight_recorder.h) shares the descriptor, not where it has come to.
    const ssize_t got = ::pread(file_, buffer.data(), buffer.size(), static_cast<off_t>(bytes()));
    if (got < 0) cannot_read(path_, std::strerror(errno));
    if (got == 0) return true;
    enter_step("in write()");
    const size_t bytes = static_cast<size_t>(got);
    const Result wrote =
        host_.call(thread, [&](SystemCalls& calls) { return calls.write(socket_, buffer.data(), bytes); });
    if (!check("write", wrote)) return false;
    count(buffer.data(), static_cast<size_t>(wrote.value));
  }
}

bool FileSender::wait_for_close(CpuThread& thread) {
  enter_step("waits for the other side to close");
  const Result down = host_.call(
      thread, [&](SystemCalls& calls) { return as_result(calls.shutdown(socket_, stack::ShutdownHow::kWrite)); });
  if (!check("shutdown", down)) return false;
  uint8_t byte;
  const Result end = host_.call(thread, [&](SystemCalls& calls) { return calls.read(socket_, &byte, 1); });
  if (!check("read", end)) return false;
  enter_step("done");
  return check("close", host_.call(thread, [&](SystemCalls& calls) { return as_result(calls.close(socket_)); }));
}

// ---------------------------------------------------------------- receiver

void FileReceiver::run(CpuThread& thread) {
  start_ns_ = now_ns();
  if (!accept(thread) || !read_all(thread)) return;
  end_ns_ = now_ns();
  enter_step("done");
  for (const int descriptor : {socket_, listener_}) {
    if (!check("close", host_.call(thread, [&](SystemCalls& calls) { return as_result(calls.close(descriptor)); })))
      return;
  }
}

bool FileReceiver::accept(CpuThread& thread) {
  enter_step("in listen()");
  const Result socket = host_.call(thread, [](SystemCalls& calls) { return calls.socket(stack::SocketType::kStream); });
  if (!check("socket", socket)) return false;
  listener_ = static_cast<int>(socket.value);
  const stack::Endpoint any{stack::Ipv4Address{}, static_cast<uint16_t>(parameters_.port)};
  if (!check("bind", host_.call(thread, [&](SystemCalls& calls) { return as_result(calls.bind(listener_, any)); })))
    return false;
  if (!check("listen", host_.call(thread, [&](SystemCalls& calls) { return as_result(calls.listen(listener_, 1)); })))
    return false;
  enter_step("in accept()");
  const Result accepted = host_.call(thread, [&](SystemCalls& calls) { return calls.accept(listener_); });
  socket_ = static_cast<int>(accepted.value);
  return check("accept", accepted);
}

bool FileReceiver::read_all(CpuThread& thread) {
  std::vector<uint8_t> buffer(parameters_.read_bytes);
  enter_step("in read()");
  for (;;) {
    const Result got =
        host_.call(thread, [&](SystemCalls& calls) { return calls.read(socket_, buffer.data(), buffer.size()); });
    if (!check("read", got)) return false;
    if (got.value == 0) return true;
    count(buffer.data(), static_cast<size_t>(got.value));
  }
}

std::unique_ptr<Application> make_application(Host& host, const ApplicationParameters& parameters) {
  if (parameters.kind == "send_file") return std::make_unique<FileSender>(host, parameters);
  return std::make_unique<FileReceiver>(host, parameters);
}

}  // namespace ringside::testbench
