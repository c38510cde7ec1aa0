#include "testbench/rtl/nic/bench_speed.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

namespace ringside::testbench::nic {
namespace {

// Others' NICs, measured once on such a machine with Verilator 5.006, g++ 12, one thread, no tracing, one queue, no
// interrupts, frames compared octet for octet; frames per second of CPU time. The host's latency is that of a DMA round
// trip.
struct Peer {
  const char* name;
  unsigned latency;     // cycles
  double frames[2][3];  // 64 and 1500 octets; TX, RX, both
};
constexpr Peer kPeers[] = {
    {"Corundum behind its AXI top, no TLPs", 0, {{44150, 54945, 81301}, {16863, 17422, 29112}}},
    {"the same", 250, {{7181, 9950, 14235}, {6568, 8333, 11994}}},
    {"Corundum 100G with real TLPs", 0, {{20408, 21429, 36145}, {9146, 9709, 13699}}},
    {"the same", 250, {{13158, 11583, 21938}, {8646, 9317, 13986}}},
};

// Frames per second; 0: nobody was measured so.
double best_peer(const SpeedCase& c) {
  double best = 0;
  if (c.size != 64 && c.size != 1500) return 0;
  for (const Peer& peer : kPeers)
    if (peer.latency == c.latency)
      best = std::max(best, peer.frames[c.size == 1500][static_cast<unsigned>(c.direction)]);
  return best;
}

void print_peers() {
  fmt::print("\n{:<56}{:>8}{:>8}{:>8}{:>9}{:>9}{:>9}\n", "peers, frames per second of CPU time (512 bits)", "TX 64",
             "RX 64", "both", "TX 1500", "RX 1500", "both");
  for (const Peer& peer : kPeers) {
    const auto& [small, large] = peer.frames;
    fmt::print("{:<56}{:>8}{:>8}{:>8}{:>9}{:>9}{:>9}\n",
               fmt::format("{}, latency {}{}", peer.name, peer.latency, peer.latency == 0 ? "" : " cycles (1 us)"),
               small[0], small[1], small[2], large[0], large[1], large[2]);
  }
  fmt::print(
      "Their RTL does more (PTP clock, a transmit scheduler for many queues); there is no MAC below their NIC, "
      "here there is one.\n");
}

double frames_per_second(const Speed& s) {
  return static_cast<double>(s.frames) / s.cpu_s;
}

bool all_ok(const std::vector<Speed>& runs) {
  return std::all_of(runs.begin(), runs.end(), [](const Speed& run) { return run.ok; });
}

// `runs` in the order of their speed, slowest first.
std::string print_row(const SpeedCase& c, const std::vector<Speed>& runs) {
  const Speed& s = runs[(runs.size() - 1) / 2];  // of an even number the slower of the two in the middle
  const double frames = static_cast<double>(s.frames), cycles = static_cast<double>(s.cycles), peer = best_peer(c);
  const bool ok = all_ok(runs);
  const double fastest = frames_per_second(runs.back()), times = peer == 0 ? 0 : frames_per_second(s) / peer;
  fmt::print("{:>5} {:>5} {:>5} {:>8} {:>6}  {:>12.0f} {:>12.0f} {:>9.0f}  {:>9.2f} {:>9.0f}  {:>9}{}\n", c.width,
             c.size, to_string(c.direction), c.latency, c.one_clock ? "one" : "two", frames / s.wall_s,
             frames_per_second(s), fastest, cycles / frames, s.cpu_s * 1e9 / cycles,
             peer == 0 ? "" : fmt::format("{:.1f}", times), ok ? "" : "  FAILED");
  std::fflush(stdout);
  return fmt::format(
      R"({{"table":"speed","width":{},"size":{},"direction":"{}","latency_cycles":{},"clocks":{},"frames_per_wall_s":{:.0f},)"
      R"("frames_per_cpu_s":{:.0f},"fastest_per_cpu_s":{:.0f},"cycles_per_frame":{:.3f},"ns_per_cycle":{:.1f},)"
      R"("times_best_peer":{},"runs":{},"ok":{}}})",
      c.width, c.size, to_string(c.direction), c.latency, c.one_clock ? 1 : 2, frames / s.wall_s, frames_per_second(s),
      fastest, cycles / frames, s.cpu_s * 1e9 / cycles, peer == 0 ? "null" : fmt::format("{:.2f}", times), runs.size(),
      ok);
}

}  // namespace

bool speed_table(const std::vector<SpeedCase>& cases, unsigned repeats, std::vector<std::string>& rows) {
  fmt::print(
      "speed of simulation: one queue set, frames compared octet for octet. clocks: \"one\" is the wire on the "
      "core's\nclock, so that the NIC sets the pace, as without a wire; \"two\" is the core at 250 MHz and the "
      "wire at its own rate\n");
  fmt::print(
      "width  size   way  latency clocks  frames/s wall frames/s CPU   fastest  cyc/frame  ns/cycle  "
      "best peer x\n");
  std::vector<std::vector<Speed>> runs(cases.size());
  for (unsigned repeat = 1; repeat <= repeats; ++repeat)
    for (size_t i = 0; i < cases.size(); ++i) {
      runs[i].push_back(measure_speed(cases[i]));
      if (repeat < repeats) continue;
      std::sort(runs[i].begin(), runs[i].end(),
                [](const Speed& a, const Speed& b) { return frames_per_second(a) < frames_per_second(b); });
      rows.push_back(print_row(cases[i], runs[i]));
    }
  print_peers();
  return std::all_of(runs.begin(), runs.end(), all_ok);
}

}  // namespace ringside::testbench::nic
