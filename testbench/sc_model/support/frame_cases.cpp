// The device breaks its rules of frames and checksums, between wire and memory.
#include "testbench/sc_model/support/frame_rig.h"
#include "testbench/sc_model/support/rule_case.h"

namespace ringside::testbench {
namespace {

using sc_model::look_at;
using sc_model::Side;
using sc_model::ViolationLog;
namespace flag = regs::return_flags;
using Spoilt = FrameRig::Spoilt;

RuleCase device(const char* rule, const char* name, std::function<void(FrameRig&)> play) {
  return {rule, Side::kDevice, name, [play](ViolationLog& log) {
            FrameRig nic(log);
            play(nic);
            nic.settle();
          }};
}

// A good frame comes, and its verdict says the opposite of `bits`.
RuleCase verdict(const char* rule, const char* name, const PacketMould& mould, uint16_t bits = flag::kL4Good) {
  return device(rule, name, [mould, bits](FrameRig& nic) {
    const Octets f = FrameRig::packet(mould);
    nic.comes(f);
    nic.returned(f, look_at(f.data(), f.size()).flags ^ bits);
  });
}

// The packet leaves once as it should, and then with `value` in its checksum field; -1: with one bit of it changed.
RuleCase sent_wrong(const char* rule, const char* name, const PacketMould& mould, int value = -1,
                    std::function<void(PacketOrder&)> change = {}) {
  return device(rule, name, [=](FrameRig& nic) {
    const Octets f = FrameRig::packet(mould);
    PacketOrder order = FrameRig::order(mould);
    if (change) change(order);
    Octets packet = f, wire = f;
    const uint32_t field = FrameRig::layer4(mould) + order.csum_offset;
    // The pseudo header's sum is what makes the whole sum come out as it stands in the frame.
    packet[field] = packet[field + 1] = 0;
    const uint32_t rest = sc_model::internet_sum(packet.data() + order.csum_start, packet.size() - order.csum_start);
    const uint32_t whole = ~(uint32_t{f[field]} << 8 | f[field + 1]) & 0xFFFF;
    const uint32_t seed = whole >= rest ? whole - rest : whole + 0xFFFF - rest;
    packet[field] = static_cast<uint8_t>(seed >> 8);
    packet[field + 1] = static_cast<uint8_t>(seed);
    nic.asked(order, packet);
    nic.leaves(f);  // once as it should be
    nic.asked(order, packet);
    if (value >= 0) {
      wire[field] = static_cast<uint8_t>(value >> 8);
      wire[field + 1] = static_cast<uint8_t>(value);
    } else {
      wire[field] ^= 0x40;
    }
    nic.leaves(wire);
  });
}

PacketMould tcp() {
  PacketMould m;
  m.protocol = 6;
  return m;
}
template <typename Change>
PacketMould with(PacketMould m, Change change) {
  change(m);
  return m;
}

RuleCases source_cases() {
  return {
      device("E5", "LongerThanMaxFrameAndDelivered",
             [](FrameRig& nic) {
               const Octets f = FrameRig::packet(with({}, [](auto& m) { m.payload = 1473; }));
               nic.comes(f);
               nic.delivered(f);
             }),
      device("E6", "RuntDelivered",
             [](FrameRig& nic) {
               Octets f = FrameRig::packet(with({}, [](auto& m) { m.payload = 17; }));
               f.resize(59);
               nic.comes(f);
               nic.delivered(f);
             }),
      device("E7", "FrameWithAnErrorDelivered",
             [](FrameRig& nic) {
               nic.comes(FrameRig::packet(), Spoilt::kError);
               nic.delivered(FrameRig::packet());
             }),
      device("E7", "FrameWithAWrongFcsDelivered",
             [](FrameRig& nic) {
               nic.comes(FrameRig::packet(), Spoilt::kFcs);
               nic.delivered(FrameRig::packet());
             }),
      device("E8", "HalfAFrameDelivered",
             [](FrameRig& nic) {
               Octets f = FrameRig::packet();
               nic.comes(f);
               f.resize(80);
               nic.delivered(f);
             }),
      device("E11", "FrameForSomebodyElseDelivered",
             [](FrameRig& nic) {
               Octets f = FrameRig::packet();
               f[5] = 9;
               nic.comes(f);
               nic.delivered(f);
             }),
      device("E11", "MulticastPastTheHashFilter",
             [](FrameRig& nic) {
               Octets f = FrameRig::packet();
               f[0] = 1;
               nic.comes(f);
               nic.delivered(f);
             }),
      device("E12", "OctetsThatWereNotOnTheWire",
             [](FrameRig& nic) {
               Octets f = FrameRig::packet();
               nic.comes(f);
               std::reverse(f.begin() + 60, f.end());
               nic.delivered(f);
             }),
      device("E12", "FrameThatNobodyAskedFor", [](FrameRig& nic) { nic.leaves(FrameRig::packet()); }),
      device("E2", "OldDataInThePad",
             [](FrameRig& nic) {
               Octets f = FrameRig::packet(with({}, [](auto& m) { m.payload = 4; }));
               Octets packet(f.begin(), f.begin() + 46);
               nic.asked({}, packet);
               f[50] = 0x55;
               nic.leaves(f);
             }),
      device("E9", "FrameDuringThePause",
             [](FrameRig& nic) {
               nic.pause();
               nic.asked({}, FrameRig::packet());
               nic.now += 50 * sc_model::kPsPerUs;
               nic.leaves(FrameRig::packet());
             }),
      device("D17", "PacketNeverLeft",
             [](FrameRig& nic) {
               const Octets second = FrameRig::packet(with({}, [](auto& m) { m.payload = 64; }));
               nic.asked({}, FrameRig::packet());
               nic.asked({}, second);
               nic.leaves(second);
             }),
      device("D17", "NeverLeftLongAfterTheLinkWasFaulty",
             [](FrameRig& nic) {
               const Octets second = FrameRig::packet(with({}, [](auto& m) { m.payload = 64; }));
               nic.checker.on_link_fault({nic.tick(), 1});
               nic.now += sc_model::kPsPerMs;
               nic.asked({}, FrameRig::packet());
               nic.asked({}, second);
               nic.leaves(second);
             }),
      device("D17", "LastPacketNeverLeft",
             [](FrameRig& nic) {
               nic.asked({}, FrameRig::packet());
               nic.now += sc_model::kPsPerMs;
               nic.checker.audit(nic.now, nic.now, 0);
             }),
      device("D17", "FrameNeitherDeliveredNorCounted",
             [](FrameRig& nic) {
               nic.comes(FrameRig::packet());
               nic.comes(FrameRig::packet());
               nic.checker.audit(nic.now + sc_model::kPsPerMs, nic.now + sc_model::kPsPerMs, 1);
             }),
  };
}

RuleCases verdict_cases() {
  return {
      verdict("C2", "UdpWithoutAChecksumOverIpv4CalledBad", with({}, [](auto& m) { m.no_sum = true; }), flag::kL4Checked),
      verdict("C2", "UdpWithoutAChecksumOverIpv6CalledGood",
              with({}, [](auto& m) { m.version = 6, m.no_sum = true; })),
      verdict("C3", "UdpChecksumOfOnesCalledBad", with({}, [](auto& m) { m.sum_is = 0; })),
      verdict("C3", "TcpChecksumOfZeroCalledBad", with(tcp(), [](auto& m) { m.sum_is = 0; })),
      verdict("C4", "OddLengthCalledBad", with({}, [](auto& m) { m.payload = 101; })),
      verdict("C5", "PaddedPacketCalledBad", with({}, [](auto& m) { m.payload = 4; })),
      verdict("C6", "TwoTagsCalledBad", with({}, [](auto& m) { m.tags = 2; })),
      verdict("C7", "Ipv4OptionsCalledBad", with({}, [](auto& m) { m.ip_words = 15; }), flag::kIpGood),
      verdict("C7", "TcpOptionsCalledBad", with(tcp(), [](auto& m) { m.tcp_words = 15; })),
      verdict("C8", "FragmentChecked", with({}, [](auto& m) { m.fragment = 0x2000; }), flag::kL4Checked),
      verdict("C9", "ExtensionHeaderNotFollowed",
              with({}, [](auto& m) { m.version = 6, m.extension = true; }), flag::kL4Checked | flag::kL4Good | flag::kUdp),
      verdict("C12", "TrailerBehindThePacket", with({}, [](auto& m) { m.trailer = 20; })),
      verdict("C14", "SctpCalledChecked", with({}, [](auto& m) { m.protocol = 132; }), flag::kL4Checked),
      device("C15", "VerdictOfTheFrameBefore",
             [](FrameRig& nic) {
               const Octets bad = [] {
                 Octets f = FrameRig::packet(with({}, [](auto& m) { m.payload = 64; }));
                 f.back() ^= 1;
                 return f;
               }();
               nic.comes(bad);
               nic.comes(FrameRig::packet());
               nic.delivered(bad);
               nic.returned(FrameRig::packet(), look_at(bad.data(), bad.size()).flags);
             }),
      verdict("D11", "PlainPacketCalledBad", {}),
      device("C10", "RawSumWithoutItsCarry",
             [](FrameRig& nic) {
               const Octets f = FrameRig::packet();
               nic.comes(f);
               regs::ReturnEntry e{};
               e.flags = look_at(f.data(), f.size()).flags;
               e.raw_csum = static_cast<uint16_t>(sc_model::internet_sum(f.data() + 14, f.size() - 14) - 1);
               nic.checker.frame_returned(nic.tick(), 0, e, f);
             }),
      device("C6", "TagNotStripped",
             [](FrameRig& nic) {
               nic.checker.on_register(nic.now, regs::MacControl::address(), regs::MacControl::kResetValue | 1u << 7);
               const Octets f = FrameRig::packet(with({}, [](auto& m) { m.tags = 1; }));
               nic.comes(f);
               nic.delivered(f);
             }),
  };
}

RuleCases insertion_cases() {
  return {
      sent_wrong("C1", "UdpSumOfZeroSentAsZero", with({}, [](auto& m) { m.sum_is = 0; }), 0),
      sent_wrong("C4", "OddLengthSummedWrong", with({}, [](auto& m) { m.payload = 101; })),
      sent_wrong("C6", "TaggedPacketSummedWrong", with({}, [](auto& m) { m.tags = 1; })),
      sent_wrong("C7", "TcpOptionsSummedWrong", with(tcp(), [](auto& m) { m.tcp_words = 8; })),
      sent_wrong("C9", "ExtensionHeaderSummedWrong", with({}, [](auto& m) { m.version = 6, m.extension = true; })),
      sent_wrong("C10", "PlainPacketSummedWrong", {}),
      sent_wrong("C11", "FieldAtTheEndSummedWrong", with({}, [](auto& m) { m.payload = 0, m.version = 6; })),
      sent_wrong("C13", "PacketOfTwoDescriptorsSummedWrong", {}, -1, [](PacketOrder& o) { o.descriptors = 2; }),
      device("C11", "FieldPastTheEndSent",
             [](FrameRig& nic) {
               PacketOrder order;
               order.csum = true;
               order.csum_start = 140;
               order.csum_offset = 6;
               nic.asked(order, FrameRig::packet());
               nic.leaves(FrameRig::packet());
             }),
      device("C14", "SctpChanged",
             [](FrameRig& nic) {
               Octets f = FrameRig::packet(with({}, [](auto& m) { m.protocol = 132; }));
               nic.asked({}, f);
               f[45] ^= 1;
               nic.leaves(f);
             }),
      device("C15", "SumPutInWhereNoneWasAskedFor",
             [](FrameRig& nic) {
               const Octets f = FrameRig::packet();
               PacketOrder order = FrameRig::order({});
               nic.asked(order, f);
               nic.leaves(frames_of(order, f)[0]);
               nic.asked({}, f);
               nic.leaves(frames_of(order, f)[0]);
             }),
      {"C8", Side::kDriver, "ChecksumAskedForInAFragment",
       [](ViolationLog& log) {
         FrameRig nic(log);
         nic.asked(FrameRig::order({}), FrameRig::packet(with({}, [](auto& m) { m.fragment = 0x2000; })));
       }},
  };
}

// All of the above with nothing wrong.
void right(FrameRig& nic) {
  std::vector<PacketMould> moulds = {{}, tcp()};
  for (unsigned i = 0; i < 2; ++i) {
    const PacketMould m = moulds[i];
    for (auto change : std::initializer_list<void (*)(PacketMould&)>{
             [](PacketMould& p) { p.payload = 101; }, [](PacketMould& p) { p.payload = 2; }, [](PacketMould& p) { p.tags = 2; },
             [](PacketMould& p) { p.ip_words = 15; }, [](PacketMould& p) { p.tcp_words = 15; },
             [](PacketMould& p) { p.fragment = 0x2000; }, [](PacketMould& p) { p.version = 6; },
             [](PacketMould& p) { p.version = 6, p.extension = true; }, [](PacketMould& p) { p.sum_is = 0; },
             [](PacketMould& p) { p.trailer = 9; }, [](PacketMould& p) { p.protocol = 132; }})
      moulds.push_back(with(m, change));
  }
  for (const PacketMould& m : moulds) {
    const Octets f = FrameRig::packet(m);
    nic.comes(f);
    nic.delivered(f);
    nic.asked({}, f);
    nic.leaves(f);
    if (m.fragment != 0 || m.protocol == 132) continue;
    nic.asked(FrameRig::order(m), f);
    nic.leaves(frames_of(FrameRig::order(m), f)[0]);
  }
}

}  // namespace

RuleCases frame_cases() {
  RuleCases all = source_cases();
  for (const RuleCases& some : {verdict_cases(), insertion_cases()}) all.insert(all.end(), some.begin(), some.end());
  return all;
}

RuleCases legal_frame_cases() {
  return {
      device("", "FramesBothWays", right),
      device("", "TheLinkIsFaultyAndFramesAreThrownAway",
             [](FrameRig& nic) {
               const Octets second = FrameRig::packet(with({}, [](auto& m) { m.payload = 64; }));
               nic.asked({}, FrameRig::packet());
               nic.checker.on_link_fault({nic.tick(), 1});
               nic.asked({}, FrameRig::packet());
               nic.now += sc_model::kPsPerMs;
               nic.asked({}, second);
               nic.leaves(second);
             }),
      device("", "BadFramesAreDropped",
             [](FrameRig& nic) {
               nic.comes(FrameRig::packet(), Spoilt::kFcs);
               nic.comes(FrameRig::packet(), Spoilt::kError);
               nic.comes(FrameRig::packet());
               nic.delivered(FrameRig::packet());
               nic.checker.audit(nic.now + sc_model::kPsPerMs, nic.now + sc_model::kPsPerMs, 3);
             }),
      device("", "FramesBeforeReceivingIsOnAreNobodys",
             [](FrameRig& nic) {
               nic.checker.on_register(nic.now, regs::Control::address(), 0);
               nic.comes(FrameRig::packet());
               nic.now += 100 * sc_model::kPsPerUs;
               nic.checker.on_register(nic.now, regs::Control::address(), regs::Control::kRxEnable.mask());
               nic.comes(FrameRig::packet());
               nic.delivered(FrameRig::packet());
               nic.checker.audit(nic.now + sc_model::kPsPerMs, nic.now + sc_model::kPsPerMs, 1);
             }),
      device("", "ThePauseHoldsTheLastPacketBack",
             [](FrameRig& nic) {
               nic.pause();
               nic.asked({}, FrameRig::packet());
               nic.now += 200 * sc_model::kPsPerUs;
               nic.checker.audit(nic.now, nic.now, 1);
             }),
      device("", "TheLastPacketIsOnItsWay",
             [](FrameRig& nic) {
               nic.asked({}, FrameRig::packet());
               nic.tick();
               nic.checker.audit(nic.now, nic.now, 0);
             }),
      device("", "SegmentsLeaveBeforeTheirPacketIsRead",
             [](FrameRig& nic) {
               PacketMould m = tcp();
               m.payload = 1000;
               const Octets packet = FrameRig::packet(m);
               PacketOrder order = FrameRig::order(m);
               order.tso = true;
               order.ip_start = 14;
               order.header_length = 54;
               order.mss = 400;
               const auto frames = frames_of(order, packet);
               const sc_model::TimePs asked = nic.tick();
               nic.leaves(frames[0]);
               nic.read(order, packet, asked);
               nic.leaves(frames[1]);
               nic.leaves(frames[2]);
             }),
      device("", "AnswerToAPauseThatIsOver",
             [](FrameRig& nic) {
               nic.pause();
               nic.asked({}, FrameRig::packet());
               nic.now += 250 * sc_model::kPsPerUs;  // 4096 quanta are 210 us
               nic.leaves(FrameRig::packet());
             }),
  };
}

}  // namespace ringside::testbench
