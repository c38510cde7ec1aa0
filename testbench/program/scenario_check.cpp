#include "testbench/program/scenario_check.h"

#include <fmt/format.h>

#include <cstdio>
#include <string_view>

#include "testbench/program/fault_option.h"
#include "testbench/program/machine_profile.h"
#include "testbench/program/scenario_reader.h"

namespace ringside::testbench {
namespace {

[[noreturn]] void fail(const std::string& where, const std::string& text) {
  throw UsageError(where.empty() ? text : where + ": " + text);
}

std::optional<uint32_t> address_of(const unsigned (&part)[4]) {
  uint32_t address = 0;
  for (unsigned octet : part) {
    if (octet > 255) return std::nullopt;
    address = address << 8 | octet;
  }
  return address;
}

// Names of hosts begin names of what is in them, with a dot behind, and stand on command lines.
constexpr const char* kHostNameLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";

// The driver's own rule: an event that no time bounds may never be told of.
void check_coalescing(const HostParameters& host) {
  const CoalescingParameters& c = host.nic.coalescing;
  const auto bounded = [&](uint32_t frames, uint32_t us) { return frames <= 1 || us > 0 || c.max_us > 0; };
  if (bounded(c.rx_frames, c.rx_us) && bounded(c.tx_frames, c.tx_us)) return;
  fail(host.where, "coalescing: a number of frames needs a time as well, its own or max_us");
}

void check_host(const Scenario& scenario, const HostParameters& host) {
  if (host.name.empty()) fail(host.where, "[[host]] has no name");
  if (host.name.find_first_not_of(kHostNameLetters) != std::string::npos)
    fail(host.where, fmt::format("name = \"{}\": must be letters, digits, - and _", host.name));
  if (&scenario.hosts[*host_index(scenario, host.name)] != &host) {
    fail(host.where, fmt::format("a second host of the name \"{}\"", host.name));
  }
  if (!parse_mac(host.mac))
    fail(host.where, fmt::format("mac = \"{}\": must be a unicast xx:xx:xx:xx:xx:xx", host.mac));
  if (!parse_prefix(host.address)) {
    fail(host.where, fmt::format("address = \"{}\": must be like 10.0.0.1/24", host.address));
  }
  if (host.nic.return_ring < host.nic.rx_ring) {
    fail(host.where,
         fmt::format("return_ring = {}: must not be below rx_ring = {}", host.nic.return_ring, host.nic.rx_ring));
  }
  if (const std::string wrong = wrong_with(host.pcie); !wrong.empty()) fail(host.where, "[host.pcie] " + wrong);
  check_coalescing(host);
}

void check_hosts_differ(const Scenario& scenario, const std::string& name) {
  const HostParameters& a = scenario.hosts[0];
  const HostParameters& b = scenario.hosts[1];
  if (parse_mac(a.mac) == parse_mac(b.mac)) fail(b.where.empty() ? name : b.where, "both hosts have the same mac");
  if (a.vlan != b.vlan) fail(b.where.empty() ? name : b.where, "the hosts are in different VLANs");
  const AddressAndLength pa = *parse_prefix(a.address), pb = *parse_prefix(b.address);
  if (pa.address == pb.address) fail(b.where.empty() ? name : b.where, "both hosts have the same address");
  const unsigned shift = 32 - pa.length;
  if (pa.length != pb.length || pa.address >> shift != pb.address >> shift) {
    fail(b.where.empty() ? name : b.where, fmt::format("{} and {} are not in one network", a.address, b.address));
  }
}

bool has_receiver(const Scenario& scenario, const AddressAndPort& to) {
  for (const ApplicationParameters& other : scenario.applications) {
    if (other.kind != "receive_file" || other.port != to.port) continue;
    const auto host = host_index(scenario, other.host);
    if (host && parse_prefix(scenario.hosts[*host].address)->address == to.address) return true;
  }
  return false;
}

void check_application(const Scenario& scenario, const ApplicationParameters& application) {
  if (application.kind.empty()) fail(application.where, "[[application]] has no kind");
  if (!host_index(scenario, application.host)) {
    fail(application.where, fmt::format("host = \"{}\": there is no such host", application.host));
  }
  if (application.kind == "receive_file") {
    if (application.port == 0) fail(application.where, "receive_file has no port");
    return;
  }
  const auto to = parse_endpoint(application.to);
  if (!to) fail(application.where, fmt::format("to = \"{}\": must be like 10.0.0.2:5001", application.to));
  if (!has_receiver(scenario, *to)) {
    fail(application.where, fmt::format("to = \"{}\": no receive_file listens there", application.to));
  }
}

// A receiver serves one sender and then ends; two senders for it, or none, would never end.
void check_receivers(const Scenario& scenario) {
  for (const ApplicationParameters& receiver : scenario.applications) {
    if (receiver.kind != "receive_file") continue;
    const uint32_t address = parse_prefix(scenario.hosts[*host_index(scenario, receiver.host)].address)->address;
    unsigned senders = 0;
    for (const ApplicationParameters& sender : scenario.applications) {
      if (sender.kind != "send_file") continue;
      const AddressAndPort to = *parse_endpoint(sender.to);
      if (to.address == address && to.port == receiver.port) ++senders;
    }
    if (senders != 1)
      fail(receiver.where, fmt::format("receive_file on port {} has {} senders, not one", receiver.port, senders));
  }
}

}  // namespace

void check_scenario(const Scenario& scenario, const std::string& name) {
  // It names the run's folder.
  if (scenario.name.find('/') != std::string::npos || scenario.name == "." || scenario.name == "..")
    fail(name, fmt::format("name = \"{}\": must name a folder, without /", scenario.name));
  if (scenario.width != 64 && scenario.width != 512)
    fail(name, fmt::format("width = {}: must be 64 or 512", scenario.width));
  if (scenario.hosts.size() != 2) fail(name, fmt::format("{} [[host]] tables, must be two", scenario.hosts.size()));
  for (const HostParameters& host : scenario.hosts) check_host(scenario, host);
  check_hosts_differ(scenario, name);
  if (scenario.applications.empty()) fail(name, "no [[application]]");
  for (const ApplicationParameters& application : scenario.applications) check_application(scenario, application);
  check_receivers(scenario);
  check_faults(scenario);
}

std::optional<std::array<uint8_t, 6>> parse_mac(const std::string& text) {
  unsigned part[6];
  char end;
  if (std::sscanf(text.c_str(), "%2x:%2x:%2x:%2x:%2x:%2x%c", &part[0], &part[1], &part[2], &part[3], &part[4], &part[5],
                  &end) != 6) {
    return std::nullopt;
  }
  std::array<uint8_t, 6> mac;
  for (size_t i = 0; i < mac.size(); ++i) mac[i] = static_cast<uint8_t>(part[i]);
  if ((mac[0] & 1) != 0 || mac == std::array<uint8_t, 6>{}) return std::nullopt;
  return mac;
}

std::optional<AddressAndLength> parse_prefix(const std::string& text) {
  unsigned part[4], length;
  char end;
  if (std::sscanf(text.c_str(), "%3u.%3u.%3u.%3u/%2u%c", &part[0], &part[1], &part[2], &part[3], &length, &end) != 5) {
    return std::nullopt;
  }
  const auto address = address_of(part);
  if (!address || length < 1 || length > 30) return std::nullopt;
  return AddressAndLength{*address, length};
}

std::optional<AddressAndPort> parse_endpoint(const std::string& text) {
  unsigned part[4], port;
  char end;
  if (std::sscanf(text.c_str(), "%3u.%3u.%3u.%3u:%5u%c", &part[0], &part[1], &part[2], &part[3], &port, &end) != 5) {
    return std::nullopt;
  }
  const auto address = address_of(part);
  if (!address || port < 1 || port > 65535) return std::nullopt;
  return AddressAndPort{*address, static_cast<uint16_t>(port)};
}

std::optional<size_t> host_index(const Scenario& scenario, const std::string& name) {
  for (size_t i = 0; i < scenario.hosts.size(); ++i) {
    if (scenario.hosts[i].name == name) return i;
  }
  return std::nullopt;
}

}  // namespace ringside::testbench
