// Whose NIC a broken rule is about: the host whose waves to look at.
#ifndef RINGSIDE_TESTBENCH_PROGRAM_VIOLATION_HOST_H_
#define RINGSIDE_TESTBENCH_PROGRAM_VIOLATION_HOST_H_

#include <array>
#include <cstddef>
#include <optional>
#include <string>

namespace ringside::testbench {

// `object` of a violation: "h0.nic tag 3" begins with the host's name and a dot, which is in no name; "wire port 1" is
// what the NIC of that host sends. Nothing: none of the two.
std::optional<size_t> host_of_violation(const std::string& object, const std::array<std::string, 2>& hosts);

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_PROGRAM_VIOLATION_HOST_H_
