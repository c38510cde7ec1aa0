#include "testbench/rtl/rx/rx_bench.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "Vrx_bench___024root.h"

namespace ringside::testbench {

RxBench::RxBench(uint32_t seed) : sink_(kBeatBytes), random_(seed) {
  model_.bus_master_i = 1;
  model_.enable_i = 1;
  model_.strip_fcs_i = 1;
  model_.promiscuous_i = 1;
  model_.q_rx_base_i = kRxBase;
  model_.q_ret_base_i = kRetBase;
  set_rings(3, 3);
  set_mps(1);
  model_.rst_ni = 0;
  for (int i = 0; i < 3; ++i) clock();
  model_.rst_ni = 1;
}

void RxBench::set_rings(unsigned size_log2, unsigned ret_size_log2) {
  model_.q_rx_size_i = size_log2;
  model_.q_ret_size_i = ret_size_log2;
  size_ = 1u << size_log2;
  ret_size_ = 1u << ret_size_log2;
}

void RxBench::set_mps(unsigned n) {
  model_.mps_i = n;
  sink_.set_mps(128u << n);
}

void RxBench::forget_ring() {
  posted_.clear();
  returned_frames_.clear();
  prod_ = fetched_ = returned_ = 0;
  model_.q_rx_prod_i = model_.q_ret_cons_i = 0;
}

void RxBench::reset_ring() {
  forget_ring();
  model_.q_reset_i = 1;
  step();
  model_.q_reset_i = 0;
}

void RxBench::preload(uint32_t index) {
  auto* root = model_.rootp;
  root->rx_bench__DOT__u_rx__DOT__g_ring__BRA__0__KET____DOT__u_ring__DOT__arrived_q = index;
  root->rx_bench__DOT__u_rx__DOT__g_ring__BRA__0__KET____DOT__u_ring__DOT__used_q = index;
  root->rx_bench__DOT__u_rx__DOT__g_ring__BRA__0__KET____DOT__u_ring__DOT__done_q = index;
  prod_ = fetched_ = returned_ = index;
  model_.q_rx_prod_i = model_.q_ret_cons_i = index;
}

uint32_t RxBench::post(uint64_t addr, unsigned length) {
  const uint64_t at = kRxBase + uint64_t{prod_ % size_} * 16;
  opaque_ = opaque_ * 2654435761u + 1;
  memory().write_le(at, addr, 8);
  memory().write_le(at + 8, length, 2);
  memory().write_le(at + 10, 0, 2);
  memory().write_le(at + 12, opaque_, 4);
  posted_.push_back({addr, length, opaque_});
  ++prod_;
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
  model_.mac_time_i = frame.time_ns;
  std::memcpy(&model_.mac_data_i, beat, kBeatBytes);
}

// ---------------------------------------------------------------- descriptor reads
// One read TLP per 256 octets, completions cut at 64-octet boundaries, now and then at each of them; the TLPs' data in
// any order, `done` with the last beat or after it.
void RxBench::plan_read(uint64_t addr, unsigned len, unsigned dst) {
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
        ReadBeat beat{true, false, to / kBeatBytes, 0, 0, 0, 0, std::vector<uint8_t>(kBeatBytes, 0xAA), when};
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
    if (late) beats.push_back({false, false, 0, 0, 0, 0, 0, std::vector<uint8_t>(kBeatBytes), when});
    beats.back().done = true;
    beats.back().done_bytes = tlp;
    beats.back().error = std::exchange(options_.read_error, 0);
    tlps.push_back(std::move(beats));
    at += tlp;
  }
  std::shuffle(tlps.begin(), tlps.end(), random_);
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
  model_.dmar_done_cookie_i = 0;
  model_.dmar_done_bytes_i = beat.done_bytes;
  model_.dmar_done_error_i = beat.error;
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
  sample_index();
  if (model_.desc_req_valid_o && model_.desc_req_ready_i) sample_reads();
  if (model_.wr_valid_o && model_.wr_ready_i) sample_write();
  counts_.frames += model_.ev_frame_o;
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
  const unsigned n = model_.desc_req_len_o / 16;
  ++desc_requests_;
  EXPECT_EQ(addr, kRxBase + uint64_t{fetched_ % size_} * 16) << "D2: each descriptor once, in order";
  EXPECT_EQ(model_.desc_req_len_o % 16, 0u);
  EXPECT_LE(fetched_ % size_ + n, size_) << "across the ring's end";
  EXPECT_LE(uint32_t(fetched_ + n - model_.q_rx_cons_o), uint32_t(model_.q_rx_prod_i - model_.q_rx_cons_o)) << "D1";
  EXPECT_TRUE(reads_.empty()) << "one fetch at a time";
  fetched_ += n;
  plan_read(addr, model_.desc_req_len_o, model_.desc_req_dst_o);
}

bool RxBench::allowed(const WriteTlp& tlp) const {
  const uint64_t end = tlp.addr + tlp.bytes.size();
  if (options_.other_writes != 0 && tlp.addr == kOther && tlp.bytes.size() == 4) return true;
  if (tlp.addr >= kRetBase && end <= kRetBase + uint64_t{ret_size_} * 32) return true;
  return std::any_of(posted_.begin(), posted_.end(),
                     [&](const Posted& p) { return tlp.addr >= p.addr && end <= p.addr + p.length; });
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

ReturnedBuffer RxBench::read_entry(uint32_t index) {
  const uint64_t at = kRetBase + uint64_t{index % ret_size_} * 32;
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
  return entry;
}

// The return index has moved: entries and payload must be in memory now (the write seen in this cycle is not).
void RxBench::sample_index() {
  EXPECT_LE(uint32_t(model_.q_ret_prod_o - returned_), ret_size_) << "D10";
  while (model_.q_running_o && returned_ != model_.q_ret_prod_o && !::testing::Test::HasFailure()) {
    ASSERT_FALSE(posted_.empty()) << "an entry for a buffer that was not posted";
    ReturnedBuffer entry = read_entry(returned_);
    EXPECT_EQ(entry.index, returned_) << "D5: the entry is not there";
    EXPECT_EQ(entry.opaque, posted_.front().opaque) << "D9";
    EXPECT_LE(entry.length, posted_.front().length);
    for (unsigned i = 0; i < entry.length; ++i) entry.bytes.push_back(memory().read(posted_.front().addr + i));
    posted_.pop_front();
    ++returned_;
    chain_.push_back(std::move(entry));
    if (chain_.back().flags & 1) returned_frames_.push_back(std::exchange(chain_, {}));
  }
  if (!::testing::Test::HasFailure()) {
    EXPECT_TRUE(chain_.empty()) << "half a frame is visible";
  }
}

}  // namespace ringside::testbench
