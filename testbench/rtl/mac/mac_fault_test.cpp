// Ordered sets of both kinds, each counted in its place whatever else stands in its beat: 802.3 clauses 46.3.4, 81.3.4.
#include "testbench/rtl/mac/mac_fixture.h"

namespace ringside::testbench {
namespace {

// Figures 46-9 and 81-9, a column at a time: four ordered sets of one kind in a row, fewer than 128 columns between two of
// them, are a fault; one of the other kind starts the row anew and leaves the fault that stands.
struct FaultMachine {
  uint8_t fault = 0;  // 1 local, 2 remote
  uint8_t kind = 0;
  unsigned sets = 0;
  void column(uint8_t set) {
    if (set == 0) return;
    sets = set == kind ? sets + 1 : 1;
    kind = set;
    if (sets >= 4) fault = kind;
  }
};

template <class Bench>
class MacFault : public MacFixture<Bench> {
 protected:
  static constexpr size_t kColumn = Bench::kBytes == 8 ? 4 : 8;

  // One column for each letter: L, R, or idle.
  static WireImage columns(const std::string& letters) {
    WireImage image;
    for (const char letter : letters) {
      WireImage column(kColumn, kIdle);
      if (letter != '.') {
        std::fill(column.begin() + 1, column.end(), Octet{0, false});
        column[0] = {0x9C, true};
        column[3] = {static_cast<uint8_t>(letter == 'L' ? 1 : 2), false};
      }
      image.insert(image.end(), column.begin(), column.end());
    }
    return image;
  }
  void play(const std::string& letters) {
    this->bench.put(columns(letters));
    while (!this->bench.to_wire.empty()) this->bench.run_core(1);
    this->bench.run_core(12);
    for (const char letter : letters) expected.column(letter == 'L' ? 1 : letter == 'R' ? 2 : 0);
  }
  void quiet() {  // ends a fault
    play(std::string(128 + 2 * Bench::kBytes / kColumn, '.'));
    expected = {};
  }
  void expect_as_the_standard_says(const std::string& letters) {
    const auto& model = this->bench.model();
    EXPECT_EQ(model.local_fault_o, expected.fault == 1) << letters;
    EXPECT_EQ(model.remote_fault_o, expected.fault == 2) << letters;
    EXPECT_EQ(model.link_up_o, expected.fault == 0) << letters;
  }
  FaultMachine expected;
};
TYPED_TEST_SUITE(MacFault, MacWidths);

TYPED_TEST(MacFault, KindsThatShareABeatAreCountedInTheirOrder) {
  for (const char* letters : {"LRLRLRLRLRLRLRLR", "RLRLRLRLRLRLRLRL", "LLLR", "RRRL", "LLLRLLLR", ".LLLRLL.", "LLRRRLLL",
                              "LLLLR...", "RRRRL...", "LLLLRRRR", "RRRRLLLL", ".RLLLL..", ".LRRRR..", "RRRLRRRL"}) {
    this->play(letters);
    this->expect_as_the_standard_says(letters);
    this->quiet();
    this->expect_as_the_standard_says("quiet");
  }
}

TYPED_TEST(MacFault, AnyOrderOfColumns) {
  for (int round = 0; round < 400; ++round) {
    std::string letters;
    const unsigned likely = this->bench.random()() % 100;
    for (int i = 0; i < 48; ++i) letters += this->bench.random_bit(20) ? '.' : this->bench.random_bit(likely) ? 'L' : 'R';
    if (round % 3 == 0) this->quiet();
    this->play(letters);
    this->expect_as_the_standard_says(letters);
    if (this->HasFailure()) return;
  }
}

}  // namespace
}  // namespace ringside::testbench
