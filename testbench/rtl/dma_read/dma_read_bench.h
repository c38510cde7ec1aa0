// DmaReadBench: the module dma_read with a completer on one side and three clients on the other. Every octet written
// and every `done` is held against what was asked; the first thing that does not fit is kept in failure().
//
// Compiled once per data path width: DUT_* come from CMake.
#ifndef RINGSIDE_TESTBENCH_RTL_DMA_READ_DMA_READ_BENCH_H_
#define RINGSIDE_TESTBENCH_RTL_DMA_READ_DMA_READ_BENCH_H_

#include DUT_HEADER
#include DUT_ROOT_HEADER

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "testbench/rtl/dma_read/completer.h"
#include "testbench/rtl/dma_read/ports.h"

namespace ringside::testbench {

using Dut = DUT_CLASS;
constexpr uint32_t kBytes = DUT_BYTES;
constexpr uint32_t kClients = 3;

// Contents of host memory: any address has a byte.
inline uint8_t memory_byte(uint64_t address) {
  const uint64_t x = (address + 0x9E3779B97F4A7C15ULL) * 0xBF58476D1CE4E5B9ULL;
  return static_cast<uint8_t>((x >> 47) ^ (x >> 23));
}

struct Request {
  uint32_t client = 0;
  uint64_t address = 0;
  uint32_t length = 0;
  uint32_t dst = 0;
  uint32_t cookie = 0;
};

class DmaReadBench {
 public:
  explicit DmaReadBench(uint32_t seed);

  Completer host;
  std::unique_ptr<Dut> dut;
  uint32_t ready_percent = 100;     // of rdreq_ready
  uint64_t now = 0;                 // cycles since reset
  uint64_t time_ns = 0;             // steps by 4 a cycle
  uint64_t unexpected = 0;          // pulses of ev_unexpected_cpl_o
  uint64_t unfit = 0, refused = 0, aborted = 0;  // of ev_unfit_cpl_o, ev_cpl_ur_o, ev_cpl_ca_o
  std::vector<uint32_t> done_errors;  // of pieces that retired with one
  std::map<uint32_t, uint64_t> tag_sent_ns;  // last use of each tag

  void ask(const Request& request);  // queues it at its client
  void cycle();
  bool drain(uint64_t cycles);       // until nothing is asked and idle_o is high
  void set_mrrs(uint32_t code);
  bool clients_done() const;
  const std::string& failure() const { return failure_; }
  // Same flops after `cycles` cycles of passing time?
  bool at_rest(uint64_t cycles);

 private:
  struct Active {
    Request request;
    std::vector<bool> written;
    uint32_t written_count = 0;
    uint32_t done = 0;
    uint32_t good = 0;   // octets of pieces that retired well
  };
  void fail(const std::string& what) { if (failure_.empty()) failure_ = what; }
  void drive_requests();
  void take_request();
  void drive_completion();
  void check_write();
  void check_done();

  std::mt19937 random_;
  std::array<std::deque<Request>, kClients> waiting_;
  std::map<std::pair<uint32_t, uint32_t>, Active> active_;  // client, cookie
  struct Uncut {
    uint64_t next;
    uint32_t left;
  };
  std::deque<Uncut> cut_;            // requests taken, oldest first: what of each has not been asked for yet
  std::string failure_;
};

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_RTL_DMA_READ_DMA_READ_BENCH_H_
