// What the NIC does to packets, on the whole card and against the model: segmentation, tags, hashes and queues, time
// stamps. Rules C1 to C15 where they meet each other; the engines' own tests go further into each.
#include <algorithm>
#include <cstdio>
#include <map>

#include "testbench/rtl/nic/traffic_fixture.h"
#include "testbench/rtl/rss_vectors.h"

namespace ringside::testbench::nic {
namespace {

constexpr unsigned kQueues = 4;
using Rss = regs::RssControl;
constexpr uint32_t kByAddress = Rss::kEnable.mask() | Rss::kIpv4.mask() | Rss::kIpv6.mask();
constexpr uint32_t kByPorts = Rss::kEnable.mask() | Rss::kTcpIpv4.mask() | Rss::kTcpIpv6.mask() | Rss::kUdpIpv4.mask() |
                              Rss::kUdpIpv6.mask();
constexpr uint32_t kAllTypes = kByAddress | kByPorts;

class NicOffloads : public WithTraffic {
 protected:
  void bring_up(const DriverSettings& with) {
    CardSettings settings = card_settings();
    settings.host.memory_bytes = 64 << 20;
    settings.host.split = Split::kRandom;
    settings.host.reorder = true;
    ReceivePlan plan;
    plan.queues = with.queues;
    plan.smallest = 512, plan.largest = 2048;
    WithTraffic::bring_up(settings, with, plan);
  }
  static DriverSettings all_on() {
    DriverSettings with;
    with.queues = kQueues;
    with.rx_log2 = 6;
    with.ret_log2 = 7;
    with.mac_control |= regs::MacControl::kVlanStrip.mask();
    with.rss.control = kAllTypes;
    with.rss.key = kRssKey;
    for (unsigned i = 0; i < with.rss.table.size(); ++i) with.rss.table[i] = static_cast<uint8_t>(i * 7 / 3 % kQueues);
    return with;
  }

