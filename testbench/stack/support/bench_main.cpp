// Processor time per TCP segment, both sides together: two stacks joined by a pair of devices that hand packets over as
// they are, so that only the stacks are measured. Not a test: run it by hand.
#include <fmt/format.h>

#include <ctime>
#include <deque>

#include "testbench/stack/support/two_hosts.h"

namespace ringside::testbench {
namespace {

class PairDevice : public NetDevice {
 public:
  PairDevice(MacAddress mac, uint32_t mtu) : mac_(mac), mtu_(mtu) {}
  void set_client(NetDeviceClient* client) override { client_ = client; }
  TxResult transmit(Packet& packet, bool) override {
    packet.meta.ip_verdict = packet.meta.l4_verdict = RxVerdict::kGood;
    packet.meta.tx_checksum = TxChecksum::kNone;
    peer->queue.push_back(std::move(packet));
    return TxResult::kSent;
  }
  void flush() override {}
  MacAddress mac_address() const override { return mac_; }
  uint32_t mtu() const override { return mtu_; }
  DeviceFeatures features() const override { return {true, true, Packet::kMaxFragments, 0}; }
  bool link_up() const override { return true; }
  std::string_view name() const override { return "pair"; }
  bool deliver() {
    if (queue.empty()) return false;
    for (int budget = 64; budget > 0 && !queue.empty(); --budget) {
      Packet packet = std::move(queue.front());
      queue.pop_front();
      client_->receive(std::move(packet));
    }
    client_->receive_done();
    return true;
  }
  PairDevice* peer = nullptr;
  std::deque<Packet> queue;

 private:
  MacAddress mac_;
  uint32_t mtu_;
  NetDeviceClient* client_ = nullptr;
};

struct Side {
  Side(Simulation& sim, uint8_t number, uint32_t mtu)
      : headers(8192, 256), data(4096, 4096), device(test_mac(number), mtu) {
    StackConfig config;
    config.seed = number;
    StackEnvironment environment;
    environment.clock = &sim;
    environment.header_pool = &*headers;
    environment.data_pool = &*data;
    stack = std::make_unique<Stack>(config, environment);
    InterfaceConfig interface;
    interface.addresses = {{ipv4(10, 0, 0, number), 24}};
    stack->attach(device, interface);
    sim.add_stack(stack.get());
  }
  OwnedPool headers, data;
  PairDevice device;
  std::unique_ptr<Stack> stack;
};

void run(uint32_t mtu, size_t total) {
  Simulation sim;
  Side a(sim, 1, mtu), b(sim, 2, mtu);
  a.device.peer = &b.device;
  b.device.peer = &a.device;
  SystemCalls &ca = a.stack->calls(), &cb = b.stack->calls();
  const int listener = static_cast<int>(cb.socket(SocketType::kStream).value);
  cb.bind(listener, {{}, 80});
  cb.listen(listener, 4);
  const int client = static_cast<int>(ca.socket(SocketType::kStream).value);
  ca.connect(client, {ipv4(10, 0, 0, 2), 80});
  const auto pump = [&] {
    sim.run_for(1000);
    const bool one = a.device.deliver();
    return b.device.deliver() || one;
  };
  while (pump()) {
  }
  const int server = static_cast<int>(cb.accept(listener).value);
  const std::vector<uint8_t> bytes = pattern(256 * 1024);
  std::vector<uint8_t> room(256 * 1024);
  size_t sent = 0, got = 0;
  const std::clock_t start = std::clock();  // processor time: other work on the machine does not count
  while (got < total) {
    const Result wrote = ca.write(client, bytes.data(), std::min(bytes.size(), total - sent));
    if (wrote.ok()) sent += static_cast<size_t>(wrote.value);
    pump();
    const Result read = cb.read(server, room.data(), room.size());
    if (read.ok()) got += static_cast<size_t>(read.value);
  }
  const double ns = static_cast<double>(std::clock() - start) * 1e9 / CLOCKS_PER_SEC;
  a.device.queue.clear();  // holds the other side's buffers, which go first
  b.device.queue.clear();
  const double segments = static_cast<double>(a.stack->tcp().counters().segments_sent);
  fmt::print("mtu {:5}: {} bytes, {:.0f} segments, {:.0f} ns per segment with its copies, {:.2f} GB/s, {} sent again\n",
             mtu, total, segments, ns / segments, static_cast<double>(total) / ns,
             a.stack->tcp().counters().retransmitted_segments);
}

}  // namespace
}  // namespace ringside::testbench

int main() {
  ringside::testbench::run(1500, 256 << 20);
  ringside::testbench::run(9000, 256 << 20);
}
