// The part of the root complex that passes DMA on to a memory behind a socket. Such a memory takes its time: while it has
// not taken a write, nothing of the device that came later takes effect (P24 to P26); reads go on beside each other.
#include <cstring>
#include <memory>
#include <utility>

#include "sc_model/root_complex.h"

namespace ringside::sc_model {

// One access under way. Its TLP gives its credits back when it is over.
struct RootComplex::ForeignAccess {
  TlpPtr tlp;
  EnabledBytes enabled;
  std::vector<uint8_t> data, enables;
};

bool RootComplex::is_foreign(const Tlp& tlp) const {
  const bool memory = tlp.kind() == TlpKind::kMWr || tlp.kind() == TlpKind::kMRd;
  return foreign_ != nullptr && memory && tlp.first_be() != 0 && foreign_->covers(tlp.address());
}

void RootComplex::write_foreign(TlpPtr tlp) {
  auto access = std::make_shared<ForeignAccess>();
  access->enabled = enabled_bytes(*tlp);
  const uint32_t skip = static_cast<uint32_t>(access->enabled.address - tlp->address());
  access->data.assign(tlp->payload + skip, tlp->payload + skip + access->enabled.bytes);
  for (uint32_t i = 0; i < access->enabled.bytes; ++i) access->enables.push_back(byte_enabled(*tlp, skip + i) ? 0xFF : 0);
  access->tlp = std::move(tlp);
  ++in_flight_;
  foreign_write_ = true;
  foreign_->access(true, access->enabled.address, access->data.data(), access->enabled.bytes, access->enables.data(),
                   [this, access](bool ok) { foreign_written(*access, ok); });
}

void RootComplex::foreign_written(const ForeignAccess& access, bool ok) {
  --in_flight_;
  foreign_write_ = false;
  ++(ok ? counters_.writes : counters_.unsupported);
  if (ok) counters_.write_bytes += access.enabled.bytes;
  observers_.dma({sim_now_ps(), true, access.enabled.address, access.enabled.bytes, !ok, access.tlp->serial, false});
  link_.consumed(*access.tlp);
  while (!foreign_write_ && !behind_foreign_.empty()) {
    const uint64_t argument = behind_foreign_.front();
    behind_foreign_.pop_front();
    fire(argument);
  }
}

void RootComplex::read_foreign(TlpPtr tlp) {
  auto access = std::make_shared<ForeignAccess>();
  access->enabled = enabled_bytes(*tlp);
  access->data.resize(access->enabled.bytes);
  access->tlp = std::move(tlp);
  ++in_flight_;
  foreign_->access(false, access->enabled.address, access->data.data(), access->enabled.bytes, nullptr,
                   [this, access](bool ok) { foreign_read(*access, ok); });
}

void RootComplex::foreign_read(const ForeignAccess& access, bool ok) {
  --in_flight_;
  const Tlp& request = *access.tlp;
  observers_.dma({sim_now_ps(), false, access.enabled.address, access.enabled.bytes, !ok, request.serial, false});
  if (ok) {
    ++counters_.reads;
    counters_.read_bytes += access.enabled.bytes;
    complete_read(request, access.data.data(), faults_ != nullptr ? read_fault(request) : ReadFault{});
  } else {
    ++counters_.unsupported;
    link_.send(make_completion(pool_, kRequesterId, request, CplStatus::kUnsupportedRequest));
  }
  link_.consumed(request);
}

}  // namespace ringside::sc_model
