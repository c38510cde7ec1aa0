// Messages of the whole card: MSI-X with its masks and pending bits, MSI with fewer messages than vectors, and the
// coalescer's bounds with real frames. Rules I1 to I7, I10, P36, P37.
#include <algorithm>

#include "testbench/rtl/nic/traffic_fixture.h"

namespace ringside::testbench::nic {
namespace {

constexpr unsigned kQueues = 4, kMsiId = 0x05, kMsixId = 0x11;
constexpr uint32_t kMsixEnable = 1u << 31, kFunctionMask = 1u << 30;
constexpr unsigned kSoon = 200;        // cycles
constexpr uint64_t kCyclesOfUs = 250;  // of the core
constexpr uint64_t kSlackUs = 3;       // DMA of the frame, its entry and the status block; the coalescer's grain

class NicInterrupts : public WithTraffic {
 protected:
  void bring_up(DriverSettings with = {}) {
    with.queues = kQueues;
    told_ = 0;
    WithTraffic::bring_up(card_settings(), with);
    receive_->turn();
    card_->run(1000);  // the link comes up, descriptors are fetched
    driver_->write(regs::ErrorCause::address(), ~0u);
    messages();
  }
  void force(unsigned vector) {
    driver_->write(regs::IntControl::address(vector - 1), regs::IntControl::kForce.mask());
  }
  void provoke_vector_0() {  // a malformed write: more data than its Length
    card_->host.tlp({0x40000001, 0x0F, uint32_t{Host::kBarBase}, 0}, std::vector<uint32_t>(GetParam() / 32 + 1));
  }
  // Data of the messages that came since it was asked last, in order; waits a little.
  std::vector<uint32_t> messages() {
    driver_->flush();
    card_->run(kSoon);
    std::vector<uint32_t> data;
    for (; told_ < card_->host.messages.size(); ++told_) data.push_back(card_->host.messages[told_].data);
    std::sort(data.begin(), data.end());
    return data;
  }
  using Data = std::vector<uint32_t>;

  // Frames of 100 octets one behind the other; the cycle in which the first one ended.
  uint64_t frames(unsigned count) {
    for (unsigned i = 0; i < count; ++i) {
      Shape shape;
      shape.payload = 46;
      receive_->add(with_fcs(build(shape, &random_).frame), 12);
    }
    receive_->turn();
    const uint64_t sent = card_->wire.counts.frames_in;
    card_->until([&] { return card_->wire.counts.frames_in > sent; }, 5000);
    return card_->host.cycle();
  }
  // Microseconds from a cycle to the next message of queue 0, and that it is the only one.
  double us_to_message(uint64_t from, uint64_t limit_us = 300) {
    card_->until([&] { return card_->host.messages.size() > told_; }, limit_us * kCyclesOfUs);
    if (card_->host.messages.size() <= told_) return 1e9;
    const Message message = card_->host.messages[told_++];
    EXPECT_EQ(message.data, 1u);
    return static_cast<double>(message.cycle - from) / kCyclesOfUs;
  }
  void take_and_rearm() {
    receive_->turn();
    send_->turn();
    driver_->look(0);
    driver_->rearm(0);
    EXPECT_EQ(messages(), Data{}) << "the newest tag: silence";
  }

