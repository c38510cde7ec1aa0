// Length x address offset x gaps x back-pressure x completion splitting, in either direction and both.
#include <memory>

#include "testbench/rtl/nic/fixture.h"
#include "testbench/rtl/nic/traffic.h"

namespace ringside::testbench::nic {
namespace {

enum class Gaps { kNone, kRandom };

struct Case {
  Split split;
  Ready ready;
  Gaps gaps;
  std::string name() const {
    static const char* const splits[] = {"whole", "every RCB", "random RCB"};
    static const char* const readies[] = {"always ready", "random ready", "bursts of ready"};
    return std::string(splits[static_cast<int>(split)]) + ", " + readies[static_cast<int>(ready)] +
           (gaps == Gaps::kNone ? ", no gaps" : ", random gaps");
  }
};

std::vector<Case> cases() {
  std::vector<Case> all;
  for (const Split split : {Split::kNone, Split::kRcb, Split::kRandom})
    for (const Ready ready : {Ready::kAlways, Ready::kRandom, Ready::kBursts})
      for (const Gaps gaps : {Gaps::kNone, Gaps::kRandom}) all.push_back({split, ready, gaps});
  return all;
}

std::vector<unsigned> lengths() {
  std::vector<unsigned> all;
  for (unsigned length = 1; length <= 129; ++length) all.push_back(length);
  all.push_back(1514);
  all.push_back(9000);
  return all;
}

std::vector<unsigned> offsets() {
  std::vector<unsigned> all;
  for (unsigned offset = 0; offset < 8; ++offset) all.push_back(offset);
  for (unsigned offset = 4096 - 8; offset < 4096; ++offset) all.push_back(offset);
  return all;
}

class NicCrossing : public EveryWidth {
 protected:
  static constexpr unsigned kQueues = 4;

  void bring_up(const Case& crossing) {
    CardSettings settings = card_settings();
    settings.host.memory_bytes = 96 << 20;
    settings.host.split = crossing.split;
    settings.host.ready = crossing.ready;
    settings.host.reorder = crossing.split != Split::kNone;
    settings.host.tight_credits = crossing.gaps == Gaps::kRandom && crossing.ready == Ready::kRandom;
    card_ = std::make_unique<Card>(settings);
    DriverSettings with;
    with.queues = kQueues;
    driver_ = std::make_unique<Driver>(*card_, with);
    ASSERT_TRUE(driver_->bring_up()) << driver_->failure;
  }

  void run(const Case& crossing, bool sending, bool receiving) {
    SCOPED_TRACE(crossing.name());
    bring_up(crossing);
    SendTraffic send(*card_, *driver_, random_.bits());
    send.doorbell_each = crossing.gaps == Gaps::kRandom;
    ReceivePlan plan;
    plan.page_offset = static_cast<unsigned>(random_.below(4096));
    if (crossing.gaps == Gaps::kRandom) plan.smallest = 64, plan.largest = 2048;
    ReceiveTraffic receive(*card_, *driver_, random_.bits(), plan);
    for (unsigned length : lengths())
      for (unsigned offset : offsets()) {
        if (sending) add_random_packet(&send, kQueues, length, offset, &random_);
        if (receiving) add_random_frame(&receive, length, 12, crossing.gaps == Gaps::kNone ? 12 : 400, &random_);
      }
    const uint64_t turn = crossing.gaps == Gaps::kNone ? 16 : 100;
    EXPECT_TRUE(run_traffic(card_.get(), &send, &receive, turn, 4'000'000, &random_)) << "did not end";
    audit(*card_, *driver_, send.expected + receive.expected);
  }

  void all(bool sending, bool receiving) {
    for (const Case& crossing : cases()) {
      run(crossing, sending, receiving);
      if (HasFailure()) return;
    }
  }

  Random random_{GetParam()};
  std::unique_ptr<Card> card_;
  std::unique_ptr<Driver> driver_;
};
RINGSIDE_EVERY_WIDTH(NicCrossing);

TEST_P(NicCrossing, Sending) {
  all(true, false);
}
TEST_P(NicCrossing, Receiving) {
  all(false, true);
}
TEST_P(NicCrossing, Both) {
  all(true, true);
}

}  // namespace
}  // namespace ringside::testbench::nic
