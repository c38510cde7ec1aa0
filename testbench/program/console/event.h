// One thing that happened at an edge of a host, on the wire, to a packet, or that a checker found, as the console sees
// it: what a breakpoint is held against, and the words it is shown with.
#ifndef RINGSIDE_TESTBENCH_PROGRAM_CONSOLE_EVENT_H_
#define RINGSIDE_TESTBENCH_PROGRAM_CONSOLE_EVENT_H_

#include <cstdint>
#include <string>

#include "sc_model/sim_time.h"
#include "testbench/program/journey.h"

namespace ringside::testbench {

enum class EventKind : uint8_t {
  kTlp,
  kRegister,  // an access of a CPU
  kInterrupt,
  kSent,     // a frame has left a NIC; told when it has ended
  kArrived,  // ... has reached one
  kRule,     // broken
  kFrame,    // kSent again, when its number in the capture is certain
  kStep      // of a packet's path
};

struct ConsoleEvent {
  static constexpr uint8_t kNobody = 2;
  EventKind kind = EventKind::kTlp;
  uint8_t host = kNobody;
  sc_model::TimePs at = 0;
  std::string text;
  bool write = false;                     // kRegister
  uint32_t address = 0;                   // kRegister: in the BAR
  uint64_t value = 0;                     // kRegister
  uint64_t number = 0;                    // kFrame: of the frame; kStep: of the packet, or of the write()
  JourneyStep step = JourneyStep::kCall;  // kStep
  std::string rule;                       // kRule

  // What `step event` stops at.
  bool counts() const { return kind < EventKind::kFrame; }
};

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_PROGRAM_CONSOLE_EVENT_H_
