// RX ring and return ring: where frames are written, and whether the entries that announce them are true.
#include <algorithm>

#include "sc_model/check_ring_device.h"

namespace ringside::sc_model {
namespace {

bool is_broadcast(const uint8_t* frame) {
  return std::all_of(frame, frame + 6, [](uint8_t octet) { return octet == 0xFF; });
}

}  // namespace

bool DeviceRingChecker::rx_fetch(const TlpEvent& event, unsigned q, uint64_t bus, uint32_t bytes) {
  DeviceQueue& queue = queues_[q];
  if (judge_after_stop(event, q, queue.rx, "RX ring")) return true;
  const uint32_t index = queue.rx.fetched;
  if (!fetch_in_order(event, q, queue.rx, "RX ring", bus, bytes)) return true;
  for (uint32_t i = index; i != queue.rx.fetched; ++i) queue.rx_copy[i & queue.rx.mask()] = {};
  reads_[event.tlp->tag()] = {ReadKind::kRxFetch, q, index, 0, bytes, event.time_ps, 0};
  return true;
}

// The buffer that holds these bytes, as an offset from the next return entry; -1: none.
int32_t DeviceRingChecker::find_rx(const DeviceQueue& queue, uint64_t bus, uint32_t bytes) const {
  const uint32_t count = queue.rx.fetched - queue.ret_written;
  const uint32_t start = std::min(queue.writing - queue.ret_written, count);
  for (uint32_t i = 0; i < count; ++i) {
    const uint32_t offset = start + i < count ? start + i : start + i - count;
    const DeviceRxDescriptor& d = queue.rx_copy[(queue.ret_written + offset) & queue.rx.mask()];
    const uint64_t at = bus - d.address;
    if (d.known && at < d.length && at + bytes <= d.length) return static_cast<int32_t>(offset);
  }
  return -1;
}

// Payload of an entry that was sent too early was judged with the entry.
bool DeviceRingChecker::late_payload(const DeviceQueue& queue, uint64_t bus, uint32_t bytes) const {
  if (!queue.early) return false;
  for (uint32_t back = 1; back <= std::min(queue.ret_written, queue.rx.size); ++back) {
    const DeviceRxDescriptor& d = queue.rx_copy[(queue.ret_written - back) & queue.rx.mask()];
    if (d.early && bus - d.address < d.length && bus - d.address + bytes <= d.length) return true;
  }
  return false;
}

// D4 is what finds no buffer. A write to the buffer's first byte starts it over: the frame before was dropped.
bool DeviceRingChecker::rx_data(const TlpEvent& event, unsigned q, uint64_t bus, uint32_t bytes) {
  DeviceQueue& queue = queues_[q];
  const int32_t found = find_rx(queue, bus, bytes);
  if (found < 0) return late_payload(queue, bus, bytes);
  if (judge_after_stop(event, q, queue.rx, "RX buffer")) return true;
  const uint32_t index = queue.ret_written + static_cast<uint32_t>(found);
  DeviceRxDescriptor& d = queue.rx_copy[index & queue.rx.mask()];
  const uint32_t at = static_cast<uint32_t>(bus - d.address);
  queue.rx.history.add(event.time_ps, "write of %llu bytes for descriptor %llu at 0x%llx", bytes, index, bus);
  if (at == 0) {
    d.written = d.end = 0;
    std::memcpy(d.head, event.tlp->payload + (bus - event.tlp->address()),
                std::min<size_t>(bytes, sizeof d.head));
  }
  if (frames_ != nullptr) {
    Octets& octets = queue.rx_octets[index & queue.rx.mask()];
    if (octets.size() < at + bytes) octets.resize(std::max<size_t>(at + bytes, d.length));
    std::memcpy(octets.data() + at, event.tlp->payload + (bus - event.tlp->address()), bytes);
  }
  d.written += bytes;
  d.end = std::max(d.end, at + bytes);
  queue.writing = index;
  return true;
}

bool DeviceRingChecker::return_entries(const TlpEvent& event, unsigned q, uint64_t bus, uint32_t bytes) {
  constexpr uint32_t kEntry = sizeof(map::ReturnEntry);
  DeviceQueue& queue = queues_[q];
  if (judge_after_stop(event, q, queue.ret, "return ring")) return true;
  if (bus % kEntry != 0 || bytes % kEntry != 0) {
    report_access("D7", event, q, "return ring", "not a whole entry");
    return true;
  }
  const uint8_t* from = event.tlp->payload + (bus - event.tlp->address());
  for (uint32_t at = 0; at < bytes; at += kEntry) {
    const uint32_t slot = static_cast<uint32_t>((bus + at - queue.ret.base) / kEntry);
    if (slot == (queue.ret_written & queue.ret.mask())) {
      return_entry(event.time_ps, q, load<map::ReturnEntry>(from + at));
      continue;
    }
    report_access("D7", event, q, "return ring",
                  "slot " + std::to_string(slot) + " instead of " +
                      std::to_string(queue.ret_written & queue.ret.mask()));
    return true;
  }
  return true;
}

void DeviceRingChecker::return_entry(TimePs now, unsigned q, const map::ReturnEntry& entry) {
  DeviceQueue& queue = queues_[q];
  const uint32_t index = queue.ret_written;
  queue.ret.history.add(now, "return entry %llu, %llu bytes, opaque %llu", index, entry.length, entry.opaque);
  if (index - queue.ret.cons >= queue.ret.size)
    report("D8", now, q, "return", index, "the ring is full: consumer index " + std::to_string(queue.ret.cons));
  if (ahead(queue.rx.fetched, index) <= 0) {
    report("D7", now, q, "return", index, "no RX descriptor was fetched for it");
  } else {
    const uint64_t before = log_.count();
    judge_entry(now, q, entry, queue.rx_copy[index & queue.rx.mask()]);
    judge_frame(now, q, entry, queue.rx_copy[index & queue.rx.mask()]);
    queue.frame_sound = queue.frame_sound && log_.count() == before;
    if (frames_ != nullptr) tell_frame(now, q, entry);
  }
  queue.ret_eop[index & queue.ret.mask()] = (entry.flags & map::return_flags::kEop) != 0;
  if (queue.ret_written == queue.ret.prod) queue.ret_untold_ps = now;
  ++queue.ret_written;
}

// D7 index, D9 opaque, D5 payload first, D11 length.
void DeviceRingChecker::judge_entry(TimePs now, unsigned q, const map::ReturnEntry& entry,
                                    DeviceRxDescriptor& buffer) {
  const uint32_t index = queues_[q].ret_written;
  if (entry.index != index) report("D7", now, q, "return", index, "says index " + std::to_string(entry.index));
  if (entry.opaque != buffer.opaque)
    report(__builtin_bswap32(entry.opaque) == buffer.opaque ? "D19" : "D9", now, q, "return", index,
           "opaque " + std::to_string(entry.opaque) + " instead of " + std::to_string(buffer.opaque));
  const auto lengths = [&] {
    return "length " + std::to_string(entry.length) + ", written " + std::to_string(buffer.written) + ", buffer " +
           std::to_string(buffer.length);
  };
  const bool swapped = entry.length != buffer.end && __builtin_bswap16(entry.length) == buffer.end;
  if (swapped || entry.length == 0 || entry.length > buffer.length || buffer.end > entry.length) {
    report(swapped ? "D19" : "D11", now, q, "return", index, lengths());
  } else if (buffer.end < entry.length || buffer.written < entry.length) {
    buffer.early = queues_[q].early = true;
    report("D5", now, q, "return", index, "the entry comes before its payload: " + lengths());
  }
}

// D11: what the entry says of its frame.
void DeviceRingChecker::judge_frame(TimePs now, unsigned q, const map::ReturnEntry& entry,
                                    const DeviceRxDescriptor& buffer) {
  namespace flag = map::return_flags;
  DeviceQueue& queue = queues_[q];
  const uint32_t index = queue.ret_written;
  const bool starts = (entry.flags & flag::kSop) != 0, ends = (entry.flags & flag::kEop) != 0;
  if (starts == queue.in_frame) report("D11", now, q, "return", index, "sop in the middle of a frame, or missing");
  queue.frame_bytes = (starts ? 0 : queue.frame_bytes) + entry.length;
  queue.in_frame = !ends;
  if (!ends) return;
  if (entry.frame_length != (queue.frame_bytes & 0xFFFF))
    report("D11", now, q, "return", index,
           "frame_length " + std::to_string(entry.frame_length) + " instead of " + std::to_string(queue.frame_bytes));
  if (!starts || buffer.end < sizeof buffer.head) return;  // the destination address is in this buffer
  const bool broadcast = is_broadcast(buffer.head), multicast = (buffer.head[0] & 1) != 0 && !broadcast;
  if (((entry.flags & flag::kBroadcast) != 0) != broadcast || ((entry.flags & flag::kMulticast) != 0) != multicast)
    report("D11", now, q, "return", index, "broadcast and multicast flags do not fit the frame");
}

}  // namespace ringside::sc_model