  size_t told_ = 0;
};
RINGSIDE_EVERY_WIDTH(NicInterrupts);

// PCI Local Bus 3.0 section 6.8.2: masked is pending, unmasked is sent, once; the table may change meanwhile.
TEST_P(NicInterrupts, MsixMasksAndPendingBits) {
  bring_up();
  const auto pending = [&] { return driver_->read(regs::Pending::address()); };
  for (unsigned vector = 1; vector <= kQueues; ++vector) {
    force(vector);
    EXPECT_EQ(messages(), Data{vector});
    driver_->write(regs::VectorControl::address(vector), 1);
    force(vector);
    force(vector);
    EXPECT_EQ(messages(), Data{});
    EXPECT_EQ(pending(), 1u << vector);
    driver_->write(regs::MsgData::address(vector), 0x100 + vector);
    driver_->write(regs::VectorControl::address(vector), 0);
    EXPECT_EQ(messages(), Data{0x100 + vector}) << "exactly one";
    EXPECT_EQ(pending(), 0u);
  }
  audited();
}

TEST_P(NicInterrupts, MsixFunctionMaskAndEnable) {
  bring_up();
  const unsigned msix = driver_->find_capability(kMsixId);
  EXPECT_EQ(driver_->config(msix) >> 16 & 0x7FF, kQueues) << "one vector more than queues";
  EXPECT_EQ(driver_->config(msix + 8), regs::kMsixPbaBase);
  driver_->write(regs::VectorControl::address(3), 1);
  driver_->config_write(msix, kMsixEnable | kFunctionMask, 0xC);
  for (unsigned vector = 1; vector <= kQueues; ++vector) force(vector);
  EXPECT_EQ(messages(), Data{});
  EXPECT_EQ(driver_->read(regs::Pending::address()), 0x1Eu);
  driver_->config_write(msix, kMsixEnable, 0xC);
  EXPECT_EQ(messages(), (Data{1, 2, 4})) << "3 has its own mask";
  driver_->config_write(msix, 0, 0xC);
  driver_->write(regs::VectorControl::address(3), 0);
  force(2);
  EXPECT_EQ(messages(), Data{}) << "neither MSI nor MSI-X";
  driver_->config_write(msix, kMsixEnable, 0xC);
  EXPECT_EQ(messages(), (Data{2, 3}));
  audited();
}

// PCI 3.0 6.8.3.4: what is masked is not sent. The answer to the configuration write is what tells the host so: whenever
// the write comes, no message comes behind it.
TEST_P(NicInterrupts, NoneBehindTheAnswerToAMask) {
  bring_up();
  const unsigned msix = driver_->find_capability(kMsixId);
  for (const uint32_t masked : {kMsixEnable | kFunctionMask, 0u})
    for (unsigned delay = 0; delay < 40; ++delay) {
      force(1);
      card_->run(delay);
      const Host::Answer& answer = card_->host.answer(card_->host.config_write(msix, masked, 0xC));
      ASSERT_TRUE(card_->until([&] { return answer.done; }, 2000));
      const size_t sent = card_->host.messages.size();
      card_->run(kSoon);
      EXPECT_EQ(card_->host.messages.size(), sent) << "masked " << masked << " after " << delay;
      driver_->config_write(msix, kMsixEnable, 0xC);
      ASSERT_EQ(messages(), Data{1}) << "one, then or now";
    }
  audited();
}

// Section 11: with 1, 2, 4 or 8 messages granted, vector v is message v mod that number.
TEST_P(NicInterrupts, MsiWithAnyNumberOfMessages) {
  bring_up();
  constexpr uint32_t kData = 0x4560;
  const unsigned msi = driver_->find_capability(kMsiId);
  EXPECT_EQ(driver_->config(msi) >> 17 & 7, 3u) << "asks for 8, for 5 vectors";
  driver_->config_write(driver_->find_capability(kMsixId), 0, 0xC);
  driver_->config_write(msi + 4, uint32_t{Host::kMessageBase} + 0x40);
  driver_->config_write(msi + 8, 0);
  driver_->config_write(msi + 12, kData, 0x3);
  Counters malformed{};
  for (unsigned log2 = 0; log2 < 4; ++log2) {
    const unsigned granted = 1u << log2;
    SCOPED_TRACE(granted);
    driver_->config_write(msi, 1u << 16 | log2 << 20, 0x4);
    for (unsigned vector = 0; vector <= kQueues; ++vector) {
      if (vector > 0) force(vector);
      if (vector == 0) provoke_vector_0(), ++at(&malformed, regs::CounterId::kMalformedTlps);
      ASSERT_EQ(messages(), Data{kData + vector % granted});
      EXPECT_EQ(card_->host.messages.back().address, Host::kMessageBase + 0x40);
      driver_->write(regs::ErrorCause::address(), ~0u);
    }
    driver_->config_write(msi + 16, (1u << granted) - 1);  // masked: pending; one message for all that share it
    uint32_t pending = 0;
    for (unsigned vector = 1; vector <= kQueues; ++vector) force(vector), pending |= 1u << vector % granted;
    EXPECT_EQ(messages(), Data{});
    EXPECT_EQ(driver_->config(msi + 20), pending);
    driver_->config_write(msi + 16, 0);
    EXPECT_EQ(messages().size(), static_cast<size_t>(__builtin_popcount(pending)));
    EXPECT_EQ(driver_->config(msi + 20), 0u);
  }
  audited(malformed);
}

// What configuration space says counts at once, whatever waits: for the pending bits, and for who is next.
TEST_P(NicInterrupts, MsiChangedWhileMessagesWait) {
  constexpr unsigned kCommand = 0x04, kMemorySpace = 2, kBusMaster = 4;
  bring_up();
  const unsigned msi = driver_->find_capability(kMsiId);
  driver_->config_write(driver_->find_capability(kMsixId), 0, 0xC);
  driver_->config_write(msi + 4, uint32_t{Host::kMessageBase} + 0x40);
  driver_->config_write(msi + 8, 0);
  driver_->config_write(msi + 12, 0, 0x3);
  driver_->config_write(msi + 16, ~0u);
  driver_->config_write(msi, 1u << 16, 0x4);
  force(2);
  EXPECT_EQ(messages(), Data{});
  for (unsigned log2 : {0, 3, 1, 2, 3}) {
    driver_->config_write(msi, 1u << 16 | log2 << 20, 0x4);
    card_->run(kSoon);
    EXPECT_EQ(driver_->config(msi + 20), 1u << (2 & ((1u << log2) - 1))) << log2;
  }
  driver_->config_write(msi + 16, 0);
  EXPECT_EQ(messages(), Data{2});
  driver_->config_write(msi + 16, 1u << 1);
  driver_->config_write(kCommand, kMemorySpace, 0x3);
  force(1);
  force(3);
  card_->run(kSoon);
  driver_->config_write(msi + 16, 0);
  card_->run(kSoon);
  EXPECT_EQ(messages(), Data{});
  driver_->config_write(kCommand, kMemorySpace | kBusMaster, 0x3);
  EXPECT_EQ(messages(), (Data{1, 3}));
}

// I2: the count, without waiting for the timer; I3: the timer from the first event; the bound when there is no timer.
TEST_P(NicInterrupts, FramesCountOrTimerOrBound) {
  struct Setting {
    uint16_t count, usecs, bound;
    unsigned frames;
    uint64_t want_us;
  };
  for (const Setting& s : {Setting{5, 40, 200, 5, 0}, Setting{5, 40, 200, 4, 40}, Setting{50, 0, 60, 3, 60},
                           Setting{1, 0, 0, 1, 0}, Setting{0, 30, 200, 9, 30}, Setting{0, 0, 0, 1, 0}}) {
    SCOPED_TRACE("count " + std::to_string(s.count) + ", us " + std::to_string(s.usecs) + ", bound " +
                 std::to_string(s.bound) + ", frames " + std::to_string(s.frames));
    DriverSettings with;
    with.rx_frames = s.count, with.rx_usecs = s.usecs, with.max_usecs = s.bound;
    bring_up(with);
    const double us = us_to_message(frames(s.frames));
    EXPECT_GE(us, static_cast<double>(s.want_us));
    EXPECT_LE(us, static_cast<double>(s.want_us + kSlackUs));
    EXPECT_EQ(messages(), Data{});
    take_and_rearm();
    audited();
  }
}

TEST_P(NicInterrupts, SentPacketsCountOrTimer) {
  for (const unsigned packets : {6u, 5u}) {
    DriverSettings with;
    with.tx_frames = 6, with.tx_usecs = 50;
    bring_up(with);
    for (unsigned i = 0; i < packets; ++i) add_random_packet(send_.get(), 1, 100, 0, &random_);
    const uint64_t from = card_->host.cycle();
    send_->turn();
    const double us = us_to_message(from);
    EXPECT_GE(us, packets == 6 ? 0.0 : 50.0);
    EXPECT_LE(us, (packets == 6 ? 0.0 : 50.0) + kSlackUs);
    EXPECT_TRUE(card_->until([&] { return send_->turn(), send_->done(); }, 5000));
    take_and_rearm();
    audited();
  }
}

// I5, I6: one message, then silence however much comes; an old tag brings the next one at once, the newest none.
TEST_P(NicInterrupts, AutoMaskAndRearm) {
  bring_up();
  EXPECT_LE(us_to_message(frames(1)), static_cast<double>(kSlackUs));
  driver_->look(0);
  const uint32_t old_tag = driver_->queue(0).tag;
  frames(3);
  card_->run(20 * kCyclesOfUs);
  EXPECT_EQ(messages(), Data{}) << "masked by itself";
  driver_->write(regs::IntRearm::address(0), old_tag);
  EXPECT_EQ(messages(), Data{1});
  take_and_rearm();
  EXPECT_LE(us_to_message(frames(1)), static_cast<double>(kSlackUs));
  take_and_rearm();
  force(1);
  EXPECT_EQ(messages(), Data{1});
  audited();
}

// I7: whatever asks for it, two messages are INT_GAP_USECS apart.
TEST_P(NicInterrupts, GapBetweenMessages) {
  constexpr uint64_t kGapUs = 30;
  bring_up();
  driver_->write(regs::IntGapUsecs::address(0), kGapUs);
  std::vector<uint64_t> cycles;
  for (unsigned i = 0; i < 4; ++i) {
    frames(1);
    ASSERT_TRUE(card_->until([&] { return card_->host.messages.size() > told_; }, 2 * kGapUs * kCyclesOfUs));
    cycles.push_back(card_->host.messages[told_++].cycle);
    take_and_rearm();
  }
  for (size_t i = 1; i < cycles.size(); ++i) {
    EXPECT_GE(cycles[i] - cycles[i - 1], kGapUs * kCyclesOfUs);
    EXPECT_LE(cycles[i] - cycles[i - 1], (kGapUs + kSlackUs) * kCyclesOfUs);
  }
  audited();
}

}  // namespace
}  // namespace ringside::testbench::nic
