// Can one write a driver from the programmer's reference alone? driver.cpp is that driver; here it meets the NIC.
#include "testbench/rtl/nic/fixture.h"
#include "testbench/rtl/nic/traffic.h"

namespace ringside::testbench::nic {
namespace {

using NicBringUp = EveryWidth;
RINGSIDE_EVERY_WIDTH(NicBringUp);

TEST_P(NicBringUp, ByTheReference) {
  Card card(card_settings());
  DriverSettings settings;
  settings.queues = 4;
  Driver driver(card, settings);
  ASSERT_TRUE(driver.bring_up()) << driver.failure;
  ASSERT_TRUE(card.until([&] { return driver.read(regs::Status::address()) & regs::Status::kLinkUp.mask(); }, 2000));
  audit(card, driver, {});
}

TEST_P(NicBringUp, MemoryBelow4GbToo) {  // P1: headers of three DWs
  CardSettings low = card_settings();
  low.host.memory_base = 0x1000'0000;
  Card card(low);
  Driver driver(card, DriverSettings{});
  ASSERT_TRUE(driver.bring_up()) << driver.failure;
  SendTraffic send(card, driver, 1);
  Random random(1);
  send.add(0, random_octets(100, &random), 3, 2);
  EXPECT_TRUE(card.until([&] { return send.turn(), send.done(); }, 5000));
  audit(card, driver, send.expected);
}

TEST_P(NicBringUp, WheneverTheResetEnds) {
  for (unsigned more = 0; more < 8; ++more) {
    CardSettings settings = card_settings();
    settings.more_reset = more;
    Card card(settings);
    Driver driver(card, DriverSettings{});
    ASSERT_TRUE(driver.bring_up()) << driver.failure;
    SendTraffic send(card, driver, 1);
    Random random(more);
    send.add(0, random_octets(100, &random), 3, 2);
    EXPECT_TRUE(card.until([&] { return send.turn(), send.done(); }, 5000));
    audit(card, driver, send.expected);
  }
}

TEST_P(NicBringUp, TakenDownItIsSilent) {
  Card card(card_settings());
  Driver driver(card, DriverSettings{});
  ASSERT_TRUE(driver.bring_up()) << driver.failure;
  ASSERT_TRUE(driver.take_down()) << driver.failure;
  const uint64_t writes = card.host.counts.writes, reads = card.host.counts.reads;
  const Octets frame = with_fcs(Octets(100, 0xFF));
  card.wire.to_send.push_back({frame.data(), static_cast<uint32_t>(frame.size())});
  card.run(2000);
  EXPECT_EQ(card.host.counts.writes, writes);
  EXPECT_EQ(card.host.counts.reads, reads);
  EXPECT_TRUE(card.verdicts.none()) << card.verdicts.text();
}

TEST_P(NicBringUp, GoesIdle) {
  Card card(card_settings());
  Driver driver(card, DriverSettings{});
  ASSERT_TRUE(driver.bring_up()) << driver.failure;
  EXPECT_TRUE(card.until([&] { return card.idle(); }, 1000));
}

}  // namespace
}  // namespace ringside::testbench::nic
