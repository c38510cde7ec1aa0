// Memory with owners: for each mapping of host memory who may use it now, since when, and by which descriptor; and a
// shadow of memory at 16-byte granules that finds the mapping behind an address at once.
//
//   mapped (driver's) --doorbell covers its descriptor--> device's --status block passes it--> returned (driver's)
//   --> unmapped; coherent blocks (rings, status) belong to both, and the rules of the rings say who does what there.
//
// Written by the ring checkers of the driver's side. Where several mappings lie over one granule (ends of neighbouring
// buffers, a buffer mapped twice) the newest is in the shadow and leads to those under it.
// Records are kept after unmap until kRecords others were made, for the history of a late access.
// No allocation once as many mappings were made as records are kept. Units: bytes, bus addresses.
#ifndef RINGSIDE_SC_MODEL_MEMORY_OWNERS_H_
#define RINGSIDE_SC_MODEL_MEMORY_OWNERS_H_

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "sc_model/host_memory.h"
#include "sc_model/iommu.h"
#include "sc_model/sim_time.h"

namespace ringside::sc_model {

enum class Owner : uint8_t { kDriver, kDevice, kReturned, kShared };

struct Mapping {
  uint64_t bus = 0;
  uint64_t bytes = 0;
  const uint8_t* cpu = nullptr;
  DmaAccess access = DmaAccess::kCoherent;
  Owner owner = Owner::kDriver;
  bool live = false;
  bool premature = false;   // unmapped while it was the device's
  bool stopping = false;    // ... because its ring was being stopped
  bool hashed = false;      // `hash` holds the contents as they were given to the device, not compared yet
  const char* ring = "";    // of the descriptor
  unsigned queue = 0;
  uint32_t index = 0;
  uint64_t hash = 0;
  TimePs mapped_ps = 0, given_ps = 0, read_ps = 0, written_ps = 0, returned_ps = 0, unmapped_ps = 0;
  uint32_t under_first = 0, under_last = 0;  // records under the first and the last granule

  bool covers(uint64_t at, uint64_t count) const { return at - bus < bytes && at - bus + count <= bytes; }
  uint64_t contents() const;             // a hash of them as they are now
  std::vector<std::string> events() const;  // both sides' history
};

class MemoryOwners {
 public:
  static constexpr uint32_t kGranule = 16;
  static constexpr uint32_t kRecords = 1u << 16, kFirstRecords = 1u << 10;
  static constexpr uint32_t kNone = 0;

  MemoryOwners(const HostMemory& memory, const Iommu& iommu);
  void map(TimePs now, const uint8_t* cpu, uint64_t bus, uint64_t bytes, DmaAccess access);
  void unmap(TimePs now, uint32_t id);
  // The live mapping that covers the range; kNone.
  uint32_t find(uint64_t bus, uint64_t bytes) const;
  // The last mapping that covered it and is no longer there; kNone. Slow: for verdicts.
  uint32_t find_dead(uint64_t bus, uint64_t bytes) const;
  Mapping& at(uint32_t id) { return records_[id]; }

 private:
  size_t granule(const uint8_t* cpu) const;
  uint32_t free_record();
  uint32_t under(const Mapping& m, size_t g, size_t first, size_t last) const;

  const HostMemory& memory_;
  const Iommu& iommu_;
  // By granule of the arena: newest record. From calloc: pages that are never mapped cost nothing.
  struct Free { void operator()(uint32_t* p) const { std::free(p); } };
  std::unique_ptr<uint32_t[], Free> shadow_;
  std::vector<Mapping> records_;
  uint32_t next_ = 0;
};

}  // namespace ringside::sc_model

#endif  // RINGSIDE_SC_MODEL_MEMORY_OWNERS_H_
