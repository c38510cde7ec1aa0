// Drives rx_engine with dma_write behind it: a MAC that hands over frames, a host that posts buffers and answers
// descriptor reads, and a bus that takes write TLPs.
//
// The host side holds the ring rules while the machine runs, each a GoogleTest failure: D1 and D2 (descriptors in
// [consumer, producer), once), D4 (writes only to posted buffers and the return ring), D5 and D7 (when the return index
// moves, entries and payload are in memory, in order), D10. Lengths in bytes, times in core cycles. One thread.
#ifndef RINGSIDE_TESTBENCH_RTL_RX_RX_BENCH_H_
#define RINGSIDE_TESTBENCH_RTL_RX_RX_BENCH_H_

#include <cstdint>
#include <cstring>
#include <deque>
#include <memory>
#include <random>
#include <vector>

#include "Vrx_bench.h"
#include "testbench/rtl/dma_write/write_sink.h"

namespace ringside::testbench {

constexpr unsigned kBeatBytes = DATA_WIDTH / 8;
constexpr unsigned kQueues = QUEUES;

struct RxFrame {
  std::vector<uint8_t> bytes;  // as the MAC delivers them
  uint64_t time_ns = 0;
  bool fcs = false;            // the last four of them are its FCS
};

// A return entry as found in memory when the return index had moved past it, with the bytes of its buffer then.
struct ReturnedBuffer {
  uint32_t opaque;
  unsigned length, flags, raw_csum, vlan;
  uint32_t hash;
  uint64_t time_ns;
  unsigned frame_length, reserved;
  uint32_t index;
  std::vector<uint8_t> bytes;
  unsigned queue;
};

struct RxCounts {
  unsigned frames = 0, octets = 0, delivered = 0, broadcast = 0, multicast = 0, csum_bad = 0;
  unsigned filtered = 0, no_buffer = 0, disabled = 0, dma_error = 0;
};

struct RxOptions {
  unsigned mac_gaps = 0;      // percent of cycles in which the MAC has no beat
  unsigned bus_stalls = 0;    // percent of cycles in which the bus takes no beat
  unsigned read_latency = 20; // cycles from descriptor request to first data
  unsigned other_writes = 0;  // percent of cycles in which a second client of dma_write asks for 4 octets
  unsigned read_error = 0;    // enum error_reason of the next descriptor read
};

class RxBench {
 public:
  explicit RxBench(uint32_t seed = 1);
  Vrx_bench& model() { return model_; }
  RxOptions& options() { return options_; }
  ByteMemory& memory() { return sink_.memory(); }

  // Everything of a ring takes the number of its queue.
  void set_rings(unsigned size_log2, unsigned ret_size_log2, unsigned q = 0);
  void set_mps(unsigned n);
  void enable(unsigned q = 0) { put(model_.q_enable_i, q, 1, 1); }
  void disable(unsigned q = 0) { put(model_.q_enable_i, q, 1, 0); }
  void forget_ring(unsigned q = 0);                    // the driver's side starts again at index 0
  void reset_ring(unsigned q = 0);                     // that, and the reset pulse
  void preload(uint32_t index);                        // all indices of queue 0, enabled and empty (rule D15)
  void set_table(unsigned index, unsigned queue);      // RSS
  void set_key(const std::vector<uint8_t>& key);

