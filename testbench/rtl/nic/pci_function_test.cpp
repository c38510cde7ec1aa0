// The card as a PCI function: BAR, command register, sizes of its requests, and how it answers what it does not do.
// Rules P4 to P7, P14, P34, P35, P39, P40, P45; PCI Express Base Specification 2.x, PCI Local Bus 3.0.
#include <algorithm>

#include "testbench/rtl/nic/traffic_fixture.h"

namespace ringside::testbench::nic {
namespace {

constexpr unsigned kCommand = 0x04, kBar0 = 0x10, kExpressId = 0x10, kMsixId = 0x11;
constexpr uint32_t kMemorySpace = 2, kBusMaster = 4;
constexpr unsigned kSuccess = 0, kUr = 1;
constexpr unsigned kLongEnough = 2000;  // cycles

class NicFunction : public WithTraffic {
 protected:
  void bring_up(const CardSettings& settings) {
    DriverSettings with;
    with.queues = 4;
    WithTraffic::bring_up(settings, with);
  }
  void bring_up() { bring_up(card_settings()); }

  const Host::Answer& wait(unsigned ticket) {
    const Host::Answer& answer = card_->host.answer(ticket);
    EXPECT_TRUE(card_->until([&] { return answer.done; }, kLongEnough)) << "no answer";
    return answer;
  }
  uint32_t scratch() { return driver_->read(regs::Scratch::address()); }

