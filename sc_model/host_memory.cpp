#include "sc_model/host_memory.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <stdexcept>

namespace ringside::sc_model {

HostMemory::HostMemory(size_t bytes, uint64_t seed)
    : frame_((bytes + kPageBytes - 1) / kPageBytes, kNoFrame), free_pages_(frame_.size()), random_(seed, 0x4D454D) {
  constexpr uint64_t kFrames = (kLowRamEnd - kLowRamStart + kHighRamEnd - kHighRamStart) / kPageBytes;
  if (frame_.empty() || frame_.size() > kFrames / 4)
    throw std::invalid_argument("host memory must be 4 KiB to a quarter of the physical RAM window");
  arena_.reset(static_cast<uint8_t*>(std::aligned_alloc(kPageBytes, frame_.size() * kPageBytes)));
  if (!arena_) throw std::invalid_argument("no memory for the host's arena");
}

// First fit; allocations are few and long-lived.
size_t HostMemory::find_pages(size_t count) const {
  size_t run = 0;
  for (size_t page = 0; page < frame_.size(); ++page) {
    run = frame_[page] == kNoFrame ? run + 1 : 0;
    if (run == count) return page + 1 - count;
  }
  return frame_.size();
}

// First of `count` neighbouring frames that are free, drawn at random from both RAM windows.
uint64_t HostMemory::random_frames(size_t count) {
  constexpr uint64_t kLow = page_of(kLowRamEnd - kLowRamStart);
  constexpr uint64_t kHigh = page_of(kHighRamEnd - kHighRamStart);
  for (;;) {
    const bool high = random_.below(2) == 1;  // half the pages need 64-bit addresses
    const uint64_t window = high ? kHigh : kLow;
    const uint64_t first = page_of(high ? kHighRamStart : kLowRamStart) + random_.below(window - count + 1);
    bool is_free = true;
    for (size_t i = 0; i < count && is_free; ++i) is_free = page_by_frame_.count(first + i) == 0;
    if (is_free) return first;
  }
}

uint8_t* HostMemory::allocate(size_t bytes, bool contiguous) {
  const size_t count = (bytes + kPageBytes - 1) / kPageBytes;
  const size_t page = count == 0 ? frame_.size() : find_pages(count);
  if (page == frame_.size()) return nullptr;
  const uint64_t first = contiguous ? random_frames(count) : 0;
  for (size_t i = 0; i < count; ++i) {
    const uint64_t frame = contiguous ? first + i : random_frames(1);
    frame_[page + i] = frame;
    page_by_frame_[frame] = static_cast<uint32_t>(page + i);
  }
  free_pages_ -= count;
  uint8_t* cpu = arena_.get() + page * kPageBytes;
  std::memset(cpu, 0, count * kPageBytes);
  return cpu;
}

void HostMemory::free(const void* cpu, size_t bytes) {
  const size_t count = (bytes + kPageBytes - 1) / kPageBytes;
  const size_t page = page_index(cpu);
  for (size_t i = page; i < page + count; ++i) {
    assert(frame_[i] != kNoFrame);
    page_by_frame_.erase(frame_[i]);
    frame_[i] = kNoFrame;
  }
  free_pages_ += count;
}

bool HostMemory::contains(const void* cpu) const {
  const uint8_t* p = static_cast<const uint8_t*>(cpu);
  return p >= arena_.get() && p < arena_.get() + frame_.size() * kPageBytes;
}

size_t HostMemory::page_index(const void* cpu) const {
  assert(contains(cpu));
  return static_cast<size_t>(static_cast<const uint8_t*>(cpu) - arena_.get()) / kPageBytes;
}

uint64_t HostMemory::physical(const void* cpu) const {
  const uint64_t frame = frame_[page_index(cpu)];
  assert(frame != kNoFrame);
  const size_t offset = static_cast<size_t>(static_cast<const uint8_t*>(cpu) - arena_.get()) % kPageBytes;
  return frame * kPageBytes + offset;
}

uint8_t* HostMemory::cpu(uint64_t physical_address) const {
  const auto found = page_by_frame_.find(page_of(physical_address));
  if (found == page_by_frame_.end()) return nullptr;
  return arena_.get() + found->second * kPageBytes + physical_address % kPageBytes;
}

}  // namespace ringside::sc_model
