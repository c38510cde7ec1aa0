// Frames on the wire while the card is reset: counters are zero after it, and stay so. Sections 8 and 10 of the reference;
// rules D17, P41.
#include "testbench/rtl/nic/reset_fixture.h"

namespace ringside::testbench::nic {
namespace {

class NicResetWire : public NicReset {
 protected:
  void bring_up() {
    driver_.reset();
    card_ = std::make_unique<Card>(card_settings());
    DriverSettings with;
    driver_ = std::make_unique<Driver>(*card_, with);
    ASSERT_TRUE(driver_->bring_up()) << driver_->failure;
    const auto quiet = [&] { return card_->idle(); };
    ASSERT_TRUE(card_->until(quiet, 5000));
  }
  void put(const std::vector<uint8_t>& frame, unsigned count, uint32_t gap) {
    for (unsigned i = 0; i < count; ++i)
      card_->wire.to_send.push_back({frame.data(), static_cast<uint32_t>(frame.size()), gap});
  }
  void expect_nothing_received(const char* when) {
    const auto counters = driver_->counters();
    for (size_t i = 0; i < counters.size(); ++i) {
      const std::string name = regs::kCounters[i].name;
      if (name.compare(0, 3, "rx_") != 0) continue;
      EXPECT_EQ(counters[i], 0u) << name << ' ' << when;
    }
  }
  void wait_for_the_wire() {
    ASSERT_TRUE(card_->until([&] { return !card_->wire.sending(); }, 100'000));
    card_->run(200);
  }
};
RINGSIDE_EVERY_WIDTH(NicResetWire);

// The reset ends at each place of the frame, before and behind it.
TEST_P(NicResetWire, AFrameUnderWay) {
  bring_up();
  ASSERT_FALSE(HasFatalFailure());
  const unsigned kOctets = 300, cycles = (kOctets + 20) * 8 * 2 / GetParam() + 60;
  const auto frame = with_fcs(std::vector<uint8_t>(kOctets - 4, 0xFF));
  for (unsigned delay = 0; delay < cycles; ++delay) {
    driver_->write(regs::Control::address(), regs::Control::kRxEnable.mask());
    driver_->flush();
    put(frame, 1, 12);
    card_->run(delay);
    ASSERT_TRUE(soft_reset(1000));
    expect_nothing_received("at once");
    wait_for_the_wire();
    expect_nothing_received("later");
    if (HasFailure()) FAIL() << "the reset began " << delay << " cycles behind the frame";
  }
}

// The receiver is on again while a frame of before is still coming in: that one is not counted, those behind it are.
TEST_P(NicResetWire, ReceivingAgainAtOnce) {
  bring_up();
  ASSERT_FALSE(HasFatalFailure());
  const auto old_frame = with_fcs(std::vector<uint8_t>(15'000, 0xFF)), frame = with_fcs(std::vector<uint8_t>(96, 0xFF));
  for (unsigned delay = 0; delay < 24; ++delay) {
    driver_->write(regs::Control::address(), regs::Control::kRxEnable.mask());
    driver_->flush();
    put(old_frame, 1, 12);
    put(frame, 3, 12);
    card_->run(40 + delay);
    ASSERT_TRUE(soft_reset(1000));
    driver_->write(regs::Control::address(), regs::Control::kRxEnable.mask());
    driver_->flush();
    ASSERT_TRUE(card_->wire.sending());
    wait_for_the_wire();
    const auto counters = driver_->counters();
    const auto count = [&](regs::CounterId id) { return counters[static_cast<size_t>(id)]; };
    EXPECT_EQ(count(regs::CounterId::kRxWireFrames), 3u);
    EXPECT_EQ(count(regs::CounterId::kRxWireOctets), 300u);
    EXPECT_EQ(count(regs::CounterId::kRxDisabled), 3u);  // no ring is on
    if (HasFailure()) FAIL() << delay;
    ASSERT_TRUE(soft_reset(1000));
  }
}

// The reset could not wait for them: the machine takes no writes, and frames wait in the receive buffer for theirs.
TEST_P(NicResetWire, FramesThatWaitedForCredits) {
  swing(GetParam(), true);
  ASSERT_FALSE(HasFatalFailure());
  card_->host.settings.withhold_posted = true;
  run_pumps(5000);
  card_->wire.to_send.clear();
  wait_for_the_wire();
  driver_->write(regs::Reset::address(), 1);
  card_->run(300'000);  // 1 ms and the time-out
  card_->host.settings.withhold_posted = false;
  expect_nothing_received("after a reset that waited in vain");
  expect_works_again();
}

}  // namespace
}  // namespace ringside::testbench::nic
