// Rules of interrupts, judged at the device's pins: I1 to I11, and P36, P37 of the messages themselves. Fed by DeviceRingChecker, which knows status
// writes and messages; registers of moderation and MSI-X are followed here.
//
// An event is a frame, a packet or a time of departure that a status write has reported. The model says from when on a
// message is due and from when on one would be allowed. kSlackPs is how long a write may wait inside the device, for
// credits or the link: its timers may have started that much before a status write is seen, a message may come that much
// later, and a status write may have been begun that much before the re-arm that it passes on its way out. Beyond it, as
// long as there were no credits or the link was busy with what the device had sent before.
#ifndef RINGSIDE_SC_MODEL_CHECK_RING_INTERRUPT_H_
#define RINGSIDE_SC_MODEL_CHECK_RING_INTERRUPT_H_

#include <array>
#include <cstdint>
#include <string>

#include "sc_model/check_ring.h"
#include "sc_model/event_history.h"
#include "sc_model/observer.h"
#include "sc_model/send_credits.h"
#include "sc_model/violation.h"

namespace ringside::sc_model {

class InterruptChecker {
 public:
  static constexpr TimePs kSlackPs = 20 * kPsPerUs;
  static constexpr unsigned kVectors = map::kMsixTableCount;

  InterruptChecker(std::string object, ViolationLog& log);

  // Registers as they arrive at the device.
  void on_register_write(TimePs now, uint32_t offset, uint32_t value);
  void on_msix_control(TimePs now, bool enable, bool function_mask);
  // A word of the MSI capability (7.7.1): message control, address, data.
  void on_msi_write(unsigned at, uint32_t value);
  void reset();

  // The vector that a message of this address and data belongs to; -1: none of the MSI-X table.
  int vector_of(uint64_t address, uint32_t data) const;
  // A status write of the queue: its tag, how many frames and packets it reports, and whether it brings a new stamp.
  struct News {
    uint32_t frames = 0, packets = 0;
    bool stamp = false;
  };
  void on_status(TimePs now, unsigned queue, uint32_t tag, const News& news);
  // P36: one DW, all bytes, with the address and data of a vector. False: it is nobody's message.
  bool judge_form(const TlpEvent& event, int vector);
  // `entries_waiting`: return entries were sent that no status write has told of (D5 when the message comes first).
  void on_message(TimePs now, int vector, bool entries_waiting);
  // The device had no credits for a message from then up to now: no deadline lies before that.
  void excuse(TimePs from, TimePs now);
  // Deadlines are later by as long as the link was busy.
  void link_was_busy(const SendCredits::Busy& busy) { link_ = busy; }
  // Deadlines that have passed. Cheap: one comparison when there is none.
  void check_time(TimePs now) {
    if (now > earliest_due_ps_) look(now);
  }

 private:
  struct Vector {
    uint64_t address = 0;
    uint32_t data = 0;
    bool masked = true;
    TimePs masked_ps = 0;       // since when
  };
  struct Queue {
    bool mask = true, auto_mask = false, force = false;
    uint32_t rx_frames = 1, rx_us = 0, tx_frames = 1, tx_us = 0, max_us = 1000, gap_us = 0;
    uint32_t frames = 0, packets = 0;                          // unreported
    TimePs first_frame_ps = kNever, first_packet_ps = kNever;  // of the first unreported
    TimePs frame_ready_ps = 0, packet_ready_ps = 0;            // when its status block may have been ready to be sent
    bool parameters_changed = false;                           // while events were unreported
    bool stamped = false;       // times of departure are among them: each counts, though one write may tell of several
    uint32_t reasons = 0;       // status writes with events, re-arms with an old tag, forces since the last message
    TimePs last_reason_ps = 0;
    uint32_t left_overs = 0;    // messages that may come still, for reasons that met the last one on its way ..
    TimePs left_over_ps = 0;    // .. until then
    uint32_t tag = 0;           // of the last status write
    bool newer = false;         // re-armed with an old tag: a message at once
    bool lifted = false;        // mask lifted over unreported events: a message at once
    TimePs loose_ps = 0;        // the next status write until then may have been begun before the driver re-armed ..
    TimePs maybe_newer_ps = 0;  // .. and then a message at once, until here, is right too
    TimePs message_ps = kNever; // the last message
    TimePs decided_ps = 0;      // when it may have been decided at the earliest
    TimePs due_ps = kNever;     // when a message is due at the latest, slack left out
    const char* due_rule = nullptr;
    TimePs busy_ps = 0;         // of the link, when that was found out
    TimePs masked_ps = 0;       // since when
    bool masked_itself = false; // by its automatic mask
    TimePs armed_ps = 0;        // since when not masked
    TimePs opened_ps = 0;       // since when its vector is not masked in the MSI-X table
    TimePs touched_ps = 0;      // when the driver last wrote something that a message depends on
    TimePs status_ps = 0;       // the last status write with events
    bool raced = false;         // an unreported event came within kRacePs of the driver's write
    EventHistory<12> history;
    bool waiting() const { return frames + packets > 0; }
    void reason(TimePs now) { ++reasons, last_reason_ps = now; }
    void reported() {           // nothing is left to tell
      frames = packets = 0;
      first_frame_ps = first_packet_ps = due_ps = kNever;
      parameters_changed = stamped = newer = lifted = raced = false;
      maybe_newer_ps = 0;
    }
  };
  bool open(const Queue& queue, unsigned q) const { return !queue.mask && can_send(q + 1); }
  bool can_send(unsigned v) const { return enabled_ && !function_mask_ && !vectors_[v].masked; }
  void on_queue_write(TimePs now, const QueueRegister& at, uint32_t value);
  void on_vector_write(TimePs now, uint32_t offset, uint32_t value);
  void rearm(TimePs now, Queue& queue, uint32_t tag);
  static void touched(TimePs now, Queue& queue);
  bool vector_masked(TimePs now, unsigned vector) const;
  TimePs stretched(TimePs deadline) const;
  TimePs held_up(TimePs then) const;
  void consider(TimePs now, unsigned q);
  void due(TimePs when, const char* rule, Queue& queue) const;
  void count_left_overs(TimePs now, Queue& queue, bool own_reason) const;
  static TimePs left_over(const Queue& queue);
  bool allowed(TimePs now, const Queue& queue) const;
  bool maybe_newer(TimePs now, const Queue& queue) const;
  bool in_gap(TimePs now, const Queue& queue) const;
  void look(TimePs now);
  void report(const char* rule, TimePs now, unsigned q, const std::string& why);

  std::string object_;
  ViolationLog& log_;
  bool enabled_ = false, function_mask_ = true, msi_enabled_ = false;
  uint64_t msi_address_ = 0;
  uint32_t msi_data_ = 0, msi_messages_ = 1;
  TimePs disabled_ps_ = 0;
  std::array<Vector, kVectors> vectors_;
  std::array<Queue, kQueueSets> queues_;
  TimePs earliest_due_ps_ = kNever;
  SendCredits::Busy no_credits_, link_;  // the last stretch in which it could not send, or had to wait
};

}  // namespace ringside::sc_model

#endif  // RINGSIDE_SC_MODEL_CHECK_RING_INTERRUPT_H_
