// dma_write alone: every small length at every alignment and across 4 KB, with back-pressure, byte for byte.
#include <gtest/gtest.h>

#include <cstring>
#include <deque>
#include <memory>
#include <random>

#include "Vdma_write.h"
#include "testbench/rtl/dma_write/write_sink.h"

namespace ringside::testbench {
namespace {

constexpr unsigned kBytes = DATA_WIDTH / 8;
constexpr unsigned kSkipBits = kBytes == 8 ? 3 : kBytes == 16 ? 4 : kBytes == 32 ? 5 : 6;

struct Request {
  uint64_t addr;
  unsigned len;
  unsigned skip = 0;
};

// What a client still offers: its requests, and the beats of those it has asked for or will.
struct Client {
  std::deque<Request> requests;
  std::deque<std::vector<uint8_t>> beats;
  std::deque<std::vector<uint8_t>> data;  // of requests, for the scoreboard
};

class DmaWriteTest : public ::testing::Test {
 protected:
  DmaWriteTest() : sink_(kBytes) {
    set_mps(0);
    model_.engine_rst_ni = 1;
    model_.rst_ni = 0;
    for (int i = 0; i < 3; ++i) clock();
    model_.rst_ni = 1;
  }

  void set_mps(unsigned n) {
    model_.mps_i = n;
    mps_ = 128u << n;
    sink_.set_mps(mps_);
  }

  void add(unsigned client, Request request) {
    std::vector<uint8_t> bytes(request.skip + request.len);
    for (auto& byte : bytes) byte = uint8_t(random_());
    clients_[client].requests.push_back(request);
    clients_[client].data.emplace_back(bytes.begin() + request.skip, bytes.end());
    bytes.resize((bytes.size() + kBytes - 1) / kBytes * kBytes, 0xEE);
    for (size_t at = 0; at < bytes.size(); at += kBytes)
      clients_[client].beats.emplace_back(bytes.begin() + at, bytes.begin() + at + kBytes);
  }

  // Fewest TLPs: a page needs as many as its DWs divided by MPS.
  unsigned fewest(const Request& request) const {
    unsigned tlps = 0;
    uint64_t at = request.addr & ~uint64_t{3};
    const uint64_t end = request.addr + request.len;
    while (at < end) {
      const uint64_t stop = std::min(end, (at & ~uint64_t{4095}) + 4096);
      tlps += unsigned((stop - at + mps_ - 1) / mps_);
      at = stop;
    }
    return tlps;
  }

  void clock() {
    model_.clk_i = 0;
    model_.eval();
    model_.clk_i = 1;
    model_.eval();
    ++cycle_;
  }

  // Runs until all requests are done. gaps and stalls in percent.
  void run(unsigned gaps, unsigned stalls) {
    uint64_t quiet = 0;
    while (!in_flight_.empty() || !clients_[0].requests.empty() || !clients_[1].requests.empty()) {
      step(gaps, stalls);
      ASSERT_LT(++quiet, 4'000'000u) << "no end";
      if (::testing::Test::HasFailure()) return;
    }
    for (int i = 0; i < 4; ++i) step(gaps, stalls);
    EXPECT_TRUE(model_.idle_o);
  }

  void step(unsigned gaps, unsigned stalls) {
    drive(gaps, stalls);
    model_.clk_i = 0;
    model_.eval();
    sample();
    model_.clk_i = 1;
    model_.eval();
    ++cycle_;
  }

  void drive(unsigned gaps, unsigned stalls) {
    model_.wr_ready_i = random_() % 100 >= stalls;
    uint64_t addr[2] = {}, len[2] = {}, skip[2] = {};
    unsigned req_valid = 0, data_valid = 0;
    uint8_t data[2 * kBytes] = {};
    for (unsigned i = 0; i < 2; ++i) {
      Client& client = clients_[i];
      if (!client.requests.empty() && (offered_[i] || random_() % 100 >= gaps)) {
        req_valid |= 1u << i;
        offered_[i] = true;
        addr[i] = client.requests.front().addr;
        len[i] = client.requests.front().len;
        skip[i] = client.requests.front().skip;
      }
      if (!client.beats.empty() && (shown_[i] || random_() % 100 >= gaps)) {
        data_valid |= 1u << i;
        shown_[i] = true;
        std::memcpy(data + i * kBytes, client.beats.front().data(), kBytes);
      }
    }
    model_.req_valid_i = req_valid;
    model_.data_valid_i = data_valid;
    std::memcpy(&model_.req_addr_i, addr, 16);
    model_.req_len_i = uint32_t(len[0] | len[1] << 14);
    model_.req_skip_i = uint32_t(skip[0] | skip[1] << kSkipBits);
    std::memcpy(&model_.data_i, data, 2 * kBytes);
  }

