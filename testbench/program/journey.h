// Journey: one packet on its way from write() to read(): when it passed each step of the path (T1..T11, R1..R12).
//
// A packet here is a frame of the wire: what the NIC cuts out of one large packet are journeys of their own, with ids
// in a row. Ids count from 1, over both hosts, in the order in which packets are made. Times: simulated picoseconds, 0:
// did not happen (yet). CPU steps bear the CPU's time (charges included), steps at the NIC's pins the core clock edge
// of the TLP's last beat, steps on the wire the first octet of the frame behind its preamble: the times in tlps.pcapng
// and capture.pcapng.
#ifndef RINGSIDE_TESTBENCH_PROGRAM_JOURNEY_H_
#define RINGSIDE_TESTBENCH_PROGRAM_JOURNEY_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "sc_model/sim_time.h"
#include "testbench/program/packet_head.h"

namespace ringside::testbench {

// The way, in order; then what happens beside it.
enum class JourneyStep : uint8_t {
  kCall,      // T1
  kFile,      // T2
  kCopied,    // T3
  kSegment,   // T4
  kRouted,    // T5
  kFramed,    // T6
  kPosted,    // T7
  kDoorbell,  // T7
  kTold,      // T7
  kFetch,     // T8
  kFetched,   // T8
  kRead,      // T8
  kInNic,     // T8
  kSent,      // T9
  kArrived,   // R2
  kWhole,     // R2
  kStored,    // R4, first write
  kInMemory,  // R4, last write
  kEntry,     // R5
  kIndex,     // R5
  kMessage,   // R6
  kHandler,   // R6
  kTaken,     // R7
  kEthernet,  // R8
  kIp,        // R9
  kTcp,       // R10
  kQueued,    // R11
  kUser,      // R12
  kDone,      // T10, beside the way from here on
  kDoneMessage,
  kGivenBack,
  kProvided,  // R1
  kProvidedFetched,
  kCount
};
constexpr size_t kJourneySteps = static_cast<size_t>(JourneyStep::kCount);
constexpr size_t kWaySteps = static_cast<size_t>(JourneyStep::kDone);

// The places of the path, as the issue of who works there.
enum class JourneyPlace : uint8_t { kApplication, kTcp, kRing, kDma, kMac, kWire, kCount };
const char* to_string(JourneyPlace place);

struct JourneyStepName {
  const char* column;  // in journeys.tsv
  const char* path;    // "T8"
  JourneyPlace place;  // where the time before this step was spent
  bool receiver;       // on the host that receives
  const char* text;    // what has happened then
};
const JourneyStepName& name_of(JourneyStep step);

enum class Fate : uint8_t { kUnderWay, kDelivered, kLostOnWire, kDamaged, kDropped, kGivenUp };
const char* to_string(Fate fate);

struct Journey {
  uint64_t id = 0;
  uint64_t write = 0;  // number of the write() that brought its first byte; 0: none
  uint64_t group = 0;  // id of the first of those that left the stack as one packet
  uint32_t group_size = 1;
  uint8_t from = 0;  // host
  uint8_t tx_queue = 0, rx_queue = 0;
  bool no_buffer = false;  // the MAC made it, or the wire: no driver waits for its end
  bool timer = false;  // T11: nobody was in a call when it was made
  Fate fate = Fate::kUnderWay;
  uint32_t bytes = 0;    // of the frame, FCS included; 0: it was not sent yet
  uint32_t tx_idx = 0;   // its first entry in the TX ring
  uint32_t ret_idx = 0;  // its last entry in the return ring
  PacketHead head;
  std::array<sc_model::TimePs, kJourneySteps> at{};

  sc_model::TimePs& operator[](JourneyStep step) { return at[static_cast<size_t>(step)]; }
  sc_model::TimePs operator[](JourneyStep step) const { return at[static_cast<size_t>(step)]; }
  // Nothing more will happen to it.
  bool complete() const;
};

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_PROGRAM_JOURNEY_H_
