// TxBench: tx_engine and dma_read between a host memory with TX rings and a MAC that takes frames. Written from the
// programmer's reference: what the driver posts is turned into the frames and indices that must come out.
//
// Compiled once per configuration: DUT_* come from CMake. The first thing that does not fit is kept in failure().
#ifndef RINGSIDE_TESTBENCH_RTL_TX_TX_BENCH_H_
#define RINGSIDE_TESTBENCH_RTL_TX_TX_BENCH_H_

#include DUT_HEADER
#include DUT_ROOT_HEADER

#include <array>
#include <cstring>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "testbench/rtl/dma_read/completer.h"
#include "testbench/rtl/tx/tx_reference.h"

namespace ringside::testbench {

using Dut = DUT_CLASS;
constexpr uint32_t kBytes = DUT_BYTES;
constexpr uint32_t kQueues = DUT_QUEUES;
constexpr uint32_t kFirstIndex = DUT_FIRST_INDEX;  // of a ring that is turned on

enum Reason : uint32_t {
  kNone, kUnsupported, kAbort, kPoisoned, kTimeout, kBadCompletion, kBadDescriptor, kBadDoorbell
};
enum Flag : uint16_t { kEop = 1, kCsum = 2, kVlan = 4, kTso = 8, kTimestamp = 16, kExtension = 32 };

struct Descriptor {
  uint64_t address = 0;
  uint16_t length = 0;
  uint16_t flags = 0;
  uint16_t csum_start = 0;
  uint16_t csum_offset = 0;
};

class TxBench {
 public:
  explicit TxBench(uint32_t seed);

  std::unique_ptr<Dut> dut;
  Completer host;
  uint32_t mac_ready_percent = 100;
  uint64_t now = 0;             // cycles
  uint64_t time_ns = 0;         // 4 a cycle
  uint64_t stamp_delay = 0;     // cycles that a frame waits in the MAC before its time of departure is known
  uint32_t size_log2 = 8;       // of rings turned on by start()

  // The driver's side
  void start(uint32_t queue);
  void stop(uint32_t queue);               // waits until the ring is off
  void reset_ring(uint32_t queue);
  uint32_t room(uint32_t queue) const;     // free descriptors
  void post(uint32_t queue, const TxPacket& packet);             // and expects its frame
  void post_raw(uint32_t queue, const Descriptor& descriptor);   // expects nothing
  void post_entry(uint32_t queue, const std::array<uint8_t, 16>& entry);  // likewise
  void put(const std::vector<Fragment>& fragments, const Frame& content);  // from their start on
  void ring(uint32_t queue);               // doorbell
  void set_prod(uint32_t queue, uint32_t prod);
  uint32_t prod(uint32_t queue) const { return rings_[queue].prod; }
  uint32_t cons(uint32_t queue) const;
  uint32_t error(uint32_t queue) const;
  uint32_t error_idx(uint32_t queue) const;
  uint64_t ring_base(uint32_t queue) const { return 0x1000000000ULL * (queue + 1) + 0x3000; }
  bool is_ring(uint64_t address) const { return address >= 0x1000000000ULL; }
  void set_mrrs(uint32_t code);
  void poke(uint64_t address, uint8_t value) { poked_[address] = value; }
  uint8_t memory(uint64_t address) const;

  void cycle();
  bool drain(uint64_t cycles);             // all expected frames out, everything idle
  bool idle() const { return dut->tx_idle_o && dut->dma_idle_o; }
  bool at_rest(uint64_t cycles);           // the same flops after so many cycles of passing time
  void forget(uint32_t queue) { rings_[queue].expected.clear(); }
  const std::string& failure() const { return failure_; }
  size_t expected(uint32_t queue) const { return rings_[queue].expected.size(); }

  bool allow_stray_frames = false;         // frames and reports of packets that were not announced by post()
  bool poison_done = false;                // change buffers as soon as the consumer index has passed them
  uint64_t frames = 0, octets = 0, broadcasts = 0, multicasts = 0, dma_errors = 0, bad_descs = 0, packets = 0;
  uint64_t payload_bytes = 0;              // asked for
  uint64_t stamps = 0;                     // reported
  uint64_t first_request_at = 0, first_beat_at = 0, last_beat_at = 0;  // cycles; 0: not yet

 private:
  struct Expected {
    std::vector<Frame> frames;
    uint32_t begin = 0;                // index of its first entry
    uint32_t end = 0;                  // and behind it
    uint32_t queue = 0;
    bool stamp = false;
    std::vector<Fragment> fragments;
    size_t sent = 0;                   // frames that are out
  };
  struct Stamp {
    uint64_t due = 0;                  // cycle
    uint64_t time = 0;
    uint32_t queue = 0, index = 0;
  };
  struct Ring {
    std::vector<std::array<uint8_t, 16>> entries;
    uint32_t prod = 0, rung = 0, fetched = 0, cons = 0;
    std::deque<Expected> expected;
  };
  void fail(const std::string& what) { if (failure_.empty()) failure_ = what; }
  Frame gathered(const TxPacket& packet) const;
  void take_request();
  void check_descriptor_read(const ReadRequest& request);
  void drive_completion();
  void check_mac();
  void check_indices();
  void check_frame();
  Expected* owner_of_frame();
  void check_stamps();

  std::mt19937 random_;
  std::array<Ring, kQueues> rings_;
  std::map<uint64_t, uint8_t> poked_;
  std::map<uint64_t, uint32_t> poisoned_;  // start, length
  std::deque<Expected> retired_;           // reported, last frame not out yet
  int segmenting_ = -1;                    // queue of the TSO packet whose frames are coming out
  std::deque<Stamp> stamps_;               // times of departure on their way back
  bool frame_stamp_ = false;               // of the frame coming out
  Frame frame_;
  bool in_frame_ = false;
  bool held_ = false;                      // a beat was on offer and not taken
  std::string failure_;
};

// `packet` with fragments at `address`, cut into `count` about equal parts, each at an address of its own.
TxPacket make_packet(uint32_t length, uint32_t count, uint64_t address);
// A TSO packet of `header` and `payload` octets, cut like make_packet, its header put into memory.
TxPacket make_tso(TxBench& bench, const TcpHeader& header, uint32_t payload, uint16_t mss, uint32_t count,
                  uint64_t address);
void start_all(TxBench& bench, uint32_t size_log2);
// Posts and rings when there is room, so that tests may offer more packets than the ring holds.
void send(TxBench& bench, uint32_t queue, const TxPacket& packet);

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_RTL_TX_TX_BENCH_H_
