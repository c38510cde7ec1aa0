// Host memory: 4 KiB pages with three views. The CPU's is one contiguous arena (plain pointers). The physical one is
// scattered: every page sits in a frame chosen by the seed, some below and some above 4 GiB. The bus view is the
// IOMMU's business (iommu.h).
//
// Who: the platform allocates; the root complex reads and writes on behalf of the device; software uses the pointers.
// Errors: allocate returns null when the arena is full or the size is zero.
#ifndef RINGSIDE_SC_MODEL_HOST_MEMORY_H_
#define RINGSIDE_SC_MODEL_HOST_MEMORY_H_

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <unordered_map>
#include <vector>

#include "sc_model/random.h"

namespace ringside::sc_model {

constexpr uint64_t kPageBytes = 4096;
constexpr uint64_t page_of(uint64_t address) { return address / kPageBytes; }

class HostMemory {
 public:
  // Physical address map: RAM below this line and above 4 GiB; MMIO and MSI windows lie between.
  static constexpr uint64_t kLowRamStart = 0x0010'0000;
  static constexpr uint64_t kLowRamEnd = 0x8000'0000;
  static constexpr uint64_t kHighRamStart = 0x1'0000'0000;
  static constexpr uint64_t kHighRamEnd = 0x4'0000'0000;

  HostMemory(size_t bytes, uint64_t seed);

  // Zeroed, page aligned, contiguous for the CPU. `contiguous` asks for neighbouring frames too.
  uint8_t* allocate(size_t bytes, bool contiguous = false);
  void free(const void* cpu, size_t bytes);

  bool contains(const void* cpu) const;
  // Of a byte inside an allocated page; asserts otherwise.
  uint64_t physical(const void* cpu) const;
  // The CPU's view of a physical byte; null when no allocated page is there.
  uint8_t* cpu(uint64_t physical) const;
  // Index of the arena page behind a CPU pointer, 0 .. page_count() - 1.
  size_t page_index(const void* cpu) const;
  size_t page_count() const { return frame_.size(); }
  size_t free_pages() const { return free_pages_; }

 private:
  static constexpr uint64_t kNoFrame = ~uint64_t{0};
  size_t find_pages(size_t count) const;
  uint64_t random_frames(size_t count);

  struct FreeArena { void operator()(uint8_t* p) const { std::free(p); } };
  std::unique_ptr<uint8_t, FreeArena> arena_;
  std::vector<uint64_t> frame_;                       // by arena page
  std::unordered_map<uint64_t, uint32_t> page_by_frame_;  // looked up only, never iterated
  size_t free_pages_;
  Random random_;
};

}  // namespace ringside::sc_model

#endif  // RINGSIDE_SC_MODEL_HOST_MEMORY_H_
