#include "sc_model/scheduler.h"

#include <algorithm>
#include <cassert>
#include <stdexcept>

namespace ringside::sc_model {

Scheduler::Scheduler(sc_core::sc_module_name name) : sc_core::sc_module(name) {
  if (sc_core::sc_get_time_resolution() != sc_core::sc_time(1, sc_core::SC_PS))
    throw std::invalid_argument("the model needs SystemC's time resolution to be 1 ps");
  sc_core::sc_spawn_options options;
  options.spawn_method();
  options.dont_initialize();
  options.set_sensitivity(&wake_);
  sc_core::sc_spawn([this] { run(); }, "run", &options);
}

// For std heap functions: the earliest entry is on top.
bool Scheduler::later(const Entry& a, const Entry& b) {
  return a.when != b.when ? a.when > b.when : a.order > b.order;
}

void Scheduler::at(TimePs when, EventClass event_class, EventHandler& handler, uint64_t argument) {
  assert(when >= sim_now_ps());
  const uint64_t order = static_cast<uint64_t>(event_class) << 56 | ++sequence_;
  heap_.push_back({when, order, &handler, argument});
  std::push_heap(heap_.begin(), heap_.end(), later);
  if (!running_ && heap_.front().order == order) wake_.notify(to_sc_time(when - sim_now_ps()));
}

void Scheduler::run() {
  const TimePs now = sim_now_ps();
  running_ = true;
  while (!heap_.empty() && heap_.front().when <= now) {
    std::pop_heap(heap_.begin(), heap_.end(), later);
    const Entry entry = heap_.back();
    heap_.pop_back();
    entry.handler->fire(entry.argument);
  }
  running_ = false;
  if (!heap_.empty()) wake_.notify(to_sc_time(heap_.front().when - now));
}

}  // namespace ringside::sc_model
