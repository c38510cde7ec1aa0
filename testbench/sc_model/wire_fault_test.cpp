// Faults of the wire by number and by time: what comes out, and that it is what a receiver must count.
#include <gtest/gtest.h>

#include <algorithm>

#include "sc_model/ethernet_wire.h"
#include "testbench/sc_model/support/frames.h"
#include "testbench/sc_model/support/run_log.h"

namespace ringside::testbench {
namespace {

using namespace sc_model;
using Frame = std::vector<uint8_t>;

constexpr TimePs kWord = 6400;

struct Delivered : Observer {
  void on_frame(const FrameEvent& e) override {
    if (e.stage != FrameStage::kDelivered) return;
    frames.push_back(e);
    bytes.emplace_back(e.bytes, e.bytes + e.length);
  }
  std::vector<FrameEvent> frames;
  std::vector<Frame> bytes;
};

struct Words : XgmiiSink {
  void receive(TimePs first, const XgmiiWord* words, unsigned count) override {
    for (unsigned i = 0; i < count; ++i) {
      if (words[i].idle()) continue;
      EXPECT_GE(first + i * kWord, next) << "words overlap, or go back in time";
      EXPECT_GT(first + i * kWord, sim_now_ps()) << "not in the future";
      next = first + (i + 1) * kWord;
      if (words[i].is_control(0) && words[i].octet(0) == kXgmiiSequence) fault_sets.push_back(first + i * kWord);
    }
  }
  TimePs next = 0;
  std::vector<TimePs> fault_sets;
};

class WireFault : public ::testing::Test {
 protected:
  void build(FaultKind kind, uint64_t nth, TimePs from = 0, TimePs for_ps = 0) {
    WireConfig config;
    config.delay_ps = 100 * kWord;
    FaultSpec spec;
    spec.kind = kind;
    spec.nth = nth;
    spec.from_ps = from;
    spec.for_ps = for_ps;
    config.faults[0] = {spec};
    list.add(&out);
    wire = std::make_unique<EthernetWire>("wire", config, list);
    wire->connect(1, &words);
  }
  void send(size_t length, uint8_t fill) {
    const auto w = frame_to_words(make_frame(length, fill));
    wire->sender(0).receive(next, w.data(), static_cast<unsigned>(w.size()));
    next += w.size() * kWord;
  }
  // Traffic through `us`, from time to time a frame, simulated time close behind.
  void traffic(uint64_t us, TimePs gap) {
    while (next < us * kPsPerUs) {
      send(200, static_cast<uint8_t>(++sent));
      next += gap;
      if (next > sim_now_ps() + 20 * kWord) sc_core::sc_start(to_sc_time(next - sim_now_ps() - 20 * kWord));
    }
  }
  uint64_t injected(FaultKind kind) const { return wire->injected(0).injected(kind); }

