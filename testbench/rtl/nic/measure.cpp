#include "testbench/rtl/nic/measure.h"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <memory>

#include "testbench/rtl/nic/model.h"
#include "testbench/rtl/nic/pump.h"

namespace ringside::testbench::nic {
namespace {

constexpr unsigned kWireOverhead = 20;  // octets of preamble and gap
constexpr uint64_t kTurn = 32;          // core cycles between two looks of the driver

bool sends(Direction direction) {
  return direction != Direction::kRx;
}
bool receives(Direction direction) {
  return direction != Direction::kTx;
}

// A card that pumps.
struct Bench {
  Bench(const CardSettings& settings, const DriverSettings& with) : card(settings), driver(card, with) {}
  bool start(unsigned size, Direction direction) {
    if (!driver.bring_up()) return false;
    if (sends(direction)) send = std::make_unique<SendPump>(card, driver, size);
    if (receives(direction)) receive = std::make_unique<ReceivePump>(card, driver, size);
    return true;
  }
  void run(uint64_t cycles) {
    for (const uint64_t end = card.host.cycle() + cycles; card.host.cycle() < end; card.run(kTurn)) {
      if (send) send->turn();
      if (receive) receive->turn();
    }
  }
  // Receivers first get their buffers, then frames.
  void fill_rings() {
    if (!receive) return;
    receive->provide_all();
    card.run(4000);
  }
  uint64_t sent() const { return send ? send->frames : 0; }
  uint64_t received() const { return receive ? receive->frames : 0; }
  bool right() const {
    return (!send || send->wrong == 0) && (!receive || receive->wrong == 0) && card.verdicts.none();
  }
  uint64_t drops() {
    const Counters counters = driver.counters();
    uint64_t sum = 0;
    for (size_t i = 0; i < counters.size(); ++i) sum += regs::kCounters[i].is_drop ? counters[i] : 0;
    return sum;
  }

