// The device breaks its rules of frames on the wire, seen by the decoder where the wire can show it; and of registers.
#include "sc_model/check_ethernet.h"
#include "sc_model/check_ring_registers.h"
#include "testbench/sc_model/support/frames.h"
#include "testbench/sc_model/support/rule_case.h"

namespace ringside::testbench {
namespace {

using namespace sc_model;

// XGMII words of a sender, through the decoder to the checker.
struct WireRig {
  explicit WireRig(ViolationLog& log) : checker("wire", log) { list.add(&checker); }
  void feed(const std::vector<XgmiiWord>& words) {
    for (const XgmiiWord& w : words) {
      if (!w.idle()) decoder.word(at, w);
      at += 6400;
    }
  }
  ObserverList list;
  EthernetChecker checker;
  FrameDecoder decoder{6400, FrameStage::kSent, 0, list};
  TimePs at = 0;
};

RuleCase device(const char* rule, const char* name, std::function<void(WireRig&)> play) {
  return {rule, Side::kDevice, name, [play](ViolationLog& log) {
            WireRig wire(log);
            play(wire);
          }};
}

std::vector<uint8_t> arp(uint8_t pad) {
  std::vector<uint8_t> frame(60, 0);
  frame[12] = 0x08;
  frame[13] = 0x06;
  for (size_t i = 42; i < 60; ++i) frame[i] = pad;
  const uint32_t fcs = crc32(frame.data(), frame.size());
  for (unsigned i = 0; i < 4; ++i) frame.push_back(static_cast<uint8_t>(fcs >> (8 * i)));
  return frame;
}

// Deficit idle count: gaps of 9 are legal when longer ones make up for them, not one after the other.
void short_gaps(WireRig& wire) {
  for (int i = 0; i < 5; ++i) wire.feed(frame_to_words(make_frame(67, 3)));  // /T/ in lane 7, and one idle word: 9
}

// A frame with an error character in the word `at`.
std::vector<XgmiiWord> aborted(const std::vector<uint8_t>& frame, size_t at) {
  auto words = frame_to_words(frame);
  words[at].data = (words[at].data & ~uint64_t{0xFF}) | 0xFE;
  words[at].control |= 1;
  return words;
}

// Registers at the pins.
struct RegisterRig {
  explicit RegisterRig(ViolationLog& log) : checker("a.nic", settings, log) { settings.bar0 = 0xE000'0000; }
  void write(uint32_t offset, const void* data, uint32_t bytes) {
    tell(TlpDirection::kToDevice, *make_memory_write(pool, PciId{}, settings.bar0 + offset, data, bytes));
  }
  void reads(uint32_t offset, uint32_t value) {
    const TlpPtr request = make_memory_read(pool, PciId{}, 1, settings.bar0 + offset, 4);
    tell(TlpDirection::kToDevice, *request);
    const TlpPtr reply = make_completion_data(pool, PciId::of(1, 0, 0), *request, settings.bar0 + offset, 4, 4);
    std::memcpy(reply->payload, &value, 4);
    tell(TlpDirection::kFromDevice, *reply);
  }
  void tell(TlpDirection direction, const Tlp& tlp) { checker.on_tlp({now += 4000, direction, &tlp}); }
  TlpPool pool;
  PcieSettings settings;
  RegisterChecker checker;
  TimePs now = 0;
};

RuleCase registers(const char* rule, const char* name, void (*play)(RegisterRig&)) {
  return {rule, Side::kDevice, name, [play](ViolationLog& log) {
            RegisterRig rig(log);
            play(rig);
          }};
}
constexpr uint32_t kScratch = map::Scratch::address(), kWord = 0x1234'5678;

}  // namespace

RuleCases ethernet_cases() {
  return {
      device("E1", "PreambleOctetMissing",
             [](WireRig& wire) {
               auto words = frame_to_words(make_frame(60, 3));
               words[0].data = 0xD555'5555'5555'55FBull ^ 0x0100ull;  // one octet is 54
               wire.feed(words);
             }),
      device("E1", "NoTerminateCharacter",
             [](WireRig& wire) {
               auto words = frame_to_words(make_frame(60, 3));
               words[9] = XgmiiWord{};  // 8 octets of start, 64 of frame, then /T/
               wire.feed(words);
               wire.feed({XgmiiWord{}});
               wire.feed(frame_to_words(make_frame(60, 3)));
             }),
      device("E2", "PadOctetsNotZero", [](WireRig& wire) { wire.feed(frame_to_words(arp(7))); }),
      device("E3", "WrongFcs",
             [](WireRig& wire) {
               auto frame = make_frame(100, 3);
               frame.back() ^= 0x80;
               wire.feed(frame_to_words(frame));
             }),
      device("E4", "GapsThatAreShortOnAverage", short_gaps),
      device("E5", "LongerThanAJumboFrame", [](WireRig& wire) { wire.feed(frame_to_words(make_frame(9019, 3))); }),
      device("E6", "Runt", [](WireRig& wire) { wire.feed(frame_to_words(make_frame(59, 3))); }),
      device("E13", "AbortedFrameWithAGoodFcs",
             [](WireRig& wire) {
               std::vector<uint8_t> frame = make_frame(100, 3);
               frame[16] = 0xFE;  // the octet that the error character stands for
               frame.resize(100);
               const uint32_t fcs = crc32(frame.data(), frame.size());
               for (unsigned i = 0; i < 4; ++i) frame.push_back(static_cast<uint8_t>(fcs >> (8 * i)));
               wire.feed(aborted(frame, 3));
             }),
      device("E13", "FrameGivenUpAsARunt", [](WireRig& wire) { wire.feed(aborted(make_frame(30, 3), 3)); }),
      registers("P40", "PartOfAWriteLost",
                [](RegisterRig& r) {
                  r.write(kScratch, &kWord, 4);
                  r.write(kScratch + 1, "\xAA", 1);
                  r.reads(kScratch, kWord);
                }),
      registers("P40", "ByteEnablesIgnored",
                [](RegisterRig& r) {
                  r.write(kScratch, &kWord, 4);
                  r.write(kScratch + 1, "\xAA", 1);
                  r.reads(kScratch, 0x0000'AA00);
                }),
      registers("P40", "SecondDwOfAWriteLost",
                [](RegisterRig& r) {
                  const uint32_t two[2] = {1, 2};
                  r.write(map::MacAddr::address() - 4, two, 8);
                  r.reads(map::MacAddr::address(), 0);
                }),
  };
}

RuleCases legal_ethernet_cases() {
  return {
      device("", "GoodFramesOfAllLengths",
             [](WireRig& wire) {
               wire.feed(frame_to_words(arp(0)));
               for (size_t length = 60; length < 80; ++length) {
                 wire.feed(frame_to_words(make_frame(length, 3)));
                 wire.feed({XgmiiWord{}});
               }
               wire.feed(frame_to_words(make_frame(9018, 3)));
             }),
      device("", "ALongerGapPaysTheDeficitBack",
             [](WireRig& wire) {
               for (int i = 0; i < 10; ++i) {
                 wire.feed(frame_to_words(make_frame(67, 3)));
                 if (i % 2 == 1) wire.feed({XgmiiWord{}});
               }
             }),
      device("", "AFrameGivenUp", [](WireRig& wire) { wire.feed(aborted(make_frame(100, 3), 3)); }),
      registers("", "RegistersHoldWhatIsWritten",
                [](RegisterRig& r) {
                  r.write(kScratch, &kWord, 4);
                  r.reads(kScratch, kWord);
                  r.write(kScratch + 1, "\xAA", 1);
                  r.reads(kScratch, 0x1234'AA78);
                  const uint32_t one = 1;
                  r.write(map::Reset::address(), &one, 4);
                  r.reads(kScratch, 0);
                }),
      registers("", "AReadWithoutAnAnswerAndItsTagUsedAgain",
                [](RegisterRig& r) {
                  r.write(kScratch, &kWord, 4);
                  r.tell(TlpDirection::kToDevice, *make_memory_read(r.pool, PciId{}, 1, r.settings.bar0 + kScratch, 4));
                  const TlpPtr request = make_config_read(r.pool, PciId{}, 1, PciId::of(1, 0, 0), 0, 4);
                  r.tell(TlpDirection::kToDevice, *request);
                  r.tell(TlpDirection::kFromDevice,
                         *make_completion_data(r.pool, PciId::of(1, 0, 0), *request, 0, 4, 4));
                }),
  };
}

}  // namespace ringside::testbench
