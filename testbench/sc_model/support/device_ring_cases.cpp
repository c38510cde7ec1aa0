// The device breaks its rules at the rings.
#include "testbench/sc_model/support/pin_scenes.h"
#include "testbench/sc_model/support/rule_case.h"

namespace ringside::testbench {
namespace {

using sc_model::Side;
using sc_model::ViolationLog;
namespace flag = regs::return_flags;

RuleCase device(const char* rule, const char* name, std::function<void(ViolationLog&)> run) {
  return {rule, Side::kDevice, name, std::move(run)};
}

RuleCases fetch_cases() {
  return {
      device("D1", "FetchPastTheProducerIndex", [](ViolationLog& log) { OnePacket(log).ask(9, PinRig::kTxRing + 16, 16); }),
      device("D1", "FetchWithoutADoorbell", [](ViolationLog& log) { PinRig(log).ask(9, PinRig::kTxRing, 16); }),
      device("D1", "FetchOfBuffersPastTheProducerIndex",
             [](ViolationLog& log) {
               PinRig nic(log);
               nic.fetch_rx(8);
               nic.receive_one();
               nic.ask(9, PinRig::kRxRing, 16);
             }),
      device("D1", "FetchPastTheIndexWhereItWraps",
             [](ViolationLog& log) {
               PinRig nic(log);
               for (unsigned i = 0; i < 8; ++i) nic.send_one(), nic.message(), nic.write<regs::IntRearm>(nic.tag, 0u);
               nic.ask(9, PinRig::kTxRing, 16);
             }),
      device("D2", "DescriptorFetchedTwice", [](ViolationLog& log) { OnePacket(log).ask(9, PinRig::kTxRing, 16); }),
  };
}

RuleCases send_cases() {
  return {
      device("D3", "ReadOneByteTooFar", [](ViolationLog& log) { OnePacket(log).ask(9, kData, 101); }),
      device("D3", "ReadElsewhere", [](ViolationLog& log) { OnePacket(log).ask(9, 0x9'0000, 16); }),
      device("D3", "ByteReadTwice",
             [](ViolationLog& log) {
               OnePacket nic(log);
               nic.ask(9, kData, 64);
               nic.ask(10, kData + 60, 40);
             }),
      device("D6", "IndexMovesBeforeTheData",
             [](ViolationLog& log) {
               OnePacket nic(log);
               nic.ask(9, kData, 100);
               nic.status(1, 0, 0);
             }),
      device("D7", "IndexStopsInsideAPacket",
             [](ViolationLog& log) {
               PinRig nic(log);
               nic.post_tx({{kData, 64, 0, 0, 0}, {kData + 4096, 64, kEop, 0, 0}});
               nic.fetch_tx(2);
               nic.read_tx(0);
               nic.status(1, 0, 0);
             }),
      device("D10", "TxIndexPastWhatWasFetched", [](ViolationLog& log) { OnePacket(log).status(2, 0, 0); }),
      device("D10", "TxIndexGoesBack",
             [](ViolationLog& log) {
               PinRig nic(log);
               nic.send_one();
               nic.message();
               nic.status(0, 0, 0);
             }),
      device("D14", "DataOfABadDescriptor",
             [](ViolationLog& log) {
               PinRig nic(log);
               nic.post_tx({{kData, 64, kEop | 0x8000, 0, 0}});
               nic.fetch_tx(1);
               nic.read_tx(0);
             }),
      device("D14", "IndexMovesOverABadDescriptor",
             [](ViolationLog& log) {
               PinRig nic(log);
               nic.post_tx({{kData, 0, kEop, 0, 0}});
               nic.fetch_tx(1);
               nic.status(1, 0, 0);
             }),
      device("D16", "PacketsWaitForEver",
             [](ViolationLog& log) {
               PinRig nic(log);
               nic.post_tx({{kData, 64, kEop, 0, 0}});
               nic.wait_us(21'000);
             }),
  };
}

RuleCases receive_cases() {
  return {
      device("D4", "PayloadPastTheBuffer",
             [](ViolationLog& log) {
               PinRig nic(log);
               nic.fetch_rx(1);
               nic.payload(0, PinRig::kBufferBytes + 1);
             }),
      device("D4", "PayloadToABufferThatWasGivenBack",
             [](ViolationLog& log) {
               PinRig nic(log);
               nic.receive_one();
               nic.payload(0, 64);
             }),
      device("D4", "WriteIntoADescriptorRing",
             [](ViolationLog& log) { PinRig(log).store(PinRig::kTxRing, "stale descriptor", 16); }),
      device("D7", "EntrySkipsASlot",
             [](ViolationLog& log) {
               OneFrame nic(log);
               nic.give_back(nic.entry(0, 64), 1);
             }),
      device("D7", "EntryForABufferThatWasNeverFetched",
             [](ViolationLog& log) {
               PinRig nic(log);
               nic.give_back(nic.entry(0, 64), 0);
             }),
      device("D8", "ReturnRingOverflows",
             [](ViolationLog& log) {
               PinRig nic(log);
               for (unsigned i = 0; i < 8; ++i) nic.receive_one();
               nic.rx.push_back({PinRig::kBuffers + 0x8000, PinRig::kBufferBytes, 0, 0x108});
               nic.write<regs::RxProdIdx>(9, 0u);
               nic.receive_one();
             }),
      device("D9", "OpaqueChanged",
             [](ViolationLog& log) { OneFrame(log).give_back_with([](regs::ReturnEntry& e) { ++e.opaque; }); }),
      device("D11", "LengthLessThanWritten",
             [](ViolationLog& log) {
               OneFrame(log).give_back_with([](regs::ReturnEntry& e) { e.length = e.frame_length = 60; });
             }),
      device("D11", "FrameLengthWrong",
             [](ViolationLog& log) { OneFrame(log).give_back_with([](regs::ReturnEntry& e) { ++e.frame_length; }); }),
      device("D11", "UnicastCalledBroadcast",
             [](ViolationLog& log) {
               OneFrame(log).give_back_with([](regs::ReturnEntry& e) { e.flags |= flag::kBroadcast; });
             }),
      device("D11", "StartOfFrameMissing",
             [](ViolationLog& log) {
               OneFrame(log).give_back_with([](regs::ReturnEntry& e) { e.flags = flag::kEop; });
             }),
      device("D10", "ReturnIndexGoesBack",
             [](ViolationLog& log) {
               PinRig nic(log);
               nic.receive_one();
               nic.status(0, 1, 1);
               nic.message();
               nic.status(0, 1, 0);
             }),
      device("D12", "StatusBlockInTwoWrites",
             [](ViolationLog& log) {
               PinRig nic(log);
               const regs::StatusBlock b = nic.block(0, 0, 0);
               nic.store(PinRig::kStatus, &b, 8);
             }),
      device("D12", "IndicesOfTwoMoments",
             [](ViolationLog& log) {
               PinRig nic(log);
               nic.receive_one();
               nic.receive_one();
               nic.status(0, 1, 2);
             }),
      device("D16", "EntriesNobodyIsToldOf",
             [](ViolationLog& log) {
               PinRig nic(log);
               nic.receive_one();
               nic.wait_us(21'000);
             }),
      device("D12", "TagNotChanged",
             [](ViolationLog& log) {
               PinRig nic(log);
               nic.send_one();
               nic.message();
               nic.tag = 0;
               nic.status(1, 0, 0);
             }),
  };
}

// Off and quiet, then reset; the status block shows the indices at 0 before the resets are over.
void reset_rings(PinRig& nic) {
  nic.send_one();
  nic.message();
  nic.write<regs::TxControl>(0, 0u);
  nic.write<regs::RxControl>(0, 0u);
  nic.read_back(regs::TxState::address(0), 0);
  nic.read_back(regs::RxState::address(0), 0);
  nic.write<regs::TxControl>(2, 0u);
  nic.write<regs::RxControl>(2, 0u);
  nic.read_back(regs::TxControl::address(0), 2);
  nic.status(0, 0, 0);
  nic.read_back(regs::TxControl::address(0), 0);
  nic.status(0, 0, 0);
  nic.read_back(regs::RxControl::address(0), 0);
}

RuleCases stop_cases() {
  return {
      device("D13", "FetchAfterTheRingWasQuiet",
             [](ViolationLog& log) {
               PinRig nic(log);
               nic.post_tx({{kData, 64, kEop, 0, 0}});
               nic.write<regs::TxControl>(0, 0u);
               nic.read_back(regs::TxState::address(0), 0);
               nic.ask(9, PinRig::kTxRing, 16);
             }),
      device("D13", "PayloadAfterTheReset",
             [](ViolationLog& log) {
               PinRig nic(log);
               nic.fetch_rx(1);
               nic.write<regs::Reset>(1);
               nic.read_back(regs::Reset::address(), 0);
               nic.payload(0, 64);
             }),
      device("D13", "StatusBlockAfterTheReset",
             [](ViolationLog& log) {
               PinRig nic(log);
               nic.write<regs::Reset>(1);
               nic.read_back(regs::Reset::address(), 0);
               nic.status(0, 0, 0);
             }),
      device("D13", "StatusBlockAfterBothRingsWereReset",
             [](ViolationLog& log) {
               PinRig nic(log);
               reset_rings(nic);
               nic.status(0, 0, 0);
             }),
      device("D13", "StatusBlockAfterAResetThatWasLongOver",  // its end was not read, but the rings were on since
             [](ViolationLog& log) {
               PinRig nic(log);
               for (const uint32_t value : {0u, 2u, 1u, 0u}) {
                 nic.write<regs::TxControl>(value, 0u);
                 nic.write<regs::RxControl>(value, 0u);
               }
               nic.read_back(regs::TxState::address(0), 0);
               nic.read_back(regs::RxState::address(0), 0);
               nic.status(0, 0, 0);
             }),
      device("D18", "CounterMissesAnEvent",
             [](ViolationLog& log) {
               PinRig nic(log);
               nic.send_one();
               nic.message();
               nic.wait_us(10);
               nic.read_back(regs::counter_address(static_cast<size_t>(regs::CounterId::kStatusWrites)), 0);
             }),
      device("D18", "CounterGoesBack",
             [](ViolationLog& log) {
               PinRig nic(log);
               const uint32_t at = regs::counter_address(static_cast<size_t>(regs::CounterId::kRxFrames));
               nic.read_back(at, 5);
               nic.read_back(at + 4, 0);
               nic.read_back(at, 4);
             }),
  };
}

}  // namespace

RuleCases device_ring_cases() {
  RuleCases all;
  for (const RuleCases& some : {fetch_cases(), send_cases(), device_error_cases(), receive_cases(), stop_cases()})
    all.insert(all.end(), some.begin(), some.end());
  return all;
}

// No automatic mask: the message is owed to an old tag, and another status write leaves just before it.
void decided_before_the_last_status_write(PinRig& nic) {
  nic.write<regs::IntControl>(0, 0u);
  nic.write<regs::IntTxFrames>(8, 0u);
  nic.write<regs::IntTxUsecs>(50, 0u);
  nic.write<regs::IntMaxUsecs>(50, 0u);
  nic.send_one();
  nic.write<regs::IntRearm>(nic.tag - 1, 0u);
  nic.send_one();
  nic.message();
}

RuleCases legal_cases() {
  return {
      device("", "TrafficBothWays",
             [](ViolationLog& log) {
               PinRig nic(log);
               nic.fetch_rx(8);
               for (uint32_t i = 0; i < 8; ++i) {
                 nic.send_one();
                 nic.message();
                 nic.write<regs::IntRearm>(nic.tag, 0u);
                 nic.receive_one();
                 nic.status(i + 1, i + 1, i + 1);
                 nic.message();
                 nic.write<regs::RetConsIdx>(i + 1, 0u);
                 nic.write<regs::IntRearm>(nic.tag, 0u);
               }
             }),
      device("", "APacketThatFailedIsNotJudged",
             [](ViolationLog& log) {
               OnePacket nic(log);
               const auto request = nic.ask(9, kData, 100);
               nic.checker.on_tlp({++nic.now, sc_model::TlpDirection::kToDevice,
                                   sc_model::make_completion(nic.pool, PinRig::kRoot, *request,
                                                             sc_model::CplStatus::kUnsupportedRequest)
                                       .get()});
               nic.wait_us(30'000);
             }),
      device("", "NothingIsLateWithoutCredits",
             [](ViolationLog& log) {
               const std::array<uint16_t, 6> no_reads{64, 512, 0, 0, 0, 0}, no_writes{0, 512, 64, 0, 0, 0};
               for (const auto& given : {no_reads, no_writes}) {
                 PinRig nic(log);
                 sc_model::CreditCounts limit{given};
                 nic.checker.on_credits({++nic.now, sc_model::TlpDirection::kFromDevice, &limit});
                 nic.post_tx({{kData, 64, kEop, 0, 0}});
                 for (unsigned ms = 0; ms < 30; ++ms) nic.wait_us(1'000);
                 limit.of = {64, 512, 64, 0, 0, 0};
                 nic.checker.on_credits({++nic.now, sc_model::TlpDirection::kFromDevice, &limit});
                 nic.wait_us(19'000);
               }
             }),
      device("", "WaitsForACompletionAsLongAsItMay",
             [](ViolationLog& log) {
               PinRig nic(log);
               nic.write<regs::DmaTimeout>(50'000);
               nic.post_tx({{kData, 64, kEop, 0, 0}});
               nic.ask(3, PinRig::kTxRing, 16);
               nic.wait_us(50'000);
             }),
      device("", "StopAndStartAgain",
             [](ViolationLog& log) {
               PinRig nic(log);
               nic.send_one();
               nic.message();
               nic.write<regs::TxControl>(0, 0u);
               nic.read_back(regs::TxState::address(0), 0);
               nic.write<regs::TxProdIdx>(0, 0u);
               nic.write<regs::TxControl>(1, 0u);
               nic.tx.clear();
               nic.tx_fetched = 0;
               nic.write<regs::IntRearm>(nic.tag, 0u);
               nic.send_one();
               nic.message();
             }),
      device("", "ResetOfBothRingsShowsItsIndices",
             [](ViolationLog& log) {
               PinRig nic(log);
               reset_rings(nic);
             }),
      device("", "AStatusWriteThatWasBegunBeforeTheReArm",  // its tag was older than the newest that was given out
             [](ViolationLog& log) {
               PinRig nic(log);
               nic.write<regs::IntTxFrames>(8, 0u);
               nic.write<regs::IntRearm>(nic.tag, 0u);
               nic.send_one();
               nic.message();
             }),
      device("", "AMessageThatWasOwedWaitsInTheDevice",  // for credits, say
             [](ViolationLog& log) {
               PinRig nic(log);
               nic.write<regs::IntTxFrames>(8, 0u);
               nic.write<regs::IntRearm>(nic.tag, 0u);
               nic.send_one();
               nic.wait_us(15);
               nic.message();
             }),
      device("", "AStatusWriteThatTheMessageBehindItDoesNotCount",
             [](ViolationLog& log) {
               PinRig nic(log);
               decided_before_the_last_status_write(nic);
               nic.wait_us(49);
               nic.message();
             }),
      device("", "AMessageForEachEventWithoutMask",
             [](ViolationLog& log) {
               PinRig nic(log);
               nic.write<regs::IntControl>(0, 0u);
               for (uint32_t i = 0; i < 8; ++i) {
                 nic.send_one();
                 nic.message();
                 if (i == 2) nic.write<regs::IntRearm>(nic.tag - 1, 0u), nic.message();
               }
               nic.wait_us(50);
             }),
      device("", "ADroppedFramesBufferIsUsedAgain",
             [](ViolationLog& log) {
               OneFrame nic(log);
               nic.payload(0, 128);
               nic.give_back(nic.entry(0, 128), 0);
             }),
  };
}

}  // namespace ringside::testbench
