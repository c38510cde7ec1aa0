// MacBench: the verilated `mac` alone, with two clocks, a source and a sink of frames and a wire of octets.
//
// Time is in picoseconds; the clocks run on their grids from their phases. All randomness comes from the seed given.
#pragma once

#include <cstring>
#include <deque>
#include <functional>
#include <memory>
#include <random>
#include <vector>

#include "testbench/rtl/mac/wire_codec.h"

namespace ringside::testbench {

struct Drops {
  uint64_t fcs = 0, runt = 0, oversize = 0, symbol = 0, overrun = 0, fragment = 0, jabber = 0;
  uint64_t total() const { return fcs + runt + oversize + symbol + overrun + fragment + jabber; }
};

struct OtherEvents {
  uint64_t wire = 0, rx_pause = 0, tx_pause = 0;
};

struct Clocks {
  uint64_t core_ps = 4000, mac_ps = 0, mac_phase_ps = 700;  // mac_ps 0: full wire rate for the width
};

struct ReceivedFrame {
  Frame octets;
  uint64_t time_ns = 0;
  bool fcs = false;  // is there, as the MAC says
};

template <class Model, int DataWidth>
class MacBench {
 public:
  static constexpr size_t kBytes = DataWidth / 8;

  explicit MacBench(const Clocks& clocks = {}, uint32_t seed = 1) : random_(seed), clocks_(clocks) {
    if (clocks_.mac_ps == 0) clocks_.mac_ps = DataWidth == 64 ? 6400 : 5120;  // 10 and (at 512 bits) 100 Gb/s
    next_mac_ps_ = clocks_.mac_phase_ps;
    model_.rx_enable_i = 1;
    model_.strip_fcs_i = 1;
    model_.max_frame_i = 1518;
    model_.rx_ready_i = 1;
    drive_wire();
    run_core(20);
    model_.rst_ni = 1;
    model_.mac_rst_ni = 1;
    run_core(40 + 40 * clocks_.mac_ps / clocks_.core_ps);
    sent_wire.clear();
  }

  // Knobs
  std::function<bool()> send_stall = [] { return false; };   // no valid this cycle
  std::function<bool()> sink_stall = [] { return false; };   // no ready this cycle
  std::function<bool()> ask_stamp = [] { return false; };    // of a frame that starts
  bool loop_back = false;                                     // what is sent is received, one beat later
  bool record_wire = true;
  bool freeze_time = false;
  size_t cut_after_beats = 0;                                 // not 0: the first packet ends there, without eop
  uint8_t junk = 0xA5;                                        // behind the last octet of the eop beat

  // What went in and came out
  std::deque<Frame> to_send;        // without FCS
  std::deque<Octet> to_wire;        // idle when empty
  std::vector<ReceivedFrame> received;
  WireImage sent_wire;
  Drops drops;
  OtherEvents events;
  std::vector<unsigned> wire_sizes; // of all frames received, as told to the counters
  std::vector<uint64_t> stamps;     // times of departure
  uint64_t core_cycles = 0, mac_cycles = 0;

  Model& model() { return model_; }
  std::mt19937& random() { return random_; }
  bool random_bit(unsigned percent) { return random_() % 100 < percent; }
  bool idle() const { return model_.idle_o; }

  Frame random_frame(size_t size) {
    Frame frame(size);
    for (auto& octet : frame) octet = static_cast<uint8_t>(random_());
    if (size >= 18) frame[12] = 0x08;  // not a VLAN tag by chance
    return frame;
  }
  void put(const WireImage& image) { to_wire.insert(to_wire.end(), image.begin(), image.end()); }

  void run_core(uint64_t cycles) {
    for (const uint64_t end = core_cycles + cycles; core_cycles < end;) step();
  }
  // Until everything has come out and both domains are quiet; false when `limit` core cycles were not enough.
  bool drain(uint64_t limit = 2000000) {
    uint64_t quiet = 0;
    for (uint64_t i = 0; i < limit && quiet < 40 + 40 * clocks_.mac_ps / clocks_.core_ps; ++i) {
      run_core(1);
      quiet = to_send.empty() && to_wire.empty() && !model_.tx_valid_i && model_.idle_o ? quiet + 1 : 0;
    }
    return quiet != 0;
  }
  void step() {
    if (next_core_ps_ <= next_mac_ps_) core_edge();
    else mac_edge();
  }
  // When the first octet put now is on the pins: the edge that takes it.
  uint64_t next_beat_ns() const { return (next_mac_ps_ + clocks_.mac_ps) / 1000; }
  double beat_ns() const { return clocks_.mac_ps / 1000.0; }
  // All state of the model, as bytes. Both clocks are low between steps.
  std::vector<uint8_t> snapshot() const {
    const auto* bytes = reinterpret_cast<const uint8_t*>(model_.rootp);
    return std::vector<uint8_t>(bytes, bytes + sizeof(*model_.rootp));
  }
  uint64_t now_ps() const { return std::min(next_core_ps_, next_mac_ps_); }

