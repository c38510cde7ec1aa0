// Rule F15: the parallel CRC-32 equals the bit-serial one for every number of octets per beat, at both widths and in
// both bodies of the module (tables for simulation, XOR matrix for synthesis). Known answers and the residue of rule
// E3.
#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <vector>

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

template <class W>
class Crc32 : public ::testing::Test {
 protected:
  uint32_t beat(const uint8_t* data, size_t bytes, bool first) {
    std::memcpy(&model.data_i, data, W::kBytes);
    model.bytes_i = bytes;
    model.first_i = first;
    model.en_i = 1;
    tick();
    return model.crc_o;
  }
  void tick() {
    model.clk_i = 0;
    model.eval();
    model.clk_i = 1;
    model.eval();
  }
  uint32_t whole(const std::vector<uint8_t>& octets) {
    std::vector<uint8_t> padded(octets);
    padded.resize(octets.size() + W::kBytes, 0x5A);
    uint32_t crc = 0;
    for (size_t at = 0; at < octets.size(); at += W::kBytes)
      crc = beat(padded.data() + at, std::min(W::kBytes, octets.size() - at), at == 0);
    return crc;
  }
  typename W::Model model;
  std::mt19937 random{15};
};

using Widths = ::testing::Types<Width<Vcrc64, 8>, Width<Vcrc512, 64>,      // tables
                                Width<Vcrc64s, 8>, Width<Vcrc512s, 64>>;  // XOR matrix
TYPED_TEST_SUITE(Crc32, Widths);

// The map is linear, so single bits in every place, from every count, are a basis; random beats cross-check the sum.
TYPED_TEST(Crc32, EqualsSerialForEveryCountAndBit) {
  constexpr size_t kBytes = TypeParam::kBytes;
  uint32_t reg = 0;
  for (size_t bytes = 0; bytes <= kBytes; ++bytes) {
    for (size_t bit = 0; bit < 8 * kBytes + 32; ++bit) {
      uint8_t data[kBytes] = {};
      if (bit < 8 * kBytes) data[bit / 8] = 1u << (bit % 8);
      else for (auto& octet : data) octet = this->random();
      const bool first = bit % 3 == 0;
      reg = serial(first ? 0xFFFFFFFFu : reg, data, bytes);
      ASSERT_EQ(this->beat(data, bytes, first), reg) << "octets " << bytes << " bit " << bit;
    }
  }
}

TYPED_TEST(Crc32, EveryOctetValueInEveryPlace) {
  constexpr size_t kBytes = TypeParam::kBytes;
  for (size_t at = 0; at < kBytes; ++at) {
    for (int value = 0; value < 256; ++value) {
      uint8_t data[kBytes] = {};
      data[at] = value;
      ASSERT_EQ(this->beat(data, kBytes, true), serial(0xFFFFFFFFu, data, kBytes));
    }
  }
}

TYPED_TEST(Crc32, KnownAnswers) {
  const std::vector<uint8_t> check = {'1', '2', '3', '4', '5', '6', '7', '8', '9'};
  EXPECT_EQ(~this->whole(check), 0xCBF43926u);
  EXPECT_EQ(~this->whole(std::vector<uint8_t>(32, 0x00)), 0x190A55ADu);
  EXPECT_EQ(~this->whole(std::vector<uint8_t>(32, 0xFF)), 0xFF6CAB0Bu);
  std::vector<uint8_t> frame = check;
  for (int i = 0; i < 4; ++i) frame.push_back(0xCBF43926u >> (8 * i));
  EXPECT_EQ(this->whole(frame), 0xDEBB20E3u);  // residue
}

TYPED_TEST(Crc32, HoldsWithoutEnable) {
  uint8_t data[TypeParam::kBytes] = {1, 2, 3};
  const uint32_t crc = this->beat(data, 3, true);
  this->model.en_i = 0;
  this->model.bytes_i = 1;
  this->tick();
  EXPECT_EQ(this->model.crc_o, crc);
}

}  // namespace
}  // namespace ringside::testbench
