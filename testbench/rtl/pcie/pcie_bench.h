// A bench round the verilated module `pcie`: a host that sends TLPs within the credits it was given, a register block
// that answers, DMA clients that ask, and a monitor that holds every TLP that comes out to the rules (P1..P46).
//
// Time is counted in clock cycles. One bench per test; one thread.
#ifndef RINGSIDE_TESTBENCH_RTL_PCIE_PCIE_BENCH_H_
#define RINGSIDE_TESTBENCH_RTL_PCIE_PCIE_BENCH_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <vector>

#include "testbench/rtl/pcie/tlp.h"

namespace ringside::testbench::pcie {

constexpr unsigned kWidth = RINGSIDE_WIDTH;
constexpr unsigned kBeatDws = kWidth / 32;
constexpr unsigned kBdf = 0x0500;            // bus 5, device 0, function 0

struct CsrAccess {
  bool write;
  uint32_t address;
  unsigned be;
  uint32_t data;
  uint64_t cycle;
};

struct DmaRequest {
  uint64_t address;       // multiple of 4
  unsigned length;        // DWs
  unsigned first_be, last_be;
  unsigned tag = 0;
  std::vector<uint32_t> data = {};
  bool last = true;       // of a request of the write client
  unsigned client = 0;
};

inline std::vector<uint32_t> words(unsigned count, uint32_t seed) {
  std::vector<uint32_t> data;
  for (unsigned i = 0; i < count; ++i) data.push_back(seed * 0x10001 + i);
  return data;
}
inline DmaRequest write_of(uint64_t address, unsigned length, uint32_t seed) {
  return {address, length, 0xF, length > 1 ? 0xFu : 0u, 0, words(length, seed)};
}

struct CplBeat {
  bool sop, eop, poisoned;
  unsigned tag, status, byte_count, lower_address, length;
  std::vector<uint32_t> data;
};

// Raw beats, for what no well-behaved host would send.
struct Beat {
  bool sop, eop;
  std::array<uint32_t, 4> dw;
  std::vector<uint32_t> data;
};

class PcieBench {
 public:
  PcieBench();
  ~PcieBench();

  void step();
  void run(unsigned cycles);
  // Runs until nothing is left to do; fails the test after `limit` cycles.
  void settle(unsigned limit = 5000);

  void send(const Tlp& tlp);                       // when the credits allow, in order
  void send_beat(const Beat& beat) { raw_.push_back(beat); }
  void write(const DmaRequest& request) { writes_.push_back(request); }
  void read(const DmaRequest& request) { reads_.push_back(request); }

  // Set-up through the bus, as a host does it.
  void configure(uint64_t bar = 0xF000'0000, uint32_t command = 6);
  uint32_t cfg_read(unsigned reg);
  void cfg_write(unsigned reg, uint32_t value, unsigned be = 0xF);
  Tlp request(const Tlp& tlp);                     // sends a non-posted request and returns its completion

  bool idle() const;
  size_t waiting() const { return writes_.size(); }
  struct Msi { bool enable; uint64_t address; unsigned data, count, mask; };
  Msi msi() const;
  unsigned nonposted_credits() const;              // given so far, modulo 256

  // What came out
  std::vector<Tlp> out;
  std::vector<CplBeat> cpl_beats;
  std::vector<CsrAccess> csr_log;
  std::vector<unsigned> done;                      // of the write clients, one-hot
  std::vector<DmaRequest> taken;                   // writes whose first beat was
  bool bus_master = false;
  unsigned malformed = 0, flr = 0, ev_reads = 0, ev_writes = 0;

  // Knobs
  std::map<uint32_t, uint32_t> csr_memory;
  unsigned csr_delay = 1;                          // cycles from access to ack
  std::function<bool()> ready = [] { return true; };
  std::function<bool()> write_gap = [] { return false; };
  bool engine_reset = false;
  bool dma_pending = false, dma_timeout = false, dma_refused = false, dma_aborted = false;
  uint32_t msi_pending = 0;
  bool message = false, mark = false;              // one of ours is on its way; the time
  struct Credits {
    uint8_t ph = 32;
    uint16_t pd = 512;
    uint8_t nph = 32, cplh = 32;
    uint16_t cpld = 512;
  } credits;
  bool infinite_credits = true;                    // give back what is used
  unsigned mps_dws = 1024;                         // bound that the monitor holds writes to
  uint64_t cycle = 0;

 private:
  struct Dut;
  struct Host { uint8_t ph = 0, nph = 0; uint16_t pd = 0, npd = 0; };   // consumed by what we sent
  void drive_host();
  void drive_dma();
  void drive_csr();
  void sample();
  void monitor(const Tlp& tlp);
  void take_credits(const Tlp& tlp);
  bool credit_for(const Tlp& tlp) const;

  std::unique_ptr<Dut> dut_;
  std::deque<Tlp> to_send_;
  std::deque<Beat> raw_;
  std::deque<DmaRequest> writes_, reads_;
  size_t write_beat_ = 0;
  bool write_offered_ = false;
  Host sent_;
  Credits used_{0, 0, 0, 0, 0};                             // of the TLPs that came out
  Tlp current_;                                    // being received
  bool in_tlp_ = false;
  unsigned since_ready_ = 0;
  bool ready_pin_ = true;
  std::deque<std::pair<uint64_t, uint32_t>> acks_; // cycle, data
  unsigned next_tag_ = 0;
};

}  // namespace ringside::testbench::pcie

#endif  // RINGSIDE_TESTBENCH_RTL_PCIE_PCIE_BENCH_H_
