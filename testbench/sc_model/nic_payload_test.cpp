// The NIC on buses of every kind: payload and request sizes, tags, completion boundaries and ways to split, generations
// and widths, each with frames both ways. Its own TLPs keep the sizes in force, and use them.
#include <gtest/gtest.h>

#include <algorithm>
#include <tuple>

#include "testbench/sc_model/support/nic_pair.h"

namespace ringside::testbench {
namespace {

using namespace sc_model;

struct Bus {
  uint32_t mps, mrrs, rcb;
  CompletionSplit split;
  unsigned generation, lanes;
};
void PrintTo(const Bus& b, std::ostream* out) {  // for test names
  *out << "Mps" << b.mps << "Mrrs" << b.mrrs << "Rcb" << b.rcb << "Gen" << b.generation << "x" << b.lanes;
}

class Sizes : public Observer {
 public:
  void on_tlp(const TlpEvent& e) override {
    const Tlp& tlp = *e.tlp;
    if (e.direction == TlpDirection::kFromDevice && tlp.kind() == TlpKind::kMWr)
      write = std::max(write, tlp.payload_bytes);
    if (e.direction == TlpDirection::kFromDevice && tlp.kind() == TlpKind::kMRd) {
      read = std::max(read, tlp.length_dw() * 4);
      tag = std::max<unsigned>(tag, tlp.tag());
    }
    if (e.direction == TlpDirection::kToDevice && tlp.is_completion()) {
      completion = std::max(completion, tlp.payload_bytes);
      ++completions;
    }
  }
  uint32_t write = 0, read = 0, completion = 0, completions = 0;
  unsigned tag = 0;
};

// The same frames from each end to the other, all at once; each must come as it was sent.
void frames_both_ways(NicPair::Script& s, size_t payload, unsigned frames) {
  const auto back = [&](unsigned i) {
    Bytes frame = flow_frame(1000, payload, i);
    std::swap(frame[5], frame[11]);
    return frame;
  };
  for (unsigned i = 0; i < frames; ++i) s.send(flow_frame(1000, payload, i), {}, i % 2 ? 4096 : 700);
  s.on_peer([&](NicEnd& peer) {
    for (unsigned i = 0; i < frames; ++i) ASSERT_EQ(peer.send(back(i)), stack::TxResult::kSent);
    peer.driver.flush();
  });
  ASSERT_TRUE(s.wait_until([&] { return s.end(0).received.size() == frames && s.end(1).received.size() == frames; }))
      << s.drops();
  for (unsigned i = 0; i < frames; ++i) {
    EXPECT_EQ(s.end(1).received[i].bytes, flow_frame(1000, payload, i)) << i;
    EXPECT_EQ(s.end(0).received[i].bytes, back(i)) << i;
  }
}

class BusSizes : public ::testing::TestWithParam<Bus> {};

TEST_P(BusSizes, FramesBothWays) {
  const Bus bus = GetParam();
  NicPairOptions options;
  options.tweak = [bus](HostProfile& p) {
    p.mps_bytes = bus.mps;
    p.mrrs_bytes = bus.mrrs;
    p.rcb_bytes = bus.rcb;
    p.split = bus.split;
    p.generation = bus.generation;
    p.lanes = bus.lanes;
    p.relaxed_ordering = true;  // allowed, not obliged: the NIC marks nothing
  };
  if (bus.mrrs > 512)
    for (driver::NicConfig& nic : options.nic) nic.mtu_bytes = 9000;
  const size_t payload = bus.mrrs > 512 ? 8900 : 1400;
  NicPair pair(options);
  Sizes sizes;
  pair.end(0).machine.observers().add(&sizes);
  uint32_t offered = 0;
  pair.run([&](NicPair::Script& s) {
    SimPlatform& platform = s.end(0).machine.platform();
    driver::PciFunction* nic = platform.find_function(driver::regs::kVendorId, driver::regs::kDeviceId, 0);
    const auto capabilities = static_cast<uint16_t>(platform.settings().pcie_capability + 4);
    offered = 128u << (nic->config_read(capabilities, 4) & 7);
    frames_both_ways(s, payload, 40);
  });
  const uint32_t mps = pair.end(0).machine.platform().settings().mps_bytes;
  EXPECT_EQ(mps, std::min(bus.mps, offered));
  EXPECT_EQ(sizes.write, mps);
  EXPECT_LE(sizes.read, bus.mrrs);
  EXPECT_GE(sizes.read, std::min(bus.mrrs, bus.mrrs > 512 ? 4096u : 512u));
  EXPECT_LE(sizes.completion, mps);
  if (bus.split == CompletionSplit::kEveryRcb) {
    EXPECT_LE(sizes.completion, bus.rcb);
  }
}

constexpr CompletionSplit kNone = CompletionSplit::kNone, kEvery = CompletionSplit::kEveryRcb,
                          kRandom = CompletionSplit::kRandom;

INSTANTIATE_TEST_SUITE_P(Kinds, BusSizes,
                         ::testing::Values(Bus{128, 128, 64, kEvery, 1, 1}, Bus{128, 512, 128, kEvery, 2, 4},
                                           Bus{256, 512, 64, kRandom, 3, 8}, Bus{512, 512, 128, kNone, 4, 16},
                                           Bus{512, 256, 64, kNone, 3, 12}, Bus{1024, 512, 128, kRandom, 4, 2},
                                           Bus{512, 4096, 64, kNone, 1, 16}),
                         ::testing::PrintToStringParamName());

// All sizes that the standard has for this function, with the longest frames there are: a request or a write is as
// large as it may be, and all tags are used that may be.
class BusSweep : public ::testing::TestWithParam<std::tuple<uint32_t, uint32_t, bool>> {};

TEST_P(BusSweep, LongestFramesBothWays) {
  const auto [mps, mrrs, extended_tags] = GetParam();
  NicPairOptions options;
  options.tweak = [mps = mps, mrrs = mrrs, extended_tags = extended_tags](HostProfile& p) {
    p.mps_bytes = mps;
    p.mrrs_bytes = mrrs;
    p.extended_tags = extended_tags;
    p.split = kRandom;
    p.read_jitter_ns = 300;
    p.lanes = 16;
  };
  for (driver::NicConfig& nic : options.nic) nic.mtu_bytes = 9000;
  NicPair pair(options);
  Sizes sizes;
  pair.end(0).machine.observers().add(&sizes);
  pair.run([&](NicPair::Script& s) { frames_both_ways(s, 8960, 12); });  // 9014 octets
  EXPECT_EQ(sizes.write, mps);
  EXPECT_EQ(sizes.read, mrrs);
  EXPECT_LE(sizes.completion, mps);
  if (mrrs == 128) {  // 71 requests a frame
    EXPECT_EQ(sizes.tag, extended_tags ? 63u : 31u);
  } else if (!extended_tags) {
    EXPECT_LE(sizes.tag, 31u);
  }
}

INSTANTIATE_TEST_SUITE_P(All, BusSweep,
                         ::testing::Combine(::testing::Values(128u, 256u, 512u, 1024u),
                                            ::testing::Values(128u, 256u, 512u, 1024u, 2048u, 4096u),
                                            ::testing::Bool()),
                         [](const auto& test) {
                           return "Mps" + std::to_string(std::get<0>(test.param)) + "Mrrs" +
                                  std::to_string(std::get<1>(test.param)) +
                                  (std::get<2>(test.param) ? "ExtendedTags" : "");
                         });

}  // namespace
}  // namespace ringside::testbench
