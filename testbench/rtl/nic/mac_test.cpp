// The MAC as the driver sees it: loopback, flow control both ways, link state. Rules E9, D17; IEEE 802.3 annex 31B.
#include <algorithm>
#include <cstring>

#include "testbench/rtl/nic/traffic_fixture.h"

namespace ringside::testbench::nic {
namespace {

using Control = regs::MacControl;
constexpr uint8_t kPauseAddress[6] = {0x01, 0x80, 0xC2, 0x00, 0x00, 0x01};
constexpr unsigned kQuantumBits = 512;

Octets pause_frame(uint16_t quanta) {
  Octets frame(60);
  std::memcpy(frame.data(), kPauseAddress, 6);
  frame[6] = 0x02;
  put_be16(&frame[12], 0x8808);
  put_be16(&frame[14], 1);
  put_be16(&frame[16], quanta);
  return with_fcs(std::move(frame));
}

class NicMac : public WithTraffic {
 protected:
  void bring_up(uint32_t more_control, const HostSettings& host = {}) {
    CardSettings settings = card_settings();
    settings.host = host;
    DriverSettings with;
    with.mac_control |= more_control;
    WithTraffic::bring_up(settings, with);
    see_frame_ = card_->wire.on_frame;
    card_->wire.on_frame = [this](const uint8_t* frame, size_t size, uint64_t start, uint64_t end) {
      if (size == 64 && be16(frame + 12) == 0x8808) return see_pause(frame, size, start);
      starts_.push_back(start);
      see_frame_(frame, size, start, end);
    };
  }
  void see_pause(const uint8_t* frame, size_t size, uint64_t start) {
    const bool right = fcs_good(frame, size) && std::memcmp(frame, kPauseAddress, 6) == 0 &&
                       std::memcmp(frame + 6, kOwnAddress, 6) == 0 && be16(frame + 14) == 1 &&
                       std::all_of(frame + 18, frame + 60, [](uint8_t octet) { return octet == 0; });
    if (!right) card_->verdicts.say("E9", "a pause frame of odd shape");
    pauses_.push_back({start, be16(frame + 16)});
    ++at(&send_->expected, regs::CounterId::kTxPause);
  }
  uint64_t beats_of(uint64_t quanta) const { return quanta * kQuantumBits / GetParam(); }
  void keep_sending(unsigned packets) {
    for (unsigned i = 0; i < packets; ++i) add_random_packet(send_.get(), 1, 300, 0, &random_);
  }
  bool all_sent() {
    return card_->until([&] { return send_->turn(), send_->done(); }, 100'000);
  }
  // Frames that begin between two beats.
  size_t begun(uint64_t from, uint64_t to) const {
    return static_cast<size_t>(
        std::count_if(starts_.begin(), starts_.end(), [&](uint64_t b) { return b >= from && b < to; }));
  }

  struct Pause {
    uint64_t beat;
    uint16_t quanta;
  };
  std::function<void(const uint8_t*, size_t, uint64_t, uint64_t)> see_frame_;
  std::vector<uint64_t> starts_;
  std::vector<Pause> pauses_;
};
RINGSIDE_EVERY_WIDTH(NicMac);

// What is sent is received, by the rules for what is received, and nothing else is; the wire stays quiet.
TEST_P(NicMac, Loopback) {
  bring_up(Control::kLoopback.mask());
  constexpr unsigned kFrames = 48;
  std::vector<uint64_t> buffers;
  for (unsigned i = 0; i < kFrames; ++i) {
    buffers.push_back(driver_->allocate_at(2048, i * 85));
    driver_->provide(0, buffers.back(), 2048, i);
  }
  driver_->ring_rx(0);
  card_->run(500);
  Counters expected{};
  std::vector<Received> want;
  for (unsigned i = 0; i < kFrames + 2; ++i) {
    Octets octets = random_octets(60 + 30 * i, &random_);
    std::copy(kOwnAddress, kOwnAddress + 6, octets.begin());
    if (i >= kFrames) octets[5] ^= 1;  // somebody else's
    Packet packet;
    packet.fragments = {{driver_->allocate_at(octets.size(), 3), static_cast<uint16_t>(octets.size())}};
    std::memcpy(card_->host.memory(packet.fragments[0].address, octets.size()), octets.data(), octets.size());
    driver_->post(0, packet);
    const Octets frame = frames_of(packet, octets).front();
    count_sent(frame, &expected);
    count_received(judge(frame, -1, receive_->rules), &expected);
    if (i < kFrames) want.push_back(judge(frame, -1, receive_->rules));
  }
  const Octets of_the_wire = with_fcs(Octets(100, 0xFF));
  card_->wire.to_send.push_back({of_the_wire.data(), static_cast<uint32_t>(of_the_wire.size())});
  driver_->ring_tx(0);
  for (unsigned i = 0; i < kFrames; ++i) {
    regs::ReturnEntry entry{};
    ASSERT_TRUE(card_->until([&] { return driver_->look(0), driver_->take(0, &entry); }, 20'000)) << i;
    EXPECT_EQ(entry.frame_length, want[i].octets.size());
    EXPECT_EQ(entry.raw_csum, want[i].raw_csum);
    EXPECT_EQ(std::memcmp(card_->host.memory(buffers[i], entry.length), want[i].octets.data(), entry.length), 0) << i;
  }
  card_->run(1000);
  EXPECT_EQ(card_->wire.counts.frames_out, 0u);
  audit(*card_, *driver_, expected);
}

// Quiet for as long as was asked for, from a reaction time on; then it goes on by itself, or when told.
TEST_P(NicMac, PauseReceived) {
  constexpr unsigned kQuanta = 500, kReaction = 60;  // 31B.3.7 allows 60 quanta at 10 Gb/s, more above
  for (const bool told : {false, true}) {
    bring_up(Control::kPauseRx.mask());
    starts_.clear();
    keep_sending(told ? 200 : 400);
    for (unsigned i = 0; i < 20; ++i) send_->turn(), card_->run(50);
    receive_->add(pause_frame(kQuanta), 20);
    receive_->turn();
    while (card_->wire.sending()) card_->run(1), send_->turn();
    const uint64_t stop = card_->wire.last_sent_beat, end = stop + beats_of(kQuanta);
    uint64_t go = end;
    while (card_->wire.counts.beats < stop + beats_of(kQuanta / 2)) send_->turn(), card_->run(20);
    if (told) {
      receive_->add(pause_frame(0), 20);
      receive_->turn();
      while (card_->wire.sending()) card_->run(1);
      go = card_->wire.last_sent_beat;
    }
    ASSERT_TRUE(all_sent());
    EXPECT_GT(begun(0, stop), 0u);
    EXPECT_EQ(begun(stop + beats_of(kReaction), go), 0u);
    EXPECT_GT(begun(go, go + beats_of(kReaction)), 0u);
    EXPECT_EQ(at(&receive_->expected, regs::CounterId::kRxPause), told ? 2u : 1u);
    audited();
  }
}

TEST_P(NicMac, PauseIsAFrameLikeAnyWhenItIsNotObeyed) {
  bring_up(Control::kAcceptAllMulticast.mask());
  keep_sending(50);
  receive_->add(pause_frame(0xFFFF), 20);
  run_to_the_end(100'000);
  EXPECT_EQ(at(&receive_->expected, regs::CounterId::kRxMulticast), 1u);
  audited();
}

// The host stops taking writes: XOFF at the upper threshold, again before it runs out, XON at the lower one; all of it
// also while the other end holds us, and not one frame is lost.
TEST_P(NicMac, PauseSent) {
  constexpr unsigned kQuanta = 128, kHigh = 4096, kLow = 1024;
  HostSettings host;
  host.tight_credits = true;
  bring_up(Control::kPauseRx.mask(), host);
  driver_->write(regs::PauseQuanta::address(), kQuanta);
  driver_->write(regs::PauseThreshold::address(), kHigh << 16 | kLow);
  driver_->write(regs::MacControl::address(), driver_->settings().mac_control | Control::kPauseTx.mask());
  receive_->add(pause_frame(0xFFFF), 20);  // held for ever, as far as this test goes
  for (unsigned i = 0; i < 4; ++i) add_random_frame(receive_.get(), 300, 12, 12, &random_);
  for (unsigned i = 0; i < 10; ++i) receive_->turn(), card_->run(100);
  EXPECT_EQ(pauses_.size(), 0u);
  card_->host.settings.withhold_posted = true;
  for (unsigned i = 0; i < 32; ++i) add_random_frame(receive_.get(), 300, 12, 12, &random_);
  receive_->turn();
  card_->run(beats_of(10 * kQuanta) * card_->clocks().mac_ps / card_->clocks().core_ps + 4000);
  ASSERT_GT(pauses_.size(), 4u) << "XOFF and its repetitions";
  for (const Pause& pause : pauses_) EXPECT_EQ(pause.quanta, kQuanta);
  for (size_t i = 1; i < pauses_.size(); ++i)
    EXPECT_LE(pauses_[i].beat - pauses_[i - 1].beat, beats_of(kQuanta)) << "it ran out";
  const size_t held = pauses_.size();
  card_->host.settings.withhold_posted = false;
  run_to_the_end(200'000);
  ASSERT_GT(pauses_.size(), held);
  EXPECT_EQ(pauses_.back().quanta, 0u) << "XON";
  EXPECT_EQ(std::count_if(pauses_.begin(), pauses_.end(), [](const Pause& p) { return p.quanta == 0; }), 1);
  audited();
}

// Section 10: off is off, for counters too; the switch is for whole frames.
TEST_P(NicMac, ReceiverOff) {
  bring_up(0);
  const auto both = regs::Control::kTxEnable.mask() | regs::Control::kRxEnable.mask();
  for (unsigned i = 0; i < 5; ++i) add_random_frame(receive_.get(), 200, 12, 20, &random_);
  run_to_the_end(100'000);
  driver_->write(regs::Control::address(), regs::Control::kTxEnable.mask());
  driver_->flush();
  const Octets unseen = with_fcs(Octets(200, 0xFF));
  for (unsigned i = 0; i < 5; ++i) card_->wire.to_send.push_back({unseen.data(), static_cast<uint32_t>(unseen.size())});
  EXPECT_TRUE(card_->until([&] { return !card_->wire.sending(); }, 5000));
  card_->run(100);
  driver_->write(regs::Control::address(), both);
  driver_->flush();
  for (unsigned i = 0; i < 5; ++i) add_random_frame(receive_.get(), 200, 12, 20, &random_);
  run_to_the_end(100'000);
  audit(*card_, *driver_, receive_->expected);
}

// The buffer of a receiver that is off fills while a frame passes, which is then thrown away: whoever was told to stop is
// told to go on, and the card comes to rest.
TEST_P(NicMac, PauseOfAReceiverThatIsOff) {
  bring_up(0);
  driver_->write(regs::PauseQuanta::address(), 0x1000);
  driver_->write(regs::PauseThreshold::address(), 1024 << 16 | 512);
  driver_->write(regs::MacControl::address(), driver_->settings().mac_control | Control::kPauseTx.mask());
  driver_->write(regs::Control::address(), regs::Control::kTxEnable.mask());
  driver_->flush();
  const Octets unseen = with_fcs(Octets(1514, 0xFF));
  for (unsigned i = 0; i < 3; ++i) {
    card_->wire.to_send.push_back({unseen.data(), static_cast<uint32_t>(unseen.size())});
    EXPECT_TRUE(card_->until([&] { return !card_->wire.sending(); }, 5000));
    card_->run(1000);
    EXPECT_TRUE(card_->until([&] { return card_->idle(); }, 100));
  }
  ASSERT_GE(pauses_.size(), 2u);
  for (size_t i = 0; i < pauses_.size(); ++i) EXPECT_EQ(pauses_[i].quanta, i % 2 == 0 ? 0x1000 : 0);
}

// Local and remote fault in MAC_STATUS, and the error vector for each change of the link.
TEST_P(NicMac, LinkFollowsTheFaults) {
  bring_up(0);
  constexpr auto kUp = static_cast<uint32_t>(regs::MacStatus::kLinkUp.mask());
  const auto status = [&] { return driver_->read(regs::MacStatus::address()); };
  ASSERT_TRUE(card_->until([&] { return status() == regs::MacStatus::kLinkUp.mask(); }, 2000));
  driver_->write(regs::ErrorCause::address(), ~0u);
  for (const uint8_t fault : {1, 2}) {
    card_->wire.fault = fault;
    const uint32_t down = fault == 1 ? regs::MacStatus::kLocalFault.mask() : regs::MacStatus::kRemoteFault.mask();
    for (const uint32_t want : {down, uint32_t{kUp}}) {
      const uint64_t before = card_->host.counts.messages;
      EXPECT_TRUE(card_->until([&] { return status() == want; }, 5000)) << "fault " << int{fault} << " is " << status();
      EXPECT_EQ(driver_->read(regs::ErrorCause::address()), regs::ErrorCause::kLink.mask());
      card_->run(100);
      EXPECT_EQ(card_->host.counts.messages, before + 1);
      driver_->write(regs::ErrorCause::address(), regs::ErrorCause::kLink.mask());
      card_->wire.fault = 0;
    }
  }
  keep_sending(4);
  EXPECT_TRUE(all_sent());
  audit(*card_, *driver_, send_->expected);
}

}  // namespace
}  // namespace ringside::testbench::nic
