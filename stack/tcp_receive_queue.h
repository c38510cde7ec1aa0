// Receive queue: bytes in order, waiting for read(). References to the buffers they arrived in; nothing is copied
// until the user's read.
#ifndef RINGSIDE_STACK_TCP_RECEIVE_QUEUE_H_
#define RINGSIDE_STACK_TCP_RECEIVE_QUEUE_H_

#include <cstdint>
#include <vector>

#include "stack/packet_buffer.h"

namespace ringside::stack {

class TcpReceiveQueue {
 public:
  TcpReceiveQueue() : ring_(64) {}

  uint32_t size() const { return bytes_; }
  void append(Fragment fragment, uint64_t journey);
  uint32_t read(uint8_t* out, uint32_t bytes, bool peek);  // copies up to `bytes`, removes them unless `peek`
  // Calls visit(id) for each packet of which the next `bytes` hold something.
  template <typename Visit>
  void for_each_journey(uint32_t bytes, Visit visit) {
    for (size_t index = 0; bytes > 0 && index < count_; ++index) {
      const Item& next = item(index);
      bytes -= bytes < next.fragment.length ? bytes : next.fragment.length;
      visit(next.journey);
    }
  }
  void clear();

 private:
  struct Item {
    Fragment fragment;
    uint64_t journey = 0;
  };
  Item& item(size_t index) { return ring_[(first_ + index) & (ring_.size() - 1)]; }
  void grow();

  std::vector<Item> ring_;  // power of two
  size_t first_ = 0;
  size_t count_ = 0;
  uint32_t bytes_ = 0;
};

}  // namespace ringside::stack

#endif  // RINGSIDE_STACK_TCP_RECEIVE_QUEUE_H_
