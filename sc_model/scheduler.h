// Scheduler: the one event queue of a host. Link, root complex, CPU, timers and every wait of a software thread go
// through it, so that what happens at one instant happens in one order, whatever else SystemC has to do then.
//
// Order: by time, then by EventClass, then by order of at(). Never by SystemC's process order: that depends on whether
//   a NIC shell sleeps, and results must not.
// What crosses to a NIC shell or a wire always lies strictly in the future, so the order between hosts and shells at
// one instant does not matter either.
// Threads: called from SystemC processes of this host only. Handlers run in one SC_METHOD and must not wait().
#ifndef RINGSIDE_SC_MODEL_SCHEDULER_H_
#define RINGSIDE_SC_MODEL_SCHEDULER_H_

#include <systemc>
#include <vector>

#include "sc_model/sim_time.h"

namespace ringside::sc_model {

inline TimePs sim_now_ps() { return sc_core::sc_time_stamp().value(); }
inline sc_core::sc_time to_sc_time(TimePs ps) { return sc_core::sc_time::from_value(ps); }

// Which of the events of one instant comes first.
enum class EventClass : uint8_t { kFromDevice, kCredit, kRootComplex, kLink, kCpu, kTimer, kTest };

class EventHandler {
 public:
  virtual ~EventHandler() = default;
  virtual void fire(uint64_t argument) = 0;
};

class Scheduler : public sc_core::sc_module {
 public:
  explicit Scheduler(sc_core::sc_module_name name);
  // Calls handler.fire(argument) at `when`, not before now. There is no cancelling: handlers compare generations.
  void at(TimePs when, EventClass event_class, EventHandler& handler, uint64_t argument = 0);
  uint64_t events() const { return sequence_; }

 private:
  struct Entry {
    TimePs when;
    uint64_t order;  // class in the top bits, then sequence
    EventHandler* handler;
    uint64_t argument;
  };
  static bool later(const Entry& a, const Entry& b);
  void run();

  std::vector<Entry> heap_;
  sc_core::sc_event wake_;
  uint64_t sequence_ = 0;
  bool running_ = false;
};

}  // namespace ringside::sc_model

#endif  // RINGSIDE_SC_MODEL_SCHEDULER_H_
