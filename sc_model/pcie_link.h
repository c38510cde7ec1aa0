// The PCIe link between root port and device: rate, latency, flow control, ordering. Both directions.
//
//   root complex --send()--> ordering queue --credits, rate, latency--> DeviceEnd::deliver()
//   RootEnd::receive() <--latency, rate-- from_device() <-- device (obeys the credits itself)
//
// Rate: generation and lanes give the time per byte (8b/10b for Gen1 and Gen2, 128b/130b for Gen3 and Gen4); each TLP
//   costs 8 bytes of framing, sequence number and LCRC (Gen1/2: STP 1, sequence 2, LCRC 4, END 1; Gen3/4: STP token
//   4, LCRC 4) and kDllpBytes for its share of Ack and UpdateFC packets of the other direction's traffic.
// Not modelled: link errors and replay, skip ordered sets (0.3 %), power states.
// Units: picoseconds, bytes.
#ifndef RINGSIDE_SC_MODEL_PCIE_LINK_H_
#define RINGSIDE_SC_MODEL_PCIE_LINK_H_

#include <array>
#include <cstdint>
#include <deque>

#include "sc_model/flow_control.h"
#include "sc_model/observer.h"
#include "sc_model/ordering_queue.h"
#include "sc_model/scheduler.h"

namespace ringside::sc_model {

class LinkRate {
 public:
  // Throws std::invalid_argument for a generation outside 1..4 or an undefined width.
  LinkRate(unsigned generation, unsigned lanes);
  TimePs serialize_ps(uint64_t bytes) const { return (bytes * femto_per_byte_ + 999) / 1000; }
  double gigabits_per_s() const { return 8e6 / static_cast<double>(femto_per_byte_); }

 private:
  uint64_t femto_per_byte_;
};

// What the link drives at the device. Both calls name a time in the future: the device acts on them at its first
// clock edge after it.
class DeviceEnd {
 public:
  virtual ~DeviceEnd() = default;
  virtual void deliver(TlpPtr tlp) = 0;  // tlp->ready_ps: arrival of its last byte
  virtual void credit_limit(TimePs when, const CreditCounts& limit) = 0;
};

class RootEnd {
 public:
  virtual ~RootEnd() = default;
  virtual void receive(TlpPtr tlp) = 0;  // now
};

struct LinkDirectionCounters {
  uint64_t tlps = 0;
  uint64_t payload_bytes = 0;
  uint64_t wire_bytes = 0;  // with header, framing and DLLP share
  TimePs busy_ps = 0;
};

class PcieLink : private EventHandler {
 public:
  static constexpr unsigned kFramingBytes = 8;
  static constexpr unsigned kDllpBytes = 4;
  static uint64_t bytes_of(const Tlp& tlp) { return tlp.wire_bytes() + kFramingBytes + kDllpBytes; }

  PcieLink(Scheduler& scheduler, LinkRate rate, TimePs latency_ps, const CreditCounts& root_credits);
  void connect(RootEnd* root, DeviceEnd* device);

  // Root side. send() queues for now; consumed() gives back the receive buffer of a TLP that came from the device.
  void send(TlpPtr tlp);
  void consumed(const Tlp& tlp);

  // Device side. `now` is the device's clock edge; the TLP's receive credits at the root were checked by the device.
  void from_device(TlpPtr tlp, TimePs now);
  void device_credits(const CreditCounts& allocated, TimePs now);  // CREDITS_ALLOCATED changed
  // True while the device may hand over more without filling the link's transmit buffer.
  bool ready_for_device(TimePs now) const { return up_free_ps_ <= now + up_backlog_ps_; }

  // Faults (credit starvation): while a kind is held, its new credits do not reach the sender of TLPs in that direction.
  void hold_credits(TlpDirection direction, CreditKind kind, bool hold);

  TimePs latency_ps() const { return latency_ps_; }
  const LinkRate& rate() const { return rate_; }
  size_t queued_to_device() const { return queue_.size(); }
  const LinkDirectionCounters& to_device() const { return down_; }
  const LinkDirectionCounters& to_root() const { return up_; }

 private:
  enum Event : uint64_t { kPump = 0, kCredits = 1, kArrival = 2 };  // of kArrival on: the Tlp's address
  void fire(uint64_t argument) override;
  void pump();
  void apply_device_credits();
  void tell_root_credits();
  TimePs occupy(const Tlp& tlp, TimePs start, LinkDirectionCounters& counters);

  Scheduler& scheduler_;
  LinkRate rate_;
  TimePs latency_ps_;
  TimePs up_backlog_ps_;
  RootEnd* root_ = nullptr;
  DeviceEnd* device_ = nullptr;
  OrderingQueue queue_;
  CreditLedger down_credits_;
  std::deque<CreditCounts> credits_in_flight_;
  CreditCounts credits_arrived_;
  CreditCounts root_allocated_;
  CreditCounts root_told_;  // of them, what the device knows
  TimePs down_free_ps_ = 0;
  TimePs up_free_ps_ = 0;
  bool pump_pending_ = false;
  std::array<uint8_t, 2> held_{};  // by direction, a bit for each kind
  LinkDirectionCounters down_;
  LinkDirectionCounters up_;
};

}  // namespace ringside::sc_model

#endif  // RINGSIDE_SC_MODEL_PCIE_LINK_H_
