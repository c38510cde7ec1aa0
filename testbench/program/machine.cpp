#include "testbench/program/machine.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "testbench/program/fault_option.h"
#include "testbench/program/scenario_check.h"

namespace ringside::testbench {
namespace {

// Applications start at a time that lies in the future for both hosts when the second one comes up.
constexpr uint64_t kAfterBringUpNs = 1'000;

// The scenario's four shares, and what --fault asks for besides.
std::vector<sc_model::FaultSpec> faults_of_sender(const Scenario& scenario, size_t sender) {
  using sc_model::FaultKind;
  const FaultParameters& p = scenario.faults;
  std::vector<sc_model::FaultSpec> specs;
  for (const auto& [kind, share] : {std::pair{FaultKind::kFrameLoss, p.loss}, {FaultKind::kFrameCorrupt, p.corrupt},
                                    {FaultKind::kFrameDuplicate, p.duplicate}, {FaultKind::kFrameReorder, p.reorder}})
    if (share > 0) specs.push_back({kind, 0, share});
  const std::vector<sc_model::FaultSpec> more = wire_faults(scenario, sender);
  specs.insert(specs.end(), more.begin(), more.end());
  return specs;
}

sc_model::WireConfig wire_config(const Scenario& scenario) {
  sc_model::WireConfig config;
  config.gigabits_per_s = scenario.width == 512 ? 100 : 10;
  config.delay_ps = scenario.link.latency_ns * sc_model::kPsPerNs;
  config.faults = {faults_of_sender(scenario, 0), faults_of_sender(scenario, 1)};
  config.reorder_by = scenario.faults.reorder_by;
  config.seed = scenario.seed;
  return config;
}

// The receiver whose address and port a sender connects to.
const Application* receiver_of(const Scenario& scenario, const Application& sender,
                               const std::vector<std::unique_ptr<Application>>& applications) {
  const AddressAndPort to = *parse_endpoint(sender.parameters().to);
  for (const auto& other : applications) {
    const ApplicationParameters& p = other->parameters();
    if (p.kind != "receive_file" || p.port != to.port) continue;
    if (parse_prefix(scenario.hosts[*host_index(scenario, p.host)].address)->address == to.address) return other.get();
  }
  return nullptr;
}

}  // namespace

Machine::Machine(const Scenario& scenario, bool traced, SwitchedBug* bug) : scenario_(scenario) {
  for (size_t i = 0; i < hosts_.size(); ++i) hosts_[i] = std::make_unique<Host>(scenario_, i, violations_, traced, bug);
  wire_observers_.add(&tally_);
  wire_observers_.add(&digest_.wire());
  if (scenario_.check) {
    wire_checker_ = std::make_unique<sc_model::EthernetChecker>("wire", violations_);
    wire_observers_.add(wire_checker_.get());
  }
  wire_ = std::make_unique<sc_model::EthernetWire>("wire", wire_config(scenario_), wire_observers_);
  for (unsigned port = 0; port < hosts_.size(); ++port) {
    sc_model::connect(*wire_, port, hosts_[port]->machine());
    hosts_[port]->machine().observers().add(&digest_.host(port));
    hosts_[port]->machine().watch_wire(wire_observers_, port, wire_config(scenario_).gigabits_per_s);
  }
  make_applications();
}

void Machine::make_applications() {
  for (const ApplicationParameters& parameters : scenario_.applications) {
    applications_.push_back(make_application(*hosts_[*host_index(scenario_, parameters.host)], parameters));
  }
  applications_left_ = applications_.size();
}

void Machine::start(std::function<void()> on_done) {
  on_done_ = std::move(on_done);
  for (auto& host : hosts_) host->start([this] { host_is_up(); });
  for (size_t i = 0; i < applications_.size(); ++i) {
    const auto& application = applications_[i];
    application->host().machine().cpu().spawn(
        application->title(), [this, &application, i](sc_model::CpuThread& thread) {
          if (hosts_up_ < hosts_.size()) sc_core::wait(all_up_);
          // A picosecond apart: which waiter goes on first is SystemC's choice, the order of applications must not be.
          const uint64_t after_ns = kAfterBringUpNs + application->parameters().start_us * 1000ull;
          thread.sleep_until(sc_model::sim_now_ps() + after_ns * sc_model::kPsPerNs + i);
          application->run(thread);
          application_ended();
        });
  }
}

void Machine::pause_at_violation(uint64_t allowed) {
  violations_.set_on_violation([this, allowed](const sc_model::Violation&) {
    if (violations_.count() > allowed && sc_core::sc_is_running()) sc_core::sc_pause();
  });
}

void Machine::host_is_up() {
  if (++hosts_up_ == hosts_.size()) all_up_.notify(sc_core::SC_ZERO_TIME);
}

void Machine::application_ended() {
  if (--applications_left_ == 0) on_done_();
}

void Machine::read_counters() {
  counters_read_from_ps_ = sc_model::sim_now_ps();
  for (auto& host : hosts_) host->read_counters();
}

std::string Machine::audit() {
  if (!counters_read()) return "a NIC does not answer when its counters are read";
  for (auto& host : hosts_) host->machine().audit(counters_read_from_ps_, host->accounted_frames());
  return {};
}

uint64_t Machine::bytes_total() const {
  uint64_t bytes = 0;
  for (const auto& application : applications_) {
    if (const auto* sender = dynamic_cast<const FileSender*>(application.get())) bytes += sender->file_bytes();
  }
  return bytes;
}

uint64_t Machine::bytes_done() const {
  uint64_t bytes = 0;
  for (const auto& application : applications_) {
    if (application->parameters().kind == "receive_file") bytes += application->bytes();
  }
  return bytes;
}

uint64_t Machine::activity() const {
  uint64_t sum = hosts_up_;
  for (const auto& application : applications_) sum += application->bytes() + application->steps();
  return sum;
}

std::string Machine::phase() const {
  if (hosts_up_ < hosts_.size()) return "bring-up";
  return bytes_done() == 0 ? "starting" : bytes_done() < bytes_total() ? "sending" : "closing";
}

std::string Machine::waiting_for() const {
  std::string text;
  for (const auto& host : hosts_) {
    if (host->up() && !host->driver().failed()) continue;
    const char* wrong = host->up() ? "has a driver that gave its NIC up" : "is not up";
    text += fmt::format("{}{} {}", text.empty() ? "" : "; ", host->name(), wrong);
  }
  for (const auto& application : applications_) {
    if (application->end_ns() != 0) continue;
    text += fmt::format("{}{} {}, {} bytes", text.empty() ? "" : "; ", application->title(), application->step(),
                        application->bytes());
  }
  return text;
}

std::string Machine::failure() const {
  for (const auto& host : hosts_) {
    if (!host->failure().empty()) return host->failure();
  }
  for (const auto& application : applications_) {
    if (!application->error().empty()) return application->title() + ": " + application->error();
  }
  return {};
}

uint64_t Machine::cycles() const {
  return hosts_[0]->machine().shell().core_cycles().total();
}

// ---------------------------------------------------------------- results

void Machine::collect(Results& results) const {
  results.sim_time_ns = sc_model::sim_now_ps() / sc_model::kPsPerNs;
  results.core_cycles = cycles();
  results.digest = digest_.value();
  results.frames = tally_.sent();
  results.frame_bytes = tally_.sent_bytes();
  results.frames_delivered = tally_.delivered();
  results.violation_count = violations_.count();
  results.violations = violations_.kept();
  for (const sc_model::Violation& v : results.violations)  // a NIC's clock may be ahead of the others
    results.sim_time_ns = std::max(results.sim_time_ns, v.time_ps / sc_model::kPsPerNs);
  collect_transfers(results);
  for (size_t i = 0; i < hosts_.size(); ++i) {
    results.hosts[i] = hosts_[i]->name();
    hosts_[i]->collect(results);
  }
  collect_wire(results);
}

void Machine::collect_transfers(Results& results) const {
  for (const auto& application : applications_) {
    const auto* sender = dynamic_cast<const FileSender*>(application.get());
    if (!sender) continue;
    const Application* receiver = receiver_of(scenario_, *sender, applications_);
    TransferResult t;
    t.from = sender->host().name();
    t.to = fmt::format("{} {}", receiver->host().name(), sender->parameters().to);
    t.file = sender->path();
    t.file_bytes = sender->file_bytes();
    t.bytes_sent = sender->bytes();
    t.bytes_received = receiver->bytes();
    t.sha256_sent = sender->sha256();
    t.sha256_received = receiver->sha256();
    t.start_ns = sender->start_ns();
    t.end_ns = receiver->end_ns();
    t.complete = sender->end_ns() != 0 && receiver->end_ns() != 0;
    results.transfers.push_back(std::move(t));
  }
}

void Machine::collect_wire(Results& results) const {
  for (unsigned port = 0; port < hosts_.size(); ++port) {
    const sc_model::WireDirectionCounters& c = wire_->counters(port);
    const std::string front = "wire." + hosts_[port]->name() + ".";
    results.counters.push_back({front + "frames", c.frames});
    results.counters.push_back({front + "lost", c.lost});
    results.counters.push_back({front + "corrupted", c.corrupted});
    results.counters.push_back({front + "duplicated", c.duplicated});
    results.counters.push_back({front + "reordered", c.reordered});
    results.drops.push_back({front + "lost", c.lost});
    collect_faults(wire_->injected(port), front, results);
  }
}

}  // namespace ringside::testbench

// libsystemc refers to it, though its own main() is not used.
int sc_main(int, char**) {
  return 0;
}
