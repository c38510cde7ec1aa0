// When a posted write is done: as its TLP leaves the queue, also when that drops it because bus mastering went (P34); never
// when a reset has forgotten it (P41). Rule D5 rests on it.
#include <gtest/gtest.h>

#include <array>
#include <deque>
#include <random>
#include <set>

#include "testbench/rtl/pcie/pcie_bench.h"

namespace ringside::testbench::pcie {
namespace {

// D5: a write is done when it leaves, in order, once for each request.
TEST(PcieDone, WritesAreDoneWhenTheyLeave) {
  PcieBench bench;
  bench.configure();
  bench.infinite_credits = false;
  bench.credits = {0, 1000, 0, 100, 100};
  for (unsigned i = 0; i < 6; ++i) {
    DmaRequest write = write_of(0x1000 * i, 4 + kBeatDws, i);
    write.client = i / 3;
    write.last = i % 3 != 1;
    bench.write(write);
  }
  const std::vector<unsigned> all{1, 1, 2, 2};
  const std::array<size_t, 7> done{0, 1, 1, 2, 3, 3, 4};
  for (unsigned left = 0; left <= 6; ++left) {
    bench.credits.ph = static_cast<uint8_t>(left);
    bench.run(20);
    ASSERT_EQ(bench.out.size(), left);
    EXPECT_EQ(bench.done, (std::vector<unsigned>(all.begin(), all.begin() + static_cast<long>(done[left]))));
  }
}

// P34: what waits when bus mastering is taken away, and what comes until it is back, is dropped and done.
TEST(PcieDone, BusMasterOffDropsWhatWaitsAndSaysDone) {
  for (unsigned writes : {1u, 2u, 5u, 9u}) {
    PcieBench bench;
    bench.configure();
    const unsigned sent = bench.ev_writes;
    bench.infinite_credits = false;
    bench.credits = {1, 1000, 0, 100, 100};
    for (unsigned i = 0; i < writes; ++i) bench.write(write_of(0x1000 * i, 4, i));
    bench.run(30);
    EXPECT_EQ(bench.done.size(), 1u);
    bench.cfg_write(0x04, 2, 0x3);
    EXPECT_EQ(bench.done.size(), writes);
    for (unsigned i = 0; i < writes; ++i) bench.write(write_of(0x1000 * i, 4 + 2 * kBeatDws, i));
    bench.run(60);
    EXPECT_EQ(bench.done.size(), 2 * writes);
    bench.cfg_write(0x04, 6, 0x3);
    bench.credits.ph = 20;
    bench.run(30);
    EXPECT_EQ(bench.ev_writes - sent, 1u);
    bench.write(write_of(0x8000, 4, 9));
    bench.settle();
    EXPECT_EQ(bench.ev_writes - sent, 2u);
    EXPECT_EQ(bench.done.size(), 2 * writes + 1);
  }
}

// What a client may believe: every write of its is done once, in order, and has left if bus mastering was on all the time.
class Ledger {
 public:
  void look(const PcieBench& bench) {
    if (bench.engine_reset) return forget(bench);
    for (; taken_ < bench.taken.size(); ++taken_) {
      const DmaRequest& write = bench.taken[taken_];
      if (write.last) open_[write.client].push_back({write.address, false});
    }
    for (auto& writes : open_)
      for (Open& write : writes) write.off = write.off || !bench.bus_master;
    for (; done_ < bench.done.size(); ++done_)
      for (unsigned client = 0; client < 2; ++client)
        if (bench.done[done_] >> client & 1) close(client);
  }
  void check(const PcieBench& bench) const {
    EXPECT_TRUE(open_[0].empty() && open_[1].empty()) << "never done";
    std::set<uint64_t> out;
    for (const Tlp& tlp : bench.out)
      if (tlp.is_write()) { EXPECT_TRUE(out.insert(tlp.address()).second) << "twice"; }
    for (const uint64_t address : left_) EXPECT_EQ(out.count(address), 1u) << "done, but it never left";
  }
  size_t left() const { return left_.size(); }
  size_t lost = 0, forgotten = 0;

 private:
  struct Open {
    uint64_t address;
    bool off;
  };
  void forget(const PcieBench& bench) {
    taken_ = bench.taken.size();
    done_ = bench.done.size();
    for (auto& writes : open_) {
      forgotten += writes.size();
      writes.clear();
    }
  }
  void close(unsigned client) {
    ASSERT_FALSE(open_[client].empty()) << "one done too many";
    const Open write = open_[client].front();
    open_[client].pop_front();
    if (write.off) ++lost;
    else left_.push_back(write.address);
  }

  size_t taken_ = 0, done_ = 0;
  std::array<std::deque<Open>, 2> open_;
  std::vector<uint64_t> left_;
};

// Bus mastering goes and comes, resets find TLPs half in the queue and half on the pins, the bus stalls.
TEST(PcieDone, WhateverHappens) {
  PcieBench bench;
  bench.configure();
  std::mt19937 random(5);
  Ledger ledger;
  uint64_t address = 0x10000;
  unsigned stall = 0, reset = 0, tag = 0;
  bool on = true, gap = false;
  bench.ready = [&] { return stall == 0 || --stall == 0; };
  bench.write_gap = [&] { return gap; };
  for (unsigned cycle = 0; cycle < 60'000; ++cycle) {
    const bool drain = cycle > 58'000;
    if (!drain && bench.waiting() < 4) {
      DmaRequest write = write_of(address += 4096, 1 + random() % (4 * kBeatDws), cycle);
      write.client = random() % 2;
      write.last = random() % 3 != 0;
      bench.write(write);
    }
    gap = !drain && random() % 4 == 0;
    if (!drain && stall == 0 && random() % 60 == 0) stall = 1 + random() % 60;
    if (bench.bus_master == on && (drain ? !on : random() % (on ? 150 : 12) == 0)) {
      on = !on;
      bench.send(config(true, kBdf, 0x04, 0x3, ++tag & 0xFF, on ? 6 : 2));
    }
    if (reset > 0) --reset;
    else if (!drain && random() % 700 == 0) reset = 8;
    bench.engine_reset = reset > 0;
    bench.step();
    ledger.look(bench);
    if (HasFailure()) FAIL() << "cycle " << cycle;
  }
  ledger.check(bench);
  EXPECT_GT(ledger.left(), 1000u);
  EXPECT_GT(ledger.lost, 100u);
  EXPECT_GT(ledger.forgotten, 50u);
}

}  // namespace
}  // namespace ringside::testbench::pcie
