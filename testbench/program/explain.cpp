#include "testbench/program/explain.h"

#include <fmt/format.h>

#include <algorithm>

#include "testbench/program/progress.h"
#include "testbench/program/results.h"

namespace ringside::testbench {
namespace {

constexpr double kNoLimit = 1e9;  // Mb/s

std::string mbps(double value) {
  return value >= kNoLimit ? "no limit" : with_commas(static_cast<uint64_t>(value + 0.5)) + " Mb/s";
}

std::string direction_text(const DirectionExplanation& d) {
  std::string text = fmt::format("{} to {}: {} bytes of users in {}\n\n", d.from, d.to, with_commas(d.bytes),
                                 human_time(d.to_ns - d.from_ns));
  text += fmt::format("  {:<34}{:>16}\n", "measured", mbps(d.measured_mbps));
  for (const ThroughputLimit& limit : d.limits)
    text += fmt::format("  {:<34}{:>16}{:>8.1f} % of it   {}\n", limit.name, mbps(limit.mbps),
                        100 * share(d.measured_mbps, limit.mbps), limit.how);
  return text + "\n";
}

}  // namespace

std::string explain_line(const Explanation& e) {
  if (e.directions.empty() || e.waits.empty()) return "nothing was sent";
  const DirectionExplanation& d = *std::max_element(
      e.directions.begin(), e.directions.end(), [](const auto& a, const auto& b) { return a.bytes < b.bytes; });
  const ThroughputLimit& limit = d.limits.front();
  if (d.bytes == 0)
    return fmt::format("nothing arrived; {:.0f} % of the time waited for {}", 100 * e.waits.front().share,
                       e.waits.front().what);
  if (e.waits.front().what == kNothingUnderWay)  // then no limit is what bounds it
    return fmt::format("{}: {:.0f} % of the time; the tightest limit is {}, at most {}", kNothingUnderWay,
                       100 * e.waits.front().share, limit.name, mbps(limit.mbps));
  return fmt::format("{}: at most {}, {:.0f} % of that reached; {:.0f} % of the time waited for {}", limit.name,
                     mbps(limit.mbps), 100 * share(d.measured_mbps, limit.mbps), 100 * e.waits.front().share,
                     e.waits.front().what);
}

std::string explain_text(const Explanation& e) {
  std::string text;
  for (const DirectionExplanation& d : e.directions) text += direction_text(d);
  text += "what the time was spent waiting for\n\n";
  double sum = 0;
  for (const Wait& wait : e.waits) {
    text += fmt::format("  {:<42}{:>7.2f} %\n", wait.what, 100 * wait.share);
    sum += wait.share;
  }
  return text + fmt::format("  {:<42}{:>7.2f} %\n", "sum", 100 * sum);
}

}  // namespace ringside::testbench
