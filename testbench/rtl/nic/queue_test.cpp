// Queue sets of the whole card: rings of any size, changed at run time; the wire shared among the senders. Rules D8,
// D15, R14.
#include <algorithm>
#include <array>
#include <memory>

#include "testbench/rtl/nic/fixture.h"
#include "testbench/rtl/nic/traffic.h"

namespace ringside::testbench::nic {
namespace {

class NicQueues : public EveryWidth {
 protected:
  void bring_up(DriverSettings with, size_t memory_bytes) {
    CardSettings settings = card_settings();
    settings.host.memory_bytes = memory_bytes;
    card_ = std::make_unique<Card>(settings);
    driver_ = std::make_unique<Driver>(*card_, with);
    ASSERT_TRUE(driver_->bring_up()) << driver_->failure;
  }
  Random random_{GetParam()};
  std::unique_ptr<Card> card_;
  std::unique_ptr<Driver> driver_;
};
RINGSIDE_EVERY_WIDTH(NicQueues);

// From 8 to 4096 entries, other rings each time, each one round and more; the smallest have to wait all the time.
TEST_P(NicQueues, RingSizesAtRunTime) {
  DriverSettings with;
  with.queues = 2;
  bring_up(with, 256 << 20);
  Counters expected{};
  const unsigned first = GetParam() / 64;  // the widths do not all take the long way
  for (const unsigned log2 : {3u, first == 8 ? 12u : 4u, 6u, first == 1 ? 12u : 5u, 3u}) {
    ASSERT_TRUE(driver_->change_rings(log2, log2, log2)) << driver_->failure;
    SendTraffic send(*card_, *driver_, log2);
    ReceivePlan plan;
    plan.smallest = plan.largest = 256;
    ReceiveTraffic receive(*card_, *driver_, log2 + 1, plan);
    receive.turn();
    card_->run(1000);
    const unsigned entries = 1u << log2;
    for (unsigned i = 0; i < entries + entries / 2 + 20; ++i) {
      add_random_packet(&send, with.queues, 60 + i % 40, i % 64, &random_);
      add_random_frame(&receive, 60 + i % 300, 12, 12, &random_);
    }
    ASSERT_TRUE(run_traffic(card_.get(), &send, &receive, 40, 2'000'000, &random_)) << entries << " entries";
    EXPECT_GE(driver_->queue(0).rx_prod, entries + entries / 2);
    expected = expected + send.expected + receive.expected;
  }
  audit(*card_, *driver_, expected);
}

// Section 9: each queue with packets sends as many octets as the others, whatever the lengths.
TEST_P(NicQueues, SendersShareTheWire) {
  constexpr unsigned kQueues = 4, kOctets = 120'000;
  constexpr std::array<unsigned, kQueues> kLength{120, 400, 1514, 3000};
  DriverSettings with;
  with.queues = kQueues;
  with.tx_log2 = 10;
  bring_up(with, 32 << 20);
  driver_->write(regs::Control::address(), regs::Control::kRxEnable.mask());
  std::array<unsigned, kQueues> sent{};
  Counters expected{};
  for (unsigned q = 0; q < kQueues; ++q) {
    const uint64_t at = driver_->allocate(kLength[q], 64);
    Octets octets = random_octets(kLength[q], &random_);
    octets[0] = static_cast<uint8_t>(2 * q);
    std::copy(octets.begin(), octets.end(), card_->host.memory(at, kLength[q]));
    Packet packet;
    packet.fragments = {{at, static_cast<uint16_t>(kLength[q])}};
    const Octets frame = frames_of(packet, octets).front();
    for (unsigned i = 0; i < kOctets / kLength[q]; ++i) driver_->post(q, packet), count_sent(frame, &expected);
    driver_->ring_tx(q);
  }
  card_->wire.on_frame = [&](const uint8_t* frame, size_t size, uint64_t, uint64_t) {
    sent[frame[0] / 2] += static_cast<unsigned>(size - 4);
  };
  driver_->flush();
  driver_->write(regs::Control::address(), regs::Control::kTxEnable.mask() | regs::Control::kRxEnable.mask());
  const auto least = [&] { return *std::min_element(sent.begin(), sent.end()); };
  const auto most = [&] { return *std::max_element(sent.begin(), sent.end()); };
  ASSERT_TRUE(card_->until([&] { return most() > kOctets * 4 / 10; }, 400'000));  // short ones begin later
  const std::array<unsigned, kQueues> before = sent;
  ASSERT_TRUE(card_->until([&] { return most() > kOctets * 9 / 10; }, 400'000));
  for (unsigned q = 0; q < kQueues; ++q) EXPECT_NEAR(sent[q] - before[q], kOctets / 2, kOctets / 12) << "queue " << q;
  ASSERT_TRUE(card_->until([&] { return least() > kOctets - kLength[3]; }, 400'000));
  card_->run(3000);
  for (unsigned q = 0; q < kQueues; ++q) EXPECT_EQ(sent[q], kOctets / kLength[q] * kLength[q]);
  audit(*card_, *driver_, expected);
}

}  // namespace
}  // namespace ringside::testbench::nic
