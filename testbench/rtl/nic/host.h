// The host on the TLP pins of nic_top: memory as one flat array, a completer, MMIO and configuration requests, message
// interrupts. Written from PCI Express Base Specification 2.x and from the comments of nic_top's ports.
//
// The thinnest that can hold the NIC to the rules: no allocation for a beat, payload moves straight between pins and
// memory. Reads take their bytes from memory when the completion leaves, so a buffer that the NIC gave back too early
// shows. Unit of time: cycles of the core clock. Byte order: little-endian. Threads: none.
#ifndef RINGSIDE_TESTBENCH_RTL_NIC_HOST_H_
#define RINGSIDE_TESTBENCH_RTL_NIC_HOST_H_

#include <array>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "testbench/rtl/nic/dut.h"
#include "testbench/rtl/nic/random.h"
#include "testbench/rtl/nic/verdicts.h"

namespace ringside::testbench::nic {

enum class Split { kNone, kRcb, kRandom };       // where completions are cut: only at MPS, at every RCB, at some
enum class Ready { kAlways, kRandom, kBursts };  // tx_tlp_ready_i
enum class Fault { kNone, kUr, kCa, kPoison, kLost, kLate, kBadCount, kDuplicate };  // kLate: see answer_late()

struct HostSettings {
  uint64_t memory_base = 0x1'0000'0000;  // above 4 GB: headers of four DWs
  size_t memory_bytes = 32 << 20;
  unsigned latency = 125;  // cycles, from the last beat of a read request to the first of its completion
  Split split = Split::kNone;
  unsigned rcb = 64;     // octets
  bool reorder = false;  // completions of different tags in any order
  Ready ready = Ready::kAlways;
  bool tight_credits = false;    // a few TLPs' worth, given back slowly; not to be changed while running
  bool withhold_posted = false;  // no credits for posted writes come back
  unsigned mps = 256;            // as set in Device Control, by the driver
  unsigned mrrs = 512;
  uint64_t seed = 1;
};

struct Message {  // a message-signalled interrupt
  uint64_t cycle;
  uint64_t address;
  uint32_t data;
};

struct HostCounts {
  uint64_t reads = 0, writes = 0, messages = 0, status_writes = 0;
  uint64_t read_bytes = 0, write_bytes = 0;
  uint64_t tx_beats = 0, rx_beats = 0;  // NIC to host, host to NIC
  uint64_t busy_tags = 0;               // sum over cycles of the reads not answered yet
  unsigned max_tags = 0;
};

class Host {
 public:
  static constexpr uint64_t kMessageBase = 0xFEE0'0000;  // 1 MB that takes interrupts, as on a PC
  static constexpr uint64_t kBarBase = 0xE000'0000;
  static constexpr uint16_t kBdf = 0x0300;  // bus 3, device 0, function 0

  Host(Dut& dut, const HostSettings& settings, Verdicts* verdicts);

  // Once per core cycle: sample() before the rising edge, drive() after it.
  void sample();
  void drive();
  uint64_t cycle() const { return cycle_; }
  void reset();  // the NIC's pins were reset: forget what is in flight

  uint64_t bar = kBarBase;  // where the host put BAR 0

  // Memory by bus address. Throws std::out_of_range.
  uint8_t* memory(uint64_t address, size_t bytes);

  // Requests to the NIC, in order. Reads answer a ticket; answered() gives the outcome when it has come.
  void write32(uint32_t offset, uint32_t value, unsigned be = 0xF);
  void write64(uint32_t offset, uint64_t value);
  unsigned read32(uint32_t offset);
  unsigned config_read(unsigned offset);
  unsigned config_write(unsigned offset, uint32_t value, unsigned be = 0xF);
  // Any TLP as it is, right or wrong; a non-posted request gets its tag here.
  unsigned tlp(std::array<uint32_t, 4> dw, std::vector<uint32_t> payload = {});
  struct Answer {
    bool done = false;
    unsigned status = 0;
    uint32_t data = 0, data_high = 0;
    std::array<uint32_t, 3> header{};  // of the completion
  };
  const Answer& answer(unsigned ticket) const { return answers_[ticket]; }
  bool quiet() const;  // nothing asked, nothing to answer

