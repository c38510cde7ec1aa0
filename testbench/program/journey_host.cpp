#include "testbench/program/journey_host.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "sc_model/interrupt_controller.h"

namespace ringside::testbench {
namespace {

using sc_model::TimePs;
using sc_model::TlpKind;
using Step = JourneyStep;
namespace regs = driver::regs;

Step step_of(stack::PathStep step) {
  switch (step) {
    case stack::PathStep::kT1:
      return Step::kCall;
    case stack::PathStep::kT2:
      return Step::kFile;
    case stack::PathStep::kT3:
      return Step::kCopied;
    case stack::PathStep::kT4:
      return Step::kSegment;
    case stack::PathStep::kT5:
      return Step::kRouted;
    case stack::PathStep::kT6:
      return Step::kFramed;
    case stack::PathStep::kR8:
      return Step::kEthernet;
    case stack::PathStep::kR9:
      return Step::kIp;
    case stack::PathStep::kR10:
      return Step::kTcp;
    case stack::PathStep::kR11:
      return Step::kQueued;
    case stack::PathStep::kR12:
      return Step::kUser;
    case stack::PathStep::kT11:
      break;
  }
  return Step::kCount;
}

// A queue's register and the queue, from the offset in the BAR.
}  // namespace

JourneyHost::JourneyHost(JourneyLog& log, unsigned index, sc_model::HostMachine& machine, unsigned width,
                         TimePs core_period_ps)
    : log_(log),
      index_(index),
      machine_(machine),
      beat_bytes_(width / 8),
      core_period_ps_(core_period_ps),
      arrivals_(log) {}

JourneyHost::Queue& JourneyHost::at(unsigned queue) {
  while (queues_.size() <= queue) queues_.push_back(std::make_unique<Queue>(log_, index_, arrivals_));
  return *queues_[queue];
}

uint64_t JourneyHost::sent(const PacketHead& head) {
  for (const bool anywhere : {false, true})
    for (auto& queue : queues_)
      if (const uint64_t id = queue->tx.sent(head, anywhere)) return id;
  return 0;
}

// ---------------------------------------------------------------- the stack

uint64_t JourneyHost::begin() {
  return log_.begin_write();
}

uint64_t JourneyHost::packet(uint64_t write, uint32_t frames) {
  const uint64_t id = log_.add(index_, write, frames);
  // Path step T11: no application is in a call: an ACK or a timer sends what waits.
  if (Journey* journey = log_.find(id)) journey->timer = machine_.cpu().current_thread() == nullptr;
  return id;
}

void JourneyHost::mark(uint64_t id, stack::PathStep path_step) {
  const Step step = step_of(path_step);
  if (step <= Step::kCopied) return log_.mark_write(id, step, now());
  if (step < Step::kCount) log_.mark(id, step, now());
  if (step == Step::kUser) log_.settle();
}

// ---------------------------------------------------------------- the driver

void JourneyHost::on_vector(unsigned vector, const driver::MsiMessage& message) {
  vectors_[{message.address, message.data}] = vector;
  vector_count_ = std::max(vector_count_, vector + 1);
}

void JourneyHost::on_posted(unsigned queue, uint32_t first_idx, uint32_t entries, const stack::Packet& packet) {
  at(queue).tx.posted(queue, first_idx, entries, packet, now());
}

void JourneyHost::on_tx_doorbell(unsigned queue, uint32_t prod_idx) {
  at(queue).tx.doorbell(prod_idx, Step::kDoorbell, now());
}

void JourneyHost::on_given_back(unsigned queue, uint32_t cons_idx) {
  Queue& q = at(queue);
  q.tx.given_back(cons_idx, now(), q.interrupts);
  log_.settle();
}

void JourneyHost::on_rx_doorbell(unsigned queue, uint32_t prod_idx) {
  at(queue).rx.provided(prod_idx, now());
}

void JourneyHost::on_taken(unsigned queue, uint32_t ret_idx, stack::Packet& packet) {
  Queue& q = at(queue);
  packet.meta.journey = q.rx.taken(queue, ret_idx, now(), q.interrupts);
}

// ---------------------------------------------------------------- the NIC's pins

void JourneyHost::remark(const IdRuns& ids, const char* what) {
  if (ids.empty()) return;
  note_ = ids.single() ? "packet" : "packets";
  for (const auto& [first, last] : ids.runs())
    note_ += first == last ? fmt::format(" {}", first) : fmt::format(" {}-{}", first, last);
  note_ += fmt::format(": {}", what);
}

void JourneyHost::on_tlp(const sc_model::TlpEvent& event) {
  note_.clear();
  const sc_model::Tlp& tlp = *event.tlp;
  const TlpKind kind = tlp.kind();
  if (event.direction == sc_model::TlpDirection::kFromDevice) {
    if (kind == TlpKind::kMRd) device_read(event);
    if (kind == TlpKind::kMWr) device_write(event);
  } else if (kind == TlpKind::kCplD) {
    completion(event);
  } else if (kind == TlpKind::kMWr && tlp.payload_bytes >= 4) {
    uint32_t value;
    std::memcpy(&value, tlp.payload, sizeof value);
    register_write(event.time_ps, tlp.address() - machine_.platform().settings().bar0, value);
  }
  draw(event);
}

void JourneyHost::draw(const sc_model::TlpEvent& event) {
  // The header comes with the first beat, on wires of its own.
  const TimePs beats = std::max(1u, (event.tlp->payload_bytes + beat_bytes_ - 1) / beat_bytes_);
  const std::string what =
      note_.empty() ? to_string(event.tlp->kind()) : fmt::format("{} {}", to_string(event.tlp->kind()), note_);
  log_.trace().tlp(index_, event.direction == sc_model::TlpDirection::kToDevice, event.time_ps, beats * core_period_ps_,
                   what);
}

void JourneyHost::register_write(TimePs now, uint64_t offset, uint32_t value) {
  if (offset >= regs::kBarBytes) return;
  const sc_model::QueueRegister at = sc_model::queue_register(static_cast<uint32_t>(offset));
  if (at.at == regs::TxProdIdx::address(0) && at.queue < queues_.size())
    remark(queues_[at.queue]->tx.doorbell(value, Step::kTold, now), "doorbell");
}

void JourneyHost::completion(const sc_model::TlpEvent& event) {
  const sc_model::Tlp& tlp = *event.tlp;
  PendingRead& read = reads_[tlp.tag()];
  if (read.kind == PendingRead::Kind::kNone || tlp.status() != sc_model::CplStatus::kSuccess) return;
  const uint32_t skip = tlp.lower_address() & 3;
  const uint32_t bytes = std::min(tlp.payload_bytes - std::min(skip, tlp.payload_bytes), read.bytes - read.done);
  const uint8_t* from = tlp.payload + skip;
  Queue& queue = at(read.queue);
  if (read.kind == PendingRead::Kind::kTxData) {
    remark(queue.tx.data(read.group, read.offset + read.done, bytes, event.time_ps), "data for the NIC");
  } else if (read.kind == PendingRead::Kind::kTxFetch) {
    remark(queue.tx.descriptors(read.index + read.done / 16, from, bytes / 16, event.time_ps), "descriptors");
  } else {
    queue.rx.descriptors(read.index + read.done / 16, from, bytes / 16, event.time_ps);
  }
  read.done += bytes;
  if (read.done >= read.bytes) read.kind = PendingRead::Kind::kNone;
}

void JourneyHost::device_read(const sc_model::TlpEvent& event) {
  PendingRead& read = reads_[event.tlp->tag()];
  read = {};
  if (event.tlp->first_be() == 0) return;
  const sc_model::EnabledBytes what = enabled_bytes(*event.tlp);
  for (read.queue = 0; read.queue < queues_.size(); ++read.queue) {
    Queue& queue = *queues_[read.queue];
    IdRuns ids;
    if (queue.rx.fetch(what, &read)) return;
    if (!queue.tx.read(what, event.time_ps, &read, &ids)) continue;
    return remark(ids, read.kind == PendingRead::Kind::kTxFetch ? "descriptors are fetched" : "data is fetched");
  }
}

void JourneyHost::device_write(const sc_model::TlpEvent& event) {
  const sc_model::Tlp& tlp = *event.tlp;
  if (tlp.first_be() == 0) return;
  const sc_model::EnabledBytes what = enabled_bytes(tlp);
  if (sc_model::InterruptController::in_window(what.address)) return message(event, what.address);
  const uint8_t* bytes = tlp.payload + (what.address - tlp.address());
  for (auto& queue : queues_) {
    if (status(event, *queue, what)) return;
    IdRuns ids;
    bool entries = false;
    if (!queue->rx.write(what, bytes, event.time_ps, &ids, &entries)) continue;
    return remark(ids, entries ? "return entry" : "frame to memory");
  }
}

void JourneyHost::message(const sc_model::TlpEvent& event, uint64_t address) {
  uint32_t data;
  std::memcpy(&data, event.tlp->payload, sizeof data);
  const auto vector = vectors_.find({address, data});
  if (vector == vectors_.end()) return;
  for (unsigned q = 0; q < queues_.size(); ++q)
    if (vector_count_ == 1 || vector->second == q + 1) queues_[q]->interrupts.sent(event.time_ps);
}

bool JourneyHost::status(const sc_model::TlpEvent& event, Queue& queue, const sc_model::EnabledBytes& what) {
  if (queue.tx.status_bus() == 0 || what.address != queue.tx.status_bus() || what.bytes < sizeof(regs::StatusBlock))
    return false;
  regs::StatusBlock block;
  std::memcpy(&block, event.tlp->payload + (what.address - event.tlp->address()), sizeof block);
  const IdRuns sent = queue.tx.consumed(block.tx_cons_idx, event.time_ps);
  const IdRuns received = queue.rx.produced(block.ret_prod_idx, event.time_ps);
  remark(sent, "consumer index");
  const std::string first = note_;
  remark(received, "producer index");
  if (!first.empty() && !received.empty()) note_ = first + "; " + note_;
  return true;
}

}  // namespace ringside::testbench
