// TxModes: a TxBench whose host and MAC are quick and orderly, or slow and wild; the suites that must hold in all of them
// derive from it and are instantiated with tx_modes().
#ifndef RINGSIDE_TESTBENCH_RTL_TX_TX_MODES_H_
#define RINGSIDE_TESTBENCH_RTL_TX_TX_MODES_H_

#include <gtest/gtest.h>

#include <ostream>
#include <string>

#include "testbench/rtl/tx/tx_bench.h"

namespace ringside::testbench {

struct TxMode {
  const char* name;
  Split split;
  bool shuffle;
  uint32_t latency, gaps, ready, mrrs;  // cycles, percent of cycles, percent of cycles, code of PCI Express
};

inline auto tx_modes() {
  return testing::Values(TxMode{"Plain", Split::kNone, false, 0, 0, 100, 2},
                         TxMode{"Rcb", Split::kEveryRcb, true, 40, 0, 60, 0},
                         TxMode{"Wild", Split::kRandom, true, 200, 25, 90, 5},
                         TxMode{"SlowMac", Split::kRandom, true, 30, 0, 12, 2});
}

inline void PrintTo(const TxMode& mode, std::ostream* out) { *out << mode.name; }  // for test names
inline std::string tx_mode_name(const testing::TestParamInfo<TxMode>& info) { return info.param.name; }

class TxModes : public testing::TestWithParam<TxMode> {
 protected:
  void apply(TxBench& bench) {
    const TxMode& mode = GetParam();
    bench.host.split = mode.split;
    bench.host.shuffle = mode.shuffle;
    bench.host.latency = mode.latency;
    bench.host.gap_percent = mode.gaps;
    bench.mac_ready_percent = mode.ready;
    bench.set_mrrs(mode.mrrs);
  }
};

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_RTL_TX_TX_MODES_H_