  Card card;
  Driver driver;
  std::unique_ptr<SendPump> send;
  std::unique_ptr<ReceivePump> receive;
};

CardSettings fast_card(unsigned width, unsigned queues, unsigned latency) {
  CardSettings settings;
  settings.width = width;
  settings.queues = queues;
  settings.start_step = width == 64 ? 4 : 8;
  settings.host.memory_bytes = size_t{128} << 20;
  settings.host.latency = latency;
  settings.host.mps = 256;
  settings.host.mrrs = 512;
  return settings;
}

DriverSettings fast_driver(unsigned queues) {
  DriverSettings settings;
  settings.queues = queues;
  settings.tx_log2 = 9;
  settings.rx_log2 = queues == 1 ? 10 : 9;
  settings.ret_log2 = settings.rx_log2 + 1;
  settings.interrupts = false;
  return settings;
}

unsigned cycles_of(unsigned ns, const Clocks& clocks) {
  return static_cast<unsigned>(ns * 1000ull / clocks.core_ps);
}

void fill_in(Rate* rate, Bench& bench, unsigned size, uint64_t beats, const HostCounts& before) {
  const HostCounts& after = bench.card.host.counts;
  const double octets = static_cast<double>(beats) * bench.card.width() / 8;
  const double cycles = static_cast<double>(rate->core_cycles);
  rate->tx_share = static_cast<double>(rate->tx_frames) * (size + kWireOverhead) / octets;
  rate->rx_share = static_cast<double>(rate->rx_frames) * (size + kWireOverhead) / octets;
  rate->tx_cycles = rate->tx_frames == 0 ? 0 : cycles / static_cast<double>(rate->tx_frames);
  rate->rx_cycles = rate->rx_frames == 0 ? 0 : cycles / static_cast<double>(rate->rx_frames);
  rate->up_busy = static_cast<double>(after.tx_beats - before.tx_beats) / cycles;
  rate->down_busy = static_cast<double>(after.rx_beats - before.rx_beats) / cycles;
  rate->tags = static_cast<double>(after.busy_tags - before.busy_tags) / cycles;
  rate->max_tags = after.max_tags;
}

double now(clockid_t clock) {
  timespec t;
  clock_gettime(clock, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

}  // namespace

const char* to_string(Direction direction) {
  return direction == Direction::kTx ? "tx" : direction == Direction::kRx ? "rx" : "both";
}

Rate measure_rate(const RateCase& c) {
  Rate rate;
  const CardSettings settings = fast_card(c.width, c.queues, cycles_of(c.latency_ns, Clocks{}));
  Bench bench(settings, fast_driver(c.queues));
  if (!bench.start(c.size, c.direction)) return rate.why = bench.driver.failure, rate;
  if (bench.receive) bench.receive->gap = c.rx_gap;
  bench.fill_rings();
  const uint64_t frame_cycles = (c.size + kWireOverhead) * 8ull * mac_period_ps(c.width) / c.width / 4000 + 1;
  bench.run(std::max<uint64_t>(6000, 40 * frame_cycles));
  const uint64_t sent = bench.sent(), received = bench.received(), cycle = bench.card.host.cycle();
  const uint64_t beats = bench.card.wire.counts.beats;
  const HostCounts before = bench.card.host.counts;
  bench.run(std::max<uint64_t>(12'000, 200 * frame_cycles));
  rate.core_cycles = bench.card.host.cycle() - cycle;
  rate.tx_frames = bench.sent() - sent;
  rate.rx_frames = bench.received() - received;
  fill_in(&rate, bench, c.size, bench.card.wire.counts.beats - beats, before);
  rate.drops = bench.drops();  // from the first frame on
  rate.ok = bench.right();
  if (!rate.ok) rate.why = bench.card.verdicts.none() ? "a frame was wrong" : bench.card.verdicts.text();
  return rate;
}

std::string what_it_waited_for(const RateCase& c, const Rate& rate) {
  constexpr double kFull = 0.93;
  if (rate.up_busy > kFull) return "TLP beats to the host";
  if (rate.down_busy > kFull) return "TLP beats from the host";
  if (rate.max_tags >= 32 && rate.tags > kFull * rate.max_tags) return "tags";
  RateCase at_once = c;
  at_once.latency_ns = 0;
  const Rate fast = measure_rate(at_once);
  if (fast.tx_share > rate.tx_share * 1.03 || fast.rx_share > rate.rx_share * 1.03) return "descriptors";
  return "its own cycles";
}

// ---------------------------------------------------------------- latency
namespace {

// Cycles between read requests and their answers, one after the other.
uint64_t host_share(Card& card, const std::vector<uint64_t>& requests) {
  return requests.size() * (card.host.settings.latency + 1);
}

double tx_latency(Bench& bench, double* host) {
  Card& card = bench.card;
  std::vector<uint64_t> requests;
  card.host.fault = [&](uint64_t, unsigned) {
    requests.push_back(card.host.cycle());
    return Fault::kNone;
  };
  bench.driver.post(0, bench.send->first());
  bench.driver.ring_tx(0);
  const uint64_t started = card.time_ps() + card.clocks().core_ps;  // the doorbell is on the pins from the next edge on
  const uint64_t frames = card.wire.counts.frames_out;
  while (!card.wire.receiving() && card.wire.counts.frames_out == frames && card.time_ps() < started + 100'000'000)
    card.step();
  const double cycles = static_cast<double>(card.time_ps() - started) / static_cast<double>(card.clocks().core_ps);
  *host = static_cast<double>(host_share(card, requests));
  card.host.fault = nullptr;
  return cycles - *host;
}

double rx_latency(Bench& bench) {
  Card& card = bench.card;
  const size_t messages = card.host.messages.size();
  card.wire.to_send.push_back(bench.receive->first());
  const uint64_t frames = card.wire.counts.frames_in;
  while (card.wire.counts.frames_in == frames) card.step();
  const uint64_t ended = card.time_ps();
  while (card.host.messages.size() == messages && card.time_ps() < ended + 100'000'000) card.step();
  return static_cast<double>(card.time_ps() - ended) / static_cast<double>(card.clocks().core_ps);
}

}  // namespace

Latency measure_latency(unsigned width, unsigned size) {
  Latency latency;
  DriverSettings with = fast_driver(1);
  with.interrupts = true;
  Bench bench(fast_card(width, 4, 0), with);
  if (!bench.start(size, Direction::kBoth)) return latency;
  bench.receive->provide_all();
  bench.card.run(4000);
  latency.tx_cycles = tx_latency(bench, &latency.tx_host);
  bench.card.run(4000);
  bench.driver.look(0);
  bench.driver.rearm(0);  // the message about the packet sent has masked the vector
  bench.card.run(1000);
  latency.rx_cycles = rx_latency(bench);
  latency.ok = bench.card.verdicts.none();
  return latency;
}

// ---------------------------------------------------------------- speed of simulation
namespace {

// A wire on the core's clock can bring more than the TLP pins to the host carry beside the read requests of the sending
// side, which then starves: with both ways at once the far end leaves a fifth of the wire free.
unsigned gap_of(const SpeedCase& c) {
  const bool paced = c.one_clock && c.direction == Direction::kBoth;
  return paced ? std::max(12u, c.size / 4) : 12;
}

}  // namespace

Speed measure_speed(const SpeedCase& c) {
  Speed speed;
  CardSettings settings = fast_card(c.width, 1, c.latency);
  if (c.one_clock) settings.clocks.mac_ps = settings.clocks.core_ps;
  Bench bench(settings, fast_driver(1));
  if (!bench.start(c.size, c.direction)) return speed;
  if (bench.receive) bench.receive->gap = gap_of(c);
  bench.fill_rings();
  bench.run(4000);
  const uint64_t frames = bench.sent() + bench.received(), cycle = bench.card.host.cycle();
  const double cpu = now(CLOCK_PROCESS_CPUTIME_ID), wall = now(CLOCK_MONOTONIC);
  if (c.cycles != 0)
    bench.run(c.cycles);
  else
    while (now(CLOCK_PROCESS_CPUTIME_ID) - cpu < c.seconds) bench.run(2000);
  speed.cpu_s = now(CLOCK_PROCESS_CPUTIME_ID) - cpu;
  speed.wall_s = now(CLOCK_MONOTONIC) - wall;
  speed.frames = bench.sent() + bench.received() - frames;
  speed.cycles = bench.card.host.cycle() - cycle;
  speed.ok = bench.right();
  return speed;
}

}  // namespace ringside::testbench::nic
