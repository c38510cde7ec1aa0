// Small words that the RX tests share.
#ifndef RINGSIDE_TESTBENCH_RTL_RX_RX_HELPERS_H_
#define RINGSIDE_TESTBENCH_RTL_RX_RX_HELPERS_H_

#include "testbench/rtl/rx/rx_bench.h"

namespace ringside::testbench {

using Bytes = std::vector<uint8_t>;

inline Bytes frame_to(uint64_t address, unsigned length = 60) {  // first octet on the wire in the low byte
  Bytes frame(length, 0x5A);
  for (int i = 0; i < 6; ++i) frame[i] = uint8_t(address >> (8 * i));
  return frame;
}

inline void post_many(RxBench& bench, unsigned n, unsigned length = 2048) {
  for (unsigned i = 0; i < n; ++i) bench.post(0x9000'0000 + uint64_t{i} * 0x4000, length);
  bench.doorbell();
}

inline unsigned drops(const RxBench& bench) {
  const RxCounts& c = bench.counts();
  return c.filtered + c.no_buffer + c.disabled + c.dma_error;
}

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_RTL_RX_RX_HELPERS_H_
