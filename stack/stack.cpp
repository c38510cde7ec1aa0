#include "stack/stack.h"

#include <stdexcept>
#include <utility>

namespace ringside::stack {
namespace {

const StackEnvironment& checked(const StackEnvironment& environment) {
  if (!environment.clock || !environment.header_pool || !environment.data_pool) {
    throw std::invalid_argument("Stack: needs a clock and two pools");
  }
  if (environment.header_pool->buffer_bytes() < 256)
    throw std::invalid_argument("Stack: header buffers below 256 bytes");
  if (environment.data_pool->buffer_bytes() < 1024) throw std::invalid_argument("Stack: data buffers below 1024 bytes");
  return environment;
}

InterfaceConfig loopback_config() {
  InterfaceConfig config;
  config.addresses = {{ipv4(127, 0, 0, 1), 8}};
  config.resolve = false;
  return config;
}

}  // namespace

Stack::Stack(const StackConfig& config, const StackEnvironment& environment)
    : clock_(*checked(environment).clock), context_(*environment.header_pool, *environment.data_pool, config.seed),
      ip_(context_, config.ip), icmp_(context_, ip_), udp_(context_, ip_, icmp_, config.tcp.first_ephemeral_port),
      tcp_(context_, ip_, config.tcp), calls_(*this, config.max_descriptors) {
  context_.now_ns = clock_.now_ns();
  context_.blocker = environment.blocker;
  context_.cost = environment.cost;
  context_.journeys = environment.journeys;
  ip_.set_icmp(&icmp_);
  ip_.set_protocol(kProtocolIcmp, &icmp_);
  ip_.set_protocol(kProtocolTcp, &tcp_);
  ip_.set_protocol(kProtocolUdp, &udp_);
  icmp_.set_transport(kProtocolTcp, &tcp_);
  icmp_.set_transport(kProtocolUdp, &udp_);
  attach(loopback_, loopback_config());
}

Stack::~Stack() = default;

Interface& Stack::attach(NetDevice& device, const InterfaceConfig& config) {
  InterfaceClient& client = *this;
  interfaces_.push_back(std::make_unique<Interface>(context_, client, device, config));
  ip_.attach(*interfaces_.back());
  return *interfaces_.back();
}

void Stack::add_route(const Ipv4Prefix& destination, Ipv4Address gateway, const Interface& interface) {
  for (size_t i = 0; i < interfaces_.size(); ++i) {
    if (interfaces_[i].get() == &interface) return ip_.routes().add({destination, gateway, i});
  }
  throw std::invalid_argument("Stack::add_route: not one of this stack's interfaces");
}

void Stack::enter() {
  if (depth_++ == 0) context_.now_ns = clock_.now_ns();
}

void Stack::leave() {
  if (depth_ == 1) finish_entry();
  --depth_;
}

// Loopback may answer itself for a while; each round hands up what the last one sent.
void Stack::finish_entry() {
  while (loopback_.deliver()) {
  }
  for (const auto& interface : interfaces_) interface->flush();
  tcp_.reap();
  // A writer that found the pool empty waits for buffers, not for its own connection.
  const BufferPool& pool = context_.data_pool;
  if (context_.buffers_wanted && pool.free_count() > pool.capacity() / 8) {
    context_.buffers_wanted = false;
    tcp_.wake_writers();
  }
}

void Stack::poll() {
  enter();
  context_.timers.run(context_.now_ns);
  leave();
}

uint64_t Stack::next_deadline_ns() const { return context_.timers.next_deadline_ns(); }

bool Stack::ping(Ipv4Address destination, uint16_t identifier, uint16_t sequence, uint32_t bytes) {
  enter();
  const bool sent = icmp_.send_echo(destination, identifier, sequence, bytes);
  leave();
  return sent;
}

void Stack::receive_ipv4(Interface& interface, Packet packet, bool link_broadcast) {
  ip_.receive(interface, std::move(packet), link_broadcast);
}

}  // namespace ringside::stack
