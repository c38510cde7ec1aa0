// What the tests of the whole NIC share: a card brought up, and the audit at the end.
#ifndef RINGSIDE_TESTBENCH_RTL_NIC_FIXTURE_H_
#define RINGSIDE_TESTBENCH_RTL_NIC_FIXTURE_H_

#include <gtest/gtest.h>

#include <string>

#include "testbench/rtl/nic/card.h"
#include "testbench/rtl/nic/driver.h"
#include "testbench/rtl/nic/model.h"

namespace ringside::testbench::nic {

// The audit of rules D17 and D18: the NIC's counters against the model's, and against what host and wire saw
// themselves.
inline void audit(Card& card, Driver& driver, Counters expected) {
  using Id = regs::CounterId;
  card.run(150);  // a status write and its message may still be due
  const HostCounts seen = card.host.counts;  // MMIO reads do no DMA
  at(&expected, Id::kDmaReadTlps) = seen.reads;
  at(&expected, Id::kDmaWriteTlps) = seen.writes;
  at(&expected, Id::kMsixMessages) = seen.messages;
  at(&expected, Id::kStatusWrites) = seen.status_writes;
  const Counters counters = driver.counters();
  for (size_t i = 0; i < counters.size(); ++i) EXPECT_EQ(counters[i], expected[i]) << regs::kCounters[i].name;
  EXPECT_TRUE(card.verdicts.none()) << card.verdicts.text();
}

inline Counters operator+(Counters a, const Counters& b) {
  for (size_t i = 0; i < a.size(); ++i) a[i] += b[i];
  return a;
}

// One test, every width. Names end in the width.
class EveryWidth : public testing::TestWithParam<unsigned> {
 protected:
  CardSettings card_settings() const {
    CardSettings settings;
    settings.width = GetParam();
    return settings;
  }
};

#define RINGSIDE_EVERY_WIDTH(suite) \
  INSTANTIATE_TEST_SUITE_P(Width, suite, testing::ValuesIn(widths_of(4)), testing::PrintToStringParamName())

}  // namespace ringside::testbench::nic

#endif  // RINGSIDE_TESTBENCH_RTL_NIC_FIXTURE_H_
