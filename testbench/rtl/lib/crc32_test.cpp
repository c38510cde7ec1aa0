// Rule F15: the parallel CRC-32 equals the bit-serial one for every number of octets of the last beat, at every width
// and in both bodies of the module (tables for simulation, XOR matrices for synthesis). Known answers, the residue of
// rule E3.
#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <vector>

#include "Vcrc128.h"
#include "Vcrc128s.h"
#include "Vcrc256.h"
#include "Vcrc256s.h"
#include "Vcrc512.h"
#include "Vcrc512s.h"
#include "Vcrc64.h"
#include "Vcrc64s.h"

namespace ringside::testbench {
namespace {

uint32_t serial(uint32_t reg, const uint8_t* data, size_t size) {  // IEEE 802.3 section 3.2.9, one bit at a time
  for (size_t i = 0; i < size; ++i)
    for (int bit = 0; bit < 8; ++bit) {
      const bool out = (reg ^ (data[i] >> bit)) & 1;
      reg = (reg >> 1) ^ (out ? 0xEDB88320u : 0);
    }
  return reg;
}

template <class ModelType, size_t Octets>
struct Width {
  using Model = ModelType;
  static constexpr size_t kBytes = Octets;
};

using Octets = std::vector<uint8_t>;

// One sum as the module is given it, and what it must say.
struct Sum {
  uint32_t crc;
  bool good;
};

template <class W>
class Crc32 : public ::testing::Test {
 protected:
  static constexpr size_t kBytes = W::kBytes;

