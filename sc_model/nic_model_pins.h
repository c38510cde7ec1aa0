// The pins of a verilated nic_top, for files that see its header.
#ifndef RINGSIDE_SC_MODEL_NIC_MODEL_PINS_H_
#define RINGSIDE_SC_MODEL_NIC_MODEL_PINS_H_

#include <cstdint>

#include "sc_model/nic_model.h"

namespace ringside::sc_model {

// Verilated ports are little-endian arrays of 8, 16, 32 or 64-bit words, whatever their width.
template <typename Port>
uint8_t* bytes_of(Port& port) {
  return reinterpret_cast<uint8_t*>(&port);
}

template <typename Verilated>
void bind_pins(Verilated& v, NicPins& p) {
  p.core_clk = &v.core_clk_i;
  p.core_rst_n = &v.core_rst_ni;
  p.mac_clk = &v.mac_clk_i;
  p.mac_rst_n = &v.mac_rst_ni;
  p.time_ns = &v.time_ns_i;
  p.idle = &v.idle_o;
  p.rx_valid = &v.rx_tlp_valid_i;
  p.rx_sop = &v.rx_tlp_sop_i;
  p.rx_eop = &v.rx_tlp_eop_i;
  p.rx_hdr = &v.rx_tlp_hdr_i[0];
  p.rx_data = bytes_of(v.rx_tlp_data_i);
  p.rx_fc_ph = &v.rx_fc_ph_o;
  p.rx_fc_pd = &v.rx_fc_pd_o;
  p.rx_fc_nph = &v.rx_fc_nph_o;
  p.rx_fc_npd = &v.rx_fc_npd_o;
  p.tx_valid = &v.tx_tlp_valid_o;
  p.tx_sop = &v.tx_tlp_sop_o;
  p.tx_eop = &v.tx_tlp_eop_o;
  p.tx_hdr = &v.tx_tlp_hdr_o[0];
  p.tx_data = bytes_of(v.tx_tlp_data_o);
  p.tx_ready = &v.tx_tlp_ready_i;
  p.tx_fc_ph = &v.tx_fc_ph_i;
  p.tx_fc_pd = &v.tx_fc_pd_i;
  p.tx_fc_nph = &v.tx_fc_nph_i;
  p.tx_fc_npd = &v.tx_fc_npd_i;
  p.tx_fc_cplh = &v.tx_fc_cplh_i;
  p.tx_fc_cpld = &v.tx_fc_cpld_i;
  p.xgmii_txd = bytes_of(v.xgmii_txd_o);
  p.xgmii_txc = bytes_of(v.xgmii_txc_o);
  p.xgmii_rxd = bytes_of(v.xgmii_rxd_i);
  p.xgmii_rxc = bytes_of(v.xgmii_rxc_i);
}

}  // namespace ringside::sc_model

#endif  // RINGSIDE_SC_MODEL_NIC_MODEL_PINS_H_
