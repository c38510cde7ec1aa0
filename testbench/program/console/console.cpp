#include "testbench/program/console/console.h"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <cstdio>

#include "testbench/program/signals.h"

namespace ringside::testbench {
namespace {

using sc_model::sim_now_ps;
using sc_model::TimePs;

void say(const std::string& text) {
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);
}

std::string help(const std::vector<std::string>& words) {
  if (!words.empty()) {
    const CommandInfo& info = *parse_command(words[0]).info;
    std::string text = fmt::format("{} {}\n{}\n", info.name, info.usage, info.text);
    return *info.more != '\0' ? text + info.more + "\n" : text;
  }
  std::string text;
  for (const CommandInfo& info : command_table())
    text += fmt::format("{:<10} {:<42} {}\n", info.name, info.usage, info.text);
  return text + "Names may be shortened: s 10us, c, b step T8, regs tx_. An empty line repeats the last step.\n";
}

}  // namespace

Console::Console(const Scenario& scenario, const RunOptions& options)
    : scenario_(scenario),
      hosts_({scenario.hosts[0].name, scenario.hosts[1].name}),
      lines_(options.console_file),
      feed_(scenario, stepper_),
      waves_(scenario, options.waves, options.out) {}

// ---------------------------------------------------------------- the run loop

void Console::begin(Machine& machine, JourneyLog& journeys) {
  forget_control_c();
  feed_.watch(machine, journeys);
  waves_.watch(machine);
  looker_ = std::make_unique<Looker>(machine, feed_);
  looker_->set_host(wave_host({}, scenario_));
  say(fmt::format("ringside console: {}, {} bits, seed {}; `help` lists the commands\n", scenario_.name,
                  scenario_.width, scenario_.seed));
}

std::optional<TimePs> Console::go_until() {
  while (!left_) {
    feed_.settle();
    if (signal_caught() == SIGINT) {
      forget_control_c();
      say("interrupted\n");
      moving_ = false;
    } else if (signal_caught() != 0) {
      return std::nullopt;
    }
    if (moving_) {
      if (const std::optional<Stepper::Stop> stop = stepper_.pass(sim_now_ps())) {
        if (!stop->empty()) say(*stop + "\n");
        moving_ = false;
      }
    }
    if (moving_) return next_look();
    ask();
  }
  return std::nullopt;
}

TimePs Console::next_look() const {
  const TimePs now = sim_now_ps(), stop = stepper_.next_stop(now);
  return stepper_.wants_frames() ? std::min(stop, std::max(feed_.next_settle(), now + 1)) : stop;
}

void Console::end(const Results& results) {
  feed_.settle();
  ended_ = true;
  const bool finishing = moving_ && !stepper_.asks();
  for (const Stepper::Stop& stop : stepper_.pass_rest()) say(stop + "\n");
  feed_.mute();
  moving_ = false;
  if (left_ || finishing || results.signal != 0) return;
  say(results.failures.empty() ? fmt::format("the run has ended, {}\n", time_words(sim_now_ps()))
                               : fmt::format("the run has ended: {}\n", results.failures.front()));
  while (!left_) ask();
}

// ---------------------------------------------------------------- lines

std::string Console::prompt() const {
  return time_words(sim_now_ps()) + "> ";
}

void Console::ask() {
  while (!moving_ && !left_) {
    const std::optional<LineSource::Line> line = lines_.next(prompt());
    if (!line) return leave();
    if (lines_.interrupted()) {
      forget_control_c();
      continue;
    }
    take_line(*line);
  }
}

void Console::take_line(const LineSource::Line& line) {
  try {
    Command command = parse_command(line.text);
    if (command.info == nullptr && line.text.empty() && line.where.empty()) command = last_step_;
    if (command.info != nullptr) obey(command);
  } catch (const CommandError& error) {
    if (line.where.empty()) return say(std::string(error.what()) + "\n");
    std::fprintf(stderr, "ringside: %s: %s\n", line.where.c_str(), error.what());
    failed_ = true;
    leave();
  }
}

void Console::leave() {
  if (waves_.recording()) {
    try {
      say(waves_.off());
    } catch (const CommandError& error) {
      say(std::string(error.what()) + "\n");
    }
  }
  left_ = true;
}

// ---------------------------------------------------------------- moving on

void Console::obey(const Command& command) {
  switch (command.info->verb) {
    case Verb::kStep:
    case Verb::kContinue:
    case Verb::kFinish:
      return move(command);
    case Verb::kQuit:
      return leave();
    default:
      return say(answer(command));
  }
}

void Console::move(const Command& command) {
  if (ended_ && command.info->verb == Verb::kFinish) return leave();
  if (ended_) throw CommandError(fmt::format("{}: the run has ended; quit prints its results", command.info->name));
  Stepper::Wish wish;
  if (command.info->verb == Verb::kStep) return step(command.words), void(last_step_ = command);
  if (command.info->verb == Verb::kContinue) last_step_ = command;
  wish.breakpoints = wish.asks = command.info->verb != Verb::kFinish;
  go(wish);
}

