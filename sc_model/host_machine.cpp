#include "sc_model/host_machine.h"

#include <utility>

#include "sc_model/check_pcie_function.h"
#include "sc_model/check_pcie_header.h"
#include "sc_model/check_pcie_order.h"
#include "sc_model/check_pcie_progress.h"
#include "sc_model/check_ring_device.h"
#include "sc_model/check_ring_driver.h"
#include "sc_model/check_ring_registers.h"

namespace ringside::sc_model {
namespace {

CreditCounts credits_of(const HostProfile& profile) {
  CreditCounts counts;
  for (unsigned kind = 0; kind < kCreditKinds; ++kind) counts.set(static_cast<CreditKind>(kind), profile.credits[kind]);
  return counts;
}

// Every NIC has the same name in its waves, so that a saved view fits any host's.
std::unique_ptr<NicModel> model_or_default(std::unique_ptr<NicModel> model, const HostMachineConfig& config) {
  return model ? std::move(model) : make_nic_model(config.width, config.trace, "nic");
}

}  // namespace

// The always-on rules at this host's NIC.
class HostMachine::Checkers {
 public:
  Checkers(const std::string& name, HostMachine& host, const PcieSettings& settings, ViolationLog& log)
      : format_(name + ".nic", settings, log, &trail_), matching_(name + ".nic", settings, log),
        credits_(name + ".nic", log, &trail_), room_(name + ".nic", settings, log, &trail_),
        header_(name + ".nic", settings, log, &trail_), function_(name + ".nic", settings, log, &trail_),
        order_(name + ".root", settings, log, &accused_), progress_(name + ".nic", log, &trail_),
        registers_(name + ".nic", settings, log), ring_device_(name + ".nic", settings, accused_, log),
        frames_(name + ".nic", log),
        ring_driver_(name + ".driver", settings, host.memory(), host.iommu(), accused_, log) {
    ring_device_.set_frames(&frames_);
    ring_device_.set_link(&host.link().rate());
    host.platform().set_watch(&ring_driver_);
    host.iommu().set_judge(&ring_driver_);
    // The root's time-out counts from the CPU's access, which is up to kOnItsWayPs older than the TLP at the NIC.
    matching_.set_timeout(TlpDirection::kToDevice,
                          {RootComplex::kTimeoutPs - kOnItsWayPs, RootComplex::kTimeoutPs});
    matching_.set_timeout(TlpDirection::kFromDevice, {kShortestDeviceTimeoutPs, kLongestDeviceTimeoutPs});
  }
  void join(ObserverList& observers) {
    observers.add(&trail_);
    observers.add(&format_);
    observers.add(&matching_);
    observers.add(&credits_);
    observers.add(&room_);
    observers.add(&header_);
    observers.add(&function_);
    observers.add(&order_);
    observers.add(&progress_);
    observers.add(&registers_);
    observers.add(&ring_device_);
    observers.add(&ring_driver_);
  }
  void excuse_driver() { ring_driver_.excuse(); }
  void check_time(TimePs now) {
    order_.check_time(now);
    progress_.check_time(now);
    ring_device_.check_time(now);
    frames_.check_time(now);
    ring_driver_.check_time(now);
  }

  FrameChecker& frames() { return frames_; }

 private:
  // A device gives a request up after 50 us at the earliest and 50 ms at the latest (2.8, default range).
  static constexpr TimePs kShortestDeviceTimeoutPs = 50 * kPsPerUs, kLongestDeviceTimeoutPs = 50 * kPsPerMs;
  static constexpr TimePs kOnItsWayPs = 1000 * kPsPerUs;
  TlpTrail trail_;
  FormatChecker format_;
  MatchingChecker matching_;
  CreditChecker credits_;
  CompletionRoomChecker room_;
  HeaderChecker header_;
  FunctionChecker function_;
  OrderChecker order_;
  ProgressChecker progress_;
  RegisterChecker registers_;
  Accused accused_;
  DeviceRingChecker ring_device_;
  FrameChecker frames_;
  DriverRingChecker ring_driver_;
};

// Carries out what happens at a time: begin and end of each starvation, resets.
class HostMachine::LinkFaults : private EventHandler {
 public:
  LinkFaults(Scheduler& scheduler, HostMachine& host, FaultInjector& faults)
      : host_(host), faults_(faults), specs_(faults.timed(FaultKind::kStarve)) {
    for (const FaultSpec& spec : faults.timed(FaultKind::kSurpriseReset)) specs_.push_back(spec);
    for (size_t i = 0; i < specs_.size(); ++i) {
      scheduler.at(specs_[i].from_ps, EventClass::kTest, *this, 2 * i);
      if (specs_[i].kind == FaultKind::kStarve)
        scheduler.at(specs_[i].from_ps + specs_[i].lasts_ps(), EventClass::kTest, *this, 2 * i + 1);
    }
  }

