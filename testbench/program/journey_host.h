// What one host tells its journeys: the stack by marks, the driver by ring events, the NIC by its TLPs. One object is
// all three observers, so that what the driver did is known when the NIC acts on it.
#ifndef RINGSIDE_TESTBENCH_PROGRAM_JOURNEY_HOST_H_
#define RINGSIDE_TESTBENCH_PROGRAM_JOURNEY_HOST_H_

#include <array>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "driver/observer.h"
#include "sc_model/host_machine.h"
#include "sc_model/observer.h"
#include "stack/context.h"
#include "testbench/program/journey_rx.h"
#include "testbench/program/journey_tx.h"

namespace ringside::testbench {

class JourneyHost : public stack::JourneySink, public driver::DriverObserver, public sc_model::Observer {
 public:
  JourneyHost(JourneyLog& log, unsigned index, sc_model::HostMachine& machine, unsigned width,
              sc_model::TimePs core_period_ps);

  // The wire: id of a frame that left this NIC, of one that reached it.
  uint64_t sent(const PacketHead& head);
  void arrived(uint64_t id, uint64_t key, sc_model::TimePs now) { arrivals_.add(id, key, now); }
  // In words, of the TLP told last: "packet 17: its descriptor is read"; empty: it is no packet's.
  const std::string& note() const { return note_; }

  // stack::JourneySink. Times are the CPU's: the stack knows only when it was entered.
  uint64_t begin() override;
  uint64_t packet(uint64_t write, uint32_t frames) override;
  void mark(uint64_t id, stack::PathStep step) override;

  // driver::DriverObserver
  void on_vector(unsigned vector, const driver::MsiMessage& message) override;
  void on_tx_ring(unsigned queue, const driver::TxPlace& place) override { at(queue).tx.place(place); }
  void on_rx_ring(unsigned queue, const driver::RxPlace& place) override { at(queue).rx.place(place); }
  void on_posted(unsigned queue, uint32_t first_idx, uint32_t entries, const stack::Packet& packet) override;
  void on_tx_doorbell(unsigned queue, uint32_t prod_idx) override;
  void on_given_back(unsigned queue, uint32_t cons_idx) override;
  void on_rx_doorbell(unsigned queue, uint32_t prod_idx) override;
  void on_interrupt(unsigned queue) override { at(queue).interrupts.handled(now()); }
  void on_taken(unsigned queue, uint32_t ret_idx, stack::Packet& packet) override;

  // sc_model::Observer
  void on_tlp(const sc_model::TlpEvent& event) override;

 private:
  struct Queue {
    Queue(JourneyLog& log, unsigned host, Arrivals& arrivals) : tx(log, host), rx(log, arrivals) {}
    JourneyTx tx;
    JourneyRx rx;
    InterruptTimes interrupts;
  };

  sc_model::TimePs now() const { return machine_.cpu().now_ps(); }
  Queue& at(unsigned queue);
  void remark(const IdRuns& ids, const char* what);
  void register_write(sc_model::TimePs now, uint64_t offset, uint32_t value);
  void completion(const sc_model::TlpEvent& event);
  void device_read(const sc_model::TlpEvent& event);
  void device_write(const sc_model::TlpEvent& event);
  void message(const sc_model::TlpEvent& event, uint64_t address);
  bool status(const sc_model::TlpEvent& event, Queue& queue, const sc_model::EnabledBytes& what);
  void draw(const sc_model::TlpEvent& event);

  JourneyLog& log_;
  unsigned index_;
  sc_model::HostMachine& machine_;
  unsigned beat_bytes_;
  sc_model::TimePs core_period_ps_;
  Arrivals arrivals_;
  std::vector<std::unique_ptr<Queue>> queues_;
  std::array<PendingRead, 256> reads_;                         // by tag
  std::map<std::pair<uint64_t, uint32_t>, unsigned> vectors_;  // by address and data of the message
  unsigned vector_count_ = 0;
  std::string note_;
};

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_PROGRAM_JOURNEY_HOST_H_
