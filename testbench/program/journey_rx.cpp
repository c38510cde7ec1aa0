#include "testbench/program/journey_rx.h"

#include <algorithm>
#include <cstring>

namespace ringside::testbench {
namespace {

using sc_model::TimePs;
using Step = JourneyStep;
namespace regs = driver::regs;

constexpr uint32_t kRxEntryBytes = sizeof(regs::RxDescriptor), kReturnEntryBytes = sizeof(regs::ReturnEntry);

}  // namespace

// ---------------------------------------------------------------- frames that arrived

void Arrivals::add(uint64_t id, uint64_t key, TimePs now) {
  frames_.push_back({id, key, now});
  if (frames_.size() > kMost) drop_front();
}

uint64_t Arrivals::take(uint64_t key, TimePs now) {
  const auto at = std::find_if(frames_.begin(), frames_.end(), [&](const Frame& f) { return f.key == key; });
  if (at == frames_.end() || at->at > now) return 0;
  const uint64_t id = at->id;
  frames_.erase(at);
  while (!frames_.empty() && frames_.front().at + kLongestWayPs < now) drop_front();
  return id;
}

// The NIC has counted it under the reason why.
void Arrivals::drop_front() {
  if (Journey* journey = log_.find(frames_.front().id)) journey->fate = Fate::kDropped;
  frames_.pop_front();
}

// ---------------------------------------------------------------- the driver

void JourneyRx::place(const driver::RxPlace& place) {
  place_ = place;
  buffers_.assign(place.entries, {});
  frame_of_.assign(place.return_entries, 0);
  frame_ = entry_frame_ = 0;
  provided_idx_ = fetched_idx_ = write_idx_ = entry_idx_ = produced_idx_ = 0;
}

void JourneyRx::provided(uint32_t prod_idx, TimePs now) {
  for (; provided_idx_ != prod_idx; ++provided_idx_) buffer(provided_idx_).provided = now;
}

uint64_t JourneyRx::taken(unsigned queue, uint32_t ret_idx, TimePs now, const InterruptTimes& interrupts) {
  const uint64_t id = frame_of_[ret_idx & (place_.return_entries - 1)];
  Journey* journey = log_.find(id);
  if (journey == nullptr) return id;
  Journey& j = *journey;
  j.fate = Fate::kDelivered;
  j.rx_queue = static_cast<uint8_t>(queue);
  j.ret_idx = ret_idx;
  const InterruptTimes::Message message = interrupts.between(j[Step::kIndex], now);
  log_.set(j, Step::kMessage, message.at_pins);
  log_.set(j, Step::kHandler, message.handled);
  log_.set(j, Step::kTaken, now);
  return id;
}

// ---------------------------------------------------------------- the NIC

bool JourneyRx::fetch(const sc_model::EnabledBytes& what, PendingRead* read) {
  if (what.address - place_.ring.value >= uint64_t{place_.entries} * kRxEntryBytes) return false;
  const auto slot = static_cast<uint32_t>((what.address - place_.ring.value) / kRxEntryBytes);
  read->kind = PendingRead::Kind::kRxFetch;
  read->index = fetched_idx_ + ((slot - fetched_idx_) & (place_.entries - 1));
  read->bytes = what.bytes;
  fetched_idx_ = read->index + what.bytes / kRxEntryBytes;
  return true;
}

void JourneyRx::descriptors(uint32_t index, const uint8_t* bytes, uint32_t count, TimePs now) {
  for (uint32_t i = 0; i < count; ++i) {
    regs::RxDescriptor descriptor;
    std::memcpy(&descriptor, bytes + i * kRxEntryBytes, kRxEntryBytes);
    Buffer& b = buffer(index + i);
    b = {descriptor.address, descriptor.length, true, 0, b.provided, now, 0, 0};
  }
}

bool JourneyRx::write(const sc_model::EnabledBytes& what, const uint8_t* bytes, TimePs now, IdRuns* note,
                      bool* is_entry) {
  if (place_.entries == 0) return false;
  *is_entry = what.address - place_.return_ring.value < uint64_t{place_.return_entries} * kReturnEntryBytes;
  if (*is_entry) return entries(what, bytes, now, note);
  return data(what, bytes, now, note);
}

bool JourneyRx::find(const sc_model::EnabledBytes& what, uint32_t* index) {
  const auto holds = [&](uint32_t i) {
    const Buffer& b = buffer(i);
    return b.known && what.address - b.address < b.bytes;
  };
  for (*index = write_idx_; before(*index, fetched_idx_); ++*index)
    if (holds(*index)) return true;
  for (*index = entry_idx_; before(*index, write_idx_); ++*index)
    if (holds(*index)) return true;
  return false;
}

// A frame starts at a buffer's first byte; a buffer that goes on with a frame starts with bytes that look like no
// frame.
bool JourneyRx::data(const sc_model::EnabledBytes& what, const uint8_t* bytes, TimePs now, IdRuns* note) {
  uint32_t index = 0;
  if (!find(what, &index)) return false;
  write_idx_ = index;
  Buffer& b = buffer(index);
  if (what.address == b.address) {
    b.id = arrivals_.take(read_head(bytes, std::min(what.bytes, PacketHead::kLongest)).key, now);
    b.first = now;
    log_.mark(b.id, Step::kStored, now);
    log_.mark(b.id, Step::kProvided, b.provided);
    log_.mark(b.id, Step::kProvidedFetched, b.fetched);
  }
  b.last = now;
  if (b.id != 0) frame_ = b.id;
  note->add(b.id != 0 ? b.id : frame_);
  return true;
}

bool JourneyRx::entries(const sc_model::EnabledBytes& what, const uint8_t* bytes, TimePs now, IdRuns* note) {
  for (uint32_t at = 0; at + kReturnEntryBytes <= what.bytes; at += kReturnEntryBytes) {
    regs::ReturnEntry e;
    std::memcpy(&e, bytes + at, kReturnEntryBytes);
    entry(e, now, note);
  }
  return true;
}

void JourneyRx::entry(const regs::ReturnEntry& e, TimePs now, IdRuns* note) {
  const uint32_t index = entry_idx_++;
  Buffer& b = buffer(index);
  if ((e.flags & regs::return_flags::kSop) != 0) entry_frame_ = b.id;
  log_.mark(entry_frame_, Step::kInMemory, b.last);
  b.known = false;
  note->add(entry_frame_);
  const bool ends = (e.flags & regs::return_flags::kEop) != 0;
  frame_of_[index & (place_.return_entries - 1)] = ends ? entry_frame_ : 0;
  if (ends) log_.mark(entry_frame_, Step::kEntry, now);
}

IdRuns JourneyRx::produced(uint32_t ret_prod_idx, TimePs now) {
  IdRuns note;
  for (; before(produced_idx_, ret_prod_idx) && before(produced_idx_, entry_idx_); ++produced_idx_) {
    const uint64_t id = frame_of_[produced_idx_ & (place_.return_entries - 1)];
    log_.mark(id, Step::kIndex, now);
    note.add(id);
  }
  return note;
}

}  // namespace ringside::testbench
