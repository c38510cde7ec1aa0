// Send queue: the bytes between snd_una and the last one written, in pool buffers that segments refer to.
//
//   position   begin                                      end
//                |<------ held until acknowledged --------->|
//   buffers   [....####][########][########]...[########][###.....]
//               ^ released as a whole when begin passes     ^ append() fills up, then takes the next buffer
//
// Positions count bytes of the stream from 0. Every buffer but the first and last is full, so the buffer of a position
// is a division away. A byte is written once, by append(), and is never touched again: the NIC may own it.
#ifndef RINGSIDE_STACK_TCP_SEND_QUEUE_H_
#define RINGSIDE_STACK_TCP_SEND_QUEUE_H_

#include <cstdint>
#include <vector>

#include "stack/packet_buffer.h"

namespace ringside::stack {

class TcpSendQueue {
 public:
  explicit TcpSendQueue(BufferPool& pool) : pool_(pool), buffer_bytes_(pool.buffer_bytes()), ring_(16) {}

  uint64_t begin() const { return begin_; }
  uint64_t end() const { return end_; }
  uint32_t size() const { return static_cast<uint32_t>(end_ - begin_); }

  uint32_t append(const uint8_t* data, uint32_t bytes);  // returns how many found a buffer
  void release(uint64_t position);                        // everything before it is acknowledged
  // Adds [position, position + bytes) to the packet by reference; returns how many bytes found fragments.
  uint32_t add_to(Packet& packet, uint64_t position, uint32_t bytes, size_t max_fragments) const;

 private:
  BufferRef& slot(uint64_t index) { return ring_[(first_slot_ + index) & (ring_.size() - 1)]; }
  const BufferRef& slot(uint64_t index) const { return ring_[(first_slot_ + index) & (ring_.size() - 1)]; }
  bool add_buffer();

  BufferPool& pool_;
  uint32_t buffer_bytes_;
  std::vector<BufferRef> ring_;  // power of two
  uint64_t first_slot_ = 0;
  uint64_t count_ = 0;           // buffers in use
  uint64_t base_ = 0;            // position of the first buffer's first byte
  uint64_t begin_ = 0;
  uint64_t end_ = 0;
};

}  // namespace ringside::stack

#endif  // RINGSIDE_STACK_TCP_SEND_QUEUE_H_
