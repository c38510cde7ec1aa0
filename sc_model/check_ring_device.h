// Rules of the device at its rings, judged at its pins: what it was told (register writes, descriptors in completions)
// against what it does (requests, writes, messages). Files by part:
//   check_ring_device.cpp      registers, requests and completions told apart; D13, D18, and D3/D4 of what fits nothing
//   check_ring_frames.cpp      whole packets and frames gathered for the frame checker
//   check_ring_errors.cpp      P31 P32 P33: reads that fail, and what the driver gets to know of it
//   check_ring_device_tx.cpp   D1 D2 D3 D6 D7 D10 D14 D16 of the TX ring (D16 in check_ring_device.cpp)
//   check_ring_device_rx.cpp   D1 D2 D4 D5 D7 D8 D9 D10 D11 D19 of RX and return ring
//   check_ring_status.cpp      D5 D10 D12 D15 of the status block, and what it tells the interrupt checker
// At the pins there is one order of all events, so a verdict here never depends on the host's timing: a host that
// reorders or a driver that lies is not the device's fault, and no rule below can be broken by them.
// Descriptors are the copies that the device was given, so a change behind its back does not count against it.
#ifndef RINGSIDE_SC_MODEL_CHECK_RING_DEVICE_H_
#define RINGSIDE_SC_MODEL_CHECK_RING_DEVICE_H_

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "sc_model/check_frames.h"
#include "sc_model/check_ring.h"
#include "sc_model/check_ring_interrupt.h"
#include "sc_model/observer.h"
#include "sc_model/pcie_settings.h"
#include "sc_model/send_credits.h"

namespace ringside::sc_model {

// State of one ring as the device was told.
struct DeviceRing {
  uint64_t base = 0;
  uint32_t size = 8;
  uint32_t size_log2 = 3;
  bool enabled = false;  // as the driver wrote it
  bool quiet = true;     // reported: nothing is running any more
  bool resetting = false;  // asked for, and not reported to be done: its index goes to 0 in the status block
  bool failed = false;   // a request of it ended with an error, or a bad descriptor was fetched
  bool timed_out = false;  // an answer came later than the device waits: it may stand in error
  const char* failed_rule = nullptr;  // P31: poisoned data came, P32: an error completion; for entry failed_index
  uint32_t failed_index = 0;
  TimePs failed_ps = kNever;
  TimePs given_up_age_ps = 0;  // of the oldest read whose tag was used again without an answer
  uint32_t prod = 0;     // doorbell
  uint32_t fetched = 0;  // asked for
  uint32_t cons = 0;     // told in the status block
  TimePs moved_ps = 0;
  EventHistory<10> history;

  uint32_t mask() const { return size - 1; }
  bool holds(uint64_t bus, uint32_t entry_bytes) const { return bus - base < uint64_t{size} * entry_bytes; }
};

struct DeviceTxDescriptor {
  uint64_t address = 0;
  uint32_t length = 0;
  uint16_t flags = 0;
  map::TxDescriptor raw{};
  bool known = false;     // its copy has arrived
  bool bad = false;
  bool failed = false;    // a read of it ended with an error
  uint32_t asked = 0;     // bytes requested
  TimePs asked_ps = 0;    // the first of them
  uint32_t arrived = 0;
};

struct DeviceRxDescriptor {
  uint64_t address = 0;
  uint32_t length = 0;
  uint32_t opaque = 0;
  bool known = false;
  uint32_t written = 0;  // bytes, from the start
  uint32_t end = 0;
  bool early = false;    // its return entry came before its payload, and that was reported
  uint8_t head[14] = {};  // of the frame, when it starts here
};

struct DeviceQueue {
  DeviceRing tx, rx, ret;
  std::vector<DeviceTxDescriptor> tx_copy;
  std::vector<DeviceRxDescriptor> rx_copy;
  std::vector<uint8_t> ret_eop;
  std::vector<Octets> tx_octets, rx_octets;  // by slot: data as it passed the pins
  Octets frame;              // of the return entries since the last sop
  bool frame_sound = true;   // nothing was wrong with its entries
  uint32_t tx_told = 0;      // packets before it are known to the frame checker
  uint32_t reading = 0;      // TX descriptor that is being read
  uint32_t writing = 0;      // RX descriptor that is being written
  uint32_t ret_written = 0;  // return entries sent
  TimePs ret_untold_ps = 0;  // since when there are some that no status block has told of
  uint32_t frame_bytes = 0;  // of the frame whose entries are being sent
  bool in_frame = false;
  bool early = false;        // a buffer of it is: see DeviceRxDescriptor
  StatusBase status_base;
  uint32_t status_tag = 0;
  uint64_t stamp = 0;        // time of departure told last
  EventHistory<8> status_history;
};

class DeviceRingChecker : public Observer {
 public:
  DeviceRingChecker(std::string object, const PcieSettings& settings, Accused& accused, ViolationLog& log);
  void on_tlp(const TlpEvent& event) override;
  void on_credits(const CreditEvent& event) override;
  void set_frames(FrameChecker* frames) { frames_ = frames; }  // null: nobody wants to know
  void set_link(const LinkRate* rate) { credits_.set_link(rate); }  // null: one that is never busy
  // D16 and the interrupt bounds, when nothing happens any more.
  void check_time(TimePs now);

 private:
  void excuse(TimePs now);
  void note_credits(TimePs now);
  TimePs stand_still_ps() const;
  enum class ReadKind : uint8_t { kNone, kTxFetch, kRxFetch, kTxData };
  struct Read {
    ReadKind kind = ReadKind::kNone;
    unsigned queue = 0;
    uint32_t index = 0;  // first descriptor
    uint32_t done = 0;   // bytes that have come
    uint32_t bytes = 0;
    TimePs asked_ps = 0;
    uint32_t offset = 0;  // in the buffer
  };
  struct RegisterRead { bool live = false; uint32_t offset = 0; TimePs time_ps = 0; };

