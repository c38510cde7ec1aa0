// IOMMU and ownership at the granularity of mappings: which bus addresses the device may touch, and how.
//
// On:  every mapping gets bus pages of its own, freed ones are reused as late as possible, so that an access after
//      unmap is seen. Translation is by page, permission by byte range.
// Off: the bus address is the physical address; permissions are held all the same.
// A refused access is a Violation: D4 (device write) or D3 (device read) at the device's charge, R11 at the driver's
// when the range was mapped until a moment ago.
// Units: bytes. No access may cross a 4 KiB page (a legal TLP cannot).
#ifndef RINGSIDE_SC_MODEL_IOMMU_H_
#define RINGSIDE_SC_MODEL_IOMMU_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <unordered_map>
#include <vector>

#include "sc_model/host_memory.h"
#include "sc_model/sim_time.h"
#include "sc_model/violation.h"

namespace ringside::sc_model {

// What the device may do with a range. kCoherent: rings and status blocks, both ways, both sides at once.
enum class DmaAccess : uint8_t { kDeviceReads, kDeviceWrites, kCoherent };

// Who knows more about a refused access than the IOMMU does. True: it has been dealt with, report nothing.
class RefusalJudge {
 public:
  virtual ~RefusalJudge() = default;
  virtual bool judge_refused(uint64_t bus, uint32_t bytes, bool write, TimePs now) = 0;
};

class Iommu {
 public:
  // `log` may be null: nothing is reported then (--no-check), the access is refused all the same.
  Iommu(HostMemory& memory, bool enabled, uint64_t seed, std::string name, ViolationLog* log);

  // Maps a range of allocated memory; only kCoherent ranges may cross pages. With the IOMMU off a kCoherent range
  // must be physically contiguous. Returns the bus address.
  uint64_t map(const void* cpu, size_t bytes, DmaAccess access);
  // False, and a violation of the driver's (R11 family), when there is no such mapping.
  bool unmap(uint64_t bus, size_t bytes, DmaAccess access, TimePs now);

  // The CPU's view of a device access, or null when it is refused (and reported).
  uint8_t* translate(uint64_t bus, uint32_t bytes, bool write, TimePs now);
  // A fault of the IOMMU itself: it refuses a write that it should let through, and the bytes are lost. Reported at the
  // host model's charge.
  void drop_write(uint64_t bus, uint32_t bytes, TimePs now);

  // The CPU's view of a bus address that lies in a mapped page, without a judgement; null when none is there.
  uint8_t* peek(uint64_t bus) const;
  void set_judge(RefusalJudge* judge) { judge_ = judge; }

  bool enabled() const { return enabled_; }
  size_t mapped_ranges() const { return mapped_ranges_; }
  uint64_t refused() const { return refused_; }

 private:
  struct Range {
    uint32_t first;  // offset in the page
    uint32_t end;
    DmaAccess access;
  };
  struct Page {
    uint8_t* cpu = nullptr;  // start of the page in the CPU's view
    std::vector<Range> ranges;
  };
  struct Unmapped { uint64_t bus; uint64_t end; TimePs when; };
  static constexpr size_t kRemembered = 256;

  const Page* page_at(uint64_t bus) const;
  Page* page_at(uint64_t bus) { return const_cast<Page*>(static_cast<const Iommu*>(this)->page_at(bus)); }
  uint64_t take_bus_pages(size_t count);
  void add_range(uint64_t bus, uint8_t* cpu, uint32_t bytes, DmaAccess access);
  bool remove_range(uint64_t bus, uint32_t bytes, DmaAccess access);
  void report_refused(uint64_t bus, uint32_t bytes, bool write, TimePs now);

  HostMemory& memory_;
  const bool enabled_;
  const std::string name_;
  ViolationLog* log_;
  RefusalJudge* judge_ = nullptr;
  std::vector<Page> pages_;          // IOMMU on: by bus page; off: by arena page
  std::deque<uint32_t> free_pages_;  // IOMMU on: single pages, oldest first
  size_t next_fresh_ = 0;          // IOMMU on: pages never used start here
  std::deque<Unmapped> unmapped_;
  size_t mapped_ranges_ = 0;
  uint64_t refused_ = 0;
};

}  // namespace ringside::sc_model

#endif  // RINGSIDE_SC_MODEL_IOMMU_H_
