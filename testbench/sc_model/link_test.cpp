// The link: rate, credits, the ordering table and what may pass what when credits run out.
#include <gtest/gtest.h>

#include <deque>

#include "sc_model/pcie_link.h"

namespace ringside::testbench {
namespace {

using namespace sc_model;

constexpr PciId kRoot = PciId::of(0, 0, 0);
constexpr PciId kNic = PciId::of(1, 0, 0);

TEST(LinkRate, FollowsGenerationAndLanes) {
  EXPECT_NEAR(LinkRate(1, 1).gigabits_per_s(), 2.0, 0.001);
  EXPECT_NEAR(LinkRate(2, 4).gigabits_per_s(), 16.0, 0.001);
  EXPECT_NEAR(LinkRate(3, 8).gigabits_per_s(), 63.01, 0.01);
  EXPECT_NEAR(LinkRate(3, 16).gigabits_per_s(), 126.03, 0.02);
  EXPECT_NEAR(LinkRate(4, 16).gigabits_per_s(), 252.06, 0.04);
  EXPECT_EQ(LinkRate(1, 1).serialize_ps(100), 400'000u);
  EXPECT_THROW(LinkRate(5, 1), std::invalid_argument);
  EXPECT_THROW(LinkRate(0, 1), std::invalid_argument);
  EXPECT_THROW(LinkRate(3, 3), std::invalid_argument);
}

TlpPtr posted(TlpPool& pool, uint32_t bytes = 4) {
  const std::vector<uint8_t> data(bytes, 1);
  return make_memory_write(pool, kRoot, 0x1000, data.data(), bytes);
}
TlpPtr non_posted(TlpPool& pool) { return make_memory_read(pool, kRoot, 0, 0x1000, 4); }
TlpPtr completion(TlpPool& pool, uint32_t bytes = 4) {
  const TlpPtr request = make_memory_read(pool, kNic, 0, 0x1000, bytes);
  return make_completion_data(pool, kRoot, *request, 0x1000, bytes, bytes);
}

CreditLedger ledger(std::array<uint16_t, 6> limits) {
  CreditLedger credits;
  CreditCounts counts;
  counts.of = limits;
  credits.set_limit(counts);
  return credits;
}

TEST(Credits, AreCountedInUnitsOf16BytesRoundedUp) {
  TlpPool pool;
  CreditCounts counts;
  counts.add(*posted(pool, 16));
  counts.add(*posted(pool, 20));
  counts.add(*non_posted(pool));
  EXPECT_EQ(counts[CreditKind::kPh], 2);
  EXPECT_EQ(counts[CreditKind::kPd], 3);
  EXPECT_EQ(counts[CreditKind::kNph], 1);
  EXPECT_EQ(counts[CreditKind::kNpd], 0);
}

TEST(Credits, GoOnWorkingWhenTheCountersWrap) {
  TlpPool pool;
  CreditLedger credits;
  CreditCounts limit;
  limit.of = {4, 16, 4, 16, 4, 16};
  for (unsigned sent = 0; sent < 5000; ++sent) {
    credits.set_limit(limit);
    const TlpPtr tlp = posted(pool, 64);
    ASSERT_TRUE(credits.allows(*tlp)) << sent;
    credits.consume(*tlp);
    limit.add(*tlp);
  }
  for (unsigned i = 0; i < 3; ++i) {  // three were given but not taken yet, and the header of one more
    ASSERT_TRUE(credits.allows(*posted(pool, 4)));
    credits.consume(*posted(pool, 4));
  }
  EXPECT_FALSE(credits.allows(*posted(pool, 4)));
}

// One credit kind at a time is starved: exactly its class stops.
TEST(Credits, EachKindStopsItsOwnClass) {
  TlpPool pool;
  for (unsigned starved = 0; starved < kCreditKinds; ++starved) {
    if (starved == static_cast<unsigned>(CreditKind::kNpd)) continue;  // below
    std::array<uint16_t, 6> limits{{8, 8, 8, 8, 8, 8}};
    limits[starved] = 0;
    const CreditLedger credits = ledger(limits);
    EXPECT_EQ(credits.allows(*posted(pool)), starved > 1) << starved;
    EXPECT_EQ(credits.allows(*non_posted(pool)), starved != 2) << starved;
    EXPECT_EQ(credits.allows(*completion(pool)), starved < 4) << starved;
  }
  const CreditLedger no_npd = ledger({{8, 8, 8, 0, 8, 8}});
  EXPECT_TRUE(no_npd.allows(*non_posted(pool)));  // a read carries no data
  EXPECT_FALSE(no_npd.allows(*make_config_write(pool, kRoot, 0, kNic, 4, 4, 0)));
}

TlpClass pop_class(OrderingQueue& queue, CreditLedger& credits) { return queue.pop(credits)->tlp_class(); }

TEST(Ordering, WithCreditsForAllTheOldestGoesFirst) {
  TlpPool pool;
  OrderingQueue queue;
  CreditLedger credits = ledger({{8, 8, 8, 8, 8, 8}});
  queue.push(completion(pool));
  queue.push(posted(pool));
  queue.push(non_posted(pool));
  EXPECT_EQ(pop_class(queue, credits), TlpClass::kCompletion);
  EXPECT_EQ(pop_class(queue, credits), TlpClass::kPosted);
  EXPECT_EQ(pop_class(queue, credits), TlpClass::kNonPosted);
  EXPECT_TRUE(queue.empty());
}

TEST(Ordering, PostedAndCompletionsPassBlockedNonPosted) {
  TlpPool pool;
  OrderingQueue queue;
  CreditLedger credits = ledger({{8, 8, 0, 0, 8, 8}});
  queue.push(non_posted(pool));
  queue.push(posted(pool));
  queue.push(completion(pool));
  EXPECT_EQ(pop_class(queue, credits), TlpClass::kPosted);
  EXPECT_EQ(pop_class(queue, credits), TlpClass::kCompletion);
  EXPECT_EQ(queue.pop(credits), nullptr);
  EXPECT_EQ(queue.size(TlpClass::kNonPosted), 1u);
}

TEST(Ordering, NothingPassesABlockedPosted) {
  TlpPool pool;
  OrderingQueue queue;
  CreditLedger credits = ledger({{0, 0, 8, 8, 8, 8}});
  queue.push(posted(pool));
  queue.push(non_posted(pool));
  queue.push(completion(pool));
  EXPECT_EQ(queue.pop(credits), nullptr);
  EXPECT_EQ(queue.size(), 3u);
}

TEST(Ordering, PostedAndNonPostedPassABlockedCompletion) {
  TlpPool pool;
  OrderingQueue queue;
  CreditLedger credits = ledger({{8, 8, 8, 8, 0, 0}});
  queue.push(completion(pool));
  queue.push(non_posted(pool));
  queue.push(posted(pool));
  EXPECT_EQ(pop_class(queue, credits), TlpClass::kNonPosted);
  EXPECT_EQ(pop_class(queue, credits), TlpClass::kPosted);
}

TlpPtr relaxed(TlpPtr tlp) {
  tlp->set_relaxed();
  return tlp;
}

TEST(Ordering, RelaxedCompletionsPassABlockedPostedReadsDoNot) {
  TlpPool pool;
  OrderingQueue queue;
  CreditLedger credits = ledger({{0, 0, 8, 8, 8, 8}});
  queue.push(posted(pool));
  queue.push(relaxed(non_posted(pool)));
  queue.push(completion(pool));
  EXPECT_EQ(queue.pop(credits), nullptr);
  queue.push(relaxed(completion(pool)));
  EXPECT_EQ(queue.pop(credits), nullptr);  // behind another completion
  OrderingQueue other;
  other.push(posted(pool));
  other.push(relaxed(completion(pool)));
  EXPECT_EQ(pop_class(other, credits), TlpClass::kCompletion);
  EXPECT_EQ(other.size(TlpClass::kPosted), 1u);
}

TEST(Ordering, ARelaxedWritePassesOneThatWaitsForDataCredits) {
  TlpPool pool;
  OrderingQueue queue;
  CreditLedger credits = ledger({{8, 4, 8, 8, 8, 8}});
  queue.push(posted(pool, 256));
  queue.push(posted(pool, 8));
  queue.push(relaxed(posted(pool, 32)));
  TlpPtr first = queue.pop(credits);
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(first->payload_bytes, 32u);
  EXPECT_EQ(queue.pop(credits), nullptr);  // a plain one does not pass
}

// ---------------------------------------------------------------- the link in time

struct FakeDevice : DeviceEnd {
  void deliver(TlpPtr tlp) override { arrived.push_back(std::move(tlp)); }
  void credit_limit(TimePs when, const CreditCounts& limit) override { limits.emplace_back(when, limit); }
  std::deque<TlpPtr> arrived;
  std::vector<std::pair<TimePs, CreditCounts>> limits;
};

struct FakeRoot : RootEnd {
  void receive(TlpPtr tlp) override { arrived.emplace_back(sim_now_ps(), std::move(tlp)); }
  std::vector<std::pair<TimePs, TlpPtr>> arrived;
};

// Payload of 256 bytes in 24 bytes of header, framing and DLLP share, at 10 bits a byte or 130 for 16 of them.
TEST(LinkRate, EveryGenerationAndWidthCarriesWhatFramingAndCodingLeave) {
  constexpr double kGigatransfers[] = {2.5, 5, 8, 16};
  constexpr unsigned kTlps = 50;
  for (unsigned generation = 1; generation <= 4; ++generation) {
    for (const unsigned lanes : {1u, 2u, 4u, 8u, 12u, 16u}) {
      TlpPool pool;
      Scheduler scheduler(sc_core::sc_gen_unique_name("scheduler"));
      FakeDevice device;
      FakeRoot root;
      CreditCounts plenty;
      plenty.of = {100, 2000, 8, 8, 8, 8};
      PcieLink link(scheduler, LinkRate(generation, lanes), 100 * kPsPerNs, plenty);
      link.connect(&root, &device);
      for (unsigned i = 0; i < kTlps; ++i) link.from_device(posted(pool, 256), 0);
      const double bits = (256 + 12 + 12) * (generation < 3 ? 10.0 : 8.0 * 130 / 128);
      const double expected_ps = kTlps * bits * 1000 / (kGigatransfers[generation - 1] * lanes);
      EXPECT_NEAR(static_cast<double>(link.to_root().busy_ps), expected_ps, expected_ps * 1e-3)
          << "generation " << generation << " x" << lanes;
      EXPECT_EQ(link.to_root().payload_bytes, kTlps * 256u);
    }
  }
}

class LinkInTime : public ::testing::Test {
 protected:
  LinkInTime() { link.connect(&root, &device); }
  static CreditCounts counts(std::array<uint16_t, 6> of) {
    CreditCounts c;
    c.of = of;
    return c;
  }
  TlpPool pool;
  Scheduler scheduler{"scheduler"};
  FakeDevice device;
  FakeRoot root;
  PcieLink link{scheduler, LinkRate(1, 1), 100 * kPsPerNs, counts({{8, 32, 8, 8, 8, 32}})};
};

TEST_F(LinkInTime, NothingLeavesBeforeTheDeviceHasGivenCredits) {
  link.send(posted(pool));
  sc_core::sc_start(to_sc_time(kPsPerUs));
  EXPECT_TRUE(device.arrived.empty());
  link.device_credits(counts({{1, 1, 1, 1, 0, 0}}), sim_now_ps());
  sc_core::sc_start(to_sc_time(kPsPerUs));
  ASSERT_EQ(device.arrived.size(), 1u);
  // Credits travel 100 ns; 12 + 4 bytes and 12 of framing take 28 * 4 ns at Gen1 x1; then 100 ns to arrive.
  EXPECT_EQ(device.arrived[0]->ready_ps, kPsPerUs + (100 + 112 + 100) * kPsPerNs);
}

TEST_F(LinkInTime, TlpsFollowEachOtherAtTheRateOfTheLink) {
  link.device_credits(counts({{8, 32, 8, 8, 0, 0}}), 0);
  sc_core::sc_start(to_sc_time(kPsPerUs));
  for (int i = 0; i < 3; ++i) link.send(posted(pool, 64));
  sc_core::sc_start(to_sc_time(2 * kPsPerUs));
  ASSERT_EQ(device.arrived.size(), 3u);
  const TimePs one = (12 + 64 + 12) * 4 * kPsPerNs;
  EXPECT_EQ(device.arrived[1]->ready_ps - device.arrived[0]->ready_ps, one);
  EXPECT_EQ(device.arrived[2]->ready_ps - device.arrived[1]->ready_ps, one);
  EXPECT_EQ(link.to_device().busy_ps, 3 * one);
}

TEST_F(LinkInTime, TheDeviceLearnsCreditsWhenTheRootHasConsumed) {
  ASSERT_EQ(device.limits.size(), 1u);  // InitFC
  EXPECT_EQ(device.limits[0].second[CreditKind::kPd], 32);
  TlpPtr tlp = posted(pool, 64);
  link.consumed(*tlp);
  ASSERT_EQ(device.limits.size(), 2u);
  EXPECT_EQ(device.limits[1].second[CreditKind::kPh], 9);
  EXPECT_EQ(device.limits[1].second[CreditKind::kPd], 36);
}

TEST_F(LinkInTime, BackPressureAppearsWhenTheTransmitBufferFills) {
  EXPECT_TRUE(link.ready_for_device(0));
  for (int i = 0; i < 20; ++i) link.from_device(posted(pool, 64), 0);
  EXPECT_FALSE(link.ready_for_device(0));
  sc_core::sc_start(to_sc_time(100 * kPsPerUs));
  EXPECT_TRUE(link.ready_for_device(sim_now_ps()));
  EXPECT_EQ(root.arrived.size(), 20u);
  EXPECT_EQ(root.arrived[0].first, ((12 + 64 + 12) * 4 + 100) * kPsPerNs);
}

TEST_F(LinkInTime, HeldCreditsStarveTheSenderUntilReleased) {
  link.hold_credits(TlpDirection::kToDevice, CreditKind::kPh, true);
  link.device_credits(counts({{8, 32, 8, 8, 0, 0}}), 0);
  link.send(posted(pool));
  sc_core::sc_start(to_sc_time(10 * kPsPerUs));
  EXPECT_TRUE(device.arrived.empty());
  link.hold_credits(TlpDirection::kToDevice, CreditKind::kPh, false);
  EXPECT_EQ(device.arrived.size(), 1u);
}

}  // namespace
}  // namespace ringside::testbench
