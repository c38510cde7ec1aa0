// What an extension descriptor asks for: VLAN tags, time stamps, TCP segmentation.
#include <gtest/gtest.h>

#include "testbench/rtl/tx/tx_modes.h"

namespace ringside::testbench {
namespace {

class TxOffload : public TxModes {};

// Rule C6: a tag behind the addresses, for every length and address, tagged and untagged in turn.
TEST_P(TxOffload, VlanLengthsAndAddresses) {
  TxBench bench(30);
  start_all(bench, 8);
  apply(bench);
  uint32_t n = 0;
  const auto offer = [&](uint32_t length, uint32_t count, uint64_t address) {
    TxPacket packet = make_packet(length, count, address);
    packet.vlan = n % 3 != 0;
    packet.tci = static_cast<uint16_t>(0x1234 + n * 77);
    send(bench, n++ % kQueues, packet);
  };
  for (uint32_t offset = 0; offset < 16; ++offset) {
    const uint64_t address = offset < 8 ? 0x20000 + offset : 0x21000 - (offset - 7);
    for (uint32_t length = 14; length <= 129; ++length) offer(length, 1 + length % 2, address);
    for (uint32_t length : {1514u, 9000u, 9014u}) offer(length, 1 + offset % 3, address);
  }
  ASSERT_TRUE(bench.drain(200000)) << bench.failure();
  EXPECT_EQ(bench.frames, n);
}

// The checksum of a tagged packet is that of the packet in memory, and its field may be anywhere, also in the addresses.
TEST_P(TxOffload, VlanWithChecksum) {
  TxBench bench(31);
  start_all(bench, 8);
  apply(bench);
  uint32_t n = 0;
  for (uint32_t length : {14u, 15u, 60u, 61u, 66u, 130u}) {
    for (uint32_t start = 0; start + 2 <= length; start += 2 + start / 8 * 2) {
      for (uint32_t offset = 0; start + offset + 2 <= length; offset += 1 + offset / 8) {
        TxPacket packet = make_packet(length, 1 + n % 3, 0x60000 + n * 3);
        packet.csum = n % 5 != 0;
        packet.vlan = n % 4 != 0;
        packet.tci = static_cast<uint16_t>(n);
        packet.start = static_cast<uint16_t>(start);
        packet.offset = static_cast<uint16_t>(offset);
        send(bench, n++ % kQueues, packet);
      }
    }
  }
  ASSERT_TRUE(bench.drain(300000)) << bench.failure();
}

// One fragment in many pieces that crosses 4 GB, or 64 KB: the carry of the address arrives before the next piece is asked for.
TEST_P(TxOffload, TsoFragmentAcrossLimits) {
  TxBench bench(36);
  start_all(bench, 8);
  apply(bench);
  for (uint32_t i = 0; i < 8; ++i) {
    const uint64_t address = 0xFFFFF000ULL + uint64_t{i} * 0x100000 - i * 7;
    send(bench, i % kQueues, make_tso(bench, TcpHeader{}, 20000 + i, 1448, 1, address));
  }
  ASSERT_TRUE(bench.drain(400000)) << bench.failure();
}

// 1 to 32 fragments behind an extension that asks for nothing, and for everything.
TEST_P(TxOffload, FragmentsBehindAnExtension) {
  TxBench bench(32);
  start_all(bench, 7);
  apply(bench);
  for (uint32_t count = 1; count <= 32; ++count) {
    for (uint32_t length : {count, 64u, 65u, 1514u}) {
      if (length < count || length < 14) continue;
      TxPacket packet = make_packet(length, count, 0x50000 + count * 1000 + length);
      packet.extension = true;
      packet.vlan = length % 2 == 0;
      packet.stamp = count % 3 == 0;
      send(bench, count % kQueues, packet);
    }
  }
  ASSERT_TRUE(bench.drain(300000)) << bench.failure();
}

// More stamps asked for than the NIC keeps: packets wait, every stamp comes to its queue.
TEST_P(TxOffload, Stamps) {
  TxBench bench(33);
  start_all(bench, 8);
  apply(bench);
  for (uint32_t i = 0; i < 100; ++i) {
    TxPacket packet = make_packet(60 + i % 50, 1, 0x30000 + i);
    packet.stamp = i % 4 != 0;
    send(bench, i % kQueues, packet);
  }
  ASSERT_TRUE(bench.drain(100000)) << bench.failure();
  EXPECT_EQ(bench.stamps, 75u);
}

// TSO: payloads round multiples of the MSS, headers with and without options, cut anywhere into fragments.
TEST_P(TxOffload, Tso) {
  TxBench bench(34);
  start_all(bench, 8);
  apply(bench);
  uint32_t n = 0;
  for (uint32_t v6 : {0u, 1u}) {
    for (uint16_t mss : {48, 333, 536, 1448}) {
      for (uint32_t payload : {1u, 2u, mss - 1u, mss + 0u, mss + 1u, 3u * mss - 1, 3u * mss, 3u * mss + 1, 20u * mss + 7}) {
        TcpHeader header;
        header.v6 = v6 != 0;
        header.ip_options = n % 4 == 1 ? 8 * (n % 5) : 0;
        header.tcp_options = n % 3 == 0 ? 12 : n % 7 * 4;
        header.inner_tag = n % 8 == 7 ? 4 : 0;
        header.flags = static_cast<uint8_t>(n * 37);
        header.seq = 0xFFFFFFF0u - n * 1000;
        header.id = static_cast<uint16_t>(0xFFFE + n);
        const uint32_t count = 1 + n % 32;
        TxPacket packet = make_tso(bench, header, payload, mss, std::min(count, 30u), 0x100000 + n * 0x100000 + n % 4096);
        packet.vlan = n % 5 == 0;
        packet.tci = static_cast<uint16_t>(n * 333);
        packet.stamp = n % 6 == 0;
        send(bench, n % kQueues, packet);
        if (n++ % 3 == 0) send(bench, n % kQueues, make_packet(200 + n, 2, 0x7000000 + n));
      }
    }
  }
  ASSERT_TRUE(bench.drain(600000)) << bench.failure();
}

INSTANTIATE_TEST_SUITE_P(Modes, TxOffload, tx_modes(), tx_mode_name);

}  // namespace
}  // namespace ringside::testbench
