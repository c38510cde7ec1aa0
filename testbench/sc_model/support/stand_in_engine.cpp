#include <algorithm>
#include <cstring>
#include <utility>

#include "testbench/sc_model/support/stand_in_nic.h"

namespace ringside::testbench {

using sc_model::CplStatus;
using sc_model::Tlp;
using sc_model::TlpKind;

namespace {
constexpr uint32_t kPiece = 128;
constexpr unsigned kSource = 4, kDestination = 6, kLength = 8, kMessage = 9, kMessageData = 11, kGo = 12;

uint32_t little32(const uint8_t* p) {
  uint32_t v;
  std::memcpy(&v, p, 4);
  return v;
}
}  // namespace

void StandInEngine::receive(const Tlp& tlp) {
  switch (tlp.kind()) {
    case TlpKind::kCfgRd0:
    case TlpKind::kCfgWr0: return configure(tlp);
    case TlpKind::kMRd: return mmio_read(tlp);
    case TlpKind::kMWr: return mmio_write(tlp);
    case TlpKind::kCpl:
    case TlpKind::kCplD: return completion(tlp);
    default: return;
  }
}

// ---------------------------------------------------------------- configuration space

uint32_t StandInEngine::config_register(unsigned offset) const {
  switch (offset) {
    case 0x00: return 0x01001D9B;
    case 0x04: return (config_[1] & 6) | 1u << 20;
    case 0x10: return config_[4] & 0xFFFF0000;
    case 0x34: return 0x40;
    case 0x40: return 0x00020010;  // PCI Express capability, last in the list
    case 0x44: return 0x00000021;  // 256-byte payloads, extended tags
    case 0x48: return device_control_;
    default: return 0;
  }
}

void StandInEngine::configure(const Tlp& tlp) {
  const unsigned offset = tlp.config_offset();
  if (tlp.kind() == TlpKind::kCfgRd0) {
    auto reply = sc_model::make_completion_data(pool_, tlp.config_target(), tlp, 0, 4, 4);
    const uint32_t value = config_register(offset);
    std::memcpy(reply->payload, &value, 4);
    out_.push_back(std::move(reply));
    return;
  }
  id_ = tlp.config_target();
  uint32_t* target = offset == 0x48 ? &device_control_ : offset < 0x40 ? &config_[offset / 4] : nullptr;
  for (unsigned i = 0; i < 4 && target != nullptr; ++i)
    if ((tlp.first_be() >> i) & 1) reinterpret_cast<uint8_t*>(target)[i] = tlp.payload[i];
  out_.push_back(sc_model::make_completion(pool_, id_, tlp, CplStatus::kSuccess));
}

// ---------------------------------------------------------------- registers

void StandInEngine::mmio_read(const Tlp& tlp) {
  const auto enabled = sc_model::enabled_bytes(tlp);
  if (tlp.first_be() == 0) {
    auto flush = sc_model::make_completion_data(pool_, id_, tlp, tlp.address(), 1, 1);
    std::memset(flush->payload, 0, 4);
    out_.push_back(std::move(flush));
    return;
  }
  auto reply = sc_model::make_completion_data(pool_, id_, tlp, enabled.address, enabled.bytes, enabled.bytes);
  for (uint32_t i = 0; i < reply->payload_bytes / 4; ++i)
    std::memcpy(reply->payload + 4 * i, &regs_[(tlp.address() / 4 + i) % regs_.size()], 4);
  out_.push_back(std::move(reply));
}

void StandInEngine::mmio_write(const Tlp& tlp) {
  for (uint32_t i = 0; i < tlp.payload_bytes / 4; ++i) {
    const unsigned index = (tlp.address() / 4 + i) % regs_.size();
    regs_[index] = little32(tlp.payload + 4 * i);
    if (index == kGo) go(regs_[kGo]);
  }
}

// ---------------------------------------------------------------- the copy engine

void StandInEngine::go(uint32_t what) {
  what_ = what;
  buffer_.assign(regs_[kLength], 0);
  reads_left_ = regs_[kLength];
  next_read_ = 0;
  if (reads_left_ == 0) return finish();
  request_reads();
}

// Requests never cross a 4 KiB boundary; 32 tags.
void StandInEngine::request_reads() {
  for (unsigned tag = 0; tag < reads_.size() && next_read_ < buffer_.size(); ++tag) {
    if (reads_[tag].live) continue;
    const uint64_t address = wide(kSource) + next_read_;
    const uint32_t page_left = static_cast<uint32_t>(4096 - address % 4096);
    const uint32_t bytes = std::min({kPiece - 3, page_left, static_cast<uint32_t>(buffer_.size()) - next_read_});
    reads_[tag] = {true, address, next_read_, bytes};
    out_.push_back(sc_model::make_memory_read(pool_, id_, tag, address, bytes));
    next_read_ += bytes;
  }
}

void StandInEngine::completion(const Tlp& tlp) {
  if (tlp.tag() >= reads_.size() || !reads_[tlp.tag()].live) {
    ++unexpected;
    return;
  }
  Read& read = reads_[tlp.tag()];
  uint32_t bytes = read.left;
  if (tlp.status() == CplStatus::kSuccess) {
    const uint32_t skip = tlp.lower_address() & 3;
    bytes = std::min(tlp.payload_bytes - skip, read.left);
    std::memcpy(&buffer_[read.at], tlp.payload + skip, bytes);
  }
  read.at += bytes;
  read.left -= bytes;
  reads_left_ -= bytes;
  read.live = read.left > 0;
  request_reads();
  if (reads_left_ == 0) finish();
}

void StandInEngine::finish() {
  for (uint32_t at = 0; (what_ & 1) != 0 && at < buffer_.size();) {
    const uint64_t address = wide(kDestination) + at;
    const uint32_t page_left = static_cast<uint32_t>(4096 - address % 4096);
    const uint32_t bytes = std::min({kPiece - 3, page_left, static_cast<uint32_t>(buffer_.size()) - at});
    out_.push_back(sc_model::make_memory_write(pool_, id_, address, &buffer_[at], bytes));
    at += bytes;
  }
  if ((what_ & 2) != 0) {
    const uint32_t data = regs_[kMessageData];
    out_.push_back(sc_model::make_memory_write(pool_, id_, wide(kMessage), &data, 4));
  }
  if ((what_ & 4) != 0) frame_ = buffer_;
}

// Posted first come, first served with everything else: a FIFO, with credits.
sc_model::TlpPtr StandInEngine::next_to_send(sc_model::CreditLedger& credits) {
  if (out_.empty() || !credits.allows(*out_.front())) return nullptr;
  sc_model::TlpPtr tlp = std::move(out_.front());
  out_.pop_front();
  credits.consume(*tlp);
  return tlp;
}

std::vector<uint8_t> StandInEngine::take_frame() { return std::exchange(frame_, {}); }

}  // namespace ringside::testbench
