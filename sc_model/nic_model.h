// The verilated NIC behind a plain C++ class. Only nic_model.cpp knows the generated headers; there is no SystemC here
// (the two do not go together in one file).
//
// Pins are pointers into the model: inputs are written before eval(), outputs read after it. Wide pins are byte arrays,
// least significant byte first, which is octet 0 of data and XGMII. Header pins are 32-bit words, word 3 is DW 0.
// Threads: none. Host byte order: little-endian (asserted where it matters).
#ifndef RINGSIDE_SC_MODEL_NIC_MODEL_H_
#define RINGSIDE_SC_MODEL_NIC_MODEL_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "sc_model/sim_time.h"

namespace ringside::sc_model {

struct NicPins {
  // Clocks, resets, time
  uint8_t* core_clk = nullptr;
  uint8_t* core_rst_n = nullptr;
  uint8_t* mac_clk = nullptr;
  uint8_t* mac_rst_n = nullptr;
  uint64_t* time_ns = nullptr;
  const uint8_t* idle = nullptr;
  // Host to NIC
  uint8_t* rx_valid = nullptr;
  uint8_t* rx_sop = nullptr;
  uint8_t* rx_eop = nullptr;
  uint32_t* rx_hdr = nullptr;  // 4 words
  uint8_t* rx_data = nullptr;  // width / 8 bytes
  const uint8_t* rx_fc_ph = nullptr;
  const uint16_t* rx_fc_pd = nullptr;
  const uint8_t* rx_fc_nph = nullptr;
  const uint16_t* rx_fc_npd = nullptr;
  // NIC to host
  const uint8_t* tx_valid = nullptr;
  const uint8_t* tx_sop = nullptr;
  const uint8_t* tx_eop = nullptr;
  const uint32_t* tx_hdr = nullptr;
  const uint8_t* tx_data = nullptr;
  uint8_t* tx_ready = nullptr;
  uint8_t* tx_fc_ph = nullptr;
  uint16_t* tx_fc_pd = nullptr;
  uint8_t* tx_fc_nph = nullptr;
  uint16_t* tx_fc_npd = nullptr;
  uint8_t* tx_fc_cplh = nullptr;
  uint16_t* tx_fc_cpld = nullptr;
  // Wire
  const uint8_t* xgmii_txd = nullptr;  // width / 8 bytes
  const uint8_t* xgmii_txc = nullptr;  // width / 64 bytes
  uint8_t* xgmii_rxd = nullptr;
  uint8_t* xgmii_rxc = nullptr;
};

// Where the VCD text of a traced model goes, in pieces cut anywhere. Whoever takes it keeps the errors of writing.
class WaveSink {
 public:
  virtual ~WaveSink() = default;
  virtual void text(const char* bytes, size_t count) = 0;
};

class NicModel {
 public:
  virtual ~NicModel() = default;
  virtual void eval() = 0;
  const NicPins& pins() const { return pins_; }
  unsigned width() const { return width_; }  // bits

  // Waves, in the trace variant only: the others ignore the calls and open answers false. At most one trace in the
  // life of a model; it may be opened at any time. The sink must live until trace_close() or the end of the model.
  virtual bool trace_open(WaveSink& sink) { (void)sink; return false; }
  virtual void trace_dump(TimePs now) { (void)now; }
  virtual void trace_flush() {}  // what waits in buffers goes to the sink
  virtual void trace_close() {}

 protected:
  explicit NicModel(unsigned width) : width_(width) {}
  NicPins pins_;

 private:
  unsigned width_;
};

// Throws std::invalid_argument when this build has no such model. The trace variant is a few per cent slower and can
//   write waves.
std::unique_ptr<NicModel> make_nic_model(unsigned width, bool trace, const std::string& name = "nic");
// Which of width 64, 128, 256, 512 this build has (without trace, with trace).
bool have_nic_model(unsigned width, bool trace);

}  // namespace ringside::sc_model

#endif  // RINGSIDE_SC_MODEL_NIC_MODEL_H_
