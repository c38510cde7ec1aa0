// Transmit queue with the ordering table of 2.4.1 (IDO = 0):
//
//   later \ earlier   posted   non-posted   completion
//   posted            no (RO)  yes (must)   yes
//   non-posted        no       no           yes
//   completion        no (RO)  yes (must)   no
//
// (RO): yes when the later one has Relaxed Ordering set.
//
// "yes (must)" cells keep the machine free of deadlock: a class that waits for credits never blocks those that may
// pass it.
#ifndef RINGSIDE_SC_MODEL_ORDERING_QUEUE_H_
#define RINGSIDE_SC_MODEL_ORDERING_QUEUE_H_

#include <array>
#include <cstdint>
#include <deque>

#include "sc_model/flow_control.h"
#include "sc_model/tlp.h"

namespace ringside::sc_model {

class OrderingQueue {
 public:
  void push(TlpPtr tlp);
  // The oldest TLP that has credits and may pass all that is older; empty when there is none. Credits are consumed.
  TlpPtr pop(CreditLedger& credits);
  bool empty() const { return size() == 0; }
  size_t size() const { return classes_[0].size() + classes_[1].size() + classes_[2].size(); }
  size_t size(TlpClass c) const { return classes_[static_cast<unsigned>(c)].size(); }

 private:
  struct Entry { TlpPtr tlp; uint64_t order; };
  bool may_go(unsigned c) const;
  size_t next_of(unsigned c, const CreditLedger& credits) const;

  std::array<std::deque<Entry>, 3> classes_;
  uint64_t order_ = 0;
};

}  // namespace ringside::sc_model

#endif  // RINGSIDE_SC_MODEL_ORDERING_QUEUE_H_
