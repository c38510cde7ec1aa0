// TLP headers as PCI Express Base Specification 2.2 draws them, for tests of the PCI function. Written from the
// standard, not from the RTL. One thread; nothing here keeps state.
#ifndef RINGSIDE_TESTBENCH_RTL_PCIE_TLP_H_
#define RINGSIDE_TESTBENCH_RTL_PCIE_TLP_H_

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace ringside::testbench::pcie {

// Fmt and Type, table 2-3.
enum Type : uint8_t {
  kMRd32 = 0x00, kMRd64 = 0x20, kMWr32 = 0x40, kMWr64 = 0x60, kMRdLk32 = 0x01, kIoRd = 0x02, kIoWr = 0x42,
  kCfgRd0 = 0x04, kCfgWr0 = 0x44, kCfgRd1 = 0x05, kCfgWr1 = 0x45, kMsg = 0x34, kMsgD = 0x74, kCpl = 0x0A, kCplD = 0x4A,
  kCplLk = 0x0B, kFetchAdd32 = 0x4C, kSwap32 = 0x4D, kCas32 = 0x4E,
};
enum Status : uint8_t { kSc = 0, kUr = 1, kCrs = 2, kCa = 4 };

struct Tlp {
  std::array<uint32_t, 4> dw{};   // DW 0 to DW 3 of the header
  std::vector<uint32_t> data;
  uint64_t cycle = 0;             // of its first beat

  uint8_t type() const { return dw[0] >> 24; }
  bool has_data() const { return type() & 0x40; }
  bool four_dw() const { return type() & 0x20; }
  unsigned tc() const { return dw[0] >> 20 & 7; }
  unsigned attr() const { return (dw[0] >> 18 & 1) << 2 | (dw[0] >> 12 & 3); }
  bool poisoned() const { return dw[0] >> 14 & 1; }
  unsigned length() const { return (dw[0] & 0x3FF) == 0 ? 1024 : dw[0] & 0x3FF; }
  // Requests
  unsigned requester() const { return dw[1] >> 16; }
  unsigned tag() const { return dw[1] >> 8 & 0xFF; }
  unsigned last_be() const { return dw[1] >> 4 & 0xF; }
  unsigned first_be() const { return dw[1] & 0xF; }
  uint64_t address() const { return four_dw() ? uint64_t{dw[2]} << 32 | dw[3] : dw[2]; }
  // Completions
  unsigned completer() const { return dw[1] >> 16; }
  unsigned status() const { return dw[1] >> 13 & 7; }
  unsigned byte_count() const { return (dw[1] & 0xFFF) == 0 ? 4096 : dw[1] & 0xFFF; }
  unsigned cpl_requester() const { return dw[2] >> 16; }
  unsigned cpl_tag() const { return dw[2] >> 8 & 0xFF; }
  unsigned lower_address() const { return dw[2] & 0x7F; }
  bool is_cpl() const { return type() == kCpl || type() == kCplD || type() == kCplLk; }
  bool is_read() const { return type() == kMRd32 || type() == kMRd64; }
  bool is_write() const { return type() == kMWr32 || type() == kMWr64; }
};

inline Tlp memory(bool write, uint64_t address, unsigned length, unsigned first_be, unsigned last_be, unsigned tag,
                  std::vector<uint32_t> data = {}, unsigned requester = 0x0008, unsigned tc = 0, unsigned attr = 0) {
  Tlp tlp;
  const bool wide = address >> 32 != 0;
  const uint32_t type = (write ? 0x40u : 0u) | (wide ? 0x20u : 0u);
  tlp.dw[0] = type << 24 | tc << 20 | (attr >> 2) << 18 | (attr & 3) << 12 | (length & 0x3FF);
  tlp.dw[1] = requester << 16 | tag << 8 | last_be << 4 | first_be;
  tlp.dw[2] = wide ? static_cast<uint32_t>(address >> 32) : static_cast<uint32_t>(address) & ~3u;
  tlp.dw[3] = wide ? static_cast<uint32_t>(address) & ~3u : 0;
  tlp.data = std::move(data);
  return tlp;
}

inline Tlp config(bool write, unsigned bdf, unsigned reg, unsigned be, unsigned tag, uint32_t value = 0) {
  Tlp tlp;
  tlp.dw[0] = (write ? kCfgWr0 : kCfgRd0) << 24 | 1;
  tlp.dw[1] = 0x0008u << 16 | tag << 8 | be;
  tlp.dw[2] = bdf << 16 | (reg & 0xFFC);
  if (write) tlp.data = {value};
  return tlp;
}

inline Tlp completion(unsigned requester, unsigned tag, unsigned status, unsigned byte_count, unsigned lower_address,
                      std::vector<uint32_t> data) {
  Tlp tlp;
  tlp.dw[0] = static_cast<uint32_t>(data.empty() ? kCpl : kCplD) << 24 | (data.size() & 0x3FF);
  tlp.dw[1] = 0x0000u << 16 | status << 13 | (byte_count & 0xFFF);
  tlp.dw[2] = requester << 16 | tag << 8 | lower_address;
  tlp.data = std::move(data);
  return tlp;
}

// Byte Count of the completions of a memory read, table 2-37 spelled out byte by byte.
inline unsigned bytes_asked(unsigned length, unsigned first_be, unsigned last_be) {
  int low = -1, high = -1;
  for (unsigned byte = 0; byte < length * 4; ++byte) {
    const bool enabled = byte < 4 ? first_be >> byte & 1 : byte >= (length - 1) * 4 ? last_be >> (byte % 4) & 1 : true;
    if (enabled && low < 0) low = static_cast<int>(byte);
    if (enabled) high = static_cast<int>(byte);
  }
  return low < 0 ? 1 : static_cast<unsigned>(high - low + 1);
}

inline unsigned first_byte(unsigned first_be) {
  for (unsigned byte = 0; byte < 4; ++byte)
    if (first_be >> byte & 1) return byte;
  return 0;
}

}  // namespace ringside::testbench::pcie

#endif  // RINGSIDE_TESTBENCH_RTL_PCIE_TLP_H_
