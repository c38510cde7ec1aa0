#include "stack/tcp_send_queue.h"

#include <algorithm>
#include <cstring>

namespace ringside::stack {

bool TcpSendQueue::add_buffer() {
  BufferRef buffer = pool_.allocate();
  if (!buffer) return false;
  if (count_ == ring_.size()) {
    std::vector<BufferRef> larger(ring_.size() * 2);
    for (uint64_t i = 0; i < count_; ++i) larger[i] = std::move(slot(i));
    ring_.swap(larger);
    first_slot_ = 0;
  }
  slot(count_++) = std::move(buffer);
  return true;
}

// Path step T3: the user's bytes are copied to the end of the send buffer, in order, once.
uint32_t TcpSendQueue::append(const uint8_t* data, uint32_t bytes) {
  uint32_t done = 0;
  while (done < bytes) {
    const uint64_t used = end_ - base_;
    if (used == count_ * buffer_bytes_ && !add_buffer()) break;
    const uint32_t offset = static_cast<uint32_t>(used % buffer_bytes_);
    const uint32_t part = std::min(bytes - done, buffer_bytes_ - offset);
    std::memcpy(slot(count_ - 1).data() + offset, data + done, part);
    done += part;
    end_ += part;
  }
  return done;
}

void TcpSendQueue::release(uint64_t position) {
  assert(position >= begin_ && position <= end_);
  begin_ = position;
  while (count_ > 0 && begin_ - base_ >= buffer_bytes_) {
    slot(0).reset();
    ++first_slot_;
    --count_;
    base_ += buffer_bytes_;
  }
  if (begin_ == end_ && count_ > 0) {  // an idle connection holds no buffer
    slot(0).reset();
    count_ = 0;
  }
  if (count_ == 0) base_ = begin_;
}

uint32_t TcpSendQueue::add_to(Packet& packet, uint64_t position, uint32_t bytes, size_t max_fragments) const {
  assert(position >= begin_ && position + bytes <= end_);
  uint32_t done = 0;
  while (done < bytes && packet.fragment_count() < max_fragments) {
    const uint64_t at = position + done - base_;
    const uint32_t offset = static_cast<uint32_t>(at % buffer_bytes_);
    const uint32_t part = std::min(bytes - done, buffer_bytes_ - offset);
    packet.add_fragment(slot(at / buffer_bytes_), offset, part);
    done += part;
  }
  return done;
}

}  // namespace ringside::stack
