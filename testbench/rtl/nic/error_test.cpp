// Errors of one queue: it stops alone, says why and where, and comes back by section 12 of the reference. Rules P16,
// P17, P22, P31 to P33, D14.
#include <iterator>
#include <memory>

#include "testbench/rtl/nic/fixture.h"
#include "testbench/rtl/nic/traffic.h"

namespace ringside::testbench::nic {
namespace {

constexpr unsigned kQueues = 4, kBad = 2;  // the queue that gets into trouble
constexpr uint16_t kTimeoutUs = 50;

struct Trouble {
  Fault fault;
  regs::ErrorReason reason;
};
constexpr Trouble kTroubles[] = {{Fault::kUr, regs::ErrorReason::kUnsupportedRequest},
                                 {Fault::kCa, regs::ErrorReason::kCompleterAbort},
                                 {Fault::kPoison, regs::ErrorReason::kPoisoned},
                                 {Fault::kLost, regs::ErrorReason::kTimeout},
                                 {Fault::kBadCount, regs::ErrorReason::kBadCompletion}};

class NicErrors : public EveryWidth {
 protected:
  void bring_up() {
    CardSettings settings = card_settings();
    settings.host.split = Split::kRandom;
    settings.host.reorder = true;
    card_ = std::make_unique<Card>(settings);
    DriverSettings with;
    with.queues = kQueues;
    driver_ = std::make_unique<Driver>(*card_, with);
    ASSERT_TRUE(driver_->bring_up()) << driver_->failure;
    driver_->write(regs::DmaTimeout::address(), kTimeoutUs);
    send_ = std::make_unique<SendTraffic>(*card_, *driver_, 1);
  }

