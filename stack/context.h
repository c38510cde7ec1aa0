// What every layer of one host's stack shares, and the interfaces through which the outside world is handed in.
//
// Time: `now_ns` is the time of the current entry into the stack (system call, received packet, timer run). Stack
//   sets it on entry from the Clock; nothing below reads any other clock.
// Threads: none; one simulated CPU per host. CostSink::charge and JourneySink::mark are called from inside the stack
//   and must neither block nor call back.
#ifndef RINGSIDE_STACK_CONTEXT_H_
#define RINGSIDE_STACK_CONTEXT_H_

#include <cstdint>

#include "stack/packet_buffer.h"
#include "stack/random.h"
#include "stack/timer.h"

namespace ringside::stack {

constexpr uint64_t kMicrosecond = 1'000;
constexpr uint64_t kMillisecond = 1'000'000;
constexpr uint64_t kSecond = 1'000'000'000;

class Clock {
 public:
  virtual ~Clock() = default;
  virtual uint64_t now_ns() const = 0;
};

// Pieces of work that the host CPU model charges simulated time for. The count is calls, packets or bytes.
enum class StackWork : uint8_t {
  kSystemCall,       // calls
  kCopyBytes,        // bytes between user memory and buffers
  kChecksumBytes,    // bytes summed in software
  kTcpSegmentTx,     // segments
  kTcpSegmentRx,
  kUdpDatagramTx,    // datagrams
  kUdpDatagramRx,
  kIpPacketTx,       // packets, each fragment counts
  kIpPacketRx,
  kIpForward,
  kEthernetFrameTx,  // frames
  kEthernetFrameRx,
  kTimer,            // expiries
  kWakeUp,           // blocked callers woken
  kCount,
};

class CostSink {
 public:
  virtual ~CostSink() = default;
  virtual void charge(StackWork work, uint64_t count) = 0;
};

// The steps of a packet's path that happen in the stack, for the journey trace. T1 to T3 are steps of a write, all others
// of a packet.
enum class PathStep : uint8_t { kT1, kT2, kT3, kT4, kT5, kT6, kT11, kR8, kR9, kR10, kR11, kR12 };

class JourneySink {
 public:
  virtual ~JourneySink() = default;
  virtual uint64_t begin() = 0;  // a write() starts; returns its id, 0 = do not trace
  // A packet is made; its first byte came by this write (0: it has none). The device will make so many frames of it,
  // which have the ids from the returned one on; that one goes with it as PacketMeta::journey.
  virtual uint64_t packet(uint64_t write, uint32_t frames) = 0;
  virtual void mark(uint64_t id, PathStep step) = 0;  // now
};

// Where callers wait. A Blocker may hang what it needs on it.
class WaitChannel {
 public:
  struct Attachment {
    virtual ~Attachment() = default;
  };
  Attachment* attachment() const { return attachment_; }
  void attach(Attachment* attachment) { delete attachment_; attachment_ = attachment; }

  WaitChannel() = default;
  WaitChannel(const WaitChannel&) = delete;
  WaitChannel& operator=(const WaitChannel&) = delete;
  ~WaitChannel() { delete attachment_; }

 private:
  Attachment* attachment_ = nullptr;
};

// Suspends and resumes callers. wait() is only called with the stack at rest (no lock, no half-done work); it returns
// after a wake() of the same channel or at the deadline, and may return early: callers try again in a loop.
class Blocker {
 public:
  virtual ~Blocker() = default;
  virtual void wait(WaitChannel& channel, uint64_t deadline_ns) = 0;
  virtual void wake(WaitChannel& channel) = 0;  // from inside the stack; must not switch to the woken caller
};

struct Context {
  Context(BufferPool& headers, BufferPool& data, uint64_t seed)
      : header_pool(headers), data_pool(data), random(seed) {}

  void charge(StackWork work, uint64_t count = 1) {
    if (cost) cost->charge(work, count);
  }
  void mark(uint64_t journey, PathStep step) {
    if (journey && journeys) journeys->mark(journey, step);
  }

  uint64_t now_ns = 0;
  BufferPool& header_pool;  // small buffers: headers in front of shared payload, whole control packets
  BufferPool& data_pool;    // send queues and everything else with payload
  TimerQueue timers;
  Random random;
  CostSink* cost = nullptr;
  JourneySink* journeys = nullptr;
  uint64_t write_journey = 0;  // the write() whose bytes a socket is given now
  Blocker* blocker = nullptr;
  bool buffers_wanted = false;  // a writer found data_pool empty
};

}  // namespace ringside::stack

#endif  // RINGSIDE_STACK_CONTEXT_H_
