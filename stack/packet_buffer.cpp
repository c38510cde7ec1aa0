#include "stack/packet_buffer.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>

namespace ringside::stack {

BufferPool::BufferPool(uint8_t* memory, size_t count, uint32_t buffer_bytes)
    : buffers_(count), free_count_(count), buffer_bytes_(buffer_bytes) {
  if (count == 0 || buffer_bytes == 0 || memory == nullptr) throw std::invalid_argument("BufferPool: nothing to cut");
  for (size_t i = count; i-- > 0;) {  // backwards: the first allocation takes the first buffer
    Buffer& buffer = buffers_[i];
    buffer.data = memory + i * buffer_bytes;
    buffer.capacity = buffer_bytes;
    buffer.pool = this;
    buffer.next_free = free_;
    free_ = &buffer;
  }
}

BufferRef BufferPool::allocate() {
  if (!free_) {
    ++exhausted_;
    return {};
  }
  Buffer* buffer = free_;
  free_ = buffer->next_free;
  --free_count_;
  return BufferRef(buffer);
}

void BufferPool::release(Buffer* buffer) {
  assert(buffer->pool == this && buffer->references == 0);
  buffer->next_free = free_;
  free_ = buffer;
  ++free_count_;
}

Packet Packet::with_headroom(BufferRef buffer, uint32_t headroom) {
  Packet packet;
  if (!buffer) return packet;
  assert(headroom <= buffer.capacity());
  packet.add_fragment(std::move(buffer), headroom, 0);
  return packet;
}

uint32_t Packet::length() const {
  uint32_t sum = 0;
  for (size_t i = 0; i < fragment_count_; ++i) sum += fragment(i).length;
  return sum;
}

bool Packet::add_fragment(BufferRef buffer, uint32_t offset, uint32_t length) {
  if (fragment_count_ == kMaxFragments) return false;
  assert(buffer && offset + length <= buffer.capacity());
  new (storage_ + fragment_count_ * sizeof(Fragment)) Fragment{std::move(buffer), offset, length};
  ++fragment_count_;
  return true;
}

uint8_t* Packet::push(uint32_t bytes) {
  if (fragment_count_ == 0 || fragment(0).offset < bytes) return nullptr;
  fragment(0).offset -= bytes;
  fragment(0).length += bytes;
  return fragment(0).begin();
}

uint8_t* Packet::append(uint32_t bytes) {
  if (fragment_count_ == 0) return nullptr;
  Fragment& last = *slot(fragment_count_ - 1);
  if (last.buffer.capacity() - last.offset - last.length < bytes) return nullptr;
  uint8_t* at = last.begin() + last.length;
  last.length += bytes;
  return at;
}

bool Packet::pull(uint32_t bytes) {
  if (length() < bytes) return false;
  size_t gone = 0;  // fragments used up; the last one stays, so that the packet keeps its headroom
  while (gone + 1 < fragment_count_ && fragment(gone).length <= bytes) bytes -= fragment(gone++).length;
  if (gone > 0) {
    std::move(slot(gone), slot(fragment_count_), slot(0));
    for (size_t i = 0; i < gone; ++i) drop_last();
  }
  if (bytes > 0) {
    fragment(0).offset += bytes;
    fragment(0).length -= bytes;
  }
  return true;
}

bool Packet::trim(uint32_t new_length) {
  uint32_t kept = 0;
  for (size_t i = 0; i < fragment_count_; ++i) {
    if (kept + fragment(i).length < new_length) {
      kept += fragment(i).length;
      continue;
    }
    fragment(i).length = new_length - kept;
    while (fragment_count_ > i + 1) drop_last();
    return true;
  }
  return new_length == kept;
}

uint8_t* Packet::header(uint32_t bytes) {
  if (fragment_count_ == 0 || fragment(0).length < bytes) return nullptr;
  return fragment(0).begin();
}

uint32_t Packet::copy_out(uint32_t offset, uint8_t* out, uint32_t bytes) const {
  uint32_t copied = 0;
  for (size_t i = 0; i < fragment_count_ && copied < bytes; ++i) {
    const Fragment& piece = fragment(i);
    if (offset >= piece.length) {
      offset -= piece.length;
      continue;
    }
    const uint32_t part = std::min(bytes - copied, piece.length - offset);
    std::memcpy(out + copied, piece.begin() + offset, part);
    copied += part;
    offset = 0;
  }
  return copied;
}

Packet Packet::share() const {
  Packet other;
  for (size_t i = 0; i < fragment_count_; ++i)
    other.add_fragment(fragment(i).buffer, fragment(i).offset, fragment(i).length);
  other.meta = meta;
  return other;
}

}  // namespace ringside::stack
