// The real RTL behind the real bus: reset, configuration space, BAR, first registers, at both widths.
#include <gtest/gtest.h>

#include "sc_model/host_machine.h"
#include "testbench/sc_model/support/run_log.h"

namespace ringside::testbench {
namespace {

using namespace sc_model;

class NicBringUp : public ::testing::TestWithParam<unsigned> {
 protected:
  static HostMachineConfig config() {
    HostMachineConfig c;
    c.width = GetParam();
    return c;
  }
  // Runs `body` as software of the host, on the CPU, until it is done.
  void run(std::function<void(driver::Platform&)> body) {
    bool done = false;
    host.observers().add(&events);
    host.cpu().spawn("init", [&](CpuThread& thread) {
      thread.enter();
      body(host.platform());
      thread.leave();
      done = true;
      sc_core::sc_stop();
    });
    sc_core::sc_start(to_sc_time(50 * kPsPerMs));
    EXPECT_TRUE(done) << "software never got its answers";
    for (const Violation& v : log.kept()) ADD_FAILURE() << to_string(v);
  }

  ViolationLog log;
  HostMachine host{"a", config(), log};
  RunLog events;
};

TEST_P(NicBringUp, EnumerationFindsTheFunctionAndSizesItsBar) {
  run([](driver::Platform& platform) {
    driver::PciFunction* nic = platform.find_function(0x1D9B, 0x0100, 0);
    ASSERT_NE(nic, nullptr);
    EXPECT_EQ(nic->config_read(0, 4), 0x01001D9Bu);
    EXPECT_EQ(nic->config_read(0x08, 4) >> 8, 0x020000u);
    EXPECT_EQ(nic->bar_bytes(0), 0x10000u);
    EXPECT_EQ(nic->config_read(0x04, 2) & 6u, 2u);  // memory space on, bus master off
    EXPECT_EQ(platform.find_function(0x1D9B, 0x0100, 1), nullptr);
  });
}

TEST_P(NicBringUp, RegistersAreReadAndWrittenThroughTlps) {
  run([](driver::Platform& platform) {
    driver::PciFunction* nic = platform.find_function(0x1D9B, 0x0100, 0);
    ASSERT_NE(nic, nullptr);
    EXPECT_EQ(nic->mmio_read32(0, 0x00), 0x474E4952u);
    nic->mmio_write32(0, 0x20, 0xCAFE0123);
    EXPECT_EQ(nic->mmio_read32(0, 0x20), 0xCAFE0123u);
  });
}

TEST_P(NicBringUp, SleepsWhenIdleAndSaysSo) {
  run([](driver::Platform& platform) {
    ASSERT_NE(platform.find_function(0x1D9B, 0x0100, 0), nullptr);
    platform.delay_ns(100'000);
  });
  EXPECT_GT(host.shell().core_cycles().skipped, 20'000u);
}

INSTANTIATE_TEST_SUITE_P(Widths, NicBringUp, ::testing::Values(64u, 512u),
                         [](const auto& test) { return std::to_string(test.param); });

}  // namespace
}  // namespace ringside::testbench
