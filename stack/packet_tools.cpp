#include "stack/packet_tools.h"

#include <algorithm>

namespace ringside::stack {

bool make_contiguous(Packet& packet, uint32_t bytes, BufferPool& pool) {
  if (packet.header(bytes)) return true;
  if (packet.length() < bytes) return false;
  BufferRef buffer = pool.allocate();
  if (!buffer || buffer.capacity() < kHeaderHeadroom + bytes) return false;
  Packet joined = Packet::with_headroom(std::move(buffer), kHeaderHeadroom);
  packet.copy_out(0, joined.append(bytes), bytes);
  if (!append_shared(joined, packet, bytes, packet.length() - bytes)) return false;
  joined.meta = packet.meta;
  packet = std::move(joined);
  return true;
}

bool append_shared(Packet& to, const Packet& from, uint32_t offset, uint32_t bytes) {
  for (size_t i = 0; i < from.fragment_count() && bytes > 0; ++i) {
    const Fragment& fragment = from.fragment(i);
    if (offset >= fragment.length) {
      offset -= fragment.length;
      continue;
    }
    const uint32_t part = std::min(bytes, fragment.length - offset);
    if (!to.add_fragment(fragment.buffer, fragment.offset + offset, part)) return false;
    offset = 0;
    bytes -= part;
  }
  return bytes == 0;
}

Packet copy_packet(const Packet& from, BufferPool& pool, uint32_t headroom) {
  const uint32_t total = from.length();
  Packet to;
  uint32_t done = 0;
  do {
    BufferRef buffer = pool.allocate();
    const uint32_t start = done == 0 ? headroom : 0;
    if (!buffer || buffer.capacity() <= start || to.fragment_count() == Packet::kMaxFragments) return {};
    const uint32_t part = from.copy_out(done, buffer.data() + start, std::min(buffer.capacity() - start, total - done));
    to.add_fragment(std::move(buffer), start, part);
    done += part;
  } while (done < total);
  to.meta = from.meta;
  return to;
}

}  // namespace ringside::stack