  HostSettings settings;  // may be changed while running
  HostCounts counts;
  std::vector<Message> messages;
  std::function<Fault(uint64_t address, unsigned bytes)> fault;    // asked for each read of the NIC
  std::function<void(uint64_t address, unsigned bytes)> on_write;  // told of each memory write of the NIC
  std::vector<uint64_t> status_blocks;                             // for status_writes
  size_t reads_in_flight() const { return reads_.size(); }
  size_t late() const { return late_.size(); }
  size_t answer_late();  // the reads kept back by Fault::kLate are answered now; how many there are

 private:
  struct Request {
    bool config, write;
    uint8_t be, dws, tag;
    uint64_t address;
    uint32_t data[2];
    bool raw = false;  // all is in these two
    std::array<uint32_t, 4> dw{};
    std::vector<uint32_t> payload{};
    bool posted() const;
    bool completion() const;
    unsigned data_credits() const;
  };
  struct Read {
    uint64_t next, end;  // bytes still to be answered
    uint64_t ready;      // cycle
    uint8_t tag;
    uint16_t requester;
    Fault fault;
    bool begun;
  };
  struct Header {
    std::array<uint32_t, 4> dw;
    unsigned type() const { return dw[0] >> 24; }
    unsigned dws() const { return (dw[0] & 0x3FF) == 0 ? 1024 : dw[0] & 0x3FF; }
    uint64_t address() const { return type() & 0x20 ? uint64_t{dw[2]} << 32 | dw[3] : dw[2]; }
  };

  void take_beat();
  void begin_tlp();
  void begin_write(const Header& header);
  void take_payload();
  void end_write();
  void take_read(const Header& header);
  void take_completion(const Header& header);
  void check_request(const Header& header, unsigned limit);
  void charge(const Header& header);
  bool inside(uint64_t address, uint64_t bytes) const;

  void drive_ready();
  void drive_credits();
  bool start_request();
  void start_plain(const Request& request);
  bool start_completion();
  bool may_send(const Request& request) const;
  size_t choose_read();
  uint64_t chunk_end(const Read& read);
  void send_completion(size_t index, uint64_t end);
  void send_error(size_t index, unsigned status);
  void put_header(const std::array<uint32_t, 4>& dw, unsigned payload_dws);
  void put_beat();
  unsigned enqueue(Request request);

  Dut& dut_;
  Verdicts* verdicts_;
  Random random_;
  struct Free {
    void operator()(uint8_t* p) const { std::free(p); }
  };
  std::unique_ptr<uint8_t[], Free> memory_;  // from calloc: pages that nobody touches cost nothing
  uint64_t cycle_ = 0;

  // NIC to host
  bool in_tlp_ = false, in_write_ = false, to_message_ = false, to_nowhere_ = false;
  uint64_t beat_address_ = 0, write_start_ = 0, write_end_ = 0;
  uint8_t message_[4] = {};
  unsigned beats_unready_ = 0, burst_left_ = 0;
  struct Credits {
    uint8_t ph = 0, nph = 0, cplh = 0;
    uint16_t pd = 0, cpld = 0;
  } used_, given_;

  // Host to NIC
  std::deque<Request> requests_;
  std::vector<Read> reads_, late_;
  std::array<Answer, 256> answers_;
  uint8_t next_tag_ = 0;
  uint8_t sent_ph_ = 0, sent_nph_ = 0;
  uint16_t sent_pd_ = 0, sent_npd_ = 0;
  const uint8_t* payload_ = nullptr;  // of the TLP being sent
  unsigned payload_left_ = 0;         // octets
  bool sending_ = false;
  uint32_t request_data_[2] = {};
  std::vector<uint32_t> raw_payload_;
};

}  // namespace ringside::testbench::nic

#endif  // RINGSIDE_TESTBENCH_RTL_NIC_HOST_H_
