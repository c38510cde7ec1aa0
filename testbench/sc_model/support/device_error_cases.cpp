// The device and reads that fail; indices that wrap; byte order.
#include "testbench/sc_model/support/pin_scenes.h"
#include "testbench/sc_model/support/rule_case.h"

namespace ringside::testbench {
namespace {

using sc_model::Side;
using sc_model::ViolationLog;

RuleCase device(const char* rule, const char* name, std::function<void(ViolationLog&)> run) {
  return {rule, Side::kDevice, name, std::move(run)};
}

// A read of the device ends with an error, or with poisoned data.
void fail(PinRig& nic, const sc_model::TlpPtr& request, bool poisoned) {
  sc_model::TlpPtr answer = poisoned ? sc_model::make_completion_data(nic.pool, PinRig::kRoot, *request, kData, 100, 100)
                                     : sc_model::make_completion(nic.pool, PinRig::kRoot, *request,
                                                                 sc_model::CplStatus::kUnsupportedRequest);
  if (poisoned) answer->set_poisoned();
  nic.checker.on_tlp({++nic.now, sc_model::TlpDirection::kToDevice, answer.get()});
}

}  // namespace

RuleCases device_error_cases() {
  return {
      device("P31", "PoisonedDataTakenForGood",
             [](ViolationLog& log) {
               OnePacket nic(log);
               fail(nic, nic.ask(9, kData, 100), true);
               nic.status(1, 0, 0);
             }),
      device("P32", "PacketOfAFailedReadPassed",
             [](ViolationLog& log) {
               OnePacket nic(log);
               fail(nic, nic.ask(9, kData, 100), false);
               nic.status(1, 0, 0);
             }),
      device("P32", "ErrorNotShown",
             [](ViolationLog& log) {
               OnePacket nic(log);
               fail(nic, nic.ask(9, kData, 100), false);
               nic.wait_us(100);
               nic.read_back(regs::TxState::address(0), 1);
             }),
      device("P33", "TimeOutTooEarly",
             [](ViolationLog& log) {
               OnePacket nic(log);
               nic.ask(9, kData, 100);
               nic.wait_us(40);
               nic.read_back(regs::TxState::address(0), 3);
               nic.read_back(regs::TxError::address(0), static_cast<uint32_t>(regs::ErrorReason::kTimeout));
             }),
      device("P33", "NoTimeOut",
             [](ViolationLog& log) {
               OnePacket nic(log);
               nic.write<regs::MacControl>(1u << 5);  // pause frames are obeyed: sending may stand still
               nic.ask(9, kData, 100);
               nic.wait_us(51'000);
               nic.read_back(regs::TxState::address(0), 1);
             }),
      device("D15", "IndexWrapsAtTheRingsSize",
             [](ViolationLog& log) {
               PinRig nic(log);
               for (unsigned i = 0; i < 8; ++i) nic.send_one(), nic.message(), nic.write<regs::IntRearm>(nic.tag, 0u);
               nic.post_tx({{kData, 100, kEop, 0, 0}});
               nic.fetch_tx(1);
               nic.read_tx(8);
               nic.status(1, 0, 0);
             }),
      device("D15", "IndexWrapsAt65536",
             [](ViolationLog& log) {
               PinRig nic(log);
               for (unsigned i = 0; i < 65'535; ++i) nic.send_one(), nic.message(), nic.write<regs::IntRearm>(nic.tag, 0u);
               nic.post_tx({{kData, 100, kEop, 0, 0}, {kData + 4096, 100, kEop, 0, 0}});
               nic.fetch_tx(2);
               nic.read_tx(65'535);
               nic.read_tx(65'536);
               nic.status(1, 0, 0);
             }),
      device("D19", "OpaqueInTheWrongByteOrder",
             [](ViolationLog& log) {
               OneFrame(log).give_back_with([](regs::ReturnEntry& e) { e.opaque = __builtin_bswap32(e.opaque); });
             }),
      device("D19", "TagInTheWrongByteOrder",
             [](ViolationLog& log) {
               PinRig nic(log);
               nic.tag = 0x00FF'FFFF;  // the next one is 1 with its bytes turned round
               nic.status(0, 0, 0);
             }),
  };
}

}  // namespace ringside::testbench
