// Which models there are is decided by the build: RINGSIDE_DUT_<width> (four queue sets), RINGSIDE_DUT_<width>_Q1
// (one).
#include "testbench/rtl/nic/dut.h"

#include <stdexcept>
#include <string>

#include "verilated.h"
#ifdef RINGSIDE_DUT_64
#include "Vnic64.h"
#endif
#ifdef RINGSIDE_DUT_128
#include "Vnic128.h"
#endif
#ifdef RINGSIDE_DUT_256
#include "Vnic256.h"
#endif
#ifdef RINGSIDE_DUT_512
#include "Vnic512.h"
#endif
#ifdef RINGSIDE_DUT_64_Q1
#include "Vnic64q1.h"
#endif
#ifdef RINGSIDE_DUT_128_Q1
#include "Vnic128q1.h"
#endif
#ifdef RINGSIDE_DUT_256_Q1
#include "Vnic256q1.h"
#endif
#ifdef RINGSIDE_DUT_512_Q1
#include "Vnic512q1.h"
#endif

namespace ringside::testbench::nic {
namespace {

// Verilated ports are little-endian arrays of 8, 16, 32 or 64-bit words, whatever their width.
template <typename Port>
uint8_t* bytes_of(Port& port) {
  return reinterpret_cast<uint8_t*>(&port);
}

template <typename Model>
void bind_host_pins(Model& m, Pins& p) {
  p.rx_valid = &m.rx_tlp_valid_i;
  p.rx_sop = &m.rx_tlp_sop_i;
  p.rx_eop = &m.rx_tlp_eop_i;
  p.rx_hdr = &m.rx_tlp_hdr_i[0];
  p.rx_data = bytes_of(m.rx_tlp_data_i);
  p.rx_fc_ph = &m.rx_fc_ph_o;
  p.rx_fc_pd = &m.rx_fc_pd_o;
  p.rx_fc_nph = &m.rx_fc_nph_o;
  p.rx_fc_npd = &m.rx_fc_npd_o;
  p.tx_valid = &m.tx_tlp_valid_o;
  p.tx_sop = &m.tx_tlp_sop_o;
  p.tx_eop = &m.tx_tlp_eop_o;
  p.tx_hdr = &m.tx_tlp_hdr_o[0];
  p.tx_data = bytes_of(m.tx_tlp_data_o);
  p.tx_ready = &m.tx_tlp_ready_i;
  p.tx_fc_ph = &m.tx_fc_ph_i;
  p.tx_fc_pd = &m.tx_fc_pd_i;
  p.tx_fc_nph = &m.tx_fc_nph_i;
  p.tx_fc_npd = &m.tx_fc_npd_i;
  p.tx_fc_cplh = &m.tx_fc_cplh_i;
  p.tx_fc_cpld = &m.tx_fc_cpld_i;
}

template <typename Model>
void bind_pins(Model& m, Pins& p) {
  p.core_clk = &m.core_clk_i;
  p.core_rst_n = &m.core_rst_ni;
  p.mac_clk = &m.mac_clk_i;
  p.mac_rst_n = &m.mac_rst_ni;
  p.time_ns = &m.time_ns_i;
  p.idle = &m.idle_o;
  p.txd = bytes_of(m.xgmii_txd_o);
  p.txc = bytes_of(m.xgmii_txc_o);
  p.rxd = bytes_of(m.xgmii_rxd_i);
  p.rxc = bytes_of(m.xgmii_rxc_i);
  bind_host_pins(m, p);
}

template <typename Model, unsigned kWidth, unsigned kQueues>
class VerilatedDut final : public Dut {
 public:
  VerilatedDut() : model_(&context_, "nic") {
    bind_pins(model_, pins);
    width = kWidth;
    queues = kQueues;
  }
  ~VerilatedDut() override { model_.final(); }
  void eval() override { model_.eval(); }

 private:
  VerilatedContext context_;
  Model model_;
};

struct Row {
  unsigned width, queues;
  std::unique_ptr<Dut> (*make)();
};

template <typename Model, unsigned kWidth, unsigned kQueues>
constexpr Row row() {
  return {kWidth, kQueues,
          []() -> std::unique_ptr<Dut> { return std::make_unique<VerilatedDut<Model, kWidth, kQueues>>(); }};
}

const Row kModels[] = {
#ifdef RINGSIDE_DUT_64
    row<Vnic64, 64, 4>(),
#endif
#ifdef RINGSIDE_DUT_128
    row<Vnic128, 128, 4>(),
#endif
#ifdef RINGSIDE_DUT_256
    row<Vnic256, 256, 4>(),
#endif
#ifdef RINGSIDE_DUT_512
    row<Vnic512, 512, 4>(),
#endif
#ifdef RINGSIDE_DUT_64_Q1
    row<Vnic64q1, 64, 1>(),
#endif
#ifdef RINGSIDE_DUT_128_Q1
    row<Vnic128q1, 128, 1>(),
#endif
#ifdef RINGSIDE_DUT_256_Q1
    row<Vnic256q1, 256, 1>(),
#endif
#ifdef RINGSIDE_DUT_512_Q1
    row<Vnic512q1, 512, 1>(),
#endif
};

}  // namespace

std::unique_ptr<Dut> make_dut(unsigned width, unsigned queues) {
  for (const Row& model : kModels)
    if (model.width == width && model.queues == queues) return model.make();
  throw std::invalid_argument("no model of " + std::to_string(width) + " bits and " + std::to_string(queues) +
                              " queue sets in this executable");
}

std::vector<unsigned> widths_of(unsigned queues) {
  std::vector<unsigned> widths;
  for (const Row& model : kModels)
    if (model.queues == queues) widths.push_back(model.width);
  return widths;
}

}  // namespace ringside::testbench::nic