  void expect_traffic(unsigned packets, unsigned length) {
    for (unsigned i = 0; i < packets; ++i) {
      add_random_packet(send_.get(), 4, length, static_cast<unsigned>(random_.below(4096)), &random_);
      add_random_frame(receive_.get(), length, 12, 60, &random_);
    }
    run_to_the_end(500'000, 60);
  }
};
RINGSIDE_EVERY_WIDTH(NicFunction);

// 6.2.5.1: all ones written, the size read; and it decodes where it is put, above 4 GB too, and nowhere else.
TEST_P(NicFunction, BarIsSizedAndMoved) {
  bring_up();
  driver_->config_write(kCommand, 0, 0x3);
  driver_->config_write(kBar0, ~0u);
  driver_->config_write(kBar0 + 4, ~0u);
  EXPECT_EQ(driver_->config(kBar0), 0xFFFF0004u);
  EXPECT_EQ(driver_->config(kBar0 + 4), 0xFFFFFFFFu);
  for (unsigned other = kBar0 + 8; other < kBar0 + 24; other += 4) {
    driver_->config_write(other, ~0u);
    EXPECT_EQ(driver_->config(other), 0u) << "one BAR only";
  }
  for (const uint64_t place : {uint64_t{0x12'3456'0000}, uint64_t{0xF000'0000}}) {
    driver_->config_write(kBar0, static_cast<uint32_t>(place));
    driver_->config_write(kBar0 + 4, static_cast<uint32_t>(place >> 32));
    driver_->config_write(kCommand, kMemorySpace | kBusMaster, 0x3);
    card_->host.bar = Host::kBarBase;  // where it was
    EXPECT_EQ(wait(card_->host.read32(regs::Id::address())).status, kUr);
    card_->host.bar = place;
    EXPECT_EQ(wait(card_->host.read32(regs::Id::address())).data, regs::Id::kResetValue);
    EXPECT_EQ(wait(card_->host.read32(regs::kBarBytes)).status, kUr) << "behind its end";
  }
  audited();
}

TEST_P(NicFunction, MemorySpaceOffIsOff) {
  bring_up();
  driver_->write(regs::Scratch::address(), 0x1234);
  EXPECT_EQ(scratch(), 0x1234u);
  driver_->config_write(kCommand, kBusMaster, 0x3);
  driver_->write(regs::Scratch::address(), 0x5678);
  driver_->write(regs::TxProdIdx::address(0),
                 3);  // had it come through, the ring of ones would be read: bad_descriptor
  EXPECT_EQ(wait(card_->host.read32(regs::Scratch::address())).status, kUr);
  driver_->config_write(kCommand, kMemorySpace | kBusMaster, 0x3);
  EXPECT_EQ(scratch(), 0x1234u);
  EXPECT_EQ(driver_->read(regs::TxProdIdx::address(0)), 0u);
  at(&send_->expected, regs::CounterId::kMalformedTlps) = 2;  // the writes: dropped, and counted
  expect_traffic(8, 300);
  audited();
}

// P34. What was asked for meanwhile is done when it is on again.
TEST_P(NicFunction, BusMasterOffIsOff) {
  bring_up();
  card_->run(500);
  driver_->config_write(kCommand, kMemorySpace, 0x3);
  card_->run(500);
  const HostCounts before = card_->host.counts;
  for (unsigned i = 0; i < 8; ++i) add_random_packet(send_.get(), 4, 200, 0, &random_);
  send_->turn();
  driver_->write(regs::IntControl::address(1), regs::IntControl::kForce.mask());  // not masked
  EXPECT_EQ(driver_->read(regs::Id::address()), regs::Id::kResetValue);
  card_->run(3000);
  EXPECT_EQ(card_->host.counts.reads, before.reads);
  EXPECT_EQ(card_->host.counts.writes, before.writes);
  EXPECT_EQ(card_->host.counts.messages, before.messages);
  driver_->config_write(kCommand, kMemorySpace | kBusMaster, 0x3);
  EXPECT_TRUE(card_->until([&] { return send_->turn(), send_->done(); }, 20'000));
  EXPECT_GT(card_->host.counts.messages, before.messages);
  expect_traffic(4, 300);
  audited();
}

// D5, D17, P34: off for a moment, while writes wait for credits. They are lost, so their frames are not told of, and the
// ring says where it stopped; the status block and the message that were lost with them come again.
TEST_P(NicFunction, BusMasterOffForAMomentTellsNothingOfWhatIsLost) {
  constexpr unsigned kFrames = 6;
  CardSettings settings = card_settings();
  settings.host.tight_credits = true;
  bring_up(settings);
  const Octets frame = with_fcs(Octets(200, 0xFF));
  for (unsigned i = 0; i < kFrames; ++i) driver_->provide(0, driver_->allocate(2048, 64), 2048, i);
  driver_->ring_rx(0);
  card_->run(500);
  card_->host.settings.withhold_posted = true;
  for (unsigned i = 0; i < kFrames; ++i) card_->wire.to_send.push_back({frame.data(), static_cast<uint32_t>(frame.size())});
  card_->run(3000);
  for (const uint32_t command : {kMemorySpace, kMemorySpace | kBusMaster}) card_->host.config_write(kCommand, command, 0x3);
  card_->run(500);
  card_->host.settings.withhold_posted = false;
  card_->run(5000);

  driver_->look(0);
  regs::ReturnEntry entry;
  uint32_t taken = 0;
  while (driver_->take(0, &entry)) ++taken;
  EXPECT_LT(taken, kFrames) << "the test must hit writes that wait";
  EXPECT_EQ(driver_->read(regs::RetProdIdx::address(0)), taken);
  EXPECT_EQ(driver_->read(regs::RxError::address(0)), 1u);
  EXPECT_EQ(driver_->read(regs::RxErrorIdx::address(0)), taken);
  Counters counters = driver_->counters();
  EXPECT_EQ(at(&counters, regs::CounterId::kRxFrames), taken);
  EXPECT_GT(at(&counters, regs::CounterId::kRxDmaErrors), 0u);
  EXPECT_EQ(at(&counters, regs::CounterId::kRxDmaErrors) + at(&counters, regs::CounterId::kRxDisabled), kFrames - taken)
      << "lost on the bus, or come when the ring had stopped";
  EXPECT_GT(card_->host.counts.messages, 0u);
  EXPECT_TRUE(card_->verdicts.none()) << card_->verdicts.text();
}

// Every size the host may set, against what the NIC says it can do; each is used to the full.
TEST_P(NicFunction, PayloadAndReadRequestSizes) {
  for (const unsigned mps : {128u, 256u, 512u, 1024u})
    for (const unsigned mrrs : {128u, 256u, 512u, 1024u, 2048u, 4096u}) {
      if ((mps > 128 && mps < 1024) && mrrs != 2 * mps) continue;  // the middle ones once
      SCOPED_TRACE("MPS " + std::to_string(mps) + ", MRRS " + std::to_string(mrrs));
      CardSettings settings = card_settings();
      settings.host.mps = mps;
      settings.host.mrrs = mrrs;
      bring_up(settings);
      EXPECT_GE(128u << (driver_->config(driver_->find_capability(kExpressId) + 4) & 7), mps);
      unsigned longest_read = 0, longest_write = 0;
      card_->host.fault = [&](uint64_t, unsigned bytes) {
        longest_read = std::max(longest_read, bytes);
        return Fault::kNone;
      };
      card_->host.on_write = [&](uint64_t, unsigned bytes) { longest_write = std::max(longest_write, bytes); };
      for (unsigned i = 0; i < 2; ++i) send_->add(i, random_octets(9000, &random_), 0, 1);
      expect_traffic(3, 9000);
      EXPECT_EQ(longest_read, mrrs);
      EXPECT_EQ(longest_write, mps);
      audited();
      if (HasFailure()) return;
    }
}

// P14, and "at least 32 tags": 5 bits without extended tags, more with them.
TEST_P(NicFunction, TagsGoByExtendedTagEnable) {
  for (const bool extended : {false, true}) {
    CardSettings settings = card_settings();
    settings.host.latency = 3000;
    settings.host.mrrs = 128;
    bring_up(settings);
    const unsigned control = driver_->find_capability(kExpressId) + 8;
    driver_->config_write(control, driver_->config(control) & 0xFEFF, 0x3);
    if (extended) driver_->config_write(control, (driver_->config(control) & 0xFFFF) | 0x100, 0x3);
    for (unsigned i = 0; i < 4; ++i) send_->add(i, random_octets(9000, &random_), 64, 1);
    expect_traffic(1, 300);
    if (extended) {
      EXPECT_GT(card_->host.counts.max_tags, 32u);
    } else {
      EXPECT_EQ(card_->host.counts.max_tags, 32u);
    }
    audited();
  }
}

struct Foreign {
  const char* what;
  std::array<uint32_t, 4> dw;
  std::vector<uint32_t> payload;
};

std::vector<Foreign> foreign_requests() {
  constexpr auto bar = static_cast<uint32_t>(Host::kBarBase);
  constexpr uint32_t bdf = uint32_t{Host::kBdf} << 16;
  return {
      {"read of 3 DWs", {0x00000003, 0xFF, bar, 0}, {}},
      {"read of 16 octets", {0x00000004, 0xFF, bar + 0x10, 0}, {}},
      {"read of 4 KB", {0x00000000, 0xFF, bar, 0}, {}},
      {"read over a 4 KB boundary", {0x00000002, 0xFF, bar + 0xFFC, 0}, {}},
      {"read behind the BAR", {0x00000001, 0x0F, bar + 0x10000, 0}, {}},
      {"read in front of the BAR", {0x00000001, 0x0F, bar - 4, 0}, {}},
      {"read of that offset above 4 GB", {0x20000001, 0x0F, 1, bar}, {}},
      {"locked read", {0x01000001, 0x0F, bar, 0}, {}},
      {"I/O read", {0x02000001, 0x0F, bar, 0}, {}},
      {"I/O write", {0x42000001, 0x0F, bar, 0}, {1}},
      {"FetchAdd", {0x4C000001, 0x00, bar + 0x20, 0}, {1}},
      {"Swap", {0x4D000002, 0x00, bar + 0x20, 0}, {1, 2}},
      {"compare and swap", {0x4E000002, 0x00, bar + 0x20, 0}, {1, 2}},
      {"type 1 configuration read", {0x05000001, 0x0F, bdf, 0}, {}},
      {"type 1 configuration write", {0x45000001, 0x0F, bdf | 0x04, 0}, {0}},
      {"configuration read of function 1", {0x04000001, 0x0F, bdf | 0x10000, 0}, {}},
      {"configuration write of function 7", {0x44000001, 0x0F, bdf | 0x70000 | 0x04, 0}, {0}},
  };
}

// 2.3.1: each is answered with one completion, UR, no data, and nothing happens.
TEST_P(NicFunction, WhatItDoesNotDoIsUnsupported) {
  bring_up();
  driver_->write(regs::Scratch::address(), 0xCAFE);
  const unsigned status = driver_->find_capability(kExpressId) + 8;
  for (const Foreign& foreign : foreign_requests()) {
    SCOPED_TRACE(foreign.what);
    driver_->config_write(status, 0xF << 16, 0xC);  // clear Device Status
    const Host::Answer& answer = wait(card_->host.tlp(foreign.dw, foreign.payload));
    EXPECT_EQ(answer.status, kUr);
    EXPECT_EQ(answer.header[0], foreign.dw[0] >> 24 == 0x01 ? 0x0B000000u : 0x0A000000u) << "Cpl, or CplLk; no data";
    EXPECT_EQ(answer.header[1] >> 16, Host::kBdf);
    EXPECT_EQ(answer.header[2] >> 16, 0u) << "requester ID";
    EXPECT_EQ(driver_->config(status) >> 16 & 0xF, 0x9u) << "unsupported request, as an advisory error";
    EXPECT_EQ(scratch(), 0xCAFEu);
  }
  expect_traffic(4, 300);
  audited();
}

// Writes that would be UR as reads are dropped; a read behind them is answered.
TEST_P(NicFunction, UnsupportedWritesAreDropped) {
  bring_up();
  constexpr auto place = static_cast<uint32_t>(Host::kBarBase) + regs::Scratch::address();
  driver_->write(regs::Scratch::address(), 0xCAFE);
  const unsigned status = driver_->find_capability(kExpressId) + 8;
  driver_->config_write(status, 0xF << 16, 0xC);
  for (unsigned round = 0; round < 20; ++round) {  // more than there are credits
    card_->host.tlp({0x40000003, 0xFF, place, 0}, {1, 2, 3});
    card_->host.tlp({0x40004001, 0x0F, place, 0}, {4});  // poisoned
    card_->host.tlp({0x60000001, 0x0F, 7, place}, {5});
  }
  EXPECT_EQ(scratch(), 0xCAFEu);
  EXPECT_EQ(driver_->config(status) >> 16 & 0xA, 0xAu) << "unsupported request, non-fatal error";
  at(&send_->expected, regs::CounterId::kMalformedTlps) = 60;
  audited();
}

// P16, 2.3.2: an unexpected completion is that and nothing else, whatever its status says.
TEST_P(NicFunction, UnexpectedCompletionsAbortNothing) {
  bring_up();
  const unsigned express = driver_->find_capability(kExpressId);
  driver_->config_write(kCommand, ~0u, 0xC);
  for (const uint32_t status : {1u, 4u, 7u}) {
    driver_->config_write(express + 8, ~0u, 0xC);
    card_->host.tlp({0x0A000000, status << 13 | 64, uint32_t{Host::kBdf} << 16 | 9 << 8, 0});
    card_->run(50);
    EXPECT_EQ(driver_->config(express + 8) >> 16 & 0xF, 1u) << status;
    EXPECT_EQ(driver_->config(kCommand) >> 16, 0x10u) << status;
  }
  at(&send_->expected, regs::CounterId::kUnexpectedCpls) = 3;
  expect_traffic(4, 300);
  audited();
}

// P45: malformed TLPs are dropped, counted and reported by vector 0.
TEST_P(NicFunction, MalformedRequestsAreReported) {
  bring_up();
  card_->run(500);
  driver_->write(regs::ErrorCause::address(), ~0u);
  driver_->write(regs::Scratch::address(), 0xCAFE);
  constexpr auto place = static_cast<uint32_t>(Host::kBarBase) + regs::Scratch::address();
  const uint32_t beat = GetParam() / 32;  // DWs: what the pins can tell apart
  const std::vector<Foreign> malformed = {
      {"shorter than Length", {0x40000000 | (beat + 1), 0xFF, place, 0}, std::vector<uint32_t>(beat, 1)},
      {"longer than Length", {0x40000001, 0x0F, place, 0}, std::vector<uint32_t>(beat + 1, 2)},
      {"above Max_Payload_Size", {0x40000000 | 65, 0xFF, place, 0}, std::vector<uint32_t>(65, 3)},
      {"a type that does not exist", {0x5F000001, 0x0F, place, 0}, {4}},
  };
  for (const Foreign& tlp : malformed) {
    SCOPED_TRACE(tlp.what);
    const size_t before = card_->host.messages.size();
    driver_->flush();  // a TLP is dropped as it comes, the write that clears the cause is done in its turn
    card_->host.tlp(tlp.dw, tlp.payload);
    EXPECT_EQ(scratch(), 0xCAFEu);
    EXPECT_EQ(driver_->read(regs::ErrorCause::address()), regs::ErrorCause::kMalformedTlp.mask());
    card_->run(100);
    ASSERT_EQ(card_->host.messages.size(), before + 1);
    EXPECT_EQ(card_->host.messages.back().data, 0u);  // vector 0
    driver_->write(regs::ErrorCause::address(), regs::ErrorCause::kMalformedTlp.mask());
  }
  at(&send_->expected, regs::CounterId::kMalformedTlps) = malformed.size();
  expect_traffic(4, 300);
  audited();
}

// P40, section 2: partial writes change the octets they enable, 8 octets are LO then HI, a read of none is answered.
TEST_P(NicFunction, PartialAndWideAccesses) {
  bring_up();
  uint32_t want = 0x11223344;
  driver_->write(regs::Scratch::address(), want);
  for (unsigned be = 0; be < 16; ++be) {
    const auto value = static_cast<uint32_t>(random_.bits());
    for (unsigned octet = 0; octet < 4; ++octet)
      if (be >> octet & 1) want = (want & ~(0xFFu << 8 * octet)) | (value & (0xFFu << 8 * octet));
    card_->host.write32(regs::Scratch::address(), value, be);
    EXPECT_EQ(scratch(), want) << "byte enables " << be;
  }
  const auto base = static_cast<uint32_t>(Host::kBarBase);
  card_->host.write64(regs::MacHash::address(), 0x0123456789ABCDEF);
  const Host::Answer& wide = wait(card_->host.tlp({0x00000002, 0xFF, base + regs::MacHash::address(), 0}));
  EXPECT_EQ(wide.status, kSuccess);
  EXPECT_EQ(wide.header[0], 0x4A000002u);
  EXPECT_EQ(wide.header[1] & 0xFFF, 8u);
  EXPECT_EQ(wide.data, 0x89ABCDEFu);
  EXPECT_EQ(wide.data_high, 0x01234567u);
  const Host::Answer& none = wait(card_->host.tlp({0x00000001, 0x00, base + regs::MacHash::address(), 0}));
  EXPECT_EQ(none.status, kSuccess);  // P11: one DW, byte count 1
  EXPECT_EQ(none.header[0], 0x4A000001u);
  EXPECT_EQ(none.header[1] & 0xFFF, 1u);
  driver_->write(regs::MacHash::address(), 0);
  driver_->write(regs::MacHash::address() + 4, 0);
  audited();
}

}  // namespace
}  // namespace ringside::testbench::nic
