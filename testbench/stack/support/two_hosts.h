// Two hosts on one wire, and what tests do with them over and over.
#ifndef RINGSIDE_TESTBENCH_STACK_SUPPORT_TWO_HOSTS_H_
#define RINGSIDE_TESTBENCH_STACK_SUPPORT_TWO_HOSTS_H_

#include <memory>
#include <string>
#include <vector>

#include "testbench/stack/support/virtual_wire.h"

namespace ringside::testbench {

constexpr MacAddress test_mac(uint8_t last) { return {2, 0, 0, 0, 0, last}; }
constexpr Ipv4Address kAlice = ipv4(10, 0, 0, 1);
constexpr Ipv4Address kBob = ipv4(10, 0, 0, 2);

// wait() lets the simulation go on until wake() or the deadline: a blocking call in the middle of a test.
class PumpingBlocker : public Blocker {
 public:
  explicit PumpingBlocker(Simulation& simulation) : simulation_(simulation) {}
  void wait(WaitChannel& channel, uint64_t deadline_ns) override;
  void wake(WaitChannel& channel) override { ++wakes; woken_.push_back(&channel); }
  uint64_t waits = 0, wakes = 0;

 private:
  Simulation& simulation_;
  std::vector<WaitChannel*> woken_;
};

class CountingCost : public CostSink {
 public:
  void charge(StackWork work, uint64_t count) override { total[static_cast<size_t>(work)] += count; }
  uint64_t of(StackWork work) const { return total[static_cast<size_t>(work)]; }
  uint64_t total[static_cast<size_t>(StackWork::kCount)] = {};
};

struct HostOptions {
  StackConfig stack;
  InterfaceConfig interface;
  DeviceFeatures features = {false, false, Packet::kMaxFragments, 0};
  uint32_t mtu = 1500;
  uint32_t data_buffer_bytes = 4096;
  size_t data_buffers = 4096;
  bool blocking = false;
};

// A host with one wire device.
struct TestHost {
  TestHost(Simulation& simulation, const HostOptions& options, uint8_t number, Ipv4Address address);
  ~TestHost();
  SystemCalls* operator->() { return &stack->calls(); }

  Simulation& simulation;
  CountingCost cost;
  PumpingBlocker blocker;
  OwnedPool headers;
  OwnedPool data;
  WireDevice device;
  std::unique_ptr<Stack> stack;
  Interface* interface = nullptr;
};

struct TwoHosts {
  explicit TwoHosts(const HostOptions& both = {}, uint64_t bits_per_second = 10'000'000'000, uint64_t delay_ns = 5'000,
                    uint64_t seed = 1);

  // A connection between two fresh descriptors; both ends non-blocking unless the hosts block.
  void connect(uint16_t port = 80);
  // Alice writes, Bob reads; true when all bytes came, and as they were. `limit_ns` is virtual time.
  bool transfer(const std::vector<uint8_t>& bytes, uint64_t limit_ns);
  TcpConnection& connection(TestHost& host);  // the only one

  Simulation simulation;
  Wire wire;
  TestHost alice;
  TestHost bob;
  int listener = -1, client = -1, server = -1;
  std::vector<uint8_t> received;
};

std::vector<uint8_t> pattern(size_t bytes, uint64_t seed = 7);

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_STACK_SUPPORT_TWO_HOSTS_H_
