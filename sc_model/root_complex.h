// Root complex: turns the device's TLPs into memory accesses, interrupts and completions, and the CPU's accesses into
// TLPs.
//
// Order held towards memory and CPU: posted writes become visible in the order they arrived, each at its own delay
//   (P24), but for those with Relaxed Ordering, which wait for nobody; a read is carried out only when all posted writes before it are visible (P25); a completion reaches the CPU
//   only after them too (P26). Completions of different reads may change places (profile jitter); those of one read
//   come in address order, cut at read completion boundaries as the profile says (P20, P21).
// Faults: set_faults() makes it misbehave on purpose (root_faults.cpp).
// Errors: an access that the IOMMU refuses or that fits no memory is UR for a read and dropped for a write.
// Threads: runs in the host's scheduler. request() answers by callback in scheduler context.
#ifndef RINGSIDE_SC_MODEL_ROOT_COMPLEX_H_
#define RINGSIDE_SC_MODEL_ROOT_COMPLEX_H_

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <vector>

#include "sc_model/fault.h"
#include "sc_model/foreign_memory.h"
#include "sc_model/host_profile.h"
#include "sc_model/interrupt_controller.h"
#include "sc_model/iommu.h"
#include "sc_model/observer.h"
#include "sc_model/pcie_link.h"
#include "sc_model/random.h"
#include "sc_model/scheduler.h"

namespace ringside::sc_model {

// The answer to a non-posted request of the CPU. Data of a read, little-endian, from the first requested byte.
struct RequestResult {
  CplStatus status = CplStatus::kSuccess;
  uint64_t value = 0;
};

struct RootComplexCounters {
  uint64_t reads = 0, read_bytes = 0, completions = 0;
  uint64_t writes = 0, write_bytes = 0;
  uint64_t messages = 0;              // MSI
  uint64_t unsupported = 0;           // answered UR or dropped
  uint64_t unexpected_completions = 0;
  uint64_t timeouts = 0;              // requests of the CPU that the device never answered: all ones
};

class RootComplex : public RootEnd, private EventHandler {
 public:
  static constexpr PciId kRequesterId = PciId::of(0, 0, 0);
  static constexpr unsigned kTags = 32;
  static constexpr TimePs kTimeoutPs = 10 * kPsPerMs;  // completion time-out (2.8: 50 us to 50 ms)

  RootComplex(Scheduler& scheduler, TlpPool& pool, const HostProfile& profile, uint64_t seed, PcieLink& link,
              Iommu& iommu, InterruptController& interrupts, const ObserverList& observers);

  // CPU side. `when` is the CPU's time of the access (not before now); accesses leave in the order of the calls.
  // post_write() gives the number of its TLP, for observers.
  uint64_t post_write(TimePs when, uint64_t address, const void* data, unsigned bytes);
  using Answer = std::function<void(const RequestResult&)>;
  void read(TimePs when, uint64_t address, unsigned bytes, Answer answer);
  void config_read(TimePs when, PciId target, uint16_t offset, unsigned bytes, Answer answer);
  void config_write(TimePs when, PciId target, uint16_t offset, unsigned bytes, uint32_t value, Answer answer);

  // Device side: from the link.
  void receive(TlpPtr tlp) override;

  // Null or one that outlives this.
  void set_faults(FaultInjector* faults) { faults_ = faults; }
  void set_foreign_memory(ForeignMemory* memory) { foreign_ = memory; }

  // Max_Payload_Size in force, from enumeration on; bounds completions (P5). 128 before.
  void set_max_payload(uint32_t bytes) { mps_bytes_ = bytes; }
  const HostProfile& profile() const { return profile_; }
  const RootComplexCounters& counters() const { return counters_; }
  bool quiet() const;  // nothing in flight in either direction

