#include "testbench/program/nic_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstring>
#include <string_view>

#include "driver/nic_regs.h"
#include "testbench/driver/register_table.h"

namespace ringside::testbench {
namespace {

namespace regs = driver::regs;
using sc_model::Tlp;
using sc_model::TlpKind;

constexpr uint32_t kBarMask = 0xFFFF;  // BARs are aligned to their size, 64 KiB
constexpr std::array<const char*, 4> kRingNames = {"tx", "rx", "ret", "status"};

template <typename T>
T from_memory(const uint8_t* bytes) {
  T value;
  std::memcpy(&value, bytes, sizeof value);
  return value;
}

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

uint16_t be16(const uint8_t* bytes) {
  return static_cast<uint16_t>(bytes[0] << 8 | bytes[1]);
}

}  // namespace

std::string register_name(uint32_t offset) {
  const RegisterWord* word = word_at(offset & ~3u);
  if (word == nullptr) return fmt::format("0x{:04x}", offset);
  if (word->count == 1) return word->name;
  return fmt::format("{}[{}]", word->name, (offset - word->address) / word->step);
}

std::optional<uint32_t> register_offset(const std::string& name) {
  const size_t bracket = std::min(name.find('['), name.size());
  std::string upper = name.substr(0, bracket);
  std::transform(upper.begin(), upper.end(), upper.begin(), [](unsigned char c) { return std::toupper(c); });
  const unsigned long index = bracket < name.size() ? std::strtoul(name.c_str() + bracket + 1, nullptr, 0) : 0;
  for (const RegisterWord& word : kRegisterWords) {
    if (upper == word.name && index < word.count) return word.address + static_cast<uint32_t>(index) * word.step;
  }
  return std::nullopt;
}

std::string tx_descriptor_words(const uint8_t* entry) {
  const auto d = from_memory<regs::TxDescriptor>(entry);
  const auto has = [&d](uint16_t flag) { return (d.flags & flag) != 0; };
  if (has(regs::tx_flags::kExtension)) {
    const auto e = from_memory<regs::TxExtension>(entry);
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
  const auto d = from_memory<regs::RxDescriptor>(entry);
  return fmt::format("addr 0x{:x} len {} opaque {}", d.address, d.length, d.opaque);
}

std::string return_entry_words(const uint8_t* entry) {
  const auto r = from_memory<regs::ReturnEntry>(entry);
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
  const auto s = from_memory<regs::StatusBlock>(block);
  return fmt::format("tag {} tx_cons {} rx_cons {} ret_prod {}", s.tag, s.tx_cons_idx, s.rx_cons_idx, s.ret_prod_idx);
}

std::string frame_words(const uint8_t* bytes, uint32_t length) {
  uint32_t at = 12;
  if (length >= 18 && be16(bytes + at) == 0x8100) at += 4;
  const uint16_t type = length >= at + 2 ? be16(bytes + at) : 0;
  const uint8_t* ip = bytes + at + 2;
  if (type == 0x0806) return fmt::format("ARP {} octets", length);
  if (type != 0x0800 || length < at + 2 + 40) return fmt::format("type 0x{:04x} {} octets", type, length);
  std::string text =
      fmt::format("{}.{}.{}.{}>{}.{}.{}.{}", ip[12], ip[13], ip[14], ip[15], ip[16], ip[17], ip[18], ip[19]);
  const uint8_t* l4 = ip + (ip[0] & 15) * 4;
  if (ip[9] == 6) {
    const uint32_t seq = uint32_t{be16(l4 + 4)} << 16 | be16(l4 + 6);
    text += fmt::format(" TCP {}>{} seq {:08x}", be16(l4), be16(l4 + 2), seq);
    for (const auto& [bit, name] : {std::pair{1, "FIN"}, {2, "SYN"}, {4, "RST"}, {8, "PSH"}, {16, "ACK"}}) {
      if ((l4[13] & bit) != 0) text += std::string(" ") + name;
    }
  } else {
    text += fmt::format(" protocol {}", ip[9]);
  }
  return text + fmt::format(" {} octets", length);
}

// ---------------------------------------------------------------- rings

void NicWords::mmio(const sc_model::MmioEvent& event) {
  if (!event.write || event.bar != regs::kBar) return;
  const RegisterWord* word = word_at(event.offset);
  if (word == nullptr || word->count != kQueues) return;
  const unsigned queue = (event.offset - word->address) / word->step;
  const std::string_view name = word->name;
  for (size_t i = 0; i < kRingNames.size(); ++i) {
    static constexpr std::array<std::string_view, 4> kPrefix = {"TX_", "RX_", "RET_", "STATUS_"};
    if (name.substr(0, kPrefix[i].size()) != kPrefix[i]) continue;
    RingPlace& ring = rings_[i][queue];
    const std::string_view what = name.substr(kPrefix[i].size());
    const uint64_t value = event.value & 0xFFFFFFFF;
    if (what == "BASE") ring.base = event.bytes == 8 ? event.value : (ring.base & ~uint64_t{0xFFFFFFFF}) | value;
    if (what == "BASE_HI") ring.base = (ring.base & 0xFFFFFFFF) | value << 32;
    if (what == "SIZE") ring.entries = 1u << (value & 15);
    if (i == static_cast<size_t>(Ring::kStatus)) ring.entries = 1;
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
  const bool to_device = event.direction == sc_model::TlpDirection::kToDevice;
  return event.tlp->is_completion() ? completion(*event.tlp, to_device) : request(*event.tlp, to_device);
}

std::string NicWords::request(const Tlp& tlp, bool to_device) {
  const TlpKind kind = tlp.kind();
  std::string text = to_string(kind);
  if (kind != TlpKind::kMRd && kind != TlpKind::kMWr) return text + fmt::format(" tag {}", tlp.tag());
  const sc_model::EnabledBytes bytes = enabled_bytes(tlp);
  if (to_device) {
    const uint32_t offset = static_cast<uint32_t>(bytes.address) & kBarMask;
    text += " " + register_name(offset);
    if (kind == TlpKind::kMRd) asked_register_[tlp.tag()] = offset;
    if (kind == TlpKind::kMWr) text += fmt::format("=0x{:x}", from_memory<uint32_t>(tlp.payload));
    return text;
  }
  const auto place = place_of(bytes.address);
  text += place ? " " + name_of(*place) : fmt::format(" 0x{:x}", bytes.address);
  text += fmt::format(" {}B", bytes.bytes);
  if (kind == TlpKind::kMRd) {
    asked_[tlp.tag()] = place;
    return text + fmt::format(" tag {}", tlp.tag());
  }
  if (place) look_into(*place, tlp.payload + (bytes.address & 3), bytes.bytes);
  return text;
}

std::string NicWords::completion(const Tlp& tlp, bool to_device) {
  std::string text = fmt::format("{} {}", to_string(tlp.kind()), to_string(tlp.status()));
  if (!to_device) {
    text += " " + register_name(asked_register_[tlp.tag()]);
    if (tlp.payload_bytes >= 4) text += fmt::format("=0x{:x}", from_memory<uint32_t>(tlp.payload));
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