 private:
  void fire(uint64_t argument) override {
    const FaultSpec& spec = specs_[argument / 2];
    const bool begins = argument % 2 == 0;
    if (begins) faults_.carried_out(spec.kind);
    if (spec.kind == FaultKind::kSurpriseReset) return reset_function();
    host_.link().hold_credits(spec.to_device ? TlpDirection::kToDevice : TlpDirection::kFromDevice,
                              static_cast<CreditKind>(spec.credit), begins);
  }
  // A function level reset (6.6.2) that the driver knows nothing of: bit 15 of Device Control, at offset 8.
  void reset_function() {
    constexpr uint16_t kDeviceControl = 8, kInitiate = 1u << 15;
    const PcieSettings& settings = host_.platform().settings();
    if (settings.pcie_capability == 0) return;
    if (host_.checkers_ != nullptr) host_.checkers_->excuse_driver();
    host_.root().config_write(sim_now_ps(), settings.function,
                              static_cast<uint16_t>(settings.pcie_capability + kDeviceControl), 2, kInitiate,
                              [](const RequestResult&) {});
  }

  HostMachine& host_;
  FaultInjector& faults_;
  std::vector<FaultSpec> specs_;
};

HostMachine::HostMachine(const std::string& name, const HostMachineConfig& config, ViolationLog& log,
                         std::unique_ptr<NicModel> model)
    : name_(name),
      scheduler_((name + "_scheduler").c_str()),
      cpu_((name + "_cpu").c_str(), scheduler_, config.costs),
      memory_(config.memory_bytes, config.seed),
      iommu_(memory_, config.iommu, config.seed, name + ".iommu", config.check ? &log : nullptr),
      interrupts_(cpu_, observers_),
      link_(scheduler_, LinkRate(config.profile.generation, config.profile.lanes),
            config.profile.link_latency_ns * kPsPerNs, credits_of(config.profile)),
      root_(scheduler_, pool_, config.profile, config.seed, link_, iommu_, interrupts_, observers_),
      platform_(cpu_, memory_, iommu_, interrupts_, root_, observers_),
      shell_((name + "_shell").c_str(), model_or_default(std::move(model), config), config.shell, pool_, link_,
             observers_),
      faults_(config.faults, config.seed) {
  link_.connect(&root_, &shell_);
  if (faults_.armed()) root_.set_faults(&faults_);
  if (faults_.armed(FaultKind::kStarve) || faults_.armed(FaultKind::kSurpriseReset))
    link_faults_ = std::make_unique<LinkFaults>(scheduler_, *this, faults_);
  if (!config.check) return;
  checkers_ = std::make_unique<Checkers>(name, *this, platform_.settings(), log);
  checkers_->join(observers_);
}

HostMachine::~HostMachine() {
  platform_.set_watch(nullptr);
  iommu_.set_judge(nullptr);
}

void HostMachine::check_time() {
  if (checkers_) checkers_->check_time(sim_now_ps());
}

void HostMachine::watch_wire(ObserverList& wire_observers, unsigned port, unsigned gigabits_per_s) {
  if (!checkers_) return;
  checkers_->frames().set_port(port, gigabits_per_s);
  wire_observers.add(&checkers_->frames());
}

void HostMachine::audit(TimePs counted_from_ps, uint64_t counted) {
  if (checkers_) checkers_->frames().audit(sim_now_ps(), counted_from_ps, counted);
}

void connect(EthernetWire& wire, unsigned port, HostMachine& host) {
  host.shell().connect_wire(&wire.sender(port), wire.delay_ps());
  wire.connect(port, &host.shell().wire_sink());
}

}  // namespace ringside::sc_model
