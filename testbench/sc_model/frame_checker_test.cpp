// Which frames on the wire the rules of frames sent let be. That each of them fires: rules_test.cpp.
#include <gtest/gtest.h>

#include "testbench/sc_model/support/frame_rig.h"

namespace ringside::testbench {
namespace {

using sc_model::FrameChecker;
using sc_model::kPsPerUs;

// A packet was given up after its first segment had left: that frame waits in vain for its packet, and the ring goes on.
class FramesOfAPacketGivenUp : public ::testing::Test {
 protected:
  FramesOfAPacketGivenUp() {
    nic.leaves(segment);
    nic.checker.excuse(nic.now - 10 * kPsPerUs, nic.now);
    nic.checker.forget(nic.now, 0);
  }
  static Octets packet(int sum_is = -1) {
    PacketMould mould;
    mould.payload = 1000;
    mould.sum_is = sum_is;
    return FrameRig::packet(mould);
  }

  sc_model::ViolationLog log;
  FrameRig nic{log};
  const Octets segment = packet();
};

TEST_F(FramesOfAPacketGivenUp, AreNotThoseAskedForLater) {
  const Octets other = packet(0x1234);
  ASSERT_EQ(segment.size(), other.size());
  ASSERT_NE(segment, other);
  nic.now += FrameChecker::kPatiencePs - kPsPerUs;
  nic.asked({}, other);  // the segment is judged here, while a frame of its length waits
  nic.leaves(other);
  nic.settle();
  EXPECT_EQ(log.count(), 0u);
}

TEST_F(FramesOfAPacketGivenUp, AreNotTheirRepetition) {
  nic.asked({}, segment);
  nic.now += 3 * FrameChecker::kPatiencePs;  // a pause holds it back until nothing is excused any more
  nic.leaves(segment);
  nic.settle();
  EXPECT_EQ(log.count(), 0u);
}

TEST_F(FramesOfAPacketGivenUp, AreStillExcusedWhenTheNextIsGivenUp) {
  nic.now += FrameChecker::kPatiencePs + 10 * kPsPerUs;
  nic.checker.excuse(nic.now - kPsPerUs, nic.now);
  nic.settle();
  EXPECT_EQ(log.count(), 0u);
}

TEST_F(FramesOfAPacketGivenUp, ExcuseNoneOfTheNextPacket) {
  nic.asked({}, segment);
  Octets wrong = segment;
  wrong[60] ^= 1;
  nic.leaves(wrong);
  nic.settle();
  ASSERT_EQ(log.count(), 1u);
  EXPECT_EQ(log.kept()[0].rule, "E12");
}

}  // namespace
}  // namespace ringside::testbench
