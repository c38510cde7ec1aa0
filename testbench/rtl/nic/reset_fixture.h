// A card in full swing, to be stopped in the midst of it: what the tests of resets share.
#ifndef RINGSIDE_TESTBENCH_RTL_NIC_RESET_FIXTURE_H_
#define RINGSIDE_TESTBENCH_RTL_NIC_RESET_FIXTURE_H_

#include <memory>

#include "testbench/rtl/nic/fixture.h"
#include "testbench/rtl/nic/pump.h"

namespace ringside::testbench::nic {

class NicReset : public EveryWidth {
 protected:
  static constexpr unsigned kQueues = 4, kSize = 300, kExpressId = 0x10;
  static constexpr uint16_t kTimeoutUs = 50;
  static constexpr uint32_t kInitiateFlr = 1u << 15;

  // A card in full swing, both ways, stopped at a cycle that the seed gives.
  void swing(uint64_t seed, bool tight_credits = false, unsigned mrrs = 512) {
    pump_out_.reset();
    pump_in_.reset();
    Random random(seed);
    CardSettings settings = card_settings();
    settings.host.latency = static_cast<unsigned>(random.between(0, 300));
    settings.host.split = Split::kRandom;
    settings.host.reorder = true;
    settings.host.memory_bytes = 64 << 20;
    settings.host.tight_credits = tight_credits;
    settings.host.mrrs = mrrs;
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

}  // namespace ringside::testbench::nic

#endif  // RINGSIDE_TESTBENCH_RTL_NIC_RESET_FIXTURE_H_