  Crc32() {
    tick(4);
    model.rst_ni = 1;
  }
  // Gives the octets in beats, with pairs where told, junk behind the last; what comes out is in `sums`.
  void give(const Octets& octets, bool paired) {
    Octets padded(octets);
    padded.resize(octets.size() + 2 * kBytes, 0x5A);
    size_t at = 0;
    do {
      const size_t left = octets.size() - at;
      model.pair_i = paired && left > kBytes && left <= 2 * kBytes;
      model.last_i = model.pair_i || left <= kBytes;
      model.bytes_i = model.pair_i ? left - kBytes : model.last_i ? left : kBytes;
      model.first_i = at == 0;
      std::memcpy(&model.data_i, padded.data() + at, kBytes);
      std::memcpy(&model.tail_i, padded.data() + at + kBytes, kBytes);
      model.en_i = 1;
      if (model.last_i) lasts.push_back(edge);
      tick(1);
      if (stalls && random() % 4 == 0) tick(random() % 3);
      at += model.pair_i ? 2 * kBytes : kBytes;
    } while (at < octets.size());
    asked.push_back({serial(0xFFFFFFFFu, octets.data(), octets.size()), false});
    asked.back().good = asked.back().crc == 0xDEBB20E3u;
  }
  void tick(int edges) {
    for (; edges > 0; --edges, ++edge) {
      model.eval();
      model.clk_i = 1;
      model.eval();
      model.clk_i = 0;
      model.eval();
      model.en_i = 0;
      for (const uint64_t last : lasts)
        if (edge == last + 1) goods.push_back(model.good_o);
      if (model.valid_o) crcs.push_back(model.crc_o), valid_at.push_back(edge);
    }
  }
  void expect_all() {
    tick(8);
    ASSERT_EQ(crcs.size(), asked.size());
    ASSERT_EQ(goods.size(), asked.size());
    for (size_t i = 0; i < asked.size(); ++i) {
      ASSERT_EQ(crcs[i], asked[i].crc) << "sum " << i;
      ASSERT_EQ(goods[i], asked[i].good) << "sum " << i;
      ASSERT_EQ(valid_at[i], lasts[i] + 3) << "sum " << i;
    }
    asked.clear(), crcs.clear(), goods.clear(), lasts.clear(), valid_at.clear();
  }
  Octets random_octets(size_t size) {
    Octets octets(size);
    for (auto& octet : octets) octet = random();
    return octets;
  }
  typename W::Model model;
  std::mt19937 random{15};
  bool stalls = false;
  uint64_t edge = 0;
  std::vector<Sum> asked;
  std::vector<uint32_t> crcs;
  std::vector<bool> goods;
  std::vector<uint64_t> lasts, valid_at;
};

using Widths = ::testing::Types<Width<Vcrc64, 8>, Width<Vcrc128, 16>, Width<Vcrc256, 32>, Width<Vcrc512, 64>,  // tables
                                Width<Vcrc64s, 8>, Width<Vcrc128s, 16>, Width<Vcrc256s, 32>, Width<Vcrc512s, 64>>;
TYPED_TEST_SUITE(Crc32, Widths);

// The map is linear, so single bits in every place are a basis; behind a random beat, for the register's part.
TYPED_TEST(Crc32, EqualsSerialForEveryCountAndBit) {
  constexpr size_t kLanes = TypeParam::kBytes;
  for (size_t bytes = 1; bytes <= kLanes; ++bytes) {
    for (size_t bit = 0; bit < 8 * bytes; bit += kLanes == 64 ? 3 : 1) {
      Octets octets = this->random_octets(bit % 2 == 0 ? 0 : kLanes);
      octets.resize(octets.size() + bytes, 0);
      octets[octets.size() - bytes + bit / 8] = 1u << (bit % 8);
      this->give(octets, bit % 4 == 1);
    }
    this->expect_all();
  }
}

TYPED_TEST(Crc32, EveryOctetValueInEveryPlace) {
  constexpr size_t kLanes = TypeParam::kBytes;
  for (size_t at = 0; at < 2 * kLanes; ++at) {
    for (int value = 0; value < 256; value += kLanes == 64 ? 5 : 1) {
      Octets octets(2 * kLanes);
      octets[at] = value;
      this->give(octets, value % 2 == 0);
    }
    this->expect_all();
  }
}

TYPED_TEST(Crc32, SumsOfAnyLengthOneBehindTheOther) {  // with pairs and without, good and bad ones, none of no octets
  for (const bool pauses : {false, true}) {
    this->stalls = pauses;
    for (size_t size = 0; size < 400; ++size) {
      Octets octets = this->random_octets(size);
      const uint32_t fcs = ~serial(0xFFFFFFFFu, octets.data(), size);
      if (size % 3 != 0)
        for (int i = 0; i < 4; ++i) octets.push_back(fcs >> (8 * i));
      if (size % 3 == 2) octets[this->random() % octets.size()] ^= 1u << (this->random() % 8);
      this->give(octets, this->random() % 2 == 0);
      if (size % 50 == 49) this->expect_all();
    }
  }
}

TYPED_TEST(Crc32, KnownAnswers) {
  const Octets check = {'1', '2', '3', '4', '5', '6', '7', '8', '9'};
  Octets frame = check;
  for (int i = 0; i < 4; ++i) frame.push_back(0xCBF43926u >> (8 * i));
  for (const Octets& octets : {check, Octets(32, 0x00), Octets(32, 0xFF), frame}) this->give(octets, false);
  this->tick(8);
  EXPECT_EQ(~this->crcs[0], 0xCBF43926u);
  EXPECT_EQ(~this->crcs[1], 0x190A55ADu);
  EXPECT_EQ(~this->crcs[2], 0xFF6CAB0Bu);
  EXPECT_EQ(this->crcs[3], 0xDEBB20E3u);  // residue
  EXPECT_TRUE(this->goods[3]);
}

TYPED_TEST(Crc32, HoldsWithoutEnable) {
  this->give(this->random_octets(3), false);
  this->tick(8);
  const uint32_t crc = this->model.crc_o;
  this->model.bytes_i = 1;
  this->tick(8);
  EXPECT_EQ(this->model.crc_o, crc);
  EXPECT_EQ(this->crcs.size(), 1u);
}

}  // namespace
}  // namespace ringside::testbench
