// Benchmark of the co-simulation: wall time per MiB, and how much of it is the verilated models' own work.
//
//   efficiency = (time of the same evals of both models in a bare loop) / (wall time of the run)
//
// Best of several runs: what else the machine does can only add. `by CPU` is the same quotient of CPU times, which what
// else runs on the machine disturbs less; --minimum looks at that.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "testbench/bench/measure.h"
#include "testbench/program/option_words.h"

namespace {

using namespace ringside::testbench;

struct BenchOptions {
  double mib = 2;
  unsigned repeats = 3;
  std::vector<unsigned> widths{64, 512};
  std::string json;
  double minimum = 0;
  double recorder_maximum = 0;
};

struct Measured {
  unsigned width = 0;
  bool ok = false;
  RunTime run;
  EvalTime evals;
  RunTime recorded;  // with the flight recorder armed
  double s_per_mib() const { return run.wall_s / (static_cast<double>(run.bytes) / (1 << 20)); }
  double efficiency() const { return evals.wall_s / run.wall_s; }
  double cpu_efficiency() const { return evals.cpu_s / run.cpu_s; }
  double recorder_cost() const { return recorded.cpu_s / run.cpu_s; }
};

std::string write_file(const std::string& folder, double mib) {
  const std::string path = folder + "/file";
  std::ofstream file(path, std::ios::binary);
  uint64_t state = 1;
  for (uint64_t i = 0; i < static_cast<uint64_t>(mib * (1 << 20)); i += 8) {
    state = state * 6364136223846793005u + 1442695040888963407u;  // Knuth, MMIX
    file.write(reinterpret_cast<const char*>(&state), sizeof state);
  }
  return path;
}

Measured measure(unsigned width, const BenchOptions& options, const std::string& folder, const std::string& file) {
  const BenchCase bench_case{width, file, true, folder}, armed{width, file, true, folder, true};
  Measured best;
  best.width = width;
  for (unsigned i = 0; i < options.repeats; ++i) {
    const RunTime run = measure_run(bench_case), recorded = measure_run(armed);
    if (!run.ok || !recorded.ok) return best;
    if (i == 0) {
      best.run = run;
      best.recorded = recorded;
    }
    best.recorded.cpu_s = std::min(best.recorded.cpu_s, recorded.cpu_s);
    best.run.wall_s = std::min(best.run.wall_s, run.wall_s);
    best.run.cpu_s = std::min(best.run.cpu_s, run.cpu_s);
  }
  best.evals = measure_evals(bench_case);
  best.ok = best.evals.ok;
  return best;
}

void print(const Measured& m) {
  if (!m.ok) {
    fmt::print("{:>5}  failed\n", m.width);
    return;
  }
  const double cycles = static_cast<double>(m.run.core_cycles) * 1e-3;
  fmt::print("{:>5}  {:>9.3f}  {:>9.2f}  {:>11.0f}  {:>9.1f}  {:>9.3f}  {:>8.0f}  {:>10.2f}  {:>6.2f}\n", m.width,
             m.s_per_mib(), static_cast<double>(m.run.bytes) * 8e-6 / m.run.wall_s, cycles / m.run.wall_s,
             100 * m.run.evaluated_share, m.evals.wall_s, m.evals.wall_s * 1e9 / static_cast<double>(m.evals.evals),
             m.efficiency(), m.cpu_efficiency());
  fmt::print("       with the flight recorder armed (--wave-last 50us) {:.3f} times the CPU time\n", m.recorder_cost());
}

std::string to_json(const std::vector<Measured>& all) {
  std::string text = "[\n";
  for (const Measured& m : all) {
    text += fmt::format(
        "  {{\"width\": {}, \"ok\": {}, \"s_per_mib\": {:.6f}, \"wall_s\": {:.6f}, \"eval_s\": {:.6f}, \"evals\": {}, "
        "\"core_cycles\": {}, \"efficiency\": {:.4f}, \"cpu_efficiency\": {:.4f}, \"recorder_cost\": {:.4f}}}{}\n",
        m.width, m.ok, m.ok ? m.s_per_mib() : 0, m.run.wall_s, m.evals.wall_s, m.evals.evals, m.run.core_cycles,
        m.ok ? m.efficiency() : 0, m.ok ? m.cpu_efficiency() : 0, m.ok ? m.recorder_cost() : 0,
        &m == &all.back() ? "" : ",");
  }
  return text + "]\n";
}

int run_bench(const BenchOptions& options) {
  std::string folder = (std::filesystem::temp_directory_path() / "ringside_bench_XXXXXX").string();
  if (!::mkdtemp(folder.data())) {
    fmt::print(stderr, "ringside: cannot make directory {}\n", folder);
    return kExitFailed;
  }
  const std::string file = write_file(folder, options.mib);
  fmt::print("{:.1f} MiB from host to host, best of {}; all checkers and the capture on\n", options.mib,
             options.repeats);
  fmt::print("{:>5}  {:>9}  {:>9}  {:>11}  {:>9}  {:>9}  {:>8}  {:>10}  {:>6}\n", "width", "s per MiB", "Mb/s wall",
             "kcycles/s", "awake %", "evals s", "ns/eval", "efficiency", "by CPU");
  std::vector<Measured> all;
  for (const unsigned width : options.widths) {
    all.push_back(measure(width, options, folder, file));
    print(all.back());
  }
  std::filesystem::remove_all(folder);
  if (!options.json.empty() && !(std::ofstream(options.json) << to_json(all) << std::flush)) {
    fmt::print(stderr, "ringside: cannot write {}\n", options.json);
    return kExitFailed;
  }
  const auto good = [&](const Measured& m) {
    const bool cheap = options.recorder_maximum == 0 || m.recorder_cost() <= options.recorder_maximum;
    return m.ok && m.cpu_efficiency() >= options.minimum && cheap;
  };
  return std::all_of(all.begin(), all.end(), good) ? kExitOk : kExitFailed;
}

}  // namespace

int main(int argc, char** argv) {
  BenchOptions options;
  CLI::App app("Wall time per MiB and co-simulation efficiency.", "ringside bench");
  app.add_option("--mib", options.mib, "Size of the file")->check(CLI::Range(0.01, 64.0))->check(not_nan());
  app.add_option("--repeats", options.repeats, "Runs of each kind")->check(CLI::Range(1, 100));
  app.add_option("--width", options.widths, "64, 512 or both")->check(CLI::IsMember({64u, 512u}));
  app.add_option("--json", options.json, "Write the figures here too");
  app.add_option("--minimum", options.minimum, "Fail below this efficiency, by CPU time")->check(not_nan());
  app.add_option("--recorder-maximum", options.recorder_maximum,
                 "Fail when the flight recorder costs more than so many times the CPU time without it")
      ->check(not_nan());
  if (const auto code = parse_options(app, argc, argv)) return *code;
  return run_bench(options);
}