  ObserverList list;
  Delivered out;
  Words words;
  std::unique_ptr<EthernetWire> wire;
  TimePs next = 100;
  unsigned sent = 0;
};

TEST_F(WireFault, FcsErrorIsOneBitOfTheLastFourOctets) {
  build(FaultKind::kFcsError, 2);
  for (uint8_t k = 1; k <= 3; ++k) send(61 + k, k);
  ASSERT_EQ(out.frames.size(), 3u);
  EXPECT_TRUE(out.frames[0].fcs_good && out.frames[2].fcs_good);
  EXPECT_FALSE(out.frames[1].fcs_good);
  Frame good = make_frame(63, 2);
  ASSERT_EQ(out.bytes[1].size(), good.size());
  unsigned bits = 0;
  for (size_t i = 0; i < 4; ++i) bits += static_cast<unsigned>(__builtin_popcount(good[63 + i] ^ out.bytes[1][63 + i]));
  EXPECT_EQ(bits, 1u);
  EXPECT_TRUE(std::equal(good.begin(), good.end() - 4, out.bytes[1].begin()));
  EXPECT_GE(out.frames[2].gap_octets, 12u);
}

TEST_F(WireFault, ARuntIsTheFrontOfItsFrameWithAGoodFcs) {
  build(FaultKind::kRunt, 2);
  for (uint8_t k = 1; k <= 3; ++k) send(1000, k);
  ASSERT_EQ(out.frames.size(), 3u);
  EXPECT_LT(out.frames[1].length, 64u);
  EXPECT_GE(out.frames[1].length, 5u);
  EXPECT_TRUE(out.frames[1].fcs_good && out.frames[1].framed);
  EXPECT_TRUE(std::equal(out.bytes[1].begin(), out.bytes[1].end() - 4, make_frame(1000, 2).begin()));
  EXPECT_EQ(out.bytes[2], make_frame(1000, 3));
}

TEST_F(WireFault, ADamagedPreambleMakesTheFrameUnframed) {
  build(FaultKind::kPreamble, 2);
  for (uint8_t k = 1; k <= 3; ++k) send(100, k);
  ASSERT_EQ(out.frames.size(), 3u);
  EXPECT_FALSE(out.frames[1].framed);
  EXPECT_TRUE(out.frames[0].framed && out.frames[2].framed);
}

TEST_F(WireFault, LossDuplicateReorderAndCorruptionHitTheFrameThatIsNamed) {
  const std::vector<std::pair<FaultKind, std::vector<unsigned>>> cases = {{FaultKind::kFrameLoss, {1, 3}},
                                                                          {FaultKind::kFrameDuplicate, {1, 2, 2, 3}},
                                                                          {FaultKind::kFrameReorder, {1, 3, 2}},
                                                                          {FaultKind::kFrameCorrupt, {1, 2, 3}}};
  for (const auto& [kind, order] : cases) {
    build(kind, 2);
    for (uint8_t k = 1; k <= 3; ++k) send(100, k);
    std::vector<unsigned> came;
    for (const Frame& f : out.bytes) came.push_back((f[99] - 99) & 0xFF);
    EXPECT_EQ(came, order) << fault_info(kind).name;
    EXPECT_EQ(injected(kind), 1u);
    if (kind == FaultKind::kFrameCorrupt) {
      EXPECT_FALSE(out.frames[1].fcs_good);
    }
    out = {};
    words = {};
    list = {};
  }
}

TEST_F(WireFault, APauseStormComesBetweenTheFramesAndEnds) {
  build(FaultKind::kPauseStorm, 0, 20 * kPsPerUs, 20 * kPsPerUs);
  traffic(80, kWord * 3);
  unsigned pauses = 0, frames = 0;
  for (size_t i = 0; i < out.frames.size(); ++i) {
    EXPECT_TRUE(out.frames[i].fcs_good && out.frames[i].framed) << i;
    const bool pause = out.bytes[i][12] == 0x88 && out.bytes[i][13] == 0x08;
    pause ? ++pauses : ++frames;
    if (!pause) continue;
    EXPECT_EQ(out.bytes[i].size(), 64u);
    EXPECT_EQ(out.bytes[i][16], 0xFF);
    EXPECT_GE(out.frames[i].time_ps, 20 * kPsPerUs);
    EXPECT_LE(out.frames[i].time_ps, 45 * kPsPerUs);
  }
  EXPECT_EQ(pauses, 10u);
  EXPECT_EQ(frames, sent);
  EXPECT_EQ(injected(FaultKind::kPauseStorm), 1u);
}

// A NIC that sees a fault itself sends nothing but those (46.3.4): pause frames go in their place, and no word before
// the one ahead of it.
TEST_F(WireFault, APauseStormAmidOrderedSetsKeepsTheWordsInOrder) {
  build(FaultKind::kPauseStorm, 0, 20 * kPsPerUs, 20 * kPsPerUs);
  const XgmiiWord remote_fault{0x0200009C'0200009Cull, 0x11};
  while (next < 60 * kPsPerUs) {
    wire->sender(0).receive(next, &remote_fault, 1);
    next += kWord;
    if (next > sim_now_ps() + 20 * kWord) sc_core::sc_start(to_sc_time(next - sim_now_ps() - 20 * kWord));
  }
  sc_core::sc_start(to_sc_time(2 * kPsPerUs));
  EXPECT_EQ(out.frames.size(), 10u);
  EXPECT_GT(words.fault_sets.size(), 8000u);
}

TEST_F(WireFault, WithTheLinkDownThereAreFaultSetsAndNoFrames) {
  build(FaultKind::kLinkDown, 0, 20 * kPsPerUs, 20 * kPsPerUs);
  traffic(80, kWord * 3);
  sc_core::sc_start(to_sc_time(20 * kPsPerUs));
  EXPECT_GT(words.fault_sets.size(), 80u);
  for (size_t i = 1; i < words.fault_sets.size(); ++i)
    EXPECT_LT(words.fault_sets[i] - words.fault_sets[i - 1], 64 * kWord);  // 128 columns
  for (const FrameEvent& e : out.frames) {
    EXPECT_TRUE(e.framed && e.fcs_good);
    const TimePs at = e.time_ps - 100 * kWord;
    EXPECT_TRUE(at < 21 * kPsPerUs || at > 40 * kPsPerUs) << at;
  }
  EXPECT_LT(out.frames.size(), sent);
  EXPECT_EQ(out.frames.size() + wire->counters(0).lost, sent);
}

}  // namespace
}  // namespace ringside::testbench
