// Scenario files: what is printed is read back the same, and whatever is wrong is named with its place.
#include "testbench/program/scenario.h"

#include <gtest/gtest.h>

#include <string>

#include "testbench/program/cli.h"
#include "testbench/program/scenario_check.h"
#include "testbench/program/scenario_reader.h"
#include "testbench/program/scenario_writer.h"

namespace ringside::testbench {
namespace {

// The message for a demo scenario in which `from` was replaced by `to`.
std::string complaint(const std::string& from, const std::string& to) {
  std::string text = to_toml(demo_scenario());
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  text.replace(at, from.size(), to);
  try {
    parse_scenario(text, "my.toml");
  } catch (const UsageError& error) {
    return error.what();
  }
  return "no complaint";
}

size_t line_of(const std::string& words) {
  const std::string text = to_toml(demo_scenario());
  size_t line = 1;
  for (size_t i = 0; i < text.find(words); ++i) line += text[i] == '\n';
  return line;
}

std::string at(const std::string& words, size_t column) {
  return "my.toml:" + std::to_string(line_of(words)) + ":" + std::to_string(column) + ": ";
}

TEST(ScenarioFile, ReadsBackWhatItPrints) {
  Scenario scenario = demo_scenario();
  scenario.seed = 77;
  scenario.width = 64;
  scenario.faults.loss = 0.03;
  scenario.hosts[1].nic.coalescing.rx_us = 7;
  scenario.hosts[0].cpu_cost = 2;
  scenario.applications[0].file = "a \"quoted\" \\ name\twith tab";
  const Scenario read = parse_scenario(to_toml(scenario), "my.toml");
  EXPECT_EQ(to_toml(read), to_toml(scenario));
  EXPECT_EQ(read.applications[0].file, scenario.applications[0].file);
  EXPECT_EQ(read.hosts[1].nic.coalescing.rx_us, 7u);
}

// A bug is no part of a scenario: who prints one is told how to have it.
TEST(ScenarioFile, TellsOfTheBugThatItDoesNotHold) {
  const std::string text = to_toml(demo_scenario(), "BUG-026");
  EXPECT_NE(text.find("ringside run FILE --bug BUG-026\n"), std::string::npos);
  EXPECT_EQ(to_toml(parse_scenario(text, "my.toml")), to_toml(demo_scenario()));
}

TEST(ScenarioFile, LeftOutKeysKeepTheirDefaults) {
  const Scenario scenario = parse_scenario(R"(
      host = [{name = "a", mac = "02:00:00:00:00:01", address = "10.1.0.1/16"},
              {name = "b", mac = "02:00:00:00:00:02", address = "10.1.0.2/16"}]
      application = [{kind = "send_file", host = "a", to = "10.1.0.2:80"},
                     {kind = "receive_file", host = "b", port = 80}]
      faults.loss = 1)",
                                           "my.toml");
  EXPECT_EQ(scenario.width, Scenario{}.width);
  EXPECT_EQ(scenario.hosts[0].nic.tx_ring, NicParameters{}.tx_ring);
  EXPECT_EQ(scenario.faults.loss, 1.0);  // an integer will do for a number
}

TEST(ScenarioFile, NamesUnknownKeys) {
  const std::string words = complaint("\ntx_ring = 256", "\ntx_rings = 256");
  EXPECT_EQ(words.find(at("tx_ring", 1) + "unknown key \"tx_rings\" in [host.nic]; known: queues, tx_ring, "), 0u) << words;
  EXPECT_EQ(complaint("\nseed", "\nsede").find(at("seed =", 1) + "unknown key \"sede\"; known: "), 0u);
  EXPECT_EQ(
      complaint("\nport", "\nfile = \"x\"\nport").find(at("port =", 1) + "unknown key \"file\" in [[application]]"),
      0u);
}

TEST(ScenarioFile, NamesWrongTypes) {
  EXPECT_EQ(complaint("width = 512", "width = \"512\""), at("width", 9) + "width must be an integer, not a string");
  EXPECT_EQ(complaint("sleep = true", "sleep = 1"), at("sleep", 9) + "sleep must be true or false, not an integer");
  EXPECT_EQ(complaint("loss = 0.0", "loss = []"), at("loss", 8) + "loss must be a number, not an array");
  EXPECT_EQ(complaint("[link]", "[[link]]"), at("[link]", 1) + "link must be a table, not an array");
  EXPECT_EQ(complaint("profile = \"desktop\"", "profile = 3"),
            at("profile", 11) + "profile must be a string, not an integer");
}

TEST(ScenarioFile, NamesWrongValues) {
  EXPECT_EQ(complaint("tx_ring = 256", "tx_ring = 100"),
            at("tx_ring", 11) + "tx_ring = 100: must be a power of two, 8 to 4096");
  EXPECT_EQ(complaint("loss = 0.0", "loss = 1.5"), at("loss", 8) + "loss = 1.5: must be 0 to 1");
  EXPECT_EQ(complaint("loss = 0.0", "loss = nan").find(at("loss", 8)), 0u);
  EXPECT_EQ(complaint("seed = 1", "seed = -1"), at("seed", 8) + "seed = -1: must be 0 or more");
  EXPECT_EQ(complaint("\"desktop\"", "\"laptop\""),
            at("profile", 11) + "profile = \"laptop\": must be desktop or server or slow_and_far");
  EXPECT_EQ(complaint("width = 512", "width = 128"), "my.toml: width = 128: must be 64 or 512");
}

TEST(ScenarioFile, NamesWrongSyntax) {
  EXPECT_EQ(complaint("seed = 1", "seed = = 1").find(at("seed", 8)), 0u) << complaint("seed = 1", "seed = = 1");
}

TEST(ScenarioFile, HoldsWhatCrossesKeys) {
  EXPECT_EQ(complaint("host = \"h0\"", "host = \"h9\""),
            at("[[application]]", 1) + "host = \"h9\": there is no such host");
  EXPECT_EQ(complaint("10.0.0.2:5001", "10.0.0.2:5002"),
            at("[[application]]", 1) + "to = \"10.0.0.2:5002\": no receive_file listens there");
  EXPECT_EQ(complaint("02:00:00:00:00:01", "03:00:00:00:00:01"),
            at("[[host]]", 1) + "mac = \"03:00:00:00:00:01\": must be a unicast xx:xx:xx:xx:xx:xx");
  EXPECT_EQ(complaint("10.0.0.1/24", "10.0.0.1"),
            at("[[host]]", 1) + "address = \"10.0.0.1\": must be like 10.0.0.1/24");
  EXPECT_NE(complaint("10.0.0.1/24", "10.0.1.1/24").find("10.0.1.1/24 and 10.0.0.2/24 are not in one network"),
            std::string::npos);
  EXPECT_NE(complaint("\nname = \"h1\"", "\nname = \"h0\"").find("a second host of the name \"h0\""),
            std::string::npos);
  EXPECT_NE(complaint("return_ring = 1024", "return_ring = 128").find("must not be below rx_ring = 1024"),
            std::string::npos);
}

TEST(ScenarioFile, HoldsWhatASlotCanBe) {
  const std::string host = at("[[host]]", 1);
  EXPECT_EQ(complaint("lanes = 0", "lanes = 3"), host + "[host.pcie] lanes = 3: must be one of 1, 2, 4, 8, 12, 16, or 0");
  EXPECT_EQ(complaint("mps_bytes = 0", "mps_bytes = 300"),
            host + "[host.pcie] mps_bytes = 300: must be one of 128, 256, 512, 1024, or 0");
  EXPECT_EQ(complaint("mrrs_bytes = 0", "mrrs_bytes = 64").find(host + "[host.pcie] mrrs_bytes = 64: "), 0u);
  EXPECT_EQ(complaint("rcb_bytes = 0", "rcb_bytes = 32").find(host + "[host.pcie] rcb_bytes = 32: "), 0u);
  EXPECT_EQ(complaint("generation = 0", "generation = 5"), at("generation", 14) + "generation = 5: must be 0 to 4");
}

TEST(ScenarioFile, EveryReceiverHasOneSender) {
  const std::string lonely = "[[application]]\nkind = \"receive_file\"\nhost = \"h1\"\nport = 9\n\n# What must hold";
  EXPECT_NE(complaint("# What must hold", lonely).find("receive_file on port 9 has 0 senders, not one"),
            std::string::npos);
  const std::string second =
      "[[application]]\nkind = \"send_file\"\nhost = \"h0\"\nto = \"10.0.0.2:5001\"\n\n# What must hold";
  EXPECT_NE(complaint("# What must hold", second).find("receive_file on port 5001 has 2 senders, not one"),
            std::string::npos);
}

TEST(ScenarioFile, ReadsAddresses) {
  EXPECT_EQ(parse_prefix("10.0.0.1/24")->address, 0x0A000001u);
  EXPECT_EQ(parse_endpoint("10.0.0.2:5001")->port, 5001);
  for (const char* wrong : {"", "10.0.0.1", "10.0.0/24", "10.0.0.256/24", "10.0.0.1/31", "10.0.0.1/24 "})
    EXPECT_FALSE(parse_prefix(wrong)) << wrong;
  for (const char* wrong : {"10.0.0.2", "10.0.0.2:0", "10.0.0.2:65536", "10.0.0.2:1x"})
    EXPECT_FALSE(parse_endpoint(wrong)) << wrong;
  for (const char* wrong : {"", "00:00:00:00:00:00", "01:00:00:00:00:01", "02:00:00:00:00", "02:00:00:00:00:0g"})
    EXPECT_FALSE(parse_mac(wrong)) << wrong;
}

TEST(CommandLine, OverridesTheScenario) {
  Overrides overrides;
  overrides.seed = 9;
  overrides.width = 64;
  overrides.reorder = 0.5;
  overrides.no_sleep = true;
  overrides.file = "/etc/hostname";
  Scenario scenario = demo_scenario();
  apply(overrides, scenario);
  EXPECT_EQ(scenario.seed, 9u);
  EXPECT_EQ(scenario.width, 64u);
  EXPECT_EQ(scenario.faults.reorder, 0.5);
  EXPECT_EQ(scenario.faults.loss, demo_scenario().faults.loss);
  EXPECT_FALSE(scenario.sleep);
  EXPECT_EQ(scenario.applications[0].file, "/etc/hostname");
  EXPECT_EQ(scenario.applications[1].file, "");
}

}  // namespace
}  // namespace ringside::testbench
