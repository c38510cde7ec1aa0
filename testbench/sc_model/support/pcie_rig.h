// The PCIe checkers of one host behind hand-made TLPs: what a root complex and a NIC send each other, what takes effect
// in memory, and what the CPU does. The function is configured, all credits are there, tags have 8 bits.
//
//   PcieRig bus(log);
//   const auto request = bus.from_device(bus.read(7, 0x1000, 64));
//   bus.to_device(bus.data(*request, 0x1000, 64, 64));
#ifndef RINGSIDE_TESTBENCH_SC_MODEL_SUPPORT_PCIE_RIG_H_
#define RINGSIDE_TESTBENCH_SC_MODEL_SUPPORT_PCIE_RIG_H_

#include <vector>

#include "sc_model/check_pcie.h"
#include "sc_model/check_pcie_function.h"
#include "sc_model/check_pcie_header.h"
#include "sc_model/check_pcie_order.h"
#include "sc_model/check_pcie_progress.h"

namespace ringside::testbench {

class PcieRig {
 public:
  using TlpPtr = sc_model::TlpPtr;
  using TlpDirection = sc_model::TlpDirection;
  static constexpr sc_model::PciId kRoot = sc_model::PciId::of(0, 0, 0), kNic = sc_model::PciId::of(1, 0, 0);
  static constexpr uint64_t kBar = 0xE000'0000, kMessage = 0xFEE0'1000;
  static constexpr uint16_t kPcie = 0x40;

  explicit PcieRig(sc_model::ViolationLog& log, bool configured = true)
      : format("a.nic", settings, log, &trail), matching("a.nic", settings, log), credits("a.nic", log, &trail),
        room("a.nic", settings, log, &trail), header("a.nic", settings, log, &trail), function("a.nic", settings, log, &trail),
        order("a.root", settings, log), progress("a.nic", log, &trail) {
    for (sc_model::Observer* o : std::initializer_list<sc_model::Observer*>{
             &trail, &format, &matching, &credits, &room, &header, &function, &order, &progress})
      observers.add(o);
    settings.mps_bytes = 256;
    settings.mrrs_bytes = 512;
    settings.extended_tags = true;
    settings.bar0 = kBar;
    settings.bar0_bytes = 0x1'0000;
    settings.pcie_capability = kPcie;
    sc_model::CreditCounts plenty;
    plenty.of = {100, 1000, 100, 1000, 100, 1000};
    give(TlpDirection::kFromDevice, plenty);
    give(TlpDirection::kToDevice, plenty);
    settings.function = kNic;
    if (configured) configure(4, 2, 6);  // memory space and bus mastering on
  }

  void give(TlpDirection direction, const sc_model::CreditCounts& limit) {
    observers.credits({tick(), direction, &limit});
  }
  TlpPtr from_device(TlpPtr tlp) {
    observers.tlp({tick(), TlpDirection::kFromDevice, tlp.get()});
    return tlp;
  }
  TlpPtr to_device(TlpPtr tlp) {
    observers.tlp({tick(), TlpDirection::kToDevice, tlp.get()});
    return tlp;
  }
  void configure(uint16_t offset, unsigned bytes, uint32_t value) {
    const TlpPtr request = to_device(sc_model::make_config_write(pool, kRoot, 30, kNic, offset, bytes, value));
    from_device(sc_model::make_completion(pool, kNic, *request, sc_model::CplStatus::kSuccess));
  }
  TlpPtr write(uint64_t address, uint32_t bytes) {
    const std::vector<uint8_t> data(bytes, 1);
    return sc_model::make_memory_write(pool, kNic, address, data.data(), bytes);
  }
  TlpPtr read(unsigned tag, uint64_t address, uint32_t bytes) {
    return sc_model::make_memory_read(pool, kNic, tag, address, bytes);
  }
  TlpPtr register_read(unsigned tag = 3, uint64_t offset = 0) {
    return sc_model::make_memory_read(pool, kRoot, tag, kBar + offset, 4);
  }
  // A completion of whoever did not ask.
  TlpPtr data(const sc_model::Tlp& request, uint64_t address, uint32_t bytes, uint32_t remaining) {
    const bool asked_by_root = request.requester_id() == kRoot;
    return sc_model::make_completion_data(pool, asked_by_root ? kNic : kRoot, request, address, bytes, remaining);
  }
  TlpPtr status(const sc_model::Tlp& request, unsigned code) {
    const bool asked_by_root = request.requester_id() == kRoot;
    return sc_model::make_completion(pool, asked_by_root ? kNic : kRoot, request,
                                     static_cast<sc_model::CplStatus>(code));
  }
  // What takes effect: in memory, at the interrupt controller, at the CPU.
  void dma(bool is_write, uint64_t address, uint32_t bytes) {
    observers.dma({tick(), is_write, address, bytes, false});
  }
  void interrupt() { observers.interrupt({tick(), 0, kMessage, 0}); }
  void mmio(bool is_write, uint32_t offset) { observers.mmio({tick(), is_write, 0, offset, 4, 0}); }
  TlpPtr register_write(uint32_t offset) {
    const uint32_t value = 0;
    return sc_model::make_memory_write(pool, kRoot, kBar + offset, &value, 4);
  }
  void wait_us(uint64_t us) {
    now += us * sc_model::kPsPerUs;
    progress.check_time(now);
  }
  sc_model::TimePs tick() { return now += 1000; }

  sc_model::TlpPool pool;
  sc_model::PcieSettings settings;
  sc_model::TlpTrail trail;
  sc_model::FormatChecker format;
  sc_model::MatchingChecker matching;
  sc_model::CreditChecker credits;
  sc_model::CompletionRoomChecker room;
  sc_model::HeaderChecker header;
  sc_model::FunctionChecker function;
  sc_model::OrderChecker order;
  sc_model::ProgressChecker progress;
  sc_model::ObserverList observers;
  sc_model::TimePs now = 0;
};

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_SC_MODEL_SUPPORT_PCIE_RIG_H_
