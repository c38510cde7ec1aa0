// A rule is broken in a run of the whole machine: one record with all that it must hold, as text and in result.json;
// the first one ends the run at its instant, or fails it at its end when it is to keep going.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "driver/nic_regs.h"
#include "testbench/program/machine.h"
#include "testbench/program/report.h"
#include "testbench/program/run.h"

namespace ringside::testbench {
namespace {

namespace regs = driver::regs;
constexpr uint64_t kBrokenAtNs = 400'000;

class BrokenRule : public ::testing::Test {
 protected:
  BrokenRule() {
    std::filesystem::create_directory(folder);
    std::ofstream(folder + "/file") << std::string(200'000, 'x');
    options.out = folder;
    options.quiet = true;
    options.capture = false;
    for (auto& application : scenario.applications)
      if (application.kind == "send_file") application.file = folder + "/file";
  }
  ~BrokenRule() override { std::filesystem::remove_all(folder); }

  // Some software on h1 rings the doorbell of a TX ring that is off (R4): no harm is done.
  Results run() {
    return run_scenario(scenario, options,
                        {[](Machine& machine) {
                           sc_model::HostMachine& host = machine.host(1).machine();
                           host.cpu().spawn("bad", [&host](sc_model::CpuThread& thread) {
                             thread.sleep_until(kBrokenAtNs * sc_model::kPsPerNs);
                             thread.enter();
                             driver::PciFunction* nic =
                                 host.platform().find_function(regs::kVendorId, regs::kDeviceId, 0);
                             nic->mmio_write32(regs::kBar, regs::TxProdIdx::address(7), 5);
                             thread.leave();
                           });
                         },
                         {}});
  }
  nlohmann::json json() const { return nlohmann::json::parse(std::ifstream(folder + "/result.json")); }

  const std::string folder = ::testing::TempDir() + "violation_test_" + std::to_string(getpid());
  Scenario scenario = demo_scenario();
  RunOptions options;
};

void expect_record(const sc_model::Violation& v) {
  EXPECT_EQ(v.rule, "R4");
  EXPECT_EQ(v.side, sc_model::Side::kDriver);
  EXPECT_GE(v.time_ps, kBrokenAtNs * sc_model::kPsPerNs);
  EXPECT_LT(v.time_ps, (kBrokenAtNs + 200'000) * sc_model::kPsPerNs);
  EXPECT_EQ(v.object, "h1.driver queue 7 TX index 5");
  EXPECT_FALSE(v.events.empty());
}

TEST_F(BrokenRule, EndsTheRunAtItsInstantAndIsRecorded) {
  const Results r = run();
  EXPECT_EQ(r.outcome, Outcome::kFailed);
  ASSERT_EQ(r.violation_count, 1u);
  expect_record(r.violations[0]);
  EXPECT_NEAR(static_cast<double>(r.sim_time_ns), static_cast<double>(r.violations[0].time_ps / sc_model::kPsPerNs),
              10'000);
  ASSERT_FALSE(r.failures.empty());
  EXPECT_EQ(r.failures[0].rfind("rule broken: R4 (driver) at ", 0), 0u) << r.failures[0];
  const nlohmann::json record = json()["violations"][0];
  for (const char* key : {"rule", "side", "time_ps", "object", "text", "events", "wave_from_ns", "wave_to_ns"})
    EXPECT_TRUE(record.contains(key)) << key;
  EXPECT_EQ(record["rule"], "R4");
  EXPECT_EQ(record["side"], "driver");
  EXPECT_EQ(record["events"].size(), r.violations[0].events.size());
  EXPECT_LT(record["wave_from_ns"].get<uint64_t>() * 1000, r.violations[0].time_ps);
  EXPECT_GT(record["wave_to_ns"].get<uint64_t>() * 1000, r.violations[0].time_ps);
  const std::string words = "--wave-window " + record["wave_from_ns"].dump() + "ns.." + record["wave_to_ns"].dump() +
                            "ns --wave-host h1\n";
  EXPECT_NE(to_table(r).find(words), std::string::npos) << to_table(r);
}

TEST_F(BrokenRule, FailsARunThatKeepsGoingAtItsEnd) {
  scenario.expect.keep_going = true;
  const Results r = run();
  EXPECT_EQ(r.outcome, Outcome::kFailed);
  ASSERT_EQ(r.failures.size(), 1u);
  EXPECT_EQ(r.failures[0].rfind("rule broken: R4 (driver) at ", 0), 0u) << r.failures[0];
  ASSERT_EQ(r.violation_count, 1u);
  expect_record(r.violations[0]);
  EXPECT_TRUE(r.transfers.at(0).complete);
  EXPECT_EQ(json()["violation_count"], 1);
}

TEST_F(BrokenRule, IsFineWhenSoManyAreExpected) {
  scenario.expect.max_violations = 1;
  const Results r = run();
  EXPECT_EQ(r.outcome, Outcome::kOk) << (r.failures.empty() ? "" : r.failures[0]);
  EXPECT_EQ(r.violation_count, 1u);
}

TEST_F(BrokenRule, IsNotSeenWithoutCheckers) {
  scenario.check = false;
  const Results r = run();
  EXPECT_EQ(r.outcome, Outcome::kOk);
  EXPECT_EQ(r.violation_count, 0u);
}

}  // namespace
}  // namespace ringside::testbench
