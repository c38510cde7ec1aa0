// Rules F1 and F2 by simulation: the FIFOs keep order and lose nothing, whatever the clocks; what crosses changes one
// bit.
#include <gtest/gtest.h>

#include <deque>
#include <random>

#include "Vasync_fifo.h"
#include "Vcdc_counter.h"
#include "Vcdc_counter___024root.h"
#include "Vsync_fifo.h"

namespace ringside::testbench {
namespace {

constexpr size_t kDepth = 8;  // of both FIFOs as verilated here

TEST(SyncFifo, KeepsOrderAndCounts) {  // F1
  Vsync_fifo fifo;
  std::mt19937 random(1);
  std::deque<uint8_t> model;
  for (int cycle = 0; cycle < 100000; ++cycle) {
    const unsigned busy = 20 + 60 * (cycle / 500 % 2);  // now fills, now empties
    fifo.rst_ni = cycle > 1;
    fifo.wr_valid_i = random() % 100 < busy;
    fifo.wr_data_i = random();
    fifo.rd_ready_i = random() % 100 < 100 - busy;
    fifo.clk_i = 0;
    fifo.eval();
    if (cycle > 1) {
      ASSERT_EQ(fifo.count_o, model.size());
      ASSERT_EQ(fifo.wr_ready_o, model.size() < kDepth);
      ASSERT_EQ(fifo.rd_valid_o, !model.empty());
      ASSERT_TRUE(model.empty() || fifo.rd_data_o == model.front());
      const bool write = fifo.wr_valid_i && fifo.wr_ready_o;
      if (fifo.rd_valid_o && fifo.rd_ready_i) model.pop_front();
      if (write) model.push_back(fifo.wr_data_i);
    }
    fifo.clk_i = 1;
    fifo.eval();
  }
}

struct TwoClocks {
  uint64_t write_ps, read_ps, phase_ps;
};

void PrintTo(const TwoClocks& clocks, std::ostream* out) {  // for test names
  *out << "write_" << clocks.write_ps << "_read_" << clocks.read_ps << "_phase_" << clocks.phase_ps << "_ps";
}

class AsyncFifo : public ::testing::TestWithParam<TwoClocks> {
 protected:
  void write_edge() {
    const bool write = fifo.wr_valid_i && fifo.wr_ready_o;
    if (write) sent.push_back(fifo.wr_data_i);
    most = std::max<size_t>(most, fifo.wr_count_o);
    if (!fifo.wr_ready_o) ++full;
    fifo.wr_clk_i = 1;
    fifo.eval();
    fifo.wr_clk_i = 0;
    fifo.wr_valid_i = random() % 100 < busy;
    fifo.wr_data_i = random();
    fifo.eval();
    // Never fewer than there are: the read register may hold one more than the memory.
    ASSERT_GE(fifo.wr_count_o + 1u, sent.size());
  }
  void read_edge() {
    if (fifo.rd_valid_o) {
      ASSERT_FALSE(sent.empty());
      ASSERT_EQ(fifo.rd_data_o, sent.front());
      if (fifo.rd_ready_i) {
        sent.pop_front();
        ++taken;
      }
    }
    fifo.rd_clk_i = 1;
    fifo.eval();
    fifo.rd_clk_i = 0;
    fifo.rd_ready_i = random() % 100 < 100 - busy;
    fifo.eval();
  }
  Vasync_fifo fifo;
  std::mt19937 random{2};
  std::deque<uint8_t> sent;
  unsigned busy = 50;
  size_t taken = 0, most = 0, full = 0;
};

TEST_P(AsyncFifo, KeepsOrderAndNeverOverflows) {  // F2
  const TwoClocks clocks = GetParam();
  uint64_t next_write = 0, next_read = clocks.phase_ps;
  fifo.eval();
  for (int edge = 0; edge < 200000; ++edge) {
    busy = 15 + 70 * (edge / 3000 % 2);
    fifo.wr_rst_ni = edge > 20;
    fifo.rd_rst_ni = edge > 30;
    if (edge <= 20) fifo.wr_valid_i = 0;
    if (next_write <= next_read) {
      write_edge();
      next_write += clocks.write_ps;
    } else {
      read_edge();
      next_read += clocks.read_ps;
    }
    if (HasFatalFailure()) return;
  }
  EXPECT_GT(taken, 1000u);
  if (clocks.write_ps > 2 * clocks.read_ps) return;
  EXPECT_EQ(most, kDepth);  // it did fill
  EXPECT_GT(full, 100u);
}
INSTANTIATE_TEST_SUITE_P(Clocks, AsyncFifo,
                         ::testing::Values(TwoClocks{4000, 6400, 1}, TwoClocks{4000, 5120, 777},
                                           TwoClocks{8000, 5120, 13},
                                           TwoClocks{3333, 51200, 5}, TwoClocks{51200, 3333, 7},
                                           TwoClocks{4000, 4000, 2000}, TwoClocks{4000, 4000, 0}),
                         ::testing::PrintToStringParamName());

TEST(CdcCounter, CrossesOneBitAtATimeAndIsNeverAhead) {  // F2
  Vcdc_counter counter;
  std::mt19937 random(3);
  counter.src_rst_ni = counter.dst_rst_ni = 0;
  unsigned last_gray = 0, count = 0, seen = 0;
  for (int edge = 0; edge < 100000; ++edge) {
    if (edge == 20) counter.src_rst_ni = counter.dst_rst_ni = 1;
    if (random() % 3 != 0) {
      counter.inc_i = edge > 20 && random() % 2;
      count += counter.inc_i;
      counter.src_clk_i = 1;
      counter.eval();
      counter.src_clk_i = 0;
      counter.eval();
      ASSERT_EQ(counter.src_count_o, count % 256);
      const unsigned gray = counter.rootp->cdc_counter__DOT__gray_q;
      ASSERT_LE(__builtin_popcount(gray ^ last_gray), 1);
      last_gray = gray;
    } else {
      const unsigned limit = count;
      counter.dst_clk_i = 1;
      counter.eval();
      counter.dst_clk_i = 0;
      counter.eval();
      const unsigned step = (counter.dst_count_o - seen) % 256;
      seen += step;
      ASSERT_LE(seen, limit);  // never a count that has not been
      ASSERT_LT(limit - seen, 200u) << "the reader fell too far behind for this test";
    }
  }
  EXPECT_GT(seen, 10000u);
}

}  // namespace
}  // namespace ringside::testbench
