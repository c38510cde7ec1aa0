#include "testbench/rtl/rx/rx_bench.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "Vrx_bench___024root.h"

namespace ringside::testbench {

RxBench::RxBench(uint32_t seed) : sink_(kBeatBytes), random_(seed) {
  model_.bus_master_i = 1;
  model_.enable_i = 1;
  model_.promiscuous_i = 1;
  for (unsigned q = 0; q < kQueues; ++q) {
    const uint64_t rx = kRxBase + q * kNextRing, ret = kRetBase + q * kNextRing;
    for (unsigned half = 0; half < 2; ++half) {
      put(model_.q_rx_base_i, 2 * q + half, 32, uint32_t(rx >> 32 * half));
      put(model_.q_ret_base_i, 2 * q + half, 32, uint32_t(ret >> 32 * half));
    }
    set_rings(3, 3, q);
  }
  set_mps(1);
  model_.rst_ni = 0;
  for (int i = 0; i < 3; ++i) clock();
  model_.rst_ni = 1;
}

void RxBench::set_rings(unsigned size_log2, unsigned ret_size_log2, unsigned q) {
  put(model_.q_rx_size_i, q, 4, size_log2);
  put(model_.q_ret_size_i, q, 4, ret_size_log2);
  rings_[q].size = 1u << size_log2;
  rings_[q].ret_size = 1u << ret_size_log2;
}

void RxBench::set_table(unsigned index, unsigned queue) {
  model_.table_idx_i = index;
  model_.table_queue_i = queue;
  model_.table_write_i = 1;
  step();
  model_.table_write_i = 0;
}

void RxBench::set_key(const std::vector<uint8_t>& key) { std::memcpy(&model_.rss_key_i, key.data(), 40); }

void RxBench::set_mps(unsigned n) {
  model_.mps_i = n;
  sink_.set_mps(128u << n);
}

void RxBench::forget_ring(unsigned q) {
  Ring& ring = rings_[q];
  ring.posted.clear();
  returned_frames_.clear();
  ring.prod = ring.fetched = ring.returned = 0;
  set_prod(q, 0);
  set_ret_cons(q, 0);
}

void RxBench::reset_ring(unsigned q) {
  forget_ring(q);
  put(model_.q_reset_i, q, 1, 1);
  step();
  put(model_.q_reset_i, q, 1, 0);
}

void RxBench::preload(uint32_t index) {
  auto* root = model_.rootp;
  Ring& ring = rings_[0];
  put(root->rx_bench__DOT__u_rx__DOT__u_rings__DOT__arrived_q, 0, 32, index);
  put(root->rx_bench__DOT__u_rx__DOT__u_rings__DOT__used_q, 0, 32, index);
  put(root->rx_bench__DOT__u_rx__DOT__u_rings__DOT__done_q, 0, 32, index);
  // Parts of flat ports that need not lie on an octet: queue 0 has the low bits
  auto low = [](auto& port, unsigned bits, uint32_t value) {
    uint32_t word;
    const size_t n = std::min<size_t>(sizeof port, 4);
    word = 0;
    std::memcpy(&word, &port, n);
    word = (word & ~((1u << bits) - 1)) | (value & ((1u << bits) - 1));
    std::memcpy(&port, &word, n);
  };
  low(root->rx_bench__DOT__u_rx__DOT__u_rings__DOT__ended_q, 9, index);
  low(root->rx_bench__DOT__u_rx__DOT__u_rings__DOT__limit_q, 13, index + ring.ret_size);
  ring.prod = ring.fetched = ring.returned = index;
  set_prod(0, index);
  set_ret_cons(0, index);
}

uint32_t RxBench::post(uint64_t addr, unsigned length, unsigned q) {
  Ring& ring = rings_[q];
  const uint64_t at = kRxBase + q * kNextRing + uint64_t{ring.prod % ring.size} * 16;
  opaque_ = opaque_ * 2654435761u + 1;
  memory().write_le(at, addr, 8);
  memory().write_le(at + 8, length, 2);
  memory().write_le(at + 10, 0, 2);
  memory().write_le(at + 12, opaque_, 4);
  ring.posted.push_back({addr, length, opaque_});
  ++ring.prod;
  return opaque_;
}

// ---------------------------------------------------------------- clock
void RxBench::clock() {
  model_.clk_i = 0;
  model_.eval();
  model_.clk_i = 1;
  model_.eval();
  ++cycle_;
}

void RxBench::step() {
  drive_mac();
  drive_reads();
  model_.wr_ready_i = random_() % 100 >= options_.bus_stalls;
  model_.other_req_i = options_.other_writes != 0 && random_() % 100 < options_.other_writes;
  model_.clk_i = 0;
  model_.eval();
  sample();
  model_.clk_i = 1;
  model_.eval();
  ++cycle_;
}

void RxBench::run(unsigned cycles) {
  for (unsigned i = 0; i < cycles; ++i) step();
}

bool RxBench::run_until_idle(unsigned most_cycles) {
  for (unsigned i = 0, quiet = 0; i < most_cycles; ++i) {
    step();
    quiet = model_.idle_o && frames_.empty() && reads_.empty() ? quiet + 1 : 0;
    if (quiet == 4) return true;
  }
  ADD_FAILURE() << "not idle after " << most_cycles << " cycles";
  return false;
}

std::vector<std::vector<ReturnedBuffer>> RxBench::take_frames() {
  return std::exchange(returned_frames_, {});
}

// ---------------------------------------------------------------- MAC
void RxBench::drive_mac() {
  model_.mac_valid_i = 0;
  if (frames_.empty() || (!mac_shown_ && random_() % 100 < options_.mac_gaps)) return;
  mac_shown_ = true;
  const RxFrame& frame = frames_.front();
  const size_t n = std::min<size_t>(kBeatBytes, frame.bytes.size() - mac_at_);
  uint8_t beat[kBeatBytes];
  std::memset(beat, 0xDB, kBeatBytes);
  std::memcpy(beat, frame.bytes.data() + mac_at_, n);
  model_.mac_valid_i = 1;
  model_.mac_sop_i = mac_at_ == 0;
  model_.mac_eop_i = mac_at_ + n == frame.bytes.size();
  model_.mac_bytes_i = n;
  model_.mac_len_i = frame.bytes.size();
  model_.mac_fcs_i = frame.fcs;
  model_.mac_time_i = frame.time_ns;
  std::memcpy(&model_.mac_data_i, beat, kBeatBytes);
}

// ---------------------------------------------------------------- descriptor reads
// One read TLP per 256 octets, completions cut at 64-octet boundaries, now and then at each of them; the TLPs' data in
// any order, `done` with the last beat or after it.
void RxBench::plan_read(uint64_t addr, unsigned len, unsigned dst, unsigned q) {
  std::vector<std::vector<ReadBeat>> tlps;
  uint64_t when = cycle_ + options_.read_latency;
  for (unsigned at = 0; at < len;) {
    const unsigned tlp = std::min<unsigned>(len - at, 256 - (addr + at) % 256);
    std::vector<ReadBeat> beats;
    for (unsigned in = 0; in < tlp;) {
      unsigned part = tlp - in;
      if (random_() % 2) part = std::min<unsigned>(part, 64 - (addr + at + in) % 64);
      for (unsigned b = 0; b < part; b += kBeatBytes) {
        const unsigned n = std::min(kBeatBytes, part - b), to = dst + at + in + b;
        ReadBeat beat{true, false, to / kBeatBytes, 0, 0, q, 0, 0, std::vector<uint8_t>(kBeatBytes, 0xAA), when};
        for (unsigned i = 0; i < n; ++i) {
          const unsigned lane = (to + i) % kBeatBytes;
          beat.be |= uint64_t{1} << lane;
          if ((to + i) / kBeatBytes != to / kBeatBytes) beat.next |= uint64_t{1} << lane;
          beat.data[lane] = memory().read(addr + at + in + b + i);
        }
        beats.push_back(beat);
      }
      in += part;
    }
    const bool late = random_() % 2;
    if (late) beats.push_back({false, false, 0, 0, 0, q, 0, 0, std::vector<uint8_t>(kBeatBytes), when});
    beats.back().done = true;
    beats.back().done_bytes = tlp;
    beats.back().error = std::exchange(options_.read_error, 0);
    tlps.push_back(std::move(beats));
    at += tlp;
  }
  std::shuffle(tlps.begin(), tlps.end(), random_);
  rings_[q].reads = unsigned(tlps.size());
  for (auto& tlp : tlps)
    for (auto& beat : tlp) reads_.push_back(std::move(beat));
}

void RxBench::drive_reads() {
  model_.desc_req_ready_i = random_() % 4 != 0;
  model_.dmar_valid_i = model_.dmar_done_i = 0;
  if (reads_.empty() || reads_.front().not_before > cycle_) return;
  const ReadBeat& beat = reads_.front();
  model_.dmar_valid_i = beat.valid;
  model_.dmar_client_i = 1;
  model_.dmar_row_i = beat.row;
  model_.dmar_be_i = beat.be;
  model_.dmar_next_i = beat.next;
  std::memcpy(&model_.dmar_data_i, beat.data.data(), kBeatBytes);
  model_.dmar_done_i = beat.done;
  model_.dmar_done_client_i = 1;
  model_.dmar_done_cookie_i = beat.queue;
  model_.dmar_done_bytes_i = beat.done_bytes;
  model_.dmar_done_error_i = beat.error;
  if (beat.done) --rings_[beat.queue].reads;
  reads_.pop_front();
}

// ---------------------------------------------------------------- what the engine did
void RxBench::sample() {
  if (model_.mac_valid_i && model_.mac_ready_o) {
    mac_shown_ = false;
    mac_at_ += kBeatBytes;
    if (model_.mac_eop_i) {
      frames_.pop_front();
      mac_at_ = 0;
    }
  }
  for (unsigned q = 0; q < kQueues; ++q) {
    sample_index(q);
    counts_.frames += get(model_.ev_frame_o, q, 1);
  }
  if (model_.desc_req_valid_o && model_.desc_req_ready_i) sample_reads();
  if (model_.wr_valid_o && model_.wr_ready_i) sample_write();
  counts_.delivered += model_.ev_delivered_o;
  counts_.octets += model_.ev_delivered_o ? model_.frame_octets_o : 0;
  counts_.broadcast += model_.ev_broadcast_o;
  counts_.multicast += model_.ev_multicast_o;
  counts_.filtered += model_.ev_filtered_o;
  counts_.no_buffer += model_.ev_no_buffer_o;
  counts_.disabled += model_.ev_disabled_o;
  counts_.dma_error += model_.ev_dma_error_o;
  counts_.csum_bad += model_.ev_csum_bad_o;
}

void RxBench::sample_reads() {
  const uint64_t addr = model_.desc_req_addr_o;
  const unsigned n = model_.desc_req_len_o / 16, q = model_.desc_req_cookie_o;
  ASSERT_LT(q, kQueues);
  Ring& ring = rings_[q];
  ++desc_requests_;
  EXPECT_EQ(addr, kRxBase + q * kNextRing + uint64_t{ring.fetched % ring.size} * 16)
      << "D2: each descriptor once, in order";
  EXPECT_EQ(model_.desc_req_len_o % 16, 0u);
  EXPECT_LE(ring.fetched % ring.size + n, ring.size) << "across the ring's end";
  EXPECT_LE(uint32_t(ring.fetched + n - rx_cons(q)), uint32_t(ring.prod - rx_cons(q))) << "D1";
  EXPECT_EQ(ring.reads, 0u) << "one fetch of a queue at a time";
  ring.fetched += n;
  plan_read(addr, model_.desc_req_len_o, model_.desc_req_dst_o, q);
}

bool RxBench::allowed(const WriteTlp& tlp) const {
  const uint64_t end = tlp.addr + tlp.bytes.size();
  if (options_.other_writes != 0 && tlp.addr == kOther && tlp.bytes.size() == 4) return true;
  for (unsigned q = 0; q < kQueues; ++q) {
    const Ring& ring = rings_[q];
    const uint64_t ret = kRetBase + q * kNextRing;
    if (tlp.addr >= ret && end <= ret + uint64_t{ring.ret_size} * 32) return true;
    if (std::any_of(ring.posted.begin(), ring.posted.end(),
                    [&](const Posted& p) { return tlp.addr >= p.addr && end <= p.addr + p.length; }))
      return true;
  }
  return false;
}

void RxBench::sample_write() {
  uint8_t data[kBeatBytes];
  std::memcpy(data, &model_.wr_data_o, kBeatBytes);
  if (sink_.take({bool(model_.wr_sop_o), bool(model_.wr_eop_o), uint64_t(model_.wr_addr_o) << 2,
                  unsigned(model_.wr_len_o), unsigned(model_.wr_first_be_o), unsigned(model_.wr_last_be_o), data})) {
    EXPECT_TRUE(allowed(sink_.tlps().back())) << "D4: write to " << std::hex << sink_.tlps().back().addr;
    sink_.forget_tlps();
    last_write_cycle_ = cycle_;
  }
}

ReturnedBuffer RxBench::read_entry(unsigned q, uint32_t index) {
  const uint64_t at = kRetBase + q * kNextRing + uint64_t{index % rings_[q].ret_size} * 32;
  const ByteMemory& m = memory();
  auto field = [&](unsigned offset, unsigned bytes) { return m.read_le(at + offset, bytes); };
  ReturnedBuffer entry{};
  entry.opaque = uint32_t(field(0, 4));
  entry.length = unsigned(field(4, 2));
  entry.flags = unsigned(field(6, 2));
  entry.raw_csum = unsigned(field(8, 2));
  entry.vlan = unsigned(field(10, 2));
  entry.hash = uint32_t(field(12, 4));
  entry.time_ns = field(16, 8);
  entry.frame_length = unsigned(field(24, 2));
  entry.reserved = unsigned(field(26, 2));
  entry.index = uint32_t(field(28, 4));
  entry.queue = q;
  return entry;
}

// The return index has moved: entries and payload must be in memory now (the write seen in this cycle is not).
void RxBench::sample_index(unsigned q) {
  Ring& ring = rings_[q];
  EXPECT_LE(uint32_t(ret_prod(q) - ring.returned), ring.ret_size) << "D10";
  while (running(q) && ring.returned != ret_prod(q) && !::testing::Test::HasFailure()) {
    ASSERT_FALSE(ring.posted.empty()) << "an entry for a buffer that was not posted";
    ReturnedBuffer entry = read_entry(q, ring.returned);
    EXPECT_EQ(entry.index, ring.returned) << "D5: the entry is not there";
    EXPECT_EQ(entry.opaque, ring.posted.front().opaque) << "D9";
    EXPECT_LE(entry.length, ring.posted.front().length);
    for (unsigned i = 0; i < entry.length; ++i) entry.bytes.push_back(memory().read(ring.posted.front().addr + i));
    ring.posted.pop_front();
    ++ring.returned;
    ring.chain.push_back(std::move(entry));
    if (ring.chain.back().flags & 1) returned_frames_.push_back(std::exchange(ring.chain, {}));
  }
  if (!::testing::Test::HasFailure()) {
    EXPECT_TRUE(ring.chain.empty()) << "half a frame is visible";
  }
}

}  // namespace ringside::testbench
