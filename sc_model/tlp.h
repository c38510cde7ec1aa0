// Transaction layer packets, bit-exact as the PCI Express Base Specification draws them (chapter 2.2).
//
// Who: the root complex and the NIC shell make them, link and checkers pass them on, observers read them.
// Layout: header as four 32-bit words, word 0 with Fmt in bits 31:29 (byte 0 of the drawing is bits 31:24); a 3-DW
//   header leaves word 3 zero. Payload bytes in memory order, payload[0] is the lowest addressed byte of the first DW.
// Memory: Tlps live in a TlpPool and move as TlpPtr; no allocation per TLP once the pool has grown.
// Threads: none. Units: bytes unless the name says dw (32-bit words).
#ifndef RINGSIDE_SC_MODEL_TLP_H_
#define RINGSIDE_SC_MODEL_TLP_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sc_model/sim_time.h"

namespace ringside::sc_model {

constexpr uint32_t kMaxPayloadBytes = 4096;  // Length 0 means 1024 DW (2.2.1)

// The kinds this model knows (2.2.1, table of Fmt and Type). kOther: a pair that is not defined here.
enum class TlpKind : uint8_t {
  kMRd, kMWr, kCfgRd0, kCfgWr0, kCfgRd1, kCfgWr1, kIoRd, kIoWr, kMsg, kMsgD, kCpl, kCplD, kOther
};
// The three columns of flow control and ordering (2.4.1, 2.6.1).
enum class TlpClass : uint8_t { kPosted, kNonPosted, kCompletion };
enum class CplStatus : uint8_t { kSuccess = 0, kUnsupportedRequest = 1, kRetry = 2, kCompleterAbort = 4 };

// Bus, device, function as one 16-bit id (2.2.4.2).
struct PciId {
  uint16_t value = 0;
  static constexpr PciId of(unsigned bus, unsigned device, unsigned function) {
    return PciId{static_cast<uint16_t>(bus << 8 | device << 3 | function)};
  }
  bool operator==(PciId o) const { return value == o.value; }
};

class TlpPool;

struct Tlp {
  uint32_t dw[4] = {0, 0, 0, 0};
  uint32_t payload_bytes = 0;  // bytes present in `payload`; the checkers compare it with the Length field
  uint64_t serial = 0;         // counts the TLPs of one pool: later ones have higher numbers. For observers
  TimePs ready_ps = 0;         // when it may be looked at by the next station
  uint8_t note = 0;            // the station's own; 0 when it comes from another
  TlpPool* pool = nullptr;
  alignas(8) uint8_t payload[kMaxPayloadBytes];

  // Header fields (2.2.1)
  unsigned fmt() const { return dw[0] >> 29; }
  unsigned type() const { return (dw[0] >> 24) & 0x1F; }
  bool has_data() const { return (fmt() & 2) != 0; }
  unsigned header_dw() const { return (fmt() & 1) != 0 ? 4 : 3; }
  unsigned traffic_class() const { return (dw[0] >> 20) & 7; }
  unsigned attr() const { return ((dw[0] >> 12) & 3) | ((dw[0] >> 16) & 4); }  // bit 2 IDO, bit 1 RO, bit 0 no snoop
  bool relaxed() const { return (attr() & 2) != 0; }
  bool digest() const { return (dw[0] >> 15) & 1; }
  bool poisoned() const { return (dw[0] >> 14) & 1; }
  unsigned length_field() const { return dw[0] & 0x3FF; }
  unsigned length_dw() const { return length_field() == 0 ? 1024 : length_field(); }
  TlpKind kind() const;
  TlpClass tlp_class() const;
  bool is_completion() const { return tlp_class() == TlpClass::kCompletion; }

