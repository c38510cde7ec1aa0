// The last events on one object (a tag, a ring, a vector, a range of memory): a bounded ring of plain records, written
// on the hot path without allocation or formatting, and turned into text only when a rule is broken.
//
// `what` is a string literal with up to three printf places of type %llx or %llu; it is kept as a pointer.
#ifndef RINGSIDE_SC_MODEL_EVENT_HISTORY_H_
#define RINGSIDE_SC_MODEL_EVENT_HISTORY_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "sc_model/sim_time.h"

namespace ringside::sc_model {

struct HistoryEvent {
  TimePs time_ps = 0;
  const char* what = nullptr;
  uint64_t values[3] = {0, 0, 0};
};
std::string to_string(const HistoryEvent& event);  // "1234.5 ns status block, tag 3"

template <size_t Depth>
class EventHistory {
 public:
  void add(TimePs time_ps, const char* what, uint64_t a = 0, uint64_t b = 0, uint64_t c = 0) {
    events_[next_++ % Depth] = {time_ps, what, {a, b, c}};
  }
  // Oldest first, appended to `out`.
  void append_to(std::vector<std::string>& out) const {
    for (size_t i = next_ > Depth ? next_ - Depth : 0; i < next_; ++i) out.push_back(to_string(events_[i % Depth]));
  }
  std::vector<std::string> text() const {
    std::vector<std::string> out;
    append_to(out);
    return out;
  }

 private:
  std::array<HistoryEvent, Depth> events_{};
  size_t next_ = 0;
};

}  // namespace ringside::sc_model

#endif  // RINGSIDE_SC_MODEL_EVENT_HISTORY_H_
