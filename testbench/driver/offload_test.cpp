// What the NIC does for the stack: segmentation, VLAN tags, time stamps; what is refused before it can do harm.
#include "testbench/driver/fixture.h"
#include "testbench/driver/frames.h"

namespace ringside::testbench {
namespace {

using stack::TxResult;

class OffloadTest : public DriverTest {
 protected:
  OffloadTest() { config.rings = {64, 8, 8}; }

  // As the stack hands it down: headers, payload, pseudo header's sum without the length.
  stack::Packet big_packet(size_t payload, uint16_t mss, bool v6 = false) {
    Bytes frame = v6 ? tcp6_frame(1, 2, 3, 4, payload) : tcp_frame(0x0A000001, 0x0A000002, 3, 4, payload);
    const uint32_t tcp = v6 ? 54 : 34;
    frame[tcp + 13] = 0x80 | 0x10 | 0x08 | 0x01;  // CWR ACK PSH FIN
    const size_t from = v6 ? 22 : 26;
    uint32_t pseudo = 6;
    for (size_t i = from; i < tcp; i += 2) pseudo += get_be(frame, i, 2);
    pseudo = (pseudo & 0xFFFF) + (pseudo >> 16);
    put_be(frame, tcp + 16, (pseudo & 0xFFFF) + (pseudo >> 16), 2);
    expected = frame;
    stack::Packet made = packet_in(tx.pool(), frame);
    made.meta.tx_checksum = stack::TxChecksum::kInsert;
    made.meta.csum_start = static_cast<uint16_t>(tcp);
    made.meta.csum_offset = 16;
    made.meta.segment_bytes = mss;
    made.meta.header_bytes = static_cast<uint16_t>(tcp + 20);
    made.meta.ip_start = 14;
    return made;
  }

  void send_with_stamp(uint32_t id) {
    stack::Packet made = packet_in(tx.pool(), tcp_frame(1, 2, 3, 4));
    made.meta.tx_stamp_id = id;
    ASSERT_EQ(driver->transmit(made, false), TxResult::kSent);
  }

  static uint32_t sum(const Bytes& f, size_t from, size_t to) {
    uint32_t total = 0;
    for (size_t i = from; i < to; ++i) total += f[i] << ((i - from) % 2 ? 0 : 8);
    while (total >> 16) total = (total & 0xFFFF) + (total >> 16);
    return total;
  }

  // Every segment is a whole TCP packet of its own, and together they are the big one.
  void expect_segments(uint32_t tcp, uint16_t mss) {
    Bytes payload;
    for (size_t i = 0; i < nic.wire.size(); ++i) {
      const Bytes& f = nic.wire[i];
      const bool last = i + 1 == nic.wire.size(), v4 = tcp == 34;
      EXPECT_TRUE(last || f.size() == tcp + 20 + mss);
      EXPECT_EQ(get_be(f, tcp + 4, 4), 1000 + i * mss);
      EXPECT_EQ(f[tcp + 13], 0x10 | (last ? 0x09 : 0) | (i == 0 ? 0x80 : 0));
      if (v4) {
        EXPECT_EQ(sum(f, 14, 34), 0xFFFFu);
        EXPECT_EQ(get_be(f, 18, 2), i);
      }
      EXPECT_EQ(get_be(f, v4 ? 16 : 18, 2), f.size() - (v4 ? 14 : 54));
      const uint32_t pseudo = sum(f, v4 ? 26 : 22, tcp) + 6 + static_cast<uint32_t>(f.size()) - tcp;
      EXPECT_EQ((sum(f, tcp, f.size()) + pseudo) % 0xFFFF, 0u) << "segment " << i;
      payload.insert(payload.end(), f.begin() + tcp + 20, f.end());
    }
    EXPECT_EQ(payload, Bytes(expected.begin() + tcp + 20, expected.end()));
  }

