// Modules that have one body for simulation and one for synthesis do the same with both (crc32_test.cpp has the third).
#include <gtest/gtest.h>

#include <random>

#include "Vrow_mem.h"
#include "Vrow_mem_synthesis.h"
#include "Vrx_csum.h"
#include "Vrx_csum_synthesis.h"
#include "Vrx_hash1.h"
#include "Vrx_hash1_synthesis.h"
#include "Vrx_hash2.h"
#include "Vrx_hash2_synthesis.h"
#include "Vtx_csum.h"
#include "Vtx_csum_synthesis.h"

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

TEST(TwoBodies, ChecksumsOfReceivedFrames) {
  Vrx_csum simulated;
  Vrx_csum_synthesis synthesized;
  std::mt19937_64 random(3);
  const auto both = [&](auto set) {
    set(simulated);
    set(synthesized);
  };
  both([](auto& m) { m.rst_ni = 0; });
  clock(simulated), clock(synthesized);
  both([](auto& m) { m.rst_ni = 1; });
  unsigned verdicts = 0;
  for (unsigned frame = 0; frame < 3000; ++frame) {
    const unsigned octets = 60 + random() % 400, beats = (octets + 31) / 32;
    const uint64_t settings = random();
    const unsigned l4 = 8 + (settings >> 32) % 16;  // at 4 n + 2
    both([&](auto& m) {
      m.strip_i = settings & 1, m.tags_i = (settings >> 1) % 3, m.ipv4_i = settings >> 3 & 1, m.ipv6_i = settings >> 4 & 1;
      m.fragment_i = (settings >> 5 & 7) == 0, m.whole_i = 1, m.chain_i = (settings >> 8 & 7) == 0;
      m.proto_i = settings >> 11 & 1 ? 6 : 17, m.l4_i = l4, m.rest_i = octets - 4 * l4;
      m.end_i = octets, m.ip_end_i = octets - (settings >> 40) % 8;
    });
    for (unsigned beat = 0; beat < beats + 1; ++beat) {  // the last is a pause
      both([&](auto& m) { m.beat_i = beat < beats, m.beat_no_i = beat, m.beat_eop_i = beat + 1 == beats; });
      for (unsigned n = 0; n < 8; ++n) {
        const uint32_t data = settings >> 50 & 1 ? 0xFFFFFFFF : static_cast<uint32_t>(random());
        both([&](auto& m) { m.beat_data_i[n] = data; });
      }
      clock(simulated), clock(synthesized);
      ASSERT_EQ(simulated.verdict_valid_o, synthesized.verdict_valid_o) << "frame " << frame;
      if (simulated.verdict_valid_o == 0) continue;
      ASSERT_EQ(simulated.verdict_o, synthesized.verdict_o) << "frame " << frame;
      ++verdicts;
    }
  }
  EXPECT_GT(verdicts, 2990U);
}

TEST(TwoBodies, ChecksumsOfPacketsToSend) {
  Vtx_csum simulated;
  Vtx_csum_synthesis synthesized;
  std::mt19937_64 random(4);
  const auto both = [&](auto set) {
    set(simulated);
    set(synthesized);
  };
  both([](auto& m) { m.rst_ni = 0; });
  clock(simulated), clock(synthesized);
  both([](auto& m) { m.rst_ni = 1; });
  unsigned sums = 0;
  for (unsigned packet = 0; packet < 3000; ++packet) {
    const unsigned slot = packet % 64, row = random() % 16, start = random() % 64;
    both([&](auto& m) {
      m.alloc_i = 1, m.alloc_slot_i = slot, m.alloc_row_i = row, m.alloc_csum_i = 1, m.alloc_start_i = start;
      m.wr_valid_i = 0, m.sum_slot_i = slot;
    });
    clock(simulated), clock(synthesized);
    for (unsigned write = 0; write < 12; ++write) {  // the last ones are pauses
      const uint32_t be = random() % 2 ? 0xFFFFFFFF : static_cast<uint32_t>(random()), next = random() % 2 ? 0 : ~be;
      both([&](auto& m) {
        m.alloc_i = 0, m.wr_valid_i = write < 6, m.wr_slot_i = slot, m.wr_row_i = (row + write) % 16;
        m.wr_be_i = be, m.wr_next_i = next;
      });
      for (unsigned n = 0; n < 8; ++n) {
        const uint32_t data = packet % 8 == 0 ? 0xFFFFFFFF : static_cast<uint32_t>(random());
        both([&](auto& m) { m.wr_data_i[n] = data; });
      }
      clock(simulated), clock(synthesized);
    }
    ASSERT_EQ(simulated.sum_o, synthesized.sum_o) << "packet " << packet;
    sums += simulated.sum_o != 0;
  }
  EXPECT_GT(sums, 2990U);
}

}  // namespace
}  // namespace ringside::testbench
