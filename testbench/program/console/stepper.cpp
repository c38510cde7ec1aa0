#include "testbench/program/console/stepper.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace ringside::testbench {

using sc_model::TimePs;

std::string time_words(TimePs at) {
  const std::string text = fmt::format("{}.{:06}", at / sc_model::kPsPerUs, at % sc_model::kPsPerUs);
  const bool whole_ns = at % sc_model::kPsPerNs == 0;
  return (whole_ns ? text.substr(0, text.size() - 3) : text) + " us";
}

std::string event_words(const ConsoleEvent& event) {
  return fmt::format("{:>14}  {}", time_words(event.at), event.text);
}

bool Stepper::interesting(const ConsoleEvent& event) const {
  if (wish_.events != 0 && event.counts()) return true;
  if (wish_.frames != 0 && event.kind == EventKind::kFrame) return true;
  return wish_.breakpoints && const_cast<Breakpoints&>(breakpoints_).hit(event) != nullptr;
}

bool Stepper::tell(ConsoleEvent event, TimePs now) {
  const bool stops = interesting(event);
  const TimePs passes = std::max(event.at, now);
  coming_.emplace(passes, std::move(event));
  return stops;
}

std::optional<Stepper::Stop> Stepper::pass(TimePs now) {
  while (!coming_.empty() && coming_.begin()->first <= now) {
    const ConsoleEvent event = std::move(coming_.begin()->second);
    coming_.erase(coming_.begin());
    const std::optional<Stop> stop = pass_one(event);
    remember(event);
    if (stop) return stop;
  }
  if (Breakpoint* b = wish_.breakpoints ? breakpoints_.due(now) : nullptr) {
    ++b->hits;
    return fmt::format("breakpoint {}: {}", b->number, b->text);
  }
  if (wish_.until <= now) return Stop();
  return std::nullopt;
}

std::vector<Stepper::Stop> Stepper::pass_rest() {
  std::vector<Stop> stops;
  while (!coming_.empty()) {
    const ConsoleEvent event = std::move(coming_.begin()->second);
    coming_.erase(coming_.begin());
    if (const std::optional<Stop> stop = pass_one(event)) stops.push_back(*stop);
    remember(event);
  }
  return stops;
}

std::optional<Stepper::Stop> Stepper::pass_one(const ConsoleEvent& event) {
  if (Breakpoint* b = wish_.breakpoints ? breakpoints_.hit(event) : nullptr) return hit_words(*b, event);
  const bool last_event = wish_.events != 0 && event.counts() && --wish_.events == 0;
  const bool last_frame = wish_.frames != 0 && event.kind == EventKind::kFrame && --wish_.frames == 0;
  if (last_event || last_frame) return event_words(event);
  return std::nullopt;
}

// The frames of a large packet take some of their steps together.
std::string Stepper::hit_words(Breakpoint& breakpoint, const ConsoleEvent& event) {
  uint64_t more = 0;
  while (event.kind == EventKind::kStep && !coming_.empty() && coming_.begin()->second.at == event.at &&
         breakpoint.matches(coming_.begin()->second)) {
    remember(std::move(coming_.begin()->second));
    coming_.erase(coming_.begin());
    ++more;
  }
  ++breakpoint.hits;
  std::string text = fmt::format("breakpoint {}: {}\n{}", breakpoint.number, breakpoint.text, event_words(event));
  if (more > 0) text += fmt::format(" (and {} more frames of that packet)", more);
  return text;
}

TimePs Stepper::next_stop(TimePs now) const {
  TimePs next = wish_.until;
  if (wish_.breakpoints) next = std::min(next, breakpoints_.next_time(now));
  for (const auto& [passes, event] : coming_) {
    if (passes >= next) break;
    if (interesting(event)) return std::max(passes, now + 1);
  }
  return next;
}

void Stepper::remember(ConsoleEvent event) {
  if (!event.counts()) return;
  history_.push_back(std::move(event));
  if (history_.size() > kHistory) history_.pop_front();
}

}  // namespace ringside::testbench
