// Checksum verdicts and the raw sum: a table of frames made on purpose, then thousands drawn at random (C2 to C15).
#include <gtest/gtest.h>

#include "testbench/rtl/rx/rx_bench.h"
#include "testbench/rtl/rx/rx_packets.h"

namespace ringside::testbench {
namespace {

class RxVerdictTest : public ::testing::Test {
 protected:
  RxVerdictTest() : bench_(11) {
    bench_.set_rings(8, 8);
    bench_.enable();
  }

  void add(std::vector<uint8_t> frame, unsigned expected, const std::string& what) {
    expected_.push_back({std::move(frame), expected, what});
    if (expected_.size() == 200) flush();
  }
  void add(const PacketSpec& spec, unsigned expected, const std::string& what) {
    add(build(spec, bench_.random()), expected, what);
  }
  void add(const std::vector<uint8_t>& frame, const std::string& what) {
    add(frame, reference_verdict(frame).flags, what);
  }

  void flush() {
    for (size_t i = 0; i < expected_.size(); ++i) {
      bench_.post(0x7000'0000 + i * 0x4000 + i % 7, 9100);
      bench_.send({expected_[i].frame, 0});
    }
    bench_.doorbell();
    const unsigned bad_before = bench_.counts().csum_bad;
    ASSERT_TRUE(bench_.run_until_idle());
    const auto frames = bench_.take_frames();
    ASSERT_EQ(frames.size(), expected_.size());
    unsigned bad = 0;
    for (size_t i = 0; i < frames.size(); ++i) {
      const RxVerdict reference = reference_verdict(expected_[i].frame);
      EXPECT_EQ(flag_names(frames[i][0].flags & kVerdictFlags), flag_names(expected_[i].flags)) << expected_[i].what;
      EXPECT_EQ(frames[i][0].raw_csum, reference.raw_csum) << expected_[i].what;
      bad += reference.csum_bad;
    }
    EXPECT_EQ(bench_.counts().csum_bad - bad_before, bad);
    bench_.take_entries();
    expected_.clear();
  }

  struct Expected {
    std::vector<uint8_t> frame;
    unsigned flags;
    std::string what;
  };
  RxBench bench_;
  std::vector<Expected> expected_;
};

constexpr unsigned kGood4 = kIpv4 | kIpChecked | kIpGood, kL4Ok = kL4Checked | kL4Good;

TEST_F(RxVerdictTest, Tcp) {
  for (unsigned ihl = 5; ihl <= 15; ++ihl)                                     // C7
    for (unsigned data_offset : {5u, 8u, 15u})
      for (unsigned payload : {0u, 1u, 2u, 7u, 64u, 1001u}) {                  // C4
        PacketSpec spec;
        spec.ihl = ihl;
        spec.data_offset = data_offset;
        spec.payload = payload;
        add(spec, kGood4 | kTcp | kL4Ok, "tcp4");
        spec.bad_l4 = true;
        add(spec, kGood4 | kTcp | kL4Checked, "tcp4 bad");
      }
  flush();
}

TEST_F(RxVerdictTest, VlanTags) {  // C6
  for (const auto& tags : std::vector<std::vector<uint16_t>>{{0x8100}, {0x88A8, 0x8100}, {0x8100, 0x8100}})
    for (unsigned version : {4u, 6u})
      for (unsigned proto : {6u, 17u})
        for (unsigned payload = 0; payload < 80; payload += 3) {
          PacketSpec spec;
          spec.tags = tags;
          spec.version = version;
          spec.proto = proto;
          spec.payload = payload;
          add(spec, (version == 4 ? kGood4 : kIpv6) | (proto == 6 ? kTcp : kUdp) | kL4Ok, "tagged");
        }
  PacketSpec three;
  three.tags = {0x88A8, 0x8100, 0x8100};
  add(three, 0, "three tags");
  flush();
}

TEST_F(RxVerdictTest, Udp) {
  for (unsigned payload = 0; payload < 150; ++payload) {
    PacketSpec spec;
    spec.proto = 17;
    spec.payload = payload;
    add(spec, kGood4 | kUdp | kL4Ok, "udp4");
    spec.no_udp_csum = true;
    add(spec, kGood4 | kUdp, "udp4 without checksum: not checked");            // C2
    spec.version = 6;
    add(spec, kIpv6 | kUdp | kL4Checked, "udp6 without checksum: bad");        // C2
    spec.no_udp_csum = false;
    spec.udp_length_error = -1;
    add(spec, kIpv6 | kUdp, "udp6 length not that of the packet");
  }
  flush();
}

// C3: whatever the sum, the two encodings of zero are judged by the sum alone; C2: UDP on IPv6 with zero is bad.
TEST_F(RxVerdictTest, BothZeros) {
  for (unsigned version : {4u, 6u})
    for (unsigned proto : {6u, 17u}) {
      PacketSpec spec;
      spec.version = version;
      spec.proto = proto;
      spec.payload = 40;
      const size_t l4 = version == 4 ? 34 : 54, at = l4 + (proto == 6 ? 16 : 6), end = l4 + (proto == 6 ? 60 : 48);
      auto frame = build(spec, bench_.random());
      // The checksum moves into the last word of the payload: then it is zero itself.
      unsigned sum = (frame[end - 2] << 8 | frame[end - 1]) + (frame[at] << 8 | frame[at + 1]);
      sum = (sum & 0xFFFF) + (sum >> 16);
      frame[end - 2] = uint8_t(sum >> 8);
      frame[end - 1] = uint8_t(sum);
      const unsigned base = (version == 4 ? kGood4 : kIpv6) | (proto == 6 ? kTcp : kUdp);
      frame[at] = frame[at + 1] = 0xFF;
      add(frame, base | kL4Ok, "FFFF");
      frame[at] = frame[at + 1] = 0;
      add(frame, proto == 6 ? base | kL4Ok : version == 4 ? base : base | kL4Checked, "0000");
    }
  flush();
}

TEST_F(RxVerdictTest, Ipv4Header) {
  for (unsigned payload = 0; payload < 100; payload += 9) {
    PacketSpec spec;
    spec.payload = payload;
    spec.bad_ip = true;
    add(spec, kIpv4 | kIpChecked | kTcp | kL4Ok, "bad IP header checksum");
    spec.bad_ip = false;
    for (uint16_t field : {0x2000, 0x0001, 0x2010, 0x1FFF}) {                  // C8
      spec.fragment = field;
      add(spec, kGood4 | kFragment, "fragment");
    }
    spec.fragment = 0x4000;
    add(spec, kGood4 | kTcp | kL4Ok, "do not fragment");
    spec.fragment = 0;
    spec.trailer = 60;                                                         // C5, C12
    add(spec, kGood4 | kTcp | kL4Ok, "trailer");
    spec.trailer = 0;
    spec.length_error = 64;                                                    // C12
    add(spec, kGood4 | kTcp, "total length beyond the frame");
    spec.length_error = -int(payload) - 1;
    add(spec, kGood4 | kTcp, "shorter than a TCP header");
    spec.length_error = -int(payload) - 21;
    add(spec, kGood4 | kTcp, "total length shorter than the header");
  }
  PacketSpec spec;
  for (unsigned ihl : {0u, 4u}) {
    auto frame = build(spec, bench_.random());
    frame[14] = uint8_t(0x40 | ihl);
    add(frame, 0, "IHL below 5");
  }
  auto frame = build(spec, bench_.random());
  frame[14] = 0x55;
  add(frame, 0, "EtherType IPv4, version 5");
  PacketSpec small;
  small.payload = 0;
  small.proto = 1;
  frame = build(small, bench_.random());
  frame[14] = 0x4F;
  add(frame, 0, "header beyond the frame");
  flush();
}

TEST_F(RxVerdictTest, Ipv6Extensions) {  // C9
  for (unsigned payload : {0u, 1u, 10u, 500u})
    for (unsigned tags : {0u, 1u, 2u}) {
      PacketSpec spec;
      spec.version = 6;
      spec.payload = payload;
      spec.tags.assign(tags, 0x8100);
      add(spec, kIpv6 | kTcp | kL4Ok, "plain");
      for (uint8_t length : {0, 1, 2, 7, 12, 31}) {
        spec.extensions = {{0, length}};
        add(spec, kIpv6 | kTcp | kL4Ok, "hop by hop");
        spec.extensions = {{0, 0}, {60, length}, {60, 0}};
        add(spec, kIpv6 | kTcp | kL4Ok, "three headers");
        spec.extensions = {{51, length}, {60, 0}};
        add(spec, kIpv6 | kTcp | kL4Ok, "authentication header");
        spec.extensions = {{0, length}, {44, 0}};
        add(spec, kIpv6 | kFragment, "fragment");
        spec.extensions = {{43, length}};
        add(spec, kIpv6, "routing header: not checked");
        spec.extensions = {{60, length}, {139, 0}};
        add(spec, kIpv6, "unknown header");
      }
      spec.extensions.assign(8, {60, 0});
      add(spec, kIpv6 | kTcp | kL4Ok, "eight headers");
      spec.bad_l4 = true;
      add(spec, kIpv6 | kTcp | kL4Checked, "eight headers, bad");
      spec.extensions.assign(9, {60, 0});
      add(spec, kIpv6, "nine headers: not looked behind");
      spec.extensions[8] = {44, 0};
      add(spec, kIpv6, "a fragment header as the ninth");
      spec.extensions.erase(spec.extensions.begin());
      add(spec, kIpv6 | kFragment, "a fragment header as the eighth");
      spec.bad_l4 = false;
      spec.length_error = 200;
      add(spec, kIpv6, "chain, packet beyond the frame");
      spec.extensions.clear();
      add(spec, kIpv6 | kTcp, "packet beyond the frame");
    }
  flush();
}

TEST_F(RxVerdictTest, OtherProtocols) {  // C14
  for (unsigned version : {4u, 6u})
    for (unsigned proto : {1u, 2u, 47u, 50u, 58u, 59u, 132u, 255u}) {
      PacketSpec spec;
      spec.version = version;
      spec.proto = proto;
      add(spec, version == 4 ? kGood4 : kIpv6, "other protocol");
    }
  PacketSpec arp;
  arp.version = 0;
  add(arp, 0, "no IP");
  flush();
}

TEST_F(RxVerdictTest, FcsIsNotSummed) {  // C5
  for (unsigned payload = 0; payload < 130; ++payload) {
    PacketSpec spec;
    spec.payload = payload;
    auto frame = build(spec, bench_.random());
    const RxVerdict reference = reference_verdict(frame);
    const unsigned octets = unsigned(frame.size()), before = bench_.counts().octets;
    for (int i = 0; i < 4; ++i) frame.push_back(uint8_t(bench_.random()()));
    bench_.post(0x7000'0000, 2048);
    bench_.doorbell();
    bench_.send({frame, 0, true});
    ASSERT_TRUE(bench_.run_until_idle());
    const auto frames = bench_.take_frames();
    ASSERT_EQ(frames.size(), 1u);
    EXPECT_EQ(frames[0][0].bytes, frame);
    EXPECT_EQ(frames[0][0].frame_length, frame.size());
    EXPECT_EQ(frames[0][0].raw_csum, reference.raw_csum);
    EXPECT_EQ(frames[0][0].flags & kVerdictFlags, reference.flags);
    EXPECT_EQ(bench_.counts().octets - before, octets);
    bench_.take_entries();
  }
}

// Each frame says for itself whether its FCS is there: the setting may change while frames wait in the MAC.
TEST_F(RxVerdictTest, FramesWithAndWithoutFcsBackToBack) {  // C5
  for (int round = 0; round < 10; ++round) {
    std::vector<std::vector<uint8_t>> sent;
    std::vector<RxVerdict> expected;
    unsigned octets = 0;
    const unsigned before = bench_.counts().octets;
    for (unsigned i = 0; i < 100; ++i) {
      PacketSpec spec;
      spec.version = i % 3 == 0 ? 6 : 4;
      spec.payload = bench_.random()() % 400;
      auto frame = build(spec, bench_.random());
      expected.push_back(reference_verdict(frame));
      octets += unsigned(frame.size());
      const bool fcs = bench_.random()() % 2;
      for (int octet = 0; fcs && octet < 4; ++octet) frame.push_back(uint8_t(bench_.random()()));
      sent.push_back(frame);
      bench_.post(0x7000'0000 + i * 0x1000, 2048);
      bench_.send({std::move(frame), 0, fcs});
    }
    bench_.doorbell();
    ASSERT_TRUE(bench_.run_until_idle());
    const auto frames = bench_.take_frames();
    ASSERT_EQ(frames.size(), sent.size());
    for (size_t i = 0; i < frames.size(); ++i) {
      EXPECT_EQ(frames[i][0].bytes, sent[i]);
      EXPECT_EQ(frames[i][0].raw_csum, expected[i].raw_csum);
      EXPECT_EQ(flag_names(frames[i][0].flags & kVerdictFlags), flag_names(expected[i].flags));
    }
    EXPECT_EQ(bench_.counts().octets - before, octets);
    bench_.take_entries();
  }
}

TEST_F(RxVerdictTest, RawSumOfZerosAndOnes) {  // C10
  for (unsigned length : {60u, 61u, 1514u, 9018u})
    for (uint8_t value : {0x00, 0xFF}) {
      std::vector<uint8_t> frame(length, value);
      add(frame, 0, "all the same");
    }
  for (unsigned word = 0; word < 5; ++word) {  // FFFF + FFFF + .. + small: the last carry makes one more
    std::vector<uint8_t> frame(60, 0);
    for (unsigned at = 16; at < 24; ++at) frame[at] = 0xFF;
    frame[24 + word] = 1;
    add(frame, 0, "a carry out of the carries");
  }
  flush();
}

TEST_F(RxVerdictTest, Random) {  // C15 and every mixture
  auto& random = bench_.random();
  bench_.options().mac_gaps = 20;
  bench_.options().bus_stalls = 20;
  for (int i = 0; i < 4000; ++i) {
    PacketSpec spec;
    for (unsigned n = random() % 3; n > 0; --n) spec.tags.push_back(random() % 2 ? 0x8100 : 0x88A8);
    spec.version = random() % 8 == 0 ? 0 : random() % 2 ? 4 : 6;
    spec.ihl = 5 + random() % 11;
    spec.proto = random() % 4 == 0 ? random() % 256 : random() % 2 ? 6 : 17;
    spec.payload = random() % (random() % 4 ? 120 : 1400);
    spec.data_offset = 5 + random() % 11;
    for (unsigned n = random() % 4; n > 0; --n)
      spec.extensions.push_back({uint8_t(random() % 8 == 0 ? 44 : random() % 3 == 0 ? 51 : random() % 2 ? 60 : 0),
                                 uint8_t(random() % 6)});
    spec.fragment = random() % 8 ? 0x4000 : uint16_t(random());
    spec.bad_ip = random() % 8 == 0;
    spec.bad_l4 = random() % 8 == 0;
    spec.no_udp_csum = random() % 8 == 0;
    spec.length_error = random() % 8 ? 0 : int(random() % 80) - 40;
    spec.udp_length_error = random() % 8 ? 0 : int(random() % 20) - 10;
    spec.trailer = random() % 3 ? 0 : random() % 40;
    auto frame = build(spec, random);
    if (random() % 8 == 0) frame[12 + random() % (frame.size() - 12)] ^= uint8_t(1u << random() % 8);
    add(frame, "random");
    if (HasFailure()) return;
  }
  flush();
}

}  // namespace
}  // namespace ringside::testbench
