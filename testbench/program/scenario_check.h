// What a scenario must satisfy beyond the limits of single keys: names that others refer to exist, addresses can be
// read, every sender has a receiver. Throws UsageError in one line that says where.
#ifndef RINGSIDE_TESTBENCH_PROGRAM_SCENARIO_CHECK_H_
#define RINGSIDE_TESTBENCH_PROGRAM_SCENARIO_CHECK_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "testbench/program/scenario.h"

namespace ringside::testbench {

// `name` stands in messages about the scenario as a whole.
void check_scenario(const Scenario& scenario, const std::string& name);

// The forms that scenario files use. Empty when the text is not of that form.
std::optional<std::array<uint8_t, 6>> parse_mac(const std::string& text);  // unicast "02:00:00:00:00:01"
struct AddressAndLength {
  uint32_t address;
  unsigned length;
};                                                                      // host byte order
std::optional<AddressAndLength> parse_prefix(const std::string& text);  // "10.0.0.1/24"
struct AddressAndPort {
  uint32_t address;
  uint16_t port;
};
std::optional<AddressAndPort> parse_endpoint(const std::string& text);  // "10.0.0.2:5001"

// Index of the host of that name; empty when there is none.
std::optional<size_t> host_index(const Scenario& scenario, const std::string& name);

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_PROGRAM_SCENARIO_CHECK_H_