  void sample() {
    for (unsigned i = 0; i < 2; ++i) {
      Client& client = clients_[i];
      if ((model_.req_valid_i & model_.req_ready_o) >> i & 1) {
        in_flight_.push_back({i, client.requests.front(), client.data.front(), 0, 0});
        client.requests.pop_front();
        client.data.pop_front();
        offered_[i] = false;
      }
      if ((model_.data_valid_i & model_.data_ready_o) >> i & 1) {
        client.beats.pop_front();
        shown_[i] = false;
      }
    }
    ASSERT_NE(model_.req_ready_o, 3u) << "two grants";
    bool ended = false;
    if (model_.wr_valid_o && model_.wr_ready_i) ended = take_beat();
    if (!ended) return;
    if (tail_) {
      tail_ = false;
      return;
    }
    const bool all = in_flight_.front().sent == in_flight_.front().bytes.size();
    EXPECT_EQ(model_.wr_last_o, all) << "with the last TLP of a request";
    EXPECT_EQ(model_.wr_client_o, in_flight_.front().client);
    if (all) {
      EXPECT_EQ(in_flight_.front().tlps, fewest(in_flight_.front().request)) << "more TLPs than needed";
      in_flight_.pop_front();
    }
  }

  bool take_beat() {
    uint8_t data[kBytes];
    std::memcpy(data, &model_.wr_data_o, kBytes);
    ++beats_;
    begun_ = !model_.wr_eop_o;
    if (!sink_.take({bool(model_.wr_sop_o), bool(model_.wr_eop_o), uint64_t(model_.wr_addr_o) << 2,
                     unsigned(model_.wr_len_o), unsigned(model_.wr_first_be_o), unsigned(model_.wr_last_be_o), data}))
      return false;
    if (!tail_) check_tlp(sink_.tlps().back());
    sink_.forget_tlps();
    return true;
  }

  // The engines' reset: clients forget what they have asked for, and offer nothing until it is over.
  void reset_engines(unsigned gaps, unsigned stalls) {
    model_.engine_rst_ni = 0;
    step(gaps, stalls);
    for (auto& client : clients_) client = {};
    offered_[0] = offered_[1] = shown_[0] = shown_[1] = false;
    in_flight_.clear();
    tail_ = begun_;
    for (int i = 1; i < 8; ++i) step(gaps, stalls);
    model_.engine_rst_ni = 1;
  }

  // The TLP carries the next bytes of the oldest request, to the next address.
  void check_tlp(const WriteTlp& tlp) {
    ASSERT_FALSE(in_flight_.empty()) << "a TLP that nobody asked for";
    auto& head = in_flight_.front();
    ++head.tlps;
    EXPECT_EQ(tlp.addr, head.request.addr + head.sent);
    ASSERT_LE(head.sent + tlp.bytes.size(), head.bytes.size());
    EXPECT_TRUE(std::equal(tlp.bytes.begin(), tlp.bytes.end(), head.bytes.begin() + head.sent))
        << "len " << head.request.len << " at " << std::hex << head.request.addr << " skip " << head.request.skip;
    head.sent += tlp.bytes.size();
  }

