// The run as a whole: where everything is, a packet's way, broken rules.
#include <fmt/format.h>

#include "testbench/program/console/command.h"
#include "testbench/program/console/looker.h"
#include "testbench/program/journey_file.h"
#include "testbench/program/progress.h"

namespace ringside::testbench {
namespace {

constexpr uint64_t kListed = 20;

std::string head_words(const Journey& journey) {
  return journey.head.key == 0 ? "its headers are not made yet" : to_string(journey.head);
}

// The step it has taken last, in words; of its way, not of what happens beside it.
const char* last_step(const Journey& journey) {
  const char* text = "";
  for (size_t i = 0; i < kWaySteps; ++i) {
    if (journey.at[i] != 0) text = name_of(static_cast<JourneyStep>(i)).text;
  }
  return text;
}

}  // namespace

std::string Looker::packet_list() {
  std::string text;
  const uint64_t last = feed_.packets();
  for (uint64_t id = last > kListed ? last - kListed + 1 : 1; id <= last; ++id) {
    const Journey* journey = feed_.packet(id);
    if (journey == nullptr) continue;
    text += fmt::format("{:>6}  {} to {}  {:<36} {}\n", id, machine_.host(journey->from).name(),
                        machine_.host(1u - journey->from).name(), last_step(*journey), head_words(*journey));
  }
  return text.empty() ? "no packet yet\n" : text;
}

std::string Looker::packet(const Words& words) {
  if (words.empty()) return packet_list();
  if (words.size() != 1) throw CommandError("packet: say packet N");
  const uint64_t id = parse_number("packet ", words[0]);
  const Journey* journey = feed_.packet(id);
  if (feed_.packets() == 0) throw CommandError(fmt::format("packet {}: there is none yet", id));
  if (journey == nullptr)
    throw CommandError(
        fmt::format("packet {}: not known; so far there are 1 to {} (the oldest are forgotten)", id, feed_.packets()));
  JourneyLine line;
  line.journey = *journey;
  line.from = machine_.host(journey->from).name();
  line.to = machine_.host(1u - journey->from).name();
  line.fate = to_string(journey->fate);
  line.head = head_words(*journey);
  return to_table(line);
}

std::string Looker::clock_words(size_t host) {
  const sc_model::NicShell& shell = machine_.host(host).machine().shell();
  return fmt::format("{} {}", shell.asleep() ? "at rest since" : "clocked until", time_words(shell.clocked_until()));
}

std::string Looker::place_line(size_t host) {
  sc_model::HostMachine& machine = machine_.host(host).machine();
  sc_model::HostCpu& cpu = machine.cpu();
  const std::string name = machine_.host(host).name();
  const std::string busy = !cpu.held()                       ? "at rest"
                           : cpu.current_thread() != nullptr ? "runs " + cpu.current_thread()->name()
                                                             : "runs the kernel (interrupt, timer or poll)";
  std::string text = fmt::format("{} CPU     {}\n", name, busy);
  text += fmt::format("{} NIC     {}, {} reads under way; {} frames sent, {} at its port\n", name, clock_words(host),
                      feed_.reads_under_way(host), feed_.frames_sent(host), feed_.frames_arrived(host));
  return text;
}

std::string Looker::where() {
  const uint64_t sent = feed_.frames_sent(0) + feed_.frames_sent(1);
  const uint64_t arrived = feed_.frames_arrived(0) + feed_.frames_arrived(1);
  std::string text = fmt::format("time       {}, {}\n", time_words(sc_model::sim_now_ps()), machine_.phase());
  text += fmt::format("bytes      {} of {} read\n", with_commas(machine_.bytes_done()),
                      with_commas(machine_.bytes_total()));
  text += fmt::format("wire       {} frames sent, {} arrived\n", sent, arrived);
  for (size_t host = 0; host < 2; ++host) text += place_line(host);
  text += rings();
  const std::string waiting = machine_.waiting_for();
  if (!waiting.empty()) text += "waiting    " + waiting + "\n";
  if (machine_.violations().count() != 0) text += fmt::format("rules      {} broken\n", machine_.violations().count());
  return text;
}

std::string Looker::rules() {
  std::string text;
  for (const sc_model::Violation& violation : machine_.violations().kept()) text += to_text(violation) + "\n";
  return text.empty() ? "no rule is broken\n" : text;
}

}  // namespace ringside::testbench
