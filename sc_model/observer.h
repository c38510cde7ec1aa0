// Observers: everything that happens at the edges of a host and on the wire, told to whoever wants to know (digest,
// captures, counters, progress, checkers). Passive: an observer never changes the run.
//
// Order: the calls of one stream (one host's TLPs of one direction, one direction of the wire, one host's interrupts,
//   one host's MMIO) come in the order of their times. Calls of different streams that bear the same time come in no
//   defined order, and frames may be told earlier than their time, so a digest keeps one state per stream.
// Lifetime: arguments are valid during the call only.
#ifndef RINGSIDE_SC_MODEL_OBSERVER_H_
#define RINGSIDE_SC_MODEL_OBSERVER_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sc_model/flow_control.h"
#include "sc_model/sim_time.h"
#include "sc_model/tlp.h"

namespace ringside::sc_model {

enum class TlpDirection : uint8_t { kToDevice, kFromDevice };

// A TLP at the NIC's TLP interface. time_ps: the core clock edge of its last beat.
struct TlpEvent {
  TimePs time_ps = 0;
  TlpDirection direction = TlpDirection::kToDevice;
  const Tlp* tlp = nullptr;
};

// kSent: as it left the sender's XGMII port. kDelivered: as it arrives at the receiver's, after the wire's faults.
enum class FrameStage : uint8_t { kSent, kDelivered };

// One frame as the independent decoder read it from the XGMII words.
struct FrameEvent {
  TimePs time_ps = 0;             // first octet of the destination address, at the port the stage names
  FrameStage stage = FrameStage::kSent;
  unsigned sender = 0;            // wire port that sent it: 0 or 1
  static constexpr uint64_t kOfTheWire = ~uint64_t{0};
  uint64_t number = 0;            // of the frames that port sent, from 1; a delivered one has that of the frame it is,
                                  // or kOfTheWire: nobody sent it
  const uint8_t* bytes = nullptr; // destination address to FCS, both included
  uint32_t length = 0;            // octets of it
  uint32_t preamble_octets = 0;   // 0x55 octets between the start character and the SFD
  uint64_t gap_octets = 0;        // octets from the terminate character of the frame before (it counts) to this
                                  // frame's start character; ~0 for the first
  bool framed = true;             // preamble, SFD and terminate character were in their places
  bool error_character = false;   // /E/ or another control character inside
  bool fcs_good = false;
};

// A fault ordered set (IEEE 802.3 46.3.4, 81.3.4) as it arrives at a port. The MAC there sends no frame meanwhile.
struct LinkFaultEvent {
  TimePs time_ps = 0;
  unsigned sender = 0;  // wire port at the other end
};

struct InterruptEvent {
  TimePs time_ps = 0;    // message visible at the interrupt controller
  int irq = -1;          // -1: the message fitted no requested interrupt
  uint64_t address = 0;
  uint32_t data = 0;
  uint64_t serial = 0;   // of the TLP that brought it; 0: there is none
};

// An access of the CPU to a BAR. Reads are told when the value is back.
struct MmioEvent {
  TimePs time_ps = 0;    // CPU's time when the access was issued
  bool write = false;
  unsigned bar = 0;
  uint32_t offset = 0;
  unsigned bytes = 0;
  uint64_t value = 0;
  uint64_t serial = 0;   // of the write's TLP; 0: there is none
};

// A DMA access of the device as it takes effect in memory: a write just after, a read just before its data is taken.
struct DmaEvent {
  TimePs time_ps = 0;
  bool write = false;
  uint64_t bus_address = 0;
  uint32_t bytes = 0;
  bool refused = false;  // unmapped, against its direction, or nothing there: UR for a read, dropped for a write
  uint64_t serial = 0;   // of the TLP
  bool torn = false;     // a write of which only this part takes effect now, the rest later
};

// A change of the credit limit for TLPs of one direction, as it stands at the NIC's pins.
struct CreditEvent {
  TimePs time_ps = 0;
  TlpDirection direction = TlpDirection::kToDevice;  // of the TLPs that it permits
  const CreditCounts* limit = nullptr;
};

class Observer {
 public:
  virtual ~Observer() = default;
  virtual void on_tlp(const TlpEvent&) {}
  virtual void on_credits(const CreditEvent&) {}
  virtual void on_frame(const FrameEvent&) {}
  virtual void on_link_fault(const LinkFaultEvent&) {}
  virtual void on_interrupt(const InterruptEvent&) {}
  virtual void on_mmio(const MmioEvent&) {}
  virtual void on_dma(const DmaEvent&) {}
};

// Fan-out; the observers must outlive it. Cheap when empty.
class ObserverList {
 public:
  void add(Observer* observer) { list_.push_back(observer); }
  bool empty() const { return list_.empty(); }
  void tlp(const TlpEvent& e) const { for (Observer* o : list_) o->on_tlp(e); }
  void credits(const CreditEvent& e) const { for (Observer* o : list_) o->on_credits(e); }
  void frame(const FrameEvent& e) const { for (Observer* o : list_) o->on_frame(e); }
  void link_fault(const LinkFaultEvent& e) const { for (Observer* o : list_) o->on_link_fault(e); }
  void interrupt(const InterruptEvent& e) const { for (Observer* o : list_) o->on_interrupt(e); }
  void mmio(const MmioEvent& e) const { for (Observer* o : list_) o->on_mmio(e); }
  void dma(const DmaEvent& e) const { for (Observer* o : list_) o->on_dma(e); }

 private:
  std::vector<Observer*> list_;
};

}  // namespace ringside::sc_model

#endif  // RINGSIDE_SC_MODEL_OBSERVER_H_
