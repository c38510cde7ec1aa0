// Anything at all on the wire: the MAC against a receiver that reads one octet after the other. Rules E1, E3, E5 to E7,
// E12.
#include "testbench/rtl/mac/mac_fixture.h"

namespace ringside::testbench {
namespace {

// The receiver of IEEE 802.3 section 4.2.9 behind clauses 46.2 and 81.2, with the decisions of rtl/mac/README.md.
class OctetReceiver {
 public:
  OctetReceiver(size_t start_step, size_t max_frame) : start_step_(start_step), max_frame_(max_frame) {}

  void take(const Octet& octet) {
    if (state_ == State::kFrame && !octet.control) frame_.push_back(octet.data);
    else if (state_ == State::kFrame) finish(octet == kTerminate);
    else if (state_ == State::kPreamble) preamble(octet);
    if (state_ == State::kIdle && octet == kStart && place_ % start_step_ == 0) begin();
    ++place_;
  }
  std::vector<Frame> good;  // without FCS
  Drops drops;
  std::vector<unsigned> sizes;  // of all frames

 private:
  enum class State { kIdle, kPreamble, kFrame };

  void begin() {
    state_ = State::kPreamble;
    preamble_octets_ = 0;
    frame_.clear();
  }
  void preamble(const Octet& octet) {
    ++preamble_octets_;
    if (octet == Octet{0xD5, false}) state_ = State::kFrame;
    else if (octet.control || preamble_octets_ == 16) finish(false);
  }
  bool fcs_good() const { return crc32_register(frame_.data(), frame_.size()) == 0xC704DD7Bu; }
  void finish(bool clean) {
    state_ = State::kIdle;
    sizes.push_back(static_cast<unsigned>(frame_.size()));
    if (!clean) ++drops.symbol;
    else if (frame_.size() < 64) ++(fcs_good() ? drops.runt : drops.fragment);
    else if (frame_.size() > max_frame_) ++(fcs_good() ? drops.oversize : drops.jabber);
    else if (!fcs_good()) ++drops.fcs;
    else good.push_back(without_fcs(frame_));
  }
  size_t start_step_, max_frame_, place_ = 0, preamble_octets_ = 0;
  State state_ = State::kIdle;
  Frame frame_;
};

template <class Bench>
class MacSoup : public MacFixture<Bench> {
 protected:
  size_t pick(size_t below) { return this->bench.random()() % below; }

  Octet any_octet() {
    const uint8_t favourites[] = {0x07, 0xFB, 0xFD, 0xFE, 0x9C, 0xD5, 0x55};
    const uint8_t data = pick(3) == 0 ? uint8_t(pick(256)) : favourites[pick(7)];
    return {data, pick(2) == 0};
  }
  void damage(WireImage* image, size_t from) {
    for (size_t i = 1 + pick(3); i > 0; --i) {
      const size_t at = from + pick(image->size() - from);
      switch (pick(4)) {
        case 0: (*image)[at] = any_octet(); break;
        case 1: (*image)[at].data ^= 1u << pick(8); break;
        case 2: (*image)[at] = pick(2) == 0 ? kError : kStart; break;
        default: image->resize(std::max(at, from + 1)); return;
      }
    }
  }
  void append_something(WireImage* image) {
    const size_t from = image->size();
    EncodeOptions options;
    options.start_step = this->kStep;
    options.preamble_octets = pick(8) == 0 ? pick(20) : 6;
    const size_t size = pick(3) == 0 ? pick(60) : 60 + pick(pick(10) == 0 ? 1600 : 200);
    Frame frame = this->bench.random_frame(size);
    if (size < 60 && pick(4) == 0) {  // a runt with a good FCS
      const Frame fcs = fcs_of(frame);
      frame.insert(frame.end(), fcs.begin(), fcs.end());
    }
    append_frame(image, size >= 60 ? with_pad_and_fcs(frame) : frame, pick(30), options);
    if (pick(3) == 0) damage(image, from);
    if (pick(12) == 0)
      for (size_t i = pick(100); i > 0; --i) image->push_back(any_octet());
  }
};
TYPED_TEST_SUITE(MacSoup, MacWidths);

TYPED_TEST(MacSoup, EveryFrameIsDeliveredOrDroppedForTheReasonOfTheStandard) {
  OctetReceiver reference(this->kStep, 1518);
  for (int round = 0; round < 1500; ++round) {
    WireImage image;
    for (size_t i = 1 + this->pick(5); i > 0; --i) this->append_something(&image);
    image.insert(image.end(), 40 * TypeParam::kBytes, kIdle);  // so that the core keeps up
    while (image.size() % TypeParam::kBytes != 0) image.push_back(kIdle);
    for (const Octet& octet : image) reference.take(octet);
    this->run(image);
    ASSERT_EQ(this->bench.received.size(), reference.good.size()) << "round " << round;
    ASSERT_EQ(this->bench.drops.total(), reference.drops.total()) << "round " << round;
  }
  this->expect_received(reference.good);
  this->expect_drops(reference.drops);
  EXPECT_GT(reference.good.size(), 1000u);
  EXPECT_GT(reference.drops.symbol, 100u);
  EXPECT_EQ(this->bench.wire_sizes, reference.sizes);
  EXPECT_GT(reference.drops.fragment, 100u);
  EXPECT_GT(reference.drops.runt, 20u);
  EXPECT_GT(reference.drops.oversize, 10u);
  EXPECT_GT(reference.drops.jabber, 0u);
  EXPECT_GT(reference.drops.fcs, 100u);
}

}  // namespace
}  // namespace ringside::testbench
