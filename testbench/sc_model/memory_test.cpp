// Host memory and IOMMU: scattered frames, bus addresses, directions, and who is blamed for a wrong access.
#include <gtest/gtest.h>

#include <set>

#include "sc_model/host_memory.h"
#include "sc_model/iommu.h"

namespace ringside::testbench {
namespace {

using namespace sc_model;

TEST(HostMemory, PagesAreContiguousForTheCpuAndScatteredInPhysicalSpace) {
  HostMemory memory(1 << 20, 1);
  uint8_t* block = memory.allocate(64 * kPageBytes);
  ASSERT_NE(block, nullptr);
  std::set<uint64_t> frames;
  unsigned neighbours = 0, high = 0;
  for (unsigned i = 0; i < 64; ++i) {
    const uint64_t at = memory.physical(block + i * kPageBytes);
    EXPECT_EQ(memory.cpu(at + 17), block + i * kPageBytes + 17);
    neighbours += frames.count(page_of(at) - 1) != 0;
    high += at >= HostMemory::kHighRamStart;
    frames.insert(page_of(at));
  }
  EXPECT_EQ(frames.size(), 64u);
  EXPECT_LT(neighbours, 4u);
  EXPECT_GT(high, 10u);
  EXPECT_LT(high, 54u);
}

TEST(HostMemory, ContiguousBlocksAreContiguousInBothViews) {
  HostMemory memory(1 << 20, 1);
  uint8_t* block = memory.allocate(5 * kPageBytes, true);
  for (unsigned i = 1; i < 5; ++i)
    EXPECT_EQ(memory.physical(block + i * kPageBytes), memory.physical(block) + i * kPageBytes);
}

TEST(HostMemory, GivesOutZeroesAndTakesBack) {
  HostMemory memory(4 * kPageBytes, 1);
  uint8_t* a = memory.allocate(3 * kPageBytes);
  a[5000] = 9;
  EXPECT_EQ(memory.allocate(2 * kPageBytes), nullptr);
  EXPECT_EQ(memory.allocate(0), nullptr);
  const uint64_t was = memory.physical(a);
  memory.free(a, 3 * kPageBytes);
  EXPECT_EQ(memory.cpu(was), nullptr);
  uint8_t* b = memory.allocate(4 * kPageBytes);
  ASSERT_NE(b, nullptr);
  EXPECT_EQ(b[5000], 0);
}

TEST(HostMemory, TheSeedPlacesTheFrames) {
  HostMemory a(1 << 16, 7), b(1 << 16, 7), c(1 << 16, 8);
  const uint64_t pa = a.physical(a.allocate(100));
  EXPECT_EQ(pa, b.physical(b.allocate(100)));
  EXPECT_NE(pa, c.physical(c.allocate(100)));
}

class IommuTest : public ::testing::TestWithParam<bool> {
 protected:
  std::string only_rule() const { return log.count() == 1 ? log.kept()[0].rule : std::to_string(log.count()); }
  Side side() const { return log.kept()[0].side; }
  ViolationLog log;
  HostMemory memory{1 << 20, 1};
  Iommu iommu{memory, GetParam(), 1, "a.iommu", &log};
  uint8_t* page = memory.allocate(kPageBytes);
};

TEST_P(IommuTest, TranslatesWhatIsMappedInItsDirection) {
  const uint64_t bus = iommu.map(page + 100, 200, DmaAccess::kDeviceReads);
  EXPECT_EQ(bus % kPageBytes, 100u);
  EXPECT_EQ(iommu.translate(bus, 200, false, 0), page + 100);
  EXPECT_EQ(iommu.translate(bus + 50, 150, false, 0), page + 150);
  EXPECT_EQ(log.count(), 0u);
}

TEST_P(IommuTest, ReadAgainstTheDirectionIsTheDevicesFault) {
  const uint64_t bus = iommu.map(page, 200, DmaAccess::kDeviceWrites);
  EXPECT_NE(iommu.translate(bus, 4, true, 0), nullptr);
  EXPECT_EQ(iommu.translate(bus, 4, false, 0), nullptr);
  EXPECT_EQ(only_rule(), "D3");
  EXPECT_EQ(side(), Side::kDevice);
}

TEST_P(IommuTest, WriteOneByteTooFarIsD4) {
  const uint64_t bus = iommu.map(page, 200, DmaAccess::kDeviceWrites);
  EXPECT_EQ(iommu.translate(bus, 201, true, 5000), nullptr);
  EXPECT_EQ(only_rule(), "D4");
  EXPECT_EQ(log.kept()[0].time_ps, 5000u);
}

TEST_P(IommuTest, WriteToNowhereIsD4) {
  EXPECT_EQ(iommu.translate(0x1234'5000, 4, true, 0), nullptr);
  EXPECT_EQ(iommu.translate(0xF'FFFF'F000, 4, true, 0), nullptr);
  EXPECT_EQ(log.count(), 2u);
  EXPECT_EQ(iommu.refused(), 2u);
}

TEST_P(IommuTest, AccessAfterUnmapIsTheDriversFault) {
  const uint64_t bus = iommu.map(page, 200, DmaAccess::kDeviceWrites);
  EXPECT_TRUE(iommu.unmap(bus, 200, DmaAccess::kDeviceWrites, 1000));
  EXPECT_EQ(iommu.translate(bus + 8, 4, true, 2000), nullptr);
  EXPECT_EQ(only_rule(), "R11");
  EXPECT_EQ(side(), Side::kDriver);
}

TEST_P(IommuTest, UnmapMustMatchTheMap) {
  const uint64_t bus = iommu.map(page, 200, DmaAccess::kDeviceWrites);
  EXPECT_FALSE(iommu.unmap(bus, 100, DmaAccess::kDeviceWrites, 0));
  EXPECT_FALSE(iommu.unmap(bus, 200, DmaAccess::kDeviceReads, 0));
  EXPECT_EQ(log.count(), 2u);
  EXPECT_TRUE(iommu.unmap(bus, 200, DmaAccess::kDeviceWrites, 0));
  EXPECT_FALSE(iommu.unmap(bus, 200, DmaAccess::kDeviceWrites, 0));
}

TEST_P(IommuTest, TheSameBytesMayBeMappedTwice) {
  const uint64_t first = iommu.map(page, 64, DmaAccess::kDeviceReads);
  const uint64_t second = iommu.map(page, 64, DmaAccess::kDeviceReads);
  EXPECT_EQ(first == second, !GetParam());
  iommu.unmap(first, 64, DmaAccess::kDeviceReads, 0);
  EXPECT_EQ(iommu.translate(second, 64, false, 0), page);
  EXPECT_EQ(iommu.mapped_ranges(), 1u);
}

TEST_P(IommuTest, CoherentBlocksSpanPagesAndWorkBothWays) {
  uint8_t* block = memory.allocate(3 * kPageBytes, !GetParam());
  const uint64_t bus = iommu.map(block, 2 * kPageBytes + 100, DmaAccess::kCoherent);
  EXPECT_EQ(iommu.translate(bus + kPageBytes + 4, 64, true, 0), block + kPageBytes + 4);
  EXPECT_EQ(iommu.translate(bus + 2 * kPageBytes, 100, false, 0), block + 2 * kPageBytes);
  EXPECT_EQ(log.count(), 0u);
  EXPECT_EQ(iommu.translate(bus + 2 * kPageBytes, 101, false, 0), nullptr);
}

INSTANTIATE_TEST_SUITE_P(OnOff, IommuTest, ::testing::Bool(),
                         [](const auto& test) { return test.param ? "on" : "off"; });

TEST(Iommu, FreedBusPagesRestBeforeTheyServeAgain) {
  HostMemory memory(1 << 16, 1);
  Iommu iommu(memory, true, 1, "a.iommu", nullptr);
  uint8_t* page = memory.allocate(kPageBytes);
  std::set<uint64_t> seen;
  for (int i = 0; i < 5000; ++i) {
    const uint64_t bus = iommu.map(page, 64, DmaAccess::kDeviceReads);
    EXPECT_TRUE(seen.insert(bus).second) << i;
    iommu.unmap(bus, 64, DmaAccess::kDeviceReads, 0);
  }
  for (int i = 0; i < 500'000; ++i)  // far more than the window holds: it must not run out
    iommu.unmap(iommu.map(page, 64, DmaAccess::kDeviceReads), 64, DmaAccess::kDeviceReads, 0);
  EXPECT_EQ(iommu.mapped_ranges(), 0u);
}

}  // namespace
}  // namespace ringside::testbench
