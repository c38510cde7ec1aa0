// Several queue sets: a vector each, flows kept together, RSS, statistics, errors of one alone.
#include <set>

#include "driver/flow.h"
#include "testbench/driver/fixture.h"
#include "testbench/driver/frames.h"

namespace ringside::testbench {
namespace {

using driver::RssSettings;
using driver::Setting;
using stack::TxResult;

class QueuesTest : public DriverTest {
 protected:
  void up_with(unsigned queues) {
    nic.queues = queues;
    nic.vectors = 1 + queues;
    config.queues = queues;
    up();
  }
  TxResult send_frame(const Bytes& frame) {
    stack::Packet made = packet_in(tx.pool(), frame);
    return driver->transmit(made, false);
  }
};

// The published vectors (IPv4 with TCP ports) hold for the double, so that what it spreads is what a NIC would spread.
TEST_F(QueuesTest, TheDoubleHashesAsPublished) {
  up_with(8);
  const struct {
    uint32_t source, destination;
    uint16_t from, to;
    uint32_t hash;
  } vectors[] = {
      {0x420995BB, 0xA18E6450, 2794, 1766, 0x51CCC178},
      {0xC75C6F02, 0x41458C53, 14230, 4739, 0xC626B0EA},
      {0x1813C65F, 0x0C16CFB8, 12898, 38024, 0x5C2B394A},
  };
  client.keep = true;
  for (const auto& v : vectors) {
    ASSERT_TRUE(nic.receive(tcp_frame(v.source, v.destination, v.from, v.to)));
    machine.run();
    ASSERT_FALSE(client.kept.empty());
    EXPECT_EQ(client.kept.back().meta.hash, v.hash);
    EXPECT_EQ(client.kept.back().meta.queue, v.hash % 128 % 8);
  }
}

TEST_F(QueuesTest, EveryQueueHasRingsAndAVectorOfItsOwn) {
  up_with(8);
  ASSERT_EQ(driver->queue_count(), 8u);
  std::set<uint32_t> bases, messages;
  for (unsigned q = 0; q < 8; ++q) {
    bases.insert(nic.reg(regs::TxBase::address(q)));
    bases.insert(nic.reg(regs::RxBase::address(q)));
    bases.insert(nic.reg(regs::RetBase::address(q)));
    bases.insert(nic.reg(regs::StatusBase::address(q)));
    messages.insert(nic.reg(regs::MsgData::address(1 + q)));
    EXPECT_EQ(nic.buffers(q), 8u) << q;
    driver->force_interrupt(q);
    machine.run();
    EXPECT_EQ(driver->queue_statistics(q).interrupts, 1u) << q;
    EXPECT_EQ(driver->queue_statistics(q).polls, 1u) << q;
  }
  EXPECT_EQ(bases.size(), 32u);
  EXPECT_EQ(messages.size(), 8u);
}

TEST_F(QueuesTest, NoMoreQueuesThanTheNicHas) {
  nic.queues = 2;
  nic.vectors = 3;
  config.queues = 8;
  up();
  EXPECT_EQ(driver->queue_count(), 2u);
}

TEST_F(QueuesTest, AFlowKeepsToItsQueueAndFlowsSpread) {
  up_with(4);
  std::set<unsigned> used;
  for (uint16_t port = 1; port <= 32; ++port) {
    std::set<unsigned> mine;
    for (int i = 0; i < 3; ++i) {
      ASSERT_EQ(send_frame(tcp_frame(0x0A000001, 0x0A000002, port, 80)), TxResult::kSent);
      mine.insert(nic.sent.back().queue);
      machine.run();
    }
    EXPECT_EQ(mine.size(), 1u) << port;
    used.insert(*mine.begin());
  }
  EXPECT_EQ(used.size(), 4u);
  uint64_t sum = 0;
  for (unsigned q = 0; q < 4; ++q) sum += driver->queue_statistics(q).tx_packets;
  EXPECT_EQ(sum, 96u);
  EXPECT_EQ(driver->statistics().tx_packets, 96u);
}

TEST(Flow, FragmentsGoByAddressAndTagsAreLookedThrough) {
  PagedPool pool(8, 2048);
  const auto hash_of = [&](const Bytes& frame) { return driver::flow_hash(packet_in(pool.pool(), frame)); };
  Bytes whole = tcp_frame(1, 2, 3, 4), other_port = tcp_frame(1, 2, 3, 5);
  EXPECT_NE(hash_of(whole), hash_of(other_port));
  EXPECT_EQ(hash_of(whole), hash_of(tagged(whole, 100)));
  EXPECT_EQ(hash_of(whole), hash_of(tagged(tagged(whole, 100), 7)));
  whole[20] = other_port[20] = 0x20;  // more fragments
  EXPECT_EQ(hash_of(whole), hash_of(other_port));
  EXPECT_NE(hash_of(whole), hash_of(tcp_frame(1, 9, 3, 4)));
  EXPECT_EQ(hash_of(Bytes(60, 0)), 0u);                              // not IP
  EXPECT_EQ(hash_of(Bytes(whole.begin(), whole.begin() + 20)), 0u);  // cut short
  EXPECT_NE(hash_of(tcp6_frame(1, 2, 3, 4)), hash_of(tcp6_frame(1, 2, 3, 5)));
}

TEST_F(QueuesTest, RssIsSetAtBringUp) {
  config.rss.udp_ipv6 = false;
  up_with(4);
  EXPECT_EQ(nic.reg(regs::RssControl::address()), 0x3Fu);
  EXPECT_EQ(nic.reg(regs::RssKey::address(0)), 0xDA565A6Du);  // first octet lowest
  EXPECT_EQ(nic.reg(regs::RssKey::address(9)), 0xFA01ACBEu);
  for (unsigned i = 0; i < 32; ++i) EXPECT_EQ(nic.reg(regs::RssTable::address(i)), 0x03020100u);
}

TEST_F(QueuesTest, RssIsSetAtRunTime) {
  up_with(4);
  RssSettings rss;
  rss.spread_evenly = false;
  rss.table.fill(3);
  rss.key.fill(0x11);
  rss.tcp_ipv4 = false;
  ASSERT_EQ(driver->set_rss(rss), Setting::kDone);
  EXPECT_EQ(nic.reg(regs::RssTable::address(31)), 0x03030303u);
  EXPECT_EQ(nic.reg(regs::RssKey::address(4)), 0x11111111u);
  EXPECT_EQ(nic.reg(regs::RssControl::address()), 0x7Bu);
  for (uint16_t port = 1; port < 5; ++port) ASSERT_TRUE(nic.receive(tcp_frame(1, 2, port, 4)));
  machine.run();
  EXPECT_EQ(driver->queue_statistics(3).rx_packets, 4u);
  rss.table[77] = 4;  // there is no such queue
  EXPECT_EQ(driver->set_rss(rss), Setting::kInvalid);
  EXPECT_EQ(driver->config().rss.table[77], 3);
  rss.table[77] = 3;
  rss.enable = false;
  ASSERT_EQ(driver->set_rss(rss), Setting::kDone);
  ASSERT_TRUE(nic.receive(tcp_frame(1, 2, 3, 4)));
  machine.run();
  EXPECT_EQ(driver->queue_statistics(0).rx_packets, 1u);
}

TEST_F(QueuesTest, WithoutRssEverythingComesToQueueZero) {
  nic.features = 0;
  up_with(4);
  EXPECT_EQ(nic.reg(regs::RssControl::address()), 0u);
  EXPECT_EQ(driver->set_rss(RssSettings{}), Setting::kNotSupported);
  ASSERT_TRUE(nic.receive(tcp_frame(1, 2, 3, 4)));
  machine.run();
  EXPECT_EQ(driver->queue_statistics(0).rx_packets, 1u);
}

TEST_F(QueuesTest, AnErrorOfOneQueueIsItsOwn) {
  up_with(4);
  nic.fail_tx(regs::ErrorReason::kTimeout, 2);
  nic.fail_rx(regs::ErrorReason::kTimeout, 1);
  machine.run();
  EXPECT_EQ(driver->queue_statistics(2).tx_resets, 1u);
  EXPECT_EQ(driver->queue_statistics(1).rx_resets, 1u);
  EXPECT_EQ(driver->statistics().tx_resets, 1u);
  EXPECT_EQ(driver->statistics().rx_resets, 1u);
  EXPECT_EQ(nic.buffers(1), 8u);
  for (uint16_t port = 1; port <= 16; ++port) {
    ASSERT_TRUE(nic.receive(tcp_frame(1, 2, port, 4)));
    ASSERT_EQ(send_frame(tcp_frame(2, 1, port, 4)), TxResult::kSent);
    machine.run();
  }
  EXPECT_EQ(client.frames.size(), 16u);
  EXPECT_EQ(nic.sent.size(), 16u);
}

TEST_F(QueuesTest, AFullQueueDoesNotStopAnother) {
  up_with(4);
  nic.hold_tx = true;
  const Bytes frame = tcp_frame(1, 2, 3, 4);
  for (int i = 0; i < 8; ++i) ASSERT_EQ(send_frame(frame), TxResult::kSent);
  ASSERT_EQ(send_frame(frame), TxResult::kBusy);
  uint16_t other = 5;
  while (send_frame(tcp_frame(1, 2, 3, other)) != TxResult::kSent) ASSERT_LT(++other, 50);
  for (unsigned q = 0; q < 4; ++q) nic.process_tx(8, q);
  machine.run();
  EXPECT_EQ(client.wakes, 1u);
  EXPECT_EQ(nic.sent.size(), 9u);
}

TEST_F(QueuesTest, RingSizesOfAllQueuesChange) {
  up_with(4);
  ASSERT_EQ(driver->set_ring_sizes({16, 8, 32}), Setting::kDone);
  for (unsigned q = 0; q < 4; ++q) {
    EXPECT_EQ(nic.reg(regs::TxSize::address(q)), 4u);
    EXPECT_EQ(nic.reg(regs::RetSize::address(q)), 5u);
    EXPECT_EQ(nic.buffers(q), 8u);
  }
}

}  // namespace
}  // namespace ringside::testbench
