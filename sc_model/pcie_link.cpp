#include "sc_model/pcie_link.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace ringside::sc_model {
namespace {

constexpr size_t kDown = static_cast<size_t>(TlpDirection::kToDevice);
constexpr size_t kUp = static_cast<size_t>(TlpDirection::kFromDevice);

// New counts, but for the kinds that are held.
CreditCounts merge(const CreditCounts& old, CreditCounts counts, unsigned held) {
  for (unsigned kind = 0; kind < kCreditKinds; ++kind)
    if ((held >> kind & 1) != 0) counts.of[kind] = old.of[kind];
  return counts;
}

}  // namespace

LinkRate::LinkRate(unsigned generation, unsigned lanes) {
  // Femtoseconds per byte of one lane: 10 bit times at 2.5 and 5 GT/s, 8 * 130/128 at 8 and 16 GT/s.
  static constexpr uint64_t kFemto[] = {4'000'000, 2'000'000, 1'015'625, 507'813};
  if (generation < 1 || generation > 4) throw std::invalid_argument("PCIe generation must be 1..4");
  const bool defined = lanes == 1 || lanes == 2 || lanes == 4 || lanes == 8 || lanes == 12 || lanes == 16;
  if (!defined) throw std::invalid_argument("PCIe lanes must be 1, 2, 4, 8, 12 or 16");
  femto_per_byte_ = (kFemto[generation - 1] + lanes - 1) / lanes;
}

PcieLink::PcieLink(Scheduler& scheduler, LinkRate rate, TimePs latency_ps, const CreditCounts& root_credits)
    : scheduler_(scheduler), rate_(rate), latency_ps_(latency_ps), root_allocated_(root_credits) {
  constexpr uint64_t kTransmitBufferBytes = 1024;
  up_backlog_ps_ = rate_.serialize_ps(kTransmitBufferBytes);
  // An endpoint advertises infinite completion credits (2.6.1): it keeps room for what it asked for.
  down_credits_.set_infinite(TlpClass::kCompletion);
}

void PcieLink::connect(RootEnd* root, DeviceEnd* device) {
  root_ = root;
  device_ = device;
  root_told_ = root_allocated_;
  device_->credit_limit(latency_ps_, root_told_);  // InitFC
}

void PcieLink::fire(uint64_t argument) {
  if (argument == kPump) {
    pump_pending_ = false;
    pump();
  } else if (argument == kCredits) {
    apply_device_credits();
  } else {
    root_->receive(TlpPtr(reinterpret_cast<Tlp*>(argument)));
  }
}

// Books the TLP on the medium from `start` on; returns when its last byte has left.
TimePs PcieLink::occupy(const Tlp& tlp, TimePs start, LinkDirectionCounters& counters) {
  const uint64_t bytes = bytes_of(tlp);
  const TimePs duration = rate_.serialize_ps(bytes);
  ++counters.tlps;
  counters.payload_bytes += tlp.payload_bytes;
  counters.wire_bytes += bytes;
  counters.busy_ps += duration;
  return start + duration;
}

// ---------------------------------------------------------------- root to device

void PcieLink::send(TlpPtr tlp) {
  queue_.push(std::move(tlp));
  pump();
}

void PcieLink::pump() {
  const TimePs now = sim_now_ps();
  while (down_free_ps_ <= now) {
    TlpPtr tlp = queue_.pop(down_credits_);
    if (!tlp) return;
    down_free_ps_ = occupy(*tlp, now, down_);
    tlp->ready_ps = down_free_ps_ + latency_ps_;
    device_->deliver(std::move(tlp));
  }
  if (queue_.empty() || pump_pending_) return;
  pump_pending_ = true;
  scheduler_.at(down_free_ps_, EventClass::kLink, *this, kPump);
}

void PcieLink::device_credits(const CreditCounts& allocated, TimePs now) {
  credits_in_flight_.push_back(allocated);
  scheduler_.at(now + latency_ps_, EventClass::kCredit, *this, kCredits);
}

void PcieLink::apply_device_credits() {
  credits_arrived_ = credits_in_flight_.front();
  credits_in_flight_.pop_front();
  down_credits_.set_limit(merge(down_credits_.limit(), credits_arrived_, held_[kDown]));
  pump();
}

void PcieLink::hold_credits(TlpDirection direction, CreditKind kind, bool hold) {
  uint8_t& held = held_[static_cast<size_t>(direction)];
  const uint8_t bit = static_cast<uint8_t>(1u << static_cast<unsigned>(kind));
  held = static_cast<uint8_t>(hold ? held | bit : held & ~bit);
  if (hold) return;
  if (direction == TlpDirection::kFromDevice) return tell_root_credits();
  down_credits_.set_limit(merge(down_credits_.limit(), credits_arrived_, held));
  pump();
}

// ---------------------------------------------------------------- device to root

void PcieLink::from_device(TlpPtr tlp, TimePs now) {
  up_free_ps_ = occupy(*tlp, std::max(now, up_free_ps_), up_);
  Tlp* raw = tlp.release();
  raw->ready_ps = up_free_ps_ + latency_ps_;
  scheduler_.at(raw->ready_ps, EventClass::kFromDevice, *this, reinterpret_cast<uint64_t>(raw));
}

void PcieLink::consumed(const Tlp& tlp) {
  root_allocated_.add(tlp);
  tell_root_credits();
}

void PcieLink::tell_root_credits() {
  root_told_ = merge(root_told_, root_allocated_, held_[kUp]);
  device_->credit_limit(sim_now_ps() + latency_ps_, root_told_);
}

}  // namespace ringside::sc_model
