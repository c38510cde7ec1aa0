// Every key of a scenario file in one place: its name, its member, its limits and the comment that --print writes.
//
// describe(visitor, value) walks one table. The reader's visitor assigns, the writer's prints; both therefore know the
// same keys, and a key added here is read, checked, printed and documented at once.
// A visitor has: field(key, member&, comment[, limits]), table(key, member&, comment), tables(key, vector&, comment),
// place(where&).
#ifndef RINGSIDE_TESTBENCH_PROGRAM_SCENARIO_FIELDS_H_
#define RINGSIDE_TESTBENCH_PROGRAM_SCENARIO_FIELDS_H_

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "testbench/program/scenario.h"

namespace ringside::testbench {

struct IntegerLimits {
  int64_t min = 0;
  int64_t max = INT64_MAX;
  bool power_of_two = false;
};
struct NumberLimits {
  double min = 0;
  double max = 1;
};
struct OneOf {
  std::initializer_list<std::string_view> values;  // empty: any text
};

inline constexpr IntegerLimits kRingLimits{8, 4096, true};
inline constexpr NumberLimits kChance{0, 1};

template <typename Visitor>
void describe(Visitor& v, CoalescingParameters& p) {
  v.field("rx_frames", p.rx_frames, "interrupt after so many received frames; 0: by time alone",
          IntegerLimits{0, 1023});
  v.field("rx_us", p.rx_us, "... or so long after the first of them; 0: at once", IntegerLimits{0, 65535});
  v.field("tx_frames", p.tx_frames, "the same for sent frames", IntegerLimits{0, 1023});
  v.field("tx_us", p.tx_us, "", IntegerLimits{0, 65535});
  v.field("max_us", p.max_us, "no event waits longer; 0: no bound", IntegerLimits{0, 65535});
  v.field("gap_us", p.gap_us, "at least so long between two interrupts; 0: no limit", IntegerLimits{0, 65535});
}

template <typename Visitor>
void describe(Visitor& v, NicParameters& p) {
  v.field("queues", p.queues, "queue sets with a vector each; more only where the NIC has them", IntegerLimits{1, 8});
  v.field("tx_ring", p.tx_ring, "descriptors, a power of two", kRingLimits);
  v.field("rx_ring", p.rx_ring, "descriptors, a power of two", kRingLimits);
  v.field("return_ring", p.return_ring, "entries, a power of two, not below rx_ring", kRingLimits);
  v.field("mtu_bytes", p.mtu_bytes, "largest IP packet", IntegerLimits{68, 9000});
  v.field("poll_budget", p.poll_budget, "frames per poll of the driver", IntegerLimits{1, 4096});
  v.field("tx_checksum", p.tx_checksum, "the NIC inserts TCP and UDP checksums");
  v.field("rx_checksum", p.rx_checksum, "the NIC's checksum verdicts are used");
  v.field("segmentation", p.segmentation, "the NIC cuts TCP data into segments; needs tx_checksum");
  v.field("pause", p.pause, "pause frames are sent and obeyed");
  v.field("msi", p.msi, "one MSI for all instead of MSI-X");
  v.field("auto_mask", p.auto_mask, "the NIC masks a vector as it sends its message");
  v.field("dma_timeout_us", p.dma_timeout_us, "the NIC waits no longer for the completions of a read",
          IntegerLimits{50, 50'000});
  v.table("coalescing", p.coalescing, "When an interrupt is due");
}

template <typename Visitor>
void describe(Visitor& v, PcieParameters& p) {
  v.field("generation", p.generation, "2.5, 5, 8 or 16 GT/s a lane", IntegerLimits{0, 4});
  v.field("lanes", p.lanes, "1, 2, 4, 8, 12, 16", IntegerLimits{0, 16});
  v.field("mps_bytes", p.mps_bytes, "maximum payload, if the NIC has it: 128, 256, 512, 1024", IntegerLimits{0, 1024});
  v.field("mrrs_bytes", p.mrrs_bytes, "maximum read request: 128, 256 .. 4096", IntegerLimits{0, 4096});
  v.field("rcb_bytes", p.rcb_bytes, "completions are cut at multiples of this: 64, 128", IntegerLimits{0, 128});
}

template <typename Visitor>
void describe(Visitor& v, HostParameters& p) {
  v.place(p.where);
  v.field("name", p.name, "", OneOf{});
  v.field("mac", p.mac, "", OneOf{});
  v.field("address", p.address, "own address and the network's length", OneOf{});
  v.field("profile", p.profile, "the machine round the NIC", OneOf{{"desktop", "server", "slow_and_far"}});
  v.field("nasty", p.nasty, "completions split and reordered, writes visible late: all that is legal");
  v.field("iommu", p.iommu, "off: bus addresses are physical addresses");
  v.field("memory_mib", p.memory_mib, "host memory", IntegerLimits{32, 1024});
  v.field("cpu_cost", p.cpu_cost, "software takes so many times the cost table's times; 0: none",
          NumberLimits{0, 1000});
  v.field("vlan", p.vlan, "VLAN of its interface: sent with this tag, received with this tag; 0: untagged",
          IntegerLimits{0, 4094});
  v.table("pcie", p.pcie, "Its slot; 0: as the profile has it");
  v.table("nic", p.nic, "The NIC and its driver");
}

template <typename Visitor>
void describe(Visitor& v, LinkParameters& p) {
  v.field("latency_ns", p.latency_ns, "one way, from port to port", IntegerLimits{50, 1'000'000'000});
}

template <typename Visitor>
void describe(Visitor& v, FaultParameters& p) {
  v.field("loss", p.loss, "the frame never arrives", kChance);
  v.field("duplicate", p.duplicate, "it arrives twice", kChance);
  v.field("reorder", p.reorder, "it is held back, so that later ones overtake it", kChance);
  v.field("reorder_by", p.reorder_by, "... so many of them", IntegerLimits{1, 100});
  v.field("corrupt", p.corrupt, "a bit of it is flipped", kChance);
}

template <typename Visitor>
void describe(Visitor& v, FaultEntry& p) {
  constexpr IntegerLimits kTime{0, 3'600'000'000'000};
  v.place(p.where);
  v.field("kind", p.kind, "ringside demo --fault help lists them", OneOf{});
  v.field("host", p.host, "whose machine, or whose NIC sends the frame; empty: the first host's", OneOf{});
  v.field("k", p.k, "the k-th event from t_ns on; 0: not by number", IntegerLimits{0, INT64_MAX});
  v.field("p", p.p, "chance of each event; without k and p it is the first one (see --fault help)", kChance);
  v.field("n", p.n, "at most so many; 0: as many as is usual: one, by chance any number", IntegerLimits{0, INT64_MAX});
  v.field("t_ns", p.t_ns, "not before this time", kTime);
  v.field("for_ns", p.for_ns, "how long it lasts, or how late it comes; 0: as usual for its kind", kTime);
  if (p.kind != "starve") return;
  v.field("credit", p.credit, "ph, pd, nph, npd, cplh or cpld", OneOf{});
  v.field("dir", p.dir, "of the TLPs that need them: to_host (when empty) or to_nic", OneOf{});
}

template <typename Visitor>
void describe(Visitor& v, ApplicationParameters& p) {
  v.place(p.where);
  v.field("kind", p.kind, "", OneOf{{"send_file", "receive_file"}});
  v.field("host", p.host, "where it runs", OneOf{});
  if (p.kind == "send_file") {
    v.field("to", p.to, "connects to this address and port", OneOf{});
    v.field("file", p.file, "relative to this file; empty: the program's own executable", OneOf{});
    v.field("write_bytes", p.write_bytes, "per write()", IntegerLimits{1, 1 << 20});
  } else {
    v.field("port", p.port, "listens here, reads to the end, computes the SHA-256", IntegerLimits{1, 65535});
    v.field("read_bytes", p.read_bytes, "per read()", IntegerLimits{1, 1 << 20});
  }
  v.field("start_us", p.start_us, "", IntegerLimits{0, 1'000'000'000});
}

template <typename Visitor>
void describe(Visitor& v, Expectations& p) {
  v.field("complete", p.complete, "every file arrives whole, the SHA-256 of both sides agree");
  v.field("max_violations", p.max_violations, "rules broken, as the checkers count them", IntegerLimits{0, INT64_MAX});
  v.field("keep_going", p.keep_going, "when it is one more, the run fails at its end, not at once");
  v.field("max_retransmissions", p.max_retransmissions, "-1: any number", IntegerLimits{-1, INT64_MAX});
  v.field("min_goodput_mbps", p.min_goodput_mbps, "in simulated time", NumberLimits{0, 1e6});
}

template <typename Visitor>
void describe(Visitor& v, Limits& p) {
  v.field("duration_ms", p.duration_ms, "the run fails when it is not done by then", IntegerLimits{1, 1'000'000'000});
  v.field("no_progress_ms", p.no_progress_ms, "... or when no application gets on for so long",
          IntegerLimits{1, 1'000'000'000});
  v.field("linger_us", p.linger_us, "goes on for so long, and twice the link's latency, after the last application",
          IntegerLimits{0, 1'000'000});
}

template <typename Visitor>
void describe(Visitor& v, Scenario& p) {
  v.field("name", p.name, "", OneOf{});
  v.field("seed", p.seed, "of every random choice in the run", IntegerLimits{0, INT64_MAX});
  v.field("width", p.width, "data path of both NICs in bits: 64 is a 10 Gb/s card, 512 a 100 Gb/s card",
          IntegerLimits{64, 512, true});
  v.field("core_mhz", p.core_mhz, "clock of the NICs' core", NumberLimits{10, 1000});
  v.field("sleep", p.sleep, "skip the clocks of a NIC at rest: faster, same results");
  v.field("check", p.check, "hold the rules of bus, rings and wire");
  v.table("limits", p.limits, "Simulated time within which it must be done");
  v.tables("host", p.hosts, "A host: CPU, memory, PCI Express, one NIC, its driver, a TCP/IP stack");
  v.table("link", p.link, "The wire between the two NICs");
  v.table("faults", p.faults, "Faults of the wire: chances per frame, in each direction");
  v.tables("fault", p.fault, "A fault on purpose");
  v.tables("application", p.applications, "An application: a thread on a host that uses the socket calls");
  v.table("expect", p.expect, "What must hold at the end");
}

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_PROGRAM_SCENARIO_FIELDS_H_