  // Registers.
  void on_host_tlp(const TlpEvent& event);
  void on_register_write(TimePs now, uint32_t offset, uint32_t value);
  void on_queue_write(TimePs now, const QueueRegister& at, uint32_t value);
  void on_register_value(TimePs now, uint32_t offset, uint32_t value);
  void on_state(TimePs now, unsigned q, DeviceRing& ring, uint32_t value);
  void on_error_reason(TimePs now, unsigned q, DeviceRing& ring, uint32_t reason);
  bool waits_for_host(TimePs now, unsigned q, DeviceRing& ring) const;
  TimePs oldest_read(TimePs now, unsigned q, const DeviceRing& ring) const;
  void on_failure(const TlpEvent& event, Read& read);
  void retire(TimePs now, Read& read);
  void forget_reads(TimePs now, unsigned q, bool tx);
  void excuse_segments(TimePs now);
  static TimePs asked_since(TimePs now, const DeviceQueue& queue);
  void on_counter(TimePs now, uint32_t offset, uint32_t value, const RegisterRead& read);
  void turn_on_tx(DeviceQueue& queue, TimePs now);
  void turn_on_rx(DeviceQueue& queue, TimePs now);
  void reset_all(TimePs now);

  // The device's requests.
  void on_device_tlp(const TlpEvent& event);
  void on_read(const TlpEvent& event);
  void on_write(const TlpEvent& event);
  void on_data(const TlpEvent& event);
  bool all_quiet() const;
  bool judge_after_stop(const TlpEvent& event, unsigned q, const DeviceRing& ring, const char* what);  // D13
  void stray(const TlpEvent& event, bool write);

  bool tx_fetch(const TlpEvent& event, unsigned q, uint64_t bus, uint32_t bytes);
  bool tx_data(const TlpEvent& event, unsigned q, uint64_t bus, uint32_t bytes);
  int32_t find_tx(const DeviceQueue& queue, uint64_t bus, uint32_t bytes, bool next) const;
  void tx_copy_arrived(DeviceQueue& queue, uint32_t index, const uint8_t* bytes);
  void tx_data_arrived(TimePs now, const Read& read, const uint8_t* from, uint32_t bytes);
  void tell_packets(TimePs now, unsigned q);
  void tell_packet(TimePs now, unsigned q, uint32_t end);
  void tell_frame(TimePs now, unsigned q, const map::ReturnEntry& entry);
  void tx_passed(TimePs now, unsigned q, uint32_t cons);
  bool rx_fetch(const TlpEvent& event, unsigned q, uint64_t bus, uint32_t bytes);
  bool rx_data(const TlpEvent& event, unsigned q, uint64_t bus, uint32_t bytes);
  bool late_payload(const DeviceQueue& queue, uint64_t bus, uint32_t bytes) const;
  int32_t find_rx(const DeviceQueue& queue, uint64_t bus, uint32_t bytes) const;
  bool return_entries(const TlpEvent& event, unsigned q, uint64_t bus, uint32_t bytes);
  void return_entry(TimePs now, unsigned q, const map::ReturnEntry& entry);
  void judge_entry(TimePs now, unsigned q, const map::ReturnEntry& entry, DeviceRxDescriptor& buffer);
  void judge_frame(TimePs now, unsigned q, const map::ReturnEntry& entry, const DeviceRxDescriptor& buffer);
  bool status_write(const TlpEvent& event, unsigned q, uint64_t bus, uint32_t bytes);
  void judge_status(TimePs now, unsigned q, const map::StatusBlock& block);
  bool judge_index(TimePs now, unsigned q, const char* name, uint32_t old, uint32_t value, uint32_t limit);
  int message_vector(const TlpEvent& event) const;
  bool fetch_in_order(const TlpEvent& event, unsigned q, DeviceRing& ring, const char* name, uint64_t bus,
                      uint32_t bytes);

  void report(const char* rule, TimePs now, unsigned q, const char* ring, uint32_t index, const std::string& why);
  void report_access(const char* rule, const TlpEvent& event, unsigned q, const char* ring, const std::string& why);

  std::string object_;
  const PcieSettings& settings_;
  Accused& accused_;
  ViolationLog& log_;
  SendCredits credits_;
  TimePs no_credits_since_ps_ = kNever;  // for a write of the longest payload
  InterruptChecker interrupts_;
  FrameChecker* frames_ = nullptr;
  Octets packet_;           // the one being put together for it
  bool armed_ = false;      // a queue set was written to: the function behind the pins is the NIC of the map
  bool resetting_ = false;  // RESET.soft was written and not yet read as zero
  bool tx_enabled_ = false;
  bool may_wait_ = false;   // pause frames are obeyed, or the link was seen down: sending may stand still
  uint16_t flr_offset_ = 0;
  uint64_t dma_timeout_us_ = map::DmaTimeout::kResetValue;
  std::array<DeviceQueue, kQueueSets> queues_;
  std::array<Read, 256> reads_;
  std::array<RegisterRead, 256> register_reads_;
  std::array<uint64_t, map::kNumCounters> counter_value_{};
  uint64_t sent_reads_ = 0, sent_writes_ = 0, sent_messages_ = 0, sent_status_ = 0;  // since reset
  TimePs last_dma_ps_ = 0;
  TimePs next_look_ps_ = 0;
};

}  // namespace ringside::sc_model

#endif  // RINGSIDE_SC_MODEL_CHECK_RING_DEVICE_H_
