// Parts of journeys, explanations and rules that can be tried without a run.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <string>
#include <vector>

#include "testbench/program/busy_timeline.h"
#include "testbench/program/explain.h"
#include "testbench/program/journey.h"
#include "testbench/program/packet_head.h"
#include "testbench/program/rules_text.h"
#include "testbench/program/scenario_reader.h"
#include "testbench/program/violation_host.h"

namespace ringside::testbench {
namespace {

using sc_model::kPsPerUs;

double sum(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

TEST(RulesText, OneRuleAFamilyOrAll) {
  EXPECT_EQ(rules_text({"d13", "I11"}),
            "  D13  No DMA and no interrupt after disable/reset is reported done\n"
            "  I11  Nothing pending after reset; nothing sent before enable\n");
  const std::string interrupts = rules_text({"i"}), all = rules_text({});
  EXPECT_EQ(std::count(interrupts.begin(), interrupts.end(), '\n'), 12);  // a head, I1 to I11
  EXPECT_NE(all.find(interrupts), std::string::npos);
  EXPECT_EQ(std::count(all.begin(), all.end(), '\n'), 6 + 120);
}

TEST(RulesText, ThereIsNoSuchRule) {
  for (const char* word : {"D99", "X", "", "13", "D13x"}) EXPECT_THROW(rules_text({word}), UsageError) << word;
}

TEST(RulesText, EachBrokenRuleIsSaidOnce) {
  Results results;
  for (const char* rule : {"P4", "D13", "P4"}) {
    results.violations.emplace_back();
    results.violations.back().rule = rule;
  }
  EXPECT_EQ(words_of_broken_rules(results),
            (std::vector<std::string>{"P4 asks: Memory-write payload <= Max_Payload_Size in force",
                                      "D13 asks: No DMA and no interrupt after disable/reset is reported done"}));
}

TEST(ViolationHost, IsTheOneWhoseNameWithItsDotBeginsTheObjectOrWhoSends) {
  const std::array<std::string, 2> hosts = {"h", "h1"};
  EXPECT_EQ(host_of_violation("h.nic tag 3", hosts), 0u);
  EXPECT_EQ(host_of_violation("h1.driver queue 7 TX index 5", hosts), 1u);
  EXPECT_EQ(host_of_violation("wire port 1", hosts), 1u);
  EXPECT_EQ(host_of_violation("h10.nic", hosts), std::nullopt);
  EXPECT_EQ(host_of_violation("wire", hosts), std::nullopt);
}

Explanation explanation_of(uint64_t bytes_there, uint64_t bytes_back, const std::string& wait) {
  Explanation e;
  for (const uint64_t bytes : {bytes_there, bytes_back})
    e.directions.push_back({"", "", bytes, 0, 1, 100, {{bytes == bytes_there ? "CPU there" : "CPU back", 200, ""}}});
  e.waits = {{wait, 0.75}};
  return e;
}

TEST(ExplainLine, IsOfTheDirectionWithMostBytes) {
  EXPECT_EQ(explain_line(explanation_of(2, 1, "wire")),
            "CPU there: at most 200 Mb/s, 50 % of that reached; 75 % of the time waited for wire");
  EXPECT_EQ(explain_line(explanation_of(0, 1, "wire")).rfind("CPU back: ", 0), 0u);
}
TEST(ExplainLine, NamesNoLimitWhereNothingArrivedOrNothingWasUnderWay) {
  EXPECT_EQ(explain_line(explanation_of(0, 0, "wire")), "nothing arrived; 75 % of the time waited for wire");
  EXPECT_EQ(explain_line(explanation_of(2, 1, kNothingUnderWay)),
            std::string(kNothingUnderWay) + ": 75 % of the time; the tightest limit is CPU there, at most 200 Mb/s");
  EXPECT_EQ(explain_line({}), "nothing was sent");
}

TEST(BusyTimeline, EachSlotIsPutDownToTheWorkerThatWorksMostElseToAStateElseToNothing) {
  BusyTimeline timeline(2);
  timeline.busy(0, 0, 30 * kPsPerUs);
  timeline.busy(1, 20 * kPsPerUs, 70 * kPsPerUs);  // works most of all: the overlap is its
  timeline.busy(2, 60 * kPsPerUs, 80 * kPsPerUs);  // a state counts only where nobody works
  const std::vector<double> shares = timeline.blame(0, 100 * kPsPerUs);
  EXPECT_NEAR(shares[0], 0.2, 1e-9);
  EXPECT_NEAR(shares[1], 0.5, 1e-9);
  EXPECT_NEAR(shares[2], 0.1, 1e-9);
  EXPECT_NEAR(shares.back(), 0.2, 1e-9);
  EXPECT_NEAR(sum(shares), 1, 1e-12);
}

TEST(BusyTimeline, StaysBoundedAndKeepsWhatItKnew) {
  BusyTimeline timeline(1);
  constexpr sc_model::TimePs kSecond = 1'000'000 * kPsPerUs;
  timeline.busy(0, 0, kSecond);
  timeline.busy(0, 99 * kSecond, 100 * kSecond);
  EXPECT_LE(100 * kSecond / timeline.slot_ps(), BusyTimeline::kMostSlots);
  EXPECT_NEAR(timeline.share(0, 0, 100 * kSecond), 0.02, 1e-4);
  EXPECT_NEAR(sum(timeline.blame(0, 100 * kSecond)), 1, 1e-9);
}

TEST(BusyTimeline, BeyondWhatWasToldNothingHappened) {
  BusyTimeline timeline(1);
  timeline.busy(0, 0, kPsPerUs);
  EXPECT_NEAR(timeline.blame(kPsPerUs, 2 * kPsPerUs).back(), 1, 1e-12);
}

// Ethernet, IPv4 (identification 7), TCP 1000 > 2000 with a payload of this length.
std::vector<uint8_t> tcp_frame(uint32_t seq, uint16_t payload, bool tagged) {
  std::vector<uint8_t> bytes(12, 0x02);
  if (tagged) bytes.insert(bytes.end(), {0x81, 0x00, 0x00, 0x07});
  const uint16_t length = static_cast<uint16_t>(40 + payload);
  bytes.insert(bytes.end(), {0x08, 0x00, 0x45, 0, static_cast<uint8_t>(length >> 8), static_cast<uint8_t>(length), 0, 7,
                             0x40, 0, 64, 6, 0, 0});
  bytes.insert(bytes.end(), {10, 0, 0, 1, 10, 0, 0, 2, 0x03, 0xE8, 0x07, 0xD0});
  for (unsigned shift : {24u, 16u, 8u, 0u}) bytes.push_back(static_cast<uint8_t>(seq >> shift));
  bytes.insert(bytes.end(), {0, 0, 0, 9, 0x50, 0x18, 1, 0, 0, 0, 0, 0});
  bytes.resize(bytes.size() + payload, 0xAA);
  return bytes;
}

PacketHead head_of(const std::vector<uint8_t>& frame) {
  return read_head(frame.data(), std::min<uint32_t>(static_cast<uint32_t>(frame.size()), PacketHead::kLongest));
}

TEST(PacketHead, ASegmentIsKnownAgainByTheHeadTheLargePacketPredicts) {
  const PacketHead large = head_of(tcp_frame(100, 2500, false));
  EXPECT_EQ(large.payload, 2500u);
  EXPECT_EQ(large.segment(0, 1000, 2500).key, head_of(tcp_frame(100, 1000, false)).key);
  EXPECT_EQ(large.segment(2, 1000, 2500).key, head_of(tcp_frame(2100, 500, true)).key);  // the NIC put a tag in
  EXPECT_NE(large.segment(1, 1000, 2500).key, head_of(tcp_frame(1101, 1000, false)).key);
  EXPECT_NE(large.segment(1, 1000, 2500).key, head_of(tcp_frame(1100, 999, false)).key);
  EXPECT_EQ(to_string(large.segment(1, 1000, 2500)), "TCP 1000 > 2000 [ACK] seq 1100 ack 9 len 1000");
}

TEST(Journey, IsCompleteWhenItWasReadAndItsBuffersAreBack) {
  Journey journey;
  journey.head.payload = 10;
  journey.fate = Fate::kDelivered;
  journey[JourneyStep::kTaken] = 5;
  EXPECT_FALSE(journey.complete());
  journey[JourneyStep::kUser] = 6;
  EXPECT_FALSE(journey.complete());
  journey[JourneyStep::kGivenBack] = 4;
  EXPECT_TRUE(journey.complete());
}

}  // namespace
}  // namespace ringside::testbench
