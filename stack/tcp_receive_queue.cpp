#include "stack/tcp_receive_queue.h"

#include <algorithm>
#include <cstring>

namespace ringside::stack {

void TcpReceiveQueue::grow() {
  std::vector<Item> larger(ring_.size() * 2);
  for (size_t i = 0; i < count_; ++i) larger[i] = std::move(item(i));
  ring_.swap(larger);
  first_ = 0;
}

void TcpReceiveQueue::append(Fragment fragment, uint64_t journey) {
  if (fragment.length == 0) return;
  if (count_ == ring_.size()) grow();
  bytes_ += fragment.length;
  Item& last = item(count_++);
  last.fragment = std::move(fragment);
  last.journey = journey;
}

// Path step R12: copies to user memory and removes the bytes.
uint32_t TcpReceiveQueue::read(uint8_t* out, uint32_t bytes, bool peek) {
  uint32_t done = 0;
  for (size_t index = 0; done < bytes && index < count_;) {
    Fragment& fragment = item(index).fragment;
    const uint32_t part = std::min(bytes - done, fragment.length);
    std::memcpy(out + done, fragment.begin(), part);
    done += part;
    if (peek) {
      ++index;
    } else if (part == fragment.length) {
      fragment.buffer.reset();
      ++first_;
      --count_;
    } else {
      fragment.offset += part;
      fragment.length -= part;
    }
  }
  if (!peek) bytes_ -= done;
  return done;
}

void TcpReceiveQueue::clear() {
  for (size_t i = 0; i < count_; ++i) item(i).fragment.buffer.reset();
  count_ = 0;
  bytes_ = 0;
}

}  // namespace ringside::stack
