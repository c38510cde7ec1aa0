// Soft reset, function level reset, queue reset and bus mastering taken away, all with DMA in flight: nothing is
// touched once they are done, and the card works again. Rules D13, P34, P41.
#include "testbench/rtl/nic/reset_fixture.h"

namespace ringside::testbench::nic {
namespace {

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
      return !(driver_->read(regs::TxState::address(kVictim)) & regs::TxState::kRunning.mask()) &&
             !(driver_->read(regs::RxState::address(kVictim)) & regs::RxState::kRunning.mask());
    };
    ASSERT_TRUE(card_->until(quiet, 40'000));
    driver_->write(regs::TxControl::address(kVictim), regs::TxControl::kReset.mask());
    driver_->write(regs::RxControl::address(kVictim), regs::RxControl::kReset.mask());
    const auto done = [&] {
      return !(driver_->read(regs::TxControl::address(kVictim)) & regs::TxControl::kReset.mask()) &&
             !(driver_->read(regs::RxControl::address(kVictim)) & regs::RxControl::kReset.mask());
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
