// Virtual time and a wire for stack tests: hosts joined by a link that loses, duplicates, reorders, delays and damages
// by seed. No SystemC; a test runs as fast as its events.
//
// Threads: none. Time moves only in Simulation::step(), from event to event; equal times in order of scheduling.
#ifndef RINGSIDE_TESTBENCH_STACK_SUPPORT_VIRTUAL_WIRE_H_
#define RINGSIDE_TESTBENCH_STACK_SUPPORT_VIRTUAL_WIRE_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "stack/stack.h"

namespace ringside::testbench {

using namespace ringside::stack;  // NOLINT: these tests speak the stack's language

// Memory and pool in one.
class OwnedPool {
 public:
  OwnedPool(size_t count, uint32_t bytes) : memory_(new uint8_t[count * bytes]), pool_(memory_.get(), count, bytes) {}
  BufferPool& operator*() { return pool_; }
  BufferPool* operator->() { return &pool_; }

 private:
  std::unique_ptr<uint8_t[]> memory_;  // not cleared: most of it is never touched
  BufferPool pool_;
};

class Simulation : public Clock {
 public:
  uint64_t now_ns() const override { return now_ns_; }
  void at(uint64_t time_ns, std::function<void()> event);
  void after(uint64_t delay_ns, std::function<void()> event) { at(now_ns_ + delay_ns, std::move(event)); }
  void add_stack(Stack* stack) { stacks_.push_back(stack); }
  void remove_stack(Stack* stack);

  bool step(uint64_t limit_ns);  // one event or timer; false when nothing is due up to the limit (time is then there)
  void run_for(uint64_t ns) { run_to(now_ns_ + ns); }
  void run_to(uint64_t time_ns);
  // Until the condition holds; false when it does not within `limit_ns` of virtual time.
  bool run_until(const std::function<bool()>& condition, uint64_t limit_ns);

 private:
  uint64_t now_ns_ = 1'000'000'000;  // not zero: "never" and "at the start" must differ
  uint64_t scheduled_ = 0;
  std::map<std::pair<uint64_t, uint64_t>, std::function<void()>> events_;
  std::vector<Stack*> stacks_;
};

struct WireFaults {
  double loss = 0, duplicate = 0, reorder = 0, corrupt = 0;
  uint64_t reorder_delay_ns = 500'000;
};

class Wire;

// A device as a driver would offer it: receive buffers of its own, bounded transmit queue.
class WireDevice : public NetDevice {
 public:
  WireDevice(Simulation& simulation, MacAddress mac, uint32_t mtu, DeviceFeatures features);
  void set_client(NetDeviceClient* client) override { client_ = client; }
  TxResult transmit(Packet& packet, bool more) override;
  void flush() override { ++flushes; unflushed = 0; }
  MacAddress mac_address() const override { return mac_; }
  uint32_t mtu() const override { return mtu_; }
  DeviceFeatures features() const override { return features_; }
  bool link_up() const override { return up_; }
  std::string_view name() const override { return "wire"; }

  void deliver(const std::vector<uint8_t>& frame);
  void set_link(bool up);
  void set_busy(bool busy);  // refuses packets while busy

  Wire* wire = nullptr;
  int side = 0;
  OwnedPool receive_pool;
  uint64_t flushes = 0;
  unsigned unflushed = 0;      // packets since the last doorbell
  uint64_t no_buffer = 0;
  std::vector<Packet> held;    // when hold is set: what was transmitted, unsent
  bool hold = false;
  std::function<void(const Packet&)> on_transmit;

 private:
  Simulation& simulation_;
  NetDeviceClient* client_ = nullptr;
  MacAddress mac_;
  uint32_t mtu_;
  DeviceFeatures features_;
  bool up_ = true;
  bool busy_ = false;
};

// Frames as bytes, as on a real wire. With checksum insertion promised by the device, the device does it here.
class Wire {
 public:
  Wire(Simulation& simulation, uint64_t bits_per_second, uint64_t delay_ns, uint64_t seed);
  void connect(WireDevice* device, int side);
  void send(int from_side, std::vector<uint8_t> frame);

  WireFaults faults;
  std::function<bool(int from_side, const std::vector<uint8_t>&)> filter;  // false: this frame is lost
  uint64_t frames = 0, lost = 0, duplicated = 0, reordered = 0, corrupted = 0;

 private:
  void deliver_at(uint64_t time_ns, int to_side, std::vector<uint8_t> frame);

  Simulation& simulation_;
  uint64_t bits_per_second_;
  uint64_t delay_ns_;
  Random random_;
  WireDevice* ends_[2] = {nullptr, nullptr};
  uint64_t free_at_ns_[2] = {0, 0};
};

// Packet to bytes, with the checksum and the tag that a NIC would insert.
std::vector<uint8_t> to_frame(const Packet& packet);
// The frames that a NIC would make of it: TCP segments, or the one packet.
std::vector<std::vector<uint8_t>> to_frames(const Packet& packet);

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_STACK_SUPPORT_VIRTUAL_WIRE_H_
