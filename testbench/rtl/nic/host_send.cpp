// TLPs to the NIC: requests of the CPU, completions of the NIC's reads; credits and ready.
#include <algorithm>
#include <cstring>

#include "testbench/rtl/nic/host.h"

namespace ringside::testbench::nic {
namespace {
constexpr uint32_t kCplD = 0x4A, kCpl = 0x0A;
constexpr size_t kNone = ~size_t{0};
constexpr unsigned kUr = 1, kCa = 4;
constexpr size_t kSlack = 64;  // a completion ends at a DW, which may be behind the last octet
bool enough(unsigned limit, unsigned used, unsigned modulo) {
  return (limit - used) % modulo <= modulo / 2;
}
}  // namespace

Host::Host(Dut& dut, const HostSettings& s, Verdicts* verdicts)
    : settings(s),
      dut_(dut),
      verdicts_(verdicts),
      random_(s.seed),
      memory_(static_cast<uint8_t*>(std::calloc(s.memory_bytes + kSlack, 1))) {
  reads_.reserve(256);
}

void Host::reset() {
  requests_.clear();
  reads_.clear();
  late_.clear();
  answers_.fill({});
  used_ = given_ = {};
  in_tlp_ = in_write_ = sending_ = false;
  sent_ph_ = sent_nph_ = 0;
  sent_pd_ = sent_npd_ = 0;
}

bool Host::quiet() const {
  return requests_.empty() && reads_.empty() && !sending_;
}

unsigned Host::enqueue(Request request) {
  const uint8_t tag = request.tag = next_tag_++;
  answers_[tag] = {};
  requests_.push_back(std::move(request));
  return tag;
}

unsigned Host::tlp(std::array<uint32_t, 4> dw, std::vector<uint32_t> payload) {
  Request request{false, false, 0, 0, 0, 0, {}};
  request.raw = true;
  request.dw = dw;
  request.payload = std::move(payload);
  if (!request.posted() && !request.completion()) request.dw[1] |= uint32_t{next_tag_} << 8;
  return enqueue(std::move(request));
}

size_t Host::answer_late() {
  for (Read& read : late_) read.ready = 0;
  reads_.insert(reads_.begin(), late_.begin(), late_.end());
  const size_t count = late_.size();
  late_.clear();
  return count;
}

void Host::write32(uint32_t offset, uint32_t value, unsigned be) {
  requests_.push_back({false, true, static_cast<uint8_t>(be), 1, 0, bar + offset, {value, 0}});
}

void Host::write64(uint32_t offset, uint64_t value) {
  requests_.push_back(
      {false, true, 0xF, 2, 0, bar + offset, {static_cast<uint32_t>(value), static_cast<uint32_t>(value >> 32)}});
}

unsigned Host::read32(uint32_t offset) {
  return enqueue({false, false, 0xF, 1, 0, bar + offset, {}});
}

unsigned Host::config_read(unsigned offset) {
  return enqueue({true, false, 0xF, 1, 0, offset, {}});
}

unsigned Host::config_write(unsigned offset, uint32_t value, unsigned be) {
  return enqueue({true, true, static_cast<uint8_t>(be), 1, 0, offset, {value, 0}});
}

void Host::drive() {
  ++cycle_;
  drive_ready();
  drive_credits();
  if (sending_) return put_beat();
  const bool begun = (!requests_.empty() && start_request()) || (!reads_.empty() && start_completion());
  if (!begun) *dut_.pins.rx_valid = 0;
}

void Host::drive_ready() {
  bool ready = true;
  if (settings.ready == Ready::kRandom) ready = random_.below(4) != 0;
  if (settings.ready == Ready::kBursts) {
    if (burst_left_ == 0) burst_left_ = static_cast<unsigned>(random_.between(1, 96));
    ready = --burst_left_ < 48;
  }
  *dut_.pins.tx_ready = ready;
  if (ready) beats_unready_ = 0;
}

// Limits are what was used plus what there is room for; tight ones follow at most a TLP at a time, now and then.
void Host::drive_credits() {
  const bool tight = settings.tight_credits;
  if (!tight || random_.one_in(8)) {
    const Credits before = given_;
    given_ = used_;
    if (settings.withhold_posted) given_.ph = before.ph, given_.pd = before.pd;
  }
  const Pins& p = dut_.pins;
  *p.tx_fc_ph = given_.ph + (tight ? 3 : 100);
  *p.tx_fc_nph = given_.nph + (tight ? 2 : 100);
  *p.tx_fc_cplh = given_.cplh + (tight ? 2 : 100);
  *p.tx_fc_pd = (given_.pd + (tight ? settings.mps / 16 + 2 : 1000)) % 4096;
  *p.tx_fc_cpld = (given_.cpld + (tight ? 4 : 1000)) % 4096;
  *p.tx_fc_npd = 0;
}

bool Host::Request::posted() const {
  if (!raw) return write && !config;
  const uint32_t type = dw[0] >> 24;
  return type == 0x40 || type == 0x60 || (type & 0x38) == 0x30;  // memory writes, messages
}

bool Host::Request::completion() const {
  return raw && (dw[0] >> 24 & 0x1F) == 0x0A;
}

unsigned Host::Request::data_credits() const {
  return raw ? static_cast<unsigned>(payload.size() + 3) / 4 : write;
}

bool Host::may_send(const Request& request) const {
  if (request.completion()) return true;  // the credits for these are infinite
  const Pins& p = dut_.pins;
  const unsigned data = request.data_credits();
  if (request.posted()) return enough(*p.rx_fc_ph, sent_ph_ + 1u, 256) && enough(*p.rx_fc_pd, sent_pd_ + data, 4096);
  return enough(*p.rx_fc_nph, sent_nph_ + 1u, 256) && enough(*p.rx_fc_npd, sent_npd_ + data, 4096);
}

bool Host::start_request() {
  Request& r = requests_.front();
  if (!may_send(r)) return false;
  if (!r.completion()) {
    (r.posted() ? sent_ph_ : sent_nph_) += 1;
    uint16_t& sent = r.posted() ? sent_pd_ : sent_npd_;
    sent = static_cast<uint16_t>((sent + r.data_credits()) % 4096);
  }
  if (r.raw) {
    raw_payload_ = std::move(r.payload);
    payload_ = reinterpret_cast<const uint8_t*>(raw_payload_.data());
    put_header(r.dw, static_cast<unsigned>(raw_payload_.size()));
  } else {
    start_plain(r);
  }
  requests_.pop_front();
  return true;
}

void Host::start_plain(const Request& r) {
  std::array<uint32_t, 4> dw{};
  const bool wide = r.address >> 32 != 0;
  dw[0] = (r.write ? 0x40u : 0u) << 24 | (r.config ? 0x04u : 0u) << 24 | (wide ? 0x20u : 0u) << 24 | r.dws;
  dw[1] = uint32_t{r.tag} << 8 | (r.dws > 1 ? 0xF0u : 0u) | r.be;
  dw[2] = r.config ? uint32_t{kBdf} << 16 : 0u;
  dw[wide ? 3 : 2] |= static_cast<uint32_t>(r.address);
  if (wide) dw[2] = static_cast<uint32_t>(r.address >> 32);
  std::copy(r.data, r.data + 2, request_data_);
  payload_ = reinterpret_cast<const uint8_t*>(request_data_);
  put_header(dw, r.write ? r.dws : 0);
}

// The read to answer next: the oldest one, or any whose time has come.
size_t Host::choose_read() {
  if (!settings.reorder) return reads_.front().ready <= cycle_ ? 0 : kNone;
  size_t ready = 0;
  while (ready < reads_.size() && reads_[ready].ready <= cycle_) ++ready;
  return ready == 0 ? kNone : random_.below(ready);
}

uint64_t Host::chunk_end(const Read& read) {
  const uint64_t aligned = read.next & ~uint64_t{settings.rcb - 1};
  if (settings.split == Split::kRcb) return std::min(read.end, aligned + settings.rcb);
  if (settings.split == Split::kRandom)
    return std::min(read.end, aligned + settings.rcb * random_.between(1, settings.mps / settings.rcb));
  if (read.end - (read.next & ~uint64_t{3}) <= settings.mps) return read.end;
  return std::min(read.end, (read.next + settings.mps) & ~uint64_t{settings.rcb - 1});
}

bool Host::start_completion() {
  const size_t index = choose_read();
  if (index == kNone) return false;
  const Read& read = reads_[index];
  if (read.fault == Fault::kUr || read.fault == Fault::kCa) {
    send_error(index, read.fault == Fault::kUr ? kUr : kCa);
  } else {
    send_completion(index, chunk_end(read));
  }
  return true;
}

void Host::send_error(size_t index, unsigned status) {
  const Read read = reads_[index];
  put_header({kCpl << 24, status << 13 | static_cast<uint32_t>((read.end - read.next) & 0xFFF),
              uint32_t{read.requester} << 16 | uint32_t{read.tag} << 8 | static_cast<uint32_t>(read.next & 0x7F), 0},
             0);
  reads_.erase(reads_.begin() + static_cast<std::ptrdiff_t>(index));
}

void Host::send_completion(size_t index, uint64_t end) {
  Read& read = reads_[index];
  const uint64_t start = read.next & ~uint64_t{3};
  const unsigned dws = static_cast<unsigned>((end - start + 3) / 4);
  const uint64_t left = read.end - read.next + (read.fault == Fault::kBadCount ? 4 : 0);  // Byte Count
  const uint32_t poisoned = read.fault == Fault::kPoison ? 1u << 14 : 0;
  payload_ = memory(start, 4);
  put_header({kCplD << 24 | poisoned | (dws & 0x3FF), static_cast<uint32_t>(left & 0xFFF),
              uint32_t{read.requester} << 16 | uint32_t{read.tag} << 8 | static_cast<uint32_t>(read.next & 0x7F), 0},
             dws);
  read.next = end;
  if (end < read.end) return;
  if (read.fault == Fault::kDuplicate) {
    read.fault = Fault::kNone;
    read.next = start;
    return;
  }
  reads_.erase(reads_.begin() + static_cast<std::ptrdiff_t>(index));
}

void Host::put_header(const std::array<uint32_t, 4>& dw, unsigned payload_dws) {
  for (unsigned i = 0; i < 4; ++i) dut_.pins.rx_hdr[3 - i] = dw[i];
  payload_left_ = payload_dws * 4;
  *dut_.pins.rx_valid = 1;
  put_beat();
  *dut_.pins.rx_sop = 1;
}

void Host::put_beat() {
  const Pins& p = dut_.pins;
  ++counts.rx_beats;
  const unsigned octets = std::min(payload_left_, dut_.bytes());
  if (octets > 0) std::memcpy(p.rx_data, payload_, octets);
  payload_ += octets;
  payload_left_ -= octets;
  sending_ = payload_left_ > 0;
  *p.rx_sop = 0;
  *p.rx_eop = !sending_;
}

}  // namespace ringside::testbench::nic
