#include "testbench/program/nic_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstring>
#include <string_view>

#include "driver/nic_regs.h"
#include "sc_model/check_ring.h"
#include "testbench/driver/register_table.h"

namespace ringside::testbench {
namespace {

namespace regs = driver::regs;
using sc_model::Tlp;
using sc_model::TlpKind;

constexpr uint32_t kBarMask = 0xFFFF;  // BARs are aligned to their size, 64 KiB
constexpr std::array<const char*, 4> kRingNames = {"tx", "rx", "ret", "status"};

const RegisterWord* word_at(uint32_t offset) {
  for (const RegisterWord& word : kRegisterWords) {
    const uint32_t beyond = offset - word.address;
    if (offset >= word.address && beyond % word.step == 0 && beyond / word.step < word.count) return &word;
  }
  return nullptr;
}

uint32_t entry_bytes(NicWords::Ring ring) {
  return ring == NicWords::Ring::kReturn || ring == NicWords::Ring::kStatus ? 32 : 16;
}

std::string name_of(const NicWords::Place& place) {
  const char* ring = kRingNames[static_cast<size_t>(place.ring)];
  if (place.ring == NicWords::Ring::kStatus) return fmt::format("{}{}", ring, place.queue);
  return fmt::format("{}{}[{}]", ring, place.queue, place.index);
}

}  // namespace

std::string register_name(uint32_t offset) {
  const RegisterWord* word = word_at(offset & ~3u);
  if (word == nullptr) return fmt::format("0x{:04x}", offset);
  if (word->count == 1) return word->name;
  return fmt::format("{}[{}]", word->name, (offset - word->address) / word->step);
}

std::string tx_descriptor_words(const uint8_t* entry) {
  const auto d = sc_model::load<regs::TxDescriptor>(entry);
  const auto has = [&d](uint16_t flag) { return (d.flags & flag) != 0; };
  if (has(regs::tx_flags::kExtension)) {
    const auto e = sc_model::load<regs::TxExtension>(entry);
    std::string text = "extension";
    if (has(regs::tx_flags::kTso)) text += fmt::format(" tso mss {} header {}", e.mss, e.header_length);
    if (has(regs::tx_flags::kVlan)) text += fmt::format(" vlan {}", e.vlan);
    if (has(regs::tx_flags::kTimestamp)) text += " timestamp";
    return text;
  }
  std::string text = fmt::format("addr 0x{:x} len {}", d.address, d.length);
  if (has(regs::tx_flags::kCsum)) text += fmt::format(" csum {}+{}", d.csum_start, d.csum_offset);
  if (has(regs::tx_flags::kEop)) text += " eop";
  return text;
}

std::string rx_descriptor_words(const uint8_t* entry) {
  const auto d = sc_model::load<regs::RxDescriptor>(entry);
  return fmt::format("addr 0x{:x} len {} opaque {}", d.address, d.length, d.opaque);
}

std::string return_entry_words(const uint8_t* entry) {
  const auto r = sc_model::load<regs::ReturnEntry>(entry);
  static constexpr std::array<const char*, 16> kFlags = {"eop",  "sop",  "ip",        "ip_good",  "l4",   "l4_good",
                                                         "vlan", "hash", "time",      "ipv4",     "ipv6", "tcp",
                                                         "udp",  "frag", "broadcast", "multicast"};
  std::string text = fmt::format("index {} opaque {} len {}", r.index, r.opaque, r.length);
  for (size_t bit = 0; bit < kFlags.size(); ++bit) {
    if ((r.flags >> bit & 1) != 0) text += std::string(" ") + kFlags[bit];
  }
  return text;
}

std::string status_block_words(const uint8_t* block) {
  const auto s = sc_model::load<regs::StatusBlock>(block);
  return fmt::format("tag {} tx_cons {} rx_cons {} ret_prod {}", s.tag, s.tx_cons_idx, s.rx_cons_idx, s.ret_prod_idx);
}

// ---------------------------------------------------------------- rings

void NicWords::mmio(const sc_model::MmioEvent& event) {
  if (!event.write || event.bar != regs::kBar) return;
  const sc_model::QueueRegister at = sc_model::queue_register(event.offset);
  const auto ring = [&](Ring which) -> RingPlace& { return rings_[static_cast<size_t>(which)][at.queue]; };
  const auto base = [&](Ring which, bool high) {
    const auto value = static_cast<uint32_t>(event.value);
    ring(which).base = event.bytes == 8 ? event.value : sc_model::with_half(ring(which).base, high, value);
    if (which == Ring::kStatus) ring(which).entries = 1;
  };
  const auto size = [&](Ring which) { ring(which).entries = 1u << (event.value & 15); };
  switch (at.at) {
    case regs::TxBase::address(0): return base(Ring::kTx, false);
    case regs::TxBase::address(0) + 4: return base(Ring::kTx, true);
    case regs::RxBase::address(0): return base(Ring::kRx, false);
    case regs::RxBase::address(0) + 4: return base(Ring::kRx, true);
    case regs::RetBase::address(0): return base(Ring::kReturn, false);
    case regs::RetBase::address(0) + 4: return base(Ring::kReturn, true);
    case regs::StatusBase::address(0): return base(Ring::kStatus, false);
    case regs::StatusBase::address(0) + 4: return base(Ring::kStatus, true);
    case regs::TxSize::address(0): return size(Ring::kTx);
    case regs::RxSize::address(0): return size(Ring::kRx);
    case regs::RetSize::address(0): return size(Ring::kReturn);
    default: return;
  }
}

std::optional<NicWords::Place> NicWords::place_of(uint64_t bus_address) const {
  for (size_t i = 0; i < rings_.size(); ++i) {
    const Ring ring = static_cast<Ring>(i);
    for (unsigned queue = 0; queue < kQueues; ++queue) {
      const uint64_t beyond = bus_address - rings_[i][queue].base;
      if (bus_address < rings_[i][queue].base || beyond >= uint64_t{rings_[i][queue].entries} * entry_bytes(ring))
        continue;
      return Place{ring, queue, static_cast<uint32_t>(beyond / entry_bytes(ring))};
    }
  }
  return std::nullopt;
}

// ---------------------------------------------------------------- TLPs

std::string NicWords::tlp(const sc_model::TlpEvent& event) {
  descriptors_.clear();
  follow(event);
  const bool to_device = event.direction == sc_model::TlpDirection::kToDevice;
  return event.tlp->is_completion() ? completion(*event.tlp, to_device) : request(*event.tlp, to_device);
}

void NicWords::follow(const sc_model::TlpEvent& event) {
  const Tlp& tlp = *event.tlp;
  if (tlp.kind() != TlpKind::kMRd) return;
  const uint64_t address = enabled_bytes(tlp).address;
  if (event.direction == sc_model::TlpDirection::kToDevice)
    asked_register_[tlp.tag()] = static_cast<uint32_t>(address) & kBarMask;
  else
    asked_[tlp.tag()] = place_of(address);
}

std::string NicWords::request(const Tlp& tlp, bool to_device) {
  const TlpKind kind = tlp.kind();
  std::string text = to_string(kind);
  if (kind != TlpKind::kMRd && kind != TlpKind::kMWr) return text + fmt::format(" tag {}", tlp.tag());
  const sc_model::EnabledBytes bytes = enabled_bytes(tlp);
  if (to_device) {
    const uint32_t offset = static_cast<uint32_t>(bytes.address) & kBarMask;
    text += " " + register_name(offset);
    if (kind == TlpKind::kMWr) text += fmt::format("=0x{:x}", sc_model::load<uint32_t>(tlp.payload));
    return text;
  }
  const auto place = place_of(bytes.address);
  text += place ? " " + name_of(*place) : fmt::format(" 0x{:x}", bytes.address);
  text += fmt::format(" {}B", bytes.bytes);
  if (kind == TlpKind::kMRd) return text + fmt::format(" tag {}", tlp.tag());
  if (place) look_into(*place, tlp.payload + (bytes.address & 3), bytes.bytes);
  return text;
}

std::string NicWords::completion(const Tlp& tlp, bool to_device) {
  std::string text = fmt::format("{} {}", to_string(tlp.kind()), to_string(tlp.status()));
  if (!to_device) {
    text += " " + register_name(asked_register_[tlp.tag()]);
    if (tlp.payload_bytes >= 4) text += fmt::format("=0x{:x}", sc_model::load<uint32_t>(tlp.payload));
    return text;
  }
  const auto& place = asked_[tlp.tag()];
  text += fmt::format(" tag {} {}B", tlp.tag(), tlp.payload_bytes);
  if (!place || tlp.payload_bytes == 0) return text;
  // A part of a longer answer lies so far into it as its lower address is beyond the first one's: rings are aligned,
  // so an entry never straddles two completions of 64 bytes or more.
  const uint32_t entry = entry_bytes(place->ring);
  Place here = *place;
  const RingPlace& ring = rings_[static_cast<size_t>(place->ring)][place->queue];
  const uint32_t at = (tlp.lower_address() / entry) % (128 / entry), first = place->index % (128 / entry);
  here.index = (place->index + (at + 128 / entry - first) % (128 / entry)) % std::max(1u, ring.entries);
  look_into(here, tlp.payload, tlp.payload_bytes);
  return text + " " + name_of(here);
}

void NicWords::look_into(const Place& place, const uint8_t* bytes, uint32_t count) {
  const uint32_t size = entry_bytes(place.ring);
  const uint32_t entries = count / size;
  if (entries == 0) return;
  const auto words = place.ring == Ring::kTx       ? tx_descriptor_words
                     : place.ring == Ring::kRx     ? rx_descriptor_words
                     : place.ring == Ring::kReturn ? return_entry_words
                                                   : status_block_words;
  descriptors_ = name_of(place) + ": " + words(bytes);
  if (entries > 1) descriptors_ += fmt::format(" (and {} more)", entries - 1);
}

}  // namespace ringside::testbench
