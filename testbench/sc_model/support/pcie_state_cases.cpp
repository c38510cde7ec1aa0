// Rules of order, credits, progress and the state of the function, broken at the NIC's pins and behind them.
#include "testbench/sc_model/support/pcie_rig.h"
#include "testbench/sc_model/support/rule_case.h"

namespace ringside::testbench {
namespace {

using sc_model::Side;
using sc_model::TlpDirection;
using sc_model::TlpPtr;
using sc_model::ViolationLog;

RuleCase play(const char* rule, Side side, const char* name, void (*what)(PcieRig&), bool configured = true) {
  return {rule, side, name, [what, configured](ViolationLog& log) {
            PcieRig bus(log, configured);
            what(bus);
          }};
}
RuleCase device(const char* rule, const char* name, void (*what)(PcieRig&)) {
  return play(rule, Side::kDevice, name, what);
}
RuleCase host(const char* rule, const char* name, void (*what)(PcieRig&)) {
  return play(rule, Side::kHostModel, name, what);
}

// Credits for `of` TLPs of each kind, none of kind `without`.
void starve(PcieRig& b, TlpDirection direction, unsigned without) {
  sc_model::CreditCounts limit = b.credits.ledger(direction).consumed();
  for (unsigned kind = 0; kind < sc_model::kCreditKinds; ++kind)
    if (kind != without) limit.set(static_cast<sc_model::CreditKind>(kind), limit.of[kind] + (kind % 2 == 0 ? 20u : 200u));
  b.give(direction, limit);
}

RuleCases order_cases() {
  return {
      host("P24", "WriteBecomesVisibleBeforeAnEarlierOne",
           [](PcieRig& b) {
             b.from_device(b.write(0x1000, 64));
             b.from_device(b.write(0x2000, 64));
             b.dma(true, 0x2000, 64);
           }),
      host("P24", "RegisterWriteArrivesBeforeAnEarlierOne",
           [](PcieRig& b) {
             b.mmio(true, 0x10);
             b.mmio(true, 0x20);
             b.to_device(b.register_write(0x20));
           }),
      host("P25", "ReadSeesMemoryBeforeAnEarlierWrite",
           [](PcieRig& b) {
             b.from_device(b.write(0x1000, 64));
             b.from_device(b.read(7, 0x2000, 64));
             b.dma(false, 0x2000, 64);
           }),
      host("P25", "RegisterReadPassesAWrite",
           [](PcieRig& b) {
             b.mmio(true, 0x10);
             b.to_device(b.register_read());
           }),
      host("P26", "AnswerReachesTheCpuBeforeAnEarlierWrite",
           [](PcieRig& b) {
             const TlpPtr request = b.to_device(b.register_read());
             b.from_device(b.write(0x1000, 64));
             b.from_device(b.data(*request, PcieRig::kBar, 4, 4));
             b.mmio(false, 0);
           }),
      host("P38", "MessagePassesTheWriteThatItAnnounces",
           [](PcieRig& b) {
             b.from_device(b.write(0x1000, 64));
             b.from_device(b.write(PcieRig::kMessage, 4));
             b.interrupt();
           }),
      host("I4", "MessageThatNobodySent", [](PcieRig& b) { b.interrupt(); }),
      host("I1", "MessageThatNeverComes",
           [](PcieRig& b) {
             b.from_device(b.write(PcieRig::kMessage, 4));
             b.from_device(b.write(0x1000, 64));
             b.dma(true, 0x1000, 64);
           }),
      host("D12", "WriteWithinALineTakesEffectInTwo",
           [](PcieRig& b) {
             b.from_device(b.write(0x1000, 64));
             b.observers.dma({b.tick(), true, 0x1000, 32, false, 0, true});
             b.dma(true, 0x1000, 64);
           }),
  };
}

RuleCases credit_cases() {
  return {
      device("P29", "WriteWithoutHeaderCredit",
             [](PcieRig& b) {
               starve(b, TlpDirection::kFromDevice, 0);
               b.from_device(b.write(0x1000, 16));
             }),
      device("P29", "WriteWithoutDataCredit",
             [](PcieRig& b) {
               starve(b, TlpDirection::kFromDevice, 1);
               b.from_device(b.write(0x1000, 16));
             }),
      device("P29", "ReadWithoutHeaderCredit",
             [](PcieRig& b) {
               starve(b, TlpDirection::kFromDevice, 2);
               b.from_device(b.read(7, 0x1000, 16));
             }),
      host("P29", "ConfigurationWriteWithoutDataCredit",
           [](PcieRig& b) {
             starve(b, TlpDirection::kToDevice, 3);
             b.to_device(make_config_write(b.pool, PcieRig::kRoot, 2, PcieRig::kNic, 0x3C, 1, 6));
           }),
      device("P29", "CompletionWithoutHeaderCredit",
             [](PcieRig& b) {
               const TlpPtr request = b.to_device(b.register_read());
               starve(b, TlpDirection::kFromDevice, 4);
               b.from_device(b.data(*request, PcieRig::kBar, 4, 4));
             }),
      device("P29", "CompletionWithoutDataCredit",
             [](PcieRig& b) {
               const TlpPtr request = b.to_device(b.register_read());
               starve(b, TlpDirection::kFromDevice, 5);
               b.from_device(b.data(*request, PcieRig::kBar, 4, 4));
             }),
      device("P30", "ReadsForMoreThanFitsIntoTheBuffer",
             [](PcieRig& b) {
               b.settings.completion_buffer_bytes = 1024;
               const TlpPtr first = b.from_device(b.read(1, 0x1000, 512));
               b.from_device(b.read(2, 0x2000, 512));
               b.to_device(b.data(*first, 0x1000, 256, 512));
               b.from_device(b.read(3, 0x3000, 256));
               b.from_device(b.read(4, 0x4000, 16));
             }),
      device("P27", "NoAnswerWhileReadsHaveNoCredits",
             [](PcieRig& b) {
               starve(b, TlpDirection::kFromDevice, 2);
               b.to_device(b.register_read());
               b.wait_us(1100);
             }),
      device("P39", "RequestAnsweredTooLate",
             [](PcieRig& b) {
               const TlpPtr request = b.to_device(b.register_read());
               b.now += 5 * sc_model::kPsPerMs;
               b.from_device(b.data(*request, PcieRig::kBar, 4, 4));
             }),
      device("P39", "RequestNeverAnswered",
             [](PcieRig& b) {
               b.to_device(b.register_read());
               b.wait_us(1100);
             }),
  };
}

RuleCases function_cases() {
  return {
      device("P34", "ReadWithBusMasteringOff",
             [](PcieRig& b) {
               b.configure(4, 2, 2);
               b.wait_us(10);
               b.from_device(b.read(7, 0x1000, 64));
             }),
      device("P34", "MessageWithBusMasteringOff",
             [](PcieRig& b) {
               b.configure(4, 2, 2);
               b.wait_us(10);
               b.from_device(b.write(PcieRig::kMessage, 4));
             }),
      device("P35", "AnswerWithMemorySpaceOff",
             [](PcieRig& b) {
               b.configure(4, 2, 4);
               const TlpPtr request = b.to_device(b.register_read());
               b.from_device(b.data(*request, PcieRig::kBar, 4, 4));
             }),
      device("P35", "AnswerOutsideTheBar",
             [](PcieRig& b) {
               const TlpPtr request = b.to_device(b.register_read(3, 0x1'0000));
               b.from_device(b.data(*request, PcieRig::kBar + 0x1'0000, 4, 4));
             }),
      device("P41", "RequestAfterTheFunctionReset",
             [](PcieRig& b) {
               b.configure(PcieRig::kPcie + 8, 2, 0x8000);
               const TlpPtr request = b.to_device(make_config_read(b.pool, PcieRig::kRoot, 2, PcieRig::kNic, 0, 4));
               b.from_device(b.data(*request, 0, 4, 4));
               b.from_device(b.write(0x1000, 64));
             }),
      device("P41", "RequestALongTimeAfterTheFunctionReset",
             [](PcieRig& b) {
               b.configure(PcieRig::kPcie + 8, 2, 0x8000);
               b.wait_us(101'000);
               b.from_device(b.write(0x1000, 64));
             }),
      play("P42", Side::kDevice, "RequestBeforeItWasConfigured",
           [](PcieRig& b) { b.from_device(b.write(0x1000, 64)); }, false),
  };
}

void traffic(PcieRig& b) {
  b.from_device(b.write(0x1'0000'0F00, 256));
  const TlpPtr request = b.from_device(b.read(5, 0x2001, 511));
  b.dma(true, 0x1'0000'0F00, 256);
  b.dma(false, 0x2001, 511);
  for (uint32_t done = 0; done < 511;) {
    const uint64_t address = 0x2001 + done;
    const uint32_t bytes = std::min<uint32_t>(511 - done, static_cast<uint32_t>(64 - address % 64));
    b.to_device(b.data(*request, address, bytes, 511 - done));
    done += bytes;
  }
  const TlpPtr flush = b.from_device(b.read(5, 0x3000, 0));  // the tag again, and the flush
  b.to_device(b.data(*flush, 0x3000, 1, 1));
  b.mmio(true, 0x10);
  b.to_device(b.register_write(0x10));
  const TlpPtr asked = b.to_device(b.register_read());
  b.from_device(b.write(PcieRig::kMessage, 4));
  b.from_device(b.data(*asked, PcieRig::kBar, 4, 4));
  b.interrupt();
  b.mmio(false, 0);
}

}  // namespace

RuleCases pcie_state_cases() {
  RuleCases all = order_cases();
  for (const RuleCases& some : {credit_cases(), function_cases()}) all.insert(all.end(), some.begin(), some.end());
  return all;
}

RuleCases legal_pcie_cases() {
  return {
      play("", Side::kDevice, "BusTraffic", traffic),
      play("", Side::kDevice, "WriteEndingAtA4KiBBoundary", [](PcieRig& b) { b.from_device(b.write(0x1F80, 128)); }),
      play("", Side::kDevice, "ErrorCompletionsEndTheRequest",
           [](PcieRig& b) {
             b.to_device(b.status(*b.from_device(b.read(7, 0x1000, 64)), 1));
             b.to_device(b.status(*b.from_device(b.read(7, 0x1000, 64)), 4));
           }),
      play("", Side::kDevice, "ATimeOutRetiresTheTag",
           [](PcieRig& b) {
             b.matching.set_timeout(TlpDirection::kFromDevice, {50 * sc_model::kPsPerUs, sc_model::kNever});
             b.from_device(b.read(7, 0x1000, 64));
             b.wait_us(50);
             b.from_device(b.read(7, 0x2000, 64));
           }),
      play("", Side::kDevice, "BusMasteringOffAndOnAgain",
           [](PcieRig& b) {
             b.configure(4, 2, 2);
             b.from_device(b.write(0x1000, 64));  // was on its way
             b.wait_us(10);
             b.configure(4, 2, 6);
             b.from_device(b.write(0x1000, 64));
           }),
      play("", Side::kDevice, "FunctionResetAndConfiguredAgain",
           [](PcieRig& b) {
             b.configure(PcieRig::kPcie + 8, 2, 0x8000);
             b.wait_us(101'000);
             b.configure(4, 2, 6);
             b.from_device(b.write(0x1000, 64));
           }),
      play("", Side::kDevice, "MissesAreAnsweredUnsupported",
           [](PcieRig& b) { b.from_device(b.status(*b.to_device(b.register_read(3, 0x1'0000)), 1)); }),
      play("", Side::kDevice, "NoCreditsForTheAnswer",
           [](PcieRig& b) {
             starve(b, TlpDirection::kFromDevice, 4);
             b.to_device(b.register_read());
             b.wait_us(5000);
           }),
  };
}

}  // namespace ringside::testbench
