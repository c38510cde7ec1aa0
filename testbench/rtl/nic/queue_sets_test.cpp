// The whole card with other numbers of queue sets than four: every set sends, receives by hash, has its vector, and
// stops alone. `./ringside test --nightly` builds these models.
#include <memory>
#include <set>

#include "testbench/rtl/nic/fixture.h"
#include "testbench/rtl/nic/traffic.h"

namespace ringside::testbench::nic {
namespace {

struct Model {
  unsigned width, queues;
};
void PrintTo(const Model& model, std::ostream* to) {
  *to << model.width << "bits" << model.queues << "queues";
}

class NicQueueSets : public testing::TestWithParam<Model> {
 protected:
  void bring_up() {
    const unsigned queues = GetParam().queues;
    CardSettings settings;
    settings.width = GetParam().width;
    settings.queues = queues;
    settings.host.memory_bytes = 128 << 20;
    settings.host.split = Split::kRandom;
    settings.host.reorder = true;
    card_ = std::make_unique<Card>(settings);
    DriverSettings with;
    with.queues = queues;
    with.rx_log2 = with.ret_log2 = 7;
    with.rss.control = 0x7F;
    for (uint8_t& octet : with.rss.key) octet = static_cast<uint8_t>(random_.bits());
    for (unsigned i = 0; i < with.rss.table.size(); ++i) with.rss.table[i] = static_cast<uint8_t>(i % queues);
    driver_ = std::make_unique<Driver>(*card_, with);
    ASSERT_TRUE(driver_->bring_up()) << driver_->failure;
    send_ = std::make_unique<SendTraffic>(*card_, *driver_, 1);
    ReceivePlan plan;
    plan.queues = queues;
    plan.smallest = plan.largest = 2048;
    receive_ = std::make_unique<ReceiveTraffic>(*card_, *driver_, 2, plan);
    receive_->on_entry = [this](unsigned queue, const regs::ReturnEntry&) { received_.insert(queue); };
  }
  void traffic() {
    for (unsigned i = 0; i < 400; ++i) {
      add_random_packet(send_.get(), GetParam().queues, static_cast<unsigned>(random_.between(60, 600)), i, &random_);
      add_random_frame(receive_.get(), static_cast<unsigned>(random_.between(60, 600)), 12, 60, &random_);
    }
    EXPECT_TRUE(run_traffic(card_.get(), send_.get(), receive_.get(), 40, 1'000'000, &random_)) << "did not end";
  }
  Random random_{7};
  std::set<unsigned> received_;
  std::unique_ptr<Card> card_;
  std::unique_ptr<Driver> driver_;
  std::unique_ptr<SendTraffic> send_;
  std::unique_ptr<ReceiveTraffic> receive_;
};
INSTANTIATE_TEST_SUITE_P(Model, NicQueueSets, testing::Values(Model{64, 1}, Model{64, 8}, Model{512, 8}),
                         testing::PrintToStringParamName());

TEST_P(NicQueueSets, AllOfThemWork) {
  bring_up();
  traffic();
  EXPECT_EQ(received_.size(), GetParam().queues);
  std::set<uint32_t> vectors;
  for (const Message& message : card_->host.messages) vectors.insert(message.data);
  vectors.erase(0);  // the link
  EXPECT_EQ(vectors.size(), GetParam().queues);
  EXPECT_EQ(*vectors.rbegin(), GetParam().queues);
  EXPECT_EQ(driver_->read(regs::TxSize::address(GetParam().queues)), 0u) << "section 4: sets beyond read as zero";
  audit(*card_, *driver_, send_->expected + receive_->expected);
}

// The last set in error by a doorbell that cannot be; it alone stops, and works again when it was reset.
TEST_P(NicQueueSets, TheLastOneStopsAlone) {
  bring_up();
  traffic();
  const unsigned last = GetParam().queues - 1;
  driver_->write(regs::ErrorCause::address(), ~0u);
  driver_->flush();
  const size_t told = card_->host.messages.size();
  driver_->write(regs::TxProdIdx::address(last), driver_->queue(last).tx_prod + 5000);
  driver_->flush();
  card_->run(500);
  EXPECT_EQ(driver_->read(regs::ErrorCause::address()), 1u << last);
  ASSERT_EQ(card_->host.messages.size(), told + 1);
  EXPECT_EQ(card_->host.messages.back().data, 0u) << "the vector of errors";
  for (unsigned q = 0; q <= last; ++q)
    EXPECT_EQ(driver_->read(regs::TxState::address(q)) & 2, q == last ? 2u : 0u) << "queue " << q;
  ASSERT_TRUE(driver_->recover_tx(last)) << driver_->failure;
  traffic();
  audit(*card_, *driver_, send_->expected + receive_->expected);
}

}  // namespace
}  // namespace ringside::testbench::nic
