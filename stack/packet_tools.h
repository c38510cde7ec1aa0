// Small operations on packets that several layers need.
#ifndef RINGSIDE_STACK_PACKET_TOOLS_H_
#define RINGSIDE_STACK_PACKET_TOOLS_H_

#include "stack/packet_buffer.h"

namespace ringside::stack {

// Room kept in front of what a transport layer writes: its own header (60), IPv4 (20), Ethernet (14), rounded up.
constexpr uint32_t kHeaderHeadroom = 128;

// Makes the first `bytes` bytes contiguous (devices may split headers anywhere). False: shorter, or no buffer.
bool make_contiguous(Packet& packet, uint32_t bytes, BufferPool& pool);

// Adds [offset, offset + bytes) of `from` to `to` by reference. False: too many fragments.
bool append_shared(Packet& to, const Packet& from, uint32_t offset, uint32_t bytes);

// The same bytes in few, fresh buffers of `pool`; empty when the pool or the fragments do not suffice.
Packet copy_packet(const Packet& from, BufferPool& pool, uint32_t headroom);

}  // namespace ringside::stack

#endif  // RINGSIDE_STACK_PACKET_TOOLS_H_