void Console::step(const Words& words) {
  Stepper::Wish wish;
  const std::string what = words.empty() ? "event" : words[0];
  const bool time = (what[0] >= '0' && what[0] <= '9') || what[0] == '.';
  if (what[0] == '-') throw CommandError(fmt::format("step {}: time runs one way", what));
  if (words.size() > (time ? 1u : 2u)) throw CommandError("step: say step 10us, step frame 3 or step event 3");
  if (time) {
    const TimePs length = parse_duration("step", what);
    if (length == 0) throw CommandError("step 0: of nothing");
    wish.until = sim_now_ps() + length;
    return go(wish);
  }
  const uint64_t count = words.size() == 2 ? parse_number("step: ", words[1]) : 1;
  if (count == 0) throw CommandError("step 0: of nothing");
  (pick("step ", what, {"event", "frame"}) == 0 ? wish.events : wish.frames) = count;
  go(wish);
}

void Console::go(const Stepper::Wish& wish) {
  stepper_.go(wish);
  moving_ = true;
}

// ---------------------------------------------------------------- answers

std::string Console::answer(const Command& command) {
  const Words& words = command.words;
  switch (command.info->verb) {
    case Verb::kHelp:
      return help(words);
    case Verb::kBreak:
      return add_breakpoint(words);
    case Verb::kInfo:
      return list_breakpoints(words);
    case Verb::kDelete:
      return remove_breakpoint(words);
    case Verb::kHost:
      return set_host(words);
    case Verb::kWave:
      return waves(words);
    case Verb::kTlps:
      return history(words, true);
    case Verb::kEvents:
      return history(words, false);
    default:
      return look(command);
  }
}

std::string Console::look(const Command& command) {
  const Words& words = command.words;
  switch (command.info->verb) {
    case Verb::kRegisters:
      return looker_->registers(words);
    case Verb::kCounters:
      return looker_->counters(words);
    case Verb::kRings:
      return looker_->rings();
    case Verb::kRing:
      return looker_->ring(words);
    case Verb::kDescriptor:
      return looker_->descriptor(words);
    case Verb::kPacket:
    case Verb::kJourney:
      return looker_->packet(words);
    case Verb::kRules:
      return looker_->rules();
    default:
      return looker_->where();
  }
}

std::string Console::add_breakpoint(const Words& words) {
  if (words.empty()) return list_breakpoints({});
  const Breakpoint breakpoint = parse_breakpoint(words, hosts_);
  if (breakpoint.kind == Breakpoint::Kind::kTime && breakpoint.at <= sim_now_ps())
    throw CommandError(fmt::format("break {}: that is past", breakpoint.text));
  if (breakpoint.kind == Breakpoint::Kind::kFrame && breakpoint.at <= feed_.frames_numbered())
    throw CommandError(fmt::format("break {}: that is past", breakpoint.text));
  const Breakpoint& added = stepper_.breakpoints().add(breakpoint);
  return fmt::format("breakpoint {}: {}\n", added.number, added.text);
}

std::string Console::list_breakpoints(const Words& words) const {
  if (!words.empty()) pick("info ", words[0], {"breakpoints"});
  std::string text;
  for (const Breakpoint& b : stepper_.breakpoints().list())
    text += fmt::format("{:>3}  {:<60} stopped {} times\n", b.number, b.text, b.hits);
  return text.empty() ? "no breakpoints\n" : text;
}

std::string Console::remove_breakpoint(const Words& words) {
  if (words.size() != 1) throw CommandError("delete: say delete N or delete all");
  if (words[0] == "all") return stepper_.breakpoints().clear(), "";
  return stepper_.breakpoints().remove(static_cast<unsigned>(parse_number("delete ", words[0]))), "";
}

size_t Console::host_word(const Words& words, size_t at) const {
  if (words.size() <= at) return looker_->host();
  const std::optional<uint8_t> host = host_named(words[at], hosts_);
  if (!host) throw CommandError(fmt::format("{}: the hosts are {} and {}", words[at], hosts_[0], hosts_[1]));
  return *host;
}

std::string Console::set_host(const Words& words) {
  looker_->set_host(host_word(words, 0));
  return hosts_[looker_->host()] + "\n";
}

std::string Console::waves(const Words& words) {
  const std::string what = words.empty() ? "" : words[0];
  if (ended_ && what != "off") throw CommandError("wave: the run has ended");
  switch (pick("wave ", what, {"on", "off", "dump"})) {
    case 0:
      return waves_.on(host_word(words, 1));
    case 1:
      return waves_.off();
    default:
      if (words.size() < 2) throw CommandError("wave dump: say how long, as in wave dump 20us");
      return waves_.dump(parse_duration("wave dump", words[1]), host_word(words, 2));
  }
}

std::string Console::history(const Words& words, bool tlps) const {
  uint64_t left = words.empty() ? 20 : parse_number("", words[0]);
  std::string text;
  const std::deque<ConsoleEvent>& events = stepper_.history();
  for (auto event = events.rbegin(); event != events.rend() && left > 0; ++event) {
    if (tlps && event->kind != EventKind::kTlp) continue;
    text.insert(0, event_words(*event) + "\n");
    --left;
  }
  return text.empty() ? "none yet\n" : text;
}

}  // namespace ringside::testbench