 private:
  void core_edge() {
    if (!freeze_time) model_.time_ns_i = next_core_ps_ / 1000;
    model_.eval();
    const bool sent = model_.tx_valid_i && model_.tx_ready_o;
    if (model_.rx_valid_o && model_.rx_ready_i) take_beat();
    count_events();
    model_.clk_i = 1;
    model_.eval();
    if (sent) next_beat();
    offer_beat();
    model_.rx_ready_i = !sink_stall();
    model_.clk_i = 0;
    model_.eval();
    next_core_ps_ += clocks_.core_ps;
    ++core_cycles;
  }
  void mac_edge() {
    model_.mac_clk_i = 1;
    model_.eval();
    if (record_wire || loop_back) record();
    drive_wire();
    model_.mac_clk_i = 0;
    model_.eval();
    next_mac_ps_ += clocks_.mac_ps;
    ++mac_cycles;
  }
  void take_beat() {
    if (model_.rx_sop_o) {
      incoming_ = {};
      incoming_.time_ns = model_.rx_time_o;
      incoming_.fcs = model_.rx_fcs_o;
      announced_ = model_.rx_len_o;
    }
    const auto* data = reinterpret_cast<const uint8_t*>(&model_.rx_data_o);
    incoming_.octets.insert(incoming_.octets.end(), data, data + model_.rx_bytes_o);
    if (!model_.rx_eop_o) return;
    if (incoming_.octets.size() != announced_) incoming_.octets.clear();  // shows as a wrong frame
    received.push_back(std::move(incoming_));
    incoming_ = {};
  }
  void count_events() {
    drops.fcs += model_.ev_rx_fcs_o;
    drops.runt += model_.ev_rx_runt_o;
    drops.oversize += model_.ev_rx_oversize_o;
    drops.symbol += model_.ev_rx_symbol_o;
    drops.overrun += model_.ev_rx_overrun_o;
    drops.fragment += model_.ev_rx_fragment_o;
    drops.jabber += model_.ev_rx_jabber_o;
    events.wire += model_.ev_rx_wire_o;
    if (model_.ev_rx_wire_o) wire_sizes.push_back(model_.rx_wire_octets_o);
    events.rx_pause += model_.ev_rx_pause_o;
    events.tx_pause += model_.ev_tx_pause_o;
    if (model_.tx_stamp_valid_o) stamps.push_back(model_.tx_stamp_time_o);
  }
  void next_beat() {
    sent_octets_ += kBytes;
    model_.tx_valid_i = 0;
    const bool cut = cut_after_beats != 0 && sent_octets_ == cut_after_beats * kBytes;
    if (sent_octets_ < to_send.front().size() && !cut) return;
    if (cut) cut_after_beats = 0;
    to_send.pop_front();
    sent_octets_ = 0;
  }
  void offer_beat() {
    if (model_.tx_valid_i || to_send.empty() || send_stall()) return;
    const Frame& frame = to_send.front();
    const size_t count = std::min(kBytes, frame.size() - sent_octets_);
    uint8_t beat[kBytes];
    std::memset(beat, junk, kBytes);
    std::memcpy(beat, frame.data() + sent_octets_, count);
    std::memcpy(&model_.tx_data_i, beat, kBytes);
    model_.tx_valid_i = 1;
    model_.tx_sop_i = sent_octets_ == 0;
    model_.tx_stamp_i = model_.tx_sop_i && ask_stamp();
    model_.tx_eop_i = sent_octets_ + count == frame.size();
    model_.tx_bytes_i = count;
  }
  void record() {
    const auto* data = reinterpret_cast<const uint8_t*>(&model_.xgmii_txd_o);
    uint64_t control = model_.xgmii_txc_o;
    for (size_t i = 0; i < kBytes; ++i, control >>= 1) {
      const Octet octet{data[i], (control & 1) != 0};
      if (record_wire) sent_wire.push_back(octet);
      if (loop_back) to_wire.push_back(octet);
    }
  }
  void drive_wire() {
    uint8_t data[kBytes];
    uint64_t control = 0;
    for (size_t i = 0; i < kBytes; ++i) {
      Octet octet = kIdle;
      if (!to_wire.empty()) {
        octet = to_wire.front();
        to_wire.pop_front();
      }
      data[i] = octet.data;
      control |= uint64_t{octet.control} << i;
    }
    std::memcpy(&model_.xgmii_rxd_i, data, kBytes);
    model_.xgmii_rxc_i = control;
  }

  std::mt19937 random_;
  Clocks clocks_;
  std::unique_ptr<Model> owned_ = std::make_unique<Model>();
  Model& model_ = *owned_;
  uint64_t next_core_ps_ = 0, next_mac_ps_ = 0;
  size_t sent_octets_ = 0, announced_ = 0;
  ReceivedFrame incoming_;
};

}  // namespace ringside::testbench
