// The part of the root complex that touches memory: posted writes with their byte enables, reads and how their
// completions are cut.
#include <algorithm>
#include <cstring>
#include <utility>

#include "sc_model/root_complex.h"

namespace ringside::sc_model {
namespace {

// Only requests of one or two DW may have holes in their byte enables (rule P10).
bool contiguous(const Tlp& tlp) { return tlp.length_dw() > 2; }

}  // namespace

bool RootComplex::byte_enabled(const Tlp& tlp, uint32_t i) {
  if (i < 4) return (tlp.first_be() >> i) & 1;
  if (i >= tlp.payload_bytes - 4) return (tlp.last_be() >> (i & 3)) & 1;
  return true;
}

void RootComplex::copy_enabled(const Tlp& tlp, const EnabledBytes& enabled, uint8_t* to) {
  const uint32_t skip = static_cast<uint32_t>(enabled.address - tlp.address());
  for (uint32_t i = 0; i < enabled.bytes; ++i)
    if (byte_enabled(tlp, skip + i)) to[i] = tlp.payload[skip + i];
}

void RootComplex::write_memory(const Tlp& tlp) {
  if (tlp.first_be() == 0) return;  // zero-length write: no effect (2.2.5)
  const EnabledBytes enabled = enabled_bytes(tlp);
  uint8_t* to = nullptr;
  if (tlp.note == kDrop) {
    iommu_.drop_write(enabled.address, enabled.bytes, sim_now_ps());
  } else {
    to = iommu_.translate(enabled.address, enabled.bytes, true, sim_now_ps());
  }
  if (to == nullptr || tlp.poisoned()) {
    ++counters_.unsupported;
  } else {
    ++counters_.writes;
    counters_.write_bytes += enabled.bytes;
    if (contiguous(tlp)) std::memcpy(to, tlp.payload + (enabled.address - tlp.address()), enabled.bytes);
    else copy_enabled(tlp, enabled, to);
  }
  observers_.dma({sim_now_ps(), true, enabled.address, enabled.bytes, to == nullptr, tlp.serial,
                  tlp.note == kTornHead});
}

void RootComplex::serve_read(const Tlp& tlp) {
  if (tlp.first_be() == 0) {  // zero-length read: flushes posted writes, returns one DW of no meaning
    TlpPtr completion = make_completion_data(pool_, kRequesterId, tlp, tlp.address(), 1, 1);
    std::memset(completion->payload, 0, 4);
    return link_.send(std::move(completion));
  }
  const EnabledBytes enabled = enabled_bytes(tlp);
  if (faults_ != nullptr && read_is_refused(tlp)) return;
  const uint8_t* from = iommu_.translate(enabled.address, enabled.bytes, false, sim_now_ps());
  observers_.dma({sim_now_ps(), false, enabled.address, enabled.bytes, from == nullptr, tlp.serial, false});
  if (from == nullptr) {
    ++counters_.unsupported;
    return link_.send(make_completion(pool_, kRequesterId, tlp, CplStatus::kUnsupportedRequest));
  }
  ++counters_.reads;
  counters_.read_bytes += enabled.bytes;
  complete_read(tlp, from, faults_ != nullptr ? read_fault(tlp) : ReadFault{});
}

void RootComplex::complete_read(const Tlp& request, const uint8_t* data, const ReadFault& fault) {
  const EnabledBytes enabled = enabled_bytes(request);
  uint64_t address = enabled.address;
  TimePs leaves = sim_now_ps() + fault.late_ps;
  for (uint32_t remaining = enabled.bytes; remaining > 0;) {
    const uint32_t bytes = piece_bytes(address, remaining);
    TlpPtr completion = make_completion_data(pool_, kRequesterId, request, address, bytes, remaining);
    std::memset(completion->payload, 0, 4);
    std::memset(completion->payload + completion->payload_bytes - 4, 0, 4);
    std::memcpy(completion->payload + (address & 3), data, bytes);
    ++counters_.completions;
    data += bytes;
    address += bytes;
    remaining -= bytes;
    if (remaining == 0) spoil(*completion, fault);
    TlpPtr again = remaining == 0 && fault.duplicate ? pool_.clone(*completion) : nullptr;
    send_piece(std::move(completion), leaves);
    if (again) send_piece(std::move(again), leaves);
  }
}

// P21: the pieces of one request leave in address order; those of others come in between.
void RootComplex::send_piece(TlpPtr completion, TimePs& leaves) {
  if (profile_.completion_gap_ns == 0 && leaves <= sim_now_ps()) return link_.send(std::move(completion));
  leaves += split_random_.below(profile_.completion_gap_ns * kPsPerNs + 1);
  schedule(leaves, EventClass::kRootComplex, kPiece, std::move(completion));
}

// Where the next completion ends: at the request's end or at a read completion boundary, at most MPS further on.
uint32_t RootComplex::piece_bytes(uint64_t address, uint32_t remaining) {
  const uint64_t rcb = profile_.rcb_bytes;
  const uint64_t first_end = (address / rcb + 1) * rcb;
  const uint64_t last_end = std::max(first_end, (address + mps_bytes_) / rcb * rcb);
  uint64_t end = last_end;
  if (profile_.split == CompletionSplit::kEveryRcb) end = first_end;
  if (profile_.split == CompletionSplit::kRandom)
    end = first_end + split_random_.below((last_end - first_end) / rcb + 1) * rcb;
  return static_cast<uint32_t>(std::min<uint64_t>(remaining, end - address));
}

}  // namespace ringside::sc_model
