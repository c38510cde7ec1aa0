#include "sc_model/check_ring_interrupt.h"

#include <algorithm>
#include <utility>

namespace ringside::sc_model {
namespace {

// A message may be on its way when a mask is written: behind the writes before it, some KiB of them, of a slow link even so.
constexpr TimePs kGracePs = 5 * kPsPerUs;
constexpr TimePs kRacePs = 64'000;     // I8: sixteen cycles of a 250 MHz core
constexpr uint32_t kStampsHidden = 7;  // 8 may be on their way, one is seen

}  // namespace

InterruptChecker::InterruptChecker(std::string object, ViolationLog& log) : object_(std::move(object)), log_(log) {}

void InterruptChecker::reset() {
  vectors_ = {};
  for (Queue& queue : queues_) {
    const EventHistory<12> history = queue.history;
    queue = Queue{};
    queue.history = history;
  }
  earliest_due_ps_ = kNever;
}

// One stretch as long as nothing between could have been sent in peace.
void InterruptChecker::excuse(TimePs from, TimePs now) {
  if (from > no_credits_.until + kGracePs) no_credits_.since = from;
  no_credits_.until = now;
}

// A deadline within a stretch in which it could not send, for what may be on its way: that lies behind what waited.
TimePs InterruptChecker::stretched(TimePs deadline) const {
  for (const SendCredits::Busy& busy : {no_credits_, link_})
    if (deadline >= busy.since) deadline = std::max(deadline, busy.until + kGracePs);
  return deadline;
}

// How long what came at the pins then may have been ready before.
TimePs InterruptChecker::held_up(TimePs then) const {
  TimePs longest = 0;
  for (const SendCredits::Busy& busy : {no_credits_, link_})
    if (then >= busy.since && then <= busy.until + kGracePs) longest = std::max(longest, then - busy.since);
  return longest;
}

// ---------------------------------------------------------------- registers

void InterruptChecker::on_msix_control(TimePs now, bool enable, bool function_mask) {
  if (enabled_ && !enable) disabled_ps_ = now;
  const bool open = enable && !function_mask, was_open = enabled_ && !function_mask_;
  for (Queue& queue : queues_)
    if (open && !was_open) queue.opened_ps = now;
  for (Vector& vector : vectors_)
    if (function_mask && !function_mask_) vector.masked_ps = now;
  enabled_ = enable;
  function_mask_ = function_mask;
  for (unsigned q = 0; q < kQueueSets; ++q) consider(now, q);
}

// Control (with the number of messages granted), address, and data of the 64-bit form.
void InterruptChecker::on_msi_write(unsigned at, uint32_t value) {
  if (at == 0) {
    msi_enabled_ = (value >> 16 & 1) != 0;
    msi_messages_ = 1u << (value >> 20 & 7);
  } else if (at == 12) {
    msi_data_ = value & 0xFFFF;
  } else if (at == 4 || at == 8) {
    msi_address_ = with_half(msi_address_, at == 8, value);
  }
}

void InterruptChecker::on_register_write(TimePs now, uint32_t offset, uint32_t value) {
  const QueueRegister at = queue_register(offset);
  if (at.at != 0) return on_queue_write(now, at, value);
  const bool table = offset >= map::kMsixTableBase && offset < map::kMsixTableBase + kVectors * map::kMsixTableStride;
  if (table) on_vector_write(now, offset - map::kMsixTableBase, value);
}

void InterruptChecker::on_vector_write(TimePs now, uint32_t offset, uint32_t value) {
  const unsigned v = offset / map::kMsixTableStride;
  Vector& vector = vectors_[v];
  switch (map::kMsixTableBase + offset % map::kMsixTableStride) {
    case map::MsgAddr::address(0): vector.address = with_half(vector.address, false, value); break;
    case map::MsgAddr::address(0) + 4: vector.address = with_half(vector.address, true, value); break;
    case map::MsgData::address(0): vector.data = value; break;
    default: {
      const bool mask = (value & map::VectorControl::kMask.mask()) != 0;
      if (mask && !vector.masked) vector.masked_ps = now;
      if (!mask && vector.masked && v > 0 && v <= kQueueSets) {
        queues_[v - 1].opened_ps = now;
        touched(now, queues_[v - 1]);
      }
      vector.masked = mask;
      break;
    }
  }
  if (v > 0 && v <= kQueueSets) consider(now, v - 1);
}

void InterruptChecker::on_queue_write(TimePs now, const QueueRegister& at, uint32_t value) {
  Queue& queue = queues_[at.queue];
  const auto parameter = [&](uint32_t& which) {
    if (which != (value & 0xFFFF) && queue.waiting()) queue.parameters_changed = true;
    which = value & 0xFFFF;
    queue.history.add(now, "driver writes a moderation register, %llu", value);
  };
  switch (at.at) {
    case map::IntControl::address(0): {
      const bool mask = (value & map::IntControl::kMask.mask()) != 0;
      if (mask && !queue.mask) queue.masked_ps = now, queue.masked_itself = false;
      if (!mask && queue.mask) {
        queue.armed_ps = now;
        queue.loose_ps = now + kSlackPs;
        queue.lifted = queue.waiting();
      }
      queue.mask = mask;
      queue.auto_mask = (value & map::IntControl::kAutoMask.mask()) != 0;
      if ((value & map::IntControl::kForce.mask()) != 0) queue.force = true, queue.reason(now);
      queue.history.add(now, "driver writes INT_CONTROL 0x%llx", value);
      break;
    }
    case map::IntRearm::address(0): rearm(now, queue, value); break;
    case map::IntRxFrames::address(0): parameter(queue.rx_frames); break;
    case map::IntRxUsecs::address(0): parameter(queue.rx_us); break;
    case map::IntTxFrames::address(0): parameter(queue.tx_frames); break;
    case map::IntTxUsecs::address(0): parameter(queue.tx_us); break;
    case map::IntMaxUsecs::address(0): parameter(queue.max_us); break;
    case map::IntGapUsecs::address(0): parameter(queue.gap_us); break;
    default: return;
  }
  touched(now, queue);
  consider(now, at.queue);
}

void InterruptChecker::touched(TimePs now, Queue& queue) {
  queue.touched_ps = now;
  if (queue.waiting() && now - queue.status_ps <= kRacePs) queue.raced = true;
}

// Events up to the tag count as reported; a newer status asks for a message at once.
void InterruptChecker::rearm(TimePs now, Queue& queue, uint32_t tag) {
  queue.history.add(now, "driver re-arms with tag %llu, newest is %llu", tag, queue.tag);
  queue.mask = false;
  queue.armed_ps = now;
  queue.loose_ps = now + kSlackPs;
  if (tag == queue.tag) return queue.reported();
  queue.newer = true;
  queue.reason(now);
}

// ---------------------------------------------------------------- what the device does

int InterruptChecker::vector_of(uint64_t address, uint32_t data) const {
  for (unsigned v = 0; v < kVectors; ++v)
    if (vectors_[v].address == address && vectors_[v].data == data) return static_cast<int>(v);
  return -1;
}

void InterruptChecker::on_status(TimePs now, unsigned q, uint32_t tag, const News& news) {
  Queue& queue = queues_[q];
  queue.tag = tag;
  const uint32_t packets = news.packets + news.stamp;
  queue.history.add(now, "status block, tag %llu: %llu frames, %llu packets and stamps", tag, news.frames, packets);
  const TimePs ready = now - held_up(now);
  if (news.frames != 0 && queue.frames == 0) queue.first_frame_ps = now, queue.frame_ready_ps = ready;
  if (packets != 0 && queue.packets == 0) queue.first_packet_ps = now, queue.packet_ready_ps = ready;
  queue.frames += news.frames;
  queue.packets += packets;
  queue.stamped = queue.stamped || news.stamp;
  if (queue.loose_ps != 0 && now <= stretched(queue.loose_ps)) {
    queue.maybe_newer_ps = now + kSlackPs;
    if (!queue.auto_mask) queue.reason(now);  // else the mask lets one message through at most
  }
  queue.loose_ps = 0;
  if (news.frames + packets != 0) {
    queue.reason(now);
    queue.status_ps = now;
    queue.raced = queue.raced || now - queue.touched_ps <= kRacePs;
  }
  consider(now, q);
}

bool InterruptChecker::judge_form(const TlpEvent& event, int v) {
  const Tlp& tlp = *event.tlp;
  const unsigned q = v > 0 ? static_cast<unsigned>(v - 1) : kQueueSets;
  if (tlp.length_dw() != 1 || tlp.first_be() != 0xF || tlp.last_be() != 0) {
    report("P36", event.time_ps, q, "a message is one DW with all four bytes: " + tlp.to_string());
    return false;
  }
  const uint32_t data = load<uint32_t>(tlp.payload);
  const bool msi = msi_enabled_ && tlp.address() == msi_address_ && ((data ^ msi_data_) & ~(msi_messages_ - 1)) == 0;
  if (v >= 0 || msi || (!enabled_ && !msi_enabled_)) return true;
  report("P36", event.time_ps, q, "address and data of no vector: " + tlp.to_string() + ", data " + std::to_string(data));
  return false;
}

// Masked in the MSI-X table, for longer than a message may have been on its way.
bool InterruptChecker::vector_masked(TimePs now, unsigned vector) const {
  const Vector& v = vectors_[vector];
  return enabled_ && (v.masked || function_mask_) && now > stretched(v.masked_ps + kGracePs);
}

void InterruptChecker::on_message(TimePs now, int v, bool entries_waiting) {
  const unsigned q = v > 0 ? static_cast<unsigned>(v - 1) : kQueueSets;
  if (!enabled_ && !msi_enabled_ && now > stretched(disabled_ps_ + kGracePs))
    return report("I11", now, q, "a message before MSI-X is enabled");
  if (v >= 0 && vector_masked(now, static_cast<unsigned>(v)))
    return report("P37", now, q, "a message of a vector that is masked in the MSI-X table");
  if (v <= 0 || q >= kQueueSets) return;
  Queue& queue = queues_[q];
  if (now > stretched(queue.left_over_ps)) queue.left_overs = 0;
  const bool left_over_too = queue.left_overs != 0;
  if (queue.mask && now > (queue.masked_itself ? queue.masked_ps : stretched(queue.masked_ps + kGracePs))) {
    report("I5", now, q, "a message while masked");
  } else if (!queue.waiting() && !queue.force && !queue.newer && !queue.lifted && !left_over_too) {
    if (entries_waiting) report("D5", now, q, "the message comes before the status block that it announces");
    else report("I4", now, q, "a message, but no status block was written since the last one");
  } else if (!left_over_too && !allowed(now, queue)) {
    report("I7", now, q, "a message before its count or its time: " + std::to_string(queue.frames) + " frames, " +
                             std::to_string(queue.packets) + " packets unreported");
  }
  queue.history.add(now, "message, status tag %llu", queue.tag);
  const bool own_reason = queue.waiting() || queue.force || queue.newer || queue.lifted;
  queue.reported();
  queue.force = false;
  queue.message_ps = now;
  queue.decided_ps = now - held_up(now);
  count_left_overs(now, queue, own_reason);
  if (queue.auto_mask) {
    queue.mask = true;
    queue.masked_ps = now;
    queue.masked_itself = true;  // which needs no grace
  }
  consider(now, q);
}

// Without an automatic mask a message for a new reason may come before those that are left over.
void InterruptChecker::count_left_overs(TimePs now, Queue& queue, bool own_reason) const {
  const uint32_t others = queue.reasons > 1 ? queue.reasons - 1 : 0;
  queue.reasons = 0;
  if (queue.auto_mask) queue.left_overs = 0;
  else if (!own_reason && queue.left_overs != 0) --queue.left_overs;
  if (others == 0 || now > stretched(queue.last_reason_ps + kGracePs)) return;
  queue.left_overs = queue.auto_mask ? 1 : queue.left_overs + others;
  queue.left_over_ps = now + left_over(queue);
}

// ---------------------------------------------------------------- when a message may come, and when it must

// A message reports what was in memory when it was decided; a status write that left just before it was perhaps not, so
// its events wait for their own time, unless the message has set the mask.
TimePs InterruptChecker::left_over(const Queue& queue) {
  if (queue.auto_mask) return kGracePs;
  const auto limit = [&](uint32_t us) { return us != 0 && (queue.max_us == 0 || us < queue.max_us) ? us : queue.max_us; };
  return kSlackPs + std::max(limit(queue.rx_us), limit(queue.tx_us)) * kPsPerUs;
}

bool InterruptChecker::allowed(TimePs now, const Queue& queue) const {
  if (queue.force || queue.parameters_changed) return true;
  if (in_gap(now, queue)) return false;
  if (queue.newer || queue.lifted || maybe_newer(now, queue)) return true;
  const uint32_t hidden = queue.stamped ? kStampsHidden : 0;
  const auto side = [&](uint32_t count, TimePs first, uint32_t frames, uint32_t us) {
    if (count == 0) return false;
    if ((frames == 0 && us == 0) || (frames != 0 && count + hidden >= frames)) return true;
    if (us != 0 && now + kSlackPs >= first + us * kPsPerUs) return true;
    return queue.max_us != 0 && now + kSlackPs >= first + queue.max_us * kPsPerUs;
  };
  return side(queue.frames, queue.frame_ready_ps, queue.rx_frames, queue.rx_us) ||
         side(queue.packets, queue.packet_ready_ps, queue.tx_frames, queue.tx_us);
}

bool InterruptChecker::maybe_newer(TimePs now, const Queue& queue) const {
  return queue.maybe_newer_ps != 0 && now <= stretched(queue.maybe_newer_ps);
}

bool InterruptChecker::in_gap(TimePs now, const Queue& queue) const {
  return queue.message_ps != kNever && now + kSlackPs < queue.decided_ps + queue.gap_us * kPsPerUs;
}

void InterruptChecker::due(TimePs when, const char* rule, Queue& queue) const {
  when = std::max(when, queue.armed_ps);
  if (queue.opened_ps != 0 && queue.opened_ps >= when) when = queue.opened_ps, rule = "P37";
  if (!queue.force && queue.message_ps != kNever) when = std::max(when, queue.message_ps + queue.gap_us * kPsPerUs);
  if (when >= queue.due_ps) return;
  queue.due_ps = when;
  queue.busy_ps = link_.total;
  queue.due_rule = queue.parameters_changed ? "I9" : rule;
}

void InterruptChecker::consider(TimePs now, unsigned q) {
  Queue& queue = queues_[q];
  const TimePs was = queue.due_ps, was_busy = queue.busy_ps;
  queue.due_ps = kNever;
  if (open(queue, q)) {
    if (queue.newer) due(now, "I6", queue);
    if (queue.lifted) due(now, "I5", queue);
    if (queue.force) due(now, "I10", queue);
    const auto side = [&](uint32_t count, TimePs first, uint32_t frames, uint32_t us) {
      if (count == 0) return;
      if ((frames == 0 && us == 0) || (frames != 0 && count >= frames)) due(now, "I2", queue);
      if (us != 0) due(first + us * kPsPerUs, "I3", queue);
      if (queue.max_us != 0) due(first + queue.max_us * kPsPerUs, "I1", queue);
    };
    side(queue.frames, queue.first_frame_ps, queue.rx_frames, queue.rx_us);
    side(queue.packets, queue.first_packet_ps, queue.tx_frames, queue.tx_us);
    if (queue.due_ps > was) queue.due_ps = std::min(queue.due_ps, std::max(was, queue.armed_ps));
  }
  if (was != kNever) queue.busy_ps = was_busy;
  if (queue.due_ps != kNever) earliest_due_ps_ = std::min(earliest_due_ps_, queue.due_ps + kSlackPs);
}

void InterruptChecker::look(TimePs now) {
  earliest_due_ps_ = kNever;
  for (unsigned q = 0; q < kQueueSets; ++q) {
    Queue& queue = queues_[q];
    if (queue.due_ps == kNever) continue;
    const TimePs latest = std::max(queue.due_ps, no_credits_.until) + kSlackPs + (link_.total - queue.busy_ps);
    if (now <= latest) {
      earliest_due_ps_ = std::min(earliest_due_ps_, latest);
      continue;
    }
    const bool plain = queue.due_rule[0] == 'I' && queue.due_rule[1] <= '3' && queue.due_rule[2] == 0;
    report(queue.raced && plain ? "I8" : queue.due_rule, queue.due_ps + kSlackPs, q,
           "no message, due since " + std::to_string(queue.due_ps / kPsPerNs) + " ns: " +
               std::to_string(queue.frames) + " frames, " + std::to_string(queue.packets) +
               " packets unreported, status tag " + std::to_string(queue.tag));
    queue.reported();  // one report for each time
    queue.left_over_ps = now + kSlackPs;  // it may be this very event, or be on its way
    queue.left_overs = 1;
    queue.force = false;
  }
}

void InterruptChecker::report(const char* rule, TimePs now, unsigned q, const std::string& why) {
  const bool known = q < kQueueSets;
  log_.report({rule, Side::kDevice, now, object_ + " vector " + std::to_string(known ? q + 1 : 0), why,
               known ? queues_[q].history.text() : std::vector<std::string>{}});
}

}  // namespace ringside::sc_model