  // Requests (2.2.4 to 2.2.7). For a completion, requester_id and tag are those it answers.
  PciId requester_id() const { return PciId{static_cast<uint16_t>((is_completion() ? dw[2] : dw[1]) >> 16)}; }
  unsigned tag() const { return ((is_completion() ? dw[2] : dw[1]) >> 8) & 0xFF; }
  unsigned first_be() const { return dw[1] & 0xF; }
  unsigned last_be() const { return (dw[1] >> 4) & 0xF; }
  uint64_t address() const;  // of the first DW; bits 1:0 zero
  // Configuration requests (2.2.7.1)
  PciId config_target() const { return PciId{static_cast<uint16_t>(dw[2] >> 16)}; }
  unsigned config_offset() const { return dw[2] & 0xFFC; }
  // Completions (2.2.9)
  PciId completer_id() const { return PciId{static_cast<uint16_t>(dw[1] >> 16)}; }
  CplStatus status() const { return static_cast<CplStatus>((dw[1] >> 13) & 7); }
  unsigned byte_count() const { return (dw[1] & 0xFFF) == 0 ? 4096 : dw[1] & 0xFFF; }
  unsigned lower_address() const { return dw[2] & 0x7F; }

  void set_relaxed() { dw[0] |= 1u << 13; }
  void set_poisoned() { dw[0] |= 1u << 14; }
  void set_tag(unsigned tag);
  // Bytes on the link without framing: header and payload.
  unsigned wire_bytes() const { return header_dw() * 4 + payload_bytes; }
  // Data credits: one for 16 bytes, rounded up (2.6.1).
  unsigned data_credits() const { return has_data() ? (length_dw() + 3) / 4 : 0; }
  // One line in the words of the specification: "MWr(64) addr 0x... len 4 be F/F tag 3 req 01:00.0".
  std::string to_string() const;
};

// Bytes that a memory request enables, and where they start; the zero-length read (both zero BE) counts one byte
// (2.2.5, and the table of byte counts in 2.2.9).
struct EnabledBytes {
  uint64_t address = 0;  // first enabled byte
  unsigned bytes = 0;
};
EnabledBytes enabled_bytes(const Tlp& request);

struct TlpReturn {
  void operator()(Tlp* tlp) const;
};
using TlpPtr = std::unique_ptr<Tlp, TlpReturn>;

// Grows in slabs, never shrinks. Must outlive every TlpPtr it gave.
class TlpPool {
 public:
  TlpPool() = default;
  TlpPool(const TlpPool&) = delete;
  TlpPool& operator=(const TlpPool&) = delete;
  TlpPtr allocate();
  TlpPtr clone(const Tlp& other);
  size_t in_use() const { return total_ - free_.size(); }

 private:
  friend struct TlpReturn;
  static constexpr size_t kSlab = 32;
  std::vector<std::unique_ptr<Tlp[]>> slabs_;
  std::vector<Tlp*> free_;
  size_t total_ = 0;
  uint64_t serial_ = 0;
};

// Builders. `bytes` at `address` may have any alignment within the limits of one TLP: byte enables follow from it.
// bytes == 0 builds the zero-length forms (2.2.5). Writes: the caller's bytes are copied to the right place.
TlpPtr make_memory_read(TlpPool& pool, PciId requester, unsigned tag, uint64_t address, uint32_t bytes);
TlpPtr make_memory_write(TlpPool& pool, PciId requester, uint64_t address, const void* data, uint32_t bytes);
TlpPtr make_config_read(TlpPool& pool, PciId requester, unsigned tag, PciId target, uint16_t offset, unsigned bytes);
TlpPtr make_config_write(TlpPool& pool, PciId requester, unsigned tag, PciId target, uint16_t offset, unsigned bytes,
                         uint32_t value);
// A completion without data answering `request`; a successful one only for configuration and IO writes.
TlpPtr make_completion(TlpPool& pool, PciId completer, const Tlp& request, CplStatus status);
// A part of the answer to a memory read: the DWs that hold [address, address + bytes) of the requested range;
// `remaining` is the Byte Count. The payload is left for the caller to fill, from the DW that holds `address` on.
TlpPtr make_completion_data(TlpPool& pool, PciId completer, const Tlp& request, uint64_t address, uint32_t bytes,
                            uint32_t remaining);

std::string to_string(PciId id);      // "01:00.0"
const char* to_string(TlpKind kind);  // "MRd", ...
const char* to_string(CplStatus status);

}  // namespace ringside::sc_model

#endif  // RINGSIDE_SC_MODEL_TLP_H_
