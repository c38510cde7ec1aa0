#include "stack/egress_queue.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace ringside::stack {
namespace {
constexpr uint64_t kUnitsPerByte = 8'000'000'000;  // bits * ns per second
}

void TokenBucket::configure(uint64_t bits_per_second, uint32_t burst_bytes, uint64_t now_ns) {
  if (bits_per_second > 1'000'000'000'000 || burst_bytes > 1'000'000'000) {
    throw std::invalid_argument("TokenBucket: at most 1 Tb/s and 1 GB burst");
  }
  rate_ = bits_per_second;
  limit_ = tokens_ = burst_bytes * kUnitsPerByte;
  last_ns_ = now_ns;
}

void TokenBucket::refill(uint64_t now_ns) {
  const uint64_t full_after_ns = (limit_ - tokens_) / rate_ + 1;
  const uint64_t passed_ns = now_ns - last_ns_;
  tokens_ = passed_ns >= full_after_ns ? limit_ : tokens_ + passed_ns * rate_;
  last_ns_ = now_ns;
}

// A packet larger than the bucket passes when the bucket is full: it must not wait for ever.
uint64_t TokenBucket::need(uint32_t bytes) const { return std::min(bytes * kUnitsPerByte, limit_); }

bool TokenBucket::take(uint32_t bytes, uint64_t now_ns) {
  if (!enabled()) return true;
  refill(now_ns);
  if (tokens_ < need(bytes)) return false;
  tokens_ -= need(bytes);
  return true;
}

uint64_t TokenBucket::ready_at_ns(uint32_t bytes, uint64_t now_ns) {
  if (!enabled()) return now_ns;
  refill(now_ns);
  if (tokens_ >= need(bytes)) return now_ns;
  return now_ns + (need(bytes) - tokens_ + rate_ - 1) / rate_;
}

EgressQueue::EgressQueue(size_t capacity_packets) : ring_(capacity_packets) {
  if (capacity_packets == 0) throw std::invalid_argument("EgressQueue: needs room for one packet");
}

void EgressQueue::add(Packet packet) {
  assert(!full());
  size_t at = next_ + count_++;
  if (at >= ring_.size()) at -= ring_.size();
  ring_[at] = std::move(packet);
}

void EgressQueue::remove_oldest() {
  assert(!empty());
  ring_[next_].clear();
  if (++next_ == ring_.size()) next_ = 0;
  --count_;
}

void EgressQueue::clear() {
  while (!empty()) remove_oldest();
}

}  // namespace ringside::stack
