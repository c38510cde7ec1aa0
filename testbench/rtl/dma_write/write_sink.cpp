#include "testbench/rtl/dma_write/write_sink.h"

#include <gtest/gtest.h>

namespace ringside::testbench {

uint64_t ByteMemory::read_le(uint64_t addr, unsigned bytes) const {
  uint64_t value = 0;
  for (unsigned i = 0; i < bytes; ++i) value |= uint64_t{read(addr + i)} << (8 * i);
  return value;
}

void ByteMemory::write_le(uint64_t addr, uint64_t value, unsigned bytes) {
  for (unsigned i = 0; i < bytes; ++i) (*this)[addr + i] = uint8_t(value >> (8 * i));
}

bool WriteSink::take(const WriteBeat& beat) {
  EXPECT_EQ(beat.sop, !inside_) << "sop in the middle of a TLP, or missing";
  if (beat.sop) {
    header_ = beat;
    payload_.clear();
    check_header();
  }
  EXPECT_EQ(beat.addr, header_.addr) << "the header must hold for all beats";
  EXPECT_EQ(beat.len, header_.len);
  payload_.insert(payload_.end(), beat.data, beat.data + beat_bytes_);
  inside_ = !beat.eop;
  const size_t beats = (header_.len * 4 + beat_bytes_ - 1) / beat_bytes_;
  EXPECT_EQ(beat.eop, payload_.size() == beats * beat_bytes_) << "P3: beats and Length, len " << header_.len;
  if (beat.eop) finish();
  return beat.eop;
}

void WriteSink::check_header() const {
  const unsigned first = header_.first_be, last = header_.last_be, len = header_.len;
  EXPECT_GE(len, 1u);
  EXPECT_LE(len * 4, mps_bytes_) << "P4";
  EXPECT_LE((header_.addr & 4095) + len * 4, 4096u) << "P7";
  EXPECT_NE(first, 0u) << "P8";
  if (len == 1) {
    EXPECT_EQ(last, 0u) << "P9";
    return;
  }
  EXPECT_NE(last, 0u) << "P9";
  // P10: from some byte of the first DW to its end, from the last DW's first byte to some byte of it
  EXPECT_TRUE(first == 0xF || first == 0xE || first == 0xC || first == 0x8) << "P10: " << first;
  EXPECT_TRUE(last == 0xF || last == 0x7 || last == 0x3 || last == 0x1) << "P10: " << last;
}

void WriteSink::finish() {
  WriteTlp tlp{0, {}};
  for (unsigned i = 0; i < header_.len * 4 && i < payload_.size(); ++i) {
    const unsigned dw = i / 4;
    const unsigned enables = dw == 0 ? header_.first_be : dw == header_.len - 1 ? header_.last_be : 0xF;
    if (!(enables >> (i % 4) & 1)) continue;
    if (tlp.bytes.empty()) tlp.addr = header_.addr + i;
    EXPECT_EQ(tlp.addr + tlp.bytes.size(), header_.addr + i) << "bytes of a request are contiguous";
    tlp.bytes.push_back(payload_[i]);
    memory_[header_.addr + i] = payload_[i];
  }
  tlps_.push_back(std::move(tlp));
}

}  // namespace ringside::testbench
