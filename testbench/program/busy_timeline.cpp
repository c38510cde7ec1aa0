#include "testbench/program/busy_timeline.h"

#include <algorithm>
#include <numeric>

namespace ringside::testbench {

using sc_model::TimePs;

void BusyTimeline::busy(unsigned resource, TimePs from, TimePs to) {
  if (to <= from) return;
  Stretch& last = last_[resource];  // what goes on from it is marked from its end on
  if (from >= last.from && to <= last.to) return;
  const bool goes_on = from >= last.from && from <= last.to;
  const TimePs begin = goes_on ? last.from : from;
  if (goes_on) from = last.to;
  last = {begin, to};
  while ((to - 1) / slot_ps_ >= kMostSlots) halve();
  const size_t first = from / slot_ps_, end = (to - 1) / slot_ps_ + 1;
  if (slots_.size() < end) slots_.resize(end);
  for (size_t i = first; i < end; ++i) slots_[i] = static_cast<uint16_t>(slots_[i] | 1u << resource);
}

void BusyTimeline::halve() {
  for (size_t i = 0; i < slots_.size(); i += 2)
    slots_[i / 2] = static_cast<uint16_t>(slots_[i] | (i + 1 < slots_.size() ? slots_[i + 1] : 0));
  slots_.resize((slots_.size() + 1) / 2);
  slot_ps_ *= 2;
}

BusyTimeline::Span BusyTimeline::span(TimePs from, TimePs to) const {
  return {static_cast<size_t>(from / slot_ps_),
          static_cast<size_t>(to <= from ? from / slot_ps_ : (to - 1) / slot_ps_ + 1)};
}

double BusyTimeline::share(unsigned resource, TimePs from, TimePs to) const {
  const Span all = span(from, to);
  size_t count = 0;
  for (size_t i = all.first; i < std::min(all.end, slots_.size()); ++i) count += (slots_[i] >> resource) & 1;
  return all.end == all.first ? 0 : static_cast<double>(count) / static_cast<double>(all.end - all.first);
}

unsigned BusyTimeline::owner(uint16_t mask, const std::vector<unsigned>& order) const {
  for (const unsigned resource : order)
    if ((mask >> resource) & 1) return resource;
  return kMostResources;
}

std::vector<double> BusyTimeline::blame(TimePs from, TimePs to) const {
  std::vector<unsigned> order(kMostResources);
  std::iota(order.begin(), order.end(), 0u);
  std::array<double, kMostResources> busy{};
  for (unsigned r = 0; r < kMostResources; ++r) busy[r] = share(r, from, to);
  std::stable_sort(order.begin(), order.begin() + workers_, [&](unsigned a, unsigned b) { return busy[a] > busy[b]; });
  std::vector<double> shares(kMostResources + 1);
  const Span all = span(from, to);
  for (size_t i = all.first; i < all.end; ++i) shares[owner(i < slots_.size() ? slots_[i] : uint16_t{0}, order)] += 1;
  for (double& share : shares) share /= std::max<double>(1, static_cast<double>(all.end - all.first));
  return shares;
}

}  // namespace ringside::testbench
