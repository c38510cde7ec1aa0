// The frozen ABI, written by hand: what RTL and driver agree on must not change by accident. A change here is a new
// major version of the programming model (rtl/regs/nic_regs.toml).
#include <gtest/gtest.h>

#include <cstring>
#include <set>

#include "driver/nic_regs.h"
#include "testbench/driver/register_table.h"

namespace ringside::driver::regs {
namespace {

template <class Layout, class Set>
void expect_bytes(const uint8_t* expected, Set set) {
  Layout layout;
  std::memset(&layout, 0, sizeof layout);
  set(layout);
  EXPECT_EQ(std::memcmp(&layout, expected, sizeof layout), 0);
}

TEST(Abi, TxDescriptor) {
  ASSERT_EQ(sizeof(TxDescriptor), 16u);
  const uint8_t bytes[16] = {0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11,
                             0xDC, 0x05, 0x03, 0x00, 0x22, 0x00, 0x10, 0x00};
  expect_bytes<TxDescriptor>(bytes, [](auto& d) {
    d.address = 0x1122334455667788;
    d.length = 1500;
    d.flags = tx_flags::kEop | tx_flags::kCsum;
    d.csum_start = 34;
    d.csum_offset = 16;
  });
}

TEST(Abi, RxDescriptor) {
  ASSERT_EQ(sizeof(RxDescriptor), 16u);
  const uint8_t bytes[16] = {0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11, 0x00, 0x08, 0, 0, 0xEF, 0xBE, 0xAD, 0xDE};
  expect_bytes<RxDescriptor>(bytes, [](auto& d) {
    d.address = 0x1122334455667788;
    d.length = 2048;
    d.opaque = 0xDEADBEEF;
  });
}

TEST(Abi, ReturnEntry) {
  ASSERT_EQ(sizeof(ReturnEntry), 32u);
  const uint8_t bytes[32] = {0xEF, 0xBE, 0xAD, 0xDE, 0x3C, 0x00, 0x03, 0x00, 0x34, 0x12, 0x64, 0x00, 1, 2, 3, 4,
                             0x08, 0x07, 0x06, 0x05, 0x04, 0x03, 0x02, 0x01, 0x3C, 0x00, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF};
  expect_bytes<ReturnEntry>(bytes, [](auto& e) {
    e.opaque = 0xDEADBEEF;
    e.length = 60;
    e.flags = return_flags::kSop | return_flags::kEop;
    e.raw_csum = 0x1234;
    e.vlan = 100;
    e.hash = 0x04030201;
    e.timestamp = 0x0102030405060708;
    e.frame_length = 60;
    e.index = 0xFFFFFFFF;
  });
}

TEST(Abi, StatusBlock) {
  ASSERT_EQ(sizeof(StatusBlock), 32u);
  const uint8_t bytes[32] = {1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0,
                             5, 0, 0, 0, 0, 0, 0, 0, 8, 7, 6, 5, 4, 3, 2, 1};
  expect_bytes<StatusBlock>(bytes, [](auto& s) {
    s.tag = 1;
    s.tx_cons_idx = 2;
    s.rx_cons_idx = 3;
    s.ret_prod_idx = 4;
    s.tx_stamp_idx = 5;
    s.tx_stamp = 0x0102030405060708;
  });
}

TEST(Abi, TxExtension) {
  ASSERT_EQ(sizeof(TxExtension), 16u);
  const uint8_t bytes[16] = {0x64, 0x20, 0xB4, 0x05, 54, 0, 14, 0, 0, 0, 0x2C, 0, 0, 0, 0, 0};
  expect_bytes<TxExtension>(bytes, [](auto& e) {
    e.vlan = 0x2064;
    e.mss = 1460;
    e.header_length = 54;
    e.ip_start = 14;
    e.flags = 0x2C;
  });
}

TEST(Abi, Flags) {
  EXPECT_EQ(tx_flags::kEop, 0x0001);
  EXPECT_EQ(tx_flags::kCsum, 0x0002);
  EXPECT_EQ(return_flags::kEop, 0x0001);
  EXPECT_EQ(return_flags::kSop, 0x0002);
  EXPECT_EQ(return_flags::kIpChecked, 0x0004);
  EXPECT_EQ(return_flags::kIpGood, 0x0008);
  EXPECT_EQ(return_flags::kL4Checked, 0x0010);
  EXPECT_EQ(return_flags::kL4Good, 0x0020);
  EXPECT_EQ(return_flags::kTimestamp, 0x0100);
  EXPECT_EQ(return_flags::kMulticast, 0x8000);
}

TEST(Abi, KeyAddresses) {
  EXPECT_EQ(kVendorId, 0x1D9B);
  EXPECT_EQ(kDeviceId, 0x0100);
  EXPECT_EQ(kBarBytes, 0x10000u);
  EXPECT_EQ(Id::address(), 0x0000u);
  EXPECT_EQ(Id::kResetValue, 0x474E4952u);
  EXPECT_EQ(Version::kResetValue >> 16, 1u);
  EXPECT_EQ(Features::address(), 0x0008u);
  EXPECT_EQ(Control::address(), 0x000Cu);
  EXPECT_EQ(Reset::address(), 0x0010u);
  EXPECT_EQ(ErrorCause::address(), 0x0018u);
  EXPECT_EQ(MacControl::address(), 0x0100u);
  EXPECT_EQ(MacAddr::address(), 0x0108u);
  EXPECT_EQ(MsgAddr::address(1), 0x8010u);
  EXPECT_EQ(Pending::address(), 0xC000u);
}

TEST(Abi, QueueAddresses) {
  EXPECT_EQ(TxBase::address(0), 0x4000u);
  EXPECT_EQ(TxProdIdx::address(0), 0x4010u);
  EXPECT_EQ(TxProdIdx::address(7), 0x4E10u);
  EXPECT_EQ(RxProdIdx::address(0), 0x4050u);
  EXPECT_EQ(RetConsIdx::address(0), 0x408Cu);
  EXPECT_EQ(StatusBase::address(0), 0x40C0u);
  EXPECT_EQ(IntControl::address(1), 0x4300u);
  EXPECT_EQ(IntRearm::address(0), 0x4104u);
}

TEST(Abi, Counters) {
  EXPECT_EQ(counter_address(0), 0x1000u);
  EXPECT_EQ(static_cast<int>(CounterId::kRxFrames), 0);
  EXPECT_EQ(static_cast<int>(CounterId::kTxFrames), 15);
  EXPECT_EQ(counter_address(static_cast<size_t>(CounterId::kStatusWrites)), 0x10D8u);
  EXPECT_TRUE(kCounters[static_cast<size_t>(CounterId::kRxFcsErrors)].is_drop);
  EXPECT_FALSE(kCounters[static_cast<size_t>(CounterId::kRxFrames)].is_drop);
}

TEST(RegisterTable, WordsAreApartAndInTheBar) {
  std::set<uint32_t> addresses;
  for (const testbench::RegisterWord& word : testbench::kRegisterWords) {
    for (uint32_t i = 0; i < word.count; ++i) {
      const uint32_t address = word.address + i * word.step;
      EXPECT_TRUE(addresses.insert(address).second) << word.name << " " << i;
      EXPECT_LT(address, kBarBytes);
      EXPECT_EQ(address % 4, 0u);
    }
    EXPECT_EQ(word.ro & word.rw, 0u) << word.name;
    EXPECT_EQ(word.reset & ~(word.ro | word.rw | word.rw1c | word.w1s), 0u) << word.name;
  }
  EXPECT_TRUE(addresses.count(TxProdIdx::address(7)));
  EXPECT_TRUE(addresses.count(MsgData::address(15)));
  EXPECT_FALSE(addresses.count(0x24));  // a hole
}

TEST(Abi, FieldsAreTypedByTheirRegister) {
  constexpr auto value = Value<Features>{}.with(Features::kQueues, 8).with(Features::kWidth, 6);
  static_assert(value.bits == 0x68);
  static_assert(value.get(Features::kWidth) == 6);
  static_assert(!value.test(Features::kTso));
  static_assert(value.with(Features::kWidth, 0xFF).get(Features::kQueues) == 8);  // too large a value stays inside
}

}  // namespace
}  // namespace ringside::driver::regs
