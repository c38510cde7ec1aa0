// Driver and RTL together: interrupts by MSI, pause, errors of one queue, resets under load and what comes after them.
#include <gtest/gtest.h>

#include <set>

#include "testbench/sc_model/support/nic_pair.h"

namespace ringside::testbench {
namespace {

using driver::Setting;
using driver::regs::CounterId;
namespace regs = driver::regs;

class NicRecovery : public ::testing::TestWithParam<unsigned> {
 protected:
  NicRecovery() { options.width = GetParam(); }
  NicPairOptions options;
};

void expect_all_arrive(NicPair::Script& s, uint32_t frames, uint16_t first_port = 100) {
  s.end(1).received.clear();
  for (uint32_t n = 0; n < frames; ++n) s.send(flow_frame(static_cast<uint16_t>(first_port + n % 8), 50 + n % 900, n));
  EXPECT_TRUE(s.wait_until([&] { return s.end(1).received.size() == frames; }))
      << s.end(1).received.size() << " of " << frames << s.drops();
}

TEST_P(NicRecovery, OneMsiServesAllQueues) {
  for (driver::NicConfig& nic : options.nic) {
    nic.interrupts = driver::InterruptMode::kMsi;
    nic.queues = 4;
  }
  NicPair pair(options);
  pair.run([&](NicPair::Script& s) {
    EXPECT_TRUE(s.end(1).driver.shares_one_interrupt());
    expect_all_arrive(s, 200);
    EXPECT_GT(s.end(1).driver.statistics().interrupts, 0u);
    EXPECT_EQ(s.end(1).driver.statistics().lost_interrupts, 0u);
    EXPECT_EQ(s.end(1).machine.interrupts().spurious(), 0u);
  });
}

// The receiver's bus is slower than the wire: its NIC fills up to the threshold, and the sender waits.
TEST_P(NicRecovery, PauseHoldsTheSenderWithoutADrop) {
  options.nic[0].pause.rx = true;
  options.nic[1].pause.tx = true;
  options.nic[1].pause.high_octets = 4096;
  options.nic[1].pause.low_octets = 2048;
  options.narrow = true;
  NicPair pair(options);
  pair.run([&](NicPair::Script& s) {
    ASSERT_TRUE(s.end(1).driver.has(regs::Features::kPause));
    expect_all_arrive(s, 400);
    EXPECT_GT(s.end(0).counter(CounterId::kRxPause), 0u);
    s.on_peer([&](NicEnd& end) {
      EXPECT_EQ(end.counter(CounterId::kRxOverruns), 0u);
      EXPECT_EQ(end.counter(CounterId::kRxNoBuffer), 0u);
      EXPECT_GT(end.counter(CounterId::kTxPause), 0u);
    });
  });
}

// Messages for the same 30 frames, 20 us and more apart, so that the poll is over before the next one comes and re-arms
// with the newest tag: one each, one for ten, one 90 us behind each first one, and at least 150 us apart.
TEST_P(NicRecovery, CoalescingIsSetAtRunTime) {
  NicPair pair(options);
  pair.run([&](NicPair::Script& s) {
    constexpr uint32_t kFrames = 30;
    uint64_t us = 0;  // from the first frame to the last
    const auto interrupts = [&](const driver::Coalescing& coalescing) {
      s.on_peer([&](NicEnd& end) { EXPECT_EQ(end.driver.set_coalescing(coalescing), Setting::kDone); });
      const uint64_t before = s.end(1).driver.statistics().interrupts;
      s.end(1).received.clear();
      for (uint32_t n = 0; n < kFrames; ++n) {
        s.send(flow_frame(7, 100, n));
        s.sleep_ns(20'000);
      }
      EXPECT_TRUE(s.wait_until([&] { return s.end(1).received.size() == kFrames; })) << s.drops();
      us = (s.end(1).received.back().at_ns - s.end(1).received.front().at_ns) / 1000;
      return s.end(1).driver.statistics().interrupts - before;
    };
    EXPECT_EQ(interrupts({1, 0, 1, 0, 1000, 0}), kFrames);
    EXPECT_EQ(interrupts({10, 0, 10, 0, 1000, 0}), 3u);
    const uint64_t by_time = interrupts({0, 90, 0, 90, 1000, 0});
    EXPECT_GE(by_time, 4u);
    EXPECT_LE(by_time, us / 90 + 1) << us << " us";
    const uint64_t by_gap = interrupts({1, 0, 1, 0, 1000, 150});
    EXPECT_GE(by_gap, 4u);
    EXPECT_LE(by_gap, us / 150 + 1) << us << " us";
  });
}

// Every ring is stopped, reset and replaced while frames are on their way. Those of both ends that were lost are
// counted; afterwards nothing is.
TEST_P(NicRecovery, RingsAreReplacedUnderLoad) {
  options.spare_rx_buffers = 4096;
  NicPair pair(options);
  pair.run([&](NicPair::Script& s) {
    for (const uint32_t entries : {8u, 4096u, 64u, 512u}) {
      const driver::RingSizes sizes{entries, entries, entries};
      for (uint32_t n = 0; n < 40; ++n) s.send(flow_frame(7, 60 + n * 30, n));
      EXPECT_EQ(s.end(0).driver.set_ring_sizes(sizes), Setting::kDone);
      for (uint32_t n = 0; n < 20; ++n) s.send(flow_frame(7, 60 + n * 30, n));
      s.on_peer([&](NicEnd& end) { EXPECT_EQ(end.driver.set_ring_sizes(sizes), Setting::kDone); });
      s.sleep_ns(100'000);
      for (uint32_t round = 0; round < 20; ++round) expect_all_arrive(s, 4);  // no more than the smallest ring takes
    }
    EXPECT_EQ(s.end(0).driver.statistics().nic_resets, 0u);
    EXPECT_EQ(s.end(1).driver.statistics().bad_return_entries, 0u);
  });
}

// A doorbell that cannot be: bad_doorbell on queue 2. The driver resets that ring; the others never stop.
TEST_P(NicRecovery, AnErrorOfOneQueueLeavesTheOthersAlone) {
  options.nic[0].queues = options.nic[1].queues = 4;
  options.provoked = {"R1", "R7"};  // the doorbell, and the driver's next one, which goes back
  NicPair pair(options);
  pair.run([&](NicPair::Script& s) {
    expect_all_arrive(s, 64);
    driver::PciFunction* function = s.end(0).machine.platform().find_function(regs::kVendorId, regs::kDeviceId, 0);
    function->mmio_write32(0, regs::TxProdIdx::address(2), 0x10000);
    for (uint32_t n = 0; n < 64; ++n) s.send(flow_frame(static_cast<uint16_t>(200 + n % 8), 300, n));
    EXPECT_TRUE(s.wait_until([&] { return s.end(0).driver.statistics().tx_resets > 0; }));
    for (unsigned q = 0; q < 4; ++q) EXPECT_EQ(s.end(0).driver.queue_statistics(q).tx_resets, q == 2 ? 1u : 0u);
    EXPECT_EQ(s.end(0).driver.statistics().tx_errors, 1u);
    EXPECT_EQ(s.end(0).driver.statistics().nic_resets, 0u);
    s.sleep_ns(100'000);
    expect_all_arrive(s, 200);
  });
}

// Resets in the midst of traffic both ways, again and again: nothing is left behind, every buffer comes back, and the
// next frames are clean. What was under way may be lost, and is counted.
class NicResets : public ::testing::TestWithParam<std::tuple<unsigned, bool, uint64_t>> {};

TEST_P(NicResets, UnderLoad) {
  const auto [width, function_reset, seed] = GetParam();
  NicPairOptions options;
  options.width = width;
  options.seed = seed;
  options.nasty = seed % 2 == 1;
  options.nic[0].queues = options.nic[1].queues = 1 + seed % 4;
  NicPair pair(options);
  pair.run([&, function_reset = function_reset, seed = seed](NicPair::Script& s) {
    sc_model::Random random(seed, 77);
    for (int round = 0; round < 3; ++round) {
      for (uint32_t n = 0; n < 60; ++n) s.send(flow_frame(static_cast<uint16_t>(n % 8), 60 + n * 20, n), {}, 500);
      s.sleep_ns(random.next() % 20'000);
      const Setting result = s.end(0).driver.reset(function_reset);
      ASSERT_EQ(result, Setting::kDone) << "round " << round;
      EXPECT_TRUE(s.wait_until([&] { return s.end(0).driver.link_up(); }));
      s.on_peer([&](NicEnd& end) { EXPECT_EQ(end.driver.reset(function_reset), Setting::kDone); });
      EXPECT_TRUE(s.wait_until([&] { return s.end(1).driver.link_up() && s.end(0).driver.link_up(); }));
      s.sleep_ns(100'000);
      expect_all_arrive(s, 100);
    }
    const driver::DriverStatistics& d = s.end(0).driver.statistics();
    EXPECT_EQ(d.nic_resets, 3u);
    EXPECT_EQ(d.function_resets, function_reset ? 3u : 0u);
    EXPECT_EQ(d.bad_indices + d.bad_return_entries + d.failures + d.watchdog_fired, 0u);
    EXPECT_TRUE(s.wait_until([&] { return d.tx_reclaimed + d.tx_given_up == d.tx_packets; }));
  });
}

INSTANTIATE_TEST_SUITE_P(Widths, NicRecovery, ::testing::Values(64u, 512u),
                         [](const auto& test) { return std::to_string(test.param); });

INSTANTIATE_TEST_SUITE_P(Seeds, NicResets,
                         ::testing::Combine(::testing::Values(64u, 512u), ::testing::Bool(),
                                            ::testing::Range<uint64_t>(1, 7)),
                         [](const auto& test) {
                           return std::to_string(std::get<0>(test.param)) +
                                  (std::get<1>(test.param) ? "_function_" : "_soft_") +
                                  std::to_string(std::get<2>(test.param));
                         });

}  // namespace
}  // namespace ringside::testbench