  void add_to_others(unsigned packets) {
    for (unsigned i = 0; i < packets; ++i)
      for (unsigned queue = 0; queue < kQueues; ++queue)
        if (queue != kBad) add(queue, 200);
  }
  void add(unsigned queue, unsigned length) {
    Octets octets = random_octets(length, &random_);
    octets[0] = static_cast<uint8_t>(queue);
    send_->add(queue, octets, static_cast<unsigned>(random_.below(4096)), 1);
  }
  bool traffic_ends() {
    return card_->until([&] { return send_->turn(), send_->done(); }, 50'000);
  }

  // A packet that the model is not told of: it must not leave.
  Packet doomed(unsigned length) { return {{{driver_->allocate_at(length, 8), static_cast<uint16_t>(length)}}}; }

  void expect_error(regs::ErrorReason reason, uint32_t index) {
    const auto stopped = [&] { return driver_->read(regs::TxState::address(kBad)) & regs::TxState::kError.mask(); };
    ASSERT_TRUE(card_->until(stopped, 30'000));
    EXPECT_EQ(driver_->read(regs::TxError::address(kBad)), static_cast<uint32_t>(reason));
    EXPECT_EQ(driver_->read(regs::TxErrorIdx::address(kBad)), index);
    EXPECT_EQ(driver_->read(regs::ErrorCause::address()) & 0xFF, 1u << kBad);
    unsigned of_vector_0 = 0;
    for (const Message& message : card_->host.messages) of_vector_0 += message.data == 0;
    EXPECT_GE(of_vector_0, 1u);  // the link coming up may have been another
    driver_->write(regs::ErrorCause::address(), 1u << kBad);
  }

  void recover() {
    ASSERT_TRUE(driver_->recover_tx(kBad)) << driver_->failure;
    EXPECT_EQ(driver_->read(regs::TxError::address(kBad)), 0u);
    for (unsigned i = 0; i < 5; ++i) add(kBad, 300);
    add_to_others(5);
    EXPECT_TRUE(traffic_ends());
  }

  // Three good packets, a bad one, two good ones that must wait for ever.
  void good_then(const Packet& bad) {
    for (unsigned i = 0; i < 3; ++i) add(kBad, 100);
    add_to_others(3);
    ASSERT_TRUE(traffic_ends());
    driver_->post(kBad, bad);
    driver_->post(kBad, doomed(64));
    driver_->post(kBad, doomed(64));
    driver_->ring_tx(kBad);
    add_to_others(10);
    EXPECT_TRUE(traffic_ends());
  }

  Random random_{GetParam()};
  std::unique_ptr<Card> card_;
  std::unique_ptr<Driver> driver_;
  std::unique_ptr<SendTraffic> send_;
};
RINGSIDE_EVERY_WIDTH(NicErrors);

TEST_P(NicErrors, PayloadRead) {
  for (const Trouble& trouble : kTroubles) {
    SCOPED_TRACE(to_string(trouble.reason));
    bring_up();
    const Packet bad = doomed(700);
    card_->host.fault = [&](uint64_t address, unsigned) {
      const Fragment& f = bad.fragments[0];
      return address >= f.address && address < f.address + f.length ? trouble.fault : Fault::kNone;
    };
    good_then(bad);
    expect_error(trouble.reason, 3);
    recover();
    at(&send_->expected, regs::CounterId::kTxDmaErrors) = 1;
    if (trouble.fault == Fault::kBadCount)  // the request has ended; what its other completions are, is not said
      at(&send_->expected, regs::CounterId::kUnexpectedCpls) =
          driver_->counters()[static_cast<size_t>(regs::CounterId::kUnexpectedCpls)];
    audit(*card_, *driver_, send_->expected);
  }
}

// 2.3.2, 6.2, 7.5.1.2, 7.8.5: each error leaves its trace in Status and Device Status, and no other.
TEST_P(NicErrors, ConfigurationSpaceTellsThem) {
  constexpr uint32_t kTold[] = {0x2000'0000, 0x1000'0000, 0x8000'0001, 0x2, 0x1};  // Status 31:16; Device Status 3:0
  for (size_t i = 0; i < std::size(kTroubles); ++i) {
    SCOPED_TRACE(to_string(kTroubles[i].reason));
    bring_up();
    card_->host.settings.split = Split::kNone;  // the request has one completion
    const unsigned express = driver_->find_capability(0x10);
    driver_->config_write(0x04, ~0u, 0xC);
    driver_->config_write(express + 8, ~0u, 0xC);
    const Packet bad = doomed(64);
    card_->host.fault = [&](uint64_t address, unsigned) {
      return address == bad.fragments[0].address ? kTroubles[i].fault : Fault::kNone;
    };
    good_then(bad);
    expect_error(kTroubles[i].reason, 3);
    EXPECT_EQ((driver_->config(0x04) & 0xF900'0000) | (driver_->config(express + 8) >> 16 & 0xF), kTold[i]);
    EXPECT_EQ(driver_->counters()[static_cast<size_t>(regs::CounterId::kUnexpectedCpls)], 0u);
  }
}

// 2.8, 7.8.16: with Completion Timeout Disable a read waits as long as it takes; without it again it ends.
TEST_P(NicErrors, CompletionTimeoutDisable) {
  bring_up();
  const unsigned express = driver_->find_capability(0x10);
  EXPECT_EQ(driver_->config(express + 0x24), 0x10u);
  driver_->config_write(express + 0x28, 0x10, 0x1);
  driver_->config_write(express + 8, ~0u, 0xC);
  const Packet bad = doomed(64);
  card_->host.fault = [&](uint64_t address, unsigned) {
    return address == bad.fragments[0].address ? Fault::kLost : Fault::kNone;
  };
  for (unsigned i = 0; i < 3; ++i) add(kBad, 100);
  ASSERT_TRUE(traffic_ends());
  driver_->post(kBad, bad);
  driver_->ring_tx(kBad);
  card_->run(8 * kTimeoutUs * 250);
  EXPECT_EQ(driver_->read(regs::TxError::address(kBad)), 0u);
  EXPECT_EQ(driver_->config(express + 8) >> 16 & 0xF, 0u);
  driver_->config_write(express + 0x28, 0, 0x1);
  expect_error(regs::ErrorReason::kTimeout, 3);
  EXPECT_EQ(driver_->config(express + 8) >> 16 & 0xF, 2u);
  recover();
}

TEST_P(NicErrors, DescriptorRead) {
  for (const Trouble& trouble : kTroubles) {
    SCOPED_TRACE(to_string(trouble.reason));
    bring_up();
    bool armed = true;
    card_->host.fault = [&](uint64_t address, unsigned) {
      const uint64_t from = driver_->queue(kBad).tx_ring + 3 * 16;
      const bool hit = armed && address >= from && address < from + 3 * 16;
      return hit ? trouble.fault : Fault::kNone;
    };
    good_then(doomed(64));
    expect_error(trouble.reason, 3);
    armed = false;
    recover();
    EXPECT_TRUE(card_->verdicts.none()) << card_->verdicts.text();
  }
}

TEST_P(NicErrors, BadDescriptors) {
  Packet none = {{{0, 0}}}, many, huge, csum;
  bring_up();
  for (unsigned i = 0; i < 33; ++i) many.fragments.push_back({driver_->allocate(4, 4), 4});
  huge.fragments = {{driver_->allocate(9016, 64), 9015}};
  csum.fragments = {{driver_->allocate(100, 64), 100}};
  csum.csum = true;
  csum.csum_start = 60;
  csum.csum_offset = 39;
  none.fragments[0].address = driver_->allocate(64, 64);
  for (const Packet* bad : {&none, &many, &huge, &csum}) {
    SCOPED_TRACE("descriptors " + std::to_string(bad->fragments.size()) + ", octets " +
                 std::to_string(bad->fragments[0].length));
    bring_up();
    driver_->allocate(1 << 20, 4096);  // the packets were placed with another driver
    good_then(*bad);
    const auto stopped = [&] { return driver_->read(regs::TxState::address(kBad)) & regs::TxState::kError.mask(); };
    ASSERT_TRUE(card_->until(stopped, 30'000));
    EXPECT_EQ(driver_->read(regs::TxError::address(kBad)), static_cast<uint32_t>(regs::ErrorReason::kBadDescriptor));
    recover();
    at(&send_->expected, regs::CounterId::kTxBadDescriptors) = 1;
    audit(*card_, *driver_, send_->expected);
  }
}

TEST_P(NicErrors, BadDoorbell) {
  bring_up();
  driver_->queue(kBad).tx_prod += (1u << driver_->settings().tx_log2) + 1;
  driver_->ring_tx(kBad);
  add_to_others(10);
  EXPECT_TRUE(traffic_ends());
  expect_error(regs::ErrorReason::kBadDoorbell, (1u << driver_->settings().tx_log2) + 1);  // the index written
  recover();
  audit(*card_, *driver_, send_->expected);
}

TEST_P(NicErrors, ReceiveDescriptorRead) {
  for (const Trouble& trouble : kTroubles) {
    SCOPED_TRACE(to_string(trouble.reason));
    bring_up();
    card_->host.fault = [&](uint64_t address, unsigned) {
      return address / 4096 == driver_->queue(0).rx_ring / 4096 ? trouble.fault : Fault::kNone;
    };
    driver_->provide(0, driver_->allocate(2048, 64), 2048, 1);
    driver_->ring_rx(0);
    const auto stopped = [&] { return driver_->read(regs::RxState::address(0)) & regs::RxState::kError.mask(); };
    ASSERT_TRUE(card_->until(stopped, 20'000));
    EXPECT_EQ(driver_->read(regs::RxError::address(0)), static_cast<uint32_t>(trouble.reason));
    EXPECT_EQ(driver_->read(regs::RxErrorIdx::address(0)), 0u);
    card_->host.fault = nullptr;
    ASSERT_TRUE(driver_->recover_rx(0)) << driver_->failure;
    ReceiveTraffic receive(*card_, *driver_, 2, {});
    for (unsigned i = 0; i < 20; ++i) add_random_frame(&receive, 200, 12, 40, &random_);
    add_to_others(3);
    EXPECT_TRUE(run_traffic(card_.get(), send_.get(), &receive, 40, 50'000, &random_));
    audit(*card_, *driver_, send_->expected + receive.expected);
  }
}

}  // namespace
}  // namespace ringside::testbench::nic
