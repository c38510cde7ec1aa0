#include "sc_model/ordering_queue.h"

#include <utility>

namespace ringside::sc_model {

void OrderingQueue::push(TlpPtr tlp) {
  const unsigned c = static_cast<unsigned>(tlp->tlp_class());
  classes_[c].push_back({std::move(tlp), ++order_});
}

// Posted may pass everything but posted; nobody may pass an older posted. Within a class the queue is a FIFO.
bool OrderingQueue::may_go(unsigned c) const {
  constexpr unsigned kPosted = static_cast<unsigned>(TlpClass::kPosted);
  if (classes_[c].empty()) return false;
  if (c == kPosted || classes_[kPosted].empty()) return true;
  return classes_[c].front().order < classes_[kPosted].front().order;
}

TlpPtr OrderingQueue::pop(CreditLedger& credits) {
  int best = -1;
  for (unsigned c = 0; c < classes_.size(); ++c) {
    if (!may_go(c) || !credits.allows(*classes_[c].front().tlp)) continue;
    if (best < 0 || classes_[c].front().order < classes_[static_cast<unsigned>(best)].front().order)
      best = static_cast<int>(c);
  }
  if (best < 0) return nullptr;
  auto& chosen = classes_[static_cast<unsigned>(best)];
  TlpPtr tlp = std::move(chosen.front().tlp);
  chosen.pop_front();
  credits.consume(*tlp);
  return tlp;
}

}  // namespace ringside::sc_model
