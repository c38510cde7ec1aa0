// Descriptors, blocking and not, poll, UDP sockets, loopback.
#include <gtest/gtest.h>

#include <algorithm>

#include "testbench/stack/support/two_hosts.h"

namespace ringside::testbench {
namespace {

// A kind of file that is no socket, open for reading only.
class OneByteFile : public File {
 public:
  explicit OneByteFile(Context& context) : File(context, kReadable) {}
  Result read(uint8_t* out, size_t bytes) override {
    if (bytes > 0) out[0] = 42;
    return Result::of(bytes > 0 ? 1 : 0);
  }
  uint16_t poll_events() const override { return kPollIn; }
  void close() override { closed = true; }
  bool closed = false;
};

TEST(Descriptors, LowestFreeNumberAndBadOnesAreRefused) {
  TwoHosts hosts;
  SystemCalls& calls = hosts.alice.stack->calls();
  EXPECT_EQ(calls.socket(SocketType::kStream).value, 0);
  EXPECT_EQ(calls.socket(SocketType::kDatagram).value, 1);
  EXPECT_EQ(calls.socket(SocketType::kStream).value, 2);
  EXPECT_EQ(calls.close(1), Error::kOk);
  EXPECT_EQ(calls.close(1), Error::kBadDescriptor);
  EXPECT_EQ(calls.socket(SocketType::kStream).value, 1);
  uint8_t byte = 0;
  for (const int bad : {-1, 3, 1000}) {
    EXPECT_EQ(calls.read(bad, &byte, 1).error, Error::kBadDescriptor);
    EXPECT_EQ(calls.write(bad, &byte, 1).error, Error::kBadDescriptor);
    EXPECT_EQ(calls.bind(bad, {}), Error::kBadDescriptor);
    EXPECT_EQ(calls.accept(bad).error, Error::kBadDescriptor);
    EXPECT_EQ(calls.shutdown(bad, ShutdownHow::kBoth), Error::kBadDescriptor);
  }
}

TEST(Descriptors, WrongKindAndWrongDirection) {
  TwoHosts hosts;
  SystemCalls& calls = hosts.alice.stack->calls();
  auto file = std::make_shared<OneByteFile>(hosts.alice.stack->context());
  const int fd = static_cast<int>(calls.open_file(file).value);
  uint8_t byte = 0;
  EXPECT_EQ(calls.read(fd, &byte, 1).value, 1);
  EXPECT_EQ(byte, 42);
  EXPECT_EQ(calls.write(fd, &byte, 1).error, Error::kBadDescriptor);  // not open for writing
  EXPECT_EQ(calls.connect(fd, {kBob, 1}), Error::kNotSocket);
  EXPECT_EQ(calls.send(fd, &byte, 1, 0).error, Error::kBadDescriptor);
  EXPECT_EQ(calls.recv(fd, &byte, 1, 0).error, Error::kNotSocket);
  EXPECT_EQ(calls.listen(fd, 1), Error::kNotSocket);
  calls.close(fd);
  EXPECT_TRUE(file->closed);
}

TEST(Descriptors, TableIsBounded) {
  HostOptions options;
  options.stack.max_descriptors = 3;
  TwoHosts hosts(options);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(hosts.alice->socket(SocketType::kStream).ok());
  EXPECT_EQ(hosts.alice->socket(SocketType::kStream).error, Error::kTooManyFiles);
}

TEST(Sockets, CallsOutOfOrderAreRefused) {
  TwoHosts hosts;
  SystemCalls& calls = hosts.alice.stack->calls();
  uint8_t byte = 0;
  const int fd = static_cast<int>(calls.socket(SocketType::kStream).value);
  EXPECT_EQ(calls.read(fd, &byte, 1).error, Error::kNotConnected);
  EXPECT_EQ(calls.write(fd, &byte, 1).error, Error::kNotConnected);
  EXPECT_EQ(calls.listen(fd, 1), Error::kInvalid);  // not bound
  EXPECT_EQ(calls.accept(fd).error, Error::kInvalid);
  EXPECT_EQ(calls.shutdown(fd, ShutdownHow::kBoth), Error::kNotConnected);
  EXPECT_EQ(calls.bind(fd, {ipv4(1, 2, 3, 4), 80}), Error::kAddressNotAvailable);
  EXPECT_EQ(calls.bind(fd, {{}, 80}), Error::kOk);
  EXPECT_EQ(calls.bind(fd, {{}, 81}), Error::kInvalid);
  EXPECT_EQ(calls.listen(fd, 1), Error::kOk);
  EXPECT_EQ(calls.connect(fd, {kBob, 1}), Error::kInvalid);
  const int other = static_cast<int>(calls.socket(SocketType::kStream).value);
  EXPECT_EQ(calls.bind(other, {{}, 80}), Error::kAddressInUse);
  EXPECT_EQ(calls.setsockopt(other, SocketOption::kBroadcast, 1), Error::kNoProtocolOption);
  EXPECT_EQ(calls.setsockopt(other, SocketOption::kTtl, 0), Error::kInvalid);
}

TEST(Sockets, FullSendBufferAnswersAgainOrTakesAPart) {
  TwoHosts hosts;
  hosts.connect();
  hosts.alice->setsockopt(hosts.client, SocketOption::kSendBuffer, 10'000);
  hosts.bob->setsockopt(hosts.server, SocketOption::kReceiveBuffer, 4000);
  hosts.wire.filter = [](int, const std::vector<uint8_t>&) { return false; };
  const auto bytes = pattern(50'000);
  EXPECT_EQ(hosts.alice->write(hosts.client, bytes.data(), bytes.size()).value, 10'000);
  EXPECT_EQ(hosts.alice->write(hosts.client, bytes.data(), 1).error, Error::kAgain);
  PollRequest request{hosts.client, kPollIn | kPollOut, 0};
  EXPECT_EQ(hosts.alice->poll(&request, 1, 0).value, 0);
  hosts.wire.filter = nullptr;
  hosts.simulation.run_for(5 * kSecond);
  EXPECT_EQ(hosts.alice->poll(&request, 1, 0).value, 1);
  EXPECT_EQ(request.happened, kPollOut);
}

TEST(Sockets, WriterThatFoundThePoolEmptyIsWoken) {
  HostOptions options;
  options.blocking = true;
  options.data_buffers = 8;  // 32 KiB for everybody
  TwoHosts hosts(options);
  hosts.connect();
  hosts.simulation.at(hosts.simulation.now_ns() + kMillisecond, [] {});
  const auto bytes = pattern(500'000);
  std::vector<uint8_t> got, room(100'000);
  std::function<void()> reader = [&] {
    const Result result = hosts.bob->recv(hosts.server, room.data(), room.size(), kMessageDontWait);
    if (result.ok()) got.insert(got.end(), room.begin(), room.begin() + result.value);
    if (got.size() < bytes.size()) hosts.simulation.after(20 * kMicrosecond, reader);
  };
  hosts.simulation.after(0, reader);
  EXPECT_EQ(hosts.alice->write(hosts.client, bytes.data(), bytes.size()).value, 500'000);
  hosts.simulation.run_for(kSecond);
  EXPECT_EQ(got, bytes);
}

TEST(Blocking, ConnectReadWriteAcceptWait) {
  HostOptions options;
  options.blocking = true;
  TwoHosts hosts(options);
  const int listener = static_cast<int>(hosts.bob->socket(SocketType::kStream).value);
  hosts.bob->bind(listener, {{}, 80});
  hosts.bob->listen(listener, 4);
  const int client = static_cast<int>(hosts.alice->socket(SocketType::kStream).value);
  ASSERT_EQ(hosts.alice->connect(client, {kBob, 80}), Error::kOk);
  EXPECT_GT(hosts.alice.blocker.waits, 0u);
  const Result accepted = hosts.bob->accept(listener);
  ASSERT_TRUE(accepted.ok());
  const auto bytes = pattern(100);
  hosts.simulation.after(kMillisecond,
                         [&] { hosts.alice->send(client, bytes.data(), bytes.size(), kMessageDontWait); });
  std::vector<uint8_t> room(200);
  const uint64_t before = hosts.simulation.now_ns();
  EXPECT_EQ(hosts.bob->read(static_cast<int>(accepted.value), room.data(), room.size()).value, 100);
  EXPECT_GE(hosts.simulation.now_ns(), before + kMillisecond);
  hosts.simulation.after(kMillisecond, [&] { hosts.alice->close(client); });
  EXPECT_EQ(hosts.bob->read(static_cast<int>(accepted.value), room.data(), room.size()).value, 0);
}

TEST(Blocking, WriteTakesEverythingWhileTheReaderDrains) {
  HostOptions options;
  options.blocking = true;
  TwoHosts hosts(options);
  hosts.connect();
  hosts.alice->setsockopt(hosts.client, SocketOption::kSendBuffer, 20'000);
  std::vector<uint8_t> got, room(8192);
  std::function<void()> reader = [&] {
    const Result result = hosts.bob->recv(hosts.server, room.data(), room.size(), kMessageDontWait);
    if (result.ok()) got.insert(got.end(), room.begin(), room.begin() + result.value);
    hosts.simulation.after(100 * kMicrosecond, reader);
  };
  hosts.simulation.after(0, reader);
  const auto bytes = pattern(300'000);
  EXPECT_EQ(hosts.alice->write(hosts.client, bytes.data(), bytes.size()).value, 300'000);
  hosts.simulation.run_for(100 * kMillisecond);
  EXPECT_EQ(got, bytes);
}

TEST(Blocking, TimeoutsAndCloseEndAWait) {
  HostOptions options;
  options.blocking = true;
  TwoHosts hosts(options);
  hosts.connect();
  uint8_t byte = 0;
  hosts.bob->setsockopt(hosts.server, SocketOption::kReceiveTimeoutNs, 5 * kMillisecond);
  const uint64_t before = hosts.simulation.now_ns();
  EXPECT_EQ(hosts.bob->read(hosts.server, &byte, 1).error, Error::kAgain);
  EXPECT_EQ(hosts.simulation.now_ns() - before, 5 * kMillisecond);
  EXPECT_EQ(hosts.bob->recv(hosts.server, &byte, 1, kMessageDontWait).error, Error::kAgain);
  hosts.bob->setsockopt(hosts.server, SocketOption::kReceiveTimeoutNs, 0);
  hosts.simulation.after(kMillisecond, [&] { hosts.bob->close(hosts.server); });
  EXPECT_FALSE(hosts.bob->read(hosts.server, &byte, 1).ok());
}

TEST(Poll, WaitsForOneOfMany) {
  HostOptions options;
  options.blocking = true;
  TwoHosts hosts(options);
  hosts.connect();
  PollRequest requests[3] = {{hosts.listener, kPollIn, 0}, {hosts.server, kPollIn, 0}, {99, kPollIn, 0}};
  EXPECT_EQ(hosts.bob->poll(requests, 2, 3 * kMillisecond).value, 0);
  const uint8_t byte = 1;
  hosts.simulation.after(kMillisecond, [&] { hosts.alice->send(hosts.client, &byte, 1, 0); });
  EXPECT_EQ(hosts.bob->poll(requests, 2, kSecond).value, 1);
  EXPECT_EQ(requests[1].happened, kPollIn);
  EXPECT_EQ(hosts.bob->poll(requests, 3, 0).value, 2);
  EXPECT_EQ(requests[2].happened, kPollInvalid);
  hosts.simulation.after(kMillisecond, [&] { hosts.alice->close(hosts.client); });
  hosts.simulation.run_for(2 * kMillisecond);
  EXPECT_EQ(hosts.bob->poll(requests, 2, kSecond).value, 1);
}

TEST(Udp, DatagramsKeepTheirBoundsAndSenders) {
  TwoHosts hosts;
  const int server = static_cast<int>(hosts.bob->socket(SocketType::kDatagram).value);
  ASSERT_EQ(hosts.bob->bind(server, {{}, 53}), Error::kOk);
  const int client = static_cast<int>(hosts.alice->socket(SocketType::kDatagram).value);
  ASSERT_EQ(hosts.alice->connect(client, {kBob, 53}), Error::kOk);
  const auto bytes = pattern(65'507);
  for (const size_t size : {size_t{0}, size_t{1}, size_t{1472}, size_t{1473}, size_t{9000}, size_t{65'507}}) {
    ASSERT_TRUE(hosts.alice->send(client, bytes.data(), size, 0).ok()) << size;
    hosts.simulation.run_for(10 * kMillisecond);
    std::vector<uint8_t> room(70'000);
    Endpoint from;
    const Result got = hosts.bob->recvfrom(server, room.data(), room.size(), kMessageDontWait, &from);
    ASSERT_TRUE(got.ok()) << size;
    EXPECT_EQ(static_cast<size_t>(got.value), size);
    EXPECT_TRUE(std::equal(bytes.begin(), bytes.begin() + static_cast<long>(size), room.begin()));
    EXPECT_EQ(from.address, kAlice);
  }
  EXPECT_EQ(hosts.alice->send(client, bytes.data(), 65'508, 0).error, Error::kMessageTooBig);
}

TEST(Udp, PortUnreachableReachesAConnectedSocketOnce) {
  TwoHosts hosts;
  const int fd = static_cast<int>(hosts.alice->socket(SocketType::kDatagram).value);
  hosts.alice->connect(fd, {kBob, 9});
  const uint8_t byte = 1;
  EXPECT_TRUE(hosts.alice->send(fd, &byte, 1, 0).ok());
  hosts.simulation.run_for(kMillisecond);
  uint8_t room = 0;
  EXPECT_EQ(hosts.alice->recv(fd, &room, 1, kMessageDontWait).error, Error::kRefused);
  EXPECT_EQ(hosts.alice->recv(fd, &room, 1, kMessageDontWait).error, Error::kAgain);
  EXPECT_EQ(hosts.bob.stack->udp().counters().drop_no_port, 1u);
}

TEST(Udp, QueueIsBoundedAndBroadcastNeedsLeave) {
  TwoHosts hosts;
  const int server = static_cast<int>(hosts.bob->socket(SocketType::kDatagram).value);
  hosts.bob->bind(server, {{}, 53});
  hosts.bob->setsockopt(server, SocketOption::kReceiveBuffer, 5000);
  const int fd = static_cast<int>(hosts.alice->socket(SocketType::kDatagram).value);
  const auto bytes = pattern(1000);
  for (int i = 0; i < 10; ++i) hosts.alice->sendto(fd, bytes.data(), 1000, 0, {kBob, 53});
  hosts.simulation.run_for(10 * kMillisecond);
  EXPECT_EQ(hosts.bob.stack->udp().counters().drop_queue_full, 6u);
  EXPECT_EQ(hosts.alice->sendto(fd, bytes.data(), 10, 0, {ipv4(10, 0, 0, 255), 53}).error, Error::kInvalid);
  hosts.alice->setsockopt(fd, SocketOption::kBroadcast, 1);
  hosts.bob->setsockopt(server, SocketOption::kReceiveBuffer, 50'000);
  EXPECT_TRUE(hosts.alice->sendto(fd, bytes.data(), 10, 0, {ipv4(10, 0, 0, 255), 53}).ok());
  hosts.simulation.run_for(10 * kMillisecond);
  EXPECT_EQ(hosts.bob.stack->udp().counters().received, 11u);
}

TEST(Loopback, AHostTalksToItselfByEveryAddressOfItsOwn) {
  TwoHosts hosts;
  SystemCalls& calls = hosts.alice.stack->calls();
  for (const Ipv4Address address : {ipv4(127, 0, 0, 1), kAlice}) {
    const int listener = static_cast<int>(calls.socket(SocketType::kStream).value);
    ASSERT_EQ(calls.bind(listener, {address, 80}), Error::kOk);
    calls.listen(listener, 1);
    const int client = static_cast<int>(calls.socket(SocketType::kStream).value);
    calls.connect(client, {address, 80});
    ASSERT_EQ(calls.connect(client, {address, 80}), Error::kOk);
    const int server = static_cast<int>(calls.accept(listener).value);
    const auto bytes = pattern(100'000);
    ASSERT_EQ(calls.write(client, bytes.data(), bytes.size()).value, 100'000);
    std::vector<uint8_t> got, room(60'000);
    hosts.simulation.run_until([&] {
      const Result result = calls.read(server, room.data(), room.size());
      if (result.ok()) got.insert(got.end(), room.begin(), room.begin() + result.value);
      return got.size() == bytes.size();
    }, kSecond);
    EXPECT_EQ(got, bytes);
    calls.close(client);
    calls.close(server);
    calls.close(listener);
  }
  EXPECT_EQ(hosts.wire.frames, 0u);
}

TEST(Sockets, RunTwiceIsTheSameRun) {
  const auto trace = [] {
    TwoHosts hosts({}, 1'000'000'000, 10'000, 5);
    std::vector<std::pair<uint64_t, size_t>> frames;
    hosts.wire.filter = [&](int side, const std::vector<uint8_t>& frame) {
      size_t hash = static_cast<size_t>(side);
      for (const uint8_t byte : frame) hash = hash * 131 + byte;
      frames.emplace_back(hosts.simulation.now_ns(), hash);
      return true;
    };
    hosts.wire.faults.loss = 0.02;
    hosts.connect();
    hosts.transfer(pattern(200'000), 100 * kSecond);
    return frames;
  };
  EXPECT_EQ(trace(), trace());
}

}  // namespace
}  // namespace ringside::testbench
