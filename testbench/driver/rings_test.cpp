// The rings alone: wrap of the 32-bit indices, smallest and largest size. Started just below 2^32, where no run gets.
#include <cstring>

#include "driver/rx_ring.h"
#include "driver/status_block.h"
#include "driver/tx_ring.h"
#include "testbench/driver/fixture.h"

namespace ringside::testbench {
namespace {

constexpr uint32_t kNearWrap = 0xFFFFFFFA;

class RingWrapTest : public ::testing::TestWithParam<uint32_t> {
 protected:
  stack::Packet one() {
    stack::Packet made;
    made.add_fragment(pool.pool().allocate(), 0, 60);
    return made;
  }
  FakePlatform machine;
  PagedPool pool{8200, 256};
};

TEST_P(RingWrapTest, TxRingIsFullAndEmptyAcrossTheWrap) {
  const uint32_t entries = GetParam();
  driver::TxRing ring(machine, entries);
  ring.start(kNearWrap - entries / 2);
  for (int turn = 0; turn < 3; ++turn) {
    const uint32_t first = ring.cons_idx();
    for (uint32_t i = 0; i < entries; ++i) ring.post(one(), {1, false});
    EXPECT_EQ(ring.free_entries(), 0u);
    EXPECT_EQ(ring.take_doorbell(), first + entries);
    EXPECT_TRUE(ring.plausible(first));
    EXPECT_TRUE(ring.plausible(first + entries));
    EXPECT_FALSE(ring.plausible(first + entries + 1));
    EXPECT_FALSE(ring.plausible(first - 1));
    EXPECT_EQ(ring.reclaim(first + entries), entries);
    EXPECT_EQ(ring.free_entries(), entries);
    EXPECT_TRUE(pool.whole());
    EXPECT_EQ(machine.mappings(), 0u);
  }
}

TEST_P(RingWrapTest, RxRingProvidesAndTakesAcrossTheWrap) {
  const uint32_t entries = GetParam();
  driver::RxRing ring(machine, pool.pool(), entries, entries, 0);
  ring.start(kNearWrap - entries / 2);
  uint32_t index = kNearWrap - entries / 2;
  for (int turn = 0; turn < 3; ++turn) {
    EXPECT_EQ(ring.provide(UINT32_MAX), entries);
    EXPECT_EQ(ring.take_prod_doorbell(), index + entries);
    for (uint32_t i = 0; i < entries; ++i, ++index) {
      regs::ReturnEntry entry{};
      entry.opaque = entry.index = index;
      entry.length = entry.frame_length = 60;
      entry.flags = regs::return_flags::kSop | regs::return_flags::kEop;
      const uint64_t bus = ring.ret_bus().value + (index & (entries - 1)) * sizeof entry;
      std::memcpy(machine.device_write(bus, sizeof entry), &entry, sizeof entry);
    }
    EXPECT_TRUE(ring.plausible(index));
    EXPECT_FALSE(ring.plausible(index + 1));
    for (uint32_t i = 0; i < entries; ++i) {
      stack::Packet packet;
      ASSERT_EQ(ring.take(index, true, packet), driver::RxRing::Taken::kPacket) << i;
    }
    EXPECT_EQ(ring.take_cons_doorbell(), index);
    EXPECT_EQ(ring.outstanding(), 0u);
  }
}

INSTANTIATE_TEST_SUITE_P(Sizes, RingWrapTest, ::testing::Values(8u, 4096u));

TEST(StatusTag, LaterThanWrapsAt32Bits) {
  EXPECT_TRUE(driver::later_than(1, 0));
  EXPECT_FALSE(driver::later_than(0, 0));
  EXPECT_FALSE(driver::later_than(0, 1));
  EXPECT_TRUE(driver::later_than(2, 0xFFFFFFFE));
  EXPECT_FALSE(driver::later_than(0xFFFFFFFE, 2));
}

TEST(TxRing, PrefillsWithOnesSoThatEarlyReadsFallOutside) {
  FakePlatform machine;
  driver::TxRing ring(machine, 8);
  ring.start();
  machine.write_barrier();
  const uint8_t* memory = machine.device_read(ring.bus().value, 8 * sizeof(regs::TxDescriptor));
  for (size_t i = 0; i < 8 * sizeof(regs::TxDescriptor); ++i) ASSERT_EQ(memory[i], 0xFF);
}

TEST(RxRing, ABatchIsBounded) {
  FakePlatform machine;
  PagedPool pool(16, 256);
  driver::RxRing ring(machine, pool.pool(), 8, 8, 0);
  ring.start();
  EXPECT_EQ(ring.provide(3), 3u);
  EXPECT_EQ(ring.provide(100), 5u);
  EXPECT_EQ(ring.provide(100), 0u);
}

}  // namespace
}  // namespace ringside::testbench
