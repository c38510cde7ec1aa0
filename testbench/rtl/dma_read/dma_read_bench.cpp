#include "testbench/rtl/dma_read/dma_read_bench.h"

#include <fmt/format.h>

#include "testbench/rtl/model_state.h"

namespace ringside::testbench {

DmaReadBench::DmaReadBench(uint32_t seed)
    : host(kBytes, memory_byte, seed), dut(std::make_unique<Dut>()), random_(seed ^ 0x5A5A) {
  dut->bus_master_i = 1;
  dut->ext_tag_i = 1;
  dut->timeout_us_i = 50;
  set_mrrs(2);
  dut->rst_ni = 0;
  for (int i = 0; i < 3; ++i) cycle();
  dut->rst_ni = 1;
  cycle();
}

void DmaReadBench::set_mrrs(uint32_t code) {
  dut->mrrs_i = static_cast<uint8_t>(code);
  host.mrrs = 128u << std::min(code, 5u);
}

void DmaReadBench::ask(const Request& request) { waiting_[request.client].push_back(request); }

bool DmaReadBench::clients_done() const {
  return waiting_[0].empty() && waiting_[1].empty() && waiting_[2].empty() && active_.empty();
}

void DmaReadBench::drive_requests() {
  dut->req_valid_i = 0;
  for (uint32_t c = 0; c < kClients; ++c) {
    if (waiting_[c].empty()) continue;
    const Request& r = waiting_[c].front();
    if (active_.count({c, r.cookie}) != 0) continue;
    dut->req_valid_i = static_cast<uint8_t>(dut->req_valid_i | 1u << c);
    put_field(dut->req_addr_i, c, 64, r.address);
    put_field(dut->req_len_i, c, 17, r.length);
    put_field(dut->req_dst_i, c, 18, r.dst);
    put_field(dut->req_cookie_i, c, 12, r.cookie);
  }
}

// Requests are cut up one after the other, in the order taken (rule F5 needs to know whose a piece is).
void DmaReadBench::take_request() {
  const uint32_t taken = dut->req_valid_i & dut->req_ready_o;
  for (uint32_t c = 0; c < kClients; ++c) {
    if (!(taken >> c & 1)) continue;
    if (taken != 1u << c) fail("two requests taken at once");
    const Request r = waiting_[c].front();
    waiting_[c].pop_front();
    active_[{c, r.cookie}] = Active{r, std::vector<bool>(r.length), 0, 0, 0};
    cut_.push_back({r.address, r.length});
  }
  if (!dut->rdreq_valid_o || !dut->rdreq_ready_i) return;
  if (!dut->bus_master_i) fail("P34: a request with bus master off");
  const ReadRequest r{dut->rdreq_addr_o << 2, dut->rdreq_len_o, dut->rdreq_first_be_o, dut->rdreq_last_be_o,
                      dut->rdreq_tag_o};
  if (cut_.empty()) return fail("a piece of no request");
  Uncut& uncut = cut_.front();
  if (r.first_byte() != uncut.next || r.bytes() > uncut.left) fail(fmt::format("piece at {:#x}", r.first_byte()));
  uncut.next += r.bytes();
  uncut.left -= std::min(r.bytes(), uncut.left);
  if (uncut.left == 0) cut_.pop_front();
  tag_sent_ns[r.tag] = time_ns;
  host.request(r, now);
}

void DmaReadBench::drive_completion() {
  const CompletionBeat beat = host.beat(now);
  dut->cpl_valid_i = beat.valid;
  if (!beat.valid) return;
  dut->cpl_sop_i = beat.sop;
  dut->cpl_eop_i = beat.eop;
  const Completion& h = beat.header;  // garbage but with sop
  dut->cpl_tag_i = static_cast<uint8_t>(beat.sop ? h.tag : random_());
  dut->cpl_status_i = static_cast<uint8_t>((beat.sop ? h.status : random_()) & 7);
  dut->cpl_byte_count_i = static_cast<uint16_t>((beat.sop ? h.byte_count : random_()) & 0x1FFF);
  dut->cpl_lower_addr_i = static_cast<uint8_t>((beat.sop ? h.lower_address : random_()) & 0x7F);
  dut->cpl_len_i = static_cast<uint16_t>((beat.sop ? h.dws : random_()) & 0x7FF);
  dut->cpl_poisoned_i = beat.sop ? h.poisoned : random_() & 1;
  put_bytes(dut->cpl_data_i, beat.data.data(), beat.data.size());
}

void DmaReadBench::check_write() {
  if (!dut->wr_valid_o) return;
  const auto at = active_.find({dut->wr_client_o, dut->wr_cookie_o});
  if (at == active_.end()) return fail("a write for nobody");
  Active& a = at->second;
  const auto* data = reinterpret_cast<const uint8_t*>(&dut->wr_data_o);
  for (uint32_t lane = 0; lane < kBytes; ++lane) {
    if (!bit_of(dut->wr_be_o, lane)) continue;
    const uint32_t row = dut->wr_row_o + (bit_of(dut->wr_next_o, lane) ? 1 : 0);
    const uint32_t offset = (row * kBytes + lane - a.request.dst) & 0x3FFFF;
    if (offset >= a.request.length) return fail(fmt::format("a write outside: offset {:#x}", offset));
    if (a.written[offset]) return fail("an octet written twice");
    if (data[lane] != memory_byte(a.request.address + offset)) return fail(fmt::format("wrong octet at {}", offset));
    a.written[offset] = true;
    ++a.written_count;
  }
}

void DmaReadBench::check_done() {
  if (!dut->done_valid_o) return;
  const auto at = active_.find({dut->done_client_o, dut->done_cookie_o});
  if (at == active_.end()) return fail("done for nobody");
  Active& a = at->second;
  a.done += dut->done_bytes_o;
  if (dut->done_error_o == 0) a.good += dut->done_bytes_o;
  else done_errors.push_back(dut->done_error_o);
  if (a.written_count < a.good) return fail("done before its octets were written");
  if (a.done > a.request.length) return fail("more octets done than asked");
  if (a.done < a.request.length) return;
  if (a.good == a.request.length && a.written_count != a.good) fail("octets missing");
  active_.erase(at);
}

void DmaReadBench::cycle() {
  dut->time_ns_i = time_ns;
  dut->rdreq_ready_i = random_() % 100 < ready_percent;
  drive_requests();
  drive_completion();
  dut->clk_i = 0;
  dut->eval();
  if (dut->rst_ni) take_request();
  dut->clk_i = 1;
  dut->eval();
  if (dut->rst_ni) {
    check_write();
    check_done();
    unexpected += dut->ev_unexpected_cpl_o;
    unfit += dut->ev_unfit_cpl_o;
    refused += dut->ev_cpl_ur_o;
    aborted += dut->ev_cpl_ca_o;
    const bool waits = !waiting_[0].empty() || !waiting_[1].empty() || !waiting_[2].empty();
    if (dut->idle_o && !waits && !active_.empty()) fail("idle with requests in flight");
  }
  ++now;
  time_ns += 4;
}

bool DmaReadBench::drain(uint64_t cycles) {
  for (uint64_t i = 0; i < cycles && failure_.empty(); ++i) {
    cycle();
    if (clients_done() && host.quiet()) {
      for (int extra = 0; extra < 8; ++extra) cycle();
      if (!dut->idle_o) fail("not idle at the end");
      if (!host.faults.empty()) fail(host.faults.front());
      return failure_.empty();
    }
  }
  fail("did not end");
  return false;
}

bool DmaReadBench::at_rest(uint64_t cycles) {
  cycle();
  const uint64_t then = time_ns;
  const auto snapshot = [&] {
    dut->time_ns_i = then;
    dut->rdreq_ready_i = 1;
    dut->clk_i = 0;
    dut->eval();
    return model_state(*dut);
  };
  const auto before = snapshot();
  for (uint64_t i = 0; i < cycles; ++i) cycle();
  return snapshot() == before;
}

}  // namespace ringside::testbench
