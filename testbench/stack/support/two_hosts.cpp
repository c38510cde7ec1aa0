#include "testbench/stack/support/two_hosts.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace ringside::testbench {
namespace {

HostOptions with_seed(HostOptions options, uint64_t seed) {
  options.stack.seed = seed;
  return options;
}

}  // namespace

void PumpingBlocker::wait(WaitChannel& channel, uint64_t deadline_ns) {
  ++waits;
  woken_.clear();
  while (std::find(woken_.begin(), woken_.end(), &channel) == woken_.end()) {
    if (simulation_.now_ns() >= deadline_ns || !simulation_.step(std::min(deadline_ns, kNever - 1))) return;
  }
}

TestHost::TestHost(Simulation& sim, const HostOptions& options, uint8_t number, Ipv4Address address)
    : simulation(sim), blocker(sim), headers(4096, 256), data(options.data_buffers, options.data_buffer_bytes),
      device(sim, test_mac(number), options.mtu, options.features) {
  StackEnvironment environment;
  environment.clock = &sim;
  environment.header_pool = &*headers;
  environment.data_pool = &*data;
  environment.cost = &cost;
  if (options.blocking) environment.blocker = &blocker;
  stack = std::make_unique<Stack>(options.stack, environment);
  InterfaceConfig config = options.interface;
  if (config.addresses.empty()) config.addresses = {{address, 24}};
  interface = &stack->attach(device, config);
  sim.add_stack(stack.get());
}

TestHost::~TestHost() { simulation.remove_stack(stack.get()); }

TwoHosts::TwoHosts(const HostOptions& both, uint64_t bits_per_second, uint64_t delay_ns, uint64_t seed)
    : wire(simulation, bits_per_second, delay_ns, seed), alice(simulation, with_seed(both, seed * 2), 1, kAlice),
      bob(simulation, with_seed(both, seed * 2 + 1), 2, kBob) {
  wire.connect(&alice.device, 0);
  wire.connect(&bob.device, 1);
}

void TwoHosts::connect(uint16_t port) {
  listener = static_cast<int>(bob->socket(SocketType::kStream).value);
  ASSERT_EQ(bob->bind(listener, {{}, port}), Error::kOk);
  ASSERT_EQ(bob->listen(listener, 8), Error::kOk);
  bob->setsockopt(listener, SocketOption::kNonBlocking, 1);
  client = static_cast<int>(alice->socket(SocketType::kStream).value);
  alice->setsockopt(client, SocketOption::kNonBlocking, 1);
  ASSERT_EQ(alice->connect(client, {kBob, port}), Error::kInProgress);
  const bool accepted = simulation.run_until([&] {
    const Result result = bob->accept(listener);
    if (result.ok()) server = static_cast<int>(result.value);
    return result.ok();
  }, 300 * kSecond);
  ASSERT_TRUE(accepted);
  ASSERT_EQ(alice->connect(client, {kBob, port}), Error::kOk);
  alice->setsockopt(client, SocketOption::kNonBlocking, alice.stack->context().blocker ? 0 : 1);
}

bool TwoHosts::transfer(const std::vector<uint8_t>& bytes, uint64_t limit_ns) {
  size_t written = 0;
  received.clear();
  std::vector<uint8_t> room(64 * 1024);
  return simulation.run_until([&] {
    while (written < bytes.size()) {
      const Result result = alice->send(client, bytes.data() + written, bytes.size() - written, kMessageDontWait);
      if (!result.ok()) break;
      written += static_cast<size_t>(result.value);
    }
    for (;;) {
      const Result result = bob->recv(server, room.data(), room.size(), kMessageDontWait);
      if (!result.ok() || result.value == 0) break;
      received.insert(received.end(), room.begin(), room.begin() + result.value);
    }
    return received.size() >= bytes.size();
  }, limit_ns) && received == bytes;
}

TcpConnection& TwoHosts::connection(TestHost& host) {
  return *const_cast<TcpConnection*>(host.stack->tcp().snapshot().at(0));
}

std::vector<uint8_t> pattern(size_t bytes, uint64_t seed) {
  Random random(seed);
  std::vector<uint8_t> data(bytes);
  for (auto& byte : data) byte = static_cast<uint8_t>(random.next());
  return data;
}

}  // namespace ringside::testbench
