// The far end of dma_write: takes its beats, holds rules P3, P4, P7 to P10 on every TLP, keeps the written bytes.
//
// Written by the test's clock loop (one `take` per accepted beat); read by the tests. Octet positions and lengths in
// bytes, addresses are bus addresses. A broken rule is a GoogleTest failure and is counted. Rules as in PCI Express
// Base Specification 2.2.2, 2.2.5, 2.2.7; nothing here is taken from the RTL.
#ifndef RINGSIDE_TESTBENCH_RTL_DMA_WRITE_WRITE_SINK_H_
#define RINGSIDE_TESTBENCH_RTL_DMA_WRITE_WRITE_SINK_H_

#include <array>
#include <cstdint>
#include <map>
#include <vector>

namespace ringside::testbench {

struct WriteBeat {
  bool sop, eop;
  uint64_t addr;  // of the first DW
  unsigned len;   // DWs
  unsigned first_be, last_be;
  const uint8_t* data;
};

struct WriteTlp {
  uint64_t addr;               // of the first enabled byte
  std::vector<uint8_t> bytes;  // enabled bytes
};

class ByteMemory {
 public:
  uint8_t& operator[](uint64_t addr) { return pages_[addr >> 12][addr & 4095]; }
  uint8_t read(uint64_t addr) const {
    auto page = pages_.find(addr >> 12);
    return page == pages_.end() ? 0 : page->second[addr & 4095];
  }
  uint64_t read_le(uint64_t addr, unsigned bytes) const;
  void write_le(uint64_t addr, uint64_t value, unsigned bytes);

 private:
  std::map<uint64_t, std::array<uint8_t, 4096>> pages_;
};

class WriteSink {
 public:
  explicit WriteSink(unsigned beat_bytes) : beat_bytes_(beat_bytes) {}
  void set_mps(unsigned bytes) { mps_bytes_ = bytes; }
  // Takes one beat; true when it ended a TLP, which is then tlps().back() and is in memory().
  bool take(const WriteBeat& beat);
  const std::vector<WriteTlp>& tlps() const { return tlps_; }
  void forget_tlps() { tlps_.clear(); }
  ByteMemory& memory() { return memory_; }

 private:
  void check_header() const;
  void finish();

  unsigned beat_bytes_;
  unsigned mps_bytes_ = 128;
  bool inside_ = false;
  WriteBeat header_{};
  std::vector<uint8_t> payload_;
  std::vector<WriteTlp> tlps_;
  ByteMemory memory_;
};

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_RTL_DMA_WRITE_WRITE_SINK_H_
