// Length x address offset x gaps x back-pressure x completion splitting, sending, receiving and both, against the
// model.
//
// The axes make 131 x 16 x 2 x 4 x 3 places. Quick runs go to two of every length x offset, such that every pair of
// axes is covered, and every length and every offset meets every mixture of the other three. RINGSIDE_NIGHTLY goes
// everywhere. What was reached is counted, printed, and has to be what is promised here.
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <set>
#include <utility>

#include "testbench/rtl/nic/fixture.h"
#include "testbench/rtl/nic/traffic.h"

namespace ringside::testbench::nic {
namespace {

enum class Gaps { kNone, kRandom };
enum class Pressure { kNone, kRandomReady, kBurstsOfReady, kFewCredits };

struct Case {
  Split split;
  Pressure pressure;
  Gaps gaps;
  std::string name() const {
    static const char* const splits[] = {"whole", "every RCB", "random RCB"};
    static const char* const pressures[] = {"no pressure", "random ready", "bursts of ready", "few credits"};
    return std::string(splits[static_cast<int>(split)]) + ", " + pressures[static_cast<int>(pressure)] +
           (gaps == Gaps::kNone ? ", no gaps" : ", random gaps");
  }
};

std::vector<Case> all_cases() {
  std::vector<Case> all;
  for (const Split split : {Split::kNone, Split::kRcb, Split::kRandom})
    for (const Pressure pressure :
         {Pressure::kNone, Pressure::kRandomReady, Pressure::kBurstsOfReady, Pressure::kFewCredits})
      for (const Gaps gaps : {Gaps::kNone, Gaps::kRandom}) all.push_back({split, pressure, gaps});
  return all;
}

std::vector<unsigned> all_lengths() {
  std::vector<unsigned> all;
  for (unsigned length = 1; length <= 129; ++length) all.push_back(length);
  all.push_back(1514);
  all.push_back(9000);
  return all;
}

std::vector<unsigned> all_offsets() {
  std::vector<unsigned> all;
  for (unsigned offset = 0; offset < 8; ++offset) all.push_back(offset);
  for (unsigned offset = 4096 - 8; offset < 4096; ++offset) all.push_back(offset);
  return all;
}

bool nightly() {
  return std::getenv("RINGSIDE_NIGHTLY") != nullptr;
}

// Which length and offset meet in which case, by their numbers. 5 and 7 have no divisor in common with the 24 cases, so
// a length's 32 places reach all of them, and so do an offset's 262.
bool meets(size_t length, size_t offset, size_t number) {
  const size_t cases = all_cases().size(), first = (5 * length + 7 * offset) % cases;
  return nightly() || number == first || number == (first + cases / 2) % cases;
}

// What was reached, of what there is.
class Coverage {
 public:
  void reach(size_t length, size_t offset, size_t number) {
    length_offset_.insert({length, offset});
    length_case_.insert({length, number});
    offset_case_.insert({offset, number});
    ++places_;
  }
  void report(const char* direction) const {
    const size_t lengths = all_lengths().size(), offsets = all_offsets().size(), cases = all_cases().size();
    std::printf(
        "%s: length x offset %zu of %zu, length x (gaps, pressure, splitting) %zu of %zu, offset x those %zu of "
        "%zu, all five %zu of %zu\n",
        direction, length_offset_.size(), lengths * offsets, length_case_.size(), lengths * cases, offset_case_.size(),
        offsets * cases, places_, lengths * offsets * cases);
    EXPECT_EQ(length_offset_.size(), lengths * offsets);
    EXPECT_EQ(length_case_.size(), lengths * cases);
    EXPECT_EQ(offset_case_.size(), offsets * cases);
    EXPECT_EQ(places_, lengths * offsets * (nightly() ? cases : 2));
  }

 private:
  std::set<std::pair<size_t, size_t>> length_offset_, length_case_, offset_case_;
  size_t places_ = 0;
};

class NicCrossing : public EveryWidth {
 protected:
  static constexpr unsigned kQueues = 4;

  void bring_up(const Case& crossing) {
    CardSettings settings = card_settings();
    settings.host.memory_bytes = 96 << 20;
    settings.host.split = crossing.split;
    settings.host.reorder = crossing.split != Split::kNone;
    if (crossing.pressure == Pressure::kRandomReady) settings.host.ready = Ready::kRandom;
    if (crossing.pressure == Pressure::kBurstsOfReady) settings.host.ready = Ready::kBursts;
    settings.host.tight_credits = crossing.pressure == Pressure::kFewCredits;
    card_ = std::make_unique<Card>(settings);
    DriverSettings with;
    with.queues = kQueues;
    driver_ = std::make_unique<Driver>(*card_, with);
    ASSERT_TRUE(driver_->bring_up()) << driver_->failure;
  }

  void run(size_t number, bool sending, bool receiving) {
    const Case crossing = all_cases()[number];
    SCOPED_TRACE(crossing.name());
    bring_up(crossing);
    const bool gaps = crossing.gaps == Gaps::kRandom;
    SendTraffic send(*card_, *driver_, random_.bits());
    send.doorbell_each = gaps;
    ReceivePlan plan;
    if (gaps) plan.smallest = 64, plan.largest = 2048;  // frames over several buffers
    ReceiveTraffic receive(*card_, *driver_, random_.bits(), plan);
    const std::vector<unsigned> lengths = all_lengths(), offsets = all_offsets();
    for (size_t i = 0; i < lengths.size(); ++i)
      for (size_t j = 0; j < offsets.size(); ++j) {
        if (!meets(i, j, number)) continue;
        covered_.reach(i, j, number);
        if (sending) add_random_packet(&send, kQueues, lengths[i], offsets[j], &random_);
        if (receiving)
          add_random_frame(&receive, lengths[i], 12, gaps ? 400 : 12, &random_, static_cast<int>(offsets[j]));
        if (receiving && random_.one_in(16)) add_broken_frame(&receive, 60 + lengths[i], 12, &random_);
      }
    EXPECT_TRUE(run_traffic(card_.get(), &send, &receive, gaps ? 100 : 16, 4'000'000, &random_)) << "did not end";
    audit(*card_, *driver_, send.expected + receive.expected);
  }

  void all(const char* direction, bool sending, bool receiving) {
    for (size_t number = 0; number < all_cases().size(); ++number) {
      run(number, sending, receiving);
      if (HasFailure()) return;
    }
    covered_.report(direction);
  }

  Random random_{GetParam()};
  Coverage covered_;
  std::unique_ptr<Card> card_;
  std::unique_ptr<Driver> driver_;
};
RINGSIDE_EVERY_WIDTH(NicCrossing);

TEST_P(NicCrossing, Sending) {
  all("TX alone", true, false);
}
TEST_P(NicCrossing, Receiving) {
  all("RX alone", false, true);
}
TEST_P(NicCrossing, Both) {
  all("TX and RX", true, true);
}

}  // namespace
}  // namespace ringside::testbench::nic
