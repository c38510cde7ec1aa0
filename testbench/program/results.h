// What a run has to say: filled in by run.cpp and machine.cpp, shown by report.cpp, saved by result_json.cpp.
#ifndef RINGSIDE_TESTBENCH_PROGRAM_RESULTS_H_
#define RINGSIDE_TESTBENCH_PROGRAM_RESULTS_H_

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "sc_model/violation.h"
#include "testbench/program/explain.h"

namespace ringside::testbench {

struct Count {
  std::string name;
  uint64_t value = 0;
};

// One file on its way: sender and receiver of one connection.
struct TransferResult {
  std::string from, to, file;
  uint64_t file_bytes = 0;
  uint64_t bytes_sent = 0;      // taken by write()
  uint64_t bytes_received = 0;  // given by read()
  std::string sha256_sent, sha256_received;
  uint64_t start_ns = 0;  // the sender calls connect()
  uint64_t end_ns = 0;    // the receiver sees the end of the stream; 0: not yet
  bool complete = false;
};

enum class Outcome : uint8_t { kOk, kFailed, kInterrupted };

struct Results {
  Outcome outcome = Outcome::kOk;
  std::vector<std::string> failures;  // one line each; the first is the reason
  bool stalled = false;  // kFailed: it did not get on in its time
  int signal = 0;  // kInterrupted: by which; 0: by the console's `quit`
  uint64_t seed = 0;
  unsigned width = 0;
  std::string scenario, digest, command;
  std::array<std::string, 2> hosts;
  std::vector<TransferResult> transfers;

  uint64_t sim_time_ns = 0;
  double wall_s = 0;
  uint64_t core_cycles = 0;      // of one NIC, slept through or not
  uint64_t core_cycles_run = 0;  // of both NICs, evaluated
  uint64_t core_cycles_all = 0;  // of both NICs

  uint64_t frames = 0, frame_bytes = 0;  // sent by both, FCS included
  uint64_t frames_delivered = 0;
  uint64_t tx_descriptors = 0, rx_descriptors = 0;
  uint64_t packets = 0;  // sent plus received by the drivers
  uint64_t interrupts = 0;
  uint64_t tlps = 0, tlp_payload_bytes = 0, pcie_bytes = 0;
  uint64_t retransmissions = 0;
  std::vector<Count> cpu_busy_ns;  // by host: simulated time its CPU was busy
  std::vector<Count> drops;  // every reason, both hosts and the wire
  std::vector<Count> faults;  // what was asked for by --fault or [[fault]], and how often it happened
  std::vector<std::string> illegal_faults;  // of these, what no host may do, and did
  std::vector<std::string> missed_faults;  // of these, what was asked for by number or time and never came
  uint64_t violation_count = 0;
  std::vector<sc_model::Violation> violations;  // the first ones
  Explanation explanation;      // of the throughput
  std::vector<Count> counters;  // everything else that was counted, "h0.driver.tx_packets"

  std::vector<std::pair<std::string, std::string>> files;     // what, path
  std::string wave_host;                                      // whose NIC the waves are of; empty: there are none
  std::vector<std::pair<std::string, std::string>> versions;  // package, version

  uint64_t bytes_received() const;
  double goodput_mbps() const;  // of the slowest transfer, in simulated time; 0 when nothing arrived
};

inline double share(double part, double whole) {
  return whole == 0 ? 0 : part / whole;
}

// Packages this program was built from and runs with.
std::vector<std::pair<std::string, std::string>> package_versions();

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_PROGRAM_RESULTS_H_
