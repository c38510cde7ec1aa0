// The widths the MAC tests run at, as types for GoogleTest's typed suites.
#pragma once

#include <gtest/gtest.h>

#include "Vmac128.h"
#include "Vmac128___024root.h"
#include "Vmac256.h"
#include "Vmac256___024root.h"
#include "Vmac512.h"
#include "Vmac512___024root.h"
#include "Vmac64.h"
#include "Vmac64___024root.h"
#include "testbench/rtl/mac/mac_bench.h"

namespace ringside::testbench {

using Bench64 = MacBench<Vmac64, 64>;
using Bench128 = MacBench<Vmac128, 128>;
using Bench256 = MacBench<Vmac256, 256>;
using Bench512 = MacBench<Vmac512, 512>;
using MacWidths = ::testing::Types<Bench64, Bench128, Bench256, Bench512>;

}  // namespace ringside::testbench
