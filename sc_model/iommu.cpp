#include "sc_model/iommu.h"

#include <algorithm>
#include <cassert>
#include <cstdio>
#include <utility>

namespace ringside::sc_model {
namespace {

constexpr size_t kBusPages = size_t{1} << 18;  // 1 GiB of bus addresses, with the IOMMU on
constexpr uint64_t kFirstBusAddress = 0xC000'0000;  // straddles 4 GiB with the window of MMIO and MSI left out
constexpr uint64_t kSecondBusAddress = 0x1'0000'0000;
constexpr uint64_t kLowBusPages = page_of(0xE000'0000 - kFirstBusAddress);

std::string hex(uint64_t value) {
  char text[24];
  std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(value));
  return text;
}

// Bus pages 0 .. kBusPages - 1 lie in two windows, below the MMIO hole and above 4 GiB.
uint64_t bus_of_page(size_t page) {
  if (page < kLowBusPages) return kFirstBusAddress + page * kPageBytes;
  return kSecondBusAddress + (page - kLowBusPages) * kPageBytes;
}

size_t page_of_bus(uint64_t bus) {
  if (bus >= kFirstBusAddress && bus < 0xE000'0000) return page_of(bus - kFirstBusAddress);
  if (bus >= kSecondBusAddress) return kLowBusPages + page_of(bus - kSecondBusAddress);
  return kBusPages;
}

bool permits(DmaAccess access, bool write) {
  return access == DmaAccess::kCoherent || write == (access == DmaAccess::kDeviceWrites);
}

}  // namespace

Iommu::Iommu(HostMemory& memory, bool enabled, uint64_t seed, std::string name, ViolationLog* log)
    : memory_(memory), enabled_(enabled), name_(std::move(name)), log_(log),
      pages_(enabled ? kBusPages : memory.page_count()) {
  // Start near the end of the low window, at a place of the seed's, so that both header formats are used from the
  // start.
  Random random(seed, 0x494F4D4D55);
  next_fresh_ = enabled ? kLowBusPages - 64 - random.below(1024) : 0;
}

const Iommu::Page* Iommu::page_at(uint64_t bus) const {
  if (enabled_) {
    const size_t page = page_of_bus(bus);
    return page < pages_.size() ? &pages_[page] : nullptr;
  }
  const uint8_t* cpu = memory_.cpu(bus);
  return cpu == nullptr ? nullptr : &pages_[memory_.page_index(cpu)];
}

// Single pages come from the free list once the window has been walked through, oldest first.
uint64_t Iommu::take_bus_pages(size_t count) {
  constexpr size_t kKeepUnused = 8192;  // freed pages rest this long before they serve again
  if (count == 1 && free_pages_.size() > kKeepUnused) {
    const uint32_t page = free_pages_.front();
    free_pages_.pop_front();
    return bus_of_page(page);
  }
  if (next_fresh_ < kLowBusPages && next_fresh_ + count > kLowBusPages) next_fresh_ = kLowBusPages;
  assert(next_fresh_ + count <= pages_.size());
  const size_t first = next_fresh_;
  next_fresh_ += count;
  return bus_of_page(first);
}

uint64_t Iommu::map(const void* cpu, size_t bytes, DmaAccess access) {
  assert(bytes > 0 && memory_.contains(cpu));
  uint8_t* start = memory_.cpu(memory_.physical(cpu));
  const uint64_t offset = memory_.physical(cpu) % kPageBytes;
  const size_t count = (offset + bytes + kPageBytes - 1) / kPageBytes;
  assert(count == 1 || access == DmaAccess::kCoherent);
  const uint64_t bus = enabled_ ? take_bus_pages(count) + offset : memory_.physical(cpu);
  for (size_t done = 0; done < bytes;) {
    const size_t piece = std::min<size_t>(bytes - done, kPageBytes - (offset + done) % kPageBytes);
    add_range(bus + done, start + done, static_cast<uint32_t>(piece), access);
    done += piece;
  }
  ++mapped_ranges_;
  return bus;
}

void Iommu::add_range(uint64_t bus, uint8_t* cpu, uint32_t bytes, DmaAccess access) {
  Page* page = page_at(bus);
  const uint32_t offset = static_cast<uint32_t>(bus % kPageBytes);
  assert(page != nullptr);
  assert(page->cpu == nullptr || page->cpu == cpu - offset);
  page->cpu = cpu - offset;
  page->ranges.push_back({offset, offset + bytes, access});
}

bool Iommu::unmap(uint64_t bus, size_t bytes, DmaAccess access, TimePs now) {
  bool found = bytes > 0;
  for (size_t done = 0; done < bytes && found;) {
    const size_t piece = std::min<size_t>(bytes - done, kPageBytes - (bus + done) % kPageBytes);
    found = remove_range(bus + done, static_cast<uint32_t>(piece), access);
    done += piece;
  }
  if (!found) {
    if (log_ != nullptr)
      log_->report({"R11", Side::kDriver, now, name_, "unmap of " + hex(bus) + " + " + std::to_string(bytes) +
                    ", which is not mapped like that"});
    return false;
  }
  --mapped_ranges_;
  unmapped_.push_back({bus, bus + bytes, now});
  if (unmapped_.size() > kRemembered) unmapped_.pop_front();
  return true;
}

bool Iommu::remove_range(uint64_t bus, uint32_t bytes, DmaAccess access) {
  Page* page = page_at(bus);
  if (page == nullptr) return false;
  const uint32_t first = static_cast<uint32_t>(bus % kPageBytes);
  for (size_t i = 0; i < page->ranges.size(); ++i) {
    const Range& range = page->ranges[i];
    if (range.first != first || range.end != first + bytes || range.access != access) continue;
    page->ranges.erase(page->ranges.begin() + static_cast<std::ptrdiff_t>(i));
    if (page->ranges.empty()) page->cpu = nullptr;
    if (enabled_) free_pages_.push_back(static_cast<uint32_t>(page_of_bus(bus)));
    return true;
  }
  return false;
}

uint8_t* Iommu::translate(uint64_t bus, uint32_t bytes, bool write, TimePs now) {
  const uint32_t first = static_cast<uint32_t>(bus % kPageBytes);
  if (Page* page = page_at(bus)) {
    for (const Range& range : page->ranges)
      if (range.first <= first && first + bytes <= range.end && permits(range.access, write)) return page->cpu + first;
  }
  ++refused_;
  report_refused(bus, bytes, write, now);
  return nullptr;
}

uint8_t* Iommu::peek(uint64_t bus) const {
  const Page* page = page_at(bus);
  return page == nullptr || page->cpu == nullptr ? nullptr : page->cpu + bus % kPageBytes;
}

void Iommu::drop_write(uint64_t bus, uint32_t bytes, TimePs now) {
  ++refused_;
  if (log_ == nullptr) return;
  log_->report({"D4", Side::kHostModel, now, name_,
                "refuses a write of " + std::to_string(bytes) + " bytes at " + hex(bus) + " that is mapped: a fault"});
}

void Iommu::report_refused(uint64_t bus, uint32_t bytes, bool write, TimePs now) {
  if (log_ == nullptr || (judge_ != nullptr && judge_->judge_refused(bus, bytes, write, now))) return;
  const std::string what = std::string("the device ") + (write ? "writes " : "reads ") + std::to_string(bytes) +
                           " bytes at " + hex(bus);
  for (auto it = unmapped_.rbegin(); it != unmapped_.rend(); ++it) {
    if (bus < it->bus || bus + bytes > it->end) continue;
    const std::string when = std::to_string(it->when / kPsPerNs);
    return log_->report({"R11", Side::kDriver, now, name_, what + ", which the driver unmapped at " + when + " ns"});
  }
  const Page* page = page_at(bus);
  const bool mapped = page != nullptr && !page->ranges.empty();
  log_->report({write ? "D4" : "D3", Side::kDevice, now, name_,
                what + (mapped ? ", outside what is mapped in that page or against its direction"
                               : ", where nothing is mapped")});
}

}  // namespace ringside::sc_model