 private:
  struct Outstanding {
    bool live = false;
    unsigned bytes = 0;
    unsigned shift = 0;  // of the first requested byte in the first DW
    uint64_t generation = 0;
    TimePs rests_until_ps = 0;  // after a time-out: a late completion must not answer the next request
    Answer answer;
  };
  struct Waiting { TlpPtr tlp; unsigned bytes; Answer answer; };
  // What is wrong with the answer to one read.
  struct ReadFault { bool poisoned = false, duplicate = false, cut_short = false; TimePs late_ps = 0; };
  enum Note : uint8_t { kNothing, kTornHead, kAgain, kDrop };  // Tlp::note of what comes from the device
  enum Event : uint64_t { kDepart, kPostedVisible, kNonPosted, kCompletion, kTimeout, kPiece };  // low bits of an argument

  void fire(uint64_t argument) override;
  void schedule(TimePs when, EventClass event_class, Event event, TlpPtr tlp);
  void depart(TimePs when, TlpPtr tlp);
  unsigned free_tag() const;
  void time_out(uint64_t argument);
  void answer(unsigned tag, const RequestResult& result);
  void request(TimePs when, TlpPtr tlp, unsigned bytes, Answer answer);
  void issue(TimePs when, TlpPtr tlp, unsigned bytes, Answer answer);
  void serve_posted(const Tlp& tlp);
  void write_memory(const Tlp& tlp);
  void serve_non_posted(const Tlp& tlp);
  void serve_read(const Tlp& tlp);
  void complete_read(const Tlp& request, const uint8_t* data, const ReadFault& fault);
  void send_piece(TlpPtr completion, TimePs& leaves);
  uint32_t piece_bytes(uint64_t address, uint32_t remaining);
  void finish(const Tlp& completion);
  void receive_posted(TlpPtr tlp, TimePs visible);
  void interrupt(const Tlp& message);
  // root_foreign.cpp
  struct ForeignAccess;
  bool is_foreign(const Tlp& tlp) const;
  void write_foreign(TlpPtr tlp);
  void foreign_written(const ForeignAccess& access, bool ok);
  void read_foreign(TlpPtr tlp);
  void foreign_read(const ForeignAccess& access, bool ok);
  // root_faults.cpp
  bool read_is_refused(const Tlp& request);                   // answered with an error, or not at all
  ReadFault read_fault(const Tlp& request);
  bool can_be_short(const Tlp& request) const;
  void spoil(Tlp& completion, const ReadFault& fault);
  bool posted_fault(TlpPtr& tlp, TimePs& visible);            // true: it is on its way, in its own time
  void interrupt_fault(TlpPtr& tlp, TimePs& visible);
  TlpPtr head_of(const Tlp& write);
  const FaultSpec* fault(FaultKind kind) { return faults_->hit(kind, sim_now_ps()); }
  static void copy_enabled(const Tlp& tlp, const EnabledBytes& enabled, uint8_t* to);
  static bool byte_enabled(const Tlp& write, uint32_t i);  // i from the first byte of the first DW
  TimePs not_before_posted(TimePs when) const { return when > posted_visible_ps_ ? when : posted_visible_ps_; }

  Scheduler& scheduler_;
  TlpPool& pool_;
  HostProfile profile_;
  PcieLink& link_;
  Iommu& iommu_;
  InterruptController& interrupts_;
  const ObserverList& observers_;
  Random write_random_;
  Random read_random_;
  Random split_random_;
  TimePs posted_visible_ps_ = 0;
  TimePs last_departure_ps_ = 0;
  std::array<Outstanding, kTags> outstanding_;
  std::deque<Waiting> waiting_;  // for a free tag
  unsigned next_tag_ = 0;
  uint32_t mps_bytes_ = 128;
  size_t in_flight_ = 0;
  ForeignMemory* foreign_ = nullptr;
  bool foreign_write_ = false;            // it has one that it has not taken yet
  std::deque<uint64_t> behind_foreign_;  // events of the device that wait for that
  FaultInjector* faults_ = nullptr;
  TimePs messages_early_until_ps_ = 0;
  RootComplexCounters counters_;
};

}  // namespace ringside::sc_model

#endif  // RINGSIDE_SC_MODEL_ROOT_COMPLEX_H_
