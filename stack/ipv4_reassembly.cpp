#include "stack/ipv4_reassembly.h"

#include <algorithm>
#include <utility>

#include "stack/packet_tools.h"

namespace ringside::stack {

Ipv4Reassembly::Ipv4Reassembly(Context& context, const ReassemblyConfig& config, TimeoutCallback on_timeout)
    : context_(context), config_(config), on_timeout_(std::move(on_timeout)),
      timer_(context.timers, [this] { on_timer(); }) {}

Packet Ipv4Reassembly::add(Ipv4Header& header, Packet payload) {
  ++counters_.fragments;
  const uint64_t journey = payload.meta.journey;
  Datagram& datagram = find_or_create(header);
  const Insert result = insert(datagram, header, std::move(payload));
  const size_t index = static_cast<size_t>(&datagram - datagrams_.data());
  if (result == Insert::kDuplicate) { ++counters_.duplicate; return {}; }
  if (result != Insert::kTaken) {
    ++(result == Insert::kBad ? counters_.drop_overlap : counters_.drop_too_many);
    remove(index);
    return {};
  }
  if (!complete(datagram)) {
    while (held_bytes_ > config_.max_held_bytes) { ++counters_.drop_evicted; remove(0); }
    return {};
  }
  Packet whole = join(datagram);
  ++(whole.empty() ? counters_.drop_no_buffer : counters_.completed);
  whole.meta.journey = journey;
  header.fragment_offset = 0;
  header.more_fragments = false;
  header.total_bytes = static_cast<uint16_t>(header.header_bytes + datagram.total);
  remove(index);
  return whole;
}

Ipv4Reassembly::Datagram& Ipv4Reassembly::find_or_create(const Ipv4Header& header) {
  for (Datagram& datagram : datagrams_) {
    const Ipv4Header& h = datagram.header;
    if (h.identification == header.identification && h.source == header.source &&
        h.destination == header.destination && h.protocol == header.protocol) {
      return datagram;
    }
  }
  if (datagrams_.size() >= config_.max_datagrams) { ++counters_.drop_evicted; remove(0); }
  Datagram datagram;
  datagram.header = header;
  datagram.deadline_ns = context_.now_ns + config_.timeout_ns;
  datagrams_.push_back(std::move(datagram));
  timer_.arm(datagrams_.front().deadline_ns);
  return datagrams_.back();
}

Ipv4Reassembly::Insert Ipv4Reassembly::insert(Datagram& datagram, const Ipv4Header& header, Packet payload) {
  const uint32_t first = header.fragment_offset, end = first + header.payload_bytes();
  auto& pieces = datagram.pieces;
  auto at = std::find_if(pieces.begin(), pieces.end(), [&](const Piece& piece) { return piece.end > first; });
  if (at != pieces.end() && at->first == first && at->end == end) return Insert::kDuplicate;
  if (at != pieces.end() && at->first < end) return Insert::kBad;
  if (end > datagram.total) return Insert::kBad;
  if (!header.more_fragments) {
    if (datagram.total != UINT32_MAX || (!pieces.empty() && pieces.back().end > end)) return Insert::kBad;
    datagram.total = end;
  }
  if (pieces.size() >= config_.max_fragments) return Insert::kTooMany;
  held_bytes_ += end - first;
  pieces.insert(at, Piece{first, end, std::move(payload)});
  return Insert::kTaken;
}

bool Ipv4Reassembly::complete(const Datagram& datagram) {
  uint32_t expected = 0;
  for (const Piece& piece : datagram.pieces) {
    if (piece.first != expected) return false;
    expected = piece.end;
  }
  return expected == datagram.total;
}

// Copied, not linked: a 64 KiB datagram has more fragments than a Packet, and this is not the fast path.
Packet Ipv4Reassembly::join(const Datagram& datagram) {
  Packet whole;
  BufferRef buffer;
  uint32_t used = 0;
  for (const Piece& piece : datagram.pieces) {
    for (uint32_t done = 0; done < piece.end - piece.first;) {
      if (!buffer || used == buffer.capacity()) {
        buffer = context_.data_pool.allocate();
        used = 0;
        if (!buffer || !whole.add_fragment(buffer, 0, 0)) return {};
      }
      const uint32_t part = std::min(buffer.capacity() - used, piece.end - piece.first - done);
      piece.packet.copy_out(done, whole.append(part), part);
      used += part;
      done += part;
    }
  }
  context_.charge(StackWork::kCopyBytes, datagram.total);
  return whole;
}

void Ipv4Reassembly::remove(size_t index) {
  for (const Piece& piece : datagrams_[index].pieces) held_bytes_ -= piece.end - piece.first;
  datagrams_.erase(datagrams_.begin() + static_cast<std::ptrdiff_t>(index));
  if (datagrams_.empty()) timer_.cancel();
  else timer_.arm(datagrams_.front().deadline_ns);
}

void Ipv4Reassembly::on_timer() {
  context_.charge(StackWork::kTimer);
  while (!datagrams_.empty() && datagrams_.front().deadline_ns <= context_.now_ns) {
    Datagram datagram = std::move(datagrams_.front());
    datagrams_.front().pieces.clear();
    for (const Piece& piece : datagram.pieces) held_bytes_ -= piece.end - piece.first;
    remove(0);
    ++counters_.drop_timeout;
    if (!datagram.pieces.empty() && datagram.pieces.front().first == 0) {
      on_timeout_(datagram.header, datagram.pieces.front().packet);
    }
  }
}

}  // namespace ringside::stack
