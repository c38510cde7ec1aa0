#include "testbench/program/time_text.h"

#include <array>
#include <charconv>
#include <cmath>
#include <utility>

namespace ringside::testbench {

std::optional<TimeText> read_time(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, double>, 6> kUnits{
      {{"", 1e3}, {"ps", 1}, {"ns", 1e3}, {"us", 1e6}, {"ms", 1e9}, {"s", 1e12}}};
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || !(value >= 0) || std::signbit(value)) return std::nullopt;
  const std::string_view unit = text.substr(static_cast<size_t>(end - text.data()));
  for (const auto& [name, ps] : kUnits)
    if (unit == name && std::isfinite(value * ps)) return TimeText{value * ps, !unit.empty()};
  return std::nullopt;
}

}  // namespace ringside::testbench
