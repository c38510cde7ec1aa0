// TLPs from the NIC: checked, executed.
#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "testbench/rtl/nic/host.h"

namespace ringside::testbench::nic {
namespace {
enum : unsigned { kCpl = 0x0A, kCplD = 0x4A, kCplLk = 0x0B };
constexpr bool is_write(unsigned type) {
  return type == 0x40 || type == 0x60;
}
constexpr bool is_read(unsigned type) {
  return type == 0x00 || type == 0x20;
}
constexpr unsigned first_octet(unsigned be) {
  return __builtin_ctz(be | 0x10);
}
constexpr unsigned octets_cut(unsigned be) {
  return be == 0 ? 0 : 3 - (31 - __builtin_clz(be));
}  // behind the last
constexpr bool within(unsigned limit, unsigned used, unsigned modulo) {
  return (limit - used) % modulo <= modulo / 2;
}
}  // namespace

uint8_t* Host::memory(uint64_t address, size_t bytes) {
  if (!inside(address, bytes)) throw std::out_of_range("bus address outside the host's memory");
  return memory_.get() + (address - settings.memory_base);
}

bool Host::inside(uint64_t address, uint64_t bytes) const {
  return address >= settings.memory_base && address - settings.memory_base + bytes <= settings.memory_bytes;
}

void Host::sample() {
  counts.busy_tags += reads_.size();
  const Pins& p = dut_.pins;
  if (*p.core_rst_n && *p.tx_valid) take_beat();
}

void Host::take_beat() {
  const Pins& p = dut_.pins;
  ++counts.tx_beats;
  if (!*p.tx_ready && ++beats_unready_ > 2) verdicts_->say("ready", "a third beat after ready went low", cycle_);
  if (!!*p.tx_sop == in_tlp_) verdicts_->say("P3", "sop inside a TLP, or none at its start", cycle_);
  if (*p.tx_sop) begin_tlp();
  if (in_write_) take_payload();
  in_tlp_ = !*p.tx_eop;
  if (*p.tx_eop && in_write_) end_write();
}

void Host::begin_tlp() {
  const uint32_t* pins = dut_.pins.tx_hdr;
  const Header header{{pins[3], pins[2], pins[1], pins[0]}};
  in_write_ = false;
  charge(header);
  if (header.dw[0] & 0x00FFCC00) verdicts_->say("P44", "reserved bits, TD, EP or TC", header.dw[0]);
  if (is_write(header.type())) return begin_write(header);
  if (is_read(header.type())) return take_read(header);
  if (header.type() == kCpl || header.type() == kCplD || header.type() == kCplLk) return take_completion(header);
  verdicts_->say("P2", "a type that an endpoint does not send", header.type());
}

// P29: the limits on the pins only grow, so what was allowed when the TLP left is allowed now.
void Host::charge(const Header& header) {
  const Pins& p = dut_.pins;
  const unsigned data = header.type() & 0x40 ? (header.dws() + 3) / 4 : 0;
  bool paid = true;
  if (is_write(header.type())) {
    used_.pd = (used_.pd + data) % 4096;
    paid = within(*p.tx_fc_ph, ++used_.ph, 256) && within(*p.tx_fc_pd, used_.pd, 4096);
  } else if (is_read(header.type())) {
    paid = within(*p.tx_fc_nph, ++used_.nph, 256);
  } else {
    used_.cpld = (used_.cpld + data) % 4096;
    paid = within(*p.tx_fc_cplh, ++used_.cplh, 256) && within(*p.tx_fc_cpld, used_.cpld, 4096);
  }
  if (!paid) verdicts_->say("P29", "no credit for a TLP of type", header.type(), cycle_);
}

void Host::check_request(const Header& header, unsigned limit) {
  const uint64_t address = header.address();
  const unsigned octets = header.dws() * 4, first = header.dw[1] & 0xF, last = header.dw[1] >> 4 & 0xF;
  if (!!(header.type() & 0x20) != (address >> 32 != 0)) verdicts_->say("P1", "header size", address);
  if (octets > limit) verdicts_->say(limit == settings.mps ? "P4" : "P6", "too long", octets, limit);
  if (address / 4096 != (address + octets - 1) / 4096) verdicts_->say("P7", "crosses 4 KB", address, octets);
  if ((last != 0) != (header.dws() > 1)) verdicts_->say("P9", "last byte enables", last, header.dws());
  if (first == 0) verdicts_->say("P8", "first byte enables", first);
  if (header.dw[1] >> 16 != kBdf) verdicts_->say("P12", "requester ID", header.dw[1] >> 16);
  if (header.dw[0] & 0x3000) verdicts_->say("P28", "attributes that are not enabled", header.dw[0]);
  const unsigned up = last == 0 ? 0 : first & 0xF, down = last;  // towards the middle no octet may miss
  if (last != 0 && ((up | (up - 1)) != 0xF || (down & (down + 1)) != 0))
    verdicts_->say("P10", "byte enables with a hole", first, last);
}

void Host::begin_write(const Header& header) {
  check_request(header, settings.mps);
  const unsigned first = header.dw[1] & 0xF, last = header.dw[1] >> 4 & 0xF;
  beat_address_ = header.address();
  write_start_ = beat_address_ + first_octet(first);
  write_end_ = beat_address_ + header.dws() * 4 - octets_cut(header.dws() > 1 ? last : first);
  in_write_ = true;
  ++counts.writes;
  to_message_ = beat_address_ >> 20 == kMessageBase >> 20;
  to_nowhere_ = !to_message_ && !inside(write_start_, write_end_ - write_start_);
  if (to_message_ && (header.dws() != 1 || first != 0xF)) verdicts_->say("P36", "message of odd shape", header.dw[1]);
  if (to_nowhere_) verdicts_->say("D4", "write outside memory", write_start_, write_end_ - write_start_);
  if (to_message_ || to_nowhere_) return;
  counts.write_bytes += write_end_ - write_start_;
  for (uint64_t block : status_blocks) counts.status_writes += write_start_ == block;
  if (on_write) on_write(write_start_, static_cast<unsigned>(write_end_ - write_start_));
}

void Host::take_payload() {
  const uint8_t* data = dut_.pins.tx_data;
  if (to_message_) {
    std::memcpy(message_, data, 4);
  } else if (!to_nowhere_) {
    const uint64_t from = std::max(write_start_, beat_address_), end = beat_address_ + dut_.bytes();
    const uint64_t to = std::min(write_end_, end);
    if (to > from) std::memcpy(memory(from, to - from), data + (from - beat_address_), to - from);
  }
  beat_address_ += dut_.bytes();
}

void Host::end_write() {
  in_write_ = false;
  if (beat_address_ < write_end_ || beat_address_ - dut_.bytes() >= write_end_)
    verdicts_->say("P3", "payload and length differ", beat_address_, write_end_);
  if (!to_message_) return;
  uint32_t data;
  std::memcpy(&data, message_, 4);
  ++counts.messages;
  messages.push_back({cycle_, write_start_, data});
}

void Host::take_read(const Header& header) {
  check_request(header, settings.mrrs);
  const unsigned first = header.dw[1] & 0xF, last = header.dw[1] >> 4 & 0xF, tag = header.dw[1] >> 8 & 0xFF;
  const uint64_t start = header.address() + first_octet(first);
  const uint64_t end = header.address() + header.dws() * 4 - octets_cut(header.dws() > 1 ? last : first);
  for (const Read& read : reads_)
    if (read.tag == tag) verdicts_->say("P13", "tag in use", tag);
  Fault kind = fault ? fault(start, static_cast<unsigned>(end - start)) : Fault::kNone;
  if (!inside(start, end - start)) {
    verdicts_->say("D3", "read outside memory", start, end - start);
    kind = Fault::kUr;
  }
  ++counts.reads;
  counts.read_bytes += end - start;
  if (kind == Fault::kLost) return;
  (kind == Fault::kLate ? late_ : reads_)
      .push_back({start, end, cycle_ + settings.latency, static_cast<uint8_t>(tag),
                  static_cast<uint16_t>(header.dw[1] >> 16), kind, false});
  counts.max_tags = std::max(counts.max_tags, static_cast<unsigned>(reads_.size()));
}

void Host::take_completion(const Header& header) {
  Answer& answer = answers_[header.dw[2] >> 8 & 0xFF];
  if (answer.done) verdicts_->say("P39", "a second completion", header.dw[2]);
  answer.done = true;
  answer.status = header.dw[1] >> 13 & 7;
  answer.header = {header.dw[0], header.dw[1], header.dw[2]};
  const uint8_t* data = dut_.pins.tx_data;
  std::memcpy(&answer.data, data, 4);
  std::memcpy(&answer.data_high, data + 4, 4);
}

}  // namespace ringside::testbench::nic
