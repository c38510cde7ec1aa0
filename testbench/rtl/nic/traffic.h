// Traffic through a card, held against the model: every frame that leaves, every octet and entry that arrives.
//
// SendTraffic posts packets and compares what comes out of the wire. ReceiveTraffic puts frames on the wire and
// compares what comes to memory. Each has a turn() that the test calls between cycles, and done().
#ifndef RINGSIDE_TESTBENCH_RTL_NIC_TRAFFIC_H_
#define RINGSIDE_TESTBENCH_RTL_NIC_TRAFFIC_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <vector>

#include "testbench/rtl/nic/card.h"
#include "testbench/rtl/nic/driver.h"
#include "testbench/rtl/nic/model.h"
#include "testbench/rtl/nic/random.h"
#include "testbench/rtl/nic/wire.h"

namespace ringside::testbench::nic {

class SendTraffic {
 public:
  SendTraffic(Card& card, Driver& driver, uint64_t seed);

  // A packet of these octets, the first fragment at this offset in its page, in so many fragments.
  void add(unsigned queue, const Octets& octets, unsigned page_offset, unsigned fragments, Packet packet = {});
  bool doorbell_each = false;  // a doorbell for each packet, else for what is there
  void turn();
  bool done() const;
  Counters expected{};

 private:
  struct Item {
    Packet packet;
    uint32_t end = 0;  // index behind its last descriptor
  };
  struct Line {
    std::deque<Item> waiting, posted;
    std::deque<Octets> frames;  // still to be seen on the wire
  };
  void post_some(unsigned queue);
  void take_back(unsigned queue);
  void see(const uint8_t* frame, size_t size);
  std::vector<Fragment> place(const Octets& octets, unsigned page_offset, unsigned fragments);

  Card& card_;
  Driver& driver_;
  Random random_;
  std::vector<Line> lines_;
  std::vector<uint64_t> pages_;  // memory of packets taken back, to be used again
};

struct ReceivePlan {
  unsigned queues = 1;                       // that get buffers; several are for rules with RSS
  unsigned page_offset = 0;                  // of the buffers, counted up by one for each
  unsigned smallest = 9216, largest = 9216;  // buffer sizes
  unsigned window = 16384;                   // octets on their way at most
};

class ReceiveTraffic {
 public:
  ReceiveTraffic(Card& card, Driver& driver, uint64_t seed, const ReceivePlan& plan);

  // first_offset: where in its page the buffer begins that this frame comes to, -1: by the plan.
  void add(Octets frame_with_fcs, unsigned gap, int error_at = -1, unsigned preamble = 6, int first_offset = -1);
  void turn();
  bool done() const;
  RxRules rules;
  std::function<void(unsigned queue, const regs::ReturnEntry& entry)> on_entry;  // told of each, before it is checked
  Counters expected{};
  uint64_t wire_frames = 0;

 private:
  struct Frame {
    Octets octets;
    unsigned gap;
    int error_at;
    unsigned preamble;
  };
  struct Buffer {
    uint64_t slot, address;
    uint32_t length, opaque;
    uint64_t usable;  // cycle from which the NIC knows of it for sure
  };
  struct Entry {  // a return entry that has to come
    Buffer buffer;
    size_t from, length;  // of the frame
    bool sop, eop;
    size_t frame;  // number in outcomes_
  };
  struct Place {
    unsigned offset;
    uint32_t length;
  };
  struct Line {
    std::deque<Entry> expected;
    std::deque<Buffer> posted;
    std::deque<Place> planned;  // buffers to provide before any other
    std::vector<uint64_t> free_slots;
    uint64_t last_time = 0;
  };
  void turn_of(unsigned queue);
  void provide_some(unsigned queue);
  Place next_place(Line* line);
  uint32_t some_length() { return static_cast<uint32_t>(random_.between(plan_.smallest, plan_.largest)); }
  bool send_one();
  bool assign(const Received& received, size_t frame);
  void check(const regs::ReturnEntry& entry, Line* line);
  void check_flags(const regs::ReturnEntry& entry, const Received& received, Line* line);
  void check_memory(const Entry& want, const Received& received);

  Card& card_;
  Driver& driver_;
  Random random_;
  ReceivePlan plan_;
  std::deque<Frame> waiting_, on_wire_;
  std::vector<Received> outcomes_;
  std::vector<Line> lines_;
  uint64_t in_flight_ = 0;
  uint32_t next_opaque_ = 0x5EED0000;
};

// A packet of random octets from this offset in its page; some with a checksum, some in several fragments. The first
// octet tells the queue, so that frames of two queues never look alike.
void add_random_packet(SendTraffic* send, unsigned queues, unsigned length, unsigned page_offset, Random* random);
// A frame of this length (without FCS): IP of some kind if it is long enough, a few broken unless they have an offset.
// Runts get a gap of their own: trains of them at the smallest gap may overrun the MAC (rtl/mac).
void add_random_frame(ReceiveTraffic* receive, unsigned length, unsigned smallest_gap, unsigned largest_gap,
                      Random* random, int first_offset = -1);
// One with an error character, or an octet that is not what the FCS was made for.
void add_broken_frame(ReceiveTraffic* receive, unsigned length, unsigned gap, Random* random);
// Turns and cycles until both are done; false when they are not after so many cycles, or a rule was broken.
bool run_traffic(Card* card, SendTraffic* send, ReceiveTraffic* receive, uint64_t longest_turn, uint64_t limit,
                 Random* random);

}  // namespace ringside::testbench::nic

#endif  // RINGSIDE_TESTBENCH_RTL_NIC_TRAFFIC_H_
