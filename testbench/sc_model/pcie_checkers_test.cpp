// Each PCIe rule is broken once: exactly it fires and names the side that sent the TLP. And a legal run is silent.
#include <gtest/gtest.h>

#include "sc_model/check_pcie.h"

namespace ringside::testbench {
namespace {

using namespace sc_model;

constexpr PciId kRoot = PciId::of(0, 0, 0);
constexpr PciId kNic = PciId::of(1, 0, 0);

class PcieCheckers : public ::testing::Test {
 protected:
  PcieCheckers() {
    settings.mps_bytes = 256;
    settings.mrrs_bytes = 512;
    settings.function = kNic;
    CreditCounts plenty;
    plenty.of = {100, 1000, 100, 1000, 100, 1000};
    give(TlpDirection::kFromDevice, plenty);
    give(TlpDirection::kToDevice, plenty);
  }
  void give(TlpDirection direction, const CreditCounts& limit) { credits.on_credits({0, direction, &limit}); }
  void send(TlpDirection direction, const Tlp& tlp) {
    const TlpEvent event{++now, direction, &tlp};
    format.on_tlp(event);
    matching.on_tlp(event);
    credits.on_tlp(event);
  }
  void from_device(const TlpPtr& tlp) { send(TlpDirection::kFromDevice, *tlp); }
  void to_device(const TlpPtr& tlp) { send(TlpDirection::kToDevice, *tlp); }
  TlpPtr write(uint64_t address, uint32_t bytes) {
    const std::vector<uint8_t> data(bytes, 1);
    return make_memory_write(pool, kNic, address, data.data(), bytes);
  }
  TlpPtr read(unsigned tag, uint64_t address, uint32_t bytes) {
    return make_memory_read(pool, kNic, tag, address, bytes);
  }
  void expect_only(const char* rule, Side side) {
    ASSERT_EQ(log.count(), 1u) << (log.count() > 1 ? to_string(log.kept()[1]) : "");
    EXPECT_EQ(log.kept()[0].rule, rule);
    EXPECT_EQ(log.kept()[0].side, side);
    EXPECT_EQ(log.kept()[0].time_ps, now);
  }

