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

  // Octet 0 names the queue, so that frames of two queues never look alike.
  void add_send(SendTraffic* send, unsigned length, unsigned offset) {
    const unsigned queue = static_cast<unsigned>(random_.below(kQueues));
    Octets octets = random_octets(length, &random_);
    octets[0] = static_cast<uint8_t>(queue << 6 | (octets[0] & 0x3F));
    Packet packet;
    packet.csum = length >= 4 && random_.one_in(2);
    packet.csum_start = packet.csum ? static_cast<uint16_t>(random_.between(1, (length - 2) / 2) * 2) : 0;
    packet.csum_offset = packet.csum ? static_cast<uint16_t>(random_.below(length - packet.csum_start - 1)) : 0;
    send->add(queue, octets, offset, random_.one_in(3) ? static_cast<unsigned>(random_.between(2, 6)) : 1, packet);
  }

  // Lengths without FCS: those below 60 are runts and must not be seen.
  void add_receive(ReceiveTraffic* receive, unsigned length, Gaps gaps) {
    Shape shape;
    Octets octets;
    if (random_shape(length, &random_, &shape)) {
      octets = build(shape, &random_).frame;
    } else {
      octets = random_octets(length, &random_);
    }
    if (length >= 6) std::copy(kOwnAddress, kOwnAddress + 6, octets.begin());
    octets = with_fcs(std::move(octets));
    const bool broken = length > 60 && random_.one_in(32);
    const int error_at = broken ? static_cast<int>(random_.below(octets.size())) : -1;
    // Trains of runts at the smallest gap may overrun the MAC (rtl/mac): those get room, frames of legal size none.
    const unsigned closest = length < 60 ? 256 : 12;
    receive->add(std::move(octets),
                 gaps == Gaps::kNone ? closest : static_cast<unsigned>(random_.between(closest, 400)), error_at);
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
        if (sending) add_send(&send, length, offset);
        if (receiving) add_receive(&receive, length, crossing.gaps);
      }
    go(crossing, &send, &receive);
    Counters expected = send.expected;
    for (size_t i = 0; i < expected.size(); ++i) expected[i] += receive.expected[i];
    audit(*card_, *driver_, expected);
  }

  void go(const Case& crossing, SendTraffic* send, ReceiveTraffic* receive) {
    constexpr uint64_t kLimit = 4'000'000;
    while (!(send->done() && receive->done()) && card_->host.cycle() < kLimit && card_->verdicts.none()) {
      send->turn();
      receive->turn();
      card_->run(crossing.gaps == Gaps::kNone ? 16 : random_.between(1, 100));
    }
    EXPECT_TRUE(send->done()) << "sending did not end";
    EXPECT_TRUE(receive->done()) << "receiving did not end";
    card_->run(1000);  // what nobody waits for may come now
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
