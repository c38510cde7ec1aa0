// Modules that have one body for simulation and one for synthesis do the same with both (crc32_test.cpp has the third).
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>

#include "Vrow_mem.h"
#include "Vrow_mem_synthesis.h"
#include "Vrx_csum256.h"
#include "Vrx_csum256_synthesis.h"
#include "Vrx_csum64.h"
#include "Vrx_csum64_synthesis.h"
#include "Vrx_hash1.h"
#include "Vrx_hash1_synthesis.h"
#include "Vrx_hash2.h"
#include "Vrx_hash2_synthesis.h"
#include "Vtx_csum256.h"
#include "Vtx_csum256_synthesis.h"
#include "Vtx_csum64.h"
#include "Vtx_csum64_synthesis.h"

namespace ringside::testbench {
namespace {

template <typename Simulated, typename Synthesized>
struct TwoModels {
  Simulated simulated;
  Synthesized synthesized;

  template <typename Set>
  void both(Set set) {
    set(simulated);
    set(synthesized);
  }
  void clock() {
    both([](auto& model) {
      model.clk_i = 0;
      model.eval();
      model.clk_i = 1;
      model.eval();
    });
  }
  void reset() {
    both([](auto& model) { model.rst_ni = 0; });
    clock();
    both([](auto& model) { model.rst_ni = 1; });
  }
};

TEST(TwoBodies, PacketMemory) {
  TwoModels<Vrow_mem, Vrow_mem_synthesis> models;
  std::mt19937_64 random(1);
  for (unsigned row = 0; row < 16; ++row) {  // what was never written is not compared
    models.both([&](auto& m) { m.wr_valid_i = 1, m.wr_row_i = row, m.wr_be_i = 0xFF, m.wr_next_i = 0, m.wr_data_i = 0; });
    models.clock();
  }
  uint64_t ones = 0;
  for (int cycle = 0; cycle < 20000; ++cycle) {
    const uint64_t data = random(), settings = random();
    models.both([&](auto& m) {
      m.wr_valid_i = settings & 1, m.wr_row_i = settings >> 8 & 15, m.wr_be_i = settings >> 16, m.wr_data_i = data;
      m.wr_next_i = settings >> 24, m.rd_en_i = settings >> 1 & 1, m.rd_row_i = settings >> 32 & 15;
    });
    models.clock();
    if (cycle < 100) continue;  // until both halves have been read
    ASSERT_EQ(models.simulated.rd_data_o, models.synthesized.rd_data_o) << cycle;
    ones |= models.simulated.rd_data_o;
  }
  EXPECT_EQ(ones, ~uint64_t{0});  // it was written at all
}

template <typename Simulated, typename Synthesized>
void compare_hashes(unsigned words) {
  TwoModels<Simulated, Synthesized> models;
  std::mt19937_64 random(words);
  for (int frame = 0; frame < 500; ++frame) {
    for (unsigned n = 0; n < 10; ++n) {
      const uint32_t key = static_cast<uint32_t>(random());
      models.both([&](auto& m) { m.key_i[n] = key; });
    }
    models.both([&](auto& m) { m.clear_i = 1, m.step_i = 0, m.port_i = 0, m.port_v4_i = frame & 1; });
    models.clock();
    for (unsigned word = 0; word + words <= 9; word += words) {  // of two a step, the ports come beside the addresses
      const uint64_t data = random();
      models.both([&](auto& m) { m.clear_i = 0, m.step_i = 1, m.word_i = word, m.data_i = data; });
      models.both([&](auto& m) { m.port_i = 1, m.port_data_i = static_cast<uint32_t>(data * 3); });
      models.clock();
      ASSERT_EQ(models.simulated.port_hash_o, models.synthesized.port_hash_o) << "frame " << frame << ", word " << word;
      ASSERT_EQ(models.simulated.hash_o, models.synthesized.hash_o) << "frame " << frame << ", word " << word;
    }
    ASSERT_NE(models.simulated.hash_o, 0U);
    ASSERT_EQ(models.simulated.port_hash_o != 0, words == 2);
  }
}

TEST(TwoBodies, HashOneWordAStep) {
  compare_hashes<Vrx_hash1, Vrx_hash1_synthesis>(1);
}
TEST(TwoBodies, HashTwoWordsAStep) {
  compare_hashes<Vrx_hash2, Vrx_hash2_synthesis>(2);
}

void set_beat(uint64_t& beat, const std::array<uint32_t, 8>& words) { beat = words[0] | uint64_t{words[1]} << 32; }
void set_beat(VlWide<8>& beat, const std::array<uint32_t, 8>& words) { std::copy(words.begin(), words.end(), &beat[0]); }
std::array<uint32_t, 8> words_of(std::mt19937_64& random, bool ones) {
  std::array<uint32_t, 8> words;
  for (uint32_t& word : words) word = ones ? 0xFFFFFFFF : static_cast<uint32_t>(random());
  return words;
}

template <typename Simulated, typename Synthesized>
void compare_received(unsigned bytes) {
  TwoModels<Simulated, Synthesized> models;
  std::mt19937_64 random(bytes + 3);
  models.reset();
  unsigned verdicts = 0;
  for (unsigned frame = 0; frame < 3000; ++frame) {
    const unsigned octets = 60 + random() % 400, beats = (octets + bytes - 1) / bytes;
    const uint64_t settings = random();
    const unsigned l4 = 8 + (settings >> 32) % 16;  // at 4 n + 2
    models.both([&](auto& m) {
      m.strip_i = settings & 1, m.tags_i = (settings >> 1) % 3, m.ipv4_i = settings >> 3 & 1, m.ipv6_i = settings >> 4 & 1;
      m.fragment_i = (settings >> 5 & 7) == 0, m.whole_i = 1, m.chain_i = (settings >> 8 & 7) == 0;
      m.proto_i = settings >> 11 & 1 ? 6 : 17, m.l4_i = l4, m.rest_i = octets - 4 * l4;
      m.end_i = octets, m.ip_end_i = octets - (settings >> 40) % 8;
    });
    for (unsigned beat = 0; beat < beats + 1; ++beat) {  // the last is a pause
      models.both([&](auto& m) { m.beat_i = beat < beats, m.beat_no_i = beat, m.beat_eop_i = beat + 1 == beats; });
      const auto data = words_of(random, settings >> 50 & 1);
      models.both([&](auto& m) { set_beat(m.beat_data_i, data); });
      models.clock();
      ASSERT_EQ(models.simulated.verdict_valid_o, models.synthesized.verdict_valid_o) << "frame " << frame;
      if (models.simulated.verdict_valid_o == 0) continue;
      ASSERT_EQ(models.simulated.verdict_o, models.synthesized.verdict_o) << "frame " << frame;
      ++verdicts;
    }
  }
  EXPECT_GT(verdicts, 2990U);
}

TEST(TwoBodies, ChecksumsOfReceivedFrames) {
  compare_received<Vrx_csum64, Vrx_csum64_synthesis>(8);
  compare_received<Vrx_csum256, Vrx_csum256_synthesis>(32);
}

template <typename Simulated, typename Synthesized>
void compare_sent(unsigned bytes) {
  const uint32_t all = bytes == 8 ? 0xFF : 0xFFFFFFFF;
  TwoModels<Simulated, Synthesized> models;
  std::mt19937_64 random(bytes + 4);
  models.reset();
  unsigned sums = 0;
  for (unsigned packet = 0; packet < 3000; ++packet) {
    const unsigned slot = packet % 64, row = random() % 16, start = random() % (2 * bytes);
    models.both([&](auto& m) {
      m.alloc_i = 1, m.alloc_slot_i = slot, m.alloc_row_i = row, m.alloc_csum_i = 1, m.alloc_start_i = start;
      m.wr_valid_i = 0, m.sum_slot_i = slot;
    });
    models.clock();
    for (unsigned write = 0; write < 12; ++write) {  // the last ones are pauses
      const uint32_t be = all & (random() % 2 ? all : static_cast<uint32_t>(random())), next = random() % 2 ? 0 : all & ~be;
      models.both([&](auto& m) {
        m.alloc_i = 0, m.wr_valid_i = write < 6, m.wr_slot_i = slot, m.wr_row_i = (row + write) % 16;
        m.wr_be_i = be, m.wr_next_i = next;
      });
      const auto data = words_of(random, packet % 8 == 0);
      models.both([&](auto& m) { set_beat(m.wr_data_i, data); });
      models.clock();
    }
    ASSERT_EQ(models.simulated.sum_o, models.synthesized.sum_o) << "packet " << packet;
    sums += models.simulated.sum_o != 0;
  }
  EXPECT_GT(sums, 2990U);
}

TEST(TwoBodies, ChecksumsOfPacketsToSend) {
  compare_sent<Vtx_csum64, Vtx_csum64_synthesis>(8);
  compare_sent<Vtx_csum256, Vtx_csum256_synthesis>(32);
}

}  // namespace
}  // namespace ringside::testbench
