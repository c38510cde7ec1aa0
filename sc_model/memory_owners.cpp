#include "sc_model/memory_owners.h"

#include <algorithm>
#include <cstring>
#include <new>

#include "sc_model/event_history.h"

namespace ringside::sc_model {

// Eight bytes at a time, two lanes; only compared with itself.
uint64_t Mapping::contents() const {
  constexpr uint64_t kOdd1 = 0x9E3779B97F4A7C15, kOdd2 = 0xC2B2AE3D27D4EB4F;
  uint64_t a = bytes * kOdd1, b = kOdd2;
  uint64_t word[2];
  uint64_t at = 0;
  for (; at + 16 <= bytes; at += 16) {
    std::memcpy(word, cpu + at, 16);
    a = (a ^ word[0]) * kOdd1;
    b = (b ^ word[1]) * kOdd2;
    a ^= a >> 29;
    b ^= b >> 31;
  }
  word[0] = word[1] = 0;
  std::memcpy(word, cpu + at, bytes - at);
  return ((a ^ word[0]) * kOdd2) ^ ((b ^ word[1]) * kOdd1);
}

std::vector<std::string> Mapping::events() const {
  std::vector<HistoryEvent> all = {{mapped_ps, "driver maps 0x%llx, %llu bytes", {bus, bytes, 0}}};
  if (given_ps != 0) all.push_back({given_ps, "driver gives it away by descriptor %llu of queue %llu", {index, queue, 0}});
  if (read_ps != 0) all.push_back({read_ps, "device reads it, last time", {}});
  if (written_ps != 0) all.push_back({written_ps, "device writes it, last time", {}});
  if (returned_ps != 0) all.push_back({returned_ps, "device gives it back", {}});
  if (unmapped_ps != 0) all.push_back({unmapped_ps, "driver unmaps it", {}});
  std::stable_sort(all.begin(), all.end(), [](const auto& x, const auto& y) { return x.time_ps < y.time_ps; });
  std::vector<std::string> text;
  for (const HistoryEvent& event : all) text.push_back(to_string(event));
  return text;
}

MemoryOwners::MemoryOwners(const HostMemory& memory, const Iommu& iommu)
    : memory_(memory), iommu_(iommu), records_(kFirstRecords) {
  shadow_.reset(static_cast<uint32_t*>(std::calloc(memory.page_count() * (kPageBytes / kGranule), sizeof(uint32_t))));
  if (!shadow_) throw std::bad_alloc();
}

size_t MemoryOwners::granule(const uint8_t* cpu) const {
  return (memory_.page_index(cpu) * kPageBytes + reinterpret_cast<uintptr_t>(cpu) % kPageBytes) / kGranule;
}

uint32_t MemoryOwners::free_record() {
  for (uint32_t i = 0; i < kRecords; ++i) {
    next_ = next_ + 1 == kRecords ? 1 : next_ + 1;
    if (next_ == records_.size()) records_.resize(std::min<size_t>(2 * records_.size(), kRecords));
    if (!records_[next_].live) return next_;
  }
  return kNone;
}

void MemoryOwners::map(TimePs now, const uint8_t* cpu, uint64_t bus, uint64_t bytes, DmaAccess access) {
  const uint32_t id = free_record();
  if (id == kNone || bytes == 0) return;
  const size_t first = granule(cpu), last = granule(cpu + bytes - 1);
  Mapping& m = records_[id];
  m = Mapping{};
  m.bus = bus;
  m.bytes = bytes;
  m.cpu = cpu;
  m.access = access;
  m.owner = access == DmaAccess::kCoherent ? Owner::kShared : Owner::kDriver;
  m.live = true;
  m.mapped_ps = now;
  m.under_first = shadow_[first];
  m.under_last = shadow_[last];
  std::fill(shadow_.get() + first, shadow_.get() + last + 1, id);
}

uint32_t MemoryOwners::under(const Mapping& m, size_t g, size_t first, size_t last) const {
  if (g == last) return m.under_last;
  if (g == first) return m.under_first;
  const Mapping& below = records_[m.under_first];
  const uint8_t* at = m.cpu + (g - first) * kGranule;
  return m.under_first != kNone && below.live && at >= below.cpu && at < below.cpu + below.bytes ? m.under_first : kNone;
}

void MemoryOwners::unmap(TimePs now, uint32_t id) {
  Mapping& m = records_[id];
  m.live = false;
  m.unmapped_ps = now;
  const size_t first = granule(m.cpu), last = granule(m.cpu + m.bytes - 1);
  for (size_t g = first; g <= last; ++g)
    if (shadow_[g] == id) shadow_[g] = under(m, g, first, last);
}

uint32_t MemoryOwners::find(uint64_t bus, uint64_t bytes) const {
  const uint8_t* cpu = iommu_.peek(bus);
  if (cpu == nullptr) return kNone;
  uint32_t id = shadow_[granule(cpu)];
  for (unsigned hops = 0; id != kNone && hops < 8; ++hops) {
    const Mapping& m = records_[id];
    if (m.live && m.covers(bus, bytes)) return id;
    id = granule(cpu) == granule(m.cpu + m.bytes - 1) ? m.under_last : m.under_first;
  }
  for (id = 1; id < records_.size(); ++id)
    if (records_[id].live && records_[id].covers(bus, bytes)) return id;
  return kNone;
}

uint32_t MemoryOwners::find_dead(uint64_t bus, uint64_t bytes) const {
  uint32_t best = kNone;
  for (uint32_t id = 1; id < records_.size(); ++id) {
    const Mapping& m = records_[id];
    if (m.live || m.bytes == 0 || !m.covers(bus, bytes)) continue;
    if (best == kNone || m.unmapped_ps >= records_[best].unmapped_ps) best = id;
  }
  return best;
}

}  // namespace ringside::sc_model