  struct Flight {
    unsigned client;
    Request request;
    std::vector<uint8_t> bytes;
    size_t sent;
    unsigned tlps;
  };
  Vdma_write model_;
  WriteSink sink_;
  Client clients_[2];
  bool offered_[2] = {}, shown_[2] = {};
  std::deque<Flight> in_flight_;
  std::mt19937 random_{1};
  bool begun_ = false, tail_ = false;  // a TLP has begun and not ended; it began before the engines' reset
  unsigned mps_ = 128;
  uint64_t cycle_ = 0, beats_ = 0;
};

std::vector<uint64_t> alignments() {
  std::vector<uint64_t> result;
  for (uint64_t i = 0; i < 8; ++i) result.push_back(0x1'2345'6000 + i);
  for (uint64_t i = 4096 - 8; i < 4096; ++i) result.push_back(0x7'0000'0000 + i);
  return result;
}

TEST_F(DmaWriteTest, EverySmallLengthAtEveryAlignment) {
  for (unsigned n = 0; n < 4; ++n) {
    set_mps(n);
    for (uint64_t addr : alignments()) {
      for (unsigned len = 1; len <= 300; ++len) add(len & 1, {addr, len});
      run(n == 0 ? 30 : 0, n == 1 ? 50 : 0);
      if (HasFailure()) return;
    }
  }
}

TEST_F(DmaWriteTest, LongRequests) {
  for (unsigned n = 0; n < 4; ++n) {
    set_mps(n);
    for (uint64_t addr : alignments())
      for (unsigned len : {1514u, 9000u, 16383u}) add(len & 1, {addr, len});
    run(10, 20);
    if (HasFailure()) return;
  }
}

TEST_F(DmaWriteTest, DataMayStartInsideTheFirstBeat) {
  for (unsigned skip = 0; skip < kBytes; ++skip)
    for (uint64_t addr : alignments())
      for (unsigned len : {1u, 2u, 3u, 4u, 5u, 31u, 64u, 65u, 131u}) add(len & 1, {addr, len, skip});
  run(20, 20);
}

TEST_F(DmaWriteTest, AnAlignedDwordIsOneTlp) {
  add(1, {0xFEE0'0000, 4});
  run(0, 0);
  EXPECT_EQ(beats_, 1u);
}

TEST_F(DmaWriteTest, ClientsTakeTurns) {
  for (int i = 0; i < 50; ++i)
    for (unsigned client : {0u, 1u}) add(client, {0x1000, 64});
  unsigned last = 2, turns = 0;
  while (!clients_[0].requests.empty() && !clients_[1].requests.empty()) {
    const size_t before = in_flight_.size();
    step(0, 0);
    if (in_flight_.size() > before || (before && !in_flight_.empty() && in_flight_.back().client != last)) {
      turns += in_flight_.back().client != last;
      last = in_flight_.back().client;
    }
  }
  run(0, 0);
  EXPECT_GE(turns, 95u) << "one request each, in turn, while both ask";
}

TEST_F(DmaWriteTest, FullRateInTheMiddle) {
  set_mps(1);
  for (int i = 0; i < 64; ++i) add(0, {uint64_t(0x10000 + i * 2048), 1024});
  const uint64_t start = cycle_;
  run(0, 0);
  const uint64_t cycles = cycle_ - start;
  EXPECT_EQ(beats_, 64u * 1024 / kBytes);
  EXPECT_LE(cycles, beats_ + 10) << "a beat a cycle, also over TLPs and requests";
}

// Abandon: a TLP that has begun gets all its beats, nothing else of before the reset comes, and what is asked for after it
// is whole, even while that TLP is still being brought to its end.
TEST_F(DmaWriteTest, EnginesResetAtAnyTime) {
  unsigned tails = 0;
  for (unsigned round = 0; round < 6000; ++round) {
    set_mps(round / 100 % 4);
    const unsigned gaps = random_() % 3 * 40, stalls = random_() % 4 * 30;
    for (unsigned i = random_() % 6; i > 0; --i)
      add(random_() % 2, {random_() % 0x10000 + 0x1'0000'0000, 1 + unsigned(random_() % (random_() % 2 ? 40u : 3000u)),
                          unsigned(random_() % kBytes)});
    for (unsigned i = random_() % 120; i > 0; --i) step(gaps, stalls);
    if (round % 3 == 0) {
      for (int i = 0; i < 200; ++i) step(0, 0);   // also a TLP that is dropped is made up
      run(gaps, stalls);
    }
    reset_engines(gaps, stalls);
    tails += tail_;
    if (HasFailure()) FAIL() << "round " << round;
  }
  EXPECT_GT(tails, 100u);
}

TEST_F(DmaWriteTest, LatencyOfASmallRequest) {
  add(0, {0x1000, 4});
  unsigned cycles = 0;
  while (beats_ == 0) {
    step(0, 0);
    ASSERT_LT(++cycles, 20u);
  }
  EXPECT_EQ(cycles, 5u);  // four from the request, and the one that takes the beat
  RecordProperty("cycles", int(cycles));
}

}  // namespace
}  // namespace ringside::testbench
