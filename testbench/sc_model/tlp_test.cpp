// TLPs: headers bit for bit, byte enables of any alignment, parsing back, the pool.
#include <gtest/gtest.h>

#include <cstring>

#include "sc_model/tlp.h"

namespace ringside::testbench {
namespace {

using namespace sc_model;

constexpr PciId kRoot = PciId::of(0, 0, 0);
constexpr PciId kNic = PciId::of(1, 0, 0);

TEST(Tlp, MemoryWriteHeaderIsBitExact) {
  TlpPool pool;
  const uint32_t data = 0x44332211;
  const TlpPtr tlp = make_memory_write(pool, kNic, 0x1000'0004, &data, 4);
  EXPECT_EQ(tlp->dw[0], 0x4000'0001u);  // Fmt 2 (3 DW with data), Type 0, Length 1
  EXPECT_EQ(tlp->dw[1], 0x0100'000Fu);  // requester 01:00.0, tag 0, Last BE 0, First BE F
  EXPECT_EQ(tlp->dw[2], 0x1000'0004u);
  EXPECT_EQ(tlp->dw[3], 0u);
  EXPECT_EQ(tlp->payload[0], 0x11);
  EXPECT_EQ(tlp->wire_bytes(), 16u);
}

TEST(Tlp, AddressesAbove4GiBTakeFourDw) {
  TlpPool pool;
  const TlpPtr low = make_memory_read(pool, kNic, 7, 0xFFFF'FFFC, 4);
  const TlpPtr high = make_memory_read(pool, kNic, 7, 0x1'0000'0000, 64);
  EXPECT_EQ(low->header_dw(), 3u);
  EXPECT_EQ(high->dw[0], 0x2000'0010u);
  EXPECT_EQ(high->dw[2], 1u);
  EXPECT_EQ(high->dw[3], 0u);
  EXPECT_EQ(high->address(), 0x1'0000'0000u);
  EXPECT_EQ(high->tag(), 7u);
}

TEST(Tlp, ConfigurationRequestsNameFunctionAndRegister) {
  TlpPool pool;
  const TlpPtr read = make_config_read(pool, kRoot, 3, kNic, 0x3C, 1);
  EXPECT_EQ(read->kind(), TlpKind::kCfgRd0);
  EXPECT_EQ(read->dw[2], 0x0100'003Cu);
  EXPECT_EQ(read->first_be(), 1u);
  const TlpPtr write = make_config_write(pool, kRoot, 3, kNic, 0x06, 2, 0xABCD);
  EXPECT_EQ(write->kind(), TlpKind::kCfgWr0);
  EXPECT_EQ(write->config_offset(), 4u);
  EXPECT_EQ(write->first_be(), 0xCu);
  EXPECT_EQ(write->payload[2], 0xCD);
  EXPECT_EQ(write->payload[3], 0xAB);
}

// Every length against every alignment: enabled_bytes() undoes what the builder did.
TEST(Tlp, ByteEnablesOfAnyAlignmentComeBack) {
  TlpPool pool;
  for (uint64_t address = 0x2000; address < 0x2008; ++address) {
    for (uint32_t bytes = 1; bytes <= 40; ++bytes) {
      const TlpPtr tlp = make_memory_read(pool, kNic, 0, address, bytes);
      const EnabledBytes enabled = enabled_bytes(*tlp);
      ASSERT_EQ(enabled.address, address) << bytes;
      ASSERT_EQ(enabled.bytes, bytes) << address;
      ASSERT_EQ(tlp->length_dw(), (address % 4 + bytes + 3) / 4);
      ASSERT_EQ(tlp->length_dw() == 1, tlp->last_be() == 0);
    }
  }
}

TEST(Tlp, WritesPutTheBytesWhereTheAddressSays) {
  TlpPool pool;
  const char text[] = "abcdefg";
  const TlpPtr tlp = make_memory_write(pool, kNic, 0x3003, text, 7);
  EXPECT_EQ(tlp->payload_bytes, 12u);
  EXPECT_EQ(tlp->first_be(), 8u);
  EXPECT_EQ(tlp->last_be(), 3u);
  EXPECT_EQ(std::memcmp(tlp->payload + 3, text, 7), 0);
  EXPECT_EQ(tlp->payload[0], 0);
  EXPECT_EQ(tlp->payload[11], 0);
}

TEST(Tlp, ZeroLengthReadCountsOneByte) {
  TlpPool pool;
  const TlpPtr tlp = make_memory_read(pool, kNic, 0, 0x4000, 0);
  EXPECT_EQ(tlp->length_dw(), 1u);
  EXPECT_EQ(tlp->first_be(), 0u);
  EXPECT_EQ(enabled_bytes(*tlp).bytes, 1u);
}

TEST(Tlp, LengthZeroMeans1024Dw) {
  TlpPool pool;
  const std::vector<uint8_t> page(4096, 0x5A);
  const TlpPtr tlp = make_memory_write(pool, kNic, 0x5000, page.data(), 4096);
  EXPECT_EQ(tlp->length_field(), 0u);
  EXPECT_EQ(tlp->length_dw(), 1024u);
  EXPECT_EQ(tlp->data_credits(), 256u);
  const TlpPtr request = make_memory_read(pool, kNic, 0, 0x5000, 4096);
  EXPECT_EQ(make_completion_data(pool, kRoot, *request, 0x5000, 4096, 4096)->byte_count(), 4096u);
}

TEST(Tlp, CompletionsCopyTheRequestAndCountDown) {
  TlpPool pool;
  TlpPtr request = make_memory_read(pool, kNic, 0x21, 0x1'0000'0FC5, 100);
  request->dw[0] |= 5u << 20 | 2u << 12;  // traffic class 5, relaxed ordering
  const TlpPtr first = make_completion_data(pool, kRoot, *request, 0x1'0000'0FC5, 59, 100);
  EXPECT_EQ(first->kind(), TlpKind::kCplD);
  EXPECT_EQ(first->lower_address(), 0x45u);
  EXPECT_EQ(first->byte_count(), 100u);
  EXPECT_EQ(first->length_dw(), 15u);
  EXPECT_EQ(first->tag(), 0x21u);
  EXPECT_EQ(first->requester_id(), kNic);
  EXPECT_EQ(first->traffic_class(), 5u);
  EXPECT_EQ(first->attr(), 2u);
  const TlpPtr error = make_completion(pool, kRoot, *request, CplStatus::kUnsupportedRequest);
  EXPECT_EQ(error->kind(), TlpKind::kCpl);
  EXPECT_EQ(error->status(), CplStatus::kUnsupportedRequest);
  EXPECT_EQ(error->byte_count(), 100u);
  EXPECT_EQ(error->length_field(), 0u);
}

TEST(Tlp, UndefinedPairsAreRecognised) {
  Tlp tlp;
  for (unsigned fmt = 0; fmt < 8; ++fmt) {
    tlp.dw[0] = fmt << 29 | 0x0Eu << 24;
    EXPECT_EQ(tlp.kind(), TlpKind::kOther);
  }
  tlp.dw[0] = 3u << 29 | 0x0Au << 24;  // a completion with a 4-DW header
  EXPECT_EQ(tlp.kind(), TlpKind::kOther);
}

TEST(Tlp, TextSpeaksTheSpecification) {
  TlpPool pool;
  EXPECT_EQ(make_memory_read(pool, kNic, 3, 0x1'2345'6000, 64)->to_string(),
            "MRd(64) addr 0x123456000 len 16 be f/f tag 3 req 01:00.0");
}

TEST(TlpPool, ReusesWhatComesBack) {
  TlpPool pool;
  const Tlp* first = pool.allocate().get();
  EXPECT_EQ(pool.in_use(), 0u);
  const TlpPtr again = pool.allocate();
  EXPECT_EQ(again.get(), first);
  EXPECT_EQ(pool.in_use(), 1u);
}

}  // namespace
}  // namespace ringside::testbench