  // Returns the opaque; not seen by the NIC before doorbell().
  uint32_t post(uint64_t addr, unsigned length, unsigned q = 0);
  void doorbell(unsigned q = 0) { set_prod(q, rings_[q].prod); }
  void take_entries(unsigned q = 0) { set_ret_cons(q, ret_prod(q)); }  // return doorbell
  void set_prod(unsigned q, uint32_t index) { put(model_.q_rx_prod_i, q, 32, index); }
  void set_ret_cons(unsigned q, uint32_t index) { put(model_.q_ret_cons_i, q, 32, index); }
  bool running(unsigned q = 0) { return get(model_.q_running_o, q, 1); }
  uint32_t ret_prod(unsigned q = 0) { return get(model_.q_ret_prod_o, q, 32); }
  uint32_t rx_cons(unsigned q = 0) { return get(model_.q_rx_cons_o, q, 32); }
  unsigned error(unsigned q = 0) { return get(model_.q_error_o, q, 4); }
  uint32_t error_idx(unsigned q = 0) { return get(model_.q_error_idx_o, q, 32); }
  void send(RxFrame frame) { frames_.push_back(std::move(frame)); }
  bool sent_all() const { return frames_.empty(); }
  size_t waiting() const { return frames_.size(); }

  void step();
  void run(unsigned cycles);
  bool run_until_idle(unsigned most_cycles = 200'000);
  // Frames given back since the last call, each a chain of buffers.
  std::vector<std::vector<ReturnedBuffer>> take_frames();

  const RxCounts& counts() const { return counts_; }
  unsigned desc_requests() const { return desc_requests_; }
  uint64_t cycle() const { return cycle_; }
  uint64_t last_write_cycle() const { return last_write_cycle_; }
  std::mt19937& random() { return random_; }

 private:
  static constexpr uint64_t kRxBase = 0x1'0000'0000, kRetBase = 0x2'0000'0000, kOther = 0x3'0000'0000,
                            kNextRing = 0x1'0000'2000;  // beyond 64 KiB, not the same low bits, across 4 GiB
  struct Posted {
    uint64_t addr;
    unsigned length;
    uint32_t opaque;
  };
  struct Ring {
    std::deque<Posted> posted;  // not yet returned, the first at index returned
    uint32_t prod = 0, fetched = 0, returned = 0;
    unsigned size = 8, ret_size = 8, reads = 0;
    std::vector<ReturnedBuffer> chain;
  };
  // Slice q of a flat port: `bits` divides 32.
  template <typename Port>
  static void put(Port& port, unsigned q, unsigned bits, uint32_t value) {
    uint8_t* bytes = reinterpret_cast<uint8_t*>(&port) + q * bits / 8;
    if (bits == 32) std::memcpy(bytes, &value, 4);
    else *bytes = uint8_t((*bytes & ~(((1u << bits) - 1) << q * bits % 8)) | value << q * bits % 8);
  }
  template <typename Port>
  static uint32_t get(const Port& port, unsigned q, unsigned bits) {
    const uint8_t* bytes = reinterpret_cast<const uint8_t*>(&port) + q * bits / 8;
    uint32_t value;
    if (bits != 32) return *bytes >> q * bits % 8 & ((1u << bits) - 1);
    std::memcpy(&value, bytes, 4);
    return value;
  }
  struct ReadBeat {
    bool valid, done;
    unsigned row, done_bytes, error, queue;
    uint64_t be, next;
    std::vector<uint8_t> data;
    uint64_t not_before;
  };

  void clock();
  void drive_mac();
  void drive_reads();
  void sample();
  void sample_reads();
  void sample_write();
  void sample_index();
  void plan_read(uint64_t addr, unsigned len, unsigned dst, unsigned q);
  void sample_index(unsigned q);
  ReturnedBuffer read_entry(unsigned q, uint32_t index);
  bool allowed(const WriteTlp& tlp) const;

  Vrx_bench model_;
  WriteSink sink_;
  RxOptions options_;
  std::mt19937 random_;
  std::deque<RxFrame> frames_;
  size_t mac_at_ = 0;
  bool mac_shown_ = false;
  std::deque<ReadBeat> reads_;
  Ring rings_[kQueues];
  uint32_t opaque_ = 0x8000'0001;
  std::vector<std::vector<ReturnedBuffer>> returned_frames_;
  RxCounts counts_;
  unsigned desc_requests_ = 0;
  uint64_t cycle_ = 0, last_write_cycle_ = 0;
};

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_RTL_RX_RX_BENCH_H_