  // A TCP packet to be cut. All its header fields are random, flags and numbers too.
  void add_segmented(unsigned payload, unsigned mss, bool insert_tag) {
    Shape shape;
    shape.ipv6 = random_.one_in(2);
    shape.tags = static_cast<unsigned>(random_.below(3));
    shape.option_words = static_cast<unsigned>(random_.below(shape.ipv6 ? 4 : 11));
    shape.sums = false;
    shape.sum_without_length = true;
    shape.payload = payload - std::min(payload, header_octets(shape));
    if (shape.payload == 0) shape.payload = 1;
    Built built = build(shape, &random_);
    Packet packet;
    packet.csum = true;
    packet.csum_start = static_cast<uint16_t>(built.l4_start);
    packet.csum_offset = 16;
    packet.has_extension = true;
    packet.extension_flags = regs::tx_flags::kTso;
    packet.mss = static_cast<uint16_t>(mss);
    packet.header_length = static_cast<uint16_t>(built.payload_start);
    packet.ip_start = static_cast<uint16_t>(built.ip_start);
    if (insert_tag) add_tag(&packet);
    add(std::move(built.frame), packet);
  }
  void add_tag(Packet* packet) {
    packet->has_extension = true;
    packet->extension_flags |= regs::tx_flags::kVlan;
    packet->vlan = static_cast<uint16_t>(random_.bits());
  }
  void add(Octets octets, const Packet& packet) {
    const unsigned queue = static_cast<unsigned>(random_.below(driver_->settings().queues));
    octets[0] = static_cast<uint8_t>(queue << 5);  // frames of two queues never look alike
    const unsigned pieces = static_cast<unsigned>(random_.one_in(2) ? 1 : random_.between(2, 32));
    send_->add(queue, octets, static_cast<unsigned>(random_.below(4096)), pieces, packet);
  }
  void add_tagged(unsigned length) {
    Octets octets = random_octets(length, &random_);
    Packet packet;
    packet.csum = length >= 18 && random_.one_in(2);
    if (packet.csum) {
      packet.csum_start = static_cast<uint16_t>(random_.between(7, (length - 2) / 2) * 2);
      packet.csum_offset = static_cast<uint16_t>(random_.below(length - packet.csum_start - 1));
    }
    add_tag(&packet);
    add(std::move(octets), packet);
  }
  void run(uint64_t limit = 1'000'000) {
    run_to_the_end(limit, 60);
    audited();
  }
};
RINGSIDE_EVERY_WIDTH(NicOffloads);

TEST_P(NicOffloads, SegmentationOfAnySize) {
  DriverSettings with;
  with.queues = kQueues;
  bring_up(with);
  for (unsigned i = 0; i < 40; ++i)
    add_segmented(static_cast<unsigned>(random_.between(80, 6000)), static_cast<unsigned>(random_.between(48, 1460)),
                  random_.one_in(3));
  for (unsigned mss : {48u, 1448u, 8900u}) add_segmented(20'000, mss, false);
  run();
}

// The longest, 65,535 octets, in as few and in as many segments as a stack would ask for.
TEST_P(NicOffloads, SegmentationOf64Kilobytes) {
  DriverSettings with;
  with.queues = 2;
  bring_up(with);
  add_segmented(65'535, 1448, false);
  add_segmented(65'535, 8900, true);
  run();
  EXPECT_GT(at(&send_->expected, regs::CounterId::kTxFrames), 50u);
}

TEST_P(NicOffloads, TagsGoIn) {
  DriverSettings with;
  with.queues = kQueues;
  bring_up(with);
  for (unsigned length = 14; length <= 130; ++length) add_tagged(length);
  for (unsigned length : {1514u, 9000u, 9014u}) add_tagged(length);
  run();
}

// The hash of the published vectors, and the queue that the table names for it.
TEST_P(NicOffloads, PublishedHashVectors) {
  for (const uint32_t types : {kByAddress, kByPorts}) {
    DriverSettings with = all_on();
    with.rss.control = types;
    bring_up(with);
    std::map<unsigned, std::vector<uint32_t>> want;  // by queue
    for (const RssVector& vector : kRssVectors) {
      Shape shape;
      shape.ipv6 = vector.addresses.size() == 32;
      shape.payload = 20;
      Built built = build(shape, &random_);
      std::copy(vector.addresses.begin(), vector.addresses.end(),
                built.frame.begin() + built.ip_start + (shape.ipv6 ? 8 : 12));
      put_be16(&built.frame[built.l4_start], vector.source_port);
      put_be16(&built.frame[built.l4_start + 2], vector.destination_port);
      const uint32_t hash = types == kByPorts ? vector.with_ports : vector.of_addresses;
      want[with.rss.table[hash % 128]].push_back(hash);
      const Octets frame = with_fcs(built.frame);
      EXPECT_EQ(judge(frame, -1, receive_->rules).hash, hash) << "the model itself";
      receive_->add(frame, 20);
    }
    std::map<unsigned, std::vector<uint32_t>> seen;
    receive_->on_entry = [&](unsigned queue, const regs::ReturnEntry& entry) {
      EXPECT_TRUE(entry.flags & regs::return_flags::kHash);
      seen[queue].push_back(entry.hash);
    };
    run();
    EXPECT_EQ(seen, want);
    EXPECT_GT(want.size(), 2u) << "several queues";
  }
}

// A table entry that names a queue which is off, or does not exist: rx_disabled, the others go on.
TEST_P(NicOffloads, SpreadToAQueueThatIsOff) {
  DriverSettings with = all_on();
  with.rss.table[5] = with.rss.table[69] = 7;  // of 4
  bring_up(with);
  driver_->write(regs::RxControl::address(1), 0);
  receive_->rules.queues_on = 0xD;
  card_->run(200);
  for (unsigned i = 0; i < 120; ++i) add_random_frame(receive_.get(), 100, 12, 60, &random_);
  run();
  EXPECT_GT(at(&receive_->expected, regs::CounterId::kRxDisabled), 10u);
}

TEST_P(NicOffloads, TagsComeOffAndFramesSpread) {
  for (const bool fcs_stays : {false, true}) {
    DriverSettings with = all_on();
    if (fcs_stays) with.mac_control &= ~regs::MacControl::kStripFcs.mask();
    bring_up(with);
    for (unsigned i = 0; i < 250; ++i)
      add_random_frame(receive_.get(), static_cast<unsigned>(random_.between(60, 200)), 12, 40, &random_);
    for (unsigned i = 0; i < 12; ++i)
      add_random_frame(receive_.get(), static_cast<unsigned>(random_.between(200, 9000)), 12, 40, &random_);
    run();
  }
}

// All of it at once, both ways.
TEST_P(NicOffloads, EverythingTogether) {
  bring_up(all_on());
  for (unsigned i = 0; i < 60; ++i) {
    const auto length = static_cast<unsigned>(random_.between(60, 600));
    add_random_packet(send_.get(), kQueues, length, static_cast<unsigned>(random_.below(4096)), &random_);
    if (i % 3 == 0) add_tagged(length);
    if (i % 3 == 1) add_segmented(2000 + length, 48 + length, random_.one_in(2));
    for (unsigned frames = 0; frames < 4; ++frames) add_random_frame(receive_.get(), length, 12, 60, &random_);
  }
  run();
}

// Departure: the stamp that the status block brings, against the beat in which the frame's start was on the wire.
TEST_P(NicOffloads, TimesOfDeparture) {
  DriverSettings with;
  bring_up(with);
  std::vector<uint64_t> starts_ns;
  const auto see = card_->wire.on_frame;
  card_->wire.on_frame = [&](const uint8_t* frame, size_t size, uint64_t start, uint64_t end) {
    starts_ns.push_back((start + 1) * card_->clocks().mac_ps / 1000);
    see(frame, size, start, end);
  };
  int64_t least = 1000, most = -1000;
  uint64_t last = 0;
  for (unsigned i = 0; i < 40; ++i) {
    const uint32_t first = driver_->queue(0).tx_prod;
    Packet packet;
    packet.has_extension = true;
    packet.extension_flags = regs::tx_flags::kTimestamp;
    if (i % 4 == 0) add_tag(&packet);
    send_->add(0, random_octets(random_.between(60, 1500), &random_), 0, 1 + i % 3, packet);
    add_random_packet(send_.get(), 1, 100, 0, &random_);  // one without a stamp behind it
    EXPECT_TRUE(card_->until([&] { return send_->turn(), send_->done(); }, 20'000));
    const QueueState& queue = driver_->queue(0);
    const auto stamped = [&] {  // section 9: its index, and another time than the last one
      driver_->look(0);
      return queue.tx_stamp_idx == first && queue.tx_stamp != last;
    };
    ASSERT_TRUE(card_->until(stamped, 5000)) << queue.tx_stamp_idx << " for " << first;
    last = queue.tx_stamp;
    const auto late = static_cast<int64_t>(last - starts_ns[starts_ns.size() - 2]);
    least = std::min(least, late);
    most = std::max(most, late);
  }
  std::printf("stamp %d to %d ns behind the first octet on the wire\n", static_cast<int>(least),
              static_cast<int>(most));
  EXPECT_GE(least, -20);
  EXPECT_LE(most, 40) << "near the wire";
  EXPECT_LE(most - least, 20) << "a constant offset, but for the two clocks";
  audit(*card_, *driver_, send_->expected);
}

}  // namespace
}  // namespace ringside::testbench::nic
