// Host profiles: one row of numbers per kind of machine, with their sources. Latencies in ns, credits in PCIe units.
//
// Sources: PCIe round trips of 500 to 900 ns seen by the device on desktops and servers, DDIO and NUMA effects:
//   Neugebauer et al., "Understanding PCIe performance for end host networking", SIGCOMM 2018, figures 5 and 6 (64 B
//   DMA read, the card's own share included: median 547 ns on a Xeon E5 v3, 1 to 1.5 us with a far memory node).
//   Memory latency 80 to 100 ns: vendors' optimisation manuals. Credits: of the order that root ports advertise; any
//   values are legal.
//   "slow_and_far" is no machine in particular: old Gen1 link behind switches, for robustness and latency experiments.
#ifndef RINGSIDE_SC_MODEL_HOST_PROFILE_H_
#define RINGSIDE_SC_MODEL_HOST_PROFILE_H_

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ringside::sc_model {

// How memory read completions are cut (2.3.1.1: only at read completion boundaries).
enum class CompletionSplit : uint8_t { kNone, kEveryRcb, kRandom };

struct HostProfile {
  std::string name;
  unsigned generation = 3;          // 1..4: 2.5, 5, 8, 16 GT/s
  unsigned lanes = 8;               // 1, 2, 4, 8, 12, 16
  uint32_t link_latency_ns = 100;   // one way: both PHYs, receive pipeline, switches
  uint32_t root_latency_ns = 50;    // root complex: CPU to link, and link to memory system; completions leave at once
  uint32_t memory_read_ns = 90;     // memory access for a DMA read
  uint32_t memory_write_ns = 30;    // until a posted write is visible to the CPU
  uint32_t mps_bytes = 256;         // programmed at enumeration, bounded by what the function offers
  uint32_t mrrs_bytes = 512;
  uint32_t rcb_bytes = 64;          // 64 or 128
  bool relaxed_ordering = false;    // firmware lets the function use it
  bool extended_tags = true;        // ... and these, where the function offers them
  // Receive buffers that the root port advertises: PH PD NPH NPD CPLH CPLD.
  std::array<uint16_t, 6> credits{{64, 512, 64, 64, 64, 512}};
  // Legal but nasty behaviour, all seeded.
  CompletionSplit split = CompletionSplit::kNone;
  uint32_t read_jitter_ns = 0;      // each read's latency grows by 0..this: completions of different tags reorder
  uint32_t completion_gap_ns = 0;   // each piece of a read's data leaves 0..this after the one before: the pieces of
                                    // different tags mix
  uint32_t write_jitter_ns = 0;     // each posted write becomes visible 0..this later, in order (rule P24)
};

// "desktop", "server", "slow_and_far"; throws std::invalid_argument for another name.
HostProfile host_profile(std::string_view name);
const std::vector<HostProfile>& host_profiles();
// The same machine with every legal nastiness turned on: completions split at random, reordered, late writes.
HostProfile make_nasty(HostProfile profile);

}  // namespace ringside::sc_model

#endif  // RINGSIDE_SC_MODEL_HOST_PROFILE_H_
