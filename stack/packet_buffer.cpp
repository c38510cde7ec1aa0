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
  for (size_t i = 0; i < fragment_count_; ++i) sum += fragments_[i].length;
  return sum;
}

bool Packet::add_fragment(BufferRef buffer, uint32_t offset, uint32_t length) {
  if (fragment_count_ == kMaxFragments) return false;
  assert(buffer && offset + length <= buffer.capacity());
  Fragment& fragment = fragments_[fragment_count_++];
  fragment.buffer = std::move(buffer);
  fragment.offset = offset;
  fragment.length = length;
  return true;
}

uint8_t* Packet::push(uint32_t bytes) {
  if (fragment_count_ == 0 || fragments_[0].offset < bytes) return nullptr;
  fragments_[0].offset -= bytes;
  fragments_[0].length += bytes;
  return fragments_[0].begin();
}

uint8_t* Packet::append(uint32_t bytes) {
  if (fragment_count_ == 0) return nullptr;
  Fragment& last = fragments_[fragment_count_ - 1];
  if (last.buffer.capacity() - last.offset - last.length < bytes) return nullptr;
  uint8_t* at = last.begin() + last.length;
  last.length += bytes;
  return at;
}

bool Packet::pull(uint32_t bytes) {
  if (length() < bytes) return false;
  size_t gone = 0;  // fragments used up; the last one stays, so that the packet keeps its headroom
  while (gone + 1 < fragment_count_ && fragments_[gone].length <= bytes) bytes -= fragments_[gone++].length;
  if (gone > 0) {
    std::move(fragments_.begin() + gone, fragments_.begin() + fragment_count_, fragments_.begin());
    for (size_t i = fragment_count_ - gone; i < fragment_count_; ++i) fragments_[i].buffer.reset();
    fragment_count_ -= static_cast<uint8_t>(gone);
  }
  if (bytes > 0) {
    fragments_[0].offset += bytes;
    fragments_[0].length -= bytes;
  }
  return true;
}

bool Packet::trim(uint32_t new_length) {
  uint32_t kept = 0;
  for (size_t i = 0; i < fragment_count_; ++i) {
    if (kept + fragments_[i].length < new_length) {
      kept += fragments_[i].length;
      continue;
    }
    fragments_[i].length = new_length - kept;
    while (fragment_count_ > i + 1) fragments_[--fragment_count_].buffer.reset();
    return true;
  }
  return new_length == kept;
}

uint8_t* Packet::header(uint32_t bytes) {
  if (fragment_count_ == 0 || fragments_[0].length < bytes) return nullptr;
  return fragments_[0].begin();
}

uint32_t Packet::copy_out(uint32_t offset, uint8_t* out, uint32_t bytes) const {
  uint32_t copied = 0;
  for (size_t i = 0; i < fragment_count_ && copied < bytes; ++i) {
    const Fragment& fragment = fragments_[i];
    if (offset >= fragment.length) {
      offset -= fragment.length;
      continue;
    }
    const uint32_t part = std::min(bytes - copied, fragment.length - offset);
    std::memcpy(out + copied, fragment.begin() + offset, part);
    copied += part;
    offset = 0;
  }
  return copied;
}

Packet Packet::share() const {
  Packet other;
  for (size_t i = 0; i < fragment_count_; ++i) other.fragments_[i] = fragments_[i];
  other.fragment_count_ = fragment_count_;
  other.meta = meta;
  return other;
}

void Packet::clear() {
  while (fragment_count_ > 0) fragments_[--fragment_count_].buffer.reset();
}

}  // namespace ringside::stack
