// Completer: the host side of DMA reads at the level of nic_core's wires. Takes read requests, checks that they are
// legal, answers with completion beats; written from PCI Express Base Specification 2.2.5, 2.2.9, 2.3.1.1.
//
// Ordering: completions of one request in address order; of different requests in order or shuffled.
// Units: bytes, core cycles. Errors: broken rules are collected in `faults`, a test must find it empty.
#ifndef RINGSIDE_TESTBENCH_RTL_DMA_READ_COMPLETER_H_
#define RINGSIDE_TESTBENCH_RTL_DMA_READ_COMPLETER_H_

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <random>
#include <string>
#include <vector>

namespace ringside::testbench {

struct ReadRequest {
  uint64_t address = 0;  // of the first DW
  uint32_t dws = 0;
  uint32_t first_be = 0;
  uint32_t last_be = 0;
  uint32_t tag = 0;

  uint64_t first_byte() const;
  uint32_t bytes() const;  // from the first to the last enabled one
};

struct Completion {
  uint32_t tag = 0;
  uint32_t status = 0;
  uint32_t byte_count = 0;
  uint32_t lower_address = 0;
  uint32_t dws = 0;
  bool poisoned = false;
  uint64_t address = 0;          // of the first DW
  std::vector<uint8_t> payload;  // whole DWs
  uint64_t due = 0;              // cycle from which on it may be sent
};

struct CompletionBeat {
  bool valid = false;
  bool sop = false;
  bool eop = false;
  Completion header;           // valid with sop
  std::vector<uint8_t> data;   // one beat
};

enum class Split { kNone, kEveryRcb, kRandom };

class Completer {
 public:
  using Memory = std::function<uint8_t(uint64_t address)>;
  // May change, drop (clear) or add completions of one request.
  using Tamper = std::function<void(const ReadRequest&, std::vector<Completion>&)>;

  Completer(uint32_t beat_bytes, Memory memory, uint32_t seed)
      : beat_bytes_(beat_bytes), memory_(std::move(memory)), random_(seed) {}

  Split split = Split::kNone;
  uint32_t rcb = 64;
  uint32_t mps = 256;           // of the root: longest completion
  bool shuffle = false;         // between tags
  uint32_t latency = 0;         // cycles
  uint32_t gap_percent = 0;     // beats held back
  uint32_t mrrs = 512;          // in force, bytes
  uint32_t tags = 256;          // Extended Tag Enable on: 8 bits; off: 32
  bool read_late = false;       // memory is read when the completion is sent, not when the request comes
  Tamper tamper;

  void request(const ReadRequest& request, uint64_t now);
  CompletionBeat beat(uint64_t now);           // once a cycle
  void inject(Completion completion, uint64_t now);
  bool outstanding(uint32_t tag) const { return outstanding_[tag] != 0; }
  bool quiet() const { return queue_.empty() && !sending_; }

  std::vector<std::string> faults;
  uint64_t requests = 0;

 private:
  void check(const ReadRequest& request);
  std::vector<Completion> answer(const ReadRequest& request);
  void fill(Completion& completion);
  size_t choose(uint64_t now);

  uint32_t beat_bytes_;
  Memory memory_;
  std::mt19937 random_;
  std::deque<Completion> queue_;
  std::array<uint32_t, 256> outstanding_{};  // completions still to be sent
  bool sending_ = false;
  Completion current_;
  size_t sent_bytes_ = 0;
};

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_RTL_DMA_READ_COMPLETER_H_
