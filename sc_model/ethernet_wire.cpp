#include "sc_model/ethernet_wire.h"

#include <stdexcept>

#include "sc_model/wire_direction.h"

namespace ringside::sc_model {
namespace {

const WireConfig& checked(const WireConfig& config) {
  const unsigned g = config.gigabits_per_s;
  if (g != 10 && g != 25 && g != 50 && g != 100)
    throw std::invalid_argument("the wire's rate must be 10, 25, 50 or 100 Gb/s");
  if (config.delay_ps < 2 * 6400) throw std::invalid_argument("the wire's delay must be 12.8 ns or more");
  if (config.reorder_by == 0) throw std::invalid_argument("reorder_by must be 1 or more");
  return config;
}

}  // namespace

EthernetWire::EthernetWire(const std::string& name, const WireConfig& config, const ObserverList& observers)
    : config_(checked(config)), scheduler_((name + "_scheduler").c_str()) {
  for (unsigned port = 0; port < 2; ++port) {
    injectors_[port] = FaultInjector(config_.faults[port], Random(config_.seed, 0xFA17 + port).next());
    directions_[port] = std::make_unique<WireDirection>(port, config_, injectors_[port], scheduler_, observers);
  }
}

EthernetWire::~EthernetWire() = default;

XgmiiSink& EthernetWire::sender(unsigned port) { return *directions_.at(port); }

void EthernetWire::connect(unsigned port, XgmiiSink* receiver) { directions_.at(1 - port)->connect(receiver); }

const WireDirectionCounters& EthernetWire::counters(unsigned sending_port) const {
  return directions_.at(sending_port)->counters();
}

}  // namespace ringside::sc_model
