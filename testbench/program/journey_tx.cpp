#include "testbench/program/journey_tx.h"

#include <algorithm>
#include <cstring>

namespace ringside::testbench {
namespace {

using sc_model::TimePs;
namespace regs = driver::regs;

constexpr uint32_t kEntryBytes = sizeof(regs::TxDescriptor);

}  // namespace

void JourneyTx::place(const driver::TxPlace& place) {
  place_ = place;
  entries_.assign(place.entries, {});
  for (const Packet& packet : packets_) {
    for (uint32_t i = packet.sent; i < packet.frames; ++i)
      if (Journey* journey = log_.find(packet.group + i)) journey->fate = Fate::kGivenUp;
  }
  packets_.clear();
  fetched_idx_ = read_idx_ = read_offset_ = done_idx_ = rung_idx_ = told_idx_ = 0;
}

// ---------------------------------------------------------------- the driver

void JourneyTx::posted(unsigned queue, uint32_t first_idx, uint32_t entries, const stack::Packet& packet, TimePs now) {
  Packet p;
  p.bytes = packet.length();
  p.first_idx = first_idx;
  p.entries = entries;
  p.segment_bytes = packet.meta.segment_bytes;
  p.header_bytes = packet.meta.header_bytes;
  const uint32_t payload = p.bytes - std::min(p.bytes, p.header_bytes);
  if (p.segment_bytes != 0) p.frames = (payload + p.segment_bytes - 1) / p.segment_bytes;
  p.group = packet.meta.journey;
  const Journey* made = log_.find(p.group);  // a fragment of a packet that has gone already gets an id of its own
  if (made == nullptr || made->group_size != p.frames || (*made)[JourneyStep::kPosted] != 0)
    p.group = log_.add(host_, 0, p.frames);
  uint8_t bytes[PacketHead::kLongest];
  const PacketHead head = read_head(bytes, packet.copy_out(0, bytes, sizeof bytes));
  for (uint32_t i = 0; i < p.frames; ++i) {
    Journey* journey = log_.find(p.group + i);
    if (journey == nullptr) continue;
    journey->head = p.segment_bytes != 0 ? head.segment(i, p.segment_bytes, payload) : head;
    journey->tx_queue = static_cast<uint8_t>(queue);
    journey->tx_idx = first_idx;
    if (i > 0) {  // steps of the large packet are steps of each of its frames
      const Journey& first = *log_.find(p.group);
      std::copy_n(first.at.begin() + 3, 3, journey->at.begin() + 3);
      journey->timer = first.timer;
    }
    log_.set(*journey, JourneyStep::kPosted, now);
  }
  packets_.push_back(p);
}

IdRuns JourneyTx::doorbell(uint32_t prod_idx, JourneyStep step, TimePs now) {
  IdRuns note;
  uint32_t& old = step == JourneyStep::kTold ? told_idx_ : rung_idx_;
  for (Packet& packet : packets_) {
    if (before(packet.first_idx, old) || !before(packet.first_idx, prod_idx)) continue;
    for (uint32_t i = 0; i < packet.frames; ++i) log_.mark(packet.group + i, step, now);
    note.add(packet.group, packet.group + packet.frames - 1);
  }
  old = prod_idx;
  return note;
}

void JourneyTx::given_back(uint32_t cons_idx, TimePs now, const InterruptTimes& interrupts) {
  for (Packet& packet : packets_) {
    if (packet.given_back) continue;
    if (before(cons_idx, packet.first_idx + packet.entries)) break;
    packet.given_back = true;
    for (uint32_t i = 0; i < packet.frames; ++i) {
      Journey* journey = log_.find(packet.group + i);
      if (journey == nullptr) continue;
      const TimePs done = (*journey)[JourneyStep::kDone];
      if (done != 0) log_.set(*journey, JourneyStep::kDoneMessage, interrupts.between(done, now).at_pins);
      log_.set(*journey, JourneyStep::kGivenBack, now);
    }
  }
  forget();
}

void JourneyTx::forget() {
  while (!packets_.empty() && packets_.front().given_back && packets_.front().sent == packets_.front().frames)
    packets_.pop_front();
}

// ---------------------------------------------------------------- the NIC

JourneyTx::Packet* JourneyTx::packet_of(uint32_t index) {
  const auto at = std::partition_point(packets_.begin(), packets_.end(),
                                       [&](const Packet& p) { return !before(index, p.first_idx + p.entries); });
  return at != packets_.end() && !before(index, at->first_idx) ? &*at : nullptr;
}

bool JourneyTx::read(const sc_model::EnabledBytes& what, TimePs now, PendingRead* read, IdRuns* note) {
  if (place_.entries == 0) return false;
  if (what.address - place_.ring.value < uint64_t{place_.entries} * kEntryBytes) return fetch(what, now, read, note);
  uint32_t index = read_idx_, offset = read_offset_;
  if (!find(what.address, &index, &offset)) return false;
  Packet* packet = packet_of(index);
  if (packet == nullptr) return false;
  uint32_t at = offset;
  for (uint32_t i = packet->first_idx; i != index; ++i) at += entry(i).bytes;
  read->kind = PendingRead::Kind::kTxData;
  read->group = packet->group;
  read->offset = at;
  read->bytes = what.bytes;
  const uint64_t first = frame_at(*packet, at), last = frame_at(*packet, at + what.bytes - 1);
  for (uint64_t id = first; id <= last; ++id) {
    log_.mark_first(id, JourneyStep::kRead, now);
    note->add(id);
  }
  read_idx_ = index;
  read_offset_ = offset + what.bytes;
  if (read_offset_ >= entry(index).bytes) {
    ++read_idx_;
    read_offset_ = 0;
  }
  return true;
}

// The entry that these bytes belong to: the one whose turn it is, or any that is known and not done.
bool JourneyTx::find(uint64_t address, uint32_t* index, uint32_t* offset) {
  while (before(*index, fetched_idx_) && entry(*index).known && entry(*index).bytes == 0) {
    ++*index;
    *offset = 0;
  }
  if (before(*index, fetched_idx_) && entry(*index).known && entry(*index).address + *offset == address) return true;
  for (uint32_t i = done_idx_; before(i, fetched_idx_); ++i) {
    const Entry& e = entry(i);
    if (!e.known || address - e.address >= e.bytes) continue;
    *index = i;
    *offset = static_cast<uint32_t>(address - e.address);
    return true;
  }
  return false;
}

bool JourneyTx::fetch(const sc_model::EnabledBytes& what, TimePs now, PendingRead* read, IdRuns* note) {
  const auto slot = static_cast<uint32_t>((what.address - place_.ring.value) / kEntryBytes);
  const uint32_t index = fetched_idx_ + ((slot - fetched_idx_) & (place_.entries - 1));
  const uint32_t count = (what.bytes + kEntryBytes - 1) / kEntryBytes;
  read->kind = PendingRead::Kind::kTxFetch;
  read->index = index;
  read->bytes = what.bytes;
  for (uint32_t i = index; i != index + count; ++i) {
    entry(i).known = false;
    const Packet* packet = packet_of(i);
    if (packet == nullptr) continue;
    note->add(packet->group, packet->group + packet->frames - 1);
    if (i != packet->first_idx) continue;
    for (uint32_t f = 0; f < packet->frames; ++f) log_.mark(packet->group + f, JourneyStep::kFetch, now);
  }
  fetched_idx_ = index + count;
  return true;
}

IdRuns JourneyTx::descriptors(uint32_t index, const uint8_t* bytes, uint32_t count, TimePs now) {
  IdRuns note;
  for (uint32_t i = 0; i < count; ++i) {
    regs::TxDescriptor descriptor;
    std::memcpy(&descriptor, bytes + i * kEntryBytes, kEntryBytes);
    const bool extension = (descriptor.flags & regs::tx_flags::kExtension) != 0;
    entry(index + i) = {extension ? 0 : descriptor.address, extension ? 0u : descriptor.length, true};
    const Packet* packet = packet_of(index + i);
    if (packet == nullptr) continue;
    note.add(packet->group, packet->group + packet->frames - 1);
    if (index + i != packet->first_idx) continue;
    for (uint32_t f = 0; f < packet->frames; ++f) log_.mark(packet->group + f, JourneyStep::kFetched, now);
  }
  return note;
}

// The frame that carries this byte of the packet. The headers count with the first.
uint64_t JourneyTx::frame_at(const Packet& packet, uint32_t offset) const {
  if (packet.segment_bytes == 0 || offset < packet.header_bytes) return packet.group;
  return packet.group + std::min((offset - packet.header_bytes) / packet.segment_bytes, packet.frames - 1);
}

IdRuns JourneyTx::data(uint64_t group, uint32_t offset, uint32_t bytes, TimePs now) {
  IdRuns note;
  for (const Packet& packet : packets_) {
    if (packet.group != group) continue;
    const uint64_t first = frame_at(packet, offset), last = frame_at(packet, offset + bytes - 1);
    for (uint64_t id = first; id <= last; ++id) log_.mark(id, JourneyStep::kInNic, now);
    note.add(first, last);
    break;
  }
  return note;
}

IdRuns JourneyTx::consumed(uint32_t cons_idx, TimePs now) {
  IdRuns note;
  for (const Packet& packet : packets_) {
    const uint32_t end = packet.first_idx + packet.entries;
    if (before(cons_idx, end)) break;
    if (!before(done_idx_, end)) continue;
    for (uint32_t i = 0; i < packet.frames; ++i) log_.mark(packet.group + i, JourneyStep::kDone, now);
    note.add(packet.group, packet.group + packet.frames - 1);
  }
  done_idx_ = cons_idx;
  return note;
}

// Frames of a queue leave in order: what should have gone before this one never will.
void JourneyTx::give_up_before(const Packet& packet, uint32_t frame) {
  for (Packet& earlier : packets_) {
    const bool here = &earlier == &packet;
    for (uint32_t i = earlier.sent; i < (here ? frame : earlier.frames); ++i)
      if (Journey* journey = log_.find(earlier.group + i)) journey->fate = Fate::kGivenUp;
    if (here) return;
    earlier.sent = earlier.frames;
  }
}

uint64_t JourneyTx::sent(const PacketHead& head, bool anywhere) {
  for (Packet& packet : packets_) {
    if (packet.sent == packet.frames) continue;
    const uint32_t looked_at = anywhere ? packet.frames : packet.sent + 1;
    for (uint32_t i = packet.sent; i < looked_at; ++i) {
      const Journey* journey = log_.find(packet.group + i);
      if (journey == nullptr || journey->head.key != head.key) continue;
      const uint64_t id = packet.group + i;
      give_up_before(packet, i);
      packet.sent = i + 1;
      forget();
      return id;
    }
    if (!anywhere) return 0;
  }
  return 0;
}

}  // namespace ringside::testbench
