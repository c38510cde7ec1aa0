// Stand-in for the verilated NIC: the same pins, a small behavioural card behind them. For tests of the model round the
// NIC only; nothing on the product's path uses it.
//
// The card: vendor 0x1D9B device 0x0100, BAR 0 of 64 KiB, PCI Express capability. Registers (32 bits):
//   0x00 id    0x04 scratch   0x10/0x14 source address   0x18/0x1C destination address   0x20 length
//   0x24/0x28 message address   0x2C message data   0x30 go (bit 0 copy, bit 1 send message, bit 2 send the bytes as
//   a frame)
// Copy: reads [source, +length) in requests of 128 bytes on tags of its own, writes it to the destination in pieces
//   of 128, then the message. XGMII input is echoed after 3 MAC cycles when `echo` is set, counted always.
#ifndef RINGSIDE_TESTBENCH_SC_MODEL_SUPPORT_STAND_IN_NIC_H_
#define RINGSIDE_TESTBENCH_SC_MODEL_SUPPORT_STAND_IN_NIC_H_

#include <array>
#include <cstdint>
#include <deque>
#include <vector>

#include "sc_model/flow_control.h"
#include "sc_model/nic_model.h"
#include "sc_model/tlp.h"
#include "sc_model/xgmii.h"

namespace ringside::testbench {

// Storage behind the pins.
struct StandInPins {
  uint8_t core_clk = 0, core_rst_n = 0, mac_clk = 0, mac_rst_n = 0, idle = 0;
  uint64_t time_ns = 0;
  uint8_t rx_valid = 0, rx_sop = 0, rx_eop = 0;
  uint32_t rx_hdr[4] = {};
  uint8_t rx_data[64] = {};
  uint8_t rx_fc_ph = 0, rx_fc_nph = 0;
  uint16_t rx_fc_pd = 0, rx_fc_npd = 0;
  uint8_t tx_valid = 0, tx_sop = 0, tx_eop = 0, tx_ready = 0;
  uint32_t tx_hdr[4] = {};
  uint8_t tx_data[64] = {};
  uint8_t tx_fc_ph = 0, tx_fc_nph = 0, tx_fc_cplh = 0;
  uint16_t tx_fc_pd = 0, tx_fc_npd = 0, tx_fc_cpld = 0;
  uint8_t txd[64] = {}, txc[8] = {}, rxd[64] = {}, rxc[8] = {};
};

// What the card does with whole TLPs; no pins here.
class StandInEngine {
 public:
  explicit StandInEngine(sc_model::TlpPool& pool) : pool_(pool) {}
  void receive(const sc_model::Tlp& tlp);
  sc_model::TlpPtr next_to_send(sc_model::CreditLedger& credits);
  bool idle() const { return out_.empty() && reads_left_ == 0 && frame_.empty(); }
  std::vector<uint8_t> take_frame();

  uint32_t unexpected = 0;

 private:
  void configure(const sc_model::Tlp& tlp);
  void mmio_read(const sc_model::Tlp& tlp);
  void mmio_write(const sc_model::Tlp& tlp);
  void completion(const sc_model::Tlp& tlp);
  void go(uint32_t what);
  void request_reads();
  void finish();
  uint64_t wide(unsigned index) const { return regs_[index] | static_cast<uint64_t>(regs_[index + 1]) << 32; }
  uint32_t config_register(unsigned offset) const;

  sc_model::TlpPool& pool_;
  std::array<uint32_t, 64> regs_{{0x474E4952}};
  std::array<uint32_t, 16> config_{};
  uint32_t device_control_ = 0x2810;
  sc_model::PciId id_;
  std::deque<sc_model::TlpPtr> out_;
  struct Read { bool live = false; uint64_t address = 0; uint32_t at = 0, left = 0; };
  std::array<Read, 32> reads_;
  uint32_t reads_left_ = 0, next_read_ = 0, what_ = 0;
  std::vector<uint8_t> buffer_, frame_;
};

class StandInNic : public sc_model::NicModel {
 public:
  explicit StandInNic(unsigned width, bool echo = true);
  void eval() override;
  StandInEngine& engine() { return engine_; }
  uint64_t words_received = 0;
  uint64_t evals = 0;

 private:
  void bind();
  void core_edge();
  void mac_edge();
  void take_beat();
  void send_beat();
  void update_idle();

  sc_model::TlpPool pool_;
  StandInPins p_;
  StandInEngine engine_;
  bool echo_;
  unsigned beat_;
  uint8_t last_core_ = 0, last_mac_ = 0;
  sc_model::TlpPtr gathering_, sending_;
  uint32_t sent_ = 0;
  unsigned ready_low_ = 0;
  sc_model::CreditLedger credits_;
  sc_model::CreditCounts allocated_;
  std::deque<std::vector<sc_model::XgmiiWord>> echo_pipe_;
  std::deque<sc_model::XgmiiWord> frame_words_;
};

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_SC_MODEL_SUPPORT_STAND_IN_NIC_H_
