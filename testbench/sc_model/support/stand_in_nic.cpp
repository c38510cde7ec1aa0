#include "testbench/sc_model/support/stand_in_nic.h"

#include <algorithm>
#include <cstring>

#include "testbench/sc_model/support/frames.h"

namespace ringside::testbench {

using sc_model::CreditKind;
using sc_model::XgmiiWord;

StandInNic::StandInNic(unsigned width, bool echo)
    : NicModel(width), engine_(pool_), echo_(echo), beat_(width / 8) {
  bind();
  std::memset(p_.txd, 0x07, sizeof p_.txd);
  std::memset(p_.txc, 0xFF, sizeof p_.txc);
  for (int i = 0; i < 3; ++i) echo_pipe_.emplace_back();
}

void StandInNic::bind() {
  auto& s = p_;
  pins_.core_clk = &s.core_clk, pins_.core_rst_n = &s.core_rst_n;
  pins_.mac_clk = &s.mac_clk, pins_.mac_rst_n = &s.mac_rst_n;
  pins_.time_ns = &s.time_ns, pins_.idle = &s.idle;
  pins_.rx_valid = &s.rx_valid, pins_.rx_sop = &s.rx_sop, pins_.rx_eop = &s.rx_eop;
  pins_.rx_hdr = s.rx_hdr, pins_.rx_data = s.rx_data;
  pins_.rx_fc_ph = &s.rx_fc_ph, pins_.rx_fc_pd = &s.rx_fc_pd;
  pins_.rx_fc_nph = &s.rx_fc_nph, pins_.rx_fc_npd = &s.rx_fc_npd;
  pins_.tx_valid = &s.tx_valid, pins_.tx_sop = &s.tx_sop, pins_.tx_eop = &s.tx_eop;
  pins_.tx_hdr = s.tx_hdr, pins_.tx_data = s.tx_data, pins_.tx_ready = &s.tx_ready;
  pins_.tx_fc_ph = &s.tx_fc_ph, pins_.tx_fc_pd = &s.tx_fc_pd;
  pins_.tx_fc_nph = &s.tx_fc_nph, pins_.tx_fc_npd = &s.tx_fc_npd;
  pins_.tx_fc_cplh = &s.tx_fc_cplh, pins_.tx_fc_cpld = &s.tx_fc_cpld;
  pins_.xgmii_txd = s.txd, pins_.xgmii_txc = s.txc, pins_.xgmii_rxd = s.rxd, pins_.xgmii_rxc = s.rxc;
}

void StandInNic::eval() {
  ++evals;
  if (p_.core_clk && !last_core_) core_edge();
  if (p_.mac_clk && !last_mac_) mac_edge();
  last_core_ = p_.core_clk;
  last_mac_ = p_.mac_clk;
  update_idle();
}

void StandInNic::update_idle() {
  const bool quiet = std::all_of(echo_pipe_.begin(), echo_pipe_.end(), [](const auto& beat) { return beat.empty(); });
  p_.idle = engine_.idle() && !gathering_ && !sending_ && !p_.tx_valid && quiet && frame_words_.empty();
}

// ---------------------------------------------------------------- TLPs

void StandInNic::core_edge() {
  if (!p_.core_rst_n) return;
  sc_model::CreditCounts limit;
  limit.of = {p_.tx_fc_ph, p_.tx_fc_pd, p_.tx_fc_nph, p_.tx_fc_npd, p_.tx_fc_cplh, p_.tx_fc_cpld};
  credits_.set_limit(limit);
  if (allocated_.of[0] == 0 && allocated_.of[1] == 0) allocated_.of = {16, 64, 16, 64, 0, 0};  // the first time
  if (p_.rx_valid) take_beat();
  send_beat();
  p_.rx_fc_ph = static_cast<uint8_t>(allocated_.of[0]);
  p_.rx_fc_pd = allocated_.of[1];
  p_.rx_fc_nph = static_cast<uint8_t>(allocated_.of[2]);
  p_.rx_fc_npd = allocated_.of[3];
}

void StandInNic::take_beat() {
  if (p_.rx_sop) {
    gathering_ = pool_.allocate();
    for (unsigned i = 0; i < 4; ++i) gathering_->dw[i] = p_.rx_hdr[3 - i];
  }
  const uint32_t total = gathering_->has_data() ? gathering_->length_dw() * 4 : 0;
  const uint32_t bytes = std::min(beat_, total - gathering_->payload_bytes);
  std::memcpy(gathering_->payload + gathering_->payload_bytes, p_.rx_data, bytes);
  gathering_->payload_bytes += bytes;
  if (!p_.rx_eop) return;
  engine_.receive(*gathering_);
  if (!gathering_->is_completion()) allocated_.add(*gathering_);
  gathering_.reset();
}

// Ready latency of 2: two more beats may follow after ready went low.
void StandInNic::send_beat() {
  ready_low_ = p_.tx_ready ? 0 : ready_low_ + 1;
  p_.tx_valid = 0;
  if (ready_low_ > 2) return;
  if (!sending_) {
    sending_ = engine_.next_to_send(credits_);
    sent_ = 0;
  }
  if (!sending_) return;
  const uint32_t bytes = std::min(beat_, sending_->payload_bytes - sent_);
  p_.tx_valid = 1;
  p_.tx_sop = sent_ == 0;
  for (unsigned i = 0; i < 4; ++i) p_.tx_hdr[i] = sending_->dw[3 - i];
  std::memcpy(p_.tx_data, sending_->payload + sent_, bytes);
  sent_ += bytes;
  p_.tx_eop = sent_ == sending_->payload_bytes;
  if (p_.tx_eop) sending_.reset();
}

// ---------------------------------------------------------------- wire

void StandInNic::mac_edge() {
  if (!p_.mac_rst_n) return;
  const unsigned words = beat_ / 8;
  std::vector<XgmiiWord> in(words), out;
  bool any = false;
  for (unsigned i = 0; i < words; ++i) {
    std::memcpy(&in[i].data, p_.rxd + 8 * i, 8);
    in[i].control = p_.rxc[i];
    any = any || !in[i].idle();
    words_received += !in[i].idle();
  }
  if (!echo_ || !any) in.clear();
  echo_pipe_.push_back(in);
  out = echo_pipe_.front();
  echo_pipe_.pop_front();
  const std::vector<uint8_t> frame = engine_.take_frame();
  if (!frame.empty()) for (const XgmiiWord& w : frame_to_words(frame)) frame_words_.push_back(w);
  for (unsigned i = 0; i < words; ++i) {
    XgmiiWord word = out.empty() ? XgmiiWord{} : out[i];
    if (out.empty() && !frame_words_.empty()) {
      word = frame_words_.front();
      frame_words_.pop_front();
    }
    std::memcpy(p_.txd + 8 * i, &word.data, 8);
    p_.txc[i] = word.control;
  }
}

}  // namespace ringside::testbench
