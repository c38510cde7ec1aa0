// Scenario: the whole description of a run as plain data. Read from TOML, printed as TOML, checked, then executed.
//
// Who: scenario_reader.h fills it, cli.h changes single values, scenario_check.h holds what crosses keys, machine.h
//   builds hosts and wire from it, run.h runs it. Keys, limits and comments of every member: scenario_fields.h.
// Units stand in the names; times are simulated ones. `where` is "file:line:column" for messages, empty when built in.
#ifndef RINGSIDE_TESTBENCH_PROGRAM_SCENARIO_H_
#define RINGSIDE_TESTBENCH_PROGRAM_SCENARIO_H_

#include <cstdint>
#include <string>
#include <vector>

namespace ringside::testbench {

struct CoalescingParameters {
  uint32_t rx_frames = 16;
  uint32_t rx_us = 10;
  uint32_t tx_frames = 32;
  uint32_t tx_us = 50;
  uint32_t max_us = 100;
  uint32_t gap_us = 0;
};

struct NicParameters {
  uint32_t queues = 1;
  uint32_t tx_ring = 256;
  uint32_t rx_ring = 1024;
  uint32_t return_ring = 1024;
  uint32_t mtu_bytes = 1500;
  uint32_t poll_budget = 64;
  bool tx_checksum = true;
  bool rx_checksum = true;
  bool segmentation = true;
  bool pause = false;
  bool msi = false;
  bool auto_mask = true;
  uint32_t dma_timeout_us = 10'000;
  CoalescingParameters coalescing;
};

// Of the slot, instead of what the host's profile says; 0: the profile's.
struct PcieParameters {
  uint32_t generation = 0;
  uint32_t lanes = 0;
  uint32_t mps_bytes = 0;
  uint32_t mrrs_bytes = 0;
  uint32_t rcb_bytes = 0;
};

struct HostParameters {
  std::string name;
  std::string mac;      // "02:00:00:00:00:01"
  std::string address;  // "10.0.0.1/24"
  std::string profile = "desktop";
  bool nasty = false;
  bool iommu = true;
  uint32_t memory_mib = 64;
  double cpu_cost = 1.0;
  uint32_t vlan = 0;
  PcieParameters pcie;
  NicParameters nic;
  std::string where;
};

struct LinkParameters {
  uint32_t latency_ns = 500;
};

// Chances per frame, each direction of the wire, drawn from the seed.
struct FaultParameters {
  double loss = 0;
  double duplicate = 0;
  double reorder = 0;
  uint32_t reorder_by = 3;
  double corrupt = 0;
};

// One thing that goes wrong on purpose: when, where, how often. fault_option.h.
struct FaultEntry {
  std::string kind;  // a name of sc_model/fault.h
  std::string host;  // empty: the first
  uint64_t k = 0;    // 0: not by number
  double p = 0;      // 0: not by chance
  uint64_t n = 0;    // 0: one, or any number by chance
  uint64_t t_ns = 0;
  uint64_t for_ns = 0;      // 0: as long as the kind usually takes
  std::string credit, dir;  // of "starve"
  std::string where;
};

struct ApplicationParameters {
  std::string kind;  // "send_file" or "receive_file"
  std::string host;
  std::string to;    // send_file: "10.0.0.2:5001"
  std::string file;  // send_file: path; empty: the program's own executable
  uint32_t write_bytes = 65536;
  uint32_t port = 0;  // receive_file
  uint32_t read_bytes = 65536;
  uint32_t start_us = 0;
  std::string where;
};

// What must hold at the end; a run that misses one fails.
struct Expectations {
  bool complete = true;
  uint64_t max_violations = 0;
  bool keep_going = false;           // one rule too many fails the run at its end, not at once
  int64_t max_retransmissions = -1;  // -1: any number
  double min_goodput_mbps = 0;
};

struct Limits {
  uint32_t duration_ms = 60'000;
  uint32_t no_progress_ms = 5'000;
  uint32_t linger_us = 200;
};

struct Scenario {
  std::string name;
  uint64_t seed = 1;
  uint32_t width = 512;
  double core_mhz = 250;
  bool sleep = true;
  bool check = true;
  Limits limits;
  std::vector<HostParameters> hosts;
  LinkParameters link;
  FaultParameters faults;
  std::vector<FaultEntry> fault;
  std::vector<ApplicationParameters> applications;
  Expectations expect;
};

// The built-in scenario of `ringside demo`: one connection from h0 to h1 that carries a file.
Scenario demo_scenario();

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_PROGRAM_SCENARIO_H_
