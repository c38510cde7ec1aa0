// A card with random traffic both ways, held against the model: what the tests of features share.
#ifndef RINGSIDE_TESTBENCH_RTL_NIC_TRAFFIC_FIXTURE_H_
#define RINGSIDE_TESTBENCH_RTL_NIC_TRAFFIC_FIXTURE_H_

#include <memory>

#include "testbench/rtl/nic/fixture.h"
#include "testbench/rtl/nic/traffic.h"

namespace ringside::testbench::nic {

class WithTraffic : public EveryWidth {
 protected:
  // May be called again: another card.
  void bring_up(const CardSettings& settings, const DriverSettings& with, const ReceivePlan& plan = {}) {
    send_.reset();
    receive_.reset();
    driver_.reset();
    card_ = std::make_unique<Card>(settings);
    driver_ = std::make_unique<Driver>(*card_, with);
    ASSERT_TRUE(driver_->bring_up()) << driver_->failure;
    send_ = std::make_unique<SendTraffic>(*card_, *driver_, 1);
    receive_ = std::make_unique<ReceiveTraffic>(*card_, *driver_, 2, plan);
  }
  void run_to_the_end(uint64_t limit, unsigned gap = 40) {
    EXPECT_TRUE(run_traffic(card_.get(), send_.get(), receive_.get(), gap, limit, &random_)) << "did not end";
  }
  void audited(const Counters& more = {}) { audit(*card_, *driver_, send_->expected + receive_->expected + more); }

  Random random_{GetParam()};
  std::unique_ptr<Card> card_;
  std::unique_ptr<Driver> driver_;
  std::unique_ptr<SendTraffic> send_;
  std::unique_ptr<ReceiveTraffic> receive_;
};

}  // namespace ringside::testbench::nic

#endif  // RINGSIDE_TESTBENCH_RTL_NIC_TRAFFIC_FIXTURE_H_
