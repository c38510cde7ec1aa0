// Soft reset, function level reset, queue reset and bus mastering taken away, all with DMA in flight: nothing is
// touched once they are done, and the card works again. Rules D13, P34, P41.
#include <memory>

#include "testbench/rtl/nic/fixture.h"
#include "testbench/rtl/nic/pump.h"
#include "testbench/rtl/nic/traffic.h"

namespace ringside::testbench::nic {
namespace {

constexpr unsigned kQueues = 4, kSize = 300, kExpressId = 0x10;
constexpr uint16_t kTimeoutUs = 50;
constexpr uint32_t kInitiateFlr = 1u << 15;

class NicReset : public EveryWidth {
 protected:
  // A card in full swing, both ways, stopped at a cycle that the seed gives.
  void swing(uint64_t seed) {
    pump_out_.reset();
    pump_in_.reset();
    Random random(seed);
    CardSettings settings = card_settings();
    settings.host.latency = static_cast<unsigned>(random.between(0, 300));
    settings.host.split = Split::kRandom;
    settings.host.reorder = true;
    settings.host.memory_bytes = 64 << 20;
    driver_.reset();
    card_ = std::make_unique<Card>(settings);
    restart();
    ASSERT_FALSE(HasFatalFailure());
    driver_->write(regs::DmaTimeout::address(), kTimeoutUs);  // also a part of the bound of a reset
    run_pumps(random.between(800, 2500));
    ASSERT_GT(card_->host.counts.reads, 0u);
  }

  void restart() {
    DriverSettings with;
    with.queues = kQueues;
    card_->host.status_blocks.clear();
    driver_ = std::make_unique<Driver>(*card_, with);
    driver_->allocate(base_, 4096);  // other memory than before
    ASSERT_TRUE(driver_->bring_up()) << driver_->failure;
    pump_out_ = std::make_unique<SendPump>(*card_, *driver_, kSize);
    pump_in_ = std::make_unique<ReceivePump>(*card_, *driver_, kSize);
    pump_in_->provide_all();
    card_->run(500);
  }

  void run_pumps(uint64_t cycles) {
    for (const uint64_t end = card_->host.cycle() + cycles; card_->host.cycle() < end; card_->run(7)) {
      pump_out_->turn();
      pump_in_->turn();
    }
  }

  // Frames go on arriving, late answers too; the NIC must not touch memory any more.
  void expect_silence() {
    const HostCounts before = card_->host.counts;
    for (unsigned i = 0; i < 100; ++i) {
      while (card_->wire.to_send.size() < 8) card_->wire.to_send.push_back(pump_in_->first());
      card_->run(30);
    }
    EXPECT_EQ(card_->host.counts.reads, before.reads);
    EXPECT_EQ(card_->host.counts.writes, before.writes);
    EXPECT_EQ(card_->host.counts.messages, before.messages);
  }

  void expect_works_again(uint64_t cycles = 8000) {
    card_->wire.to_send.clear();
    base_ += 16 << 20;
    restart();
    ASSERT_FALSE(HasFatalFailure());
    driver_->write(regs::DmaTimeout::address(), kTimeoutUs);
    run_pumps(cycles);
    EXPECT_GT(pump_out_->frames, 5u);
    EXPECT_GT(pump_in_->frames, 5u);
    EXPECT_EQ(pump_out_->wrong, 0u);
    EXPECT_EQ(pump_in_->wrong, 0u);
    base_ = 0;
    EXPECT_TRUE(card_->verdicts.none()) << card_->verdicts.text();
  }

  bool soft_reset(uint64_t reads) {
    driver_->write(regs::Reset::address(), 1);
    for (uint64_t i = 0; i < reads; ++i)
      if ((driver_->read(regs::Reset::address()) & 1) == 0) return true;
    return false;
  }

