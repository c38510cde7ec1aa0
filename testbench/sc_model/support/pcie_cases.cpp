// Rules of one TLP, and between requests and completions, broken at the NIC's pins.
#include "testbench/sc_model/support/pcie_rig.h"
#include "testbench/sc_model/support/rule_case.h"

namespace ringside::testbench {
namespace {

using sc_model::Side;
using sc_model::TlpPtr;
using sc_model::ViolationLog;

RuleCase play(const char* rule, Side side, const char* name, void (*what)(PcieRig&)) {
  return {rule, side, name, [what](ViolationLog& log) {
            PcieRig bus(log);
            what(bus);
          }};
}
RuleCase device(const char* rule, const char* name, void (*what)(PcieRig&)) {
  return play(rule, Side::kDevice, name, what);
}
RuleCase host(const char* rule, const char* name, void (*what)(PcieRig&)) {
  return play(rule, Side::kHostModel, name, what);
}

// Sends `tlp` after `spoil` has changed its words.
template <typename Spoil>
void send_spoilt(PcieRig& bus, TlpPtr tlp, Spoil spoil) {
  spoil(*tlp);
  bus.from_device(std::move(tlp));
}

RuleCases header_cases() {
  return {
      device("P1", "FourDwHeaderForALowAddress",
             [](PcieRig& b) { send_spoilt(b, b.write(0x1'0000'1000, 4), [](auto& t) { t.dw[2] = 0; }); }),
      device("P2", "UndefinedFmtAndType",
             [](PcieRig& b) { send_spoilt(b, b.write(0x1000, 4), [](auto& t) { t.dw[0] |= 0x1Fu << 24; }); }),
      device("P2", "ConfigurationRequestOfAnEndpoint",
             [](PcieRig& b) { b.from_device(make_config_write(b.pool, PcieRig::kNic, 1, PcieRig::kRoot, 4, 4, 0)); }),
      device("P3", "LengthIsNotThePayload",
             [](PcieRig& b) { send_spoilt(b, b.write(0x1000, 8), [](auto& t) { t.payload_bytes = 4; }); }),
      device("P3", "LengthInACompletionWithoutData",
             [](PcieRig& b) {
               const TlpPtr request = b.to_device(make_config_write(b.pool, PcieRig::kRoot, 2, PcieRig::kNic, 0x3C, 1, 6));
               send_spoilt(b, b.status(*request, 0), [](auto& t) { t.dw[0] |= 1; });
             }),
      host("P3", "LengthInAMessageWithoutData",
           [](PcieRig& b) {
             TlpPtr tlp = b.pool.allocate();
             tlp->dw[0] = 0x3400'0001;  // Msg, local, Length 1
             tlp->dw[1] = uint32_t{PcieRig::kRoot.value} << 16 | 0x14;  // PM_Active_State_Nak
             tlp->dw[2] = tlp->dw[3] = 0;
             tlp->payload_bytes = 0;
             b.to_device(std::move(tlp));
           }),
      device("P4", "PayloadOverMps", [](PcieRig& b) { b.from_device(b.write(0x1000, 260)); }),
      device("P4", "MpsMadeSmallerAtRunTime",
             [](PcieRig& b) {
               b.settings.mps_bytes = 128;
               b.from_device(b.write(0x1000, 132));
             }),
      host("P5", "CompletionOverMps",
           [](PcieRig& b) {
             const TlpPtr request = b.from_device(b.read(7, 0x1000, 512));
             b.to_device(b.data(*request, 0x1000, 512, 512));
           }),
      device("P6", "ReadOverMrrs", [](PcieRig& b) { b.from_device(b.read(1, 0x1000, 516)); }),
      device("P7", "CrossingA4KiBBoundary", [](PcieRig& b) { b.from_device(b.write(0x1FFE, 4)); }),
      device("P8", "NoFirstByteEnable",
             [](PcieRig& b) { send_spoilt(b, b.write(0x1000, 8), [](auto& t) { t.dw[1] &= ~0xFu; }); }),
      host("P9", "LastByteEnableWithOneDw",
           [](PcieRig& b) {
             TlpPtr tlp = b.register_write(0);
             tlp->dw[1] |= 0x10;
             b.to_device(std::move(tlp));
           }),
      device("P9", "NoLastByteEnableWithMore",
             [](PcieRig& b) { send_spoilt(b, b.write(0x1000, 8), [](auto& t) { t.dw[1] &= ~0xF0u; }); }),
      device("P10", "HoleInTheFirstDwOfThree",
             [](PcieRig& b) {
               send_spoilt(b, b.write(0x1000, 12), [](auto& t) { t.dw[1] = (t.dw[1] & ~0xFu) | 0xD; });
             }),
      device("P10", "HoleAcrossQuadwords",
             [](PcieRig& b) {
               send_spoilt(b, b.write(0x1004, 8), [](auto& t) { t.dw[1] = (t.dw[1] & ~0xF0u) | 0x80; });
             }),
      device("P12", "RequesterIsNotTheFunction",
             [](PcieRig& b) { b.from_device(make_memory_read(b.pool, sc_model::PciId::of(1, 0, 1), 4, 0x1000, 4)); }),
      device("P12", "RequestBeforeAnIdWasCaptured",
             [](PcieRig& b) {
               b.settings.function = {};
               b.from_device(b.read(4, 0x1000, 4));
             }),
      device("P28", "RelaxedOrderingNotEnabled",
             [](PcieRig& b) { send_spoilt(b, b.write(0x1000, 8), [](auto& t) { t.dw[0] |= 1u << 13; }); }),
      device("P28", "RelaxedOrderingOnAMessage",
             [](PcieRig& b) {
               b.settings.relaxed_ordering = true;
               send_spoilt(b, b.write(PcieRig::kMessage, 4), [](auto& t) { t.dw[0] |= 1u << 13; });
             }),
      device("P28", "NoSnoopNotEnabled",
             [](PcieRig& b) { send_spoilt(b, b.read(4, 0x1000, 8), [](auto& t) { t.dw[0] |= 1u << 12; }); }),
      device("P43", "DigestBitWithoutADigest",
             [](PcieRig& b) { send_spoilt(b, b.write(0x1000, 8), [](auto& t) { t.dw[0] |= 1u << 15; }); }),
      device("P44", "ReservedBitOfTheFirstWord",
             [](PcieRig& b) { send_spoilt(b, b.write(0x1000, 8), [](auto& t) { t.dw[0] |= 1u << 23; }); }),
      device("P44", "LowBitsOfTheAddress",
             [](PcieRig& b) { send_spoilt(b, b.write(0x1000, 8), [](auto& t) { t.dw[2] |= 1; }); }),
      device("P46", "IntxMessage",
             [](PcieRig& b) {
               TlpPtr tlp = b.write(0x1'0000'0000, 0);
               tlp->dw[0] = 0x3400'0000;  // Msg, routed to the root, no data
               tlp->dw[1] = PcieRig::kNic.value << 16 | 0x20;
               tlp->dw[2] = tlp->dw[3] = 0;
               tlp->payload_bytes = 0;
               b.from_device(std::move(tlp));
             }),
  };
}

RuleCases matching_cases() {
  return {
      device("P11", "ZeroLengthReadAnsweredWithMore",
             [](PcieRig& b) {
               const TlpPtr request = b.to_device(make_memory_read(b.pool, PcieRig::kRoot, 3, PcieRig::kBar, 0));
               b.from_device(b.data(*request, PcieRig::kBar, 8, 8));
             }),
      device("P13", "TagInUse",
             [](PcieRig& b) {
               b.from_device(b.read(7, 0x1000, 64));
               b.from_device(b.read(7, 0x2000, 64));
             }),
      device("P14", "EightBitTagsNotEnabled",
             [](PcieRig& b) {
               b.settings.extended_tags = false;
               b.from_device(b.read(32, 0x1000, 64));
             }),
      device("P15", "TagReusedBeforeTheLastByte",
             [](PcieRig& b) {
               const TlpPtr request = b.from_device(b.read(7, 0x1000, 128));
               b.to_device(b.data(*request, 0x1000, 64, 128));
               b.from_device(b.read(7, 0x2000, 64));
             }),
      host("P16", "CompletionNobodyAskedFor",
           [](PcieRig& b) { b.to_device(b.data(*b.read(9, 0x1000, 4), 0x1000, 4, 4)); }),
      host("P16", "CompletionTwice",
           [](PcieRig& b) {
             const TlpPtr request = b.from_device(b.read(9, 0x1000, 4));
             b.to_device(b.data(*request, 0x1000, 4, 4));
             b.to_device(b.data(*request, 0x1000, 4, 4));
           }),
      device("P16", "WrongRequester",
             [](PcieRig& b) {
               const TlpPtr request = b.to_device(b.register_read());
               send_spoilt(b, b.data(*request, PcieRig::kBar, 4, 4), [](auto& t) { t.dw[2] |= 0x0200'0000; });
             }),
      device("P16", "CompletionAfterTheTimeOut",
             [](PcieRig& b) {
               b.matching.set_timeout(sc_model::TlpDirection::kToDevice, {400 * sc_model::kPsPerUs, 500 * sc_model::kPsPerUs});
               const TlpPtr request = b.to_device(b.register_read());
               b.wait_us(500);
               b.from_device(b.data(*request, PcieRig::kBar, 4, 4));
             }),
      host("P17", "ReservedStatus",
           [](PcieRig& b) { b.to_device(b.status(*b.from_device(b.read(7, 0x1000, 64)), 5)); }),
      host("P17", "RetryOfAMemoryRead",
           [](PcieRig& b) { b.to_device(b.status(*b.from_device(b.read(7, 0x1000, 64)), 2)); }),
      device("P17", "ErrorWithData",
             [](PcieRig& b) {
               const TlpPtr request = b.to_device(b.register_read());
               send_spoilt(b, b.data(*request, PcieRig::kBar, 4, 4), [](auto& t) { t.dw[1] |= 1u << 13; });
             }),
      device("P18", "ByteCountOffByOne",
             [](PcieRig& b) {
               const TlpPtr request = b.to_device(b.register_read());
               b.from_device(b.data(*request, PcieRig::kBar, 4, 3));
             }),
      host("P19", "LowerAddressWrong",
           [](PcieRig& b) {
             const TlpPtr request = b.from_device(b.read(7, 0x1005, 8));
             TlpPtr reply = b.data(*request, 0x1005, 8, 8);
             reply->dw[2] ^= 0x40;
             b.to_device(std::move(reply));
           }),
      device("P18", "ByteCountOfAnError",
             [](PcieRig& b) {
               const TlpPtr request = b.to_device(b.register_read());
               send_spoilt(b, b.status(*request, 1), [](auto& t) { t.dw[1] ^= 0xC; });  // 4 becomes 8
             }),
      host("P18", "ByteCountOfAnErrorBehindTheFirstHalf",
           [](PcieRig& b) {
             const TlpPtr request = b.from_device(b.read(7, 0x1000, 128));
             b.to_device(b.data(*request, 0x1000, 64, 128));
             b.to_device(b.status(*request, 4));  // 128, and 64 are left
           }),
      device("P18", "ByteCountOfTheAnswerToAWrite",
             [](PcieRig& b) {
               const TlpPtr request = b.to_device(make_config_write(b.pool, PcieRig::kRoot, 2, PcieRig::kNic, 0x3C, 1, 6));
               send_spoilt(b, b.status(*request, 0), [](auto& t) { t.dw[1] &= ~0xFFFu; });
             }),
      device("P19", "LowerAddressOfAnError",
             [](PcieRig& b) {
               const TlpPtr request = b.to_device(b.register_read());
               send_spoilt(b, b.status(*request, 1), [](auto& t) { t.dw[2] ^= 0x40; });
             }),
      device("P19", "LowerAddressOfAZeroLengthRead",
             [](PcieRig& b) {
               const TlpPtr request = b.to_device(make_memory_read(b.pool, PcieRig::kRoot, 3, PcieRig::kBar, 0));
               send_spoilt(b, b.data(*request, PcieRig::kBar, 4, 1), [](auto& t) { t.dw[2] ^= 0x40; });
             }),
      host("P20", "CutOffTheBoundary",
           [](PcieRig& b) {
             const TlpPtr request = b.from_device(b.read(7, 0x1000, 128));
             b.to_device(b.data(*request, 0x1000, 32, 128));
           }),
      host("P21", "SecondPieceFirst",
           [](PcieRig& b) {
             const TlpPtr request = b.from_device(b.read(7, 0x1000, 128));
             b.to_device(b.data(*request, 0x1040, 64, 64));
           }),
      host("P22", "MoreDataThanAskedFor",
           [](PcieRig& b) {
             const TlpPtr request = b.from_device(b.read(7, 0x1000, 64));
             b.to_device(b.data(*request, 0x1000, 68, 64));
           }),
      device("P22", "SuccessWithoutData",
             [](PcieRig& b) { b.from_device(b.status(*b.to_device(b.register_read()), 0)); }),
      device("P23", "TrafficClassNotCopied",
             [](PcieRig& b) {
               const TlpPtr request = b.to_device(b.register_read());
               send_spoilt(b, b.data(*request, PcieRig::kBar, 4, 4), [](auto& t) { t.dw[0] |= 3u << 20; });
             }),
  };
}

}  // namespace

RuleCases pcie_cases() {
  RuleCases all = header_cases();
  for (const RuleCases& some : {matching_cases(), pcie_state_cases()}) all.insert(all.end(), some.begin(), some.end());
  return all;
}

}  // namespace ringside::testbench
