// Driver and RTL together: what the receiver lets through. Addresses (own, multicast, promiscuous), and lengths up to
// the longest there are, with the settings made while the NIC runs.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <vector>

#include "testbench/sc_model/support/nic_pair.h"

namespace ringside::testbench {
namespace {

using driver::Setting;
using driver::regs::CounterId;
using Numbers = std::vector<uint32_t>;
using Address = stack::MacAddress;

constexpr Address kOwn{2, 0, 0, 0, 0, 2}, kOther{2, 0, 0, 0, 0, 3}, kAll{0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};

class NicFilter : public ::testing::TestWithParam<unsigned> {
 protected:
  NicFilter() { options.width = GetParam(); }

  // A setting of the receiver, in force when this returns: reading a register is answered behind the write.
  static void set(NicPair::Script& s, const std::function<Setting(driver::NicDriver&)>& setting) {
    s.on_peer([&](NicEnd& peer) {
      EXPECT_EQ(setting(peer.driver), Setting::kDone);
      peer.counter(CounterId::kRxFrames);
    });
  }
  // Numbers of those frames that come, frame n to the n-th address; a broadcast frame tells that all have passed.
  static Numbers arrivals(NicPair::Script& s, const std::vector<Address>& addresses) {
    constexpr uint32_t kEnd = 9999;
    s.end(1).received.clear();
    const auto send_to = [&](const Address& address, uint32_t number) {
      Bytes frame = flow_frame(7, 60, number);
      std::copy(address.begin(), address.end(), frame.begin());
      s.send(frame);
    };
    for (uint32_t n = 0; n < addresses.size(); ++n) send_to(addresses[n], n);
    send_to(kAll, kEnd);
    const std::vector<Received>& received = s.end(1).received;
    EXPECT_TRUE(s.wait_until([&] { return !received.empty() && number_of(received.back().bytes) == kEnd; }));
    Numbers numbers;
    for (size_t i = 0; i + 1 < received.size(); ++i) numbers.push_back(number_of(received[i].bytes));
    return numbers;
  }
  static uint64_t filtered(NicPair::Script& s) {
    uint64_t count = 0;
    s.on_peer([&](NicEnd& peer) { count = peer.counter(CounterId::kRxFiltered); });
    return count;
  }

