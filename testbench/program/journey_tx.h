// The sending half of one NIC as journeys see it: which packet a read of the device belongs to, a frame on the wire, a
// consumer index. What the rings hold is known from the descriptors in the completions.
#ifndef RINGSIDE_TESTBENCH_PROGRAM_JOURNEY_TX_H_
#define RINGSIDE_TESTBENCH_PROGRAM_JOURNEY_TX_H_

#include <cstdint>
#include <deque>
#include <vector>

#include "driver/nic_regs.h"
#include "driver/observer.h"
#include "testbench/program/journey_log.h"
#include "testbench/program/journey_notes.h"

namespace ringside::testbench {

class JourneyTx {
 public:
  JourneyTx(JourneyLog& log, unsigned host) : log_(log), host_(host) {}

  // The driver.
  void place(const driver::TxPlace& place);
  void posted(unsigned queue, uint32_t first_idx, uint32_t entries, const stack::Packet& packet, sc_model::TimePs now);
  IdRuns doorbell(uint32_t prod_idx, JourneyStep step,
                  sc_model::TimePs now);  // kDoorbell: at the CPU; kTold: at the NIC
  void given_back(uint32_t cons_idx, sc_model::TimePs now, const InterruptTimes& interrupts);

  // The NIC. False: the access is none of this ring's.
  bool read(const sc_model::EnabledBytes& what, sc_model::TimePs now, PendingRead* read, IdRuns* note);
  IdRuns descriptors(uint32_t index, const uint8_t* bytes, uint32_t count, sc_model::TimePs now);
  IdRuns data(uint64_t group, uint32_t offset, uint32_t bytes, sc_model::TimePs now);
  IdRuns consumed(uint32_t cons_idx, sc_model::TimePs now);
  uint64_t status_bus() const { return place_.status.value; }
  // The frame that left the NIC, if it is of this ring; 0: it is not. `anywhere`: not only the next one.
  uint64_t sent(const PacketHead& head, bool anywhere);


 private:
  struct Packet {
    uint64_t group = 0;
    uint32_t frames = 1;
    uint32_t sent = 0;  // frames that were seen on the wire
    uint32_t first_idx = 0, entries = 0;
    uint32_t bytes = 0, header_bytes = 0, segment_bytes = 0;
    bool given_back = false;
  };
  struct Entry {
    uint64_t address = 0;
    uint32_t bytes = 0;  // 0: an extension
    bool known = false;
  };

  Entry& entry(uint32_t index) { return entries_[index & (place_.entries - 1)]; }
  Packet* packet_of(uint32_t index);
  uint64_t frame_at(const Packet& packet, uint32_t offset) const;
  bool fetch(const sc_model::EnabledBytes& what, sc_model::TimePs now, PendingRead* read, IdRuns* note);
  bool find(uint64_t address, uint32_t* index, uint32_t* offset);
  void give_up_before(const Packet& packet, uint32_t frame);
  void forget();

  JourneyLog& log_;
  unsigned host_;
  driver::TxPlace place_;
  std::vector<Entry> entries_;
  std::deque<Packet> packets_;            // posted, in order
  uint32_t fetched_idx_ = 0;              // entries asked for
  uint32_t read_idx_ = 0;                 // entry that is read next
  uint32_t read_offset_ = 0;              // ... from this byte of it
  uint32_t done_idx_ = 0;                 // as told in the status block
  uint32_t rung_idx_ = 0, told_idx_ = 0;  // doorbells
};

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_PROGRAM_JOURNEY_TX_H_
