#include "testbench/program/violation_host.h"

namespace ringside::testbench {

std::optional<size_t> host_of_violation(const std::string& object, const std::array<std::string, 2>& hosts) {
  for (size_t i = 0; i < hosts.size(); ++i)
    if (object == "wire port " + std::to_string(i) || object.rfind(hosts[i] + ".", 0) == 0) return i;
  return std::nullopt;
}

}  // namespace ringside::testbench