  NicPairOptions options;
};

TEST_P(NicFilter, OwnAddressAndBroadcastOnly) {
  NicPair pair(options);
  pair.run([&](NicPair::Script& s) {
    const std::vector<Address> all = {
        kOwn, kOther, {1, 0, 0x5E, 0, 0, 1}, kAll, {2, 0, 0, 0, 0, 0}, {0, 0, 0, 0, 0, 2}};
    EXPECT_EQ(arrivals(s, all), (Numbers{0, 3}));
    EXPECT_EQ(filtered(s), 4u);
    set(s, [](driver::NicDriver& d) { return d.set_mac_address(kOther); });
    EXPECT_EQ(arrivals(s, all), (Numbers{1, 3}));
    set(s, [](driver::NicDriver& d) { return d.set_promiscuous(true); });
    EXPECT_EQ(arrivals(s, all), (Numbers{0, 1, 2, 3, 4, 5}));
    EXPECT_EQ(filtered(s), 8u);
    set(s, [](driver::NicDriver& d) { return d.set_promiscuous(false); });
    EXPECT_EQ(arrivals(s, all), (Numbers{1, 3}));
    set(s, [](driver::NicDriver& d) { return d.set_all_multicast(true); });
    EXPECT_EQ(arrivals(s, all), (Numbers{1, 2, 3}));
  });
}

// The most significant bits of a CRC-32 as IEEE 802.3 3.2.9 has it, computed the other way round than the driver does.
unsigned hash_bit(const Address& address) {
  uint32_t remainder = 0xFFFFFFFF;
  for (const uint8_t octet : address)
    for (unsigned bit = 0; bit < 8; ++bit) {
      const uint32_t next = (octet >> bit & 1) ^ remainder >> 31;
      remainder = remainder << 1 ^ (next != 0 ? 0x04C11DB7 : 0);
    }
  unsigned top = 0;  // the register's low end, mirrored, is the top of the reflected CRC
  for (unsigned bit = 0; bit < 6; ++bit) top |= (~remainder >> bit & 1) << (5 - bit);
  return top;
}

// A group for each bit of the filter: those that were asked for come, with others that share their bits, and no more;
// after a reset of the whole NIC too.
TEST_P(NicFilter, MulticastByHash) {
  std::vector<Address> groups(64);
  for (uint32_t n = 0, left = 64; left > 0; ++n) {
    const Address group{
        1, 0, 0x5E, static_cast<uint8_t>(n >> 16), static_cast<uint8_t>(n >> 8), static_cast<uint8_t>(n)};
    Address& place = groups[hash_bit(group)];
    if (place[0] == 0) place = group, --left;
  }
  NicPair pair(options);
  pair.run([&](NicPair::Script& s) {
    EXPECT_EQ(arrivals(s, groups), Numbers{});
    for (unsigned step : {3u, 2u}) {
      std::vector<Address> wanted;
      Numbers expected;
      for (uint32_t bit = step - 1; bit < 64; bit += step) wanted.push_back(groups[bit]), expected.push_back(bit);
      set(s, [&](driver::NicDriver& d) { return d.set_multicast(wanted); });
      EXPECT_EQ(arrivals(s, groups), expected);
      set(s, [&](driver::NicDriver& d) { return d.reset(false); });
      EXPECT_TRUE(s.wait_until([&] { return s.end(0).driver.link_up() && s.end(1).driver.link_up(); }));
      EXPECT_EQ(arrivals(s, groups), expected) << "after a reset";
    }
  });
}

// Lengths around the bound of the receiver: the longest comes, one octet more is counted as oversize; a tag is extra.
TEST_P(NicFilter, LengthsUpToTheLongest) {
  options.nic[0].mtu_bytes = 9000;
  options.nic[1].offloads.vlan_strip = false;
  NicPair pair(options);
  pair.run([&](NicPair::Script& s) {
    uint64_t oversize = 0;
    for (const uint32_t mtu : {1500u, 4000u, 8999u, 9000u}) {
      SCOPED_TRACE(mtu);
      set(s, [&](driver::NicDriver& d) { return d.set_mtu(mtu); });
      s.end(1).received.clear();
      Numbers sent;
      for (uint32_t payload = mtu - 42; payload <= std::min(mtu - 38, 8960u); ++payload) {
        s.send(flow_frame(7, payload, payload), {}, 1000);
        if (payload <= mtu - 40)
          sent.push_back(payload);
        else
          ++oversize;
      }
      stack::PacketMeta tagged;
      tagged.vlan_insert = true;
      tagged.vlan = 0x2345;
      s.send(flow_frame(7, mtu - 40, 77), tagged, 700);
      const std::vector<Received>& received = s.end(1).received;
      ASSERT_TRUE(s.wait_until([&] { return received.size() == sent.size() + 1; })) << s.drops();
      for (size_t i = 0; i < sent.size(); ++i) EXPECT_EQ(received[i].bytes, flow_frame(7, sent[i], sent[i])) << sent[i];
      EXPECT_EQ(received.back().bytes.size(), mtu + 18);
      s.on_peer([&](NicEnd& peer) { EXPECT_EQ(peer.counter(CounterId::kRxOversize), oversize); });
    }
    EXPECT_EQ(oversize, 5u);
  });
}

TEST_P(NicFilter, ThePeerSendsTheLongestToo) {
  for (driver::NicConfig& nic : options.nic) nic.mtu_bytes = 9000;
  NicPair pair(options);
  pair.run([&](NicPair::Script& s) {
    s.on_peer([&](NicEnd& peer) {
      for (uint32_t n = 0; n < 8; ++n) {
        Bytes frame = flow_frame(7, 8960 - n, n);
        std::swap(frame[5], frame[11]);
        ASSERT_EQ(peer.send(frame), stack::TxResult::kSent);
      }
      EXPECT_EQ(peer.send(flow_frame(7, 8961, 8)), stack::TxResult::kDropped);  // longer than any frame
    });
    ASSERT_TRUE(s.wait_until([&] { return s.end(0).received.size() == 8; })) << s.drops();
    for (uint32_t n = 0; n < 8; ++n) EXPECT_EQ(s.end(0).received[n].bytes.size(), 9014 - n);
  });
}

INSTANTIATE_TEST_SUITE_P(Widths, NicFilter, ::testing::Values(64u, 512u),
                         [](const auto& test) { return std::to_string(test.param); });

}  // namespace
}  // namespace ringside::testbench
