#include "testbench/program/machine_profile.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

namespace ringside::testbench {
namespace {

// PCI Express base specification 4.0, 7.5.3: link width, Max_Payload_Size, Max_Read_Request_Size, RCB.
constexpr std::array<uint32_t, 6> kLanes{1, 2, 4, 8, 12, 16};
constexpr std::array<uint32_t, 4> kMps{128, 256, 512, 1024};
constexpr std::array<uint32_t, 6> kMrrs{128, 256, 512, 1024, 2048, 4096};
constexpr std::array<uint32_t, 2> kRcb{64, 128};

}  // namespace

std::string wrong_with(const PcieParameters& pcie) {
  const auto wrong = [](const char* name, uint32_t value, const auto& allowed) -> std::string {
    if (value == 0 || std::find(allowed.begin(), allowed.end(), value) != allowed.end()) return "";
    return fmt::format("{} = {}: must be one of {}, or 0", name, value, fmt::join(allowed, ", "));
  };
  std::string text = wrong("lanes", pcie.lanes, kLanes);
  if (text.empty()) text = wrong("mps_bytes", pcie.mps_bytes, kMps);
  if (text.empty()) text = wrong("mrrs_bytes", pcie.mrrs_bytes, kMrrs);
  if (text.empty()) text = wrong("rcb_bytes", pcie.rcb_bytes, kRcb);
  return text;
}

sc_model::HostProfile machine_profile(const HostParameters& host) {
  sc_model::HostProfile profile = sc_model::host_profile(host.profile);
  const auto set = [](auto& to, uint32_t from) {
    if (from != 0) to = from;
  };
  set(profile.generation, host.pcie.generation);
  set(profile.lanes, host.pcie.lanes);
  set(profile.mps_bytes, host.pcie.mps_bytes);
  set(profile.mrrs_bytes, host.pcie.mrrs_bytes);
  set(profile.rcb_bytes, host.pcie.rcb_bytes);
  return host.nasty ? sc_model::make_nasty(profile) : profile;
}

}  // namespace ringside::testbench
