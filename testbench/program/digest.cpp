#include "testbench/program/digest.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <new>

namespace ringside::testbench {

void DigestStream::Free::operator()(XXH3_state_s* state) const {
  XXH3_freeState(state);
}

DigestStream::DigestStream() : state_(XXH3_createState()) {
  if (!state_) throw std::bad_alloc();
  XXH3_128bits_reset(state_.get());
}

void DigestStream::add(uint64_t time_ps, const void* head, size_t head_bytes, const void* data, size_t data_bytes) {
  // The length stands before the bytes, so that no two different lists of records read the same.
  const uint64_t front[2] = {time_ps, static_cast<uint64_t>(head_bytes) << 32 | data_bytes};
  XXH3_128bits_update(state_.get(), front, sizeof front);
  XXH3_128bits_update(state_.get(), head, head_bytes);
  XXH3_128bits_update(state_.get(), data, data_bytes);
  ++records_;
}

std::array<uint64_t, 2> DigestStream::value() const {
  const XXH128_hash_t hash = XXH3_128bits_digest(state_.get());
  return {hash.low64, hash.high64};
}

void TlpDigest::on_tlp(const sc_model::TlpEvent& event) {
  const sc_model::Tlp& tlp = *event.tlp;
  streams_[static_cast<size_t>(event.direction)].add(event.time_ps, tlp.dw, sizeof tlp.dw, tlp.payload,
                                                     tlp.payload_bytes);
}

void FrameDigest::on_frame(const sc_model::FrameEvent& event) {
  const uint32_t flags[2] = {event.preamble_octets, static_cast<uint32_t>(event.framed) |
                                                        static_cast<uint32_t>(event.error_character) << 1 |
                                                        static_cast<uint32_t>(event.fcs_good) << 2};
  const size_t stream = event.sender * 2 + static_cast<size_t>(event.stage);
  streams_[stream].add(event.time_ps, flags, sizeof flags, event.bytes, event.length);
}

std::string RunDigest::value() const {
  DigestStream all;
  const auto join = [&all](const DigestStream& stream) {
    const auto value = stream.value();
    all.add(stream.records(), value.data(), sizeof value, nullptr, 0);
  };
  for (const TlpDigest& host : hosts_) {
    for (const DigestStream& stream : host.streams()) join(stream);
  }
  for (const DigestStream& stream : wire_.streams()) join(stream);
  const auto value = all.value();
  return fmt::format("{:016x}{:016x}", value[1], value[0]);
}

}  // namespace ringside::testbench
