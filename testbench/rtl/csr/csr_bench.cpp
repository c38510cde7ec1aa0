#include "testbench/rtl/csr/csr_bench.h"

#include <gtest/gtest.h>
#include RINGSIDE_MODEL_HEADER
#include "verilated.h"

namespace ringside::testbench::csr {
namespace {
template <size_t N>
uint32_t word(const VlWide<N>& port, size_t i) { return port[i]; }
inline uint32_t word(const QData& port, size_t i) { return static_cast<uint32_t>(port >> (32 * i)); }
inline uint32_t word(uint32_t port, size_t) { return port; }

// `value` into bits [width q + width - 1 : width q] of a port that is an integer up to 64 bits and an array above.
template <size_t N>
void put(VlWide<N>& port, unsigned q, uint32_t value) { port[q] = value; }
template <class T>
void put(T& port, unsigned q, uint32_t value) {
  port = static_cast<T>((port & ~(T{0xFFFFFFFF} << 32 * q % (8 * sizeof(T)))) | T{value} << 32 * q % (8 * sizeof(T)));
}
template <class T>
unsigned packed(const std::array<T, kQueues>& v, unsigned width) {
  unsigned bits = 0;
  for (unsigned q = 0; q < kQueues; ++q) bits |= static_cast<unsigned>(v[q]) << width * q;
  return bits;
}
}  // namespace

struct CsrBench::Dut {
  VerilatedContext context;
  RINGSIDE_MODEL model{&context};
};

CsrBench::CsrBench() : dut_(std::make_unique<Dut>()) {
  dut_->model.rst_ni = 0;
  run(4);
  dut_->model.rst_ni = 1;
  run(16);
}
CsrBench::~CsrBench() = default;

void CsrBench::tx_packet(unsigned queue, unsigned descriptors) {
  ev_tx_ |= 1u << queue;
  (pulse_early ? tx_step_ : in.tx_cons)[queue] += descriptors;
}
void CsrBench::rx_frame(unsigned queue, unsigned descriptors) {
  ev_rx_ |= 1u << queue;
  if (pulse_early) {
    rx_step_[queue] += descriptors;
  } else {
    in.ret_prod[queue] += descriptors;
    in.rx_cons[queue] += descriptors;
  }
}

void CsrBench::tx_stamp(unsigned queue, uint32_t index, uint64_t time_ns) {
  ev_stamp_ = 1u << queue;
  stamp_idx_ = index;
  stamp_time_ = time_ns;
}

void CsrBench::drive() {
  auto& m = dut_->model;
  m.time_ns_i = now_ns();
  m.csr_valid_i = bus_valid_;
  m.csr_write_i = bus_write_;
  m.csr_addr_i = bus_address_ >> 2;
  m.csr_wdata_i = bus_data_;
  m.csr_be_i = bus_be_;
  m.cfg_bus_master_i = in.bus_master;
  m.cfg_msix_enable_i = in.msix_enable;
  m.cfg_msix_mask_i = in.msix_mask;
  m.flr_i = in.flr;
  m.engines_idle_i = in.engines_idle;
  m.mac_tx_busy_i = in.mac_tx_busy;
  m.link_up_i = in.link_up;
  m.local_fault_i = in.local_fault;
  m.remote_fault_i = in.remote_fault;
  m.q_tx_running_i = packed(in.tx_running, 1);
  m.q_rx_running_i = packed(in.rx_running, 1);
  m.q_tx_error_i = packed(in.tx_error, 4);
  m.q_rx_error_i = packed(in.rx_error, 4);
  for (unsigned q = 0; q < kQueues; ++q) {
    put(m.q_tx_cons_i, q, in.tx_cons[q]);
    put(m.q_rx_cons_i, q, in.rx_cons[q]);
    put(m.q_ret_prod_i, q, in.ret_prod[q]);
    put(m.q_tx_error_idx_i, q, in.tx_error_idx[q]);
    put(m.q_rx_error_idx_i, q, in.rx_error_idx[q]);
  }
  m.ev_tx_stamp_i = static_cast<uint8_t>(ev_stamp_);
  m.tx_stamp_idx_i = stamp_idx_;
  m.tx_stamp_time_i = stamp_time_;
  m.cfg_msi_enable_i = in.msi_enable;
  m.cfg_msi_addr_i = in.msi_addr;
  m.cfg_msi_data_i = static_cast<uint16_t>(in.msi_data);
  m.cfg_msi_count_i = static_cast<uint8_t>(in.msi_count);
  m.cfg_msi_mask_i = in.msi_mask;
  m.rss_idx_i = static_cast<uint8_t>(in.rss_idx);
  m.ev_tx_packet_i = ev_tx_;
  m.ev_rx_frame_i = ev_rx_;
  auto ev = [&](unsigned n) { return static_cast<uint8_t>(in.events >> n & 1); };
  m.ev_rx_pause_i = ev(14), m.ev_tx_pause_i = ev(21), m.ev_rx_fragment_i = ev(28), m.ev_rx_jabber_i = ev(29);
  m.ev_rx_wire_i = ev(30);
  m.rx_wire_octets_i = in.wire_octets;
  m.ev_rx_delivered_i = ev(0), m.ev_rx_broadcast_i = ev(2), m.ev_rx_multicast_i = ev(3), m.ev_rx_fcs_i = ev(4);
  m.ev_rx_runt_i = ev(5), m.ev_rx_oversize_i = ev(6), m.ev_rx_symbol_i = ev(7), m.ev_rx_overrun_i = ev(8);
  m.ev_rx_filtered_i = ev(9), m.ev_rx_no_buffer_i = ev(10), m.ev_rx_disabled_i = ev(11), m.ev_rx_dma_error_i = ev(12);
  m.ev_rx_csum_bad_i = ev(13), m.ev_tx_frame_i = ev(15), m.ev_tx_broadcast_i = ev(17), m.ev_tx_multicast_i = ev(18);
  m.ev_tx_dma_error_i = ev(19), m.ev_tx_bad_desc_i = ev(20), m.ev_read_tlp_i = ev(22), m.ev_write_tlp_i = ev(23);
  m.ev_unexpected_cpl_i = ev(24), m.ev_malformed_i = ev(25);
  m.rx_frame_octets_i = in.rx_octets;
  m.tx_frame_octets_i = in.tx_octets;
  const bool stall = st_stall();
  m.st_req_ready_i = !stall && !have_request_ && done_in_ < 0;
  m.st_data_ready_i = !stall && have_request_;
  m.st_done_i = done_in_ == 0;
}

void CsrBench::sample() {
  auto& m = dut_->model;
  acked_ = m.csr_ack_o;
  answer_ = m.csr_rdata_o;
  for (unsigned q = 0; q < kQueues; ++q) {
    tx_resets += m.q_tx_reset_o >> q & 1;
    rx_resets += m.q_rx_reset_o >> q & 1;
  }
  if (have_request_ || done_in_ >= 0) off_since_ = off_since_ || !in.bus_master;
  if (done_in_ == 0 && off_since_ && !swallow_) swallow_ = offs_++ % 2 == 0;  // dropped as it waited in pcie, or gone before
  if (done_in_ == 0 && !swallow_) writes.push_back({request_address_, beats_, cycle});
  if (done_in_ >= 0) --done_in_;
  if (engine_reset()) {                     // dma_write forgets what it has and what it is given now, without `done`
    have_request_ = false;
    done_in_ = -1;
    return;
  }
  if (m.st_req_valid_o && m.st_req_ready_i) {
    have_request_ = true;
    swallow_ = !in.bus_master;
    off_since_ = false;
    request_address_ = m.st_req_addr_o;
    request_len_ = m.st_req_len_o;
    beats_.clear();
  } else if (m.st_data_valid_o && m.st_data_ready_i) {
    for (unsigned i = 0; i < kWidth / 32; ++i) beats_.push_back(word(m.st_data_o, i));
    if (beats_.size() * 4 < request_len_) return;
    beats_.resize(request_len_ / 4);
    have_request_ = false;
    done_in_ = static_cast<int>(st_delay());
  } else {
    EXPECT_FALSE(m.st_data_valid_o && !have_request_) << "data without a request";
  }
}

void CsrBench::step() {
  auto& m = dut_->model;
  for (unsigned q = 0; q < kQueues && !(ev_tx_ | ev_rx_); ++q) {   // moves that were announced one cycle ago
    in.tx_cons[q] += tx_step_[q];
    in.ret_prod[q] += rx_step_[q];
    in.rx_cons[q] += rx_step_[q];
    tx_step_[q] = rx_step_[q] = 0;
  }
  drive();
  m.clk_i = 0;
  m.eval();
  sample();
  m.clk_i = 1;
  m.eval();
  ++cycle;
  bus_valid_ = false;
  ev_tx_ = ev_rx_ = ev_stamp_ = 0;
  in.events = 0;
  in.flr = false;
}

void CsrBench::run(unsigned cycles) {
  for (unsigned i = 0; i < cycles; ++i) step();
}

void CsrBench::write_now(uint32_t address, uint32_t value) {
  bus_valid_ = bus_write_ = true;
  bus_address_ = address;
  bus_data_ = value;
  bus_be_ = 0xF;
}

void CsrBench::read_now(uint32_t address) {
  bus_valid_ = true;
  bus_write_ = false;
  bus_address_ = address;
  bus_be_ = 0xF;
}

void CsrBench::write(uint32_t address, uint32_t value, unsigned be) {
  write_now(address, value);
  bus_be_ = be;
  wait_ack(be == 0xF ? 4 : 12);
}

void CsrBench::write64(uint32_t address, uint64_t value) {
  write(address, static_cast<uint32_t>(value));
  write(address + 4, static_cast<uint32_t>(value >> 32));
}

uint32_t CsrBench::read(uint32_t address, unsigned be) {
  bus_valid_ = true;
  bus_write_ = false;
  bus_address_ = address;
  bus_be_ = be;
  wait_ack(1000);
  return answer_;
}

void CsrBench::wait_ack(unsigned limit) {
  for (unsigned i = 0; i < limit; ++i) {
    step();
    if (acked_) return;
  }
  ADD_FAILURE() << "no ack";
}

void CsrBench::open(unsigned queue, uint32_t int_control) {
  const uint32_t q = queue * kQueueStride;
  for (unsigned v = 0; v < 1 + kQueues; ++v) {
    write64(0x8000 + 16 * v, 0xFEE00000 + 16 * v);
    write(0x8008 + 16 * v, 0x40 + v);
    write(0x800C + 16 * v, 0);
  }
  write64(kStatusBase + q, 0x10000 * (queue + 1));
  write(kIntControl + q, int_control);
  run(10);
  writes.clear();
}

unsigned CsrBench::messages(unsigned vector, size_t from) const {
  unsigned count = 0;
  for (size_t i = from; i < writes.size(); ++i)
    if (writes[i].is_message() && writes[i].address == 0xFEE00000 + 16 * vector) ++count;
  return count;
}

const HostWrite* CsrBench::last_status(unsigned queue) const {
  for (size_t i = writes.size(); i-- > 0;)
    if (!writes[i].is_message() && writes[i].address == 0x10000u * (queue + 1)) return &writes[i];
  return nullptr;
}

bool CsrBench::idle() const { return dut_->model.idle_o; }
bool CsrBench::irq_idle() const { return dut_->model.irq_idle_o; }
bool CsrBench::quiesce() const { return dut_->model.quiesce_o; }
bool CsrBench::engine_reset() const { return !dut_->model.engine_rst_no; }
uint32_t CsrBench::tx_prod(unsigned q) const { return word(dut_->model.q_tx_prod_o, q); }
uint32_t CsrBench::rx_prod(unsigned q) const { return word(dut_->model.q_rx_prod_o, q); }
uint32_t CsrBench::ret_cons(unsigned q) const { return word(dut_->model.q_ret_cons_o, q); }
bool CsrBench::tx_enable(unsigned q) const { return dut_->model.q_tx_enable_o >> q & 1; }
bool CsrBench::rx_enable(unsigned q) const { return dut_->model.q_rx_enable_o >> q & 1; }
unsigned CsrBench::rss_queue() const { return dut_->model.rss_queue_o; }
unsigned CsrBench::pause_high() const { return dut_->model.pause_high_o; }
unsigned CsrBench::pause_low() const { return dut_->model.pause_low_o; }
unsigned CsrBench::pause_quanta() const { return dut_->model.pause_quanta_o; }
unsigned CsrBench::rss_control() const { return dut_->model.rss_control_o; }
uint32_t CsrBench::rss_key(unsigned n) const { return dut_->model.rss_key_o[n]; }
uint32_t CsrBench::msi_pending() const { return dut_->model.msi_pending_o; }
unsigned CsrBench::mac_switches() const {
  const auto& m = dut_->model;
  return m.loopback_o | m.pause_rx_o << 1 | m.pause_tx_o << 2 | m.vlan_strip_o << 3;
}

}  // namespace ringside::testbench::csr