  Bytes expected;
};

TEST_F(OffloadTest, SegmentationIsAnExtensionDescriptorInFront) {
  up();
  EXPECT_EQ(driver->features().max_segment_bytes, 65535u);
  stack::Packet made = big_packet(5000, 1460);
  ASSERT_EQ(driver->transmit(made, false), TxResult::kSent);
  ASSERT_EQ(nic.sent.size(), 1u);
  const SentPacket& sent = nic.sent[0];
  ASSERT_TRUE(sent.extended);
  EXPECT_EQ(sent.extension.flags, regs::tx_flags::kExtension | regs::tx_flags::kTso);
  EXPECT_EQ(sent.extension.mss, 1460);
  EXPECT_EQ(sent.extension.header_length, 54);
  EXPECT_EQ(sent.extension.ip_start, 14);
  EXPECT_EQ(sent.descriptors[0].flags, regs::tx_flags::kCsum);
  EXPECT_EQ(machine.events[find_write(regs::TxProdIdx::address(0))].value, 1 + sent.descriptors.size());
  EXPECT_EQ(nic.wire.size(), 4u);
  expect_segments(34, 1460);
  machine.run();
  EXPECT_TRUE(tx.whole());
  EXPECT_EQ(driver->statistics().tx_segmented, 1u);
}

TEST_F(OffloadTest, SegmentsOfIpv6) {
  up();
  stack::Packet made = big_packet(3001, 1000, true);
  ASSERT_EQ(driver->transmit(made, false), TxResult::kSent);
  EXPECT_EQ(nic.wire.size(), 4u);
  expect_segments(54, 1000);
}

TEST_F(OffloadTest, SegmentationWithTagAndStampIsOneExtension) {
  up();
  stack::Packet made = big_packet(2000, 1460);
  made.meta.vlan_insert = true;
  made.meta.vlan = 0x6064;
  made.meta.tx_stamp_id = 9;
  ASSERT_EQ(driver->transmit(made, false), TxResult::kSent);
  ASSERT_EQ(nic.sent.size(), 1u);
  EXPECT_EQ(nic.sent[0].extension.vlan, 0x6064);
  ASSERT_EQ(nic.wire.size(), 2u);
  for (const Bytes& frame : nic.wire) EXPECT_EQ(get_be(frame, 12, 4), 0x81006064u);
  machine.run();
  ASSERT_EQ(client.departures.size(), 1u);
  EXPECT_EQ(client.departures[0].first, 9u);
}

// What would be the error bad_descriptor, and stop the ring for everybody, is dropped by itself.
TEST_F(OffloadTest, WhatCannotBeSegmentedIsDroppedBeforeTheRing) {
  up();
  const std::vector<std::function<void(stack::PacketMeta&)>> faults = {
      [](auto& m) { m.tx_checksum = stack::TxChecksum::kNone; },
      [](auto& m) { m.segment_bytes = 1465; },  // longer than the MTU
      [](auto& m) { m.header_bytes = 40; },
      [](auto& m) { m.header_bytes = 3000; },  // no payload behind it
      [](auto& m) { m.ip_start = 0; },
      [](auto& m) { m.csum_start = 14; },
      [](auto& m) { m.csum_start = 60; },
  };
  for (size_t i = 0; i < faults.size(); ++i) {
    stack::Packet made = big_packet(2000, 1460);
    faults[i](made.meta);
    EXPECT_EQ(driver->transmit(made, false), TxResult::kDropped) << "fault " << i;
    EXPECT_EQ(driver->statistics().tx_bad_packets, i + 1);
  }
  EXPECT_TRUE(tx.whole());
  EXPECT_EQ(nic.sent.size(), 0u);
}

TEST_F(OffloadTest, NothingIsOfferedThatTheNicOrTheConfigDoesNotHave) {
  nic.features = 0x300;
  up();
  stack::DeviceFeatures features = driver->features();
  EXPECT_TRUE(features.tx_checksum);
  EXPECT_EQ(features.max_segment_bytes, 0u);
  EXPECT_FALSE(features.vlan_insert || features.vlan_strip || features.tx_time_stamps || features.rx_time_stamps);
  stack::Packet made = big_packet(2000, 1460);
  EXPECT_EQ(driver->transmit(made, false), TxResult::kDropped);
  EXPECT_EQ(nic.reg(regs::MacControl::address()) & 0xF0, 0u);
  driver->remove();
  nic.features = 0xFF00;
  ASSERT_EQ(driver->bring_up(), driver::BringUp::kUp);
  features = driver->features();
  EXPECT_TRUE(features.vlan_insert && features.vlan_strip && features.tx_time_stamps && features.rx_time_stamps);
  driver::Offloads offloads;
  offloads.tx_checksum = false;  // segmentation needs it
  ASSERT_EQ(driver->set_offloads(offloads), driver::Setting::kDone);
  EXPECT_EQ(driver->features().max_segment_bytes, 0u);
}

// ---- VLAN ----

TEST_F(OffloadTest, TagsAreInsertedAndStripped) {
  up();
  stack::Packet made = packet_in(tx.pool(), tcp_frame(1, 2, 3, 4));
  made.meta.vlan_insert = true;
  made.meta.vlan = 100;
  ASSERT_EQ(driver->transmit(made, false), TxResult::kSent);
  ASSERT_EQ(nic.wire.size(), 1u);
  EXPECT_EQ(nic.wire[0], tagged(tcp_frame(1, 2, 3, 4), 100));
  client.keep = true;
  ASSERT_TRUE(nic.receive(tagged(tagged(tcp_frame(1, 2, 3, 4), 7), 100)));  // only the outer one is
  machine.run();
  ASSERT_EQ(client.kept.size(), 1u);
  EXPECT_TRUE(client.kept[0].meta.vlan_stripped);
  EXPECT_EQ(client.kept[0].meta.vlan, 100);
  EXPECT_EQ(bytes_of(client.kept[0]), tagged(tcp_frame(1, 2, 3, 4), 7));
  EXPECT_EQ(driver->statistics().tx_vlan_inserted, 1u);
  EXPECT_EQ(driver->statistics().rx_vlan_stripped, 1u);
}

TEST_F(OffloadTest, StrippingCanBeTurnedOff) {
  up();
  driver::Offloads offloads;
  offloads.vlan_strip = false;
  ASSERT_EQ(driver->set_offloads(offloads), driver::Setting::kDone);
  ASSERT_TRUE(nic.receive(tagged(tcp_frame(1, 2, 3, 4), 100)));
  machine.run();
  EXPECT_EQ(client.frames.at(0), tagged(tcp_frame(1, 2, 3, 4), 100));
}

// ---- time stamps ----

TEST_F(OffloadTest, TheTimeOfDepartureComesAfterThePacketIsGivenBack) {
  up();
  nic.hold_stamps = true;
  machine.advance(1000);
  stack::Packet made = packet_in(tx.pool(), tcp_frame(1, 2, 3, 4));
  made.meta.tx_stamp_id = 77;
  const uint64_t sent_ns = machine.now_ns();
  ASSERT_EQ(driver->transmit(made, false), TxResult::kSent);
  machine.run();
  EXPECT_TRUE(tx.whole());
  EXPECT_TRUE(client.departures.empty());
  machine.advance(500);
  nic.depart();
  machine.run();
  ASSERT_EQ(client.departures.size(), 1u);
  EXPECT_EQ(client.departures[0], std::make_pair(77u, sent_ns + 1));
}

TEST_F(OffloadTest, OneTimeOfDepartureIsAwaitedAtATime) {
  up();
  nic.hold_stamps = true;
  for (uint32_t id = 1; id <= 3; ++id) {
    send_with_stamp(id);
    machine.run();
  }
  EXPECT_EQ(driver->statistics().tx_stamps_skipped, 2u);
  EXPECT_FALSE(nic.sent[1].extended);  // sent all the same
  nic.depart();
  machine.run();
  ASSERT_EQ(client.departures.size(), 1u);
  EXPECT_EQ(client.departures[0].first, 1u);
}

// After a reset the ring starts at index 0 again, and the block still shows the stamp of an index 0 of before.
TEST_F(OffloadTest, AStampOfBeforeAResetIsNotBelieved) {
  up();
  send_with_stamp(1);
  machine.run();
  ASSERT_EQ(client.departures.size(), 1u);
  nic.fail_tx(regs::ErrorReason::kTimeout);
  machine.run();
  nic.hold_tx = true;
  send_with_stamp(2);
  nic.write_status();
  machine.run();
  EXPECT_EQ(client.departures.size(), 1u);
  nic.fail_tx(regs::ErrorReason::kTimeout);
  machine.run();
  EXPECT_EQ(driver->statistics().tx_stamps_lost, 1u);
}

// The same of a stamp that came while the ring was being given up, so that nobody took it.
TEST_F(OffloadTest, AStampThatNobodyTookBeforeAResetIsNotBelieved) {
  up();
  nic.hold_stamps = true;
  send_with_stamp(1);
  machine.run();
  nic.before_write = [&](uint32_t address) {
    if (address == regs::TxControl::address(0)) nic.depart();  // the ring is being turned off
  };
  nic.fail_tx(regs::ErrorReason::kTimeout);
  machine.run();
  ASSERT_TRUE(client.departures.empty());
  EXPECT_EQ(driver->statistics().tx_stamps_lost, 1u);
  nic.hold_tx = true;
  send_with_stamp(2);
  nic.write_status();
  machine.run();
  EXPECT_TRUE(client.departures.empty());
}

TEST_F(OffloadTest, WithoutTheFeatureNoStampIsAskedFor) {
  nic.features = 0x300;
  up();
  stack::Packet made = packet_in(tx.pool(), tcp_frame(1, 2, 3, 4));
  made.meta.tx_stamp_id = 1;
  ASSERT_EQ(driver->transmit(made, false), TxResult::kSent);
  EXPECT_FALSE(nic.sent.at(0).extended);
  EXPECT_EQ(driver->statistics().tx_stamps_skipped, 1u);
}

}  // namespace
}  // namespace ringside::testbench
