#include "testbench/bugs/shelf.h"

#include <fmt/format.h>

#include "testbench/bugs/bug.h"
#include "testbench/bugs/driver_bugs.h"
#include "testbench/bugs/nic_with_bug.h"
#include "testbench/program/scenario_reader.h"

namespace ringside::testbench {
namespace {

class Switched : public SwitchedBug {
 public:
  explicit Switched(const Bug& bug) : bug_(bug) {}

  void prepare(Scenario& demo) const override {
    demo.width = kBugWidth;
    demo.limits.no_progress_ms = 40;
    if (bug_.prepare && bug_.side != sc_model::Side::kHostModel) bug_.prepare(demo);
  }

  void install(Scenario& scenario) const override {
    if (bug_.side == sc_model::Side::kHostModel) bug_.prepare(scenario);
  }

  void check(const Scenario& scenario) const override {
    if (bug_.side == sc_model::Side::kDevice && scenario.width != kBugWidth)
      throw UsageError(fmt::format("--bug: bugs of the NIC are there at {} bits only", kBugWidth));
  }

  bool in_nic(size_t index) const override { return bug_.side == sc_model::Side::kDevice && index == bug_.host; }

  std::unique_ptr<sc_model::NicModel> nic_model(size_t index) override {
    return in_nic(index) ? make_nic_with_bug(bug_.number) : nullptr;
  }

  driver::Platform& platform(size_t index, sc_model::HostMachine& machine) override {
    if (bug_.side != sc_model::Side::kDriver || index != bug_.host) return machine.platform();
    platform_ = make_platform_with_bug(bug_.number, machine.platform());
    return *platform_;
  }

 private:
  const Bug& bug_;
  std::unique_ptr<driver::Platform> platform_;
};

std::string id_of(const Bug& bug) {
  return fmt::format("BUG-{:03}", bug.number);
}

}  // namespace

std::string Shelf::list() const {
  std::string text;
  for (const Bug& bug : all_bugs())
    text += fmt::format("{}  {:<10}  {:<16}  {}\n", id_of(bug), to_string(bug.side), bug.rules, bug.text);
  return text;
}

std::shared_ptr<SwitchedBug> Shelf::take(const std::string& id) const {
  for (const Bug& bug : all_bugs())
    if (id == id_of(bug) || id == std::to_string(bug.number)) return std::make_shared<Switched>(bug);
  throw UsageError(fmt::format("--bug {}: there is no such bug (list: prints them all)", id));
}

}  // namespace ringside::testbench
