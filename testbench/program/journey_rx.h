// The receiving half of one NIC as journeys see it. Frames that arrived (`Arrivals`, of the whole NIC) wait until a
// write to a buffer shows one of them; from there on its buffer, its return entry and the producer index name it.
#ifndef RINGSIDE_TESTBENCH_PROGRAM_JOURNEY_RX_H_
#define RINGSIDE_TESTBENCH_PROGRAM_JOURNEY_RX_H_

#include <cstdint>
#include <deque>
#include <vector>

#include "driver/nic_regs.h"
#include "driver/observer.h"
#include "testbench/program/journey_log.h"
#include "testbench/program/journey_notes.h"

namespace ringside::testbench {

// Good frames that reached the NIC and were not seen in memory yet.
class Arrivals {
 public:
  explicit Arrivals(JourneyLog& log) : log_(log) {}
  void add(uint64_t id, uint64_t key, sc_model::TimePs now);
  uint64_t take(uint64_t key, sc_model::TimePs now);  // 0: there is none

 private:
  static constexpr size_t kMost = 4096;
  static constexpr sc_model::TimePs kLongestWayPs = 1000 * sc_model::kPsPerUs;
  struct Frame {
    uint64_t id, key;
    sc_model::TimePs at;
  };
  void drop_front();

  JourneyLog& log_;
  std::deque<Frame> frames_;
};

class JourneyRx {
 public:
  JourneyRx(JourneyLog& log, Arrivals& arrivals) : log_(log), arrivals_(arrivals) {}

  // The driver.
  void place(const driver::RxPlace& place);
  void provided(uint32_t prod_idx, sc_model::TimePs now);
  // Id of the frame whose last return entry this is; its last steps at the NIC are filled in.
  uint64_t taken(unsigned queue, uint32_t ret_idx, sc_model::TimePs now, const InterruptTimes& interrupts);

  // The NIC. False: the access is none of these rings'.
  bool fetch(const sc_model::EnabledBytes& what, PendingRead* read);
  void descriptors(uint32_t index, const uint8_t* bytes, uint32_t count, sc_model::TimePs now);
  bool write(const sc_model::EnabledBytes& what, const uint8_t* bytes, sc_model::TimePs now, IdRuns* note,
             bool* is_entry);
  IdRuns produced(uint32_t ret_prod_idx, sc_model::TimePs now);


 private:
  struct Buffer {
    uint64_t address = 0;
    uint32_t bytes = 0;
    bool known = false;
    uint64_t id = 0;                                                  // of the frame that starts here
    sc_model::TimePs provided = 0, fetched = 0, first = 0, last = 0;  // 0: not yet
  };

  Buffer& buffer(uint32_t index) { return buffers_[index & (place_.entries - 1)]; }
  bool entries(const sc_model::EnabledBytes& what, const uint8_t* bytes, sc_model::TimePs now, IdRuns* note);
  void entry(const driver::regs::ReturnEntry& entry, sc_model::TimePs now, IdRuns* note);
  bool data(const sc_model::EnabledBytes& what, const uint8_t* bytes, sc_model::TimePs now, IdRuns* note);
  bool find(const sc_model::EnabledBytes& what, uint32_t* index);

  JourneyLog& log_;
  Arrivals& arrivals_;
  driver::RxPlace place_;
  std::vector<Buffer> buffers_;
  std::vector<uint64_t> frame_of_;  // by return entry: id of the frame that ends there; 0: none does
  uint64_t frame_ = 0;              // whose bytes are being written
  uint64_t entry_frame_ = 0;        // whose entries are coming
  uint32_t provided_idx_ = 0, fetched_idx_ = 0, write_idx_ = 0, entry_idx_ = 0, produced_idx_ = 0;
};

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_PROGRAM_JOURNEY_RX_H_
