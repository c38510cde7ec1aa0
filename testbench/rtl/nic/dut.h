// The verilated nic_top alone, behind a class: dut.cpp is the only file here that sees generated headers.
//
// Pins are pointers into the model: write inputs before eval(), read outputs after it. Wide pins are byte arrays, octet
// 0 first; header pins are 32-bit words, word 3 is DW 0 of the TLP.
#ifndef RINGSIDE_TESTBENCH_RTL_NIC_DUT_H_
#define RINGSIDE_TESTBENCH_RTL_NIC_DUT_H_

#include <cstdint>
#include <memory>
#include <vector>

namespace ringside::testbench::nic {

struct Pins {
  uint8_t *core_clk, *core_rst_n, *mac_clk, *mac_rst_n;
  uint64_t *time_ns;
  const uint8_t *idle;
  // Host to NIC
  uint8_t *rx_valid, *rx_sop, *rx_eop;
  uint32_t *rx_hdr;
  uint8_t *rx_data;
  const uint8_t *rx_fc_ph, *rx_fc_nph;
  const uint16_t *rx_fc_pd, *rx_fc_npd;
  // NIC to host
  const uint8_t *tx_valid, *tx_sop, *tx_eop;
  const uint32_t *tx_hdr;
  const uint8_t *tx_data;
  uint8_t *tx_ready, *tx_fc_ph, *tx_fc_nph, *tx_fc_cplh;
  uint16_t *tx_fc_pd, *tx_fc_npd, *tx_fc_cpld;
  // Wire
  const uint8_t *txd, *txc;
  uint8_t *rxd, *rxc;
};

class Dut {
 public:
  virtual ~Dut() = default;
  virtual void eval() = 0;
  Pins pins{};
  unsigned width = 0;  // bits
  unsigned queues = 0;
  unsigned bytes() const { return width / 8; }
};

// Throws std::invalid_argument when the executable was not linked with such a model.
std::unique_ptr<Dut> make_dut(unsigned width, unsigned queues);
std::vector<unsigned> widths_of(unsigned queues);  // what there is, ascending

}  // namespace ringside::testbench::nic

#endif  // RINGSIDE_TESTBENCH_RTL_NIC_DUT_H_
