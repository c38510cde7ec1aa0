// The device breaks its rules of interrupts.
#include "testbench/sc_model/support/pin_rig.h"
#include "testbench/sc_model/support/rule_case.h"

namespace ringside::testbench {
namespace {

using sc_model::kPsPerUs;
using sc_model::Side;
using sc_model::ViolationLog;

RuleCase device(const char* rule, const char* name, std::function<void(ViolationLog&)> run) {
  return {rule, Side::kDevice, name, std::move(run)};
}

// Moderation: messages after `frames` packets or `us`, at the latest after `max_us`.
struct Moderated : PinRig {
  Moderated(ViolationLog& log, uint32_t frames, uint32_t us, uint32_t max_us) : PinRig(log) {
    write<regs::IntTxFrames>(frames, 0u);
    write<regs::IntTxUsecs>(us, 0u);
    write<regs::IntMaxUsecs>(max_us, 0u);
    wait_us(1);  // what follows is no race (I8)
  }
};

// A packet has been sent, and the link is busy behind its status block; the driver may mask its interrupt meanwhile.
struct BehindBusyLink : PinRig {
  explicit BehindBusyLink(ViolationLog& log, bool masks = false) : PinRig(log) {
    wait_us(1);
    if (masks) write<regs::IntControl>(0, 0u);  // without an automatic mask
    send_one();
    busy_link();
    if (masks) write<regs::IntControl>(1, 0u);
  }
};

}  // namespace

RuleCases interrupt_cases() {
  return {
      device("I1", "NoMessageWithinTheBound",
             [](ViolationLog& log) {
               Moderated nic(log, 8, 0, 100);
               nic.send_one();
               nic.wait_us(150);
             }),
      device("I1", "ReArmedAfterTheBoundHadPassed",
             [](ViolationLog& log) {
               Moderated nic(log, 8, 0, 100);
               nic.send_one();
               nic.now += 150 * kPsPerUs;
               nic.write<regs::IntRearm>(nic.tag, 0u);
             }),
      device("I3", "MessageLongAfterTheTimer",
             [](ViolationLog& log) {
               Moderated nic(log, 8, 50, 1000);
               nic.send_one();
               nic.now += 100 * kPsPerUs;
               nic.message();
             }),
      device("I2", "CountReachedAndNoMessage",
             [](ViolationLog& log) {
               Moderated nic(log, 2, 0, 1000);
               nic.send_one();
               nic.send_one();
               nic.wait_us(50);
             }),
      device("I3", "TimerExpiredAndNoMessage",
             [](ViolationLog& log) {
               Moderated nic(log, 8, 50, 1000);
               nic.send_one();
               nic.wait_us(100);
             }),
      device("I4", "MessageWithoutANewStatus",
             [](ViolationLog& log) {
               PinRig nic(log);
               nic.send_one();
               nic.message();
               nic.write<regs::IntRearm>(nic.tag, 0u);
               nic.message();
             }),
      device("I5", "MessageUnderTheAutomaticMask",
             [](ViolationLog& log) {
               PinRig nic(log);
               nic.send_one();
               nic.message();
               nic.send_one();
               nic.message();
             }),
      device("I2", "NoMessageWhenTheLinkIsFreeAgain",
             [](ViolationLog& log) {
               BehindBusyLink nic(log);
               nic.wait_us(70);
             }),
      device("I5", "MessageUnderTheMaskLongAfterABusyLink",
             [](ViolationLog& log) {
               BehindBusyLink nic(log, true);
               nic.now += 55 * kPsPerUs;
               nic.message();
             }),
      device("I5", "MessageUnderTheDriversMask",
             [](ViolationLog& log) {
               PinRig nic(log);
               nic.write<regs::IntControl>(1, 0u);
               nic.wait_us(6);
               nic.send_one();
               nic.message();
             }),
      device("I5", "MaskLiftedOverAnEventAndNoMessage",
             [](ViolationLog& log) {
               Moderated nic(log, 8, 0, 1000);
               nic.write<regs::IntControl>(1, 0u);
               nic.send_one();
               nic.write<regs::IntControl>(0, 0u);
               nic.wait_us(50);
             }),
      device("I6", "ReArmedWithAnOldTagAndNoMessage",
             [](ViolationLog& log) {
               PinRig nic(log);
               nic.send_one();
               nic.message();
               const uint32_t seen = nic.tag;
               nic.send_one();
               nic.write<regs::IntTxFrames>(8, 0u);
               nic.write<regs::IntRearm>(seen, 0u);
               nic.message();
               nic.send_one();
               nic.write<regs::IntRearm>(seen, 0u);
               nic.wait_us(50);
             }),
      device("I7", "MessageBeforeItsCountOrTime",
             [](ViolationLog& log) {
               Moderated nic(log, 8, 50, 1000);
               nic.wait_us(30);
               nic.send_one();
               nic.message();
             }),
      device("I7", "MessageBeforeTheGapIsOver",
             [](ViolationLog& log) {
               Moderated nic(log, 1, 0, 1000);
               nic.write<regs::IntGapUsecs>(200, 0u);
               for (int i = 0; i < 2; ++i) {
                 nic.write<regs::IntRearm>(nic.tag, 0u);
                 nic.send_one();
                 nic.message();
                 nic.wait_us(100);
               }
             }),
      device("I8", "EventLostAsTheDriverReArms",
             [](ViolationLog& log) {
               Moderated nic(log, 8, 50, 1000);
               nic.post_tx({{PinRig::kBuffers + 0x8000, 100, regs::tx_flags::kEop, 0, 0}});
               nic.fetch_tx(1);
               nic.read_tx(0);
               nic.write<regs::IntRearm>(nic.tag, 0u);
               nic.status(1, 0, 0);  // 4 ns later
               nic.wait_us(100);
             }),
      device("I8", "EventLostAsASettingIsWritten",
             [](ViolationLog& log) {
               Moderated nic(log, 2, 0, 1000);
               nic.send_one();
               nic.send_one();
               nic.write<regs::IntTxUsecs>(0, 0u);  // nothing new, in the cycle after the event
               nic.wait_us(50);
             }),
      device("P36", "MessageOfTwoDw",
             [](ViolationLog& log) {
               PinRig nic(log);
               nic.send_one();
               const uint32_t two[2] = {PinRig::kMessageData, 0};
               nic.store(PinRig::kMessage, two, 8);
             }),
      device("P36", "MessageWithByteEnables",
             [](ViolationLog& log) {
               PinRig nic(log);
               nic.send_one();
               nic.store(PinRig::kMessage, &PinRig::kMessageData, 2);
             }),
      device("P36", "DataOfNoVector",
             [](ViolationLog& log) {
               PinRig nic(log);
               nic.send_one();
               const uint32_t data = PinRig::kMessageData + 1;
               nic.store(PinRig::kMessage, &data, 4);
             }),
      device("P37", "MessageOfAMaskedVector",
             [](ViolationLog& log) {
               PinRig nic(log);
               nic.write_at(regs::VectorControl::address(1), 1);
               nic.wait_us(5);
               nic.send_one();
               nic.message();
             }),
      device("P37", "NoMessageWhenTheMaskIsLifted",
             [](ViolationLog& log) {
               PinRig nic(log);
               nic.write_at(regs::VectorControl::address(1), 1);
               nic.wait_us(5);
               nic.send_one();
               nic.wait_us(50);
               nic.write_at(regs::VectorControl::address(1), 0);
               nic.wait_us(50);
             }),
      device("I9", "EventLostWhenParametersChange",
             [](ViolationLog& log) {
               Moderated nic(log, 8, 0, 1000);
               nic.send_one();
               nic.write<regs::IntTxFrames>(1, 0u);
               nic.wait_us(50);
             }),
      device("I10", "ForcedAndNoMessage",
             [](ViolationLog& log) {
               PinRig nic(log);
               nic.write<regs::IntControl>(4, 0u);
               nic.wait_us(50);
             }),
      device("I11", "MessageBeforeItIsEnabled",
             [](ViolationLog& log) {
               PinRig nic(log);
               nic.msix(false);
               nic.wait_us(6);
               nic.send_one();
               nic.message();
             }),
  };
}

RuleCases legal_interrupt_cases() {
  return {
      device("", "AStatusBlockThatIsHalfMoved",
             [](ViolationLog& log) {
               PinRig nic(log);
               nic.receive_one();
               nic.write_at(regs::StatusBase::address(0), PinRig::kStatus + 0x80);
               nic.status(0, 1, 1);  // on its way when LO came
               nic.message();
               nic.receive_one();
               nic.wait_us(30'000);  // none is due until HI comes
               nic.write_at(regs::StatusBase::address(0) + 4, 0);
               const regs::StatusBlock moved = nic.block(0, 2, 2);
               nic.store(PinRig::kStatus + 0x80, &moved, sizeof moved);
             }),
      device("", "NothingIsLateWhileTheLinkIsBusy",
             [](ViolationLog& log) {
               BehindBusyLink nic(log);
               nic.now += 40 * kPsPerUs;
               nic.message();
             }),
      device("", "AMessageBehindABusyLinkMayMeetTheMask",
             [](ViolationLog& log) {
               BehindBusyLink nic(log, true);
               nic.now += 40 * kPsPerUs;
               nic.message();
             }),
  };
}

}  // namespace ringside::testbench
