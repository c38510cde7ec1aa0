// Stack: everything of one host above its drivers, in one object.
//
//   applications -> SystemCalls -> sockets -> TCP / UDP -> IPv4 (ICMP) -> Interface (ARP, egress queue) -> NetDevice
//
// How a host runs it:
//   * construct with a Clock, pools and a seed; attach() each device; call calls() from applications.
//   * when a device has packets, its driver calls receive(), then receive_done() (NetDeviceClient).
//   * call poll() when Clock::now_ns() >= next_deadline_ns(); ask next_deadline_ns() again after every entry.
// Every entry ends with the same work: loopback delivered, bursts closed by flush(), closed connections freed.
// Threads: none. CostSink and JourneySink must not block; Blocker::wait may, and is called with the stack at rest.
// Order of destruction: devices and pools outlive the stack; buffers of the pools may outlive it.
#ifndef RINGSIDE_STACK_STACK_H_
#define RINGSIDE_STACK_STACK_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "stack/context.h"
#include "stack/descriptor_table.h"
#include "stack/icmp.h"
#include "stack/interface.h"
#include "stack/ipv4.h"
#include "stack/loopback.h"
#include "stack/system_calls.h"
#include "stack/tcp_layer.h"
#include "stack/udp.h"

namespace ringside::stack {

struct StackConfig {
  uint64_t seed = 1;
  Ipv4Config ip;
  TcpConfig tcp;
  size_t max_descriptors = 1024;
};

struct StackEnvironment {
  const Clock* clock = nullptr;
  BufferPool* header_pool = nullptr;  // buffers of at least 256 bytes
  BufferPool* data_pool = nullptr;    // of at least 1024; 4096, page aligned, serves DMA best
  Blocker* blocker = nullptr;         // null: every call behaves as non-blocking
  CostSink* cost = nullptr;
  JourneySink* journeys = nullptr;
};

class Stack : private InterfaceClient {
 public:
  Stack(const StackConfig& config, const StackEnvironment& environment);
  ~Stack() override;

  Interface& attach(NetDevice& device, const InterfaceConfig& config);
  void add_route(const Ipv4Prefix& destination, Ipv4Address gateway, const Interface& interface);

  void poll();  // runs the timers that are due
  uint64_t next_deadline_ns() const;

  SystemCalls& calls() { return calls_; }
  bool ping(Ipv4Address destination, uint16_t identifier, uint16_t sequence, uint32_t bytes);

  // Brackets for code that calls into a layer directly.
  void enter() override;
  void leave() override;

  Context& context() { return context_; }
  Ipv4& ip() { return ip_; }
  Icmp& icmp() { return icmp_; }
  Udp& udp() { return udp_; }
  TcpLayer& tcp() { return tcp_; }
  Interface& interface(size_t index) { return *interfaces_[index]; }  // 0: loopback
  size_t interface_count() const { return interfaces_.size(); }
  uint64_t now_ns() const { return clock_.now_ns(); }

 private:
  void receive_ipv4(Interface& interface, Packet packet, bool link_broadcast) override;
  void receive_done() override {}
  void next_hop_unreachable(Packet ip_packet) override { ip_.next_hop_unreachable(std::move(ip_packet)); }
  void transmit_ready() override {}
  void finish_entry();

  const Clock& clock_;
  Context context_;
  Ipv4 ip_;
  Icmp icmp_;
  Udp udp_;
  TcpLayer tcp_;
  LoopbackDevice loopback_;
  std::vector<std::unique_ptr<Interface>> interfaces_;
  SystemCalls calls_;
  unsigned depth_ = 0;
};

}  // namespace ringside::stack

#endif  // RINGSIDE_STACK_STACK_H_
