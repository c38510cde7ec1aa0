// Frames that the whole card does not deliver: filters, lengths, no buffer, no room. Each is counted for its reason,
// and the next frame is clean. Rules E5, E6, E8, E11, D8, D17.
#include <algorithm>
#include <cstring>
#include <memory>

#include "testbench/rtl/nic/fixture.h"
#include "testbench/rtl/nic/traffic.h"

namespace ringside::testbench::nic {
namespace {

using Control = regs::MacControl;
using Id = regs::CounterId;

class NicDrops : public EveryWidth {
 protected:
  void bring_up(DriverSettings with = {}, const HostSettings& host = {}) {
    CardSettings settings = card_settings();
    settings.host = host;
    card_ = std::make_unique<Card>(settings);
    driver_ = std::make_unique<Driver>(*card_, with);
    ASSERT_TRUE(driver_->bring_up()) << driver_->failure;
    rules_ = {with.mac_address, with.mac_hash, with.mac_control, with.max_frame, {}, 1};
  }

  // ---- without ReceiveTraffic, which never lets buffers run out
  void provide(unsigned buffers) {
    for (; buffers != 0; --buffers) {
      buffers_.push_back(driver_->allocate(2048, 64));
      driver_->provide(0, buffers_.back(), 2048, static_cast<uint32_t>(buffers_.size() - 1));
    }
    driver_->ring_rx(0);
    driver_->flush();
    card_->run(1000);
  }
  void send(unsigned frames, unsigned octets) {
    for (; frames != 0; --frames) {
      Octets frame = random_octets(octets, &random_);
      std::copy(kOwnAddress, kOwnAddress + 6, frame.begin());
      sent_.push_back(with_fcs(std::move(frame)));
      card_->wire.to_send.push_back({sent_.back().data(), static_cast<uint32_t>(sent_.back().size())});
    }
    EXPECT_TRUE(card_->until([&] { return !card_->wire.sending(); }, 200'000));
    card_->run(1000);
  }
  // Takes what was delivered. Each entry has to be one of the frames sent, whole, behind the one of the entry before;
  // those in between were dropped for this reason. Their number.
  unsigned take(Id reason) {
    regs::ReturnEntry entry{};
    unsigned dropped = 0;
    for (driver_->look(0); driver_->take(0, &entry); driver_->look(0)) {
      while (next_ < sent_.size() && !is(entry, sent_[next_])) dropped += lose(reason);
      if (next_ == sent_.size()) return card_->verdicts.say("E8", "an entry of no frame", entry.index), dropped;
      count_received(judge(sent_[next_++], -1, rules_), &expected_);
    }
    while (next_ < sent_.size()) dropped += lose(reason);
    return dropped;
  }
  bool is(const regs::ReturnEntry& entry, const Octets& frame) {
    return entry.frame_length == frame.size() - 4 &&
           std::memcmp(card_->host.memory(buffers_[entry.opaque], entry.length), frame.data(), entry.length) == 0;
  }
  unsigned lose(Id reason) {
    Received received = judge(sent_[next_++], -1, rules_);
    received.delivered = false;
    received.drop = reason;
    count_received(received, &expected_);
    return 1;
  }

  Random random_{GetParam()};
  std::unique_ptr<Card> card_;
  std::unique_ptr<Driver> driver_;
  RxRules rules_{};
  std::vector<uint64_t> buffers_;
  std::deque<Octets> sent_;  // their octets stay where they are
  size_t next_ = 0;          // of sent_, not accounted for yet
  Counters expected_{};
};
RINGSIDE_EVERY_WIDTH(NicDrops);

// Every combination of the switches, against every kind of destination.
TEST_P(NicDrops, Filters) {
  DriverSettings with;
  with.mac_hash = 1u << 9;  // of 01:00:5E:00:00:01, section 4
  bring_up(with);
  constexpr uint8_t kTo[][6] = {{0x02, 0, 0, 0, 0, 0x01},
                                {0x02, 0, 0, 0, 0, 0x41},
                                {0x82, 0, 0, 0, 0, 0x01},
                                {0x01, 0, 0x5E, 0, 0, 0x01},
                                {0x01, 0, 0x5E, 0, 0, 0x02},
                                {0x03, 0, 0, 0, 0, 0x01},
                                {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF},
                                {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFE}};
  SendTraffic send(*card_, *driver_, 1);
  ReceiveTraffic receive(*card_, *driver_, 2, ReceivePlan{});
  for (unsigned switches = 0; switches < 16; ++switches) {
    const auto control = static_cast<uint32_t>(
        (switches & 1 ? Control::kAcceptBroadcast.mask() : 0) | (switches & 2 ? Control::kPromiscuous.mask() : 0) |
        (switches & 4 ? Control::kAcceptAllMulticast.mask() : 0) | (switches & 8 ? Control::kStripFcs.mask() : 0));
    receive.rules.mac_control = control;
    driver_->write(Control::address(), control);
    driver_->flush();
    for (const auto& to : kTo)
      for (unsigned gap : {12u, 40u}) {
        Octets frame = random_octets(60 + random_.below(200), &random_);
        std::copy(to, to + 6, frame.begin());
        receive.add(with_fcs(std::move(frame)), gap);
      }
    ASSERT_TRUE(run_traffic(card_.get(), &send, &receive, 40, 100'000, &random_)) << "switches " << switches;
  }
  EXPECT_GT(at(&receive.expected, Id::kRxFiltered), 16u);
  EXPECT_GT(at(&receive.expected, Id::kRxMulticast), 16u);
  audit(*card_, *driver_, receive.expected);
}

// The longest and one more, the shortest and one less, whole and broken, with up to two tags: MAX_FRAME at several
// values.
TEST_P(NicDrops, Lengths) {
  bring_up();
  SendTraffic send(*card_, *driver_, 1);
  ReceiveTraffic receive(*card_, *driver_, 2, ReceivePlan{});
  for (const uint32_t longest : {64u, 1518u, 9018u}) {
    receive.rules.max_frame = longest;
    driver_->write(regs::MaxFrame::address(), longest);
    driver_->flush();
    for (unsigned tags = 0; tags <= 2; ++tags)
      for (const int more : {-1, 0, 1, 4, 5, 9})
        for (const bool broken : {false, true}) {
          Octets frame = random_octets(longest + 4 * tags - 4 + static_cast<unsigned>(more), &random_);
          std::copy(kOwnAddress, kOwnAddress + 6, frame.begin());
          put_be16(&frame[12], tags == 0 ? 0x88B5 : 0x8100);
          put_be16(&frame[16], tags == 2 ? 0x8100 : 0x88B5);
          put_be16(&frame[20], 0x88B5);
          frame = with_fcs(std::move(frame));
          if (broken) frame[30] ^= 4;
          receive.add(std::move(frame), 256);
        }
    ASSERT_TRUE(run_traffic(card_.get(), &send, &receive, 40, 400'000, &random_)) << longest;
  }
  for (const Id id : {Id::kRxOversize, Id::kRxJabbers, Id::kRxRunts, Id::kRxFragments, Id::kRxFcsErrors})
    EXPECT_GT(at(&receive.expected, id), 0u);
  audit(*card_, *driver_, receive.expected);
}

TEST_P(NicDrops, NoBufferThenClean) {
  bring_up();
  for (unsigned round = 0; round < 3; ++round) {
    provide(4);
    send(10, 100 + 300 * round);
    EXPECT_EQ(take(Id::kRxNoBuffer), 6u) << "round " << round;
  }
  audit(*card_, *driver_, expected_);
}

TEST_P(NicDrops, ReturnRingFullThenClean) {
  DriverSettings with;
  with.ret_log2 = 3;
  bring_up(with);
  for (unsigned round = 0; round < 3; ++round) {
    provide(20);
    send(12, 200);
    EXPECT_EQ(take(Id::kRxNoBuffer), 4u) << "round " << round;
    driver_->give_back(0);
    driver_->flush();
  }
  audit(*card_, *driver_, expected_);
}

// The host takes no writes: the receive buffer fills, what finds no room is dropped whole, and what is in it comes out
// right.
TEST_P(NicDrops, NoRoomThenClean) {
  DriverSettings with;
  with.rx_log2 = 9;
  with.ret_log2 = 10;
  HostSettings host;
  host.tight_credits = true;
  bring_up(with, host);
  for (unsigned round = 0; round < 2; ++round) {
    provide(100);
    card_->host.settings.withhold_posted = true;
    send(60, 1100);
    send(40, 64 + 500 * round);
    card_->host.settings.withhold_posted = false;
    card_->run(60'000);
    send(1, 300);
    card_->run(2000);
    const unsigned dropped = take(Id::kRxOverruns);
    EXPECT_GT(dropped, 30u);
    EXPECT_LT(dropped, 80u);
    driver_->give_back(0);
  }
  audit(*card_, *driver_, expected_);
}

}  // namespace
}  // namespace ringside::testbench::nic
