// ringside_rtl_bench: how fast the NIC is, and how fast it simulates; the RTL alone with the thinnest host.
//
// `rate`, `latency` and `speed` are tables of their own; without a name all three. --json FILE holds every figure.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include "testbench/program/option_words.h"
#include "testbench/rtl/nic/bench_speed.h"
#include "testbench/rtl/nic/dut.h"
#include "testbench/rtl/nic/measure.h"

namespace {

using namespace ringside::testbench::nic;

struct Options {
  std::vector<unsigned> widths, sizes;
  std::vector<std::string> directions{"tx", "rx", "both"};
  std::string json;
  double seconds = 0.3;
  unsigned latency_ns = 500, queues = 4, repeats = 1;
  uint64_t cycles = 0;
  std::vector<unsigned> latencies{0, 250, 1000};
  std::string clocks = "both";
};

std::vector<std::string> json_rows;  // one object a line
bool failed = false;                 // frames of a row were not those that were sent

std::vector<Direction> directions(const Options& options) {
  std::vector<Direction> all;
  for (const Direction d : {Direction::kTx, Direction::kRx, Direction::kBoth})
    for (const std::string& name : options.directions)
      if (name == to_string(d)) all.push_back(d);
  return all;
}

// ---------------------------------------------------------------- rate
// What the issue of the card asks: 0.99 of the wire one way, 0.95 both ways at once, no drop.
double wanted(Direction direction) {
  return direction == Direction::kBoth ? 0.95 : 0.99;
}

double reached(const Rate& rate, Direction direction) {
  if (direction == Direction::kTx) return rate.tx_share;
  if (direction == Direction::kRx) return rate.rx_share;
  return std::min(rate.tx_share, rate.rx_share);
}

void print_rate(const RateCase& c, const Rate& r) {
  const bool full = r.ok && r.drops == 0 && reached(r, c.direction) >= wanted(c.direction);
  failed = failed || !r.ok;
  const std::string why = !r.ok ? "FAILED: " + r.why : full ? "" : what_it_waited_for(c, r);
  fmt::print("{:>5} {:>5} {:>5}  {:>6.3f} {:>6.3f}  {:>7.2f} {:>7.2f}  {:>6} {:>6.2f} {:>6.2f} {:>5.1f}  {}\n", c.width,
             c.size, to_string(c.direction), r.tx_share, r.rx_share, r.tx_cycles, r.rx_cycles, r.drops, r.up_busy,
             r.down_busy, r.tags, why);
  std::fflush(stdout);
  json_rows.push_back(fmt::format(
      R"({{"table":"rate","width":{},"size":{},"direction":"{}","queues":{},"latency_ns":{},"tx_share":{:.4f},"rx_share":{:.4f},)"
      R"("tx_cycles":{:.3f},"rx_cycles":{:.3f},"drops":{},"up_busy":{:.3f},"down_busy":{:.3f},"tags":{:.2f},"waited_for":"{}"}})",
      c.width, c.size, to_string(c.direction), c.queues, c.latency_ns, r.tx_share, r.rx_share, r.tx_cycles, r.rx_cycles,
      r.drops, r.up_busy, r.down_busy, r.tags, why));
}

void rate_table(const Options& options) {
  std::vector<unsigned> sizes = options.sizes;
  if (sizes.empty())
    sizes = {64,  65,  67,  71,  80,  96,   127,  128,  129,  191,  255,  256, 257,
             383, 511, 512, 513, 767, 1023, 1024, 1025, 1500, 1517, 1518, 9018};
  fmt::print(
      "rate: share of the wire, {} ns read latency, core 250 MHz, {} queue sets, MPS 256, MRRS 512, checksums on\n",
      options.latency_ns, options.queues);
  fmt::print("width  size   way      tx     rx  cyc/tx  cyc/rx   drops TLP up   down  tags  waited for\n");
  for (const unsigned width : options.widths)
    for (const unsigned size : sizes)
      for (const Direction direction : directions(options)) {
        const RateCase c{width, options.queues, size, direction, options.latency_ns};
        print_rate(c, measure_rate(c));
      }
}

// ---------------------------------------------------------------- latency
void latency_table(const Options& options) {
  fmt::print(
      "latency, core cycles of 4 ns: doorbell to first XGMII octet less the host's share; last XGMII octet to "
      "message\n");
  fmt::print("width  size  doorbell-wire  (host)  wire-message\n");
  for (const unsigned width : options.widths)
    for (const unsigned size : options.sizes.empty() ? std::vector<unsigned>{64, 512, 1518} : options.sizes) {
      const Latency l = measure_latency(width, size);
      failed = failed || !l.ok;
      fmt::print("{:>5} {:>5}  {:>13.1f}  {:>6.1f}  {:>12.1f}{}\n", width, size, l.tx_cycles, l.tx_host, l.rx_cycles,
                 l.ok ? "" : "  FAILED");
      json_rows.push_back(fmt::format(
          R"({{"table":"latency","width":{},"size":{},"doorbell_to_wire":{:.2f},"host":{:.2f},"wire_to_message":{:.2f}}})",
          width, size, l.tx_cycles, l.tx_host, l.rx_cycles));
    }
}

// ---------------------------------------------------------------- speed of simulation
void speed_rows(const Options& options) {
  const std::vector<unsigned> sizes =
      options.sizes.empty() ? std::vector<unsigned>{64, 512, 1500, 9000} : options.sizes;
  std::vector<SpeedCase> cases;
  for (const unsigned width : options.widths)
    for (const unsigned size : sizes)
      for (const Direction direction : directions(options))
        for (const unsigned latency : options.latencies)
          for (const bool one_clock : {true, false}) {
            if (options.clocks == (one_clock ? "two" : "one")) continue;
            cases.push_back({width, size, direction, latency, options.seconds, options.cycles, one_clock});
          }
  if (!speed_table(cases, options.repeats, json_rows)) failed = true;
}

void write_json(const std::string& path) {
  std::ofstream file(path);
  file << "[\n";
  for (size_t i = 0; i < json_rows.size(); ++i) file << json_rows[i] << (i + 1 < json_rows.size() ? ",\n" : "\n");
  file << "]\n";
  if (!file.flush()) throw std::runtime_error("cannot write " + path);
}

void add_options(CLI::App* app, Options* options) {
  app->add_option("--width", options->widths, "Data path widths in bits (default: all)")
      ->check(CLI::IsMember({64, 128, 256, 512}));
  app->add_option("--size", options->sizes, "Frame sizes in octets, FCS included (default: a range)")
      ->check(CLI::Range(64, 9018));
  app->add_option("--way", options->directions, "tx, rx, both (default: all three)")
      ->check(CLI::IsMember({"tx", "rx", "both"}));
  app->add_option("--latency-ns", options->latency_ns, "rate: latency of a DMA read (default 500)");
  app->add_option("--queues", options->queues, "rate: queue sets in use, 1..4 (default 4)")->check(CLI::Range(1, 4));
  app->add_option("--seconds", options->seconds, "speed: CPU seconds for each row (default 0.3)")
      ->check(CLI::Range(0.001, 3600.0))
      ->check(ringside::testbench::not_nan());
  app->add_option("--repeats", options->repeats, "speed: runs of each row, in turn; the median counts (default 1)")
      ->check(CLI::Range(1, 1000));
  app->add_option("--latency", options->latencies, "speed: latencies of a DMA read in cycles (default 0 250 1000)");
  app->add_option("--cycles", options->cycles, "speed: so many core cycles for each row instead of seconds");
  app->add_option("--clocks", options->clocks, "speed: one, two or both, see the table's head (default both)")
      ->check(CLI::IsMember({"one", "two", "both"}));
  app->add_option("--json", options->json, "Write every figure to this file too");
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("How fast the NIC is, and how fast it simulates: RTL alone, TLPs and XGMII in and out");
  std::string table;
  app.add_option("table", table, "rate, latency or speed (default: all)")
      ->check(CLI::IsMember({"rate", "latency", "speed"}));
  add_options(&app, &options);
  if (const auto code = ringside::testbench::parse_options(app, argc, argv)) return *code;
  if (options.widths.empty()) options.widths = widths_of(4);
  try {
    if (table.empty() || table == "rate") rate_table(options);
    if (table.empty() || table == "latency") latency_table(options);
    if (table.empty() || table == "speed") speed_rows(options);
    if (!options.json.empty()) write_json(options.json);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "ringside: bench --rtl: %s\n", error.what());
    return ringside::testbench::kExitFailed;
  }
  return failed ? ringside::testbench::kExitFailed : ringside::testbench::kExitOk;
}
