#include "testbench/rtl/dma_read/completer.h"

#include <fmt/format.h>

#include <algorithm>

namespace ringside::testbench {

namespace {

uint32_t lowest(uint32_t be) { return be & 1 ? 0 : be & 2 ? 1 : be & 4 ? 2 : 3; }
uint32_t highest(uint32_t be) { return be & 8 ? 3 : be & 4 ? 2 : be & 2 ? 1 : 0; }

}  // namespace

uint64_t ReadRequest::first_byte() const { return address + lowest(first_be); }

uint32_t ReadRequest::bytes() const {
  const uint32_t end = dws == 1 ? highest(first_be) + 1 : (dws - 1) * 4 + highest(last_be) + 1;
  return end - lowest(first_be);
}

// Rules P6 to P10, P13, P14.
void Completer::check(const ReadRequest& r) {
  const auto fault = [&](const char* rule) {
    faults.push_back(fmt::format("{}: address {:#x} dws {} be {:x} {:x} tag {}", rule, r.address, r.dws, r.first_be,
                                 r.last_be, r.tag));
  };
  if (r.dws == 0 || r.dws > 1024) fault("P3");
  if (r.dws * 4 > mrrs) fault("P6");
  if ((r.address & 4095) + r.dws * 4 > 4096) fault("P7");
  if (r.first_be == 0) fault("P8");
  if ((r.dws == 1) != (r.last_be == 0)) fault("P9");
  const bool first_ok = r.dws == 1 ? true : r.first_be == 15 || r.first_be == 14 || r.first_be == 12 || r.first_be == 8;
  const bool last_ok = r.dws == 1 || r.last_be == 15 || r.last_be == 7 || r.last_be == 3 || r.last_be == 1;
  if (!first_ok || !last_ok) fault("P10");
  const bool hole = r.first_be == 5 || (r.first_be >= 9 && r.first_be <= 11) || r.first_be == 13;
  if (r.dws == 1 && hole) fault("P10");
  if (r.tag >= tags) fault("P14");
  if (r.tag < 256 && outstanding_[r.tag] != 0) fault("P13");
}

void Completer::fill(Completion& c) {
  for (size_t i = 0; i < c.payload.size(); ++i) c.payload[i] = memory_(c.address + i);
}

std::vector<Completion> Completer::answer(const ReadRequest& r) {
  std::vector<Completion> list;
  uint64_t at = r.first_byte();
  uint32_t left = r.bytes();
  while (left != 0) {
    uint32_t take = std::min<uint64_t>(left, mps - (at & (rcb - 1)));
    const uint32_t to_rcb = rcb - (at & (rcb - 1));
    if (split == Split::kEveryRcb) take = std::min(take, to_rcb);
    if (split == Split::kRandom) take = std::min<uint32_t>(take, to_rcb + rcb * (random_() % 4));
    Completion c;
    c.tag = r.tag;
    c.byte_count = left;
    c.lower_address = at & 127;
    c.dws = (take + (at & 3) + 3) / 4;
    c.address = at & ~uint64_t{3};
    c.payload.resize(c.dws * 4);
    fill(c);
    list.push_back(std::move(c));
    at += take;
    left -= take;
  }
  return list;
}

void Completer::request(const ReadRequest& r, uint64_t now) {
  ++requests;
  check(r);
  std::vector<Completion> list = answer(r);
  if (tamper) tamper(r, list);
  for (Completion& c : list) {
    c.due += now + latency;
    ++outstanding_[c.tag];
    queue_.push_back(std::move(c));
  }
}

void Completer::inject(Completion c, uint64_t now) {
  c.due += now;
  ++outstanding_[c.tag];
  queue_.push_back(std::move(c));
}

// The first one that is due, or any that is the first of its tag.
size_t Completer::choose(uint64_t now) {
  std::vector<size_t> can;
  std::array<bool, 256> seen{};
  for (size_t i = 0; i < queue_.size() && can.size() < 16; ++i) {
    if (!seen[queue_[i].tag] && queue_[i].due <= now) {
      can.push_back(i);
      if (!shuffle) break;
    }
    seen[queue_[i].tag] = true;
  }
  return can.empty() ? queue_.size() : can[random_() % can.size()];
}

CompletionBeat Completer::beat(uint64_t now) {
  CompletionBeat beat;
  if (!sending_ && queue_.empty()) return beat;
  if (gap_percent != 0 && random_() % 100 < gap_percent) return beat;
  if (!sending_) {
    const size_t i = choose(now);
    if (i == queue_.size()) return beat;
    current_ = std::move(queue_[i]);
    queue_.erase(queue_.begin() + static_cast<std::ptrdiff_t>(i));
    if (read_late) fill(current_);
    sent_bytes_ = 0;
    sending_ = true;
    beat.sop = true;
    beat.header = current_;
  }
  beat.valid = true;
  beat.data.assign(beat_bytes_, 0xEE);
  const size_t take = std::min<size_t>(beat_bytes_, current_.payload.size() - sent_bytes_);
  std::copy_n(current_.payload.begin() + static_cast<std::ptrdiff_t>(sent_bytes_), take, beat.data.begin());
  sent_bytes_ += take;
  beat.eop = sent_bytes_ == current_.payload.size();
  if (beat.eop) {
    sending_ = false;
    --outstanding_[current_.tag];
  }
  return beat;
}

}  // namespace ringside::testbench