  size_t base_ = 0;
  std::unique_ptr<Card> card_;
  std::unique_ptr<Driver> driver_;
  std::unique_ptr<SendPump> pump_out_;
  std::unique_ptr<ReceivePump> pump_in_;
};
RINGSIDE_EVERY_WIDTH(NicReset);

TEST_P(NicReset, SoftWithDmaInFlight) {
  for (uint64_t seed = 1; seed <= 6; ++seed) {
    SCOPED_TRACE(seed);
    swing(seed);
    ASSERT_TRUE(soft_reset(1000));
    expect_silence();
    expect_works_again();
    if (HasFailure()) return;
  }
}

TEST_P(NicReset, SoftWithAnswersThatNeverCome) {
  swing(7);
  card_->host.fault = [](uint64_t, unsigned) { return Fault::kLost; };
  run_pumps(500);
  ASSERT_TRUE(soft_reset(2000));
  card_->host.fault = nullptr;
  expect_silence();
  expect_works_again(30'000);  // the tags that were lost come back after twice the time-out
}

TEST_P(NicReset, FunctionLevelWithDmaInFlight) {
  for (uint64_t seed = 11; seed <= 13; ++seed) {
    SCOPED_TRACE(seed);
    swing(seed);
    const unsigned express = driver_->find_capability(kExpressId);
    driver_->config_write(express + 8, kInitiateFlr, 0x3);
    card_->run(3000);  // 100 ms are allowed; answers take at most 300 cycles here
    expect_silence();
    expect_works_again();
    if (HasFailure()) return;
  }
}

TEST_P(NicReset, BusMasterTakenAway) {
  constexpr unsigned kCommand = 0x04, kMemorySpace = 2;
  for (uint64_t seed = 21; seed <= 26; ++seed) {
    SCOPED_TRACE(seed);
    swing(seed);
    driver_->config_write(kCommand, kMemorySpace, 0x3);
    expect_silence();
    ASSERT_TRUE(soft_reset(1000));
    expect_works_again();
    if (HasFailure()) return;
  }
}

// One queue is taken down and reset in full swing. Its memory is not touched afterwards; the others do not notice.
TEST_P(NicReset, QueueWithDmaInFlight) {
  constexpr unsigned kVictim = 1;
  for (uint64_t seed = 31; seed <= 36; ++seed) {
    SCOPED_TRACE(seed);
    swing(seed);
    const QueueState victim = driver_->queue(kVictim);
    driver_->write(regs::TxControl::address(kVictim), 0);
    driver_->write(regs::RxControl::address(kVictim), 0);
    const auto quiet = [&] {
      return !(driver_->read(regs::TxState::address(kVictim)) & 1) &&
             !(driver_->read(regs::RxState::address(kVictim)) & 1);
    };
    ASSERT_TRUE(card_->until(quiet, 40'000));
    driver_->write(regs::TxControl::address(kVictim), 2);
    driver_->write(regs::RxControl::address(kVictim), 2);
    const auto done = [&] {
      return !(driver_->read(regs::TxControl::address(kVictim)) & 2) &&
             !(driver_->read(regs::RxControl::address(kVictim)) & 2);
    };
    ASSERT_TRUE(card_->until(done, 40'000));
    unsigned touched = 0;
    card_->host.fault = [&](uint64_t address, unsigned) {
      touched += address >= victim.tx_ring && address < victim.ret_ring;  // TX ring, RX ring
      return Fault::kNone;
    };
    card_->host.on_write = [&](uint64_t address, unsigned) {
      touched += address >= victim.ret_ring && address < victim.status + 64;
    };
    const uint64_t sent = pump_out_->frames, received = pump_in_->frames;
    for (unsigned i = 0; i < 200; ++i) {
      pump_out_->turn_but(kVictim);
      pump_in_->turn_but(kVictim);
      card_->run(20);
    }
    EXPECT_EQ(touched, 0u);
    EXPECT_GT(pump_out_->frames, sent + 20);
    EXPECT_GT(pump_in_->frames, received + 20);
    EXPECT_EQ(pump_out_->wrong + pump_in_->wrong, 0u);
    EXPECT_TRUE(card_->verdicts.none()) << card_->verdicts.text();
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace ringside::testbench::nic
