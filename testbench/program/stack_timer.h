// Runs the stack's timers on the host's CPU: one CPU timer stands for the stack's next deadline.
//
// The deadline can change with every entry into the stack, so whoever enters it calls rearm() afterwards. Most
// deadlines only move away (a retransmission timer with every ACK): then the CPU timer is left as it is, fires early
// once, and is set anew. TimedDevice stands between driver and stack: calls from the driver are entries too. Threads:
// CPU held throughout.
#ifndef RINGSIDE_TESTBENCH_PROGRAM_STACK_TIMER_H_
#define RINGSIDE_TESTBENCH_PROGRAM_STACK_TIMER_H_

#include <cstdint>
#include <string_view>
#include <utility>

#include "sc_model/host_cpu.h"
#include "stack/net_device.h"
#include "stack/stack.h"

namespace ringside::testbench {

class StackTimer {
 public:
  StackTimer(sc_model::HostCpu& cpu, stack::Stack& stack);
  ~StackTimer() { cpu_.timer_unregister(timer_); }
  StackTimer(const StackTimer&) = delete;
  void rearm();

 private:
  void expired();

  sc_model::HostCpu& cpu_;
  stack::Stack& stack_;
  int timer_;
  uint64_t armed_ns_ = stack::kNever;
};

class TimedDevice : public stack::NetDevice, private stack::NetDeviceClient {
 public:
  explicit TimedDevice(stack::NetDevice& device) : device_(device) {}
  void set_timer(StackTimer* timer) { timer_ = timer; }

  void set_client(stack::NetDeviceClient* client) override {
    client_ = client;
    device_.set_client(client ? this : nullptr);
  }
  stack::TxResult transmit(stack::Packet& packet, bool more) override { return device_.transmit(packet, more); }
  void flush() override { device_.flush(); }
  stack::MacAddress mac_address() const override { return device_.mac_address(); }
  uint32_t mtu() const override { return device_.mtu(); }
  stack::DeviceFeatures features() const override { return device_.features(); }
  bool link_up() const override { return device_.link_up(); }
  std::string_view name() const override { return device_.name(); }

 private:
  void receive(stack::Packet packet) override { client_->receive(std::move(packet)); }
  void receive_done() override {
    client_->receive_done();
    if (timer_) timer_->rearm();
  }
  void tx_wake() override {
    client_->tx_wake();
    if (timer_) timer_->rearm();
  }
  void link_changed(bool up) override {
    client_->link_changed(up);
    if (timer_) timer_->rearm();
  }

  void tx_departed(uint32_t stamp_id, uint64_t time_ns) override { client_->tx_departed(stamp_id, time_ns); }

  stack::NetDevice& device_;
  stack::NetDeviceClient* client_ = nullptr;
  StackTimer* timer_ = nullptr;
};

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_PROGRAM_STACK_TIMER_H_
