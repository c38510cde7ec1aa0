// Root complex: DMA reads and how their completions are cut and reordered, writes and when they become visible, what
// passes what, errors, messages, and the CPU's own requests.
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "testbench/sc_model/support/root_rig.h"

namespace ringside::testbench {
namespace {

using namespace sc_model;

struct Target {
  uint8_t* cpu;
  uint64_t bus;
};

Target coherent_page(RootRig& rig) {
  uint8_t* cpu = rig.memory.allocate(kPageBytes);
  std::iota(cpu, cpu + kPageBytes, uint8_t{0});
  for (size_t i = 256; i < kPageBytes; ++i) cpu[i] = static_cast<uint8_t>(i * 7);
  return {cpu, rig.iommu.map(cpu, kPageBytes, DmaAccess::kCoherent)};
}

HostProfile profile_with(CompletionSplit split, uint32_t rcb = 64) {
  HostProfile profile = host_profile("server");
  profile.split = split;
  profile.rcb_bytes = rcb;
  return profile;
}

// Puts a request's completions together and checks Byte Count, Lower Address and boundaries on the way.
std::vector<uint8_t> gather(const std::deque<TlpPtr>& completions, unsigned tag, uint64_t address, uint32_t bytes,
                            uint32_t rcb, uint32_t mps) {
  std::vector<uint8_t> data;
  for (const TlpPtr& c : completions) {
    if (c->tag() != tag) continue;
    const uint32_t left = bytes - static_cast<uint32_t>(data.size());
    EXPECT_EQ(c->byte_count(), left);
    EXPECT_EQ(c->lower_address(), (address + data.size()) & 0x7F);
    EXPECT_LE(c->payload_bytes, mps);
    const uint32_t skip = c->lower_address() & 3;
    const uint32_t got = std::min(c->payload_bytes - skip, left);
    data.insert(data.end(), c->payload + skip, c->payload + skip + got);
    if (data.size() < bytes) {
      EXPECT_EQ((address + data.size()) % rcb, 0u) << "cut off the boundary";
    }
  }
  return data;
}

struct SplitCase {
  const char* name;
  CompletionSplit split;
  uint32_t rcb;
};
void PrintTo(const SplitCase& c, std::ostream* out) { *out << c.name << '_' << c.rcb; }  // for test names
class ReadSplit : public ::testing::TestWithParam<SplitCase> {};

TEST_P(ReadSplit, EveryAlignmentComesBackWholeAndCutAtBoundaries) {
  const auto [name, split, rcb] = GetParam();
  RootRig rig(profile_with(split, rcb));
  const Target page = coherent_page(rig);
  struct Request { uint64_t offset; uint32_t bytes; };
  const std::vector<Request> requests = {{0, 512}, {1, 511}, {63, 2}, {64, 64}, {0x7D, 300}, {5, 1}, {0xFC0, 64}};
  for (unsigned tag = 0; tag < requests.size(); ++tag)
    rig.from_device(
        make_memory_read(rig.pool, RootRig::kNic, tag, page.bus + requests[tag].offset, requests[tag].bytes));
  rig.run_us(20);
  for (unsigned tag = 0; tag < requests.size(); ++tag) {
    const Request& r = requests[tag];
    const auto data = gather(rig.device.arrived, tag, page.bus + r.offset, r.bytes, rcb, 256);
    EXPECT_EQ(data, std::vector<uint8_t>(page.cpu + r.offset, page.cpu + r.offset + r.bytes)) << tag;
  }
  EXPECT_EQ(rig.log.count(), 0u);
  EXPECT_TRUE(rig.root.quiet());
}

INSTANTIATE_TEST_SUITE_P(Modes, ReadSplit,
                         ::testing::Values(SplitCase{"none", CompletionSplit::kNone, 64},
                                           SplitCase{"none", CompletionSplit::kNone, 128},
                                           SplitCase{"every", CompletionSplit::kEveryRcb, 64},
                                           SplitCase{"every", CompletionSplit::kEveryRcb, 128},
                                           SplitCase{"random", CompletionSplit::kRandom, 64},
                                           SplitCase{"random", CompletionSplit::kRandom, 128}),
                         ::testing::PrintToStringParamName());

struct InEffect : Observer {
  void on_dma(const DmaEvent& e) override { addresses.push_back(e.bus_address); }
  std::vector<uint64_t> addresses;
};

// Each write has its own delay; what is marked for relaxed ordering waits for nobody, all else for what came before.
TEST(RootComplexWrite, RelaxedOrderingAloneLetsWritesChangePlaces) {
  RootRig rig(make_nasty(host_profile("server")));
  InEffect seen;
  rig.observers.add(&seen);
  const Target page = coherent_page(rig);
  const auto send = [&](bool relaxed) {
    for (unsigned i = 0; i < 30; ++i) {
      TlpPtr tlp = make_memory_write(rig.pool, RootRig::kNic, page.bus + i * 64, page.cpu, 32);
      if (relaxed) tlp->set_relaxed();
      rig.from_device(std::move(tlp));
    }
    rig.run_us(20);
  };
  send(false);
  EXPECT_EQ(seen.addresses.size(), 30u);
  EXPECT_TRUE(std::is_sorted(seen.addresses.begin(), seen.addresses.end()));
  seen.addresses.clear();
  send(true);
  EXPECT_EQ(seen.addresses.size(), 30u);
  EXPECT_FALSE(std::is_sorted(seen.addresses.begin(), seen.addresses.end()));
}

// A plain write behind a relaxed one must still wait for all plain ones before it.
TEST(RootComplexWrite, ARelaxedWriteInBetweenFreesNoOther) {
  RootRig rig(make_nasty(host_profile("server")));
  InEffect seen;
  rig.observers.add(&seen);
  const Target page = coherent_page(rig);
  for (unsigned i = 0; i < 40; ++i) {
    TlpPtr tlp = make_memory_write(rig.pool, RootRig::kNic, page.bus + i * 64, page.cpu, 32);
    if (i % 2 == 1) tlp->set_relaxed();
    rig.from_device(std::move(tlp));
  }
  rig.run_us(20);
  std::vector<uint64_t> plain;
  for (const uint64_t address : seen.addresses)
    if ((address - page.bus) / 64 % 2 == 0) plain.push_back(address);
  EXPECT_EQ(plain.size(), 20u);
  EXPECT_TRUE(std::is_sorted(plain.begin(), plain.end()));
}

TEST(RootComplexRead, EveryRcbCutsAtEveryBoundary) {
  RootRig rig(profile_with(CompletionSplit::kEveryRcb));
  const Target page = coherent_page(rig);
  rig.from_device(make_memory_read(rig.pool, RootRig::kNic, 0, page.bus + 32, 512));
  rig.run_us(10);
  EXPECT_EQ(rig.device.arrived.size(), 9u);
}

TEST(RootComplexRead, JitterReordersTagsButNotTheCompletionsOfOne) {
  HostProfile profile = make_nasty(host_profile("server"));
  RootRig rig(profile);
  const Target page = coherent_page(rig);
  for (unsigned tag = 0; tag < 16; ++tag)
    rig.from_device(make_memory_read(rig.pool, RootRig::kNic, tag, page.bus + tag * 256, 256));
  rig.run_us(20);
  std::vector<unsigned> order;
  for (const TlpPtr& c : rig.device.arrived)
    if (order.empty() || order.back() != c->tag()) order.push_back(c->tag());
  EXPECT_FALSE(std::is_sorted(order.begin(), order.end()));
  for (unsigned tag = 0; tag < 16; ++tag)
    EXPECT_EQ(gather(rig.device.arrived, tag, page.bus + tag * 256, 256, 64, 256).size(), 256u);
}

TEST(RootComplexRead, PiecesOfDifferentTagsMixButThoseOfOneStayInOrder) {
  HostProfile profile = profile_with(CompletionSplit::kEveryRcb);
  profile.completion_gap_ns = 200;
  RootRig rig(profile);
  const Target page = coherent_page(rig);
  for (unsigned tag = 0; tag < 4; ++tag)
    rig.from_device(make_memory_read(rig.pool, RootRig::kNic, tag, page.bus + 512 * tag, 512));
  rig.run_us(20);
  unsigned changes = 0;
  for (size_t i = 1; i < rig.device.arrived.size(); ++i)
    changes += rig.device.arrived[i]->tag() != rig.device.arrived[i - 1]->tag();
  EXPECT_EQ(rig.device.arrived.size(), 32u);
  EXPECT_GT(changes, 8u);
  for (unsigned tag = 0; tag < 4; ++tag)
    EXPECT_EQ(gather(rig.device.arrived, tag, page.bus + 512 * tag, 512, 64, 256),
              std::vector<uint8_t>(page.cpu + 512 * tag, page.cpu + 512 * (tag + 1)));
  EXPECT_TRUE(rig.root.quiet());
}

TEST(RootComplexRequests, ATagThatTimedOutRestsSoThatALateAnswerMeetsNobody) {
  RootRig rig(host_profile("server"));
  std::vector<uint64_t> values;
  const auto keep = [&](const RequestResult& r) { values.push_back(r.value); };
  rig.root.read(0, 0xE000'0000, 4, keep);
  rig.run_us(10'100);
  const TlpPtr first = std::move(rig.device.arrived.front());
  for (unsigned i = 0; i < RootComplex::kTags - 1; ++i) rig.root.read(sim_now_ps(), 0xE000'0000, 4, keep);
  rig.run_us(10);
  EXPECT_EQ(rig.device.arrived.size(), RootComplex::kTags);
  TlpPtr late = make_completion_data(rig.pool, RootRig::kNic, *first, 0xE000'0000, 4, 4);
  rig.from_device(std::move(late));
  rig.run_us(10);
  EXPECT_EQ(values, std::vector<uint64_t>{~uint64_t{0}});
  EXPECT_EQ(rig.root.counters().unexpected_completions, 1u);
}

TEST(RootComplexRead, ZeroLengthReadIsAFlushWithOneDw) {
  RootRig rig(host_profile("server"));
  const Target page = coherent_page(rig);
  rig.from_device(make_memory_read(rig.pool, RootRig::kNic, 4, page.bus, 0));
  rig.run_us(10);
  ASSERT_EQ(rig.device.arrived.size(), 1u);
  EXPECT_EQ(rig.device.arrived[0]->byte_count(), 1u);
  EXPECT_EQ(rig.device.arrived[0]->length_dw(), 1u);
}

TEST(RootComplexRead, UnmappedIsUrAndTheDevicesFault) {
  RootRig rig(host_profile("server"));
  rig.from_device(make_memory_read(rig.pool, RootRig::kNic, 9, 0x1234'5678, 64));
  rig.run_us(10);
  ASSERT_EQ(rig.device.arrived.size(), 1u);
  EXPECT_EQ(rig.device.arrived[0]->status(), CplStatus::kUnsupportedRequest);
  EXPECT_EQ(rig.device.arrived[0]->tag(), 9u);
  ASSERT_EQ(rig.log.count(), 1u);
  EXPECT_EQ(rig.log.kept()[0].rule, "D3");
  EXPECT_EQ(rig.root.counters().unsupported, 1u);
}

TEST(RootComplexRead, LatencyIsLinkPlusRootPlusMemory) {
  HostProfile profile = host_profile("server");
  RootRig rig(profile);
  const Target page = coherent_page(rig);
  rig.from_device(make_memory_read(rig.pool, RootRig::kNic, 0, page.bus, 64));
  rig.run_us(10);
  const LinkRate rate(profile.generation, profile.lanes);
  const uint64_t header = page.bus >> 32 != 0 ? 16 : 12;
  const TimePs fixed = (2 * profile.link_latency_ns + profile.root_latency_ns + profile.memory_read_ns) * kPsPerNs;
  EXPECT_EQ(rig.device.arrived.at(0)->ready_ps,
            fixed + rate.serialize_ps(header + 12) + rate.serialize_ps(12 + 64 + 12));
}

TEST(RootComplexWrite, ByteEnablesAreObeyedWithHolesToo) {
  RootRig rig(host_profile("server"));
  const Target page = coherent_page(rig);
  std::fill(page.cpu, page.cpu + 16, uint8_t{0xEE});
  const uint8_t data[8] = {1, 2, 3, 4, 5, 6, 7, 8};
  TlpPtr holes = make_memory_write(rig.pool, RootRig::kNic, page.bus, data, 8);
  holes->dw[1] = (holes->dw[1] & ~0xFFu) | 0xA5;  // First BE 5: bytes 0 and 2, Last BE A: bytes 5 and 7
  rig.from_device(std::move(holes));
  rig.run_us(10);
  const std::vector<uint8_t> want = {1, 0xEE, 3, 0xEE, 0xEE, 6, 0xEE, 8, 0xEE};
  EXPECT_EQ(std::vector<uint8_t>(page.cpu, page.cpu + 9), want);
}

TEST(RootComplexWrite, OutsideTheMapIsDroppedAndD4) {
  RootRig rig(host_profile("server"));
  const Target page = coherent_page(rig);
  uint8_t* buffer = rig.memory.allocate(kPageBytes);
  const uint64_t bus = rig.iommu.map(buffer, 100, DmaAccess::kDeviceWrites);
  const std::vector<uint8_t> ones(104, 1);
  rig.from_device(make_memory_write(rig.pool, RootRig::kNic, bus, ones.data(), 104));
  rig.run_us(10);
  EXPECT_EQ(buffer[0], 0);
  ASSERT_EQ(rig.log.count(), 1u);
  EXPECT_EQ(rig.log.kept()[0].rule, "D4");
  (void)page;
}

// Late writes keep their order; a read behind them sees them; so does the message that announces them.
TEST(RootComplexOrder, WritesReadsAndMessagesStayBehindEarlierWrites) {
  HostProfile profile = host_profile("server");
  profile.write_jitter_ns = 5000;
  profile.memory_read_ns = 0;
  RootRig rig(profile);
  const Target page = coherent_page(rig);
  std::memset(page.cpu, 0, 4);
  std::vector<uint32_t> seen;
  const auto message = rig.interrupts.request([&] {
    uint32_t value;
    std::memcpy(&value, page.cpu, 4);
    seen.push_back(value);
  });
  for (uint32_t i = 1; i <= 20; ++i) {
    rig.from_device(make_memory_write(rig.pool, RootRig::kNic, page.bus, &i, 4));
    rig.from_device(make_memory_read(rig.pool, RootRig::kNic, i, page.bus, 4));
    rig.from_device(make_memory_write(rig.pool, RootRig::kNic, message.address, &message.data, 4));
  }
  rig.run_us(1000);
  ASSERT_EQ(rig.device.arrived.size(), 20u);
  for (const TlpPtr& c : rig.device.arrived) {
    uint32_t value;
    std::memcpy(&value, c->payload, 4);
    EXPECT_GE(value, c->tag());
  }
  EXPECT_EQ(rig.events.interrupts.size(), 20u);
  EXPECT_FALSE(seen.empty());
  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
  EXPECT_EQ(seen.back(), 20u);
}

TEST(RootComplexOrder, CompletionsToTheCpuStayBehindEarlierWrites) {
  HostProfile profile = host_profile("server");
  profile.write_jitter_ns = 5000;
  RootRig rig(profile);
  const Target page = coherent_page(rig);
  uint32_t at_answer = 0;
  rig.root.read(0, 0xE000'0000, 4, [&](const RequestResult& r) {
    std::memcpy(&at_answer, page.cpu, 4);
    EXPECT_EQ(r.value, 0x0D0C0B0Au);
  });
  rig.run_us(5);
  ASSERT_EQ(rig.device.arrived.size(), 1u);
  const uint32_t value = 0x600D;
  rig.from_device(make_memory_write(rig.pool, RootRig::kNic, page.bus, &value, 4));
  TlpPtr reply = make_completion_data(rig.pool, RootRig::kNic, *rig.device.arrived[0], 0xE000'0000, 4, 4);
  for (int i = 0; i < 4; ++i) reply->payload[i] = static_cast<uint8_t>(0x0A + i);
  rig.from_device(std::move(reply));
  rig.run_us(100);
  EXPECT_EQ(at_answer, 0x600Du);
}

TEST(RootComplexRequests, StrayCompletionsAreCountedAndMissingOnesTimeOut) {
  RootRig rig(host_profile("server"));
  RequestResult result;
  rig.root.config_read(0, RootRig::kNic, 0, 4, [&](const RequestResult& r) { result = r; });
  rig.run_us(5);
  TlpPtr stray = make_completion_data(rig.pool, RootRig::kNic, *rig.device.arrived.at(0), 0, 4, 4);
  stray->set_tag(31);
  rig.from_device(std::move(stray));
  rig.run_us(20'000);
  EXPECT_EQ(rig.root.counters().unexpected_completions, 1u);
  EXPECT_EQ(rig.root.counters().timeouts, 1u);
  EXPECT_EQ(result.value, ~uint64_t{0});
}

TEST(RootComplexRequests, MoreThanTheTagsWaitTheirTurn) {
  RootRig rig(host_profile("server"));
  rig.link.device_credits(RootRig::credits({{32, 128, 64, 64, 0, 0}}), 0);
  unsigned answered = 0;
  for (unsigned i = 0; i < 40; ++i) rig.root.read(0, 0xE000'0000 + 4 * i, 4, [&](const RequestResult&) { ++answered; });
  rig.run_us(5);
  EXPECT_EQ(rig.device.arrived.size(), RootComplex::kTags);
  for (unsigned i = 0; i < 40; ++i) {
    ASSERT_LT(i, rig.device.arrived.size());
    rig.from_device(make_completion_data(rig.pool, RootRig::kNic, *rig.device.arrived[i], 0, 4, 4));
    rig.run_us(3);
  }
  EXPECT_EQ(answered, 40u);
}

// Path steps T10, R6: the number in the message finds the handler, and no other runs.
TEST(InterruptPath, TheNumberFindsItsHandler) {
  RootRig rig(host_profile("server"));
  std::vector<int> ran;
  const auto first = rig.interrupts.request([&] { ran.push_back(0); });
  const auto second = rig.interrupts.request([&] { ran.push_back(1); });
  EXPECT_NE(first.irq, second.irq);
  rig.from_device(make_memory_write(rig.pool, RootRig::kNic, second.address, &second.data, 4));
  rig.run_us(5);
  EXPECT_EQ(ran, std::vector<int>{1});
  rig.from_device(make_memory_write(rig.pool, RootRig::kNic, first.address, &first.data, 4));
  rig.run_us(5);
  EXPECT_EQ(ran, (std::vector<int>{1, 0}));
}

TEST(InterruptPath, MessagesThatFitNothingAreSpurious) {
  RootRig rig(host_profile("server"));
  bool ran = false;
  const auto message = rig.interrupts.request([&] { ran = true; });
  const uint32_t wrong = message.data + 1;
  rig.from_device(make_memory_write(rig.pool, RootRig::kNic, message.address, &wrong, 4));
  rig.from_device(make_memory_write(rig.pool, RootRig::kNic, message.address + 0x1000, &message.data, 4));
  rig.run_us(5);
  EXPECT_EQ(rig.interrupts.spurious(), 2u);
  EXPECT_FALSE(ran);
  rig.interrupts.release(message.irq);
  rig.from_device(make_memory_write(rig.pool, RootRig::kNic, message.address, &message.data, 4));
  rig.run_us(5);
  EXPECT_FALSE(ran);
}

}  // namespace
}  // namespace ringside::testbench
