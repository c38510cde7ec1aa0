// The four orderings that driver and device rely on, each broken on the driver's side and on the device's:
//   1. descriptor stores before the doorbell
//   2. payload before return entry before producer index before interrupt
//   3. index read before entry reads
//   4. re-arm, then look again
// driver_orderings_test.cpp breaks those of the driver with a driver on the whole machine.
#include "testbench/sc_model/support/driver_rig.h"
#include "testbench/sc_model/support/pin_scenes.h"
#include "testbench/sc_model/support/rule_case.h"

namespace ringside::testbench {
namespace {

using sc_model::Side;
using sc_model::ViolationLog;

RuleCase driver(const char* rule, const char* name, void (*play)(DriverRig&)) {
  return {rule, Side::kDriver, name, [play](ViolationLog& log) {
            DriverRig rig(log);
            play(rig);
          }};
}
RuleCase device(const char* rule, const char* name, std::function<void(ViolationLog&)> run) {
  return {rule, Side::kDevice, name, std::move(run)};
}

}  // namespace

RuleCases ordering_cases() {
  return {
      driver("R5", "Ordering1DoorbellBeforeTheStores",
             [](DriverRig& d) {
               const DriverRig::Block packet = d.packet();
               d.write_barrier();
               d.store_tx(d.descriptor(packet));  // the CPU may hold it back
               d.write<regs::TxProdIdx>(1, 0u);
             }),
      device("D1", "Ordering1FetchBeforeTheDoorbell",
             [](ViolationLog& log) {
               PinRig nic(log);
               nic.ask(9, PinRig::kTxRing, 16);
               nic.post_tx({{kData, 100, kEop, 0, 0}});
             }),
      driver("R11", "Ordering2BufferTakenOnTheInterruptAlone",
             [](DriverRig& d) {
               d.dma(true, d.rx[0].bus, 64);  // the payload is there, and no index
               d.message();
               d.read_barrier();
               d.take(0);
             }),
      device("D5", "Ordering2EntryBeforeThePayload",
             [](ViolationLog& log) {
               PinRig nic(log);
               nic.fetch_rx(1);
               nic.give_back(nic.entry(0, 64), 0);
               nic.payload(0, 64);
             }),
      device("D5", "Ordering2IndexBeforeTheEntry",
             [](ViolationLog& log) {
               OneFrame nic(log);
               nic.status(0, 1, 1);
               nic.give_back(nic.entry(0, 64), 0);
             }),
      device("D5", "Ordering2MessageBeforeTheIndex",
             [](ViolationLog& log) {
               PinRig nic(log);
               nic.receive_one();
               nic.message();
               nic.status(0, 1, 1);
             }),
      driver("R12", "Ordering3EntryReadBeforeTheIndex",
             [](DriverRig& d) {
               d.read_barrier();  // too early: before the index was read
               d.device_receives();
               d.take(0);
             }),
      device("D3", "Ordering3DataReadBeforeItsDescriptor",
             [](ViolationLog& log) {
               PinRig nic(log);
               nic.post_tx({{kData, 100, kEop, 0, 0}});
               const auto fetch = nic.ask(3, PinRig::kTxRing, 16);
               nic.ask(5, kData, 100);  // as if an old copy were still true
               nic.reply(fetch, nic.tx.data(), 16);
             }),
      driver("R13", "Ordering4LookedBeforeTheReArmOnly",
             [](DriverRig& d) {
               d.device_receives();
               d.message();
               d.read_barrier();
               d.write<regs::IntRearm>(d.tag, 0u);
               d.wait_us(10);
               d.device_receives();
             }),
      device("I6", "Ordering4NewerStatusAndNoMessageAfterTheReArm",
             [](ViolationLog& log) {
               PinRig nic(log);
               nic.send_one();
               nic.message();
               nic.send_one();
               nic.write<regs::IntRearm>(nic.tag - 1, 0u);
               nic.wait_us(50);
             }),
  };
}

}  // namespace ringside::testbench
