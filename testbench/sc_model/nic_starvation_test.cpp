// Deadlock rules through the whole NIC (2.4.1, 2.6.1): each of the six kinds of credits is withheld for 100,000 cycles of
// the core clock, in each direction, with traffic both ways. What the ordering table says must pass goes on meanwhile;
// afterwards nothing is missing.
#include <gtest/gtest.h>

#include <array>

#include "testbench/sc_model/support/nic_pair.h"

namespace ringside::testbench {
namespace {

using namespace sc_model;

constexpr uint64_t kHeldNs = 100'000 * 4;

struct Starved {
  TlpDirection direction;
  CreditKind kind;
  bool stops;  // the class needs such credits: it comes to a stop
  // What must go on: frames out, frames in, answers to register reads.
  bool sends, receives, answers;
};

void PrintTo(const Starved& s, std::ostream* out) {  // for test names
  *out << (s.direction == TlpDirection::kFromDevice ? "ToHost" : "ToNic") << to_string(s.kind);
}

class PinCounts : public Observer {
 public:
  void on_tlp(const TlpEvent& e) override {
    ++of_[static_cast<size_t>(e.direction)][static_cast<size_t>(e.tlp->tlp_class())];
  }
  uint64_t of(TlpDirection direction, TlpClass c) const {
    return of_[static_cast<size_t>(direction)][static_cast<size_t>(c)];
  }

 private:
  std::array<std::array<uint64_t, 3>, 2> of_{};
};

// Traffic of host 0, whose link is starved: out, in, and register reads that no thread waits for.
class Load {
 public:
  Load(NicPair::Script& s, PinCounts& pins) : s_(s), pins_(pins) {}
  void offer(unsigned out, unsigned in, unsigned reads) {
    for (unsigned i = 0; i < out; ++i, ++out_) {
      const Bytes frame = flow_frame(1000, 200, out_);
      ASSERT_EQ(s_.end(0).send(frame), stack::TxResult::kSent);
      s_.end(0).driver.flush();
    }
    s_.on_peer([&](NicEnd& peer) {
      for (unsigned i = 0; i < in; ++i) {
        Bytes frame = flow_frame(1000, 200, in_++);
        std::swap(frame[5], frame[11]);
        ASSERT_EQ(peer.send(frame), stack::TxResult::kSent);
      }
      peer.driver.flush();
    });
    for (unsigned i = 0; i < reads; ++i, ++reads_)
      s_.end(0).machine.root().read(sim_now_ps(), s_.end(0).machine.platform().settings().bar0, 4,
                                    [this](const RequestResult& r) { answered += r.status == CplStatus::kSuccess; });
  }
  // Register writes without an effect: the NIC gives more data credits than a few doorbells need.
  void scribble(unsigned writes) {
    const uint32_t value = 0x5C5C5C5C;
    const uint64_t at = s_.end(0).machine.platform().settings().bar0 + driver::regs::Scratch::address();
    for (unsigned i = 0; i < writes; ++i) s_.end(0).machine.root().post_write(sim_now_ps(), at, &value, 4);
  }
  size_t sent() const { return s_.end(1).received.size(); }
  size_t received() const { return s_.end(0).received.size(); }
  bool all() const { return sent() == out_ && received() == in_ && answered == reads_; }
  std::string text() const {
    return std::to_string(sent()) + " of " + std::to_string(out_) + " out, " + std::to_string(received()) + " of " +
           std::to_string(in_) + " in, " + std::to_string(answered) + " of " + std::to_string(reads_) + " answers";
  }
  uint64_t at_pins(const Starved& c) const {
    return pins_.of(c.direction, static_cast<TlpClass>(static_cast<unsigned>(c.kind) / 2));
  }
  unsigned answered = 0;

 private:
  NicPair::Script& s_;
  PinCounts& pins_;
  unsigned out_ = 0, in_ = 0, reads_ = 0;
};

class Starvation : public ::testing::TestWithParam<Starved> {};

TEST_P(Starvation, WhatMustPassGoesOnAndNothingIsLost) {
  const Starved c = GetParam();
  NicPairOptions options;
  options.credits = {{8, 64, 8, 8, 8, 8}};
  NicPair pair(options);
  PinCounts pins;
  pair.end(0).machine.observers().add(&pins);
  pair.run([&](NicPair::Script& s) {
    s.sleep_ns(50'000);
    Load load(s, pins);
    PcieLink& link = s.end(0).machine.link();
    const uint64_t from_ns = sim_now_ps() / kPsPerNs;
    link.hold_credits(c.direction, c.kind, true);
    load.offer(40, 40, 30);  // uses up what credits were left
    if (c.direction == TlpDirection::kToDevice && c.kind == CreditKind::kPd) load.scribble(2000);
    s.sleep_ns(kHeldNs / 2);
    const size_t sent = load.sent(), received = load.received(), answered = load.answered;
    const uint64_t class_before = load.at_pins(c);
    load.offer(4, 4, 2);
    s.sleep_ns(from_ns + kHeldNs - sim_now_ps() / kPsPerNs);
    EXPECT_GE(load.sent() - sent, c.sends ? 4u : 0u) << load.text();
    EXPECT_GE(load.received() - received, c.receives ? 4u : 0u) << load.text();
    EXPECT_GE(load.answered - answered, c.answers ? 2u : 0u) << load.text();
    EXPECT_TRUE(!c.stops || load.at_pins(c) == class_before) << "not starved";
    EXPECT_GE(sim_now_ps() / kPsPerNs - from_ns, kHeldNs);
    link.hold_credits(c.direction, c.kind, false);
    EXPECT_TRUE(s.wait_until([&] { return load.all(); })) << load.text() << s.drops();
  });
}

constexpr TlpDirection kToHost = TlpDirection::kFromDevice, kToNic = TlpDirection::kToDevice;

INSTANTIATE_TEST_SUITE_P(
    Kinds, Starvation,
    ::testing::Values(
        // Reads and answers may not pass a posted write that waits: nothing towards the host must go on.
        Starved{kToHost, CreditKind::kPh, true, false, false, false},
        Starved{kToHost, CreditKind::kPd, true, false, false, false},
        // Posted writes and answers must pass reads that wait (P27).
        Starved{kToHost, CreditKind::kNph, true, false, true, true},
        Starved{kToHost, CreditKind::kNpd, false, true, true, true},  // a read carries no data
        Starved{kToHost, CreditKind::kCplh, true, true, true, false},
        Starved{kToHost, CreditKind::kCpld, true, true, true, false},
        // Doorbells wait, and completions behind them; what needs neither goes on.
        Starved{kToNic, CreditKind::kPh, true, false, false, false},
        Starved{kToNic, CreditKind::kPd, true, false, false, false},
        // Doorbells and completions must pass register reads that wait (P27).
        Starved{kToNic, CreditKind::kNph, true, true, true, false},
        Starved{kToNic, CreditKind::kNpd, false, true, true, true},
        // The NIC keeps room for all completions it asked for: it withholds none (P30).
        Starved{kToNic, CreditKind::kCplh, false, true, true, true},
        Starved{kToNic, CreditKind::kCpld, false, true, true, true}),
    ::testing::PrintToStringParamName());

}  // namespace
}  // namespace ringside::testbench
