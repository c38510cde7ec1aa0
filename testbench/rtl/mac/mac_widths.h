// The widths the MAC tests run at, as types for GoogleTest's typed suites.
#pragma once

#include <gtest/gtest.h>

#include "Vmac512.h"
#include "Vmac512___024root.h"
#include "Vmac64.h"
#include "Vmac64___024root.h"
#include "testbench/rtl/mac/mac_bench.h"

namespace ringside::testbench {

using Bench64 = MacBench<Vmac64, 64>;
using Bench512 = MacBench<Vmac512, 512>;
using MacWidths = ::testing::Types<Bench64, Bench512>;

}  // namespace ringside::testbench
