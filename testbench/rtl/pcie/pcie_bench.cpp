#include "testbench/rtl/pcie/pcie_bench.h"

#include <gtest/gtest.h>
#include RINGSIDE_MODEL_HEADER
#include "verilated.h"

namespace ringside::testbench::pcie {
namespace {
// A port of 64 bits is an integer in the model, a wider one an array of 32-bit words.
template <size_t N>
void put(VlWide<N>& port, const std::vector<uint32_t>& words, size_t from) {
  for (size_t i = 0; i < N; ++i) port[i] = from + i < words.size() ? words[from + i] : 0xDEADBEEF;
}
inline void put(QData& port, const std::vector<uint32_t>& words, size_t from) {
  const uint64_t low = from < words.size() ? words[from] : 0xDEADBEEF;
  const uint64_t high = from + 1 < words.size() ? words[from + 1] : 0xDEADBEEF;
  port = high << 32 | low;
}
template <size_t N>
uint32_t word(const VlWide<N>& port, size_t i) { return port[i]; }
inline uint32_t word(const QData& port, size_t i) { return static_cast<uint32_t>(port >> (32 * i)); }

unsigned data_credits(const Tlp& tlp) { return tlp.has_data() ? (tlp.length() + 3) / 4 : 0; }
bool is_posted(const Tlp& tlp) { return tlp.is_write() || (tlp.type() & 0x38) == 0x30; }
bool enough(unsigned limit, unsigned used, unsigned modulo) { return (limit - used) % modulo <= modulo / 2; }
}  // namespace

struct PcieBench::Dut {
  VerilatedContext context;
  RINGSIDE_MODEL model{&context};
};

PcieBench::PcieBench() : dut_(std::make_unique<Dut>()) {
  auto& m = dut_->model;
  m.engine_rst_ni = 1;
  for (m.rst_ni = 0; cycle < 4;) step();
  m.rst_ni = 1;
  out.clear();
}
PcieBench::~PcieBench() = default;

void PcieBench::send(const Tlp& tlp) { to_send_.push_back(tlp); }

bool PcieBench::credit_for(const Tlp& tlp) const {
  const auto& m = dut_->model;
  if (tlp.is_cpl()) return true;
  const unsigned data = data_credits(tlp);
  if (is_posted(tlp)) return enough(m.rx_fc_ph_o, sent_.ph + 1u, 256) && enough(m.rx_fc_pd_o, sent_.pd + data, 4096);
  return enough(m.rx_fc_nph_o, sent_.nph + 1u, 256) && enough(m.rx_fc_npd_o, sent_.npd + data, 4096);
}

// Cuts the next TLP into beats when its credits are there.
void PcieBench::drive_host() {
  auto& m = dut_->model;
  if (raw_.empty() && !to_send_.empty() && m.rst_ni && credit_for(to_send_.front())) {
    const Tlp tlp = to_send_.front();
    to_send_.pop_front();
    if (is_posted(tlp)) {
      sent_.ph += 1;
      sent_.pd = (sent_.pd + data_credits(tlp)) % 4096;
    } else if (!tlp.is_cpl()) {
      sent_.nph += 1;
      sent_.npd = (sent_.npd + data_credits(tlp)) % 4096;
    }
    size_t from = 0;
    do {
      Beat beat{from == 0, from + kBeatDws >= tlp.data.size(), tlp.dw, {}};
      const size_t end = std::min<size_t>(from + kBeatDws, tlp.data.size());
      for (size_t i = from; i < end; ++i) beat.data.push_back(tlp.data[i]);
      raw_.push_back(beat);
      from += kBeatDws;
    } while (from < tlp.data.size());
  }
  m.rx_tlp_valid_i = !raw_.empty();
  if (raw_.empty()) return;
  m.rx_tlp_sop_i = raw_.front().sop;
  m.rx_tlp_eop_i = raw_.front().eop;
  for (int i = 0; i < 4; ++i) m.rx_tlp_hdr_i[3 - i] = raw_.front().dw[i];
  put(m.rx_tlp_data_i, raw_.front().data, 0);
  raw_.pop_front();
}

void PcieBench::drive_dma() {
  auto& m = dut_->model;
  if (!write_offered_ && !writes_.empty()) write_offered_ = !write_gap();
  m.wr_valid_i = write_offered_;
  if (write_offered_) {
    const DmaRequest& w = writes_.front();
    m.wr_sop_i = write_beat_ == 0;
    m.wr_eop_i = write_beat_ + kBeatDws >= w.length;
    m.wr_last_i = w.last;
    m.wr_client_i = w.client;
    m.wr_addr_i = w.address >> 2;
    m.wr_len_i = w.length;
    m.wr_first_be_i = w.first_be;
    m.wr_last_be_i = w.last_be;
    put(m.wr_data_i, w.data, write_beat_);
  }
  m.rdreq_valid_i = !reads_.empty();
  if (!reads_.empty()) {
    const DmaRequest& r = reads_.front();
    m.rdreq_addr_i = r.address >> 2;
    m.rdreq_len_i = r.length;
    m.rdreq_first_be_i = r.first_be;
    m.rdreq_last_be_i = r.last_be;
    m.rdreq_tag_i = r.tag;
  }
}

void PcieBench::drive_csr() {
  auto& m = dut_->model;
  m.csr_ack_i = !acks_.empty() && acks_.front().first <= cycle;
  m.csr_rdata_i = m.csr_ack_i ? acks_.front().second : 0;
  if (m.csr_ack_i) acks_.pop_front();
}

void PcieBench::step() {
  auto& m = dut_->model;
  m.engine_rst_ni = !engine_reset;
  m.dma_pending_i = dma_pending;
  m.dma_timeout_i = dma_timeout;
  m.dma_cpl_ur_i = dma_refused;
  m.dma_cpl_ca_i = dma_aborted;
  m.msi_pending_i = msi_pending;
  m.message_i = message;
  m.mark_i = mark;
  m.tx_tlp_ready_i = ready_pin_;          // the input register of nic_top
  ready_pin_ = ready();
  since_ready_ = ready_pin_ ? 0 : since_ready_ + 1;
  const Credits give = credits;
  m.tx_fc_ph_i = infinite_credits ? used_.ph + 100 : give.ph;
  m.tx_fc_pd_i = infinite_credits ? (used_.pd + 1000) % 4096 : give.pd;
  m.tx_fc_nph_i = infinite_credits ? used_.nph + 100 : give.nph;
  m.tx_fc_npd_i = 0;
  m.tx_fc_cplh_i = infinite_credits ? used_.cplh + 100 : give.cplh;
  m.tx_fc_cpld_i = infinite_credits ? (used_.cpld + 1000) % 4096 : give.cpld;
  drive_host();
  drive_dma();
  drive_csr();
  m.clk_i = 0;
  m.eval();
  sample();
  m.clk_i = 1;
  m.eval();
  ++cycle;
}

// Outputs of this cycle, before the edge.
void PcieBench::sample() {
  auto& m = dut_->model;
  if (!m.rst_ni) return;
  malformed += m.ev_malformed_o;
  flr += m.flr_o;
  ev_reads += m.ev_read_tlp_o;
  ev_writes += m.ev_write_tlp_o;
  if (m.csr_valid_o) {
    csr_log.push_back({m.csr_write_o != 0, static_cast<uint32_t>(m.csr_addr_o) << 2, m.csr_be_o, m.csr_wdata_o, cycle});
    uint32_t& reg = csr_memory[m.csr_addr_o << 2];
    if (m.csr_write_o)
      for (unsigned i = 0; i < 4; ++i)
        if (m.csr_be_o >> i & 1) reg = (reg & ~(0xFFu << (8 * i))) | (m.csr_wdata_o & 0xFFu << (8 * i));
    acks_.push_back({cycle + csr_delay, reg});
  }
  if (m.cpl_valid_o) {
    CplBeat beat{m.cpl_sop_o != 0, m.cpl_eop_o != 0, m.cpl_poisoned_o != 0, m.cpl_tag_o, m.cpl_status_o,
                 m.cpl_byte_count_o, m.cpl_lower_addr_o, m.cpl_len_o, {}};
    for (unsigned i = 0; i < kBeatDws; ++i) beat.data.push_back(word(m.cpl_data_o, i));
    cpl_beats.push_back(beat);
  }
  if (m.wr_done_o) done.push_back(m.wr_done_o);
  bus_master = m.cfg_bus_master_o;
  if (m.wr_valid_i && m.wr_ready_o) {
    if (m.wr_sop_i) taken.push_back(writes_.front());
    write_offered_ = false;
    write_beat_ = m.wr_eop_i ? 0 : write_beat_ + kBeatDws;
    if (m.wr_eop_i) writes_.pop_front();
  }
  if (m.rdreq_valid_i && m.rdreq_ready_o) reads_.pop_front();
  if (!m.tx_tlp_valid_o) return;
  EXPECT_LE(since_ready_, 2u) << "more than two beats after ready fell, cycle " << cycle;
  EXPECT_EQ(m.tx_tlp_sop_o != 0, !in_tlp_) << "cycle " << cycle;
  if (m.tx_tlp_sop_o) {
    current_ = Tlp{};
    current_.cycle = cycle;
    for (int i = 0; i < 4; ++i) current_.dw[i] = m.tx_tlp_hdr_o[3 - i];
    take_credits(current_);
  }
  for (unsigned i = 0; i < kBeatDws && current_.has_data() && current_.data.size() < current_.length(); ++i)
    current_.data.push_back(word(m.tx_tlp_data_o, i));
  in_tlp_ = !m.tx_tlp_eop_o;
  if (!in_tlp_) {
    monitor(current_);
    out.push_back(current_);
  }
}

void PcieBench::take_credits(const Tlp& tlp) {
  const unsigned data = data_credits(tlp);
  if (tlp.is_cpl()) {
    used_.cplh += 1;
    used_.cpld = (used_.cpld + data) % 4096;
  } else if (tlp.is_write()) {
    used_.ph += 1;
    used_.pd = (used_.pd + data) % 4096;
  } else {
    used_.nph += 1;
  }
  if (infinite_credits) return;   // P29
  const bool paid = tlp.is_cpl() ? enough(credits.cplh, used_.cplh, 256) && enough(credits.cpld, used_.cpld, 4096)
                    : tlp.is_write() ? enough(credits.ph, used_.ph, 256) && enough(credits.pd, used_.pd, 4096)
                                     : enough(credits.nph, used_.nph, 256);
  EXPECT_TRUE(paid) << "credits overdrawn by type " << int{tlp.type()};
}

void PcieBench::monitor(const Tlp& tlp) {
  ASSERT_TRUE(tlp.is_cpl() || tlp.is_read() || tlp.is_write()) << "type " << int{tlp.type()};      // P2
  EXPECT_EQ(tlp.data.size(), tlp.has_data() ? tlp.length() : 0u);                                   // P3
  if (!tlp.has_data() && tlp.is_cpl()) { EXPECT_EQ(tlp.dw[0] & 0x3FF, 0u); }
  EXPECT_EQ(tlp.dw[0] & 0x00088C00u, 0u) << "reserved bits";                                        // P44
  EXPECT_EQ(tlp.dw[0] >> 14 & 3, 0u) << "TD, EP";
  if (tlp.is_cpl()) {
    EXPECT_EQ(tlp.dw[3], 0u);
    EXPECT_EQ(tlp.dw[1] >> 12 & 1, 0u) << "BCM";
    return;
  }
  EXPECT_EQ(tlp.requester(), kBdf);                                                                 // P12
  EXPECT_EQ(tlp.tc(), 0u);
  EXPECT_EQ(tlp.attr(), 0u);                                                                        // P28
  EXPECT_EQ(tlp.four_dw(), tlp.address() >> 32 != 0);                                               // P1
  EXPECT_LE((tlp.address() & 0xFFF) + tlp.length() * 4, 4096u);                                     // P7
  EXPECT_EQ(tlp.last_be() != 0, tlp.length() > 1);                                                  // P9
  if (tlp.is_write()) { EXPECT_LE(tlp.length(), mps_dws); }                                         // P4
}

void PcieBench::run(unsigned cycles) {
  for (unsigned i = 0; i < cycles; ++i) step();
}

bool PcieBench::idle() const {
  return dut_->model.idle_o && to_send_.empty() && raw_.empty() && writes_.empty() && reads_.empty() && acks_.empty();
}

PcieBench::Msi PcieBench::msi() const {
  const auto& m = dut_->model;
  return {m.cfg_msi_enable_o != 0, m.cfg_msi_addr_o, m.cfg_msi_data_o, m.cfg_msi_count_o, m.cfg_msi_mask_o};
}

unsigned PcieBench::nonposted_credits() const { return dut_->model.rx_fc_nph_o; }

void PcieBench::settle(unsigned limit) {
  for (unsigned i = 0; i < limit; ++i) {
    step();
    if (idle()) return;
  }
  FAIL() << "not idle after " << limit << " cycles";
}

Tlp PcieBench::request(const Tlp& tlp) {
  const size_t before = out.size();
  send(tlp);
  settle();
  for (size_t i = before; i < out.size(); ++i)
    if (out[i].is_cpl() && out[i].cpl_tag() == tlp.tag()) return out[i];
  ADD_FAILURE() << "no completion";
  return Tlp{};
}

uint32_t PcieBench::cfg_read(unsigned reg) {
  const Tlp cpl = request(config(false, kBdf, reg, 0xF, ++next_tag_ & 0xFF));
  EXPECT_EQ(cpl.type(), kCplD);
  EXPECT_EQ(cpl.status(), kSc);
  return cpl.data.empty() ? 0 : cpl.data[0];
}

void PcieBench::cfg_write(unsigned reg, uint32_t value, unsigned be) {
  const Tlp cpl = request(config(true, kBdf, reg, be, ++next_tag_ & 0xFF, value));
  EXPECT_EQ(cpl.type(), kCpl);
  EXPECT_EQ(cpl.status(), kSc);
}

void PcieBench::configure(uint64_t bar, uint32_t command) {
  cfg_write(0x10, static_cast<uint32_t>(bar));
  cfg_write(0x14, static_cast<uint32_t>(bar >> 32));
  cfg_write(0x04, command, 0x3);
  out.clear();
}

}  // namespace ringside::testbench::pcie
