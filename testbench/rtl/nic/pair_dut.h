// Two models of one NIC behind one set of pins: the second gets the inputs of the first, and after each eval() what they put
// out must be equal, data where it is valid. Throws std::logic_error with the name of the first pin that differs.
#ifndef RINGSIDE_TESTBENCH_RTL_NIC_PAIR_DUT_H_
#define RINGSIDE_TESTBENCH_RTL_NIC_PAIR_DUT_H_

#include <cstring>
#include <stdexcept>
#include <string>

#include "sc_model/nic_model_pins.h"
#include "testbench/rtl/nic/dut.h"
#include "verilated.h"

namespace ringside::testbench::nic {

template <typename First, typename Second, unsigned kWidth>
class PairDut final : public Dut {
 public:
  PairDut() : first_(&context_, "nic"), second_(&context_, "other") {
    sc_model::bind_pins(first_, pins);
    sc_model::bind_pins(second_, other_);
    width = kWidth;
  }
  ~PairDut() override {
    first_.final();
    second_.final();
  }
  void eval() override {
    copy_inputs();
    first_.eval();
    second_.eval();
    compare();
  }

 private:
  void copy_inputs() {
    const Pins &a = pins, &b = other_;
    *b.core_clk = *a.core_clk, *b.core_rst_n = *a.core_rst_n, *b.mac_clk = *a.mac_clk, *b.mac_rst_n = *a.mac_rst_n;
    *b.time_ns = *a.time_ns, *b.tx_ready = *a.tx_ready;
    *b.rx_valid = *a.rx_valid, *b.rx_sop = *a.rx_sop, *b.rx_eop = *a.rx_eop;
    *b.tx_fc_ph = *a.tx_fc_ph, *b.tx_fc_nph = *a.tx_fc_nph, *b.tx_fc_cplh = *a.tx_fc_cplh;
    *b.tx_fc_pd = *a.tx_fc_pd, *b.tx_fc_npd = *a.tx_fc_npd, *b.tx_fc_cpld = *a.tx_fc_cpld;
    std::memcpy(b.rx_hdr, a.rx_hdr, 16);
    std::memcpy(b.rx_data, a.rx_data, kWidth / 8);
    std::memcpy(b.xgmii_rxd, a.xgmii_rxd, kWidth / 8);
    std::memcpy(b.xgmii_rxc, a.xgmii_rxc, kWidth / 64);
  }
  void same(const char* pin, const void* a, const void* b, size_t bytes) {
    if (std::memcmp(a, b, bytes) != 0) throw std::logic_error(std::string("the two models differ at ") + pin);
  }
  void compare() {
    const Pins &a = pins, &b = other_;
    same("idle_o", a.idle, b.idle, 1);
    same("tx_tlp_valid_o", a.tx_valid, b.tx_valid, 1);
    if (*a.tx_valid) compare_tlp();
    same("rx_fc_ph_o", a.rx_fc_ph, b.rx_fc_ph, 1);
    same("rx_fc_pd_o", a.rx_fc_pd, b.rx_fc_pd, 2);
    same("rx_fc_nph_o", a.rx_fc_nph, b.rx_fc_nph, 1);
    same("rx_fc_npd_o", a.rx_fc_npd, b.rx_fc_npd, 2);
    same("xgmii_txd_o", a.xgmii_txd, b.xgmii_txd, kWidth / 8);
    same("xgmii_txc_o", a.xgmii_txc, b.xgmii_txc, kWidth / 64);
  }
  void compare_tlp() {
    same("tx_tlp_sop_o", pins.tx_sop, other_.tx_sop, 1);
    same("tx_tlp_eop_o", pins.tx_eop, other_.tx_eop, 1);
    if (*pins.tx_sop) same("tx_tlp_hdr_o", pins.tx_hdr, other_.tx_hdr, 16);
    same("tx_tlp_data_o", pins.tx_data, other_.tx_data, kWidth / 8);
  }

  VerilatedContext context_;
  First first_;
  Second second_;
  Pins other_;
};

}  // namespace ringside::testbench::nic

#endif  // RINGSIDE_TESTBENCH_RTL_NIC_PAIR_DUT_H_
