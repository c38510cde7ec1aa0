// Every header parser with every length that is too short, and fields that contradict each other.
#include <gtest/gtest.h>

#include <algorithm>

#include "stack/ethernet_wire.h"
#include "stack/ipv4_wire.h"
#include "stack/tcp_wire.h"
#include "stack/udp.h"
#include "stack/wire_bytes.h"
#include "testbench/stack/support/two_hosts.h"

namespace ringside::testbench {
namespace {

// Exactly sized heap memory, so that a sanitizer sees a read past the end.
template <typename Parse>
void each_short_length(uint32_t full, const std::vector<uint8_t>& good, Parse parse) {
  for (uint32_t bytes = 0; bytes < full; ++bytes) {
    const std::vector<uint8_t> part(good.begin(), good.begin() + bytes);
    EXPECT_FALSE(parse(part.data(), bytes)) << bytes;
  }
  EXPECT_TRUE(parse(good.data(), static_cast<uint32_t>(good.size())));
}

TEST(WireEthernet, ShortHeadersAndRoundTrip) {
  std::vector<uint8_t> bytes(14);
  write_ethernet(bytes.data(), {test_mac(1), kBroadcastMac, 0x1234});
  each_short_length(14, bytes, [](const uint8_t* d, uint32_t n) { return parse_ethernet(d, n).has_value(); });
  const auto header = parse_ethernet(bytes.data(), 14);
  EXPECT_EQ(header->destination, test_mac(1));
  EXPECT_EQ(header->source, kBroadcastMac);
  EXPECT_EQ(header->ether_type, 0x1234);
  EXPECT_FALSE(header->group());
}

TEST(WireArp, ShortAndForeignPackets) {
  std::vector<uint8_t> bytes(28);
  write_arp(bytes.data(), {kArpReply, test_mac(1), kAlice, test_mac(2), kBob});
  each_short_length(28, bytes, [](const uint8_t* d, uint32_t n) { return parse_arp(d, n).has_value(); });
  EXPECT_EQ(parse_arp(bytes.data(), 28)->target, kBob);
  for (const size_t field : {0, 2, 4, 5}) {  // hardware type, protocol type, both lengths
    auto broken = bytes;
    broken[field] ^= 1;
    EXPECT_FALSE(parse_arp(broken.data(), 28)) << field;
  }
}

std::vector<uint8_t> ipv4_bytes(uint16_t payload) {
  Ipv4Header header;
  header.total_bytes = static_cast<uint16_t>(20 + payload);
  header.protocol = kProtocolUdp;
  header.source = kAlice;
  header.destination = kBob;
  std::vector<uint8_t> bytes(20u + payload);
  write_ipv4(bytes.data(), header);
  return bytes;
}

TEST(WireIpv4, LengthsThatCannotBe) {
  const auto good = ipv4_bytes(40);
  Ipv4Header h;
  for (uint32_t n = 0; n < 20; ++n) EXPECT_EQ(parse_ipv4(good.data(), n, n, &h), Ipv4ParseError::kShort);
  EXPECT_EQ(parse_ipv4(good.data(), 60, 60, &h), Ipv4ParseError::kNone);
  EXPECT_TRUE(ipv4_checksum_good(good.data(), 20));
  for (uint8_t ihl = 0; ihl < 16; ++ihl) {
    auto bytes = good;
    bytes[0] = static_cast<uint8_t>(0x40 | ihl);
    EXPECT_EQ(parse_ipv4(bytes.data(), 60, 60, &h), ihl < 5 ? Ipv4ParseError::kHeaderLength : Ipv4ParseError::kNone)
        << int{ihl};
  }
  auto six = good;
  six[0] = 0x65;
  EXPECT_EQ(parse_ipv4(six.data(), 60, 60, &h), Ipv4ParseError::kVersion);
  for (const uint16_t total : {uint16_t{0}, uint16_t{19}, uint16_t{61}, uint16_t{65535}}) {
    auto bytes = good;
    store_be16(bytes.data() + 2, total);
    EXPECT_EQ(parse_ipv4(bytes.data(), 60, 60, &h), Ipv4ParseError::kTotalLength) << total;
  }
}

TEST(WireIpv4, FragmentsThatCannotBe) {
  Ipv4Header h;
  auto bytes = ipv4_bytes(41);
  store_be16(bytes.data() + 6, 0x2000);  // more fragments, but not a multiple of 8
  EXPECT_EQ(parse_ipv4(bytes.data(), 61, 61, &h), Ipv4ParseError::kFragmentLength);
  store_be16(bytes.data() + 6, 0x1FFF);  // ends beyond 65535: the ping of death
  EXPECT_EQ(parse_ipv4(bytes.data(), 61, 61, &h), Ipv4ParseError::kFragmentLength);
  auto empty = ipv4_bytes(0);
  store_be16(empty.data() + 6, 0x2000);
  EXPECT_EQ(parse_ipv4(empty.data(), 20, 20, &h), Ipv4ParseError::kFragmentLength);
}

TEST(WireIpv4, TtlStepsKeepTheChecksumRight) {
  for (uint32_t id = 0; id < 65536; id += 251) {
    Ipv4Header header;
    header.total_bytes = 20;
    header.identification = static_cast<uint16_t>(id);
    header.ttl = static_cast<uint8_t>(id % 254 + 2);
    uint8_t bytes[20];
    write_ipv4(bytes, header);
    decrement_ttl(bytes);
    EXPECT_EQ(bytes[8], header.ttl - 1);
    EXPECT_TRUE(ipv4_checksum_good(bytes, 20)) << id;
  }
}

TEST(WireIcmp, ShortHeaders) {
  std::vector<uint8_t> bytes(8);
  write_icmp(bytes.data(), {8, 0, 0x12345678});
  each_short_length(8, bytes, [](const uint8_t* d, uint32_t n) { return parse_icmp(d, n).has_value(); });
  EXPECT_EQ(parse_icmp(bytes.data(), 8)->rest, 0x12345678u);
}

TEST(WireUdp, ShortHeadersAndLengthFieldBelowEight) {
  std::vector<uint8_t> bytes(8);
  write_udp(bytes.data(), {1, 2, 8, 0});
  each_short_length(8, bytes, [](const uint8_t* d, uint32_t n) { return parse_udp(d, n).has_value(); });
  for (uint16_t length = 0; length < 8; ++length) {
    store_be16(bytes.data() + 4, length);
    EXPECT_FALSE(parse_udp(bytes.data(), 8)) << length;
  }
}

TEST(WireTcp, ShortHeadersAndEveryDataOffset) {
  TcpHeader header;
  header.source_port = 7;
  std::vector<uint8_t> bytes(60);
  write_tcp(bytes.data(), header);
  each_short_length(20, bytes, [](const uint8_t* d, uint32_t n) { return parse_tcp(d, n).has_value(); });
  for (uint8_t words = 0; words < 16; ++words) {
    bytes[12] = static_cast<uint8_t>(words << 4);
    EXPECT_EQ(parse_tcp(bytes.data(), 60).has_value(), words >= 5) << int{words};
    EXPECT_EQ(parse_tcp(bytes.data(), 40).has_value(), words >= 5 && words <= 10) << int{words};
  }
}

TEST(WireTcp, OptionsRoundTripAndPadWithZero) {  // MUST-68, MUST-69
  TcpHeader header;
  header.flags = kTcpSyn;
  header.options.mss = 1460;
  header.options.window_scale = 7;
  header.options.sack_permitted = true;
  header.options.has_timestamps = true;
  header.options.ts_value = 0xAABBCCDD;
  header.options.ts_echo = 5;
  header.header_bytes = tcp_header_bytes(header.options);
  EXPECT_EQ(header.header_bytes, 44);
  std::vector<uint8_t> bytes(header.header_bytes);
  write_tcp(bytes.data(), header);
  const TcpOptions got = parse_tcp(bytes.data(), 44)->options;
  EXPECT_EQ(got.mss, 1460);
  EXPECT_EQ(got.window_scale, 7);
  EXPECT_TRUE(got.sack_permitted);
  EXPECT_EQ(got.ts_value, 0xAABBCCDDu);
}

TEST(WireTcp, RandomOptionBytesNeverRunAway) {  // MUST-7
  Random random(99);
  for (int i = 0; i < 20'000; ++i) {
    const uint32_t bytes = 20 + 4 * random.below(11);
    std::vector<uint8_t> data(bytes);
    for (auto& byte : data) byte = static_cast<uint8_t>(random.below(3) ? random.below(12) : random.next());
    data[12] = static_cast<uint8_t>(bytes / 4 << 4);
    const auto header = parse_tcp(data.data(), bytes);
    ASSERT_TRUE(header);
    EXPECT_LE(header->options.sack_count, TcpOptions::kMaxSackBlocks);
  }
}

TEST(WireTcp, MssOutsideASynIsIgnored) {  // MUST-65
  TcpHeader header;
  header.flags = kTcpAck;
  header.options.mss = 100;
  header.header_bytes = tcp_header_bytes(header.options);
  std::vector<uint8_t> bytes(header.header_bytes);
  write_tcp(bytes.data(), header);
  EXPECT_FALSE(parse_tcp(bytes.data(), header.header_bytes)->options.mss);
}

TEST(Address, ParseAndPrint) {
  EXPECT_EQ(to_string(ipv4(10, 0, 255, 1)), "10.0.255.1");
  EXPECT_EQ(parse_ipv4("192.168.1.20"), ipv4(192, 168, 1, 20));
  for (const char* bad : {"", "1.2.3", "1.2.3.4.5", "256.1.1.1", "1..2.3", "a.b.c.d", "1.2.3.4 ", "0001.2.3.4"}) {
    EXPECT_FALSE(parse_ipv4(bad)) << bad;
  }
  EXPECT_TRUE((Ipv4Prefix{kAlice, 24}.contains(kBob)));
  EXPECT_FALSE((Ipv4Prefix{kAlice, 32}.contains(kBob)));
  EXPECT_TRUE((Ipv4Prefix{{}, 0}.contains(kBob)));
}

}  // namespace
}  // namespace ringside::testbench
