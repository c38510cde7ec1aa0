// Any ratio and phase of the two clocks: the same frames, the same counters. The model knows no clocks, so what it
// expects is the same for all of them.
#include "testbench/rtl/nic/fixture.h"
#include "testbench/rtl/nic/traffic.h"

namespace ringside::testbench::nic {
namespace {

class NicClocks : public EveryWidth {
 protected:
  void run(const Clocks& clocks) {
    SCOPED_TRACE("core " + std::to_string(clocks.core_ps) + " ps + " + std::to_string(clocks.core_phase_ps) + ", mac " +
                 std::to_string(clocks.mac_ps) + " ps + " + std::to_string(clocks.mac_phase_ps));
    CardSettings settings = card_settings();
    settings.clocks = clocks;
    settings.host.split = Split::kRandom;
    settings.host.reorder = true;
    Card card(settings);
    DriverSettings with;
    with.queues = 4;
    Driver driver(card, with);
    ASSERT_TRUE(driver.bring_up()) << driver.failure;
    Random random(GetParam());  // the same traffic for all clocks
    SendTraffic send(card, driver, 1);
    ReceivePlan plan;
    plan.window = 4096;  // a core slower than the wire must not be overrun
    plan.smallest = 256;
    plan.largest = 4096;
    ReceiveTraffic receive(card, driver, 2, plan);
    for (unsigned i = 0; i < 80; ++i) {
      add_random_packet(&send, 4, length(&random), static_cast<unsigned>(random.below(4096)), &random);
      add_random_frame(&receive, length(&random), 12, 60, &random);
    }
    EXPECT_TRUE(run_traffic(&card, &send, &receive, 64, 2'000'000, &random)) << "did not end";
    audit(card, driver, send.expected + receive.expected);
  }

  static unsigned length(Random* random) {
    return static_cast<unsigned>(random->one_in(8) ? random->between(60, 1514) : random->between(60, 200));
  }
};
RINGSIDE_EVERY_WIDTH(NicClocks);

TEST_P(NicClocks, SameFramesSameCounters) {
  Random random(GetParam() + 1);
  const uint64_t whole = mac_period_ps(GetParam());
  for (const uint64_t core_ps : {8000u, 6400u, 5120u, 4301u, 4000u, 3333u})  // 125 to 300 MHz
    for (const uint64_t mac_ps : {whole, 2 * whole, 10 * whole}) {
      run({core_ps, mac_ps, random.below(core_ps), random.below(mac_ps)});
      if (HasFailure()) return;
    }
}

// Edges that fall together, and those that are a picosecond apart.
TEST_P(NicClocks, EdgesTogether) {
  for (const uint64_t phase : {0u, 1u, 3999u}) run({4000, 4000, 0, phase});
}

}  // namespace
}  // namespace ringside::testbench::nic
