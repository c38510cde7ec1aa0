// Memory that is somebody else's model: a window of bus addresses behind the root complex, without IOMMU. See
// tlm_ports.h for the one that speaks TLM-2.0.
#ifndef RINGSIDE_SC_MODEL_FOREIGN_MEMORY_H_
#define RINGSIDE_SC_MODEL_FOREIGN_MEMORY_H_

#include <cstdint>
#include <functional>

namespace ringside::sc_model {

class ForeignMemory {
 public:
  virtual ~ForeignMemory() = default;
  virtual bool covers(uint64_t address) const = 0;
  // Begins an access; never crosses a 4 KiB page. `data` and `enables` (a byte for each byte, 0xFF or 0; null: all) live
  // until `done` is called, from the host's scheduler, with whether the memory took it.
  using Done = std::function<void(bool ok)>;
  virtual void access(bool write, uint64_t address, uint8_t* data, uint32_t bytes, uint8_t* enables, Done done) = 0;
};

}  // namespace ringside::sc_model

#endif  // RINGSIDE_SC_MODEL_FOREIGN_MEMORY_H_
