// A bench round the verilated module `csr` with kQueues queue sets: the register bus, engines whose indices a test moves,
// and a host memory behind the status client that remembers every write with its time.
//
// Time: a cycle is 4 ns; time_ns_i follows. One bench per test; one thread.
#ifndef RINGSIDE_TESTBENCH_RTL_CSR_CSR_BENCH_H_
#define RINGSIDE_TESTBENCH_RTL_CSR_CSR_BENCH_H_

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace ringside::testbench::csr {

constexpr unsigned kWidth = RINGSIDE_WIDTH;
constexpr unsigned kQueues = RINGSIDE_QUEUES;
constexpr unsigned kCycleNs = 4;
constexpr unsigned kNumCounters = 46;

// Addresses used by name in the tests; the register suite takes all of them from the map instead.
enum Address : uint32_t {
  kControl = 0x00C, kReset = 0x010, kStatus = 0x014, kErrorCause = 0x018, kErrorMask = 0x01C, kScratch = 0x020,
  kTime = 0x028, kTimeHi = 0x02C, kCounters = 0x1000, kPending = 0xC000,
  // of queue 0; queue 1 is 0x200 further
  kTxControl = 0x400C, kTxProd = 0x4010, kTxState = 0x4018, kRxControl = 0x404C, kRxState = 0x4058, kRxProd = 0x4050, kRetCons = 0x408C,
  kStatusBase = 0x40C0, kStatusTag = 0x40C8, kIntControl = 0x4100, kRearm = 0x4104, kRxFrames = 0x4108,
  kRxUsecs = 0x410C, kTxFrames = 0x4110, kTxUsecs = 0x4114, kMaxUsecs = 0x4118, kGapUsecs = 0x411C,
};
constexpr uint32_t kQueueStride = 0x200;
constexpr uint32_t kMask = 1, kAutoMask = 2, kForce = 4;

struct HostWrite {
  uint64_t address;
  std::vector<uint32_t> words;
  uint64_t cycle;              // it has left pcie: its `done`
  bool is_message() const { return words.size() == 1; }
};

class CsrBench {
 public:
  CsrBench();
  ~CsrBench();

  void step();
  void run(unsigned cycles);

  // Register bus
  uint32_t read(uint32_t address, unsigned be = 0xF);
  void write(uint32_t address, uint32_t value, unsigned be = 0xF);
  void write64(uint32_t address, uint64_t value);
  // The write happens in the next step(), which the caller makes: for tests that place it to the cycle.
  void write_now(uint32_t address, uint32_t value);
  void read_now(uint32_t address);

  // Engines: `pulse_early` gives the event in the cycle before the index moves, as tx_engine does.
  void tx_packet(unsigned queue, unsigned descriptors = 1);
  void rx_frame(unsigned queue, unsigned descriptors = 1);
  void tx_stamp(unsigned queue, uint32_t index, uint64_t time_ns);

  // Bring-up of the interrupt path: status block at 0x10000 * (q + 1), vector v at 0xFEE00000 + 16 v, data 0x40 + v.
  void open(unsigned queue = 0, uint32_t int_control = 0);
  unsigned messages(unsigned vector, size_t from = 0) const;
  const HostWrite* last_status(unsigned queue) const;

  bool acked() const { return acked_; }            // in the last step
  bool idle() const;
  bool irq_idle() const;
  uint64_t now_ns() const { return cycle * kCycleNs; }

  // Inputs that a test may move
  struct Inputs {
    bool bus_master = true, msix_enable = true, msix_mask = false, flr = false;
    bool msi_enable = false;
    uint64_t msi_addr = 0xFEE00ABC;
    unsigned msi_data = 0x4100, msi_count = 0, rss_idx = 0;
    uint32_t msi_mask = 0;
    bool engines_idle = true, mac_tx_busy = false, link_up = false, local_fault = false, remote_fault = false;
    std::array<bool, kQueues> tx_running{}, rx_running{};
    std::array<uint32_t, kQueues> tx_cons{}, rx_cons{}, ret_prod{}, tx_error_idx{}, rx_error_idx{};
    std::array<unsigned, kQueues> tx_error{}, rx_error{};
    uint32_t events = 0;         // bit n: counter n of the map in the next step only
    unsigned rx_octets = 0, tx_octets = 0, wire_octets = 0;
  } in;
  std::function<unsigned()> st_delay = [] { return 3u; };   // cycles until done after the last beat
  std::function<bool()> st_stall = [] { return false; };    // no ready in this cycle
  bool pulse_early = false;

  std::vector<HostWrite> writes;
  uint64_t cycle = 0;

  // Outputs
  bool quiesce() const, engine_reset() const;
  uint32_t tx_prod(unsigned q) const, rx_prod(unsigned q) const, ret_cons(unsigned q) const;
  bool tx_enable(unsigned q) const, rx_enable(unsigned q) const;
  unsigned rss_queue() const, pause_high() const, pause_low() const, pause_quanta() const, rss_control() const;
  uint32_t rss_key(unsigned word) const, msi_pending() const;
  unsigned mac_switches() const;      // loopback, pause_rx, pause_tx, vlan_strip, from bit 0
  unsigned tx_resets = 0, rx_resets = 0;

 private:
  struct Dut;
  void drive();
  void sample();
  void wait_ack(unsigned limit);
  std::unique_ptr<Dut> dut_;
  bool bus_valid_ = false, bus_write_ = false;
  uint32_t bus_address_ = 0, bus_data_ = 0;
  unsigned bus_be_ = 0;
  bool acked_ = false;
  uint32_t answer_ = 0;
  // status client
  bool have_request_ = false, swallow_ = false;
  uint64_t request_address_ = 0;
  unsigned request_len_ = 0;
  std::vector<uint32_t> beats_;
  int done_in_ = -1;
  bool off_since_ = false;     // bus mastering was off since the request
  unsigned offs_ = 0;
  unsigned ev_tx_ = 0, ev_rx_ = 0, ev_stamp_ = 0;
  uint32_t stamp_idx_ = 0;
  uint64_t stamp_time_ = 0;
  std::array<uint32_t, kQueues> tx_step_{}, rx_step_{};   // index moves of the next cycle, with pulse_early
};

}  // namespace ringside::testbench::csr

#endif  // RINGSIDE_TESTBENCH_RTL_CSR_CSR_BENCH_H_
