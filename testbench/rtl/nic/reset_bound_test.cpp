// How long a reset takes at most, and what is left of reads that were not answered before it. Rules P15, P33, P41; the
// bounds are those of sections 8 and 12 of the reference.
#include <cstdio>

#include "testbench/rtl/nic/reset_fixture.h"

namespace ringside::testbench::nic {
namespace {

constexpr uint64_t kCyclesOfUs = 250;
constexpr uint64_t kPatienceUs = 1050;         // section 8: a read waits no longer
constexpr uint64_t kBoundUs = 1000 + 51 + 10;  // section 8: 1 ms and DMA_TIMEOUT, which is 50 us and 2 % here

class NicResetBound : public NicReset {
 protected:
  // Posted credits are withheld until nothing moves any more; the NIC is full of writes then.
  void stall() {
    swing(GetParam(), true);
    card_->host.settings.withhold_posted = true;
    run_pumps(4000);
    const HostCounts before = card_->host.counts;
    run_pumps(1000);
    ASSERT_EQ(card_->host.counts.writes, before.writes) << "still writing";
  }
  // Microseconds until RESET.soft reads zero; each read waits for its answer as long as it takes.
  uint64_t reset_ends() {
    const uint64_t start = card_->host.cycle();
    for (;;) {
      const Host::Answer& answer = card_->host.answer(card_->host.read32(regs::Reset::address()));
      if (!card_->until([&] { return answer.done; }, 2 * kBoundUs * kCyclesOfUs)) return ~uint64_t{0};
      const uint64_t us = (card_->host.cycle() - start) / kCyclesOfUs;
      if ((answer.data & 1) == 0 || us > 20 * kBoundUs) return us;
    }
  }
  // All tags in flight, nothing answered: none is left to ask with.
  void lose_all_tags(Fault fault, bool without_timeout = false) {
    swing(GetParam(), false, 128);
    if (without_timeout) driver_->config_write(driver_->find_capability(kExpressId) + 0x28, 0x10, 0x1);
    card_->host.fault = [fault](uint64_t, unsigned) { return fault; };
    run_pumps(4000);
    const uint64_t reads = card_->host.counts.reads;
    run_pumps(500);
    ASSERT_EQ(card_->host.counts.reads, reads) << "still reading";
    card_->host.fault = nullptr;
  }
  void start_again() {
    ASSERT_TRUE(soft_reset(10'000));
    card_->wire.to_send.clear();
    base_ += 16 << 20;
    restart();
    driver_->write(regs::DmaTimeout::address(), kTimeoutUs);
  }
  void expect_good_traffic() {
    EXPECT_GT(pump_out_->frames + pump_in_->frames, 5u);
    EXPECT_EQ(pump_out_->wrong + pump_in_->wrong, 0u);
    EXPECT_TRUE(card_->verdicts.none()) << card_->verdicts.text();
  }
};
RINGSIDE_EVERY_WIDTH(NicResetBound);

// The answer to the configuration write waits for the writes in front of it, which the reset throws away.
TEST_P(NicResetBound, FunctionLevelWithoutCredits) {
  stall();
  ASSERT_FALSE(HasFatalFailure());
  const unsigned express = 0x70;  // cannot be looked up: no completion passes the writes
  const unsigned ticket = card_->host.config_write(express + 8, kInitiateFlr, 0x3);
  card_->run(kBoundUs * kCyclesOfUs);
  EXPECT_TRUE(card_->host.answer(ticket).done);
  expect_silence();
  card_->host.settings.withhold_posted = false;
  expect_silence();
  expect_works_again();
}

TEST_P(NicResetBound, SoftWithoutCredits) {
  stall();
  ASSERT_FALSE(HasFatalFailure());
  driver_->write(regs::Reset::address(), 1);
  const uint64_t us = reset_ends();
  std::printf("soft reset without credits: %d us\n", static_cast<int>(us));
  EXPECT_LE(us, kBoundUs);
  expect_silence();
  card_->host.settings.withhold_posted = false;
  expect_silence();
  driver_->write(regs::Reset::address(), 1);
  EXPECT_LE(reset_ends(), 2u) << "at rest there is nothing to wait for";
  expect_works_again();
}

// A read of STATUS_TAG waits for the status write in front of it, but not so long that a reset does not get through.
TEST_P(NicResetBound, BehindAReadThatWaits) {
  for (const bool soft : {false, true}) {
    SCOPED_TRACE(soft);
    stall();
    ASSERT_FALSE(HasFatalFailure());
    const unsigned read = card_->host.read32(regs::StatusTag::address(0));
    if (soft) driver_->write(regs::Reset::address(), 1);
    const unsigned reset = card_->host.config_write(soft ? 0x3C : 0x70 + 8, soft ? 0 : kInitiateFlr, 0x3);
    card_->run(kBoundUs * kCyclesOfUs / 2);
    EXPECT_FALSE(card_->host.answer(read).done) << "the test must hit a read that waits";
    card_->run((kBoundUs / 2 + kPatienceUs) * kCyclesOfUs);
    EXPECT_TRUE(card_->host.answer(read).done);
    EXPECT_TRUE(card_->host.answer(reset).done);
    expect_silence();
    card_->host.settings.withhold_posted = false;
    expect_silence();
    expect_works_again();
    if (HasFailure()) return;
  }
}

// With Completion Timeout Disable a reset gives up what is not answered all the same; answers that come late are unexpected.
TEST_P(NicResetBound, SoftWithoutCompletionTimeout) {
  lose_all_tags(Fault::kLate, true);
  ASSERT_FALSE(HasFatalFailure());
  card_->run(4 * kTimeoutUs * kCyclesOfUs);
  const unsigned express = driver_->find_capability(kExpressId);
  EXPECT_TRUE(driver_->config(express + 8) >> 21 & 1) << "Transactions Pending";
  driver_->write(regs::Reset::address(), 1);
  EXPECT_LE(reset_ends(), kBoundUs);
  const size_t late = card_->host.late();
  EXPECT_GE(late, 64u);
  EXPECT_EQ(card_->host.answer_late(), late);
  expect_silence();
  EXPECT_GE(driver_->counters()[static_cast<size_t>(regs::CounterId::kUnexpectedCpls)], late);
  expect_works_again(30'000);
}

// P15: answers to reads of before the reset come when the tags might be in use again. They are unexpected, and new
// reads have other tags, or wait (the host says P13 otherwise).
TEST_P(NicResetBound, LateAnswersMeetNobody) {
  lose_all_tags(Fault::kLate);
  ASSERT_FALSE(HasFatalFailure());
  const size_t late = card_->host.late();
  EXPECT_GE(late, 64u);
  start_again();
  run_pumps(200);
  EXPECT_EQ(card_->host.answer_late(), late);
  run_pumps(40'000);
  expect_good_traffic();
  EXPECT_GE(driver_->counters()[static_cast<size_t>(regs::CounterId::kUnexpectedCpls)], late);
}

// Section 12: a tag without an answer is back twice the time-out after its request, whatever was reset meanwhile; with
// all of them lost nothing is read until then.
TEST_P(NicResetBound, LostTagsComeBackInTime) {
  lose_all_tags(Fault::kLost);
  ASSERT_FALSE(HasFatalFailure());
  const uint64_t lost = card_->host.cycle() - 4500;  // the requests are younger
  start_again();
  const uint64_t reads = card_->host.counts.reads;
  while (card_->host.counts.reads == reads && card_->host.cycle() - lost < 1000 * kCyclesOfUs) run_pumps(100);
  const uint64_t us = (card_->host.cycle() - lost) / kCyclesOfUs;
  std::printf("lost tags are back after %d us, time-out %d\n", static_cast<int>(us), kTimeoutUs);
  EXPECT_GE(us, 2u * kTimeoutUs);
  EXPECT_LE(us, 2u * kTimeoutUs + 2u * kTimeoutUs / 40 + 4500 / kCyclesOfUs + 5);
  run_pumps(4000);
  expect_good_traffic();
}

}  // namespace
}  // namespace ringside::testbench::nic
