// The console's words: lines into commands, breakpoints from words and against events, where a run stops, registers and
// entries in the map's words. Without a simulation.
#include <gtest/gtest.h>

#include <cstring>

#include "driver/nic_regs.h"
#include "testbench/program/console/breakpoint.h"
#include "testbench/program/console/command.h"
#include "testbench/program/console/completion.h"
#include "testbench/program/console/frame_order.h"
#include "testbench/program/console/line_editor.h"
#include "testbench/program/console/map_words.h"
#include "testbench/program/console/stepper.h"

namespace ringside::testbench {
namespace {

using sc_model::kPsPerUs;
using sc_model::TimePs;

const std::array<std::string, 2> kHosts = {"h0", "h1"};

template <typename Call>
std::string complaint(Call&& call) {
  try {
    call();
  } catch (const CommandError& error) {
    return error.what();
  }
  return "";
}

std::string complaint_of(const std::string& line) {
  return complaint([&] { parse_command(line); });
}

// ---------------------------------------------------------------- commands

TEST(Command, NamesMayBeShortenedWhileTheyAreUnambiguous) {
  EXPECT_EQ(parse_command("continue").info->verb, Verb::kContinue);
  EXPECT_EQ(parse_command("cont").info->verb, Verb::kContinue);
  EXPECT_EQ(parse_command("c").info->verb, Verb::kContinue);
  EXPECT_EQ(parse_command("ring tx 0").info->verb, Verb::kRing);  // though rings begins with it
  EXPECT_EQ(parse_command("rings").info->verb, Verb::kRings);
  EXPECT_EQ(complaint_of("co"), "co: continue or counters?");
}

TEST(Command, WordsAreWhatFollowsUpToAComment) {
  const Command command = parse_command("  step  frame 3   # three of them");
  EXPECT_EQ(command.words, (std::vector<std::string>{"frame", "3"}));
  EXPECT_EQ(parse_command("").info, nullptr);
  EXPECT_EQ(parse_command("# nothing").info, nullptr);
}

TEST(Command, AnUnknownOneGetsTheNearestName) {
  EXPECT_EQ(complaint_of("regsters"), "no command \"regsters\": did you mean registers?");
  EXPECT_EQ(complaint_of("breka rule D3"), "no command \"breka\": did you mean break?");
  EXPECT_EQ(complaint_of("xyzzyplugh"), "no command \"xyzzyplugh\" (help lists them)");
}

TEST(Command, PickTellsWhatThereIs) {
  const std::vector<std::string> names = {"tx", "rx", "ret"};
  EXPECT_EQ(pick("ring ", "re", names), 2u);
  EXPECT_EQ(complaint([&] { pick("ring ", "r", names); }), "ring r: rx or ret?");
  EXPECT_EQ(complaint([&] { pick("ring ", "", names); }), "ring what? tx, rx, ret");
}

TEST(Command, NumbersAreDecimalOrHexadecimalAndNothingElse) {
  EXPECT_EQ(parse_number("", "17"), 17u);
  EXPECT_EQ(parse_number("", "0x1F"), 31u);
  for (const char* wrong : {"", "0x", "1x", "-1", "99999999999999999999"})
    EXPECT_NE(complaint([&] { parse_number("n ", wrong); }), "") << wrong;
}

// ---------------------------------------------------------------- breakpoints

ConsoleEvent write_of(uint32_t address, uint64_t value, uint8_t host = 0) {
  ConsoleEvent event;
  event.kind = EventKind::kRegister;
  event.write = true;
  event.address = address;
  event.value = value;
  event.host = host;
  return event;
}

TEST(Breakpoint, ARegisterByNameIndexValueAndHost) {
  const uint32_t doorbell1 = driver::regs::TxProdIdx::address(1);
  const Breakpoint any = parse_breakpoint({"register", "tx_prod_idx"}, kHosts);
  EXPECT_TRUE(any.matches(write_of(doorbell1, 3)));
  const Breakpoint narrow = parse_breakpoint({"reg", "TX_PROD_IDX[1]=0x3", "h1"}, kHosts);
  EXPECT_EQ(narrow.text, "register TX_PROD_IDX[1]=0x3 h1");
  EXPECT_EQ(parse_breakpoint({"register", "TX_PROD_IDX[1]", "=", "3", "h1"}, kHosts).text, narrow.text);
  EXPECT_TRUE(narrow.matches(write_of(doorbell1, 3, 1)));
  EXPECT_FALSE(narrow.matches(write_of(doorbell1, 4, 1)));
  EXPECT_FALSE(narrow.matches(write_of(doorbell1, 3, 0)));
  EXPECT_FALSE(narrow.matches(write_of(driver::regs::TxProdIdx::address(0), 3, 1)));
  ConsoleEvent read = write_of(doorbell1, 3, 1);
  read.write = false;
  EXPECT_FALSE(narrow.matches(read));
}

TEST(Breakpoint, AStepOfThePathIsItsFirstPart) {
  const Breakpoint b = parse_breakpoint({"step", "T8", "17"}, kHosts);
  ConsoleEvent event;
  event.kind = EventKind::kStep;
  event.step = JourneyStep::kFetch;
  event.number = 17;
  EXPECT_TRUE(b.matches(event));
  event.number = 18;
  EXPECT_FALSE(b.matches(event));
  event.number = 17;
  event.step = JourneyStep::kInNic;
  EXPECT_FALSE(b.matches(event));
  EXPECT_TRUE(parse_breakpoint({"step", "in_nic"}, kHosts).matches(event));
}

TEST(Breakpoint, ARule) {
  ConsoleEvent event;
  event.kind = EventKind::kRule;
  event.rule = "D13";
  EXPECT_TRUE(parse_breakpoint({"rule", "d13"}, kHosts).matches(event));
  EXPECT_TRUE(parse_breakpoint({"rule", "any"}, kHosts).matches(event));
  EXPECT_FALSE(parse_breakpoint({"rule", "D1"}, kHosts).matches(event));
}

TEST(Breakpoint, WhatIsWrongIsNamed) {
  const auto wrong = [](std::vector<std::string> words) { return complaint([&] { parse_breakpoint(words, kHosts); }); };
  EXPECT_EQ(wrong({"register", "TX_PROD"}),
            "break register TX_PROD: the map has no such register (did you mean TX_PROD_IDX?)");
  EXPECT_NE(wrong({"register", "TX_PROD_IDX[9]"}), "");
  EXPECT_EQ(wrong({"rule", "D99"}), "break rule D99: there is none; rules are P1 to P46, R, D, I, E and C");
  EXPECT_EQ(wrong({"regster", "X"}), "break regster: did you mean register?");
  EXPECT_NE(wrong({"step", "T99"}).find("followed at T1 T2"), std::string::npos);
  EXPECT_NE(wrong({"step", "T99"}).back(), ' ');
  EXPECT_NE(wrong({"frame", "0"}), "");
  EXPECT_NE(wrong({"time", "soon"}), "");
  EXPECT_NE(wrong({"time"}), "");
  EXPECT_NE(wrong({}), "");
  EXPECT_NE(wrong({"rule", "any", "of", "them"}), "");
}

// ---------------------------------------------------------------- stopping

ConsoleEvent tlp_at(TimePs at, const char* text) {
  ConsoleEvent event;
  event.at = at;
  event.text = text;
  return event;
}

TEST(Stepper, EventsStopInTheOrderOfTimeHoweverTheyAreTold) {
  Stepper stepper;
  stepper.go({sc_model::kNever, 1, 0, true});
  EXPECT_TRUE(stepper.tell(tlp_at(20 * kPsPerUs, "later"), 0));
  EXPECT_TRUE(stepper.tell(tlp_at(10 * kPsPerUs, "sooner"), 0));
  EXPECT_FALSE(stepper.pass(0).has_value());
  EXPECT_EQ(stepper.next_stop(0), 10 * kPsPerUs);
  EXPECT_EQ(*stepper.pass(10 * kPsPerUs), "     10.000 us  sooner");
  stepper.go({sc_model::kNever, 1, 0, true});
  EXPECT_FALSE(stepper.pass(10 * kPsPerUs).has_value());
  EXPECT_EQ(stepper.next_stop(10 * kPsPerUs), 20 * kPsPerUs);
  EXPECT_EQ(*stepper.pass(20 * kPsPerUs), "     20.000 us  later");
}

TEST(Stepper, WhatIsToldLateStopsAtOnceWithItsOwnTime) {
  Stepper stepper;
  stepper.go({sc_model::kNever, 1, 0, true});
  EXPECT_TRUE(stepper.tell(tlp_at(5 * kPsPerUs, "a frame"), 7 * kPsPerUs));
  EXPECT_EQ(*stepper.pass(7 * kPsPerUs), "      5.000 us  a frame");
}

TEST(Stepper, TimeStopsItAndABreakpointSooner) {
  Stepper stepper;
  stepper.breakpoints().add(parse_breakpoint({"time", "3us"}, kHosts));
  stepper.go({10 * kPsPerUs, 0, 0, true});
  EXPECT_EQ(stepper.next_stop(0), 3 * kPsPerUs);
  EXPECT_EQ(*stepper.pass(3 * kPsPerUs), "breakpoint 1: time 3us");
  EXPECT_FALSE(stepper.pass(4 * kPsPerUs).has_value());  // once
  EXPECT_EQ(stepper.next_stop(4 * kPsPerUs), 10 * kPsPerUs);
  EXPECT_EQ(*stepper.pass(10 * kPsPerUs), "");
}

TEST(Stepper, WhatANicHasRunAheadToIsNotLostAtTheEnd) {
  Stepper stepper;
  stepper.breakpoints().add(parse_breakpoint({"register", "CONTROL"}, kHosts));
  stepper.breakpoints().add(parse_breakpoint({"time", "3us"}, kHosts));
  stepper.go({});
  stepper.tell(write_of(driver::regs::Control::address(), 3), 0);
  stepper.tell(tlp_at(kPsPerUs, "to come"), 0);
  EXPECT_EQ(stepper.pass_rest().size(), 1u);
  EXPECT_EQ(stepper.history().size(), 2u);
}

TEST(Stepper, FinishPassesBreakpoints) {
  Stepper stepper;
  stepper.breakpoints().add(parse_breakpoint({"register", "CONTROL"}, kHosts));
  stepper.go({sc_model::kNever, 0, 0, false});
  EXPECT_FALSE(stepper.tell(write_of(driver::regs::Control::address(), 3), 0));
  EXPECT_FALSE(stepper.pass(kPsPerUs).has_value());
  EXPECT_EQ(stepper.history().size(), 1u);
}

TEST(Stepper, FramesOfOneLargePacketStopOnce) {
  Stepper stepper;
  stepper.breakpoints().add(parse_breakpoint({"step", "T7"}, kHosts));
  stepper.go({});
  ConsoleEvent event;
  event.kind = EventKind::kStep;
  event.step = JourneyStep::kPosted;
  event.at = kPsPerUs;
  for (event.number = 1; event.number <= 3; ++event.number) EXPECT_TRUE(stepper.tell(event, 0));
  EXPECT_NE(stepper.pass(kPsPerUs)->find("(and 2 more frames of that packet)"), std::string::npos);
  EXPECT_FALSE(stepper.pass(kPsPerUs).has_value());
  EXPECT_EQ(stepper.breakpoints().list()[0].hits, 1u);
}

TEST(FrameOrder, ALongFrameThatBeganBeforeAShortOneIsNumberedBeforeIt) {
  FrameOrder order(1200);
  order.add({500, 1, "short", 0});  // told first: it ended first
  EXPECT_FALSE(order.next(600).has_value());
  EXPECT_EQ(order.next_at(), 1700u);
  order.add({0, 0, "long", 0});
  EXPECT_EQ(order.next(1200)->text, "long");
  EXPECT_FALSE(order.next(1200).has_value());
  EXPECT_EQ(order.next(1700)->number, 2u);
}

TEST(Times, ShowPicosecondsOnlyWhenThereAreAny) {
  EXPECT_EQ(time_words(170'234'000), "170.234 us");
  EXPECT_EQ(time_words(170'234'001), "170.234001 us");
}

// ---------------------------------------------------------------- editing a line

constexpr const char* kUp = "\x1b[A";
constexpr const char* kLeft = "\x1b[D";

// The line after these keys.
std::string typed(LineEditor& editor, const std::string& keys) {
  for (const char key : keys) editor.key(key);
  return editor.text();
}

TEST(LineEditor, LettersGoInAtTheCursorAndOut) {
  LineEditor editor(completions);
  editor.begin();
  EXPECT_EQ(typed(editor, std::string("stp") + kLeft + "e"), "step");
  EXPECT_EQ(typed(editor, "\x05 10us"), "step 10us");
  EXPECT_EQ(typed(editor, "\x7f\x7f"), "step 10");
  EXPECT_EQ(typed(editor, "\x17"), "step ");
  EXPECT_EQ(typed(editor, std::string("\x01") + "\x1b[3~"), "tep ");
  EXPECT_EQ(typed(editor, "\x0b"), "");
  EXPECT_EQ(editor.key(4), LineEditor::Result::kEnd);
}

TEST(LineEditor, EarlierLinesComeBackAndTheNewOneIsKept) {
  LineEditor editor(completions);
  for (const char* line : {"where\n", "rings\n", "rings\n"}) {
    editor.begin();
    typed(editor, line);
  }
  editor.begin();
  EXPECT_EQ(typed(editor, std::string("st") + kUp), "rings");
  EXPECT_EQ(typed(editor, kUp), "where");
  EXPECT_EQ(typed(editor, kUp), "where");
  EXPECT_EQ(typed(editor, "\x1b[B\x1b[B"), "st");
}

TEST(LineEditor, TabCompletesAsFarAsItIsCertain) {
  LineEditor editor(completions);
  editor.begin();
  EXPECT_EQ(typed(editor, "br\treg\ttx_pr\t"), "break register TX_PROD_IDX ");
  editor.begin();
  EXPECT_EQ(typed(editor, "br\trul\td19\t"), "break rule D19 ");
  editor.begin();
  EXPECT_EQ(typed(editor, "ri\t"), "ring");
  EXPECT_EQ(editor.take_choices(), std::vector<std::string>{});
  EXPECT_EQ(typed(editor, "\t"), "ring");
  EXPECT_EQ(editor.take_choices(), (std::vector<std::string>{"rings", "ring"}));
  editor.begin();
  EXPECT_EQ(typed(editor, "nonsense \t"), "nonsense ");
}

TEST(LineEditor, ALongLineIsShownRoundTheCursor) {
  LineEditor editor(completions);
  editor.begin();
  typed(editor, "0123456789");
  EXPECT_EQ(editor.draw("> ", 80), "\r> 0123456789\x1b[K\r\x1b[12C");
  EXPECT_EQ(editor.draw("> ", 8), "\r> 56789\x1b[K\r\x1b[7C");
}

// ---------------------------------------------------------------- the map

TEST(MapWords, FieldsOfARegister) {
  EXPECT_EQ(field_words("CONTROL", 2), "tx_enable 0, rx_enable 1");
  EXPECT_EQ(field_words("PAUSE_THRESHOLD", 0x40002000), "low 8192, high 16384");
  EXPECT_EQ(field_words("TX_ERROR", 4), "reason 4 (timeout)");
  EXPECT_EQ(field_words("SCRATCH", 4), "");
}

TEST(MapWords, RegistersByPattern) {
  const std::vector<RegisterPlace> two = registers_named("tx_prod_idx", 2);
  ASSERT_EQ(two.size(), 2u);
  EXPECT_EQ(two[1].name, "TX_PROD_IDX[1]");
  EXPECT_EQ(two[1].address, driver::regs::TxProdIdx::address(1));
  const std::vector<RegisterPlace> wide = registers_named("TX_BASE[0]", 1);
  ASSERT_EQ(wide.size(), 1u);
  EXPECT_EQ(wide[0].high, wide[0].address + 4);
  EXPECT_TRUE(registers_like("nothing_like_it", 1).empty());
  for (const RegisterPlace& place : registers_like("", 1)) EXPECT_LT(place.address, 0x8000u) << place.name;
}

TEST(MapWords, EntriesFieldByField) {
  driver::regs::TxDescriptor descriptor = {};
  descriptor.address = 0x1000;
  descriptor.length = 60;
  descriptor.flags = driver::regs::tx_flags::kEop | driver::regs::tx_flags::kCsum;
  uint8_t bytes[sizeof descriptor];
  std::memcpy(bytes, &descriptor, sizeof bytes);
  std::vector<std::string> lines = layout_words(Layout::kTxDescriptor, bytes);
  EXPECT_EQ(lines[0], "tx_descriptor");
  EXPECT_EQ(lines[1], "  address        0x1000");
  EXPECT_EQ(lines[2], "  length         60 bytes");
  EXPECT_EQ(lines[3], "  flags          0x3: eop csum");
  bytes[10] |= driver::regs::tx_flags::kExtension;
  EXPECT_EQ(layout_words(Layout::kTxDescriptor, bytes)[0], "tx_extension");
}

}  // namespace
}  // namespace ringside::testbench
