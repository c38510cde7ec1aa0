#include "sc_model/tlp.h"

#include <cassert>
#include <cstdio>
#include <cstring>

namespace ringside::sc_model {

TlpKind Tlp::kind() const {
  const unsigned f = fmt(), t = type();
  if ((t & 0x18) == 0x10) return f == 1 ? TlpKind::kMsg : f == 3 ? TlpKind::kMsgD : TlpKind::kOther;
  if (t == 0x00) return f == 0 || f == 1 ? TlpKind::kMRd : f == 2 || f == 3 ? TlpKind::kMWr : TlpKind::kOther;
  if (f != 0 && f != 2) return TlpKind::kOther;
  switch (t) {
    case 0x02: return f == 0 ? TlpKind::kIoRd : TlpKind::kIoWr;
    case 0x04: return f == 0 ? TlpKind::kCfgRd0 : TlpKind::kCfgWr0;
    case 0x05: return f == 0 ? TlpKind::kCfgRd1 : TlpKind::kCfgWr1;
    case 0x0A: return f == 0 ? TlpKind::kCpl : TlpKind::kCplD;
    default: return TlpKind::kOther;
  }
}

TlpClass Tlp::tlp_class() const {
  switch (kind()) {
    case TlpKind::kMWr:
    case TlpKind::kMsg:
    case TlpKind::kMsgD: return TlpClass::kPosted;
    case TlpKind::kCpl:
    case TlpKind::kCplD: return TlpClass::kCompletion;
    default: return TlpClass::kNonPosted;
  }
}

uint64_t Tlp::address() const {
  if (header_dw() == 4) return static_cast<uint64_t>(dw[2]) << 32 | (dw[3] & ~3u);
  return dw[2] & ~3u;
}

void Tlp::set_tag(unsigned tag) {
  uint32_t& word = is_completion() ? dw[2] : dw[1];
  word = (word & ~0xFF00u) | (tag & 0xFF) << 8;
}

EnabledBytes enabled_bytes(const Tlp& request) {
  const unsigned first = request.first_be();
  const unsigned last = request.last_be();
  if (first == 0) return {request.address(), 1};  // zero-length read: Byte Count 1
  const unsigned low = static_cast<unsigned>(__builtin_ctz(first));
  const unsigned high_be = last == 0 ? first : last;
  const unsigned high = 31 - static_cast<unsigned>(__builtin_clz(high_be));
  const unsigned length_dw = last == 0 ? 1 : request.length_dw();
  return {request.address() + low, length_dw * 4 - low - (3 - high)};
}

// ---------------------------------------------------------------- pool

void TlpReturn::operator()(Tlp* tlp) const { tlp->pool->free_.push_back(tlp); }

TlpPtr TlpPool::allocate() {
  if (free_.empty()) {
    slabs_.push_back(std::make_unique<Tlp[]>(kSlab));
    free_.reserve(total_ + kSlab);
    for (size_t i = kSlab; i-- > 0;) free_.push_back(&slabs_.back()[i]);
    total_ += kSlab;
  }
  Tlp* tlp = free_.back();
  free_.pop_back();
  std::memset(tlp->dw, 0, sizeof tlp->dw);
  tlp->payload_bytes = 0;
  tlp->ready_ps = 0;
  tlp->note = 0;
  tlp->serial = ++serial_;
  tlp->pool = this;
  return TlpPtr(tlp);
}

TlpPtr TlpPool::clone(const Tlp& other) {
  TlpPtr copy = allocate();
  std::memcpy(copy->dw, other.dw, sizeof copy->dw);
  copy->payload_bytes = other.payload_bytes;
  copy->ready_ps = other.ready_ps;
  std::memcpy(copy->payload, other.payload, other.payload_bytes);
  return copy;
}

// ---------------------------------------------------------------- builders

namespace {

constexpr uint32_t first_word(unsigned fmt, unsigned type, unsigned length_dw) {
  return static_cast<uint32_t>(fmt << 29 | type << 24 | (length_dw & 0x3FF));
}

// First and Last DW Byte Enables and Length of an access of any alignment (2.2.5).
struct Span { unsigned length_dw, first_be, last_be; };

Span span_of(uint64_t address, uint32_t bytes) {
  if (bytes == 0) return {1, 0, 0};
  const unsigned low = address & 3;
  const unsigned high = static_cast<unsigned>((address + bytes - 1) & 3);
  const unsigned length_dw = (low + bytes + 3) / 4;
  const unsigned from = (0xFu << low) & 0xF;
  const unsigned to = 0xFu >> (3 - high);
  if (length_dw == 1) return {1, from & to, 0};
  return {length_dw, from, to};
}

void set_memory_header(Tlp& tlp, bool write, PciId requester, unsigned tag, uint64_t address, uint32_t bytes) {
  const Span span = span_of(address, bytes);
  const bool wide = address >> 32 != 0;  // 3-DW header below 4 GiB, 4-DW above (rule P1)
  tlp.dw[0] = first_word((write ? 2 : 0) | (wide ? 1 : 0), 0, span.length_dw);
  tlp.dw[1] = static_cast<uint32_t>(requester.value) << 16 | (tag & 0xFF) << 8 | span.last_be << 4 | span.first_be;
  tlp.dw[2] = wide ? static_cast<uint32_t>(address >> 32) : static_cast<uint32_t>(address) & ~3u;
  tlp.dw[3] = wide ? static_cast<uint32_t>(address) & ~3u : 0;
  tlp.payload_bytes = write ? span.length_dw * 4 : 0;
}

void set_config_header(Tlp& tlp, bool write, PciId requester, unsigned tag, PciId target, uint16_t offset,
                       unsigned bytes) {
  const Span span = span_of(offset, bytes);
  assert(span.length_dw == 1);
  tlp.dw[0] = first_word(write ? 2 : 0, 0x04, 1);
  tlp.dw[1] = static_cast<uint32_t>(requester.value) << 16 | (tag & 0xFF) << 8 | span.first_be;
  tlp.dw[2] = static_cast<uint32_t>(target.value) << 16 | (offset & 0xFFCu);
  tlp.payload_bytes = write ? 4 : 0;
}

void set_completion_header(Tlp& tlp, bool data, PciId completer, const Tlp& request, CplStatus status) {
  const uint32_t copied = request.dw[0] & (7u << 20 | 1u << 18 | 3u << 12);  // TC and Attr of the request (rule P23)
  tlp.dw[0] = first_word(data ? 2 : 0, 0x0A, 0) | copied;
  tlp.dw[1] = static_cast<uint32_t>(completer.value) << 16 | static_cast<uint32_t>(status) << 13;
  tlp.dw[2] = static_cast<uint32_t>(request.requester_id().value) << 16 | request.tag() << 8;
}

}  // namespace

TlpPtr make_memory_read(TlpPool& pool, PciId requester, unsigned tag, uint64_t address, uint32_t bytes) {
  TlpPtr tlp = pool.allocate();
  set_memory_header(*tlp, false, requester, tag, address, bytes);
  return tlp;
}

TlpPtr make_memory_write(TlpPool& pool, PciId requester, uint64_t address, const void* data, uint32_t bytes) {
  TlpPtr tlp = pool.allocate();
  set_memory_header(*tlp, true, requester, 0, address, bytes);
  assert(tlp->payload_bytes <= kMaxPayloadBytes);
  std::memset(tlp->payload, 0, 4);  // bytes outside the byte enables are zero
  std::memset(tlp->payload + tlp->payload_bytes - 4, 0, 4);
  if (bytes != 0) std::memcpy(tlp->payload + (address & 3), data, bytes);
  return tlp;
}

TlpPtr make_config_read(TlpPool& pool, PciId requester, unsigned tag, PciId target, uint16_t offset, unsigned bytes) {
  TlpPtr tlp = pool.allocate();
  set_config_header(*tlp, false, requester, tag, target, offset, bytes);
  return tlp;
}

TlpPtr make_config_write(TlpPool& pool, PciId requester, unsigned tag, PciId target, uint16_t offset, unsigned bytes,
                         uint32_t value) {
  TlpPtr tlp = pool.allocate();
  set_config_header(*tlp, true, requester, tag, target, offset, bytes);
  std::memset(tlp->payload, 0, 4);
  std::memcpy(tlp->payload + (offset & 3), &value, bytes);
  return tlp;
}

TlpPtr make_completion(TlpPool& pool, PciId completer, const Tlp& request, CplStatus status) {
  TlpPtr tlp = pool.allocate();
  set_completion_header(*tlp, false, completer, request, status);
  const bool memory = request.kind() == TlpKind::kMRd;
  const EnabledBytes enabled = memory ? enabled_bytes(request) : EnabledBytes{0, 4};
  tlp->dw[1] |= enabled.bytes & 0xFFF;
  tlp->dw[2] |= static_cast<uint32_t>(enabled.address & 0x7F);
  return tlp;
}

TlpPtr make_completion_data(TlpPool& pool, PciId completer, const Tlp& request, uint64_t address, uint32_t bytes,
                            uint32_t remaining) {
  TlpPtr tlp = pool.allocate();
  set_completion_header(*tlp, true, completer, request, CplStatus::kSuccess);
  const uint32_t length_dw = static_cast<uint32_t>((address & 3) + bytes + 3) / 4;
  tlp->dw[0] |= length_dw & 0x3FF;
  tlp->dw[1] |= remaining & 0xFFF;
  tlp->dw[2] |= static_cast<uint32_t>(address & 0x7F);
  tlp->payload_bytes = length_dw * 4;
  return tlp;
}

// ---------------------------------------------------------------- text

std::string to_string(PciId id) {
  char text[16];
  std::snprintf(text, sizeof text, "%02x:%02x.%x", id.value >> 8, (id.value >> 3) & 0x1F, id.value & 7);
  return text;
}

const char* to_string(TlpKind kind) {
  static const char* const kNames[] = {"MRd",  "MWr", "CfgRd0", "CfgWr0", "CfgRd1", "CfgWr1", "IORd",
                                       "IOWr", "Msg", "MsgD",   "Cpl",    "CplD",   "undefined"};
  return kNames[static_cast<unsigned>(kind)];
}

const char* to_string(CplStatus status) {
  switch (status) {
    case CplStatus::kSuccess: return "SC";
    case CplStatus::kUnsupportedRequest: return "UR";
    case CplStatus::kRetry: return "CRS";
    case CplStatus::kCompleterAbort: return "CA";
  }
  return "reserved status";
}

std::string Tlp::to_string() const {
  using sc_model::to_string;
  char text[160];
  const std::string requester = to_string(requester_id());
  if (is_completion()) {
    std::snprintf(text, sizeof text, "%s %s len %u bytes %u lower 0x%02x tag %u req %s cpl %s%s", to_string(kind()),
                  to_string(status()), has_data() ? length_dw() : 0, byte_count(), lower_address(), tag(),
                  requester.c_str(), to_string(completer_id()).c_str(), poisoned() ? " EP" : "");
  } else if (kind() == TlpKind::kMRd || kind() == TlpKind::kMWr) {
    std::snprintf(text, sizeof text, "%s(%s) addr 0x%llx len %u be %x/%x tag %u req %s%s", to_string(kind()),
                  header_dw() == 4 ? "64" : "32", static_cast<unsigned long long>(address()), length_dw(), first_be(),
                  last_be(), tag(), requester.c_str(), poisoned() ? " EP" : "");
  } else {
    std::snprintf(text, sizeof text, "%s %s reg 0x%03x be %x tag %u req %s", to_string(kind()),
                  to_string(config_target()).c_str(), config_offset(), first_be(), tag(), requester.c_str());
  }
  return text;
}

}  // namespace ringside::sc_model
