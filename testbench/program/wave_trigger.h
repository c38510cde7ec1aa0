// What starts a recording: `--wave-on rule`, `rule=P4`, `frame=N`, `descriptor=I`, `register=NAME`, `time=T`.
//
// Passive: it watches hosts and wire, and tells when the thing happened and whose NIC is to be looked at. The answer
// comes some time after the fact, when it is certain: frames of the two directions are told out of order.
#ifndef RINGSIDE_TESTBENCH_PROGRAM_WAVE_TRIGGER_H_
#define RINGSIDE_TESTBENCH_PROGRAM_WAVE_TRIGGER_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sc_model/observer.h"
#include "sc_model/violation.h"

namespace ringside::testbench {

struct WaveMoment {
  sc_model::TimePs at = 0;
  sc_model::TimePs since = sc_model::kNever;  // the first thing that led to it, when that is known
  std::optional<size_t> host;                 // whose NIC; nobody's in particular
  std::string what;                           // in words
};

class WaveTrigger {
 public:
  enum class Kind : uint8_t { kRule, kFrame, kDescriptor, kRegister, kTime };

  // Throws UsageError.
  explicit WaveTrigger(const std::string& text, const std::array<std::string, 2>& hosts = {});

  Kind kind() const { return kind_; }
  sc_model::TimePs time_ps() const { return number_; }  // kTime

  // Before the simulation starts.
  sc_model::Observer& host(size_t index);
  sc_model::Observer& wire() { return wire_; }
  // Between two sc_start(): the moment, when it has come.
  std::optional<WaveMoment> due(sc_model::TimePs now, const sc_model::ViolationLog& violations);

 private:
  struct HostWatch : sc_model::Observer {
    void on_mmio(const sc_model::MmioEvent& event) override { trigger->look(index, event); }
    WaveTrigger* trigger = nullptr;
    size_t index = 0;
  };
  struct WireWatch : sc_model::Observer {
    void on_frame(const sc_model::FrameEvent& event) override;
    std::array<std::vector<sc_model::TimePs>, 2> sent;  // times of frames, by port
  };

  void parse_descriptor(const std::string& text);
  void parse_register(const std::string& text);
  void look(size_t host, const sc_model::MmioEvent& event);
  WaveMoment moment_of(const sc_model::Violation& violation) const;
  std::optional<WaveMoment> rule_broken(const sc_model::ViolationLog& violations);
  std::optional<WaveMoment> frame_sent(sc_model::TimePs certain_until) const;

  const std::array<std::string, 2> names_;  // of the hosts
  Kind kind_ = Kind::kRule;
  std::string rule_;                           // empty: any
  uint64_t number_ = 0;                        // of the frame or the descriptor; time
  uint32_t first_ = 0, count_ = 1, step_ = 4;  // the register's places in the BAR
  std::string register_name_;
  size_t violations_seen_ = 0;
  std::optional<WaveMoment> seen_;  // register or descriptor
  std::array<HostWatch, 2> hosts_;
  WireWatch wire_;
};

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_PROGRAM_WAVE_TRIGGER_H_
