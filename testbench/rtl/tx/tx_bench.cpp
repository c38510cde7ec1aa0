#include "testbench/rtl/tx/tx_bench.h"

#include <fmt/format.h>

#include "testbench/rtl/dma_read/ports.h"
#include "testbench/rtl/model_state.h"

namespace ringside::testbench {

namespace {

// Contents of host memory where nothing was written.
uint8_t wild_byte(uint64_t address) {
  const uint64_t x = (address + 0x9E3779B97F4A7C15ULL) * 0xBF58476D1CE4E5B9ULL;
  return static_cast<uint8_t>((x >> 47) ^ (x >> 23));
}

std::array<uint8_t, 16> extension_of(const TxPacket& p) {
  const auto flags = static_cast<uint16_t>(kExtension | (p.vlan ? kVlan : 0) | (p.tso ? kTso : 0) |
                                           (p.stamp ? kTimestamp : 0));
  const uint16_t words[] = {p.tci, p.mss, p.header_length, p.ip_start, 0, flags, 0xABCD, 0xABCD};  // the rest: not read
  std::array<uint8_t, 16> entry{};
  std::memcpy(entry.data(), words, sizeof(words));
  return entry;
}

}  // namespace

TxPacket make_packet(uint32_t length, uint32_t count, uint64_t address) {
  TxPacket packet;
  for (uint32_t i = 0; i < count; ++i) {
    const uint32_t part = length / count + (i < length % count ? 1 : 0);
    packet.fragments.push_back({address + i * 0x4000 + i * 13, part});
  }
  return packet;
}

TxPacket make_tso(TxBench& bench, const TcpHeader& header, uint32_t payload, uint16_t mss, uint32_t count,
                  uint64_t address) {
  TxPacket packet = make_packet(header.length() + payload, count, address);
  packet.csum = packet.tso = true;
  packet.start = static_cast<uint16_t>(header.l4_start());
  packet.offset = 16;
  packet.mss = mss;
  packet.header_length = static_cast<uint16_t>(header.length());
  packet.ip_start = static_cast<uint16_t>(header.ip_start());
  bench.put(packet.fragments, header.octets(static_cast<uint32_t>(address) + payload));
  return packet;
}

void start_all(TxBench& bench, uint32_t size_log2) {
  bench.size_log2 = size_log2;
  for (uint32_t q = 0; q < kQueues; ++q) bench.start(q);
}

void send(TxBench& bench, uint32_t queue, const TxPacket& packet) {
  for (int i = 0; i < 200000 && bench.room(queue) < packet.entries() && bench.failure().empty(); ++i) {
    bench.cycle();
  }
  bench.post(queue, packet);
  bench.ring(queue);
}

TxBench::TxBench(uint32_t seed)
    : dut(std::make_unique<Dut>()),
      host(kBytes, [this](uint64_t address) { return memory(address); }, seed),
      random_(seed ^ 0xA5A5) {
  dut->bus_master_i = 1;
  dut->enable_i = 1;
  dut->timeout_us_i = 5000;
  set_mrrs(2);
  dut->rst_ni = 0;
  for (int i = 0; i < 3; ++i) cycle();
  dut->rst_ni = 1;
  cycle();
}

void TxBench::set_mrrs(uint32_t code) {
  dut->mrrs_i = static_cast<uint8_t>(code);
  host.mrrs = 128u << code;
}

uint8_t TxBench::memory(uint64_t address) const {
  if (is_ring(address)) {
    const uint32_t q = static_cast<uint32_t>(address / 0x1000000000ULL - 1);
    if (q >= kQueues || address < ring_base(q)) return 0xDB;
    const uint64_t offset = address - ring_base(q);
    if (offset / 16 >= rings_[q].entries.size()) return 0xDB;
    return rings_[q].entries[offset / 16][offset % 16];
  }
  const auto poke = poked_.find(address);
  uint8_t value = poke == poked_.end() ? wild_byte(address) : poke->second;
  auto range = poisoned_.upper_bound(address);
  if (range != poisoned_.begin() && address - std::prev(range)->first < std::prev(range)->second) value ^= 0xFF;
  return value;
}

void TxBench::start(uint32_t queue) {
  Ring& ring = rings_[queue];
  ring = Ring{};
  ring.entries.assign(size_t{1} << size_log2, {});
  for (auto& entry : ring.entries) entry.fill(0xFF);  // an early read shows
  ring.prod = ring.rung = ring.fetched = ring.cons = kFirstIndex;
  put_field(dut->q_base_i, queue, 64, ring_base(queue));
  put_field(dut->q_size_i, queue, 4, size_log2);
  put_field(dut->q_prod_i, queue, 32, kFirstIndex);
  put_field(dut->q_enable_i, queue, 1, 1);
  cycle();
  cycle();
}

void TxBench::stop(uint32_t queue) {
  put_field(dut->q_enable_i, queue, 1, 0);
  for (int i = 0; i < 100000; ++i) {
    cycle();
    if (get_field(dut->q_running_o, queue, 1) == 0) return;
  }
  fail("the ring does not stop");
}

void TxBench::reset_ring(uint32_t queue) {
  rings_[queue].cons = kFirstIndex;
  put_field(dut->q_reset_i, queue, 1, 1);
  cycle();
  put_field(dut->q_reset_i, queue, 1, 0);
  for (int i = 0; i < 4; ++i) cycle();
}

uint32_t TxBench::room(uint32_t queue) const {
  return static_cast<uint32_t>(rings_[queue].entries.size()) - (rings_[queue].prod - rings_[queue].cons);
}

Frame TxBench::gathered(const TxPacket& packet) const {
  Frame frame;
  for (const Fragment& f : packet.fragments) {
    for (uint32_t i = 0; i < f.length; ++i) frame.push_back(memory(f.address + i));
  }
  return frame;
}

void TxBench::put(const std::vector<Fragment>& fragments, const Frame& content) {
  size_t n = 0;
  for (const Fragment& f : fragments) {
    for (uint32_t i = 0; i < f.length && n < content.size(); ++i) poke(f.address + i, content[n++]);
  }
}

void TxBench::post(uint32_t queue, const TxPacket& packet) {
  const uint32_t begin = rings_[queue].prod;
  if (packet.extended()) post_entry(queue, extension_of(packet));
  for (size_t i = 0; i < packet.fragments.size(); ++i) {
    Descriptor d;
    d.address = packet.fragments[i].address;
    d.length = static_cast<uint16_t>(packet.fragments[i].length);
    if (i + 1 == packet.fragments.size()) d.flags |= kEop;
    if (i == 0 && packet.csum) d.flags |= kCsum;
    d.csum_start = i == 0 ? packet.start : 0xABCD;  // counts in the first alone
    d.csum_offset = i == 0 ? packet.offset : 0xABCD;
    post_raw(queue, d);
  }
  rings_[queue].expected.push_back({frames_of(packet, gathered(packet)), begin, rings_[queue].prod, queue, packet.stamp,
                                    packet.fragments, 0});
}

void TxBench::post_entry(uint32_t queue, const std::array<uint8_t, 16>& entry) {
  Ring& ring = rings_[queue];
  ring.entries[ring.prod++ % ring.entries.size()] = entry;
}

void TxBench::post_raw(uint32_t queue, const Descriptor& d) {
  std::array<uint8_t, 16> entry{};
  std::memcpy(&entry[0], &d.address, 8);
  std::memcpy(&entry[8], &d.length, 2);
  std::memcpy(&entry[10], &d.flags, 2);
  std::memcpy(&entry[12], &d.csum_start, 2);
  std::memcpy(&entry[14], &d.csum_offset, 2);
  post_entry(queue, entry);
}

void TxBench::ring(uint32_t queue) { set_prod(queue, rings_[queue].prod); }

void TxBench::set_prod(uint32_t queue, uint32_t prod) {
  rings_[queue].rung = prod;
  put_field(dut->q_prod_i, queue, 32, prod);
}

uint32_t TxBench::cons(uint32_t queue) const { return static_cast<uint32_t>(get_field(dut->q_cons_o, queue, 32)); }
uint32_t TxBench::error(uint32_t queue) const { return static_cast<uint32_t>(get_field(dut->q_error_o, queue, 4)); }
uint32_t TxBench::error_idx(uint32_t queue) const {
  return static_cast<uint32_t>(get_field(dut->q_error_idx_o, queue, 32));
}

// Rules D1, D2: inside [consumer, producer), each once, in order.
void TxBench::check_descriptor_read(const ReadRequest& r) {
  const uint32_t q = static_cast<uint32_t>(r.address / 0x1000000000ULL - 1);
  if (q >= kQueues) return fail("a descriptor read nowhere");
  Ring& ring = rings_[q];
  const uint64_t first = (r.first_byte() - ring_base(q)) / 16;
  const uint32_t count = r.bytes() / 16;
  if (r.bytes() % 16 != 0 || first + count > ring.entries.size()) fail("D1: a descriptor read outside the ring");
  if (first != ring.fetched % ring.entries.size()) fail("D2: descriptors not read once and in order");
  if (count > ring.rung - ring.fetched) fail("D1: a descriptor read that was not posted");
  ring.fetched += count;
}

void TxBench::take_request() {
  if (!dut->rdreq_valid_o || !dut->rdreq_ready_i) return;
  const ReadRequest r{dut->rdreq_addr_o << 2, dut->rdreq_len_o, dut->rdreq_first_be_o, dut->rdreq_last_be_o,
                      dut->rdreq_tag_o};
  if (is_ring(r.address)) check_descriptor_read(r);
  else payload_bytes += r.bytes();
  if (first_request_at == 0) first_request_at = now;
  host.request(r, now);
}

void TxBench::drive_completion() {
  const CompletionBeat beat = host.beat(now);
  dut->cpl_valid_i = beat.valid;
  if (!beat.valid) return;
  dut->cpl_sop_i = beat.sop;
  dut->cpl_eop_i = beat.eop;
  dut->cpl_tag_i = static_cast<uint8_t>(beat.header.tag);
  dut->cpl_status_i = static_cast<uint8_t>(beat.header.status);
  dut->cpl_byte_count_i = static_cast<uint16_t>(beat.header.byte_count);
  dut->cpl_lower_addr_i = static_cast<uint8_t>(beat.header.lower_address);
  dut->cpl_len_i = static_cast<uint16_t>(beat.header.dws);
  dut->cpl_poisoned_i = beat.header.poisoned;
  put_bytes(dut->cpl_data_i, beat.data.data(), beat.data.size());
}

// Rule D6, D7: a packet is reported once, in order, and its index moves to its end.
void TxBench::check_indices() {
  for (uint32_t q = 0; q < kQueues; ++q) {
    Ring& ring = rings_[q];
    const bool reported = get_field(dut->ev_packet_o, q, 1) != 0;
    if (reported && ring.expected.empty() && allow_stray_frames) continue;
    if (reported && ring.expected.empty()) return fail("a packet reported that was not posted");
    if (reported) {
      ++packets;
      if (segmenting_ == static_cast<int>(q)) segmenting_ = -1;
      retired_.push_back(std::move(ring.expected.front()));
      ring.expected.pop_front();
      ring.cons = retired_.back().end;
    }
  }
}

// Frames of a packet come out together: they belong to the oldest packet reported, or else to a TSO packet that is not.
TxBench::Expected* TxBench::owner_of_frame() {
  if (!retired_.empty()) return &retired_.front();
  for (uint32_t q = 0; q < kQueues; ++q) {
    if (segmenting_ >= 0 && segmenting_ != static_cast<int>(q)) continue;
    if (rings_[q].expected.empty()) continue;
    Expected& packet = rings_[q].expected.front();
    if (packet.sent + 1 >= packet.frames.size() || (segmenting_ < 0 && packet.frames[packet.sent] != frame_)) continue;
    segmenting_ = static_cast<int>(q);
    return &packet;
  }
  return nullptr;
}

void TxBench::check_frame() {
  Expected* owner = owner_of_frame();
  if (owner == nullptr && allow_stray_frames) return;
  if (owner == nullptr) return fail("a frame that was not reported");
  const Frame& want = owner->frames[owner->sent++];
  const bool last = owner->sent == owner->frames.size();
  if (frame_.size() != want.size()) fail(fmt::format("frame of {} octets, not {}", frame_.size(), want.size()));
  for (size_t i = 0; i < want.size() && failure_.empty(); ++i) {
    if (frame_[i] != want[i]) {
      fail(fmt::format("octet {} of {} of frame {} is {:02x}, not {:02x}", i, want.size(), owner->sent, frame_[i], want[i]));
    }
  }
  if (dut->frame_octets_o != std::max<size_t>(want.size(), 60)) fail("wrong frame_octets_o");
  if (frame_stamp_ != (owner->stamp && last)) fail("mac_stamp_o where it should not be, or not where it should");
  if (frame_stamp_) stamps_.push_back({now + 1 + stamp_delay + random_() % 100, random_(), owner->queue, owner->begin});
  if (last) retired_.pop_front();
}

// Times of departure come back in order; each goes to its queue with the index of its packet's first entry.
void TxBench::check_stamps() {
  uint64_t queues = 0;
  for (uint32_t q = 0; q < kQueues; ++q) queues |= get_field(dut->ev_stamp_o, q, 1) << q;
  if (!dut->mac_stamp_valid_i) {
    if (queues != 0) fail("ev_stamp without a stamp");
    return;
  }
  const Stamp& stamp = stamps_.front();
  ++stamps;
  if (queues != uint64_t{1} << stamp.queue) fail("ev_stamp of the wrong queue");
  if (dut->stamp_idx_o != stamp.index || dut->stamp_time_o != stamp.time) fail("wrong index or time of a stamp");
  stamps_.pop_front();
}

void TxBench::check_mac() {
  if (in_frame_ && !dut->mac_valid_o) fail("a gap inside a frame");
  if (held_ && !dut->mac_valid_o) fail("a beat taken back");
  held_ = dut->mac_valid_o && !dut->mac_ready_i;
  if (!dut->mac_valid_o || !dut->mac_ready_i) {
    if (dut->ev_frame_o) fail("ev_frame without a frame");
    return;
  }
  if (first_beat_at == 0) first_beat_at = now;
  last_beat_at = now;
  if (dut->mac_sop_o == in_frame_) fail("sop out of place");
  if (dut->mac_bytes_o == 0 || dut->mac_bytes_o > kBytes || (!dut->mac_eop_o && dut->mac_bytes_o != kBytes)) {
    fail("wrong mac_bytes_o");
  }
  if (dut->mac_sop_o) frame_.clear();
  if (dut->mac_sop_o) frame_stamp_ = dut->mac_stamp_o;
  const auto* data = reinterpret_cast<const uint8_t*>(&dut->mac_data_o);
  frame_.insert(frame_.end(), data, data + dut->mac_bytes_o);
  in_frame_ = !dut->mac_eop_o;
  if (dut->ev_frame_o != dut->mac_eop_o) fail("ev_frame is not with the last beat");
  if (dut->mac_eop_o) check_frame();
}

void TxBench::cycle() {
  dut->time_ns_i = time_ns;
  dut->rdreq_ready_i = 1;
  dut->mac_ready_i = random_() % 100 < mac_ready_percent;
  drive_completion();
  dut->mac_stamp_valid_i = !stamps_.empty() && stamps_.front().due <= now;
  if (dut->mac_stamp_valid_i) dut->mac_stamp_time_i = stamps_.front().time;
  dut->clk_i = 0;
  dut->eval();
  std::array<uint32_t, kQueues> before{};
  std::array<bool, kQueues> reported{};
  if (dut->rst_ni) {
    take_request();
    check_stamps();
    check_indices();
    check_mac();
    frames += dut->ev_frame_o;
    if (dut->ev_frame_o) octets += dut->frame_octets_o;
    broadcasts += dut->ev_broadcast_o;
    multicasts += dut->ev_multicast_o;
    dma_errors += dut->ev_dma_error_o;
    bad_descs += dut->ev_bad_desc_o;
    for (uint32_t q = 0; q < kQueues; ++q) {
      before[q] = cons(q);
      reported[q] = get_field(dut->ev_packet_o, q, 1) != 0;
    }
  }
  dut->clk_i = 1;
  dut->eval();
  for (uint32_t q = 0; q < kQueues && dut->rst_ni; ++q) {
    if ((cons(q) == before[q] && !reported[q]) || allow_stray_frames) continue;
    if (cons(q) != rings_[q].cons) fail(fmt::format("consumer index {:#x}, not {:#x}", cons(q), rings_[q].cons));
    if (!poison_done || retired_.empty()) continue;
    for (const Fragment& f : retired_.back().fragments) poisoned_[f.address] = f.length;
  }
  ++now;
  time_ns += 4;
}

bool TxBench::drain(uint64_t cycles) {
  for (uint64_t i = 0; i < cycles && failure_.empty(); ++i) {
    cycle();
    bool waits = !retired_.empty() || !stamps_.empty() || !host.quiet() || !idle();
    for (const Ring& ring : rings_) waits = waits || !ring.expected.empty();
    if (waits) continue;
    if (!host.faults.empty()) fail(host.faults.front());
    return failure_.empty();
  }
  size_t left = 0;
  for (const Ring& ring : rings_) left += ring.expected.size();
  fail(fmt::format("did not end: {} packets expected, {} reported, tx_idle {} dma_idle {}", left, retired_.size(),
                   dut->tx_idle_o, dut->dma_idle_o));
  return false;
}

bool TxBench::at_rest(uint64_t cycles) {
  cycle();
  const uint64_t then = time_ns;
  const auto snapshot = [&] {
    dut->time_ns_i = then;
    dut->mac_ready_i = 1;
    dut->clk_i = 0;
    dut->eval();
    return model_state(*dut);
  };
  const auto before = snapshot();
  for (uint64_t i = 0; i < cycles; ++i) cycle();
  return snapshot() == before;
}

}  // namespace ringside::testbench
