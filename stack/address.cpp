#include "stack/address.h"

#include <fmt/format.h>

namespace ringside::stack {

std::string to_string(Ipv4Address address) {
  const uint32_t v = address.value;
  return fmt::format("{}.{}.{}.{}", v >> 24, v >> 16 & 255, v >> 8 & 255, v & 255);
}

std::string to_string(const Endpoint& endpoint) {
  return fmt::format("{}:{}", to_string(endpoint.address), endpoint.port);
}

std::optional<Ipv4Address> parse_ipv4(std::string_view text) {
  uint32_t value = 0;
  size_t at = 0;
  for (int part = 0; part < 4; ++part) {
    if (part > 0 && (at >= text.size() || text[at++] != '.')) return std::nullopt;
    uint32_t octet = 0;
    const size_t first = at;
    while (at < text.size() && at - first < 3 && text[at] >= '0' && text[at] <= '9')
      octet = octet * 10 + (text[at++] - '0');
    if (at == first || octet > 255) return std::nullopt;
    value = value << 8 | octet;
  }
  if (at != text.size()) return std::nullopt;
  return Ipv4Address{value};
}

}  // namespace ringside::stack
