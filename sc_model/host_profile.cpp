#include "sc_model/host_profile.h"

#include <stdexcept>

namespace ringside::sc_model {

const std::vector<HostProfile>& host_profiles() {
  static const std::vector<HostProfile> kProfiles = [] {
    HostProfile desktop;  // an x8 slot at the CPU, short paths, small receive buffers
    desktop.name = "desktop";
    desktop.link_latency_ns = 90;
    desktop.root_latency_ns = 40;
    desktop.memory_read_ns = 80;
    desktop.credits = {{48, 384, 32, 32, 48, 384}};

    HostProfile server;  // an x16 slot, longer mesh, larger buffers; 440 ns for a 64 B read at the NIC's pins
    server.name = "server";
    server.lanes = 16;
    server.link_latency_ns = 120;
    server.root_latency_ns = 80;
    server.memory_read_ns = 110;
    server.credits = {{96, 1024, 96, 96, 96, 1024}};

    HostProfile far;  // Gen1 x4 behind two switches, far memory node, 128 bytes everywhere
    far.name = "slow_and_far";
    far.generation = 1;
    far.lanes = 4;
    far.link_latency_ns = 500;
    far.root_latency_ns = 250;
    far.memory_read_ns = 400;
    far.memory_write_ns = 150;
    far.mps_bytes = 128;
    far.mrrs_bytes = 128;
    far.credits = {{16, 64, 8, 8, 16, 64}};
    return std::vector<HostProfile>{desktop, server, far};
  }();
  return kProfiles;
}

HostProfile host_profile(std::string_view name) {
  std::string known;
  for (const HostProfile& profile : host_profiles()) {
    if (profile.name == name) return profile;
    known += (known.empty() ? "" : ", ") + profile.name;
  }
  throw std::invalid_argument("no host profile \"" + std::string(name) + "\"; there are " + known);
}

HostProfile make_nasty(HostProfile profile) {
  profile.split = CompletionSplit::kRandom;
  profile.read_jitter_ns = 800;
  profile.completion_gap_ns = 200;
  profile.write_jitter_ns = 300;
  return profile;
}

}  // namespace ringside::sc_model