  TlpPool pool;
  ViolationLog log;
  PcieSettings settings;
  FormatChecker format{"a.nic", settings, log};
  MatchingChecker matching{"a.nic", settings, log};
  CreditChecker credits{"a.nic", log};
  TimePs now = 0;
};

TEST_F(PcieCheckers, LegalTrafficIsSilent) {
  from_device(write(0x1'0000'0F00, 256));
  const TlpPtr request = read(5, 0x2001, 511);
  from_device(request);
  for (uint32_t done = 0; done < 511;) {
    const uint64_t address = 0x2001 + done;
    const uint32_t bytes = std::min<uint32_t>(511 - done, static_cast<uint32_t>(64 - address % 64));
    to_device(make_completion_data(pool, kRoot, *request, address, bytes, 511 - done));
    done += bytes;
  }
  from_device(read(5, 0x3000, 0));  // the tag again, and the flush
  to_device(make_memory_read(pool, kRoot, 1, 0xE000'0000, 4));
  to_device(make_config_write(pool, kRoot, 2, kNic, 4, 2, 6));
  EXPECT_EQ(log.count(), 0u);
  EXPECT_EQ(matching.outstanding(TlpDirection::kFromDevice), 1u);
  EXPECT_EQ(matching.outstanding(TlpDirection::kToDevice), 2u);
}

TEST_F(PcieCheckers, P1FourDwHeaderForALowAddress) {
  TlpPtr tlp = write(0x1'0000'1000, 4);
  tlp->dw[2] = 0;
  from_device(tlp);
  expect_only("P1", Side::kDevice);
}

TEST_F(PcieCheckers, P3LengthIsNotThePayload) {
  TlpPtr tlp = write(0x1000, 8);
  tlp->payload_bytes = 4;
  from_device(tlp);
  expect_only("P3", Side::kDevice);
}

TEST_F(PcieCheckers, P3LengthInACompletionWithoutData) {
  const TlpPtr request = make_config_write(pool, kRoot, 2, kNic, 4, 2, 6);
  to_device(request);
  TlpPtr reply = make_completion(pool, kNic, *request, CplStatus::kSuccess);
  reply->dw[0] |= 1;
  from_device(reply);
  expect_only("P3", Side::kDevice);
}

TEST_F(PcieCheckers, P4PayloadOverMps) {
  from_device(write(0x1000, 260));
  expect_only("P4", Side::kDevice);
}

TEST_F(PcieCheckers, P4FollowsWhatSoftwareProgrammed) {
  settings.mps_bytes = 128;
  from_device(write(0x1000, 132));
  expect_only("P4", Side::kDevice);
}

TEST_F(PcieCheckers, P6ReadOverMrrs) {
  from_device(read(1, 0x1000, 516));
  expect_only("P6", Side::kDevice);
}

TEST_F(PcieCheckers, P7CrossingA4KiBBoundary) {
  from_device(write(0x1FFE, 4));
  expect_only("P7", Side::kDevice);
}

TEST_F(PcieCheckers, P7EndingAtTheBoundaryIsLegal) {
  from_device(write(0x1F80, 128));
  EXPECT_EQ(log.count(), 0u);
}

TEST_F(PcieCheckers, P8NoFirstByteEnable) {
  TlpPtr tlp = write(0x1000, 8);
  tlp->dw[1] &= ~0xFu;
  from_device(tlp);
  expect_only("P8", Side::kDevice);
}

TEST_F(PcieCheckers, P9LastByteEnableWithOneDw) {
  TlpPtr tlp = write(0x1000, 4);
  tlp->dw[1] |= 0x10;
  to_device(tlp);
  expect_only("P9", Side::kHostModel);
}

TEST_F(PcieCheckers, P9NoLastByteEnableWithMore) {
  TlpPtr tlp = write(0x1000, 8);
  tlp->dw[1] &= ~0xF0u;
  from_device(tlp);
  expect_only("P9", Side::kDevice);
}

TEST_F(PcieCheckers, P13TagInUse) {
  from_device(read(7, 0x1000, 64));
  from_device(read(7, 0x2000, 64));
  expect_only("P13", Side::kDevice);
}

TEST_F(PcieCheckers, P15TagReusedBeforeTheLastByte) {
  const TlpPtr request = read(7, 0x1000, 128);
  from_device(request);
  to_device(make_completion_data(pool, kRoot, *request, 0x1000, 64, 128));
  from_device(read(7, 0x2000, 64));
  expect_only("P15", Side::kDevice);
}

TEST_F(PcieCheckers, P16CompletionNobodyAskedFor) {
  to_device(make_completion_data(pool, kRoot, *read(9, 0x1000, 4), 0x1000, 4, 4));
  expect_only("P16", Side::kHostModel);
}

TEST_F(PcieCheckers, P16CompletionTwice) {
  const TlpPtr request = read(9, 0x1000, 4);
  from_device(request);
  to_device(make_completion_data(pool, kRoot, *request, 0x1000, 4, 4));
  to_device(make_completion_data(pool, kRoot, *request, 0x1000, 4, 4));
  expect_only("P16", Side::kHostModel);
}

TEST_F(PcieCheckers, P16WrongRequester) {
  const TlpPtr request = make_memory_read(pool, kRoot, 3, 0xE000'0000, 4);
  to_device(request);
  TlpPtr reply = make_completion_data(pool, kNic, *request, 0xE000'0000, 4, 4);
  reply->dw[2] |= 0x0200'0000;
  from_device(reply);
  expect_only("P16", Side::kDevice);
}

TEST_F(PcieCheckers, P18ByteCountOffByOne) {
  const TlpPtr request = make_memory_read(pool, kRoot, 3, 0xE000'0000, 4);
  to_device(request);
  from_device(make_completion_data(pool, kNic, *request, 0xE000'0000, 4, 3));
  expect_only("P18", Side::kDevice);
}

TEST_F(PcieCheckers, P22MoreDataThanAskedFor) {
  const TlpPtr request = read(7, 0x1000, 64);
  from_device(request);
  to_device(make_completion_data(pool, kRoot, *request, 0x1000, 68, 64));
  expect_only("P22", Side::kHostModel);
}

TEST_F(PcieCheckers, P12RequesterIsNotTheFunction) {
  from_device(make_memory_read(pool, PciId::of(1, 0, 1), 4, 0x1000, 4));
  expect_only("P12", Side::kDevice);
}

TEST_F(PcieCheckers, P12RequestBeforeAnIdWasCaptured) {
  settings.function = PciId{};
  from_device(read(4, 0x1000, 4));
  expect_only("P12", Side::kDevice);
}

TEST_F(PcieCheckers, P19LowerAddressOfTheFirstByte) {
  const TlpPtr request = read(7, 0x1005, 8);
  from_device(request);
  TlpPtr reply = make_completion_data(pool, kRoot, *request, 0x1005, 8, 8);
  reply->dw[2] ^= 0x40;
  to_device(reply);
  expect_only("P19", Side::kHostModel);
}

TEST_F(PcieCheckers, P20CutOffTheBoundary) {
  const TlpPtr request = read(7, 0x1000, 128);
  from_device(request);
  to_device(make_completion_data(pool, kRoot, *request, 0x1000, 32, 128));
  expect_only("P20", Side::kHostModel);
}

TEST_F(PcieCheckers, P23TrafficClassNotCopied) {
  const TlpPtr request = make_memory_read(pool, kRoot, 3, 0xE000'0000, 4);
  to_device(request);
  TlpPtr reply = make_completion_data(pool, kNic, *request, 0xE000'0000, 4, 4);
  reply->dw[0] |= 3u << 20;
  from_device(reply);
  expect_only("P23", Side::kDevice);
}

TEST_F(PcieCheckers, ErrorCompletionsEndTheRequest) {
  const TlpPtr request = read(7, 0x1000, 64);
  from_device(request);
  to_device(make_completion(pool, kRoot, *request, CplStatus::kUnsupportedRequest));
  from_device(read(7, 0x1000, 64));
  EXPECT_EQ(log.count(), 0u);
}

TEST_F(PcieCheckers, ATimeOutRetiresTheTag) {
  matching.set_timeout(TlpDirection::kFromDevice, {50 * kPsPerUs, kNever});
  from_device(read(7, 0x1000, 64));
  now += 50 * kPsPerUs;
  from_device(read(7, 0x2000, 64));
  EXPECT_EQ(log.count(), 0u);
  from_device(read(7, 0x3000, 64));
  expect_only("P13", Side::kDevice);
}

TEST_F(PcieCheckers, P16LateCompletion) {
  matching.set_timeout(TlpDirection::kToDevice, {9 * kPsPerMs, 10 * kPsPerMs});
  const TlpPtr request = make_memory_read(pool, kRoot, 3, 0xE000'0000, 4);
  to_device(request);
  now += 10 * kPsPerMs;
  from_device(make_completion_data(pool, kNic, *request, 0xE000'0000, 4, 4));
  expect_only("P16", Side::kDevice);
}

TEST_F(PcieCheckers, ARecordHoldsTheTagsHistory) {
  const TlpPtr request = read(7, 0x1000, 128);
  from_device(request);
  to_device(make_completion_data(pool, kRoot, *request, 0x1000, 64, 128));
  from_device(read(7, 0x2000, 64));
  ASSERT_EQ(log.count(), 1u);
  const Violation& v = log.kept()[0];
  ASSERT_EQ(v.events.size(), 2u);
  EXPECT_EQ(v.events[0], "0.001 ns request of 128 bytes at 0x1000");
  EXPECT_EQ(v.events[1], "0.002 ns completion, status 0, Byte Count 128, 64 bytes");
  EXPECT_NE(to_text(v).find("\n  0.002 ns completion"), std::string::npos);
  EXPECT_NE(to_text(v).find("waves: from 0 ns to 1000 ns"), std::string::npos);
}

TEST(EventHistory, KeepsTheLastOnes) {
  EventHistory<3> history;
  EXPECT_TRUE(history.text().empty());
  for (uint64_t i = 0; i < 5; ++i) history.add(i * 1500, "event %llu of %llu", i, 5);
  EXPECT_EQ(history.text(), (std::vector<std::string>{"3.000 ns event 2 of 5", "4.500 ns event 3 of 5",
                                                      "6.000 ns event 4 of 5"}));
}

TEST_F(PcieCheckers, P29EachKindOfCreditInTurn) {
  for (unsigned kind = 0; kind < kCreditKinds; ++kind) {
    CreditChecker checker("a.nic", log);
    CreditCounts limit;
    limit.of = {2, 2, 2, 2, 2, 2};
    limit.of[kind] = 0;
    checker.on_credits({0, TlpDirection::kFromDevice, &limit});
    const TlpPtr asked = make_memory_read(pool, kRoot, 3, 0xE000'0000, 4);
    const TlpPtr tlps[] = {write(0x1000, 16), make_config_write(pool, kNic, 1, kRoot, 4, 4, 0),
                           make_completion_data(pool, kNic, *asked, 0xE000'0000, 4, 4)};
    for (unsigned c = 0; c < 3; ++c) {
      const uint64_t before = log.count();
      checker.on_tlp({1, TlpDirection::kFromDevice, tlps[c].get()});
      EXPECT_EQ(log.count() - before, kind / 2 == c ? 1u : 0u) << kind << " " << c;
      if (log.count() > before) {
        EXPECT_EQ(log.kept().back().rule, "P29");
      }
    }
  }
}

TEST_F(PcieCheckers, P29TheHostIsHeldToItToo) {
  CreditChecker checker("a.nic", log);
  CreditCounts none;
  checker.on_credits({0, TlpDirection::kToDevice, &none});
  checker.on_tlp({++now, TlpDirection::kToDevice, write(0xE000'0000, 4).get()});
  expect_only("P29", Side::kHostModel);
}

TEST(ViolationLog, CountsAllKeepsTheFirstAndTells) {
  ViolationLog log;
  int told = 0;
  log.set_on_violation([&](const Violation&) { ++told; });
  for (unsigned i = 0; i < ViolationLog::kKept + 5; ++i) log.report({"P1", Side::kWire, 5'000, "x", "y"});
  EXPECT_EQ(log.count(), ViolationLog::kKept + 5);
  EXPECT_EQ(log.kept().size(), ViolationLog::kKept);
  EXPECT_EQ(told, static_cast<int>(ViolationLog::kKept + 5));
  EXPECT_EQ(to_string(log.kept()[0]), "P1 (wire) at 5 ns, x: y");
}

}  // namespace
}  // namespace ringside::testbench
