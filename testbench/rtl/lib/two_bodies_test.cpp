// Modules that have one body for simulation and one for synthesis do the same with both (crc32_test.cpp has the third).
#include <gtest/gtest.h>

#include <random>

#include "Vrow_mem.h"
#include "Vrow_mem_synthesis.h"
#include "Vrx_hash1.h"
#include "Vrx_hash1_synthesis.h"
#include "Vrx_hash2.h"
#include "Vrx_hash2_synthesis.h"

namespace ringside::testbench {
namespace {

template <typename Model>
void clock(Model& model) {
  model.clk_i = 0;
  model.eval();
  model.clk_i = 1;
  model.eval();
}

TEST(TwoBodies, PacketMemory) {
  Vrow_mem simulated;
  Vrow_mem_synthesis synthesized;
  std::mt19937_64 random(1);
  const auto both = [&](auto set) {
    set(simulated);
    set(synthesized);
  };
  for (unsigned row = 0; row < 16; ++row) {  // what was never written is not compared
    both([&](auto& m) { m.wr_valid_i = 1, m.wr_row_i = row, m.wr_be_i = 0xFF, m.wr_next_i = 0, m.wr_data_i = 0; });
    clock(simulated), clock(synthesized);
  }
  uint64_t ones = 0;
  for (int cycle = 0; cycle < 20000; ++cycle) {
    const uint64_t data = random(), settings = random();
    both([&](auto& m) {
      m.wr_valid_i = settings & 1, m.wr_row_i = settings >> 8 & 15, m.wr_be_i = settings >> 16, m.wr_data_i = data;
      m.wr_next_i = settings >> 24, m.rd_en_i = settings >> 1 & 1, m.rd_row_i = settings >> 32 & 15;
    });
    clock(simulated), clock(synthesized);
    if (cycle < 100) continue;  // until both halves have been read
    ASSERT_EQ(simulated.rd_data_o, synthesized.rd_data_o) << cycle;
    ones |= simulated.rd_data_o;
  }
  EXPECT_EQ(ones, ~uint64_t{0});  // it was written at all
}

template <typename Simulated, typename Synthesized>
void compare_hashes(unsigned words) {
  Simulated simulated;
  Synthesized synthesized;
  std::mt19937_64 random(words);
  const auto both = [&](auto set) {
    set(simulated);
    set(synthesized);
  };
  for (int frame = 0; frame < 500; ++frame) {
    for (unsigned n = 0; n < 10; ++n) {
      const uint32_t key = static_cast<uint32_t>(random());
      both([&](auto& m) { m.key_i[n] = key; });
    }
    both([](auto& m) { m.clear_i = 1, m.step_i = 0; });
    clock(simulated), clock(synthesized);
    for (unsigned word = 0; word <= 8; word += words) {
      const uint64_t data = word == 8 && words == 2 ? random() << 32 : random();  // there the second word is none
      both([&](auto& m) { m.clear_i = 0, m.step_i = 1, m.word_i = word, m.data_i = data; });
      clock(simulated), clock(synthesized);
      ASSERT_EQ(simulated.hash_o, synthesized.hash_o) << "frame " << frame << ", word " << word;
    }
    ASSERT_NE(simulated.hash_o, 0U);
  }
}

TEST(TwoBodies, HashOneWordAStep) {
  compare_hashes<Vrx_hash1, Vrx_hash1_synthesis>(1);
}
TEST(TwoBodies, HashTwoWordsAStep) {
  compare_hashes<Vrx_hash2, Vrx_hash2_synthesis>(2);
}

}  // namespace
}  // namespace ringside::testbench
