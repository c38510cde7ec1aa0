#include "sc_model/ordering_queue.h"

#include <utility>

namespace ringside::sc_model {

void OrderingQueue::push(TlpPtr tlp) {
  const unsigned c = static_cast<unsigned>(tlp->tlp_class());
  classes_[c].push_back({std::move(tlp), ++order_});
}

// Posted may pass everything but posted; nobody may pass an older posted, but what is marked for relaxed ordering.
bool OrderingQueue::may_go(unsigned c) const {
  constexpr unsigned kPosted = static_cast<unsigned>(TlpClass::kPosted);
  constexpr unsigned kCompletion = static_cast<unsigned>(TlpClass::kCompletion);
  if (classes_[c].empty()) return false;
  const Entry& first = classes_[c].front();
  if (c == kPosted || classes_[kPosted].empty() || (c == kCompletion && first.tlp->relaxed())) return true;
  return first.order < classes_[kPosted].front().order;
}

// The place in its class of the one that goes next; the class's size when none can. A class is a FIFO, but for posted
// TLPs with relaxed ordering that overtake one that waits for credits.
size_t OrderingQueue::next_of(unsigned c, const CreditLedger& credits) const {
  const auto& queue = classes_[c];
  if (!may_go(c)) return queue.size();
  if (credits.allows(*queue.front().tlp)) return 0;
  size_t i = 1;
  const bool posted = c == static_cast<unsigned>(TlpClass::kPosted);
  while (posted && i < queue.size() && !(queue[i].tlp->relaxed() && credits.allows(*queue[i].tlp))) ++i;
  return posted ? i : queue.size();
}

TlpPtr OrderingQueue::pop(CreditLedger& credits) {
  unsigned best = 0;
  size_t at = 0;
  uint64_t oldest = ~uint64_t{0};
  for (unsigned c = 0; c < classes_.size(); ++c) {
    const size_t i = next_of(c, credits);
    if (i >= classes_[c].size() || classes_[c][i].order >= oldest) continue;
    oldest = classes_[c][i].order;
    best = c;
    at = i;
  }
  if (oldest == ~uint64_t{0}) return nullptr;
  auto& chosen = classes_[best];
  TlpPtr tlp = std::move(chosen[at].tlp);
  chosen.erase(chosen.begin() + static_cast<std::ptrdiff_t>(at));
  credits.consume(*tlp);
  return tlp;
}

}  // namespace ringside::sc_model
